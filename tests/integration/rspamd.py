# SPDX-License-Identifier: BSD-2-Clause
"""An rspamd of its own with the profile of an installation: own directory, own socket, no DNS, gone after stop()."""

import os
import shutil
import socket
import subprocess

from harness import ROOT, USER, wait_for

PROFILE = f"{ROOT}/rspamd-conf/rspamd.conf"
# Debian's list of public suffixes takes rspamd half a minute to compile.
SUFFIXES = "com\nexample\nnet\norg\n"


def program():
    """None when the package is not there."""
    return shutil.which("rspamd", path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/sbin")


class Rspamd:
    def __init__(self, directory, lua="", profile=PROFILE, suffixes=SUFFIXES, local=(), user=USER):
        """`lua`: rules beside Debian's; `suffixes`: None for Debian's list; `local`: (file under local.d, its text)."""
        self.directory = directory
        self.socket_path = f"{directory}/rspamd.sock"
        self.user = user
        self.profile = profile
        self.process = None
        for name in ("db", "local/local.d"):
            os.makedirs(f"{directory}/{name}", exist_ok=True)
        options = "dns { nameserver = []; }\n"
        if suffixes is not None:
            self._write("suffixes.dat", suffixes)
            options += f'url_tld = "{directory}/suffixes.dat";\n'
        self._write("local/local.d/options.inc", options)
        for name, text in local:
            self._write(f"local/local.d/{name}", text)
        self._write("local/rspamd.local.lua", lua)
        for path in (directory, f"{directory}/db"):
            shutil.chown(path, user)

    def _write(self, name, text):
        with open(f"{self.directory}/{name}", "w", encoding="utf-8") as file:
            file.write(text)

    def __enter__(self):
        return self.start()

    def __exit__(self, *unused):
        self.stop()

    def start(self, seconds=60):
        names = {
            "LOCAL_CONFDIR": f"{self.directory}/local",
            "DBDIR": f"{self.directory}/db",
            "RUNDIR": self.directory,
            "LOGDIR": self.directory,
            "CONFDIR": "/etc/rspamd",
            "EASYMAIL_SOCKET": f"{self.socket_path} mode=0666",
        }
        command = [program(), "-f", "-c", self.profile]
        command += [f"--var={name}={value}" for name, value in names.items()]
        with open(f"{self.directory}/log", "ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.user,
                group="nogroup",
                extra_groups=[],
            )
        wait_for(self.answers, seconds, "rspamd to answer")
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"rspamd ended with {self.process.returncode}:\n{self.log()[-4000:]}")
        try:
            with socket.socket(socket.AF_UNIX) as asked:
                asked.settimeout(1)
                asked.connect(self.socket_path)
                asked.sendall(b"GET /ping HTTP/1.0\r\n\r\n")
                return b"pong" in asked.recv(1000)
        except OSError:
            return False

    def log(self):
        with open(f"{self.directory}/log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def pids(self):
        """The main process, then its workers."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [pid, *map(int, file.read().split())]

    def signal(self, number):
        """All of its processes get it."""
        for pid in self.pids():
            os.kill(pid, number)

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("rspamd does not end on SIGTERM") from None
        self.process = None

    def kill(self):
        """kill -9 of all of it."""
        if self.process is None:
            return
        for pid in reversed(self.pids()):
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process = None

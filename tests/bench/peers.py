# SPDX-License-Identifier: BSD-2-Clause
"""The programs that easymail's filters are compared with, each in the foreground with a configuration of its own
in a given directory: Debian's defaults but for sockets, keys, signatures and who is asked to do what."""

import os
import pwd
import shutil
import subprocess

from harness import Part

AV_PROGRAMS = ("/usr/sbin/clamd", "/usr/sbin/clamav-milter")
SIGN_PROGRAMS = ("/usr/sbin/opendkim",)


def missing(programs):
    """Those that are not installed."""
    return [program for program in programs if not os.access(program, os.X_OK)]


def write(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


class Peer:
    """Daemons that start in their order and end in the reverse one."""

    def __init__(self, directory, user):
        self.directory = directory
        self.parts = []
        os.makedirs(directory, exist_ok=True)
        shutil.chown(directory, user)

    def start(self, program, arguments, socket_path, seconds=20):
        """Those that load much first may take longer."""
        log = f"{self.directory}/{os.path.basename(program)}.log"
        part = Part(program, arguments, log, socket_path, None)
        self.parts.append(part)
        part.start(seconds)

    def pids(self):
        return [part.process.pid for part in self.parts]

    def stop(self):
        """At once: they have nothing to save, and an orderly end takes a milter up to five seconds."""
        for part in reversed(self.parts):
            part.kill()
            if os.path.exists(part.socket_path):
                os.unlink(part.socket_path)
        self.parts = []


class ClamavMilter(Peer):
    """clamav-milter and its clamd."""

    name = "clamav-milter+clamd"

    def __init__(self, directory, signatures):
        super().__init__(directory, "clamav")
        self.socket_path = f"{directory}/milter.sock"
        self.signatures = signatures

    def run(self):
        clamd = f"{self.directory}/clamd.sock"
        user = pwd.getpwuid(os.stat(self.directory).st_uid).pw_name
        common = [f"User {user}", "Foreground yes", "FixStaleSocket yes"]
        where = [f"DatabaseDirectory {self.signatures}", f"LocalSocket {clamd}", f"TemporaryDirectory {self.directory}"]
        write(f"{self.directory}/clamd.conf", [*common, *where, "MaxThreads 12"])
        milter = [f"MilterSocket unix:{self.socket_path}", f"ClamdSocket unix:{clamd}", "OnInfected Reject"]
        write(f"{self.directory}/clamav-milter.conf", [*common, *milter, "AddHeader Replace"])
        for program, path in zip(AV_PROGRAMS, (clamd, self.socket_path)):
            self.start(program, ["-c", f"{self.directory}/{os.path.basename(program)}.conf"], path)


class Opendkim(Peer):
    """opendkim that signs for one domain, or for those of a table."""

    name = "opendkim"

    def __init__(self, directory):
        super().__init__(directory, "opendkim")
        self.socket_path = f"{directory}/milter.sock"

    def run(self, *lines, seconds=20):
        """`lines` say what is signed with which keys. Without a log, as ours writes to a file here."""
        config = f"{self.directory}/opendkim.conf"
        common = ["Syslog no", "UMask 000", "Mode s", "UserID opendkim", "Background no", "InternalHosts 0.0.0.0/0"]
        common += [f"Socket local:{self.socket_path}", "Canonicalization relaxed/relaxed", "OversignHeaders From"]
        common += ["RequireSafeKeys no"]  # would refuse a directory under /tmp
        write(config, [*common, *lines])
        self.start(SIGN_PROGRAMS[0], ["-x", config], self.socket_path, seconds)

    def make_key(self, algorithm):
        """The path of a new private key that only opendkim may read."""
        path = f"{self.directory}/{algorithm}.pem"
        size = ["-pkeyopt", "rsa_keygen_bits:2048"] if algorithm == "rsa" else []
        command = ["openssl", "genpkey", "-algorithm", algorithm, *size, "-out", path]
        subprocess.run(command, check=True, capture_output=True)
        os.chmod(path, 0o600)
        shutil.chown(path, "opendkim")
        return path

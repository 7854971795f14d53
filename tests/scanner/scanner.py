# SPDX-License-Identifier: BSD-2-Clause
"""A scanner of its own for a test, with signatures that the test makes.

Everything is in one new directory under /tmp, gone after stop(). EASYMAIL_BUILD names the build
directory that is tested.
"""

import collections
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TESTFILES = "/usr/share/clamav-testfiles"
EICAR_HEX = (
    "58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e44415244"
    "2d414e544956495255532d544553542d46494c452124482b482a"
)
VERDICTS = {1: "clean", 2: "infected", 3: "flagged", 4: "unknown", 5: "busy"}
FLAGS = ("encrypted_archive", "encrypted_document", "macros", "partial", "over_limit")
REQUEST = struct.Struct("=III64s")
ANSWER = struct.Struct("=IIIIIIIIq128s128s192s128s")
SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL

Answer = collections.namedtuple("Answer", "verdict flags part parts signature name why seconds generation")


def build_directory():
    return os.path.abspath(os.environ.get("EASYMAIL_BUILD", os.path.join(ROOT, "build-release")))


def eicar():
    """The EICAR test file, spelled so that this source is not one."""
    return bytes.fromhex(EICAR_HEX)


def _text(raw):
    return raw.split(b"\0", 1)[0].decode()


def sealed(message, seals=SEALS):
    """The message as a memfd."""
    fd = os.memfd_create("message", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    with os.fdopen(os.dup(fd), "wb") as file:
        file.write(message)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd


class Connection(socket.socket):
    begun = 0.0


class Scanner:
    """The daemon. Settings are lines of easymail.conf without `scanner.`."""

    def __init__(self, signatures=True, wait=True, **settings):
        self.directory = tempfile.mkdtemp(prefix="easymail-scanner-")
        os.chmod(self.directory, 0o777)
        self.database = os.path.join(self.directory, "db")
        self.temp = os.path.join(self.directory, "temp")
        for path in (self.database, self.temp):
            os.mkdir(path)
            os.chmod(path, 0o777)
        if signatures:
            self.write_signatures()
        self.settings = {
            "user": "nobody",
            "workers": "1",
            "timeout": "5s",
            "reload_interval": "200ms",
            "socket": self.path("s.sock"),
            "control_socket": self.path("c.sock"),
            "database_directory": self.database,
            "temp_directory": self.temp,
        }
        self.settings.update(settings)
        self.process = None
        try:
            self.start()
            if wait:
                self.wait_for(lambda status: status["state"] == "serving")
        except BaseException:
            self.kill()
            raise

    def path(self, name):
        return os.path.join(self.directory, name)

    def write_signatures(self, name="test", extra=""):
        """EICAR by its text, clam.exe of clamav-testfiles by its hash."""
        with open(os.path.join(TESTFILES, "clam.exe"), "rb") as file:
            clam = file.read()
        text = "Eicar-Test-Signature:0:*:%s\n%s" % (EICAR_HEX, extra)
        self.replace(name + ".ndb", text)
        self.replace(name + ".hdb", "%s:%d:Clam.Exe\n" % (hashlib.md5(clam).hexdigest(), len(clam)))

    def replace(self, name, text):
        """As freshclam does it: complete under another name, then renamed."""
        path = os.path.join(self.database, name)
        with open(path + ".tmp", "w") as file:
            file.write(text)
        os.rename(path + ".tmp", path)

    def start(self):
        config = self.path("easymail.conf")
        with open(config, "w") as file:
            file.write("log.target = stderr\n")
            for name, value in self.settings.items():
                file.write("scanner.%s = %s\n" % (name, value))
        self.log_path = self.path("log")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [os.path.join(build_directory(), "services/scanner/easymail-scanner"), "-c", config],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)
        self.wait_until(lambda: os.path.exists(self.settings["control_socket"])
                        or self.process.poll() is not None, "the sockets")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        log = self.log()
        shutil.rmtree(self.directory, ignore_errors=True)
        if self.process.returncode != 0:
            raise AssertionError("the scanner ended with %d; the log:\n%s" % (self.process.returncode, log))

    def kill(self):
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def wait_until(self, condition, what, seconds=30):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError("waited in vain for %s; the log:\n%s" % (what, self.log()))
            time.sleep(0.02)

    def wait_for(self, condition, seconds=30):
        self.wait_until(lambda: condition(self.status()), "a status", seconds)

    def socketmap(self, name, key):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(self.settings["control_socket"])
            request = ("%s %s" % (name, key)).encode()
            connection.sendall(b"%d:%s," % (len(request), request))
            reply = b""
            while not reply.endswith(b","):
                reply += connection.recv(65536)
            return reply.split(b":", 1)[1][:-1].decode()

    def status(self):
        try:
            return json.loads(self.socketmap("status", "x")[3:])
        except OSError:
            return {"state": "away", "workers": 0, "generation": 0}

    def send(self, message, seals=SEALS):
        """Begins a scan; take() gets its answer from the connection."""
        fd = message if isinstance(message, int) else sealed(message, seals)
        connection = Connection(socket.AF_UNIX)
        connection.settimeout(60)
        connection.connect(self.settings["socket"])
        connection.begun = time.monotonic()
        socket.send_fds(connection, [REQUEST.pack(2, 0, 0, b"test")], [fd])
        os.close(fd)
        return connection

    def take(self, connection):
        raw = connection.recv(ANSWER.size, socket.MSG_WAITALL)
        seconds = time.monotonic() - connection.begun
        connection.close()
        if len(raw) != ANSWER.size:
            raise AssertionError("no answer; the log:\n" + self.log())
        fields = ANSWER.unpack(raw)
        flags = {name for bit, name in enumerate(FLAGS) if fields[2] >> bit & 1}
        return Answer(VERDICTS[fields[1]], flags, fields[3], fields[4], _text(fields[9]),
                      _text(fields[10]), _text(fields[11]), seconds, fields[5])

    def scan(self, message):
        return self.take(self.send(message))

    def facts(self, message, *words):
        """The answer to a milter that asks for facts too, as tests/scanner/facts_probe prints it."""
        probe = os.path.join(build_directory(), "tests/scanner/facts_probe")
        begun = time.monotonic()
        done = subprocess.run([probe, self.settings["socket"], *words], input=message, capture_output=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError("facts_probe: %d %r" % (done.returncode, done.stderr))
        answer = json.loads(done.stdout)
        answer["seconds"] = time.monotonic() - begun
        return answer

    def processes(self, parent=None):
        """The children of a process, of the scanner's own by default: its loaders."""
        parent = parent or self.process.pid
        path = "/proc/%d/task/%d/children" % (parent, parent)
        try:
            with open(path) as file:
                return [int(pid) for pid in file.read().split()]
        except FileNotFoundError:
            return []

    def workers(self):
        return [pid for loader in self.processes() for pid in self.processes(loader)]

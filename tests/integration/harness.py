# SPDX-License-Identifier: BSD-2-Clause
"""A whole relay of its own for a test: Postfix, easymail's daemons, tenants.db, signatures, a sink.

Everything is in one new directory under /tmp and on free ports of 127.0.0.1, so that relays can run
side by side, and is gone after stop(). EASYMAIL_BUILD names the build directory that is tested.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

from sink import Sink
from smtp import Session, message

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EICAR_SIGNATURE = (
    "Eicar-Test-Signature:0:*:58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354"
    "414e444152442d414e544956495255532d544553542d46494c452124482b482a\n"
)
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
PORTS = os.path.join(tempfile.gettempdir(), "easymail-test-ports")  # the last one taken
ROOTED = ("scanner", "monitor")  # started by root: they become their user themselves
PATIENCE = 3  # how much longer than on a quiet machine what is waited for may take
USER = "nobody"  # whom easymail's parts run as here; an installation has a user of its own


def build_directory():
    return os.path.abspath(os.environ.get("EASYMAIL_BUILD", os.path.join(ROOT, "build-release")))


def free_port():
    """A port that nobody listens on, below the range that the kernel gives to clients. Tests that run side by
    side take theirs in turn, so that none gets what another is about to listen on."""
    with open(PORTS, "a+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        port = int(file.read() or random.randrange(10000, 30000))
        port = next(candidate for candidate in _ports_after(port) if _is_free(candidate))
        file.truncate(0)
        file.write(str(port))
    return port


def _ports_after(port):
    return (10000 + (port - 10000 + step) % 20000 for step in range(1, 20000))


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_for(condition, seconds=20, what="the condition"):
    """What `condition` gives as soon as it is true; AssertionError when it never is, on a quiet machine within
    `seconds`."""
    until = time.monotonic() + seconds * PATIENCE
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {seconds * PATIENCE} s")
        time.sleep(0.05)


class Successor:
    """What Part needs of subprocess.Popen, for a process that one of our children started."""

    def __init__(self, pid):
        self.pid = pid
        self.returncode = None

    def poll(self):
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # its parent still lives, and with it the process
                return None
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, seconds=20):
        until = time.monotonic() + seconds
        while self.poll() is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), seconds)
            time.sleep(0.02)
        return self.returncode

    def terminate(self):
        os.kill(self.pid, signal.SIGTERM)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)


class Part:
    """One of easymail's daemons in the foreground, its log in a file."""

    def __init__(self, program, arguments, log, socket_path, user):
        self.command = [program, *arguments]
        self.log = log
        self.socket_path = socket_path
        self.user = user
        self.process = None

    def start(self, seconds=20):
        """Returns when it answers; AssertionError when it does not within the time."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.user,
                group=self.user and "nogroup",
                extra_groups=[] if self.user else None,
            )
        wait_for(self._answers, seconds, f"{self.command[0]} on {self.socket_path}")

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError(self._last_words())
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.socket_path) == 0

    def tail(self):
        return "\n".join(self._log().splitlines()[-40:])

    def _last_words(self):
        return f"{self.command[0]} ended with {self.process.returncode}:\n{self.tail()}"

    def stop(self, seconds=20 * PATIENCE):
        """The orderly way, as the service manager does it."""
        if not self.process:
            return
        self.process.terminate()
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.command[0]} does not end on SIGTERM") from None
        words = self._last_words()
        self.process = None
        if status != 0:
            raise AssertionError(words)

    def hand_over(self):
        """The restart that refuses nobody: SIGUSR2, and its successor is this part from then on."""
        taken_over = re.compile(r"process (\d+) has taken over")
        before = len(taken_over.findall(self._log()))
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # the successor becomes our child in its turn
        old = self.process
        os.kill(old.pid, signal.SIGUSR2)
        wait_for(lambda: len(taken_over.findall(self._log())) > before, what="a successor")
        self.process = Successor(int(taken_over.findall(self._log())[-1]))
        if old.wait(60) != 0:
            raise AssertionError(f"the old {self.command[0]} ended with {old.returncode}")

    def _log(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def kill(self):
        """kill -9."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


class Relay:
    """`with Relay() as relay:` gives a running one without tenants and with nothing in Postfix yet."""

    def __init__(self, parts=("scanner", "mapd", "milter"), user=USER, settings=(), port=None):
        self.build = build_directory()
        self.directory = tempfile.mkdtemp(prefix="em.", dir="/tmp")
        os.chmod(self.directory, 0o755)
        self.config = f"{self.directory}/easymail.conf"
        self.database = f"{self.directory}/db/tenants.db"
        self.journal = f"{self.directory}/db/journal.db"
        self.sockets = f"{self.directory}/queue/easymail"
        self.port = port or free_port()
        self.sink = Sink(f"{self.directory}/sink", free_port())
        self.user = user
        self.settings = dict(settings)
        self.parts = {name: self.part(name) for name in parts}

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *unused):
        self.stop()

    def installed(self, program):
        """The program where our parts' user can reach it; the build may be in root's home."""
        path = f"{self.directory}/bin/{os.path.basename(program)}"
        if not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            shutil.copy2(f"{self.build}/{program}", path)
        return path

    def part(self, name, arguments=()):
        """A daemon of this relay, not started."""
        program = "milters/easymail-milter" if name.startswith("milter") else f"services/{name}/easymail-{name}"
        return Part(
            self.installed(program),
            ["-c", f"{self.directory}/{name}.conf" if arguments else self.config, *arguments],
            f"{self.directory}/{name}.log",
            f"{self.directory}/run/{name}-control.sock" if name in ROOTED else f"{self.sockets}/{name}.sock",
            None if name in ROOTED else self.user,
        )

    # Life

    def start(self):
        self.postfix("create", str(self.port), self.sink.nexthop)
        for path in (os.path.dirname(self.database), f"{self.directory}/run", f"{self.directory}/scanner-temp"):
            os.makedirs(path)
            shutil.chown(path, self.user, "nogroup")
        os.makedirs(self.sockets)
        shutil.chown(self.sockets, self.user, "postfix")
        os.chmod(self.sockets, 0o2750)  # as an installation has it: each socket gets Postfix's group
        self.write_signatures("test.ndb", EICAR_SIGNATURE)
        self.write_config()
        self.ctl("db", "init")
        self.ctl("suppression", "init")
        self._own_database()
        for part in self.parts.values():
            part.start()
        self.wait_for_scanner()
        self.sink.start()
        self.postfix("start")

    def stop(self):
        """Ends all that start() began, in whatever state it is, and takes the directory away. A part that
        has died by itself, does not end in an orderly way or ends with an error fails the test."""
        faults = []
        for end in (lambda: self.postfix("stop"), *(part.stop for part in self.parts.values()), self.sink.stop):
            try:
                end()
            except (AssertionError, subprocess.CalledProcessError) as fault:
                faults.append(str(fault))
        shutil.rmtree(self.directory, ignore_errors=True)
        if faults:
            raise AssertionError("\n".join(faults))

    def write_config(self, name="easymail", **settings):
        """DIRECTORY/NAME.conf; settings have `__` where the options have dots."""
        lines = {
            "antispam.engine": "none",  # those who have an rspamd say so
            "database": self.database,
            "journal": self.journal,
            "tracker.source": "file",
            "tracker.log_file": f"{self.directory}/maillog",
            "tracker.replies": f"{self.directory}/replies",
            "tracker.control_socket": f"{self.sockets}/tracker.sock",
            "log.target": "stderr",
            "mapd.socket": f"{self.sockets}/mapd.sock",
            "milter.socket": f"{self.sockets}/milter.sock",
            "milter.control_socket": f"{self.directory}/run/milter-control.sock",
            "monitor.control_socket": f"{self.directory}/run/monitor-control.sock",
            "monitor.easymailctl": f"{self.build}/ctl/easymailctl",
            "monitor.user": self.user or "nobody",
            "postfix.config_directory": f"{self.directory}/etc",
            "scanner.socket": f"{self.directory}/run/scanner.sock",
            "scanner.control_socket": f"{self.directory}/run/scanner-control.sock",
            "scanner.socket_mode": "0666",
            "scanner.database_directory": f"{self.directory}/signatures",
            "scanner.temp_directory": f"{self.directory}/scanner-temp",
            "scanner.user": self.user or "nobody",
            "bounce.program": self.installed("services/bounce/easymail-bounce"),
            "bounce.user": self.user or "nobody",
            "suppression": f"{os.path.dirname(self.database)}/suppression.db",
            "suppression.key_file": f"{os.path.dirname(self.database)}/suppression.key",
            "suppression.key_file_group": "nogroup",
            **self.settings,
            **{option.replace("__", "."): value for option, value in settings.items()},
        }
        with open(f"{self.directory}/{name}.conf", "w", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in lines.items())

    # Signatures

    def write_signatures(self, name, text):
        """As freshclam does it: complete under another name, then renamed."""
        path = f"{self.directory}/signatures/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(f"{path}.tmp", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(f"{path}.tmp", path)

    def scanner_status(self):
        return self.status_of("scanner")

    def milter_status(self):
        return self.status_of("milter")

    def monitor_status(self):
        return self.status_of("monitor")

    def status_of(self, name):
        """What the map `status` of its control socket says; {} when it does not answer."""
        socket_path = f"{self.directory}/run/{name}-control.sock"
        command = ["postmap", "-c", f"{self.directory}/etc", "-q", name, f"socketmap:unix:{socket_path}:status"]
        answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return json.loads(answer.stdout) if answer.returncode == 0 else {}

    def wait_for_scanner(self):
        if "scanner" in self.parts:
            wait_for(lambda: self.scanner_status().get("state") == "serving", what="a scanner that serves")

    def use_milters(self, *chains):
        """In the place of the one chain: a milter of its own for each tuple of filters' names."""
        self.parts.pop("milter").stop()
        entries = []
        for chain in chains:
            name = "milter-" + "-".join(chain)
            socket_path = f"{self.sockets}/{name}.sock"
            control = f"{self.directory}/run/{name}.sock"
            self.write_config(name, milter__socket=socket_path, milter__control_socket=control)
            self.parts[name] = self.part(name, ["-m", ",".join(chain)])
            self.parts[name].start()
            entries.append(f"{{ unix:easymail/{name}.sock, default_action=tempfail }}")
        self.postconf("smtpd_milters=" + ", ".join(entries))

    def _own_database(self):
        for name in os.listdir(os.path.dirname(self.database)):
            shutil.chown(os.path.join(os.path.dirname(self.database), name), self.user, "nogroup")

    # Postfix

    def postfix(self, verb, *arguments):
        subprocess.run(
            [f"{ROOT}/scripts/run-postfix", verb, self.directory, *arguments],
            stdin=subprocess.DEVNULL,
            check=True,
        )

    def postconf(self, *assignments):
        """Sets parameters of main.cf and lets Postfix know."""
        subprocess.run(["postconf", "-c", f"{self.directory}/etc", "-e", *assignments], check=True)
        self.reload()

    def reload(self):
        command = ["postfix", "-c", f"{self.directory}/etc", "reload"]
        with self._reloading():
            subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)

    @contextlib.contextmanager
    def _reloading(self):
        """Ends when what is done within has reached Postfix's master. While a connection that came in the moment
        of a reload is open, nobody else's is taken: seen in about one of four, and never 50 ms later."""
        reloads = re.compile("^.*/master.*: reload -- ", re.MULTILINE)
        before = len(reloads.findall(self.maillog()))
        yield
        wait_for(lambda: len(reloads.findall(self.maillog())) > before, what="the master's reload")
        time.sleep(0.3)

    def master(self):
        """The process id of this relay's Postfix; None when it does not run."""
        try:
            return int(self.read("queue/pid/master.pid"))
        except (FileNotFoundError, ValueError):
            return None

    def postfix_children(self, program=None):
        """Process ids of the master's children, all or those that run the program."""
        master = self.master()
        children = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                    name, _, rest = file.read().partition("(")[2].rpartition(")")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(rest.split()[1]) == master and program in (None, name):
                children.append(int(pid))
        return children

    def kill_postfix(self):
        """kill -9 of the master and all its children."""
        victims = [self.master(), *self.postfix_children()]
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in victims), what="Postfix to be gone")

    def flush(self):
        command = ["postqueue", "-c", f"{self.directory}/etc", "-f"]
        subprocess.run(command, stdin=subprocess.DEVNULL, check=True)

    def queue(self):
        """What is in the queue, as postqueue -j tells it; that lists a message which just moves within it twice."""
        command = ["postqueue", "-c", f"{self.directory}/etc", "-j"]
        listing = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
        entries = map(json.loads, listing.stdout.splitlines())
        return list({entry["queue_id"]: entry for entry in entries}.values())

    def drain(self, seconds=60):
        """Waits until all that was accepted has left."""
        try:
            self.wait_flushing(lambda: not self.queue(), seconds, "an empty queue")
        except AssertionError as fault:
            raise AssertionError(f"{fault}: {self.queue()}") from None

    def wait_flushing(self, condition, seconds=60, what="the condition"):
        """wait_for, with what is deferred tried again every second. Not more often: a message that Postfix's
        queue manager meets while its delivery agent still has it waits for five minutes in `incoming`."""
        flushed = time.monotonic()

        def is_met():
            nonlocal flushed
            if condition():
                return True
            if time.monotonic() > flushed + 1:
                self.flush()
                flushed = time.monotonic()
            return False

        try:
            wait_for(is_met, seconds, what)
        except AssertionError as fault:
            raise AssertionError(f"{fault}\n{self.log_end()}") from None

    def wait_tried(self, queue_id, times=1):
        """Until so many more attempts at delivery were made, unless the message has left before."""
        tries = re.compile(f": {queue_id}: to=.* status=")
        goal = len(tries.findall(self.maillog())) + times

        def is_met():
            queued = {entry["queue_id"] for entry in self.queue()}
            return queue_id not in queued or len(tries.findall(self.maillog())) >= goal

        self.wait_flushing(is_met, what=f"an attempt to deliver {queue_id}")

    def log_end(self):
        """What Postfix logged last, for a test that fails."""
        return self.maillog()[-4000:]

    def read(self, name):
        """A file of this relay's directory."""
        with open(os.path.join(self.directory, name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def last_words(self):
        """The ends of all logs, for a failure that nobody sees again."""
        logs = {name: part.tail() for name, part in self.parts.items()}
        logs["postfix"] = "\n".join(self.maillog().splitlines()[-60:])
        return "\n".join(f"-- the last of {name}:\n{tail}" for name, tail in logs.items())

    def maillog(self):
        return self.read("maillog")

    def log_of(self, part):
        return self.read(f"{part}.log")

    # Policy

    def ctl(self, *arguments, check=True, stdin=b""):
        """easymailctl with this relay's configuration; CompletedProcess with its texts."""
        command = [f"{self.build}/ctl/easymailctl", "-c", self.config, *arguments]
        result = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=120)
        result.stdout = result.stdout.decode("utf-8", "replace")
        result.stderr = result.stderr.decode("utf-8", "replace")
        if check and result.returncode != 0:
            raise AssertionError(f"{' '.join(command[1:])}: {result.returncode}\n{result.stdout}{result.stderr}")
        return result

    def json(self, *arguments):
        """What a command of easymailctl lists."""
        return json.loads(self.ctl(*arguments, "--json").stdout)

    def sql(self, text, *values):
        """One statement of plain SQL, as provisioning scripts write; rows of its answer."""
        database = sqlite3.connect(self.database, timeout=20)
        try:
            with database:
                return database.execute(text, values).fetchall()
        finally:
            database.close()

    def add_group(self, name, *addresses):
        """An egress group with these addresses, and its transports in Postfix."""
        self.sql("INSERT INTO egress_group (name) VALUES (?)", name)
        for address in addresses:
            self.sql(
                "INSERT INTO egress_ip (address, helo_name, egress_group_id)"
                " SELECT ?, ?, id FROM egress_group WHERE name = ?",
                address,
                f"{name}-{address.replace('.', '-').replace(':', '-')}.provider.example",
                name,
            )

    def add_tenant(self, name, group, domains=(), hosts=(), state="active", shared=False):
        self.sql(
            "INSERT INTO tenant (name, state, egress_group_id) SELECT ?, ?, id FROM egress_group WHERE name = ?",
            name,
            state,
            group,
        )
        for domain in domains:
            self.sql("INSERT INTO domain (tenant_id, name) SELECT id, ? FROM tenant WHERE name = ?", domain, name)
        for host in hosts:
            self.sql(
                "INSERT INTO relay_host (tenant_id, network, shared) SELECT id, ?, ? FROM tenant WHERE name = ?",
                host,
                int(shared),
                name,
            )

    def set_state(self, tenant, state):
        self.sql("UPDATE tenant SET state = ? WHERE name = ?", state, tenant)

    def set_ip(self, address, state):
        self.sql("UPDATE egress_ip SET state = ? WHERE address = ?", state, address)

    def apply(self):
        """Postfix gets what tenants.db asks for, in the operator's way; it is reloaded if that changed something."""
        if json.loads(self.ctl("postfix", "diff", "--json").stdout):
            with self._reloading():
                self.ctl("postfix", "apply")

    # Mail

    def session(self, source, **options):
        return Session(("127.0.0.1", self.port), source=source, **options)

    def send(self, source, sender, mark, author="", recipients=("somebody@dest.example",), **parts):
        """One message in a session of its own; the reply that decided. `author` defaults to the sender."""
        data = message(sender if author == "" else author, mark, **parts)
        with self.session(source) as session:
            return session.transaction(sender, recipients, data)

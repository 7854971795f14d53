#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""easymail-mapd as a process: what postmap(1) gets from it, hostile clients, faults, signals, sd_listen_fds."""

import json
import os
import resource
import select
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("EASYMAIL_BUILD", os.path.join(ROOT, "build-release")))
LIMIT = 20  # seconds that any one answer may take, on a machine that does other things too
MAX_CLIENTS = 100

POLICY = """
INSERT INTO egress_group (id, name) VALUES (1, 'main');
INSERT INTO egress_ip (address, helo_name, egress_group_id) VALUES ('127.0.11.1', 'a.relay.example', 1);
INSERT INTO tenant (id, name, state, egress_group_id) VALUES
    (1, 'alpha', 'active', 1), (2, 'beta', 'suspended', 1), (3, 'gamma', 'pending', 1);
INSERT INTO domain (tenant_id, name) VALUES (1, 'alpha.example'), (2, 'beta.example');
INSERT INTO relay_host (tenant_id, network) VALUES (1, '127.0.1.0/24'), (2, '127.0.2.1'), (3, '127.0.3.1');
"""


def request(name, key):
    content = f"{name} {key}".encode()
    return b"%d:%s," % (len(content), content)


def wait_until(condition, seconds=LIMIT):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.02)


def read_netstring(connection):
    """One reply's content; EOFError when the connection ends first."""
    data = b""
    while b":" not in data:
        octet = connection.recv(1)
        if not octet:
            raise EOFError(data)
        data += octet
    left = int(data[:-1]) + 1
    content = b""
    while len(content) < left:
        more = connection.recv(left - len(content))
        if not more:
            raise EOFError(content)
        content += more
    return content[:-1].decode()


class MapdCase(unittest.TestCase):
    """A database, a configuration and a running daemon, each of this test alone."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="em.", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        os.chmod(self.directory, 0o755)
        self.path = f"{self.directory}/mapd.sock"
        self.database = f"{self.directory}/tenants.db"
        self.config = f"{self.directory}/easymail.conf"
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"database = {self.database}\njournal = {self.directory}/journal.db\n")
            file.write(f"log.target = stderr\nmapd.socket = {self.path}\n")
            file.write(f"mapd.max_clients = {MAX_CLIENTS}\n")
        self.init_database()
        self.process = None
        self.addCleanup(self.kill)
        self.start()

    def init_database(self):
        command = [f"{BUILD}/ctl/easymailctl", "-c", self.config, "db", "init"]
        subprocess.run(command, check=True, capture_output=True, timeout=LIMIT)
        self.sql(POLICY)

    def sql(self, script):
        connection = sqlite3.connect(self.database, timeout=LIMIT)
        connection.executescript(f"BEGIN; {script} COMMIT;")
        connection.close()

    def start(self, **more):
        command = [f"{BUILD}/services/mapd/easymail-mapd", "-c", self.config]
        with open(f"{self.directory}/log", "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **more)
        wait_until(self.answers)

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def log(self):
        with open(f"{self.directory}/log", encoding="utf-8") as file:
            return file.read()

    def dial(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(LIMIT)
        connection.connect(self.path)
        self.addCleanup(connection.close)
        return connection

    def answers(self):
        try:
            self.status()
            return True
        except (OSError, EOFError):
            return False

    def ask(self, name, key):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(LIMIT)
            connection.connect(self.path)
            connection.sendall(request(name, key))
            return read_netstring(connection)

    def status(self):
        word, _, text = self.ask("status", "").partition(" ")
        self.assertEqual(word, "OK")
        return json.loads(text)

    def postmap(self, name, key):
        """Exit status and output of the real postmap -q."""
        command = ["postmap", "-c", self.postfix_directory(), "-q", key, f"socketmap:unix:{self.path}:{name}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        return done.returncode, done.stdout.strip(), done.stderr

    def postfix_directory(self):
        etc = f"{self.directory}/etc"
        if not os.path.exists(etc):
            os.mkdir(etc)
            with open(f"{etc}/main.cf", "w", encoding="utf-8") as file:
                file.write("compatibility_level = 3.6\n")
        return etc


class Answers(MapdCase):
    def test_postmap_gets_the_relay_permission(self):
        self.assertEqual(self.postmap("clients", "127.0.1.7")[:2], (0, "OK"))
        self.assertRegex(self.postmap("clients", "127.0.2.1")[1], r"^451 4\.7\.1 ")
        for stranger in ("127.0.3.1", "127.0.9.9", "mail.alpha.example", "unknown"):
            self.assertEqual(self.postmap("clients", stranger)[:2], (1, ""), stranger)

    def test_postmap_gets_the_egress(self):
        self.assertEqual(self.postmap("egress", "User@Alpha.Example")[:2], (0, "easymail-127.0.11.1:"))
        self.assertRegex(self.postmap("egress", "<>")[1], r"^retry:4\.3\.5 ")
        self.assertRegex(self.postmap("egress", "user@stranger.example")[1], r"^retry:4\.3\.5 ")
        self.sql("UPDATE egress_ip SET state = 'down';")
        self.assertRegex(self.postmap("egress", "user@alpha.example")[1], r"^retry:4\.7\.1 ")
        self.sql("UPDATE egress_ip SET state = 'active';")
        self.sql("INSERT INTO setting (name, value) VALUES ('egress.default_group', 'main');")
        self.assertEqual(self.postmap("egress", "<>")[:2], (0, "easymail-127.0.11.1:"))

    def test_an_unknown_map_is_an_error(self):
        status, output, errors = self.postmap("tenants", "x")
        self.assertEqual((status, output), (1, ""))
        self.assertIn("no map tenants here", errors)

    def test_a_row_of_plain_sql_counts_at_once_and_is_indexed_soon(self):
        self.assertEqual(self.ask("clients", "127.0.4.4"), "NOTFOUND ")
        self.sql("INSERT INTO relay_host (tenant_id, network) VALUES (1, '127.0.4.4');")
        self.assertEqual(self.ask("clients", "127.0.4.4"), "OK OK")
        wait_until(lambda: self.status()["relay_hosts_indexed"] == 4)
        self.assertEqual(self.ask("clients", "127.0.4.4"), "OK OK")

    def test_status_tells_who_serves_what(self):
        status = self.status()
        self.assertEqual(status["program"], "easymail-mapd")
        self.assertEqual(status["pid"], self.process.pid)
        self.assertIsNone(status["database_error"])
        before = status["generation"]
        self.sql("UPDATE tenant SET title = 'Alpha' WHERE id = 1;")
        self.assertGreater(self.status()["generation"], before)


class Clients(MapdCase):
    def test_pipelined_requests_are_answered_in_order(self):
        connection = self.dial()
        keys = [f"127.0.{i % 5}.1" for i in range(2000)]
        expected = {"1": "OK OK", "0": "NOTFOUND ", "3": "NOTFOUND ", "4": "NOTFOUND "}
        data = b"".join(request("clients", key) for key in keys)
        replies = self.exchange(connection, data, len(keys))
        for key, reply in zip(keys, replies):
            third = key.split(".")[2]
            self.assertTrue(reply.startswith(expected.get(third, "OK 451 ")), (key, reply))

    def exchange(self, connection, data, count):
        """Sends while it reads, as the daemon stops reading from who does not read."""
        replies, buffer = [], b""
        connection.setblocking(False)
        until = time.monotonic() + 4 * LIMIT
        while len(replies) < count:
            self.assertLess(time.monotonic(), until, f"{len(replies)} of {count} replies")
            readable, writable, _ = select.select([connection], [connection] if data else [], [], LIMIT)
            if writable:
                data = data[connection.send(data[:4096]) :]
            if readable:
                buffer += connection.recv(65536)
            buffer = self.split(buffer, replies)
        return replies

    @staticmethod
    def split(buffer, replies):
        while b":" in buffer:
            length, _, rest = buffer.partition(b":")
            if len(rest) <= int(length):
                break
            replies.append(rest[: int(length)].decode())
            buffer = rest[int(length) + 1 :]
        return buffer

    def test_hostile_octets_end_their_connection_only(self):
        good = self.dial()
        for garbage in (b"4294967296:", b"99999999999999999999:", b"EHLO x\r\n", b"\0\0\0", b"5:abcdef", b":,"):
            hostile = self.dial()
            hostile.sendall(garbage)
            self.assertEqual(hostile.recv(1), b"", garbage)
        good.sendall(request("clients", "127.0.1.1"))
        self.assertEqual(read_netstring(good), "OK OK")
        self.assertEqual(self.status()["broken"], 6)

    def test_half_a_request_holds_up_nobody(self):
        halves = [self.dial() for _ in range(MAX_CLIENTS // 2)]
        for half in halves:
            half.sendall(b"15:clients 127.")
        self.assertEqual(self.ask("clients", "127.0.1.1"), "OK OK")
        halves[0].sendall(b"0.1,")  # 127.0.1 is no address
        self.assertEqual(read_netstring(halves[0]), "NOTFOUND ")

    def test_a_thousand_connections_leave_room_for_one_more(self):
        for _ in range(1000):
            self.dial().sendall(b"17:clients")
        self.assertEqual(self.ask("clients", "127.0.1.1"), "OK OK")
        status = self.status()
        self.assertLessEqual(status["clients"], MAX_CLIENTS)
        self.assertGreaterEqual(status["evicted"], 1000 - MAX_CLIENTS)

    def test_few_descriptors_are_enough(self):
        self.kill()
        self.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40)))
        for _ in range(100):
            self.dial().sendall(b"17:clients")
        self.assertEqual(self.ask("clients", "127.0.1.1"), "OK OK")


class Faults(MapdCase):
    def assert_temp(self):
        for name, key in (("clients", "127.0.1.1"), ("egress", "user@alpha.example"), ("egress", "<>")):
            self.assertLess(min(self.seconds_of_temp(name, key) for _ in range(3)), 2)
        self.assertIsNone(self.process.poll())

    def seconds_of_temp(self, name, key):
        before = time.monotonic()
        self.assertRegex(self.ask(name, key), "^TEMP ")
        return time.monotonic() - before

    def assert_recovers(self):
        wait_until(lambda: self.ask("clients", "127.0.1.1") == "OK OK")
        self.assertEqual(self.ask("egress", "user@alpha.example"), "OK easymail-127.0.11.1:")

    def database_files(self):
        return [self.database + end for end in ("", "-wal", "-shm") if os.path.exists(self.database + end)]

    def test_survives_that_the_database_is_missing(self):
        for path in self.database_files():
            os.rename(path, path + ".away")
        self.assert_temp()
        self.assertEqual(self.postmap("clients", "127.0.1.1")[:2], (1, ""))
        self.assertTrue(self.status()["database_error"])
        for name in os.listdir(self.directory):
            if name.endswith(".away"):
                os.rename(f"{self.directory}/{name}", f"{self.directory}/{name[:-5]}")
        self.assert_recovers()

    def test_survives_that_the_database_is_corrupt(self):
        for path in self.database_files():
            os.unlink(path)
        with open(self.database, "wb") as file:
            file.write(b"SQLite format 3\0" + os.urandom(65536))
        self.assert_temp()
        os.unlink(self.database)
        self.init_database()
        self.assert_recovers()

    def test_survives_that_the_database_is_overwritten_in_place(self):
        with open(self.database, "r+b") as file:
            good = file.read()
            file.seek(0)
            file.write(os.urandom(len(good)))
        for key in ("127.0.1.1", "127.0.9.9"):
            self.assertIn(self.ask("clients", key).split(" ")[0], ("TEMP", "OK" if key == "127.0.1.1" else "NOTFOUND"))
        self.assertIsNone(self.process.poll())
        for path in self.database_files():
            os.unlink(path)
        self.init_database()
        self.assert_recovers()

    def test_answers_soon_while_the_database_is_locked(self):
        self.kill()  # with readers in it SQLite refuses such a lock
        locker = sqlite3.connect(self.database, isolation_level=None, timeout=LIMIT)
        locker.execute("PRAGMA locking_mode = EXCLUSIVE")
        locker.execute("BEGIN EXCLUSIVE")
        self.start()
        before = time.monotonic()
        replies = {self.ask("clients", "127.0.1.1").split(" ")[0] for _ in range(200)}
        self.assertLess(time.monotonic() - before, LIMIT)  # it does not wait for the lock 200 times
        self.assertEqual(replies, {"TEMP"})
        locker.execute("ROLLBACK")
        locker.close()
        self.assert_recovers()

    def test_look_ups_go_on_while_another_program_writes(self):
        writer = sqlite3.connect(self.database, isolation_level=None, timeout=LIMIT)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO relay_host (tenant_id, network) VALUES (1, '127.0.4.4')")
        until, took = time.monotonic() + 1.5, []
        while time.monotonic() < until:
            before = time.monotonic()
            self.assertEqual(self.ask("clients", "127.0.1.1"), "OK OK")
            self.assertEqual(self.ask("clients", "127.0.4.4"), "NOTFOUND ")
            took.append(time.monotonic() - before)
        self.assertLess(statistics.median(took), 0.5)  # the machine may pause now and then
        writer.execute("COMMIT")
        writer.close()
        self.assertEqual(self.ask("clients", "127.0.4.4"), "OK OK")
        wait_until(lambda: not self.status()["relay_hosts_behind"])

    def test_a_database_that_comes_later_is_served(self):
        self.kill()
        for path in self.database_files():
            os.unlink(path)
        self.start()
        self.assert_temp()
        self.init_database()
        self.assert_recovers()

    def test_one_alarm_for_many_failures(self):
        for path in self.database_files():
            os.unlink(path)
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            self.ask("clients", "127.0.1.1")
        self.assertEqual(self.log().count("ALARM"), 1)
        self.assertLessEqual(self.log().count("upkeep:"), 1)


class Life(MapdCase):
    def test_sigterm_answers_what_arrived_and_ends_with_0(self):
        connection = self.dial()
        connection.sendall(request("clients", "127.0.1.1") * 3)
        self.process.terminate()
        self.assertEqual([read_netstring(connection) for _ in range(3)], ["OK OK"] * 3)
        self.assertEqual(self.process.wait(LIMIT), 0)

    def test_restarts_at_once_after_kill_9(self):
        for _ in range(3):
            self.kill()
            self.assertTrue(os.path.exists(self.path))
            self.start()
            self.assertEqual(self.ask("clients", "127.0.1.1"), "OK OK")

    def test_a_second_one_is_refused_and_harms_nothing(self):
        command = [f"{BUILD}/services/mapd/easymail-mapd", "-c", self.config]
        second = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn("another process serves it", second.stderr)
        self.assertEqual(self.ask("clients", "127.0.1.1"), "OK OK")

    def test_lives_through_sighup_and_clients_that_vanish(self):
        self.process.send_signal(signal.SIGHUP)
        for _ in range(50):
            connection = self.dial()
            connection.sendall(request("status", "") * 50)
            connection.close()
        self.assertEqual(self.ask("clients", "127.0.1.1"), "OK OK")
        self.assertIsNone(self.process.poll())

    def test_serves_the_socket_of_the_service_manager(self):
        self.kill()
        os.unlink(self.path)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.path)
            listener.listen(8)
            listener.set_inheritable(True)  # should it be 3 already, dup2 leaves it as it is
            # sh sets LISTEN_PID, which must be the daemon's own process id.
            script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" -c "$1"'
            command = ["sh", "-c", script, f"{BUILD}/services/mapd/easymail-mapd", self.config]
            with open(f"{self.directory}/log", "ab") as log:
                self.process = subprocess.Popen(
                    command, stderr=log, close_fds=False, preexec_fn=lambda: os.dup2(listener.fileno(), 3)
                )
            self.assertEqual(self.ask("clients", "127.0.1.1"), "OK OK")

    def test_tests_the_configuration(self):
        command = [f"{BUILD}/services/mapd/easymail-mapd", "-t", "-c", self.config]
        self.assertEqual(subprocess.run(command, timeout=LIMIT, check=False).returncode, 0)
        with open(self.config, "a", encoding="utf-8") as file:
            file.write("no_such_name = 1\n")
        wrong = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("no_such_name", wrong.stderr)

    def test_a_wrong_option_is_a_usage_error(self):
        command = [f"{BUILD}/services/mapd/easymail-mapd", "-x"]
        wrong = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("usage:", wrong.stderr)


if __name__ == "__main__":
    unittest.main()

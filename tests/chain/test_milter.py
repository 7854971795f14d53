# SPDX-License-Identifier: BSD-2-Clause
"""easymail-milter with the real libmilter and a real tenants.db, over its sockets.

usage: test_milter.py EASYMAIL_MILTER MAKE_DB
"""
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from milter_client import Session  # noqa: E402

MILTER, MAKE_DB = sys.argv[1], sys.argv[2]

POLICY = """
INSERT INTO egress_group (id, name) VALUES (1, 'g1'), (2, 'g2'), (3, 'empty');
INSERT INTO egress_ip (address, helo_name, egress_group_id) VALUES
    ('192.0.2.1', 'out1.provider.example', 1), ('192.0.2.2', 'out2.provider.example', 2);
INSERT INTO egress_ip (address, helo_name, egress_group_id, state) VALUES
    ('192.0.2.3', 'out3.provider.example', 3, 'down');
INSERT INTO tenant (id, name, state, egress_group_id) VALUES
    (1, 'acme', 'active', 1), (2, 'globex', 'active', 2), (3, 'susp', 'suspended', 1),
    (4, 'pend', 'pending', 1), (5, 'gone', 'closed', 1), (6, 'leaving', 'closing', 1),
    (7, 'tagged', 'active', 1), (8, 'loose', 'active', 3), (9, 'bare', 'active', NULL);
INSERT INTO domain (tenant_id, name, subdomains) VALUES
    (1, 'acme.example', 1), (2, 'globex.example', 0), (3, 'susp.example', 0), (4, 'pend.example', 0),
    (5, 'gone.example', 0), (6, 'leaving.example', 0), (7, 'tagged.example', 0),
    (8, 'loose.example', 0), (9, 'bare.example', 0), (1, 'xn--bcher-kva.example', 0);
INSERT INTO relay_host (tenant_id, network, shared) VALUES
    (1, '198.51.100.1', 0), (2, '198.51.100.2', 0), (3, '198.51.100.3', 0), (4, '198.51.100.4', 0),
    (5, '198.51.100.5', 0), (6, '198.51.100.6', 0), (7, '198.51.100.7', 0), (8, '198.51.100.8', 0),
    (9, '198.51.100.9', 0), (1, '203.0.113.0/24', 1), (2, '203.0.113.0/24', 1), (1, '2001:db8::/48', 0);
INSERT INTO setting (tenant_id, name, value) VALUES (7, 'from.policy', 'tag'), (8, 'from.policy', 'off');
"""

ACME, GLOBEX, TAGGED, LOOSE, SHARED = (
    "198.51.100.1", "198.51.100.2", "198.51.100.7", "198.51.100.8", "203.0.113.9")


# What ThreadSanitizer says: reports between lines of =, in them paragraphs, in these the frames with their modules.
REPORT = re.compile(r"^WARNING: ThreadSanitizer: .*?^={18}$", re.MULTILINE | re.DOTALL)
FRAME = re.compile(r"^ +#\d+ .*\((\S+?)\+0x[0-9a-f]+\)", re.MULTILINE)


def races_of_ours(log):
    """Reports but for those of what libmilter does at its own end, with nobody's help: it destroys mutexes that its
    threads still use, and joins no thread. Where a thread or a mutex was created does not count."""
    def is_libmilters(report):
        done = [part for part in report.split("\n\n") if " created " not in part.strip().split("\n")[0]]
        modules = {os.path.basename(module) for part in done for module in FRAME.findall(part)}
        return modules and all(module.startswith(("libtsan.so", "libmilter.so")) for module in modules)

    return [report for report in REPORT.findall(log) if not is_libmilters(report)]


class MilterTest(unittest.TestCase):
    limits = ""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        path = self.path = self.folder.name
        self.socket, self.control, self.database = (
            path + "/milter.sock", path + "/control.sock", path + "/tenants.db")
        subprocess.run([MAKE_DB, self.database], check=True)
        self.sql(POLICY)
        with open(path + "/easymail.conf", "w") as out:
            out.write(f"database = {self.database}\nlog.target = stderr\nmilter.socket = {self.socket}\n"
                      f"milter.control_socket = {self.control}\n{self.limits}")
        self.log = open(path + "/log", "a+")
        self.addCleanup(self.log.close)
        self.addCleanup(lambda: self.assertEqual(races_of_ours(self.log_text()), []))
        self.milter = self.start()

    def start(self, *options):
        """With the filters that need nothing but the database, unless told otherwise."""
        if "-m" not in options:
            options = ("-m", "tenant,egress", *options)
        milter = subprocess.Popen([MILTER, "-c", self.path + "/easymail.conf", *options],
                                  stderr=self.log)
        self.addCleanup(self.kill, milter)
        deadline = time.monotonic() + 20
        while " ready" not in self.log_text():
            self.assertIsNone(milter.poll(), self.log_text())
            self.assertLess(time.monotonic(), deadline, self.log_text())
            time.sleep(0.02)
        return milter

    @staticmethod
    def kill(milter):
        milter.kill()
        milter.wait()

    def log_text(self):
        with open(self.path + "/log") as log:
            return log.read()

    def sql(self, script):
        database = sqlite3.connect(self.database, timeout=10)
        database.executescript(script)
        database.close()

    def ask(self, question, key):
        """A question over socketmap; None when not found."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(10)
            control.connect(self.control)
            text = f"{question} {key}".encode()
            control.sendall(b"%d:%s," % (len(text), text))
            answer = b""
            while not answer.endswith(b",") or len(answer) < int(answer.split(b":")[0]):
                answer += control.recv(65536)
        answer = answer.split(b":", 1)[1][:-1].decode()
        return json.loads(answer[3:]) if answer.startswith("OK ") else None

    def session(self, client):
        session = Session(self.socket)
        session.connect(client)
        session.helo()
        self.addCleanup(session.socket.close)
        return session

    def send(self, client, sender, header_from, *more):
        headers = [] if header_from is None else [("From", " " + header_from)]
        session = self.session(client)
        reply = session.message(sender, headers + list(more))
        session.quit()
        return reply


class Decisions(MilterTest):
    def test_each_client_and_sender_gets_its_verdict(self):
        rows = [
            (ACME, "<a@acme.example>", "a@acme.example", "250", ""),
            (ACME, "<A@ACME.EXAMPLE.>", "A <a@Mail.Acme.Example>", "250", ""),
            (ACME, "<\"a b\"@acme.example>", "a@acme.example", "250", ""),
            (ACME, "<@other.example:a@acme.example>", "a@acme.example", "250", ""),
            (ACME, "<j\u00f6rg@b\u00fccher.example>", "a@xn--bcher-kva.example", "250", ""),
            ("::ffff:198.51.100.1", "<a@acme.example>", "a@acme.example", "250", ""),
            ("2001:db8::99", "<a@deep.below.acme.example>", "a@acme.example", "250", ""),
            ("2001:db9::99", "<a@acme.example>", "a@acme.example", "550", "5.7.1"),
            ("198.51.100.77", "<a@acme.example>", "a@acme.example", "550", "5.7.1"),
            (ACME, "<a@globex.example>", "a@globex.example", "550", "5.7.1"),
            (ACME, "<a@nobodys.example>", "a@acme.example", "550", "5.7.1"),
            (ACME, "<a@acme.example>", "a@globex.example", "550", "5.7.1"),
            (ACME, "<a@acme.example>", "a@acme.example, b@globex.example", "550", "5.7.1"),
            (ACME, "<a@acme.example>", None, "550", "5.7.1"),
            (GLOBEX, "<a@sub.globex.example>", "a@globex.example", "550", "5.7.1"),
            ("198.51.100.3", "<a@susp.example>", "a@susp.example", "451", "4.7.1"),
            ("198.51.100.4", "<a@pend.example>", "a@pend.example", "550", "5.7.1"),
            ("198.51.100.5", "<a@gone.example>", "a@gone.example", "550", "5.7.1"),
            ("198.51.100.6", "<a@leaving.example>", "a@leaving.example", "250", ""),
            ("198.51.100.9", "<a@bare.example>", "a@bare.example", "451", "4.3.5"),
            (ACME, "<a@acme", "a@acme.example", "550", "5.1.7"),
            (ACME, "<>", "MAILER-DAEMON@acme.example", "250", ""),
            (ACME, "<>", "MAILER-DAEMON@globex.example", "550", "5.7.1"),
            (SHARED, "<a@acme.example>", "a@acme.example", "250", ""),
            (SHARED, "<a@globex.example>", "a@globex.example", "250", ""),
            (SHARED, "<a@globex.example>", "a@acme.example", "550", "5.7.1"),
            (SHARED, "<a@susp.example>", "a@susp.example", "550", "5.7.1"),
            (SHARED, "<>", "MAILER-DAEMON@globex.example", "250", ""),
            (SHARED, "<>", "a@globex.example, b@acme.example", "550", "5.7.1"),
            (SHARED, "<>", "a@susp.example", "550", "5.7.1"),
            (SHARED, "<>", None, "550", "5.7.1"),
            (LOOSE, "<a@loose.example>", "a@globex.example", "250", ""),
            (LOOSE, "<a@loose.example>", None, "250", ""),
        ]
        for client, sender, header_from, code, status in rows:
            with self.subTest(client=client, sender=sender, header_from=header_from):
                reply = self.send(client, sender, header_from)
                self.assertEqual(reply.code, code, reply)
                self.assertIn(status, reply.text)

    def test_no_reply_names_another_tenant(self):
        for client, sender, header_from in [(ACME, "<a@globex.example>", "a@globex.example"),
                                            (ACME, "<a@acme.example>", "a@globex.example"),
                                            (SHARED, "<a@susp.example>", "a@susp.example"),
                                            (SHARED, "<>", "a@susp.example")]:
            text = self.send(client, sender, header_from).text
            for name in ("tenant globex", "tenant susp"):
                self.assertNotIn(name, text.lower())

    def test_tags_and_strips_forged_warnings(self):
        forged = ("X-Easymail-Warning", " forged"), ("x-easymail-warning", " too")
        reply = self.send(TAGGED, "<a@tagged.example>", "a@globex.example", *forged)
        self.assertEqual(reply.code, "250")
        self.assertEqual(reply.edits[:2], [("m", 2, "x-easymail-warning", ""),
                                           ("m", 1, "X-Easymail-Warning", "")])
        self.assertEqual(reply.edits[2][:3], ("i", 1, "X-Easymail-Warning"))
        self.assertIn("globex.example", reply.edits[2][3])
        self.assertEqual(self.send(ACME, "<a@acme.example>", "a@acme.example", *forged).edits,
                         reply.edits[:2])

    def test_null_sender_is_steered_to_its_tenants_group_and_forgery_is_stripped(self):
        forged = ("X-Easymail-Egress", " g2")
        reply = self.send(ACME, "<>", "a@acme.example", forged)
        self.assertEqual(reply.edits, [("m", 1, "X-Easymail-Egress", ""),
                                       ("h", None, "X-Easymail-Egress", " g1")])
        reply = self.send(SHARED, "<>", "a@globex.example")
        self.assertEqual(reply.edits, [("h", None, "X-Easymail-Egress", " g2")])
        reply = self.send(ACME, "<a@acme.example>", "a@acme.example", forged)
        self.assertEqual(reply.edits, [("m", 1, "X-Easymail-Egress", "")])

    def test_decisions_can_be_asked_for(self):
        self.session(ACME).message("<a@acme.example>", [("From", " a@acme.example")], "4ONE")
        self.session(LOOSE).message("<a@loose.example>", [], "4TWO")
        decision = self.ask("decision", "4ONE")
        self.assertEqual([decision[key] for key in ("verdict", "tenant", "egress")],
                         ["accept", "acme", "easymail-192.0.2.1"])
        held = self.ask("decision", "4TWO")
        self.assertEqual([held["verdict"], held["egress"]], ["accept", ""])
        self.assertIn("egress group empty", held["text"])
        self.assertIsNone(self.ask("decision", "4NONE"))
        status = self.ask("status", "x")
        self.assertEqual(status["filters"], ["tenant", "egress"])
        self.assertEqual(status["messages"], 2)
        self.assertGreater(status["generation"], 1)
        self.assertEqual(status["pid"], self.milter.pid)

    def test_a_queue_id_given_at_mail_is_kept(self):
        self.session(ACME).mail("<a@globex.example>", "check-17")
        self.assertEqual(self.ask("decision", "check-17")["verdict"], "reject")

    def test_a_change_counts_at_once(self):
        session = self.session(ACME)
        headers = [("From", " a@new.example")]
        self.assertEqual(session.message("<a@new.example>", headers).code, "550")
        self.sql("INSERT INTO domain (tenant_id, name) VALUES (1, 'new.example')")
        self.assertEqual(session.message("<a@new.example>", headers).code, "250")
        self.sql("UPDATE tenant SET state = 'suspended' WHERE name = 'acme'")
        self.assertEqual(session.message("<a@new.example>", headers).code, "451")

    def test_headers_of_100_kilobytes_pass(self):
        reply = self.send(ACME, "<a@acme.example>", "a@acme.example", ("X-Long", " " + "x" * 102000))
        self.assertEqual(reply.code, "250")

    def test_a_hangup_ends_the_message(self):
        session = self.session(ACME)
        session.mail("<a@acme.example>")
        session.rcpt("<x@remote.example>")
        session.data("4HANG")
        time.sleep(0.3)
        session.socket.close()
        deadline = time.monotonic() + 15
        while self.ask("decision", "4HANG") is None:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual(self.ask("decision", "4HANG")["verdict"], "none")

    def test_every_fault_of_the_database_is_451(self):
        session = self.session(ACME)
        for fault in (self.lose_database, self.break_database):
            fault()
            reply = session.message("<a@acme.example>", [("From", " a@acme.example")])
            self.assertEqual((reply.code, reply.text[4:9]), ("451", "4.3.0"), reply)

    def lose_database(self):
        os.rename(self.database, self.database + ".away")

    def break_database(self):
        with open(self.database, "w") as out:
            out.write("this is no database" * 1000)

    def test_a_filter_can_run_alone(self):
        self.kill(self.milter)
        self.log.truncate(0)
        self.milter = self.start("-m", "egress", "-s", "unix:" + self.socket)
        reply = self.send(SHARED, "<>", "a@globex.example")
        self.assertEqual(reply.edits, [("h", None, "X-Easymail-Egress", " g2")])
        self.assertEqual(self.send(GLOBEX, "<a@acme.example>", "a@acme.example").code, "451")


class Limits(MilterTest):
    limits = "milter.max_sessions = 2\n"

    def test_a_session_too_many_is_451(self):
        sessions = [self.session(ACME) for _ in range(3)]
        replies = [session.mail("<a@acme.example>") for session in sessions]
        self.assertEqual(sorted(reply.code for reply in replies), ["250", "250", "451"])


class Restart(MilterTest):
    limits = "milter.drain_timeout = 20s\n"

    def flood(self, until, replies):
        while not until.is_set():
            try:
                replies.append(self.send(ACME, "<a@acme.example>", "a@acme.example").code)
            except (OSError, EOFError) as error:
                replies.append(repr(error))

    def wait_for_other_pid(self, old):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                status = self.ask("status", "x")
                if status and status["pid"] != old:
                    return status["pid"]
            except OSError:
                pass
            time.sleep(0.05)
        self.fail("no successor: " + self.log_text())

    def test_sigterm_ends_it(self):
        self.milter.send_signal(signal.SIGTERM)
        self.assertEqual(self.milter.wait(20), 0, self.log_text())

    def test_sighup_does_nothing(self):
        self.milter.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        self.assertEqual(self.send(ACME, "<a@acme.example>", "a@acme.example").code, "250")
        self.assertIsNone(self.milter.poll())

    def test_a_restart_refuses_nobody(self):
        session = self.session(ACME)
        self.assertEqual(session.mail("<a@acme.example>").code, "250")
        stop, replies = threading.Event(), []
        flood = threading.Thread(target=self.flood, args=(stop, replies))
        flood.start()
        self.milter.send_signal(signal.SIGUSR2)
        successor = self.wait_for_other_pid(self.milter.pid)
        self.addCleanup(os.kill, successor, signal.SIGKILL)
        self.assertIsNone(self.milter.poll())
        session.rcpt("<x@remote.example>")
        session.data("4OLD")
        session.header("From", " a@acme.example")
        self.assertEqual(session.eoh().code, "250")
        self.assertEqual(session.eom().code, "250")
        session.quit()
        self.assertEqual(self.milter.wait(20), 0)
        stop.set()
        flood.join()
        self.assertEqual(set(replies), {"250"})
        self.assertEqual(self.send(ACME, "<a@acme.example>", "a@acme.example").code, "250")
        self.assertNotEqual(self.ask("status", "x")["messages"], 0)

    def test_a_successor_that_does_not_start_changes_nothing(self):
        with open(self.path + "/easymail.conf", "a") as out:
            out.write("no.such.option = 1\n")
        self.milter.send_signal(signal.SIGUSR2)
        deadline = time.monotonic() + 20
        while "serves on" not in self.log_text():
            self.assertLess(time.monotonic(), deadline, self.log_text())
            time.sleep(0.05)
        self.assertEqual(self.send(ACME, "<a@acme.example>", "a@acme.example").code, "250")
        self.assertEqual(self.ask("status", "x")["pid"], self.milter.pid)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])

# SPDX-License-Identifier: BSD-2-Clause
"""The tracker on a log that is written, rotated and truncated while it is killed, the journal locked or full: each
line of the log is in the journal once."""

import json
import os
import random
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest

BUILD = os.path.abspath(os.environ.get("EASYMAIL_BUILD", "build-release"))
LIMIT = 60  # seconds, on a machine that does other things too


def wait_for(condition, what, seconds=LIMIT):
    until = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)
    return result


def line(number, status="sent", reply="250 2.0.0 Ok", program="postfix/easymail-192.0.2.10/smtp"):
    return (
        f"2026-11-24T13:18:03.123456+00:00 relay {program}[7]: Q{number:07d}: to=<b{number:07d}@dest.example>, "
        f"relay=mx.dest.example[198.51.100.1]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, "
        f"status={status} ({reply})\n"
    )


class Writer(threading.Thread):
    """Writes numbered deliveries, by one of the ways in which logs are rotated every now and then."""

    def __init__(self, path, count, rotate):
        super().__init__(daemon=True)
        self.path, self.count, self.rotate = path, count, rotate
        self.rotations = 0

    def run(self):
        random.seed(7)
        file = open(self.path, "a", encoding="utf-8", buffering=1)
        for number in range(self.count):
            text = line(number)
            cut = random.randrange(len(text))
            file.write(text[:cut])  # what is read in mid-line is no line yet
            file.flush()
            file.write(text[cut:])
            file.flush()
            if number % 50 == 49:
                time.sleep(0.01)
            if number % 700 == 699:
                file = self.rotate(self, file)
                self.rotations += 1
        file.close()

    def shift(self):
        """Makes room for PATH.1."""
        for number in range(self.rotations, 0, -1):
            os.rename(f"{self.path}.{number}", f"{self.path}.{number + 1}")

    def by_renaming(self, file):
        self.shift()
        os.rename(self.path, f"{self.path}.1")
        file.write("")  # the writer still has the old file
        file.close()
        return open(self.path, "a", encoding="utf-8", buffering=1)

    def by_copying(self, file):
        self.shift()
        shutil.copy(self.path, f"{self.path}.1")
        os.truncate(self.path, 0)
        return file


class TrackerCase(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="et.", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.config = f"{self.directory}/easymail.conf"
        self.log = f"{self.directory}/mail.log"
        self.replies = f"{self.directory}/replies"
        self.journal = f"{self.directory}/journal.db"
        self.socket = f"{self.directory}/tracker.sock"
        self.process = None
        self.addCleanup(self.kill)
        self.write_config()
        self.ctl("db", "init")

    def write_config(self, **more):
        options = {
            "database": f"{self.directory}/tenants.db",
            "database.busy_timeout": "200ms",
            "journal": self.journal,
            "log.target": "stderr",
            "tracker.source": "file",
            "tracker.log_file": self.log,
            "tracker.replies": self.replies,
            "tracker.control_socket": self.socket,
            **{name.replace("__", "."): value for name, value in more.items()},
        }
        with open(self.config, "w", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in options.items())

    def ctl(self, *words, check=True):
        command = [f"{BUILD}/ctl/easymailctl", "-c", self.config, *words]
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)
        if check and result.returncode != 0:
            raise AssertionError(f"{words}: {result.stdout}{result.stderr}")
        return result

    def rows(self, *words):
        return json.loads(self.ctl(*words, "--json").stdout)

    def launch(self, **options):
        with open(f"{self.directory}/tracker.out", "ab") as out:
            command = [f"{BUILD}/services/tracker/easymail-tracker", "-c", self.config]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **options)

    def start(self, **options):
        self.launch(**options)
        wait_for(self.answers, "the tracker")

    def answers(self):
        self.assertIsNone(self.process.poll(), self.output())
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.socket) == 0

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self):
        self.process.terminate()
        self.assertEqual(self.process.wait(LIMIT), 0, self.output())
        self.process = None

    def output(self):
        with open(f"{self.directory}/tracker.out", encoding="utf-8") as file:
            return file.read()

    def status(self):
        """What its map `status` says; {} when it does not answer."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(LIMIT)
            if client.connect_ex(self.socket) != 0:
                return {}
            client.sendall(b"13:status status,")
            answer = client.makefile("rb")
            length = int(b"".join(iter(lambda: answer.read(1), b":")))
            return json.loads(answer.read(length).partition(b" ")[2])

    def sql(self, text, path=None):
        database = sqlite3.connect(path or self.journal, timeout=LIMIT)
        try:
            with database:
                return database.execute(text).fetchall()
        finally:
            database.close()

    def write(self, text):
        with open(self.log, "a", encoding="utf-8") as file:
            file.write(text)

    def count(self):
        return self.sql("SELECT count(*) FROM delivery")[0][0]

    def wait_for_rows(self, count):
        wait_for(lambda: self.count() >= count, f"{count} rows")
        self.assertEqual(self.count(), count)

    def assert_each_once(self, count):
        """All numbers from 0 on, in their order, and tallied as often."""
        wait_for(lambda: self.count() >= count, f"{count} rows")
        ids = [row[0] for row in self.sql("SELECT queue_id FROM delivery ORDER BY id")]
        self.assertEqual(ids, [f"Q{number:07d}" for number in range(count)])
        for domain in ("*", "dest.example"):
            (total,) = self.sql(f"SELECT sum(count) FROM reply_tally WHERE domain = '{domain}'")[0]
            self.assertEqual(total, count)


class Kills(TrackerCase):
    COUNT = 6000

    def find_a_place(self):
        """One that has no place yet begins with the file that is there, not with those rotated before."""
        self.write("2026-11-24T13:18:02.123456+00:00 relay postfix/master[1]: daemon started\n")
        self.start()
        wait_for(lambda: self.sql("SELECT count(*) FROM tracker_position")[0][0], "a place in the log")
        self.kill()

    def run_while_killing(self, rotate):
        self.find_a_place()
        writer = Writer(self.log, self.COUNT, rotate)
        writer.start()
        kills = 0
        while writer.is_alive() or kills < 20:
            self.launch()
            time.sleep(random.uniform(0.02, 0.25))  # that it is at a place that nobody chose
            self.kill()
            kills += 1
        writer.join()
        self.start()
        self.assert_each_once(self.COUNT)
        self.assertNotIn("lines may have been lost", self.output())

    def test_kill_9_at_any_moment_loses_no_line_and_counts_none_twice_when_logs_are_renamed(self):
        self.run_while_killing(Writer.by_renaming)

    def test_kill_9_at_any_moment_loses_no_line_and_counts_none_twice_when_logs_are_truncated(self):
        self.run_while_killing(Writer.by_copying)

    def test_a_truncated_log_that_was_read_as_far_as_before_is_another_place(self):
        self.start()
        self.write("".join(line(number) for number in range(10)))
        self.assert_each_once(10)
        shutil.copy(self.log, f"{self.log}.1")
        os.truncate(self.log, 0)
        self.write("".join(line(number) for number in range(10, 20)))
        self.assert_each_once(20)
        self.kill()
        self.start()
        self.write(line(20))
        self.assert_each_once(21)

    def test_two_trackers_on_one_log_count_nothing_twice(self):
        writer = Writer(self.log, self.COUNT, Writer.by_renaming)
        writer.start()
        self.start()
        first, self.process = self.process, None
        self.write_config(tracker__control_socket=f"{self.directory}/second.sock")
        self.launch()
        try:
            writer.join()
            self.assert_each_once(self.COUNT)
        finally:
            first.kill()
            first.wait()


class Trouble(TrackerCase):
    def test_while_the_journal_is_locked_the_log_waits(self):
        self.start()
        holder = sqlite3.connect(self.journal, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        self.write("".join(line(number) for number in range(50)))
        wait_for(lambda: "locked" in (self.status().get("journal_error") or ""), "a journal in trouble")
        self.assertIn("ALARM journal", self.output())
        result = self.ctl("status", "--json", check=False)
        bad = [part["part"] for part in json.loads(result.stdout)["parts"] if not part["well"]]
        self.assertIn("tracker", bad)
        holder.execute("ROLLBACK")
        holder.close()
        self.assert_each_once(50)
        wait_for(lambda: self.status().get("journal_error", "x") is None, "a journal that works again")
        self.assertIn("works again", self.output())

    def test_while_the_journal_cannot_grow_the_log_waits(self):
        # Files cannot grow beyond this size: the journal's next pages do not fit.
        self.write(line(0))
        self.start(restore_signals=False)  # SIGXFSZ stays ignored, as Python has it
        self.wait_for_rows(1)
        size = max(os.path.getsize(self.journal + suffix) for suffix in ("", "-wal"))
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        self.write("".join(line(number) for number in range(1, 2000)))
        wait_for(lambda: self.status().get("journal_error"), "a journal in trouble")
        self.assertLess(self.count(), 2000)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.assert_each_once(2000)

    def test_a_journal_that_is_missing_at_the_start_is_waited_for(self):
        for suffix in ("", "-wal", "-shm"):
            os.unlink(self.journal + suffix)
        self.write(line(0))
        self.start()
        wait_for(lambda: "db init" in (self.status().get("journal_error") or ""), "an alarm that names the mend")
        self.ctl("db", "init")
        self.assert_each_once(1)

    def test_a_journal_that_is_restored_is_caught_up_from_its_own_place(self):
        self.start()
        self.write("".join(line(number) for number in range(10)))
        self.assert_each_once(10)
        self.ctl("db", "backup", f"{self.directory}/old.db", "--journal", f"{self.directory}/old-journal.db")
        self.write("".join(line(number) for number in range(10, 20)))
        self.assert_each_once(20)
        for suffix in ("-wal", "-shm"):
            os.unlink(self.journal + suffix)
        os.rename(f"{self.directory}/old-journal.db", self.journal)
        self.write(line(20))
        self.assert_each_once(21)

    def test_a_log_that_is_not_there_is_named_and_waited_for(self):
        self.start()
        wait_for(lambda: self.log in (self.status().get("log_error") or ""), "a log in trouble")
        self.write(line(0))
        self.assert_each_once(1)
        wait_for(lambda: self.status().get("log_error", "x") is None, "a log that works again")

    def test_changes_that_the_journal_could_not_take_are_entered_later(self):
        spool = f"{self.journal}.spool"
        os.mkdir(spool)
        rows = [{"at": 1900000000, "actor": "x", "kind": "egress", "subject": "192.0.2.1", "old": "a", "new": "b",
                 "reason": "c"}]
        with open(f"{spool}/001900000000.000000001.7", "w", encoding="utf-8") as file:
            json.dump(rows, file)
        self.start()
        wait_for(lambda: not os.listdir(spool), "an empty spool")
        self.assertEqual([row["new"] for row in self.rows("journal", "audit", "egress")], ["b"])


class Table(TrackerCase):
    def test_an_operators_table_counts_at_once_and_a_wrong_one_not_at_all(self):
        self.start()
        self.write(line(0, "bounced", "host mx[1.2.3.4] said: 550 5.1.1 no such user"))
        self.wait_for_rows(1)
        with open(self.replies, "w", encoding="utf-8") as file:
            file.write("policy 550 no such user\n")
        wait_for(lambda: "read anew" in self.output(), "the new table")
        self.write(line(1, "bounced", "host mx[1.2.3.4] said: 550 5.1.1 no such user"))
        self.wait_for_rows(2)
        with open(self.replies, "w", encoding="utf-8") as file:
            file.write("polizei 550 no such user\n")
        wait_for(lambda: "polizei" in (self.status().get("rules_error") or ""), "a table in trouble")
        self.write(line(2, "bounced", "host mx[1.2.3.4] said: 550 5.1.1 no such user"))
        self.wait_for_rows(3)
        classes = [row["class"] for row in self.rows("journal", "deliveries")]
        self.assertEqual(classes, ["mailbox_unknown", "policy", "policy"])
        result = self.ctl("reply", "list", check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("replies:1: 'polizei' is no class", result.stderr)

    def test_ctl_says_what_a_reply_means_and_by_which_line(self):
        with open(self.replies, "w", encoding="utf-8") as file:
            file.write("# mine\nrate 4xx gently\n")
        verdict = self.rows("reply", "classify", "host mx[1.2.3.4] said: 450 Gently please")
        self.assertEqual((verdict["class"], verdict["line"], verdict["source"]), ("rate", 2, self.replies))
        verdict = self.rows("reply", "classify", "554 5.7.1 blocked using zen.spamhaus.org")
        self.assertEqual((verdict["class"], verdict["blames_address"]), ("listed", True))
        self.assertEqual(self.rows("reply", "classify", "nothing that anybody says")["class"], "other")
        self.assertGreater(len(self.rows("reply", "list")), 20)
        self.assertIn("greylisted", [row["class"] for row in self.rows("reply", "classes")])


class Journald(TrackerCase):
    """systemd's journal, in files as journald writes them."""

    START = 1795526283000000  # microseconds

    def setUp(self):
        super().setUp()
        self.entries = f"{self.directory}/entries"
        os.mkdir(self.entries)
        self.written = 0
        self.write_config(tracker__source="journald", tracker__journald_directory=self.entries)

    def add(self, count, file="system", facility=2):
        """Entries of numbered deliveries, behind those that the file has."""
        text = ""
        for number in range(self.written, self.written + count):
            _, _, message = line(number).partition("]: ")
            text += (
                f"__REALTIME_TIMESTAMP={self.START + number * 1000}\n__MONOTONIC_TIMESTAMP={1000 + number * 1000}\n"
                f"_BOOT_ID=1234567890abcdef1234567890abcdef\nSYSLOG_FACILITY={facility}\n"
                f"SYSLOG_IDENTIFIER=postfix/easymail-192.0.2.10/smtp\nMESSAGE={message}\n"
            )
        self.written += count
        subprocess.run(["/lib/systemd/systemd-journal-remote", "-o", f"{self.entries}/{file}.journal", "-"],
                       input=text.encode(), check=True, capture_output=True, timeout=LIMIT)

    def test_each_entry_is_read_once_through_kills_and_new_files(self):
        self.add(50)
        self.start()
        self.assert_each_once(50)
        self.add(50)
        self.assert_each_once(100)
        self.kill()
        self.add(50)
        self.add(50, "later")
        self.start()
        self.assert_each_once(200)
        self.add(50, "latest")  # beside a reader that has the others open
        self.assert_each_once(250)
        self.kill()
        self.start()
        self.add(1, "latest")
        self.assert_each_once(251)
        (at,) = self.sql("SELECT min(at) FROM delivery")[0]
        self.assertEqual(at, self.START // 1000000)
        self.assertNotIn("lost", self.output())

    def test_entries_of_other_facilities_are_not_read(self):
        self.start()
        self.add(10, facility=3)
        self.written = 0
        self.add(10, "mail")
        self.assert_each_once(10)
        self.assertEqual(self.status()["source"], "journald")

    def test_a_place_that_is_gone_is_told_and_reading_goes_on_after_it(self):
        self.add(5)
        self.start()
        self.assert_each_once(5)
        self.kill()
        os.unlink(f"{self.entries}/system.journal")
        self.add(5, "later")
        self.start()
        self.assert_each_once(10)
        self.assertIn("lines may have been lost", self.output())


class Messages(TrackerCase):
    HEAD = "2026-11-24T13:18:03.123456+00:00 relay "

    def decision(self, queue_id, verdict="accept", code=250, sender="a@acme.example"):
        return (
            f"{self.HEAD}easymail-milter[9]: decision id={queue_id} client=198.51.100.7 helo=x from=<{sender}> rcpts=1 "
            f"tenant=acme verdict={verdict} filter=tenant code={code} status=5.7.1 egress=easymail-192.0.2.10 spf= "
            f'dkim= generation=3 us=100 text="because"\n'
        )

    def test_a_message_is_traced_by_queue_id_sender_and_recipient(self):
        self.start()
        self.write(self.decision("Q0000001"))
        qmgr = f"{self.HEAD}postfix/qmgr[7]"
        self.write(f"{qmgr}: Q0000001: from=<bounce+t@acme.example>, size=9, nrcpt=1 (queue active)\n")
        self.wait_for_status("decisions", 1)
        self.kill()  # what is known of a message outlives the process
        self.start()
        self.write(line(1, "deferred", "host mx[1.2.3.4] said: 450 4.2.0 Greylisted"))
        self.write(line(1))
        self.write(f"{self.HEAD}postfix/qmgr[7]: Q0000001: removed\n")
        self.write(self.decision("", "reject", 550))
        self.write(f"{self.HEAD}postfix/qmgr[7]: Q0000002: from=<c@other.example>, size=9, nrcpt=1 (queue active)\n")
        self.write(line(2))
        self.wait_for_rows(3)
        for words in (["Q0000001"], ["--recipient", "b0000001@dest.example"]):
            trace = self.rows("journal", "trace", *words)
            self.assertEqual([row["event"] for row in trace], ["decision", "delivery", "delivery"])
            self.assertEqual({row["sender"] for row in trace}, {"a@acme.example"})
            self.assertEqual({row["tenant"] for row in trace}, {"acme"})
            self.assertEqual([row["class"] for row in trace[1:]], ["greylisted", "accepted"])
        trace = self.rows("journal", "trace", "--sender", "a@acme.example")
        self.assertEqual(sorted(row["status"] for row in trace), ["accept", "deferred", "reject", "sent"])
        (other,) = self.rows("journal", "deliveries", "--queue-id", "Q0000002")
        self.assertEqual((other["sender"], other["tenant"]), ("c@other.example", ""))
        self.assertEqual(self.sql("SELECT queue_id FROM message"), [("Q0000002",)])
        self.assertEqual(self.ctl("journal", "trace", check=False).returncode, 1)

    def wait_for_status(self, name, count):
        wait_for(lambda: self.status().get(name, 0) >= count, f"{count} {name}")

    def test_status_tells_what_it_reads_and_how_far_it_is(self):
        self.write(line(0))
        self.start()
        self.wait_for_rows(1)
        wait_for(lambda: self.status().get("lines") == 1, "the figures of the last turn")
        status = self.status()
        self.assertEqual((status["source"], status["lag_bytes"]), (self.log, 0))
        self.assertEqual(status["last_line"], "2026-11-24T13:18:03Z")
        parts = json.loads(self.ctl("status", "--json", check=False).stdout)["parts"]
        self.assertEqual([part["well"] for part in parts if part["part"] in ("tracker", "journal")], [True, True])
        self.stop()
        parts = json.loads(self.ctl("status", "--json", check=False).stdout)["parts"]
        self.assertEqual([part["well"] for part in parts if part["part"] == "tracker"], [False])

    def test_an_idle_log_costs_no_write(self):
        self.write(line(0))
        self.start()
        self.wait_for_rows(1)
        wait_for(lambda: self.status().get("lines") == 1, "the turn's end")
        before = os.stat(f"{self.journal}-wal").st_mtime_ns
        time.sleep(1)  # some turns
        self.assertEqual(os.stat(f"{self.journal}-wal").st_mtime_ns, before)


if __name__ == "__main__":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    unittest.main()

# SPDX-License-Identifier: BSD-2-Clause
"""No state of failure opens the relay: whatever is down or broken, a client sees 4xx or its own refusal."""

import os
import shutil
import sqlite3
import time
import unittest

from harness import wait_for
from scene import ALPHA, ALPHA_IP, STRANGER, RelayCase

ATTEMPTS = (  # source, envelope sender, header From
    (ALPHA, "a@alpha.example", "a@alpha.example"),
    (ALPHA, "", "a@alpha.example"),
    (ALPHA, "a@beta.example", "a@beta.example"),
    (STRANGER, "a@alpha.example", "a@alpha.example"),
    (STRANGER, "a@nobody.example", "a@nobody.example"),
    (STRANGER, "", "a@alpha.example"),
)


class FailClosed(RelayCase):
    def assert_nothing_passes(self):
        marks = []
        for source, sender, author in ATTEMPTS:
            marks.append(self.mark())
            reply = self.relay.send(source, sender, marks[-1], author=author)
            self.assertIn(reply.code // 100, (4,), f"{source} <{sender}>: {reply}")
        for mark in marks:
            self.assertEqual(self.relay.sink.of(mark), [])

    def assert_mends_itself(self):
        """Once the fault is gone mail flows again, without anybody's help."""

        def flows():
            mark = self.mark()
            if self.relay.send(ALPHA, "a@alpha.example", mark).code != 250:
                return None
            return self.relay.sink.wait(mark)

        self.assertEqual(wait_for(flows, 30, "mail to flow again")[0].source, ALPHA_IP)
        self.assertEqual(self.relay.send(STRANGER, "a@alpha.example", self.mark()).code, 550)

    def part_down(self, *names):
        for name in names:
            self.relay.parts[name].stop()
        try:
            self.assert_nothing_passes()
        finally:
            for name in names:
                self.relay.parts[name].start()
        self.assert_mends_itself()

    def test_mapd_down(self):
        self.relay.parts["mapd"].stop()
        try:
            for source, sender, author in ATTEMPTS:
                mark = self.mark()
                reply = self.relay.send(source, sender, mark, author=author)
                self.assertIn(reply.code // 100, (4, 5), str(reply))  # the tenant filter refuses strangers for good
                if (source, sender) in ((ALPHA, "a@alpha.example"), (ALPHA, "")):
                    self.assertEqual(reply.code, 451, str(reply))
                self.assertEqual(self.relay.sink.of(mark), [])
        finally:
            self.relay.parts["mapd"].start()
        self.assert_mends_itself()

    def test_milter_down(self):
        self.part_down("milter")

    def test_mapd_and_milter_down(self):
        self.part_down("mapd", "milter")

    def test_queued_mail_stays_queued_while_mapd_is_down(self):
        mark = self.mark()
        self.relay.sink.stop()
        self.assertEqual(self.relay.send(ALPHA, "a@alpha.example", mark).code, 250)
        self.relay.parts["mapd"].stop()
        time.sleep(31)  # for so long Postfix may use an answer again
        self.relay.sink.start()
        try:
            for _ in range(3):
                self.relay.flush()
                self.assertEqual(self.relay.sink.wait(mark, seconds=1), [])
            self.assertEqual(len(self.relay.queue()), 1)
        finally:
            self.relay.parts["mapd"].start()
        self.relay.drain()
        self.assertEqual([delivery.source for delivery in self.relay.sink.of(mark)], [ALPHA_IP])

    def test_milter_hangs(self):
        """The milter's default action counts for a silent one too, after its time limit."""
        process = self.relay.parts["milter"].process
        self.relay.postconf("milter_connect_timeout=2s", "milter_command_timeout=2s", "milter_content_timeout=2s")
        os.kill(process.pid, 19)
        try:
            for source, sender, author in ATTEMPTS[:2]:
                mark = self.mark()
                reply = self.relay.send(source, sender, mark, author=author)
                self.assertEqual(reply.code, 451, str(reply))
                self.assertEqual(self.relay.sink.of(mark), [])
        finally:
            os.kill(process.pid, 18)
        self.assert_mends_itself()

    def database_broken(self, break_it):
        """Breaks a database that has been moved aside as a whole, and puts it back afterwards."""
        folder = os.path.dirname(self.relay.database)
        aside = folder + ".aside"
        shutil.copytree(folder, aside)
        for name in os.listdir(aside):
            shutil.chown(os.path.join(aside, name), self.relay.user, "nogroup")
        try:
            break_it(folder)
            self.assert_nothing_passes()
        finally:
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
            for name in os.listdir(aside):
                os.rename(os.path.join(aside, name), os.path.join(folder, name))
            os.rmdir(aside)
        self.assert_mends_itself()

    def test_database_missing(self):
        def remove(folder):
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))

        self.database_broken(remove)

    def test_database_replaced_by_a_corrupt_one(self):
        """A bad restore, under the running programs."""

        def replace(folder):
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
            with open(self.relay.database, "wb") as file:
                file.write(b"SQLite format 3\0" + os.urandom(100000))
            shutil.chown(self.relay.database, self.relay.user, "nogroup")

        self.database_broken(replace)

    def test_database_corrupt_at_start(self):
        """All pages but the first are rubbish, so that it opens well."""
        for part in self.relay.parts.values():
            part.stop()

        def scribble(_folder):
            with sqlite3.connect(self.relay.database) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                (page,) = database.execute("PRAGMA page_size").fetchone()
            database.close()
            with open(self.relay.database, "rb+") as file:
                file.seek(page)
                file.write(os.urandom(os.path.getsize(self.relay.database) - page))
            for part in self.relay.parts.values():
                part.start()

        self.database_broken(scribble)

    def test_database_empty(self):
        def empty(folder):
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
            with open(self.relay.database, "wb"):
                pass
            shutil.chown(self.relay.database, self.relay.user, "nogroup")

        self.database_broken(empty)

    def test_database_of_another_schema(self):
        def replace(folder):
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
            other = sqlite3.connect(self.relay.database)
            other.execute("CREATE TABLE tenant (id INTEGER, name TEXT)")
            other.close()
            shutil.chown(self.relay.database, self.relay.user, "nogroup")

        self.database_broken(replace)

    def test_database_locked(self):
        """A lock that keeps readers out too; WAL grants one only while nobody has the file open."""
        for part in self.relay.parts.values():
            part.stop()
        blocker = sqlite3.connect(self.relay.database, isolation_level=None)
        blocker.execute("PRAGMA locking_mode = EXCLUSIVE")
        blocker.execute("BEGIN EXCLUSIVE")
        try:
            for part in self.relay.parts.values():
                part.start()
            self.assert_nothing_passes()
        finally:
            blocker.execute("ROLLBACK")
            blocker.close()
        self.assert_mends_itself()

    def test_a_writer_that_never_ends_stops_nobody(self):
        blocker = sqlite3.connect(self.relay.database, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        try:
            self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example")
        finally:
            blocker.execute("ROLLBACK")
            blocker.close()


if __name__ == "__main__":
    unittest.main()

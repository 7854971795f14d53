# SPDX-License-Identifier: BSD-2-Clause
"""Signatures missing, malformed, replaced, half replaced, and replaced under load."""

import os
import signal
import threading
import unittest

import mails
from mails import mixed, part, plain
from scanner import EICAR_HEX, Scanner, eicar

INFECTED = mixed(part(mails.zipped(eicar())))
OTHER = b"a signature that comes later"
MANY = "".join("Many-%d:0:*:%s\n" % (number, (b"%032d" % number).hex()) for number in range(100))


def line(name, text):
    return "%s:0:*:%s\n" % (name, text.hex())


class Signatures(unittest.TestCase):
    def scanner(self, **settings):
        scanner = Scanner(**settings)
        self.addCleanup(scanner.stop)
        return scanner

    def assert_serves(self, scanner):
        self.assertEqual(scanner.scan(plain()).verdict, "clean")
        self.assertEqual(scanner.scan(INFECTED).verdict, "infected")

    def assert_nothing_passes(self, scanner):
        scanner.wait_for(lambda status: status["state"] == "failed")
        for message in (plain(), INFECTED):
            answer = scanner.scan(message)
            self.assertEqual(answer.verdict, "unknown", answer)
            self.assertLess(answer.seconds, 2)
        self.assertIn("ALARM", scanner.log())

    def test_none_at_the_start_then_some(self):
        scanner = self.scanner(signatures=False, wait=False)
        self.assert_nothing_passes(scanner)
        scanner.write_signatures()
        scanner.wait_for(lambda status: status["state"] == "serving")
        self.assert_serves(scanner)

    def test_no_directory_at_the_start(self):
        self.assert_nothing_passes(self.scanner(wait=False, database_directory="/nonexistent"))

    def test_malformed_at_the_start(self):
        scanner = self.scanner(signatures=False, wait=False)
        scanner.replace("bad.ndb", "this is:no signature\n")
        self.assert_nothing_passes(scanner)

    def test_signatures_that_miss_the_canary(self):
        scanner = self.scanner(signatures=False, wait=False)
        scanner.replace("other.ndb", line("Other", OTHER))
        scanner.wait_until(lambda: "missed the canary" in scanner.log(), "the alarm")
        self.assert_nothing_passes(scanner)

    def test_new_ones_are_seen_and_used(self):
        scanner = self.scanner(workers="2")
        self.assertEqual(scanner.scan(plain(OTHER)).verdict, "clean")
        scanner.replace("other.ndb", line("Other", OTHER))
        scanner.wait_for(lambda status: status["generation"] == 2)
        answer = scanner.scan(plain(OTHER))
        self.assertEqual((answer.signature, answer.generation), ("Other.UNOFFICIAL", 2))

    def test_reload_by_signal_and_by_command(self):
        scanner = self.scanner(reload_interval="1h")
        scanner.replace("other.ndb", line("Other", OTHER))
        scanner.process.send_signal(signal.SIGHUP)
        scanner.wait_for(lambda status: status["generation"] == 2)
        self.assertEqual(scanner.scan(plain(OTHER)).verdict, "infected")
        self.assertEqual(scanner.socketmap("command", "reload"), "OK loading")
        scanner.wait_for(lambda status: status["generation"] == 3)
        self.assert_serves(scanner)

    def keeps_the_old_ones(self, scanner, spoil):
        spoil()
        scanner.wait_for(lambda status: status["loads_failed"] > 0)
        self.assertIn("ALARM", scanner.log())
        self.assertEqual(scanner.status()["generation"], 1)
        self.assertTrue(scanner.status()["error"])
        self.assert_serves(scanner)

    def test_malformed_new_ones_leave_the_old(self):
        scanner = self.scanner()
        self.keeps_the_old_ones(scanner, lambda: scanner.replace("bad.ndb", "this is:no signature\n"))
        os.unlink(os.path.join(scanner.database, "bad.ndb"))
        scanner.wait_for(lambda status: status["generation"] > 1 and status["error"] is None)
        self.assert_serves(scanner)

    def test_removed_ones_leave_the_old(self):
        scanner = self.scanner()

        def remove():
            for name in os.listdir(scanner.database):
                os.unlink(os.path.join(scanner.database, name))

        self.keeps_the_old_ones(scanner, remove)

    def test_half_replaced_ones_leave_the_old(self):
        scanner = self.scanner(signatures=False, wait=False)
        scanner.write_signatures(extra=MANY)
        scanner.wait_for(lambda status: status["state"] == "serving")
        first = scanner.status()["generation"]
        scanner.write_signatures()
        scanner.wait_for(lambda status: status["loads_failed"] > 0 and status["error"])
        self.assertIn("signatures where there were", scanner.log())
        self.assertEqual(scanner.status()["generation"], first)
        self.assert_serves(scanner)
        scanner.write_signatures(extra=MANY + line("Other", OTHER))
        scanner.wait_for(lambda status: status["generation"] > first)
        self.assertEqual(scanner.scan(plain(OTHER)).verdict, "infected")

    def test_a_cut_file_leaves_the_old(self):
        scanner = self.scanner()
        self.keeps_the_old_ones(scanner, lambda: scanner.replace("test.hdb", "0123456789abcdef:12"))

    def test_new_ones_that_miss_the_canary_leave_the_old(self):
        scanner = self.scanner()
        self.keeps_the_old_ones(scanner, lambda: scanner.replace("test.ndb", line("Other", OTHER)))

    def test_no_message_is_unscanned_or_refused_during_reloads(self):
        scanner = self.scanner(workers="2")
        verdicts = {True: set(), False: set()}
        counts = [0]
        done = threading.Event()

        def flood():
            while not done.is_set():
                for infected in (False, True):
                    verdicts[infected].add(scanner.scan(INFECTED if infected else plain()).verdict)
                counts[0] += 1

        threads = [threading.Thread(target=flood) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for number in range(2, 7):
                scanner.replace("other.ndb", MANY + line("Other-%d" % number, OTHER + b"%d" % number))
                scanner.wait_for(lambda status: status["generation"] >= number)
        finally:
            done.set()
            for thread in threads:
                thread.join()
        self.assertEqual(verdicts, {True: {"infected"}, False: {"clean"}})
        self.assertGreater(counts[0], 20)
        self.assertEqual(scanner.status()["workers_lost"], 0)

    def test_retired_generations_are_gone(self):
        scanner = self.scanner(workers="2")
        for number in range(2, 5):
            scanner.socketmap("command", "reload")
            scanner.wait_for(lambda status: status["generation"] == number)
        scanner.wait_until(lambda: len(scanner.processes()) == 1 and len(scanner.workers()) == 2,
                           "old loaders and workers to end")


if __name__ == "__main__":
    unittest.main(verbosity=1)

# SPDX-License-Identifier: BSD-2-Clause
"""Every fault that is made to happen ends in `unknown` or `busy`, in time, and in nothing else."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import unittest

import mails
from mails import mixed, part, plain
from scanner import ANSWER, REQUEST, Scanner, eicar, sealed

BOUND = 5.5
INFECTED = mixed(part(mails.zipped(eicar())))


class Fault(unittest.TestCase):
    def scanner(self, **settings):
        scanner = Scanner(**settings)
        self.addCleanup(scanner.stop)
        return scanner

    def tmpfs(self, options, **settings):
        """A scanner without namespaces, whose workers' directories are on a tmpfs with these options."""
        scanner = self.scanner(namespaces="off", temp_bytes="131072", **settings)
        before = scanner.status()["generation"]
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0777," + options, "test", scanner.temp], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", scanner.temp], check=True)
        scanner.socketmap("command", "reload")
        scanner.wait_for(lambda status: status["generation"] > before and not status["loading"])
        return scanner

    def assert_unknown(self, answer, why=""):
        self.assertEqual(answer.verdict, "unknown", answer)
        self.assertIn(why, answer.why)
        self.assertLess(answer.seconds, BOUND)

    def assert_recovers(self, scanner):
        scanner.wait_for(lambda status: status["state"] == "serving" and not status["loading"])
        self.assertEqual(scanner.scan(plain()).verdict, "clean")
        self.assertEqual(scanner.scan(INFECTED).verdict, "infected")


class TemporaryFiles(Fault):
    def test_a_missing_directory(self):
        scanner = self.scanner(namespaces="off")
        for name in os.listdir(scanner.temp):
            shutil.rmtree(os.path.join(scanner.temp, name))
        for message in (plain(), INFECTED):
            self.assert_unknown(scanner.scan(message), "not there")

    def test_no_directory_at_the_start(self):
        scanner = self.scanner(wait=False, namespaces="off", temp_directory="/nonexistent")
        scanner.wait_for(lambda status: status["state"] == "failed")
        self.assert_unknown(scanner.scan(plain()), "/nonexistent")

    def test_no_space(self):
        scanner = self.tmpfs("size=1m")
        self.assertEqual(scanner.scan(plain()).verdict, "clean")
        with open(os.path.join(scanner.temp, "filler"), "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        for message in (plain(), INFECTED):
            self.assert_unknown(scanner.scan(message), "no space")

    def test_no_inodes(self):
        scanner = self.tmpfs("size=1m,nr_inodes=400")
        self.assertEqual(scanner.scan(plain()).verdict, "clean")
        try:
            for number in range(1000):
                open(os.path.join(scanner.temp, "filler%d" % number), "wb").close()
        except OSError:
            pass
        for message in (plain(), INFECTED):
            self.assert_unknown(scanner.scan(message), "no inodes")

    def test_a_worker_that_lost_its_directory_misses_the_canary_and_is_replaced(self):
        scanner = self.scanner(namespaces="off", canary_interval="200ms")
        before = scanner.workers()
        for name in os.listdir(scanner.temp):
            shutil.rmtree(os.path.join(scanner.temp, name))
        scanner.wait_for(lambda status: status["canaries_missed"] == 1 and status["workers"] == 1)
        self.assertNotEqual(scanner.workers(), before)
        self.assertIn("ALARM", scanner.log())
        self.assert_recovers(scanner)

    def test_a_killed_worker_leaves_nothing_behind(self):
        scanner = self.scanner(namespaces="off")
        worker = scanner.workers()[0]
        with open(os.path.join(scanner.temp, "worker-%d" % worker, "rest"), "wb") as file:
            file.write(bytes(1000))
        os.kill(worker, signal.SIGKILL)
        scanner.wait_until(lambda: not os.path.exists(os.path.join(scanner.temp, "worker-%d" % worker)),
                           "the directory to go")


class Workers(Fault):
    def stopped(self, scanner):
        worker = scanner.workers()[0]
        os.kill(worker, signal.SIGSTOP)
        return worker

    def test_killed_during_a_scan(self):
        scanner = self.scanner()
        worker = self.stopped(scanner)
        connection = scanner.send(plain())
        scanner.wait_for(lambda status: status["busy"] == 1)
        os.kill(worker, signal.SIGKILL)
        self.assert_unknown(scanner.take(connection), "ended during the scan")
        self.assertIn("ALARM", scanner.log())
        self.assert_recovers(scanner)

    def test_hung(self):
        scanner = self.scanner(timeout="1s")
        self.stopped(scanner)
        answer = scanner.scan(plain())
        self.assert_unknown(answer, "too long")
        self.assertLess(answer.seconds, 1.5)
        self.assert_recovers(scanner)

    def test_the_end_of_one_does_not_touch_the_others(self):
        scanner = self.scanner(workers="2")
        workers = scanner.workers()
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        connections = [scanner.send(INFECTED), scanner.send(INFECTED)]
        scanner.wait_for(lambda status: status["busy"] == 2)
        os.kill(workers[0], signal.SIGKILL)
        os.kill(workers[1], signal.SIGCONT)
        answers = [scanner.take(connection).verdict for connection in connections]
        self.assertEqual(sorted(answers), ["infected", "unknown"])

    def test_killed_while_idle(self):
        scanner = self.scanner()
        os.kill(scanner.workers()[0], signal.SIGKILL)
        scanner.wait_for(lambda status: status["workers_lost"] == 1 and status["workers"] == 1)
        self.assert_recovers(scanner)

    def test_out_of_memory(self):
        scanner = self.scanner(memory_bytes="16777216")
        self.assertEqual(scanner.scan(plain()).verdict, "clean")
        self.assert_unknown(scanner.scan(plain(b"x" * 30_000_000)))
        self.assert_unknown(scanner.scan(plain(b"x" * 10_000_000)))
        self.assert_recovers(scanner)

    def test_the_loader_killed(self):
        scanner = self.scanner()
        os.kill(scanner.processes()[0], signal.SIGKILL)
        scanner.wait_for(lambda status: status["generation"] == 2)
        self.assertIn("ALARM", scanner.log())
        self.assert_recovers(scanner)


class Load(Fault):
    def test_messages_wait_for_a_worker(self):
        scanner = self.scanner(workers="2")
        connections = [scanner.send(plain(b"%d" % number)) for number in range(60)]
        self.assertEqual({scanner.take(connection).verdict for connection in connections}, {"clean"})

    def test_those_that_waited_too_long_are_told_busy(self):
        scanner = self.scanner(queue_timeout="300ms", timeout="3s")
        os.kill(scanner.workers()[0], signal.SIGSTOP)
        first, second = scanner.send(plain()), scanner.send(plain())
        scanner.wait_for(lambda status: status["queue"] == 1)
        answer = scanner.take(second)
        self.assertEqual(answer.verdict, "busy")
        self.assertLess(answer.seconds, 1)
        self.assert_unknown(scanner.take(first))

    def test_more_than_may_wait_are_told_busy_at_once(self):
        scanner = self.scanner(queue_limit="3", timeout="2s")
        os.kill(scanner.workers()[0], signal.SIGSTOP)
        connections = [scanner.send(plain()) for _ in range(6)]
        last = [scanner.take(connection) for connection in connections[4:]]
        self.assertEqual([answer.verdict for answer in last], ["busy", "busy"])
        self.assertEqual((scanner.status()["queue"], scanner.status()["queue_limit"]), (3, 3))
        self.assertEqual([scanner.take(connection).verdict for connection in connections[:4]],
                         ["unknown", "clean", "clean", "clean"])

    def test_a_client_that_goes_away_leaves_the_queue(self):
        scanner = self.scanner(timeout="3s")
        worker = scanner.workers()[0]
        os.kill(worker, signal.SIGSTOP)
        connections = [scanner.send(plain()) for _ in range(3)]
        scanner.wait_for(lambda status: status["queue"] == 2)
        for connection in connections:
            connection.close()
        scanner.wait_for(lambda status: status["queue"] == 0)
        os.kill(worker, signal.SIGCONT)
        self.assert_recovers(scanner)

    def test_a_message_being_scanned_at_the_end_gets_its_answer(self):
        scanner = self.scanner(timeout="3s")
        worker = scanner.workers()[0]
        os.kill(worker, signal.SIGSTOP)
        first, second = scanner.send(INFECTED), scanner.send(INFECTED)
        scanner.wait_for(lambda status: status["queue"] == 1)
        os.killpg(scanner.process.pid, signal.SIGTERM)
        self.assertEqual(scanner.take(second).verdict, "busy")
        os.kill(worker, signal.SIGCONT)
        self.assertEqual(scanner.take(first).verdict, "infected")
        self.assertEqual(scanner.process.wait(10), 0)


class Requests(Fault):
    def exchange(self, scanner, request, fds):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(scanner.settings["socket"])
            socket.send_fds(connection, [request], fds)
            return connection.recv(ANSWER.size)

    def test_a_message_that_can_still_be_changed(self):
        scanner = self.scanner()
        self.assert_unknown(scanner.scan(sealed(plain(), fcntl.F_SEAL_SHRINK)), "sealed")
        with open(scanner.path("file"), "wb") as file:
            file.write(plain())
        self.assert_unknown(scanner.scan(os.open(scanner.path("file"), os.O_RDONLY)), "sealed")

    def test_a_message_that_is_too_large(self):
        scanner = self.scanner(max_message_bytes="100000")
        self.assert_unknown(scanner.scan(plain(bytes(100001))), "more than")

    def test_an_empty_message(self):
        self.assert_unknown(self.scanner().scan(b""), "empty")

    def test_requests_that_are_none(self):
        scanner = self.scanner()
        self.assertEqual(self.exchange(scanner, b"x", []), b"")
        self.assertEqual(self.exchange(scanner, bytes(REQUEST.size - 1), []), b"")
        self.assertEqual(ANSWER.unpack(self.exchange(scanner, REQUEST.pack(1, 0, 0, b""), []))[1], 4)
        self.assertEqual(ANSWER.unpack(self.exchange(scanner, REQUEST.pack(9, 0, 0, b""),
                                                     [sealed(plain())]))[1], 4)
        self.assert_recovers(scanner)

    def test_a_client_may_not_pose_as_the_canary(self):
        scanner = self.scanner()
        answer = ANSWER.unpack(self.exchange(scanner, REQUEST.pack(1, 1, 1, b"x" * 64), [sealed(plain())]))
        self.assertEqual(answer[1], 1)
        self.assertEqual(scanner.status()["verdicts"]["clean"], 1)

    def test_silent_clients_do_not_keep_others_out(self):
        scanner = self.scanner(queue_limit="1")
        silent = []
        for _ in range(100):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(scanner.settings["socket"])
            silent.append(connection)
        for _ in range(5):
            self.assertEqual(scanner.scan(plain()).verdict, "clean")
        self.assertEqual(silent[0].recv(1), b"")
        for connection in silent:
            connection.close()


if __name__ == "__main__":
    unittest.main(verbosity=1)

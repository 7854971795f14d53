# SPDX-License-Identifier: BSD-2-Clause
"""What a worker has and has not, seen from outside."""

import os
import pwd
import unittest

from mails import plain
from scanner import Scanner


def status_of(pid):
    with open("/proc/%d/status" % pid) as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def namespace(pid, kind):
    return os.readlink("/proc/%s/ns/%s" % (pid, kind))


class Jail(unittest.TestCase):
    def scanner(self, **settings):
        scanner = Scanner(**settings)
        self.addCleanup(scanner.stop)
        return scanner, scanner.workers()[0]

    def test_workers_have_no_rights(self):
        _, worker = self.scanner()
        status = status_of(worker)
        self.assertEqual(status["Uid"].split(), [str(pwd.getpwnam("nobody").pw_uid)] * 4)
        self.assertEqual((int(status["CapEff"], 16), int(status["CapPrm"], 16)), (0, 0))
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))

    def test_workers_see_no_files(self):
        scanner, worker = self.scanner(namespaces="required")
        self.assertEqual(os.listdir("/proc/%d/root" % worker), ["tmp"])
        for kind in ("mnt", "net", "ipc", "user"):
            self.assertNotEqual(namespace(worker, kind), namespace("self", kind))
        self.assertTrue(scanner.status()["jail"]["own_tmpfs"])

    def test_workers_hold_no_descriptors_but_their_socket(self):
        _, worker = self.scanner()
        directory = "/proc/%d/fd" % worker
        kinds = sorted(os.readlink(os.path.join(directory, fd)).split(":")[0] for fd in os.listdir(directory))
        self.assertEqual([kind for kind in kinds if kind == "socket"], ["socket"])
        self.assertEqual(len(kinds), 4)

    def test_workers_leave_no_files_in_their_tmpfs(self):
        scanner, worker = self.scanner(namespaces="required")
        scanner.scan(plain())
        self.assertEqual(os.listdir("/proc/%d/root/tmp" % worker), [])

    def test_status_tells_when_there_are_no_namespaces(self):
        scanner, worker = self.scanner(namespaces="off")
        jail = scanner.status()["jail"]
        self.assertFalse(jail["own_tmpfs"] or jail["no_network"])
        self.assertTrue(jail["seccomp"] and jail["limits"])
        self.assertEqual(namespace(worker, "mnt"), namespace("self", "mnt"))
        self.assertEqual(scanner.scan(plain()).verdict, "clean")

    def test_the_scanner_itself_is_not_root(self):
        scanner, _ = self.scanner()
        for pid in [scanner.process.pid] + scanner.processes():
            self.assertNotIn("0", status_of(pid)["Uid"].split())


if __name__ == "__main__":
    unittest.main(verbosity=1)

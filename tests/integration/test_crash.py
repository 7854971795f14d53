# SPDX-License-Identifier: BSD-2-Clause
"""kill -9 of each part in the midst of traffic: what was accepted arrives, from the right address only."""

import os
import signal
import threading
import time
import unittest

from harness import wait_for
from scene import ALPHA, ALPHA_IP, BETA, BETA_IPS, SHARED, GAMMA_IP, RelayCase

SENDERS = (  # source, envelope sender, header From, where it must leave from
    (ALPHA, "a@alpha.example", "a@alpha.example", (ALPHA_IP,)),
    (BETA, "b@beta.example", "b@beta.example", BETA_IPS),
    (BETA, "", "b@beta.example", BETA_IPS),
    (SHARED, "", "g@gamma.example", (GAMMA_IP,)),
)


class Traffic:
    """Clients that send one message after the other until stopped, and try again like servers do."""

    def __init__(self, relay, name):
        self.relay = relay
        self.name = name
        self.accepted = {}  # mark: where it must leave from
        self.refused = []
        self.running = True
        self.threads = [threading.Thread(target=self._send, args=(n, *who)) for n, who in enumerate(SENDERS)]
        for thread in self.threads:
            thread.start()

    def _send(self, lane, source, sender, author, sources):
        number = 0
        while self.running:
            number += 1
            mark = f"{self.name}-{lane}-{number}"
            try:
                reply = self.relay.send(source, sender, mark, author=author)
            except (ConnectionError, TimeoutError):
                time.sleep(0.05)
                continue
            if reply.code == 250:
                self.accepted[mark] = sources
            else:
                self.refused.append(reply)
                time.sleep(0.05)

    def flow(self, count=6):
        """Returns when so many more were accepted, while it goes on."""
        goal = len(self.accepted) + count
        wait_for(lambda: len(self.accepted) >= goal, 60, f"{count} messages to be accepted")

    def stop(self):
        self.running = False
        for thread in self.threads:
            thread.join()


class Crash(RelayCase):
    def setUp(self):
        """New smtpd processes: one that could not look an address up keeps that in mind for a while."""
        super().setUp()
        old = self.relay.postfix_children("smtpd")
        self.relay.reload()
        wait_for(lambda: not set(old) & set(self.relay.postfix_children("smtpd")), what="the old smtpd to end")

    def survives(self, crash, times=3):
        traffic = Traffic(self.relay, self._testMethodName)
        try:
            for _ in range(times):
                traffic.flow()
                crash()
            traffic.flow()
        finally:
            traffic.stop()
        self.relay.drain(120)
        self.assertEqual([str(reply) for reply in traffic.refused if reply.code // 100 != 4], [])
        wrong = [
            (delivery.mark, delivery.source)
            for delivery in self.relay.sink.deliveries()
            if delivery.mark in traffic.accepted and delivery.source not in traffic.accepted[delivery.mark]
        ]
        self.assertEqual(wrong, [])
        arrived = {delivery.mark for delivery in self.relay.sink.deliveries()}
        self.assertEqual(set(traffic.accepted) - arrived, set())

    def crash_part(self, name):
        self.relay.parts[name].kill()
        time.sleep(0.4)
        self.relay.parts[name].start()

    def crash_postfix_service(self, program):
        """kill -9 of the children of this relay's own Postfix master that run the program."""
        for pid in self.relay.postfix_children(program):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def test_milter_killed(self):
        self.survives(lambda: self.crash_part("milter"))

    def test_mapd_killed(self):
        self.survives(lambda: self.crash_part("mapd"))

    def test_milter_restarted_in_the_orderly_way_refuses_nobody(self):
        """SIGUSR2: a successor takes the sockets, running sessions end with the old process."""
        milter = self.relay.parts["milter"]
        traffic = Traffic(self.relay, self._testMethodName)
        try:
            for _ in range(3):
                traffic.flow()
                milter.hand_over()
            traffic.flow()
        finally:
            traffic.stop()
        self.assertEqual(traffic.refused, [])
        self.relay.drain(60)
        arrived = {delivery.mark for delivery in self.relay.sink.deliveries()}
        self.assertEqual(set(traffic.accepted) - arrived, set())

    def test_queue_manager_killed(self):
        self.survives(lambda: self.crash_postfix_service("qmgr"))

    def test_cleanup_killed(self):
        self.survives(lambda: self.crash_postfix_service("cleanup"))

    def test_delivery_agents_killed(self):
        self.survives(lambda: self.crash_postfix_service("smtp"))

    def test_trivial_rewrite_killed(self):
        self.survives(lambda: self.crash_postfix_service("trivial-rewrite"))

    def test_everything_killed(self):
        def crash():
            for part in self.relay.parts.values():
                part.kill()
            self.relay.kill_postfix()
            time.sleep(0.2)
            for part in self.relay.parts.values():
                part.start()
            self.relay.postfix("start")

        self.survives(crash, times=2)


if __name__ == "__main__":
    unittest.main()

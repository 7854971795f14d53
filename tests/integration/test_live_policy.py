# SPDX-License-Identifier: BSD-2-Clause
"""Policy that changes under load: each message is decided by one whole state of it, old or new."""

import re
import sqlite3
import threading
import time
import unittest

from scene import ALPHA, ALPHA_IP, DELTA_IP, RelayCase


class LivePolicy(RelayCase):
    """Alpha changes, in one transaction at a time, between two states:
    strict: foreign From refused, egress group green; lax: foreign From let through, group white.
    The null sender's transport is chosen with the same policy as its From is judged by, so a message
    with a foreign From that was let through and left from green was decided by half of each."""

    STRICT = ("enforce", "green")
    LAX = ("off", "white")

    def switch(self, state):
        """Gives the generation that the change made."""
        policy, group = state
        database = sqlite3.connect(self.relay.database, timeout=20)
        try:
            with database:
                database.execute(
                    "UPDATE tenant SET egress_group_id = (SELECT id FROM egress_group WHERE name = ?)"
                    " WHERE name = 'alpha'",
                    (group,),
                )
                database.execute(
                    "INSERT INTO setting (tenant_id, name, value) SELECT id, 'from.policy', ? FROM tenant"
                    " WHERE name = 'alpha' ON CONFLICT DO UPDATE SET value = excluded.value",
                    (policy,),
                )
                (generation,) = database.execute("SELECT value FROM generation").fetchone()
            return generation
        finally:
            database.close()

    def test_no_message_is_decided_by_half_old_policy(self):
        committed = {self.switch(self.STRICT): self.STRICT}
        results = []
        stop = threading.Event()

        def send(lane):
            number = 0
            with self.relay.session(ALPHA) as session:
                from smtp import message

                while not stop.is_set():
                    number += 1
                    mark = f"live-{lane}-{number}"
                    data = message("ceo@beta.example", mark)
                    reply = session.transaction("", ["x@dest.example"], data)
                    results.append((mark, reply.code))

        threads = [threading.Thread(target=send, args=(lane,)) for lane in range(4)]
        for thread in threads:
            thread.start()
        for turn in range(60):
            state = self.LAX if turn % 2 == 0 else self.STRICT
            committed[self.switch(state)] = state
            time.sleep(0.05)
        stop.set()
        for thread in threads:
            thread.join()
        self.relay.drain()

        codes = {code for _, code in results}
        self.assertEqual(codes, {250, 550})  # both states were met
        for mark, code in results:
            sources = [delivery.source for delivery in self.relay.sink.of(mark)]
            self.assertEqual(sources, [DELTA_IP] if code == 250 else [], mark)

        lines = re.findall(r"^.*\bdecision id=.*$", self.relay.log_of("milter"), re.MULTILINE)
        decided = [line for line in lines if f"client={ALPHA}" in line]
        self.assertGreaterEqual(len(decided), len(results))
        for line in decided[-len(results) :]:
            generation = int(re.search(r"\bgeneration=(\d+)", line)[1])
            self.assertIn(generation, committed, line)
            verdict = re.search(r"\bverdict=(\w+)", line)[1]
            self.assertEqual(verdict, "accept" if committed[generation] == self.LAX else "reject", line)

    def test_suspending_stops_the_next_message(self):
        self.switch(self.STRICT)
        self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example")
        self.relay.set_state("alpha", "suspended")
        self.addCleanup(self.relay.set_state, "alpha", "active")
        self.assert_refused(self.relay.send(ALPHA, "a@alpha.example", self.mark()), 451, "4.7.1")


if __name__ == "__main__":
    unittest.main()

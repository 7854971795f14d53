# SPDX-License-Identifier: BSD-2-Clause
"""Receivers that turn one egress address away: what they say moves its mail to the others, and none is lost."""

import unittest
from collections import Counter

from dns_lists import ListsZone, serve
from harness import Relay, wait_for
from receiver import Receiver
from scene import BETA, BETA_IPS, populate

BLAMED, OTHER = BETA_IPS
REFUSAL = "450 4.7.1 [{client}] has been blocked due to its poor reputation"


class Script:
    """Refuses the blamed address at strict.example, for a while; greylists everybody at grey.example."""

    def __init__(self):
        self.strict = True
        self.seen = set()

    def __call__(self, recipient, client):
        domain = recipient.rpartition("@")[2]
        if domain == "strict.example" and self.strict and client == BLAMED:
            return REFUSAL.format(client=client)
        if domain == "grey.example" and (client, recipient) not in self.seen:
            self.seen.add((client, recipient))
            return "451 4.7.1 Greylisted, try again later"
        return None


class Receivers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.zone = ListsZone()
        cls.server = serve(cls.zone)
        cls.addClassCleanup(cls.server.close)
        settings = {"dns.servers": f"127.0.0.1@{cls.server.port}", "monitor.interval": "500ms",
                    "monitor.confirm_interval": "200ms", "monitor.clean_looks": "3", "monitor.refusal_least": "5",
                    "monitor.refusal_window": "60s"}
        cls.relay = Relay(parts=("mapd", "milter", "tracker", "monitor"), settings=settings)
        cls.script = Script()
        cls.relay.sink = Receiver(cls.script)
        cls.addClassCleanup(cls.relay.stop)
        cls.relay.start()
        populate(cls.relay)
        cls.relay.use_milters(("tenant", "egress"))
        cls.relay.sql("DELETE FROM blocklist")
        for address, name in cls.relay.sql("SELECT address, helo_name FROM egress_ip"):
            cls.zone.add_reverse(address, name)
        wait_for(lambda: cls.relay.sql("SELECT DISTINCT state FROM egress_ip") == [("active",)], 30, "all well")

    def which(self, sender):
        return self.relay.ctl("egress", "which", sender).stdout.split()[-1].rstrip(":").removeprefix("easymail-")

    def state(self, address):
        return self.relay.sql("SELECT state, reason FROM egress_ip WHERE address = ?", address)[0]

    def senders(self):
        """One for each address of the group."""
        found = {}
        for number in range(50):
            sender = f"user{number}@beta.example"
            found.setdefault(self.which(sender), sender)
            if len(found) == 2:
                return found[BLAMED], found[OTHER]
        raise AssertionError(f"one address only: {found}")

    def send(self, sender, mark, *recipients):
        reply = self.relay.send(BETA, sender, mark, recipients=recipients)
        self.assertEqual(reply.code, 250, str(reply))

    def test_mail_that_one_receiver_refuses_from_one_address_leaves_from_another_once(self):
        blamed, other = self.senders()
        self.send(blamed, "mild", *(f"r{number}@mild.example" for number in range(40)))
        for sender in (blamed, other):
            self.send(sender, f"grey-{sender}", "someone@grey.example")
        marks = [f"strict-{number}" for number in range(16)]
        for number, mark in enumerate(marks):
            self.send((blamed, other)[number % 2], mark, "someone@strict.example")
        wait_for(lambda: self.state(BLAMED)[0] == "limited", 40, f"{BLAMED} limited")
        self.assertIn("refused for its reputation by strict.example", self.state(BLAMED)[1])
        self.assertEqual(self.state(OTHER)[0], "active")
        self.assertEqual(self.which(blamed), OTHER)
        self.relay.drain(90)
        received = Counter((recipient, mark) for _, recipient, mark in self.relay.sink.received)
        self.assertEqual({key: count for key, count in received.items() if count != 1}, {})
        strict = {mark: client for client, recipient, mark in self.relay.sink.received if "strict" in recipient}
        self.assertEqual(strict, {mark: OTHER for mark in marks})
        self.assertEqual({client for client, _, mark in self.relay.sink.received if mark == "mild"}, {BLAMED})
        self.script.strict = False


if __name__ == "__main__":
    unittest.main()

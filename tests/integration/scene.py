# SPDX-License-Identifier: BSD-2-Clause
"""The tenants that most tests start from. Clients play 127.0.1.x and up, egress IPs 127.0.1x.y."""

import unittest

from harness import Relay

ALPHA, BETA = "127.0.1.10", "127.0.2.10"  # relay hosts
HELD, COMING, GONE = "127.0.3.10", "127.0.4.10", "127.0.6.10"
SHARED = "127.0.5.10"  # of gamma and delta
STRANGER = "127.0.99.1"
ALPHA_IP, GAMMA_IP, DELTA_IP, OWN_IP = "127.0.11.1", "127.0.13.1", "127.0.14.1", "127.0.15.1"
BETA_IPS = ("127.0.12.1", "127.0.12.2")


def populate(relay):
    """Two ordinary tenants, one in each other state, two that share a relay host."""
    relay.add_group("green", ALPHA_IP)
    relay.add_group("blue", *BETA_IPS)
    relay.add_group("red", GAMMA_IP)
    relay.add_group("white", DELTA_IP)
    relay.add_group("own", OWN_IP)  # of the provider's own mail
    relay.ctl("setting", "set", "egress.default_group", "own")
    relay.add_tenant("alpha", "green", ["alpha.example", "xn--mller-kva.example"], [ALPHA])
    relay.add_tenant("beta", "blue", ["beta.example"], [BETA])
    relay.add_tenant("held", "green", ["held.example"], [HELD], state="suspended")
    relay.add_tenant("coming", "green", ["coming.example"], [COMING], state="pending")
    relay.add_tenant("gone", "green", ["gone.example"], [GONE], state="closed")
    relay.add_tenant("gamma", "red", ["gamma.example"], [SHARED], shared=True)
    relay.add_tenant("delta", "white", ["delta.example"], [SHARED], shared=True)
    relay.apply()


class RelayCase(unittest.TestCase):
    """A test case with one relay for all its tests, populated once."""

    @classmethod
    def setUpClass(cls):
        cls.relay = Relay()
        cls.addClassCleanup(cls.relay.stop)
        cls.relay.start()
        populate(cls.relay)

    def run(self, result=None):
        """Of a test that fails, what the relay's parts said last is printed too."""
        before = len(result.failures) + len(result.errors) if result else 0
        super().run(result)
        if result and len(result.failures) + len(result.errors) > before:
            print(self.relay.last_words(), flush=True)
        return result

    def mark(self):
        """A word that no other message has."""
        RelayCase.count = getattr(RelayCase, "count", 0) + 1
        return f"{self.id().rpartition('.')[2]}-{RelayCase.count}"

    def assert_refused(self, reply, code, status):
        self.assertEqual((reply.code, reply.text.split()[0]), (code, status), str(reply))

    def assert_leaves_from(self, sources, source, sender, **parts):
        """The message is taken and arrives once, from one of `sources`; gives the delivery."""
        mark = self.mark()
        reply = self.relay.send(source, sender, mark, **parts)
        self.assertEqual(reply.code, 250, str(reply))
        delivered = self.relay.sink.wait(mark)
        self.assertEqual(len(delivered), 1, self.relay.maillog()[-2000:])
        self.assertIn(delivered[0].source, [sources] if isinstance(sources, str) else sources)
        return delivered[0]

    def let_postfix_forget(self):
        """The queue manager uses its last answer of the egress map for up to 30 s; another tenant's message
        takes that place. Call it while the sink is away, then nothing else can have been asked since, and what
        waits in the queue was tried with the new answer."""
        waiting = [entry["queue_id"] for entry in self.relay.queue()]
        reply = self.relay.send(SHARED, "other@gamma.example", self.mark())
        self.assertEqual(reply.code, 250)
        self.relay.wait_tried(reply.text.split()[-1])
        for queue_id in waiting:
            self.relay.wait_tried(queue_id, times=2)  # the first may have begun before

    def assert_never_arrives(self, mark):
        self.relay.drain()
        self.assertEqual(self.relay.sink.of(mark), [])

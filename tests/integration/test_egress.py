# SPDX-License-Identifier: BSD-2-Clause
"""Mail leaves from its group's address and from no other, also when addresses go down."""

import unittest

from harness import free_port
from sink import Sink
from scene import ALPHA, ALPHA_IP, BETA, BETA_IPS, RelayCase


class Egress(RelayCase):
    def tearDown(self):
        for address in (ALPHA_IP, *BETA_IPS):
            self.relay.set_ip(address, "active")
        self.relay.ctl("postfix", "rebind")

    def queued(self, source, sender, **parts):
        """A message that waits in the queue because the Internet is gone; its mark."""
        mark = self.mark()
        self.relay.drain()  # what has arrived may still wait for the receiver's word
        self.relay.sink.stop()
        self.addCleanup(self.relay.sink.start)
        self.assertEqual(self.relay.send(source, sender, mark, **parts).code, 250)
        self.assertEqual(len(self.relay.queue()), 1)
        return mark

    def internet_comes_back(self):
        self.let_postfix_forget()
        self.relay.sink.start()

    def reloads(self):
        return [line for line in self.relay.maillog().splitlines() if "/master[" in line and "reload" in line]

    def source_of(self, sender):
        return self.assert_leaves_from(BETA_IPS, BETA, sender).source

    def test_a_sender_keeps_its_ip(self):
        sources = {self.source_of("steady@beta.example") for _ in range(6)}
        self.assertEqual(len(sources), 1)
        spelled_otherwise = self.source_of("Steady@BETA.example")
        self.assertEqual({spelled_otherwise}, sources)

    def test_senders_are_spread_over_the_group(self):
        sources = {self.source_of(f"user{number}@beta.example") for number in range(20)}
        self.assertEqual(sources, set(BETA_IPS))

    def test_marking_an_ip_down_moves_queued_mail_without_a_reload(self):
        sender = "moved@beta.example"
        before = self.source_of(sender)
        mark = self.queued(BETA, sender)
        reloads = self.reloads()
        self.relay.ctl("egress", "down", before, "--reason", "test")
        self.internet_comes_back()
        self.relay.drain(90)
        (after,) = set(BETA_IPS) - {before}
        self.assertEqual([delivery.source for delivery in self.relay.sink.of(mark)], [after])
        self.assertEqual(self.reloads(), reloads)

    def test_null_senders_queued_mail_moves_too(self):
        before = self.assert_leaves_from(BETA_IPS, BETA, "", author="b@beta.example").source
        mark = self.queued(BETA, "", author="b@beta.example")
        reloads = self.reloads()
        self.relay.ctl("egress", "down", before)
        self.internet_comes_back()
        self.relay.drain(90)
        (after,) = set(BETA_IPS) - {before}
        self.assertEqual([delivery.source for delivery in self.relay.sink.of(mark)], [after])
        self.assertEqual(self.reloads(), reloads)

    def test_a_group_with_no_address_left_holds_its_mail(self):
        mark = self.queued(ALPHA, "a@alpha.example")
        self.relay.ctl("egress", "down", ALPHA_IP)
        self.internet_comes_back()
        self.relay.flush()
        self.assertEqual(self.relay.sink.wait(mark, seconds=3), [])
        self.assertEqual([entry["sender"] for entry in self.relay.queue()], ["a@alpha.example"])
        self.relay.ctl("egress", "up", ALPHA_IP)
        self.relay.drain(90)
        self.assertEqual([delivery.source for delivery in self.relay.sink.of(mark)], [ALPHA_IP])

    def test_ipv6_leaves_from_the_ipv6_address(self):
        internet = Sink(f"{self.relay.directory}/sink6", free_port(), "::1")
        internet.start()
        self.addCleanup(internet.stop)
        self.relay.add_group("six", "::1")
        self.relay.add_tenant("six", "six", ["six.example"], ["127.0.6.66"])
        self.relay.apply()
        nexthops = f"relayhost={internet.nexthop}", f"default_filter_nexthop={internet.nexthop}"
        former = [f"{name.partition('=')[0]}={self.relay.sink.nexthop}" for name in nexthops]
        self.relay.postconf(*nexthops)
        self.addCleanup(self.relay.postconf, *former)
        for sender in ("a@six.example", ""):
            mark = self.mark()
            reply = self.relay.send("127.0.6.66", sender, mark, author="a@six.example")
            self.assertEqual(reply.code, 250, str(reply))
            self.assertEqual([delivery.source for delivery in internet.wait(mark)], ["::1"])

    def test_ipv4_and_ipv6_keep_apart(self):
        """A tenant with an IPv4 address only never reaches a host that is on IPv6 only, rather than by
        whatever IPv6 address the system would choose."""
        internet = Sink(f"{self.relay.directory}/sink46", free_port(), "::1")
        internet.start()
        self.addCleanup(internet.stop)
        self.relay.postconf(f"relayhost={internet.nexthop}")
        self.addCleanup(self.relay.postconf, f"relayhost={self.relay.sink.nexthop}")
        mark = self.mark()
        self.assertEqual(self.relay.send(ALPHA, "a@alpha.example", mark).code, 250)
        self.assertEqual(internet.wait(mark, seconds=4), [])
        self.relay.postconf(f"relayhost={self.relay.sink.nexthop}")
        self.let_postfix_forget()
        self.relay.drain()
        self.assertEqual(internet.of(mark), [])

    def test_the_helo_name_is_that_of_the_ip(self):
        delivery = self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example")
        self.assertEqual(delivery.helo, "green-127-0-11-1.provider.example")

    def test_our_own_headers_do_not_leave_the_house(self):
        for sender in ("a@alpha.example", ""):
            delivery = self.assert_leaves_from(ALPHA_IP, ALPHA, sender, author="a@alpha.example")
            ours = [name for name in delivery.headers.keys() if "easymail" in name.lower()]
            self.assertEqual(ours, [])

    def test_a_client_cannot_choose_a_transport(self):
        """The header that steers the null sender's route counts only when our own filter wrote it."""
        forged = [f"X-Easymail-{name}: easymail-group-blue" for name in ("Egress", "Transport", "Route")]
        for sender in ("a@alpha.example", ""):
            self.assert_leaves_from(ALPHA_IP, ALPHA, sender, author="a@alpha.example", headers=forged)

    def test_apply_refuses_an_address_that_the_host_does_not_have(self):
        self.relay.add_group("elsewhere", "192.0.2.77")
        self.addCleanup(self.relay.sql, "DELETE FROM egress_group WHERE name = 'elsewhere'")
        self.addCleanup(self.relay.sql, "DELETE FROM egress_ip WHERE address = '192.0.2.77'")
        refused = self.relay.ctl("postfix", "apply", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("192.0.2.77", refused.stdout + refused.stderr)

    def test_apply_twice_changes_nothing(self):
        self.relay.apply()
        before = [self.relay.read(f"etc/{name}") for name in ("main.cf", "master.cf")]
        self.relay.apply()
        self.assertEqual([self.relay.read(f"etc/{name}") for name in ("main.cf", "master.cf")], before)


if __name__ == "__main__":
    unittest.main()

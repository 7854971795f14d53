# SPDX-License-Identifier: BSD-2-Clause
"""What receivers' SPF checks will say decides by which address mail leaves, and by setting whether it does."""

import json
import re
import statistics
import sys
import time
import unittest

from harness import ROOT, Relay, wait_for
from scene import ALPHA, ALPHA_IP, BETA, BETA_IPS, RelayCase, populate

sys.path.insert(0, f"{ROOT}/tests/spf")
from dns_server import Server, Zone  # noqa: E402

INCLUDE = "spf.provider.example"
TTL_IS_OVER = 2.2  # with a TTL of 1 s, which libunbound counts in whole seconds
NOBODY = "v=spf1 ip4:192.0.2.1 -all"


class SpfCase(RelayCase):
    """A relay that asks a DNS server of its own. Each test has senders' domains of its own, since what DNS
    said of them is kept."""

    timeout = 20  # spf.timeout in seconds; the machine may be busy

    @classmethod
    def setUpClass(cls):
        cls.zone = Zone({INCLUDE: [{"TXT": f"v=spf1 ip4:{ALPHA_IP} ip4:{BETA_IPS[0]} ip4:{BETA_IPS[1]} -all"}]}, 1)
        cls.server = Server(cls.zone)
        cls.addClassCleanup(cls.server.close)
        settings = {"dns.servers": f"127.0.0.1@{cls.server.port}", "dns.timeout": f"{cls.timeout + 2}s"}
        settings["spf.timeout"] = f"{cls.timeout}s"
        cls.relay = Relay(parts=("mapd", "milter"), settings=settings)
        cls.addClassCleanup(cls.relay.stop)
        cls.relay.start()
        populate(cls.relay)
        cls.relay.use_milters(("tenant", "egress"))
        cls.relay.ctl("setting", "set", "spf.include", INCLUDE)

    def setUp(self):
        for tenant in ("alpha", "beta"):
            self.relay.ctl("setting", "unset", "spf.on_fail", tenant, check=False)

    def domain(self, tenant, record=None):
        """A new domain of the tenant."""
        name = re.sub(r"[^a-z0-9]", "-", self.mark()) + ".example"
        if record is not None:
            self.publish(name, record)
        self.relay.ctl("domain", "add", tenant, name)
        return name

    def publish(self, name, record):
        self.zone.names[name] = [{"TXT": record}]

    def send(self, domain, source=ALPHA):
        return self.relay.send(source, f"a@{domain}", self.mark())

    def decision(self):
        line = re.findall(r"\bdecision id=.*", self.relay.log_of("milter-tenant-egress"))[-1]
        return dict(re.findall(r"(\w+)=(\S*)", line.partition(' text="')[0]))

    def on_fail(self, action, tenant="alpha"):
        self.relay.ctl("setting", "set", "spf.on_fail", action, tenant)

    def known(self, domain, result, source=ALPHA):
        """Sends until the result is known: with `relay` no message waits for it."""

        def is_known():
            self.assertEqual(self.send(domain, source).code, 250)
            return self.decision()["spf"] == result

        wait_for(is_known, 10, f"spf={result}")


class Policy(SpfCase):
    def test_relay_lets_mail_through_and_records_what_spf_says(self):
        for record, result in (
            (f"v=spf1 include:{INCLUDE} -all", "pass"),
            (NOBODY, "fail"),
            ("v=spf1 ~all", "softfail"),
            ("v=spf1 ?all", "neutral"),
            ("v=spf1 nonsense -all", "permerror"),
            (None, "none"),
        ):
            self.known(self.domain("alpha", record), result)

    def test_refuse_tells_exactly_what_to_publish(self):
        self.on_fail("refuse")
        domain = self.domain("alpha", NOBODY)
        reply = self.send(domain)
        self.assert_refused(reply, 550, "5.7.23")
        wanted = re.search(r"publish this TXT record at (\S+): (v=spf1 .*)$", str(reply).rstrip())
        self.assertEqual(wanted.groups(), (domain, f"v=spf1 include:{INCLUDE} ip4:192.0.2.1 -all"))
        self.assertEqual(self.decision()["spf"], "fail")
        self.publish(domain, wanted[2])
        time.sleep(TTL_IS_OVER)
        self.assertEqual(self.send(domain).code, 250)
        self.assertEqual(self.decision()["spf"], "pass")

    def test_without_an_include_the_addresses_are_to_be_published(self):
        self.relay.ctl("setting", "unset", "spf.include")
        self.addCleanup(self.relay.ctl, "setting", "set", "spf.include", INCLUDE)
        self.on_fail("refuse", "beta")
        reply = self.send(self.domain("beta", NOBODY), BETA)
        self.assert_refused(reply, 550, "5.7.23")
        for address in BETA_IPS:
            self.assertIn(f" ip4:{address}", str(reply))

    def test_hold_leaves_the_mail_with_the_tenants_server(self):
        self.on_fail("hold")
        domain = self.domain("alpha", NOBODY)
        reply = self.send(domain)
        self.assert_refused(reply, 451, "4.7.23")
        self.assertIn(f"include:{INCLUDE}", str(reply))
        self.publish(domain, f"v=spf1 include:{INCLUDE} -all")
        time.sleep(TTL_IS_OVER)
        self.assertEqual(self.send(domain).code, 250)

    def test_a_domain_is_not_refused_for_a_fault_of_the_provider(self):
        self.on_fail("refuse")
        self.zone.names["old.provider.example"] = [{"TXT": "v=spf1 ip4:192.0.2.9 -all"}]
        self.relay.ctl("setting", "set", "spf.include", "old.provider.example")
        self.addCleanup(self.relay.ctl, "setting", "set", "spf.include", INCLUDE)
        reply = self.send(self.domain("alpha", "v=spf1 include:old.provider.example -all"))
        self.assert_refused(reply, 451, "4.7.23")
        self.assertIn("provider has to mend", str(reply))

    def test_softfail_neutral_none_and_errors_stop_no_mail(self):
        self.on_fail("refuse")
        for record in ("v=spf1 ~all", "v=spf1 ?all", "v=spf1 nonsense -all", None):
            self.assertEqual(self.send(self.domain("alpha", record)).code, 250)

    def test_the_null_sender_is_not_asked_about(self):
        self.on_fail("refuse")
        self.publish("alpha.example", NOBODY)
        self.addCleanup(self.zone.names.pop, "alpha.example")
        reply = self.relay.send(ALPHA, "", self.mark(), author="postmaster@alpha.example")
        self.assertEqual(reply.code, 250, str(reply))
        self.assertEqual(self.decision()["spf"], "")

    def test_a_record_may_ask_for_the_local_part(self):
        self.on_fail("refuse")
        domain = self.domain("alpha", "v=spf1 exists:%{l}.users.dest.example -all")
        self.zone.names["good.users.dest.example"] = [{"A": "127.0.0.2"}]
        for local, code in (("good", 250), ("bad", 550), ("good", 250), ("bad", 550)):
            reply = self.relay.send(ALPHA, f"{local}@{domain}", self.mark())
            self.assertEqual(reply.code, code, f"{local}: {reply}")


class Choice(SpfCase):
    def test_mail_leaves_from_the_address_that_passes(self):
        for address in BETA_IPS:
            domain = self.domain("beta", f"v=spf1 ip4:{address} -all")
            self.known(domain, "pass", BETA)
            senders = [f"user{number}@{domain}" for number in range(8)]
            which = ["egress", "which", senders[0], "--json"]
            wait_for(lambda: address in self.relay.ctl(*which).stdout, 10, "mapd to know")
            for sender in senders:
                self.assert_leaves_from(address, BETA, sender)
            self.assertEqual(self.decision()["egress"], f"easymail-{address}")

    def test_one_address_that_passes_is_enough(self):
        self.on_fail("refuse", "beta")
        domain = self.domain("beta", f"v=spf1 ip4:{BETA_IPS[1]} -all")
        for number in range(6):
            reply = self.relay.send(BETA, f"u{number}@{domain}", self.mark())
            self.assertEqual(reply.code, 250, str(reply))

    def test_mapd_asks_for_no_strangers_domain(self):
        self.publish("stranger.example", NOBODY)
        asked = json.loads(self.relay.ctl("egress", "which", "a@stranger.example", "--json").stdout)
        self.assertIn("127.0.15.1", str(asked))
        time.sleep(0.5)
        self.assertNotIn(("stranger.example", "TXT"), self.zone.asked)


class DnsTrouble(SpfCase):
    """Times are compared by medians, as the machine may pause now and then."""

    timeout = 2

    def timed(self, domain):
        start = time.monotonic()
        reply = self.send(domain)
        self.assertEqual(reply.code, 250, str(reply))
        return time.monotonic() - start

    def dead(self, tenant="alpha"):
        name = self.domain(tenant)
        self.zone.names[name] = [{"TIMEOUT": True}]
        return name

    def test_relay_never_waits(self):
        domain = self.dead()
        self.assertLess(statistics.median(self.timed(domain) for _ in range(5)), self.timeout)
        self.assertEqual(self.decision()["spf"], "unknown")

    def test_refuse_waits_once_and_lets_through_what_is_unknown(self):
        self.on_fail("refuse")
        domain = self.dead()
        first, *others = (self.timed(domain) for _ in range(4))
        self.assertGreater(first, self.timeout - 0.1)
        self.assertLess(statistics.median(others), self.timeout)
        self.assertEqual(self.decision()["spf"], "unknown")

    def test_a_dns_that_is_dead_for_all_holds_up_nobody(self):
        self.on_fail("refuse")
        for domain in [self.dead() for _ in range(4)]:
            self.timed(domain)
        time.sleep(5)  # dns.timeout has passed for all of them
        self.assertLess(statistics.median(self.timed(self.dead()) for _ in range(3)), self.timeout)
        good = self.domain("alpha", f"v=spf1 include:{INCLUDE} -all")
        self.known(good, "pass")

    def test_a_slow_dns_is_waited_for(self):
        self.on_fail("refuse")
        good = self.domain("alpha", f"v=spf1 include:{INCLUDE} -all")
        self.known(good, "pass")  # DNS is alive

        def refused(_):
            slow = self.domain("alpha", NOBODY)
            self.zone.names[slow].append({"SLOW": True})
            return self.send(slow).code == 550

        self.assertTrue(any(map(refused, range(3))))

    def test_a_server_failure_is_unknown(self):
        self.on_fail("refuse")
        domain = self.domain("alpha")
        self.zone.names[domain] = [{"SERVFAIL": True}]
        self.timed(domain)
        self.assertEqual(self.decision()["spf"], "unknown")

    def test_a_stop_does_not_wait_for_dns(self):
        milter, mapd = self.relay.parts["milter-tenant-egress"], self.relay.parts["mapd"]
        for domain in [self.dead("beta") for _ in range(6)]:
            self.send(domain, BETA)
        for part in (milter, mapd):
            self.addCleanup(part.start)
            start = time.monotonic()
            part.stop()
            self.assertLess(time.monotonic() - start, 15)  # libmilter's own end takes up to 5 s


if __name__ == "__main__":
    unittest.main()

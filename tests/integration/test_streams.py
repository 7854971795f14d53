#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Bulk mail leaves by addresses and return paths of its own, corporate mail never by these."""

import os
import re
import unittest

from dkim_check import Keys, fails_in_dkimpy, signatures
from harness import Relay
from scene import ALPHA, ALPHA_IP, BETA, BETA_IPS, RelayCase, populate
from sink import on_the_wire

NEWS = "127.0.1.20"  # a relay host of alpha that sends mailings only
BULK_IPS = ("127.0.21.1", "127.0.21.2")
BOUNCES = "bounce.provider.example"
RETURN_PATH = re.compile(r"b-[a-z2-7]{48}@bounce\.provider\.example\Z")
NEWS_SENDER = "team@news.alpha.example"


class Streams(RelayCase):
    @classmethod
    def setUpClass(cls):
        cls.relay = Relay(parts=("mapd", "milter"))
        for option in ("dkim.key_file", "bulk.key_file"):
            cls.relay.settings[option] = f"{cls.relay.directory}/{option}"
        cls.relay.settings["dkim.key_file_group"] = "nogroup"
        cls.addClassCleanup(cls.relay.stop)
        cls.relay.start()
        cls.relay.add_group("mailings", *BULK_IPS)
        populate(cls.relay)
        cls.relay.use_milters(("tenant", "egress", "sign"))
        cls.relay.ctl("bulk", "init-keyfile")
        cls.relay.ctl("setting", "set", "bulk.egress_group", "mailings")
        cls.relay.ctl("setting", "set", "bulk.return_path_domain", BOUNCES)
        cls.relay.ctl("domain", "add", "alpha", "news.alpha.example")
        cls.relay.ctl("domain", "set", "news.alpha.example", "--stream", "bulk")
        cls.relay.ctl("host", "add", "alpha", NEWS)
        cls.relay.ctl("host", "set", "alpha", NEWS, "--stream", "bulk")
        cls.keys = Keys(cls.relay)
        cls.keys.create("alpha.example", "ed25519", "one")
        cls.keys.create("news.alpha.example", "ed25519", "two")

    def tearDown(self):
        for address in BULK_IPS:
            self.relay.set_ip(address, "active")

    def setting(self, name, value, tenant=None):
        """For the rest of the test; then back to what the provider had."""
        of = [tenant] if tenant else []
        rows = self.relay.sql("SELECT value FROM setting WHERE tenant_id = 0 AND name = ?", name)
        self.relay.ctl("setting", "set", name, value, *of)
        if rows and not tenant:
            self.addCleanup(self.relay.ctl, "setting", "set", name, rows[0][0])
        else:
            self.addCleanup(self.relay.ctl, "setting", "unset", name, *of)

    def decision(self):
        """The newest decision line."""
        return re.findall(r"\bdecision id=.*", self.relay.log_of("milter-tenant-egress-sign"))[-1]

    def assert_bulk(self, source, sender, **parts):
        delivery = self.assert_leaves_from(BULK_IPS, source, sender, **parts)
        self.assertRegex(delivery.sender, RETURN_PATH)
        self.assertIn(" way=bulk ", self.decision())
        return delivery

    def test_a_bulk_domains_mail_leaves_by_all_bulk_addresses(self):
        deliveries = [self.assert_bulk(ALPHA, NEWS_SENDER) for _ in range(12)]
        self.assertEqual({delivery.source for delivery in deliveries}, set(BULK_IPS))
        self.assertEqual(len({delivery.sender for delivery in deliveries}), len(deliveries))

    def test_a_relay_host_puts_its_mail_in_the_stream(self):
        self.assert_bulk(NEWS, "a@alpha.example")
        self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example")

    def test_a_header_does_and_goes_no_further(self):
        delivery = self.assert_bulk(ALPHA, "a@alpha.example", headers=["X-Easymail-Stream: bulk"])
        self.assertNotIn("X-Easymail-Stream", delivery.headers)
        delivery = self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example", headers=["X-Easymail-Stream: none"])
        self.assertNotIn("X-Easymail-Stream", delivery.headers)

    def test_lists_are_told_by_their_looks_where_that_is_wanted(self):
        looks = ["List-Id: <figures.alpha.example>", "Precedence: bulk"]
        self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example", headers=looks)
        self.setting("bulk.detect", "on", "alpha")
        for look in looks:
            self.assert_bulk(ALPHA, "a@alpha.example", headers=[look])
        self.setting("bulk.recipients", "3", "alpha")
        many = [f"r{number}@dest.example" for number in range(3)]
        self.assert_bulk(ALPHA, "a@alpha.example", recipients=many)
        self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example", recipients=many[:2])

    def test_corporate_mail_keeps_its_address_and_sender(self):
        delivery = self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example")
        self.assertEqual(delivery.sender, "a@alpha.example")
        self.assert_leaves_from(BETA_IPS, BETA, "b@beta.example")
        self.assertIn(" way=corporate return_path=<> ", self.decision())

    def test_bounces_of_a_bulk_host_leave_by_the_bulk_group(self):
        delivery = self.assert_leaves_from(BULK_IPS, NEWS, "", author="a@alpha.example")
        self.assertEqual(delivery.sender, "")
        self.assertIn(" egress=easymail-group-mailings ", self.decision())

    def test_queued_bulk_mail_moves_when_an_address_goes_down(self):
        mark = self.mark()
        self.relay.sink.stop()
        self.addCleanup(self.relay.sink.start)
        for number in range(6):
            self.assertEqual(self.relay.send(ALPHA, NEWS_SENDER, mark).code, 250)
        self.relay.ctl("egress", "down", BULK_IPS[0])
        self.let_postfix_forget()
        self.relay.sink.start()
        self.relay.drain(90)
        self.assertEqual([delivery.source for delivery in self.relay.sink.of(mark)], [BULK_IPS[1]] * 6)

    def test_without_a_return_path_the_way_is_kept_all_the_same(self):
        self.setting("bulk.return_path_domain", "")
        for source, sender in ((ALPHA, NEWS_SENDER), (NEWS, "a@alpha.example")):
            delivery = self.assert_leaves_from(BULK_IPS, source, sender)
            self.assertEqual(delivery.sender, sender)

    def test_a_return_path_domain_that_changes_leaves_queued_mail_on_its_way(self):
        mark = self.mark()
        self.relay.sink.stop()
        self.addCleanup(self.relay.sink.start)
        self.assertEqual(self.relay.send(ALPHA, NEWS_SENDER, mark).code, 250)
        self.setting("bulk.return_path_domain", "other.provider.example")
        self.relay.sink.start()
        self.relay.drain()
        (delivery,) = self.relay.sink.of(mark)
        self.assertIn(delivery.source, BULK_IPS)

    def test_without_a_group_bulk_mail_is_not_taken(self):
        self.setting("bulk.egress_group", "", "alpha")
        reply = self.relay.send(ALPHA, NEWS_SENDER, self.mark())
        self.assert_refused(reply, 451, "4.3.5")
        self.assertIn("bulk.egress_group", reply.text)
        self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example")

    def test_without_a_key_bulk_mail_is_not_taken_and_waits(self):
        mark = self.mark()
        self.relay.sink.stop()
        self.addCleanup(self.relay.sink.start)
        self.assertEqual(self.relay.send(ALPHA, NEWS_SENDER, mark).code, 250)
        path = self.relay.settings["bulk.key_file"]
        os.rename(path, f"{path}.away")
        try:
            self.assert_refused(self.relay.send(ALPHA, NEWS_SENDER, self.mark()), 451, "4.3.5")
            self.let_postfix_forget()
            self.relay.sink.start()
            self.relay.flush()
            self.assertEqual(self.relay.sink.wait(mark, seconds=2), [])
            self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example")
        finally:
            os.rename(f"{path}.away", path)
        self.relay.drain(90)
        self.assertIn(self.relay.sink.of(mark)[0].source, BULK_IPS)

    def test_status_tells_of_the_key(self):
        path = self.relay.settings["bulk.key_file"]
        self.assertIn(f"return paths are in {BOUNCES}", self.relay.ctl("status", check=False).stdout)
        os.chmod(path, 0o644)
        self.addCleanup(os.chmod, path, 0o640)
        self.assertIn("chmod 0640", self.relay.ctl("status", check=False).stdout)

    def test_nobody_sends_as_a_return_path(self):
        taken = self.assert_bulk(ALPHA, NEWS_SENDER).sender
        for source in (ALPHA, NEWS, BETA):
            reply = self.relay.send(source, taken, self.mark(), author="a@alpha.example")
            self.assert_refused(reply, 550, "5.7.1")

    def test_list_unsubscribe_is_added_and_signed(self):
        self.setting("bulk.unsubscribe_url", "https://alpha.example/off?to={recipient}", "alpha")
        self.setting("bulk.unsubscribe_mailto", "off@alpha.example", "alpha")
        delivery = self.assert_bulk(ALPHA, NEWS_SENDER, recipients=["x+y@dest.example"])
        self.assertEqual(
            re.sub(r"\s+", "", delivery.headers["List-Unsubscribe"]),
            "<https://alpha.example/off?to=x%2By%40dest.example>,<mailto:off@alpha.example?subject=unsubscribe>",
        )
        self.assertEqual(delivery.headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        raw = on_the_wire(delivery)
        self.assertEqual([signature[0] for signature in signatures(raw)], ["news.alpha.example"])
        self.assertEqual(fails_in_dkimpy(raw, self.keys), [])
        signed = re.search(r"h=([^;]*)", delivery.headers["DKIM-Signature"]).group(1).lower()
        for name in ("list-unsubscribe", "list-unsubscribe-post"):
            self.assertIn(name, re.sub(r"\s", "", signed).split(":"))

    def test_the_tenants_own_list_unsubscribe_stays(self):
        self.setting("bulk.unsubscribe_url", "https://alpha.example/off", "alpha")
        own = "<https://alpha.example/own>"
        delivery = self.assert_bulk(ALPHA, NEWS_SENDER, headers=[f"List-Unsubscribe: {own}"])
        self.assertEqual(delivery.headers.get_all("List-Unsubscribe"), [own])
        self.assertNotIn("List-Unsubscribe-Post", delivery.headers)
        delivery = self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example")
        self.assertNotIn("List-Unsubscribe", delivery.headers)

    def test_without_list_unsubscribe_bulk_mail_is_refused_where_that_is_wanted(self):
        self.setting("bulk.list_unsubscribe", "refuse", "alpha")
        self.assert_refused(self.relay.send(ALPHA, NEWS_SENDER, self.mark()), 550, "5.7.1")
        self.assert_bulk(ALPHA, NEWS_SENDER, headers=["List-Unsubscribe: <mailto:off@alpha.example>"])
        self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example")


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: BSD-2-Clause
"""Who may send what from where: the tenant filter's decisions, seen from outside."""

import time
import unittest

from scene import ALPHA, ALPHA_IP, BETA, BETA_IPS, COMING, DELTA_IP, GAMMA_IP, GONE, HELD, SHARED, STRANGER, RelayCase


class Decisions(RelayCase):
    def setUp(self):
        self.relay.sql("DELETE FROM setting WHERE name = 'from.policy'")

    def set_from_policy(self, value):
        self.relay.sql(
            "INSERT INTO setting (tenant_id, name, value) SELECT id, 'from.policy', ? FROM tenant"
            " WHERE name = 'alpha'",
            value,
        )

    def test_each_tenant_leaves_from_its_own_egress_ip(self):
        self.assert_leaves_from(ALPHA_IP, ALPHA, "sales@alpha.example")
        self.assert_leaves_from(BETA_IPS, BETA, "sales@beta.example")

    def test_refuses_an_unknown_source(self):
        self.assert_refused(self.relay.send(STRANGER, "sales@alpha.example", self.mark()), 550, "5.7.1")

    def test_refuses_a_domain_of_another_tenant(self):
        self.assert_refused(self.relay.send(ALPHA, "sales@beta.example", self.mark()), 550, "5.7.1")

    def test_refuses_a_domain_of_nobody(self):
        self.assert_refused(self.relay.send(ALPHA, "sales@nobody.example", self.mark()), 550, "5.7.1")

    def test_refuses_a_subdomain_that_is_not_covered(self):
        self.assert_refused(self.relay.send(ALPHA, "sales@sub.alpha.example", self.mark()), 550, "5.7.1")

    def test_a_suspended_tenants_server_keeps_the_mail(self):
        self.assert_refused(self.relay.send(HELD, "a@held.example", self.mark()), 451, "4.7.1")

    def test_refuses_pending_and_closed_tenants(self):
        self.assert_refused(self.relay.send(COMING, "a@coming.example", self.mark()), 550, "5.7.1")
        self.assert_refused(self.relay.send(GONE, "a@gone.example", self.mark()), 550, "5.7.1")

    def test_a_closing_tenant_still_sends(self):
        self.relay.set_state("alpha", "closing")
        self.addCleanup(self.relay.set_state, "alpha", "active")
        self.assert_leaves_from(ALPHA_IP, ALPHA, "sales@alpha.example")

    def test_on_a_shared_host_the_domain_decides(self):
        self.assert_leaves_from(GAMMA_IP, SHARED, "a@gamma.example")
        self.assert_leaves_from(DELTA_IP, SHARED, "a@delta.example")
        self.assert_refused(self.relay.send(SHARED, "a@alpha.example", self.mark()), 550, "5.7.1")

    def test_null_sender_leaves_from_the_tenants_own_group(self):
        self.assert_leaves_from(ALPHA_IP, ALPHA, "", author="postmaster@alpha.example")
        self.assert_leaves_from(BETA_IPS, BETA, "", author="postmaster@beta.example")

    def test_null_sender_of_a_shared_host_goes_by_header_from(self):
        self.assert_leaves_from(GAMMA_IP, SHARED, "", author="a@gamma.example")
        self.assert_leaves_from(DELTA_IP, SHARED, "", author="a@delta.example")
        for author in ("a@alpha.example", "a@gamma.example, a@delta.example", None):
            self.assert_refused(self.relay.send(SHARED, "", self.mark(), author=author), 550, "5.7.1")

    def test_null_sender_of_a_stranger_is_refused(self):
        reply = self.relay.send(STRANGER, "", self.mark(), author="a@alpha.example")
        self.assert_refused(reply, 550, "5.7.1")

    def test_refuses_a_from_of_another_tenant(self):
        for author in ("ceo@beta.example", "a@alpha.example, ceo@beta.example", '"a@alpha.example" <ceo@beta.example>'):
            reply = self.relay.send(ALPHA, "a@alpha.example", self.mark(), author=author)
            self.assert_refused(reply, 550, "5.7.1")

    def test_refuses_a_missing_or_doubled_from(self):
        reply = self.relay.send(ALPHA, "a@alpha.example", self.mark(), author=None)
        self.assert_refused(reply, 550, "5.7.1")
        reply = self.relay.send(ALPHA, "a@alpha.example", self.mark(), headers=["From: a@alpha.example"])
        self.assert_refused(reply, 550, "5.7.1")

    def test_takes_every_honest_form_of_from(self):
        for author in (
            "Sales <a@alpha.example>",
            "=?utf-8?q?M=C3=BCller?= <a@ALPHA.example>",
            '"Sales, East" <"odd local"@alpha.example>',
            "a@alpha.example (Sales)",
            "Sales: a@alpha.example, b@xn--mller-kva.example;",
            "a@alpha.example,\n b@alpha.example",
        ):
            with self.subTest(author):
                self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example", author=author)

    def test_tag_lets_a_foreign_from_pass_with_a_header(self):
        plain = self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example")
        self.set_from_policy("tag")
        tagged = self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example", author="ceo@beta.example")
        self.assertNotEqual(set(tagged.headers.keys()) - set(plain.headers.keys()), set())

    def test_off_lets_a_foreign_from_pass_as_it_is(self):
        plain = self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example")
        self.set_from_policy("off")
        passed = self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example", author="ceo@beta.example")
        self.assertEqual(passed.headers.keys(), plain.headers.keys())

    def test_an_unknown_value_of_a_setting_never_widens_what_is_allowed(self):
        self.set_from_policy("none-such")
        reply = self.relay.send(ALPHA, "a@alpha.example", self.mark(), author="ceo@beta.example")
        self.assertIn(reply.code, (451, 550), str(reply))

    def test_spelling_changes_no_answer(self):
        for sender in (
            "A@ALPHA.EXAMPLE",
            '"a"@alpha.example',
            '"a b"@alpha.example',
            "@one.example,@two.example:a@alpha.example",
        ):
            with self.subTest(sender):
                self.assert_leaves_from(ALPHA_IP, ALPHA, sender, author="a@alpha.example")
        for sender in (
            "A@BETA.EXAMPLE",
            '"a"@beta.example',
            "@alpha.example:a@beta.example",
            '"a@alpha.example"@beta.example',
        ):
            with self.subTest(sender):
                reply = self.relay.send(ALPHA, sender, self.mark(), author="a@alpha.example")
                self.assert_refused(reply, 550, "5.7.1")

    def test_u_labels_and_a_labels_are_one_domain(self):
        for sender in ("a@m\u00fcller.example", "a@M\u00dcLLER.example", "a@xn--mller-kva.example"):
            with self.subTest(sender), self.relay.session(ALPHA) as session:
                reply = session.command(f"MAIL FROM:<{sender}> SMTPUTF8")
                self.assertEqual(reply.code, 250, str(reply))

    def test_a_row_of_plain_sql_counts_within_a_second(self):
        source, sender = "127.0.7.10", "a@epsilon.example"
        self.assert_refused(self.relay.send(source, sender, self.mark()), 550, "5.7.1")
        self.relay.add_tenant("epsilon", "green", ["epsilon.example"], [source])
        time.sleep(1)
        self.assert_leaves_from(ALPHA_IP, source, sender)
        self.relay.sql("DELETE FROM relay_host WHERE network = ?", source)
        time.sleep(1)
        self.assert_refused(self.relay.send(source, sender, self.mark()), 550, "5.7.1")

    def test_a_wrong_row_widens_nothing_and_is_named(self):
        source = "127.0.8.10"
        self.relay.add_tenant("wrong", "green", ["wrong.example"], ["127.0.8.10/16"])
        self.addCleanup(self.relay.sql, "DELETE FROM relay_host WHERE network = '127.0.8.10/16'")
        time.sleep(1)
        self.assert_refused(self.relay.send(source, "a@wrong.example", self.mark()), 550, "5.7.1")
        finding = self.relay.ctl("db", "check", check=False)
        self.assertEqual(finding.returncode, 1)
        self.assertIn("127.0.8.10/16", finding.stdout + finding.stderr)


if __name__ == "__main__":
    unittest.main()

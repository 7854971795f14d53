# SPDX-License-Identifier: BSD-2-Clause
"""The suppression list: its commands, and what a real Postfix answers for addresses that are on it."""

import json
import os
import sqlite3
import unittest

from harness import Relay
from scene import ALPHA, BETA, SHARED, RelayCase, populate
from smtp import message

DEAD, ALIVE = "dead@dest.example", "alive@dest.example"


class SuppressionCase(RelayCase):
    """All on one relay; each test begins with empty lists."""

    @classmethod
    def setUpClass(cls):
        if not hasattr(SuppressionCase, "relay"):
            SuppressionCase.start()

    @classmethod
    def start(cls):
        cls.relay = Relay(parts=("mapd", "milter"))
        cls.relay.settings["tracker.replies"] = f"{cls.relay.directory}/replies"
        unittest.addModuleCleanup(cls.relay.stop)
        cls.relay.start()
        cls.relay.add_group("mailings", "127.0.21.1")
        cls.relay.ctl("setting", "set", "bulk.egress_group", "mailings")
        populate(cls.relay)
        cls.relay.use_milters(("tenant", "egress"))
        cls.list = f"{cls.relay.directory}/db/suppression.db"

    def setUp(self):
        for tenant in ("alpha", "beta"):
            for row in self.rows(tenant):
                self.relay.ctl("suppression", "remove", tenant, row["address"])

    def rows(self, *tenant):
        return self.relay.json("suppression", "list", *tenant)

    def suppress(self, tenant, address, reason="hard"):
        self.relay.ctl("suppression", "add", tenant, address, "--reason", reason)

    def replies(self, source, sender, *recipients):
        with self.relay.session(source) as session:
            session.command(f"MAIL FROM:<{sender}>")
            return [session.command(f"RCPT TO:<{recipient}>") for recipient in recipients]


class Refusals(SuppressionCase):
    def test_only_the_suppressed_recipient_is_refused(self):
        self.suppress("alpha", DEAD)
        mark = self.mark()
        with self.relay.session(ALPHA) as session:
            session.command("MAIL FROM:<a@alpha.example>")
            refused = session.command(f"RCPT TO:<{DEAD}>")
            taken = session.command(f"RCPT TO:<{ALIVE}>")
            self.assertEqual(session.command("DATA").code, 354)
            self.assertEqual(session.data(message("a@alpha.example", mark)).code, 250)
        self.assert_refused(refused, 550, "5.1.1")
        self.assertIn("suppression list", refused.text)
        self.assertIn(DEAD, refused.text)
        self.assertEqual(taken.code, 250)
        self.assertEqual([delivery.recipients for delivery in self.relay.sink.wait(mark)], [(ALIVE,)])

    def test_the_address_counts_in_every_spelling(self):
        self.suppress("alpha", "Jane.Doe@B\u00fccher.example")
        name = "xn--bcher-kva.example"
        for spelling in (f"jane.doe@{name}", f"JANE.DOE@{name.upper()}", f'"jane.doe"@{name}'):
            self.assert_refused(self.replies(ALPHA, "a@alpha.example", spelling)[0], 550, "5.1.1")

    def test_the_list_is_one_tenants(self):
        self.suppress("alpha", DEAD)
        self.assertEqual(self.replies(BETA, "a@beta.example", DEAD)[0].code, 250)

    def test_each_reason_has_its_code(self):
        for reason, status in (("soft", "5.1.1"), ("hard", "5.1.1"), ("complaint", "5.7.1"), ("manual", "5.7.1")):
            self.suppress("alpha", f"{reason}@dest.example", reason)
            self.assert_refused(self.replies(ALPHA, "a@alpha.example", f"{reason}@dest.example")[0], 550, status)

    def test_the_null_sender_of_a_tenants_own_server_is_refused_too(self):
        self.suppress("alpha", DEAD)
        self.assert_refused(self.replies(ALPHA, "", DEAD)[0], 550, "5.1.1")

    def test_a_shared_host_is_judged_by_the_senders_tenant(self):
        self.suppress("gamma", DEAD)
        self.addCleanup(self.relay.ctl, "suppression", "remove", "gamma", DEAD)
        self.assert_refused(self.replies(SHARED, "a@gamma.example", DEAD)[0], 550, "5.1.1")
        self.assertEqual(self.replies(SHARED, "a@delta.example", DEAD)[0].code, 250)

    def test_what_is_removed_is_taken_at_once(self):
        self.suppress("alpha", DEAD)
        self.relay.ctl("suppression", "remove", "alpha", DEAD)
        self.assertEqual(self.replies(ALPHA, "a@alpha.example", DEAD)[0].code, 250)

    def test_a_tenant_may_leave_its_list_alone(self):
        self.suppress("alpha", DEAD)
        self.relay.ctl("setting", "set", "suppression.check", "off", "alpha")
        self.addCleanup(self.relay.ctl, "setting", "unset", "suppression.check", "alpha")
        self.assertEqual(self.replies(ALPHA, "a@alpha.example", DEAD)[0].code, 250)


class Faults(SuppressionCase):
    def take_away(self, path):
        os.rename(path, path + ".away")
        self.addCleanup(lambda: os.path.exists(path + ".away") and os.rename(path + ".away", path))

    def test_without_its_file_nobody_is_taken(self):
        self.take_away(self.list)
        self.assert_refused(self.replies(ALPHA, "a@alpha.example", ALIVE)[0], 451, "4.3.0")
        status = self.relay.ctl("status", check=False)
        self.assertEqual(status.returncode, 1)
        self.assertIn("easymailctl suppression init", status.stdout)
        os.rename(self.list + ".away", self.list)
        self.assertEqual(self.replies(ALPHA, "a@alpha.example", ALIVE)[0].code, 250)

    def test_without_its_file_all_are_taken_where_the_setting_says_so(self):
        self.relay.ctl("setting", "set", "suppression.on_error", "accept", "alpha")
        self.addCleanup(self.relay.ctl, "setting", "unset", "suppression.on_error", "alpha")
        self.take_away(self.list)
        self.assertEqual(self.replies(ALPHA, "a@alpha.example", ALIVE)[0].code, 250)
        self.assert_refused(self.replies(BETA, "a@beta.example", ALIVE)[0], 451, "4.3.0")

    def test_damaged_or_of_another_key_it_is_not_believed(self):
        database = sqlite3.connect(self.list)
        identity = database.execute("SELECT id FROM key_file").fetchone()[0]
        with database:
            database.execute("UPDATE key_file SET id = 'another'")
        self.relay.parts["milter-tenant-egress"].stop()
        self.relay.parts["milter-tenant-egress"].start()
        self.assert_refused(self.replies(ALPHA, "a@alpha.example", ALIVE)[0], 451, "4.3.0")
        with database:
            database.execute("UPDATE key_file SET id = ?", (identity,))
        database.close()
        self.assertEqual(self.replies(ALPHA, "a@alpha.example", ALIVE)[0].code, 250)

    def test_a_writer_that_never_ends_stops_nobody(self):
        self.suppress("alpha", DEAD)
        database = sqlite3.connect(self.list, isolation_level=None)
        database.execute("BEGIN IMMEDIATE")
        self.addCleanup(database.close)
        replies = self.replies(ALPHA, "a@alpha.example", DEAD, ALIVE)
        self.assertEqual([reply.code for reply in replies], [550, 250])


class Commands(SuppressionCase):
    def test_what_was_exported_comes_back_by_import(self):
        for address, reason in (("One@dest.example", "hard"), ('"a b"@dest.example', "complaint")):
            self.relay.ctl("suppression", "add", "alpha", address, "--reason", reason, "--note", "said 550")
        before = self.rows("alpha")
        exported = self.relay.ctl("suppression", "export", "alpha").stdout
        self.setUp()
        path = f"{self.relay.directory}/import"
        with open(path, "w", encoding="utf-8") as file:
            file.write("# a comment\n\n" + exported)
        self.assertIn("2 addresses", self.relay.ctl("suppression", "import", "alpha", path).stdout)
        by_address = sorted(self.rows("alpha"), key=lambda row: row["address"])
        self.assertEqual(by_address, sorted(before, key=lambda row: row["address"]))
        self.assertIn("2 were already", self.relay.ctl("suppression", "import", "alpha", path).stdout)

    def test_a_backup_holds_the_list_and_overwrites_nothing(self):
        self.suppress("alpha", DEAD)
        copy = f"{self.relay.directory}/copy.db"
        self.relay.ctl("suppression", "backup", copy)
        rows = sqlite3.connect(copy).execute("SELECT reason FROM suppression").fetchall()
        self.assertEqual(rows, [("hard",)])
        self.assertEqual(self.relay.ctl("suppression", "backup", copy, check=False).returncode, 1)

    def test_an_import_with_a_wrong_line_changes_nothing(self):
        path = f"{self.relay.directory}/wrong"
        with open(path, "w", encoding="utf-8") as file:
            file.write("good@dest.example\nno address\n")
        refused = self.relay.ctl("suppression", "import", "alpha", path, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("wrong:2:", refused.stderr)
        self.assertEqual(self.rows("alpha"), [])

    def test_erasing_takes_a_person_out_of_every_list_and_out_of_the_files(self):
        self.suppress("alpha", DEAD)
        self.suppress("beta", DEAD, "complaint")
        self.assertIn("from 2 rows", self.relay.ctl("suppression", "erase", DEAD).stdout)
        self.assertEqual(self.rows(), [])
        self.assertEqual(self.replies(ALPHA, "a@alpha.example", DEAD)[0].code, 250)

    def test_an_erased_person_can_be_left_in_peace_without_a_name(self):
        self.suppress("beta", DEAD, "complaint")
        self.relay.ctl("suppression", "erase", DEAD, "--keep-hash")
        self.assertEqual([(row["address"], row["note"]) for row in self.rows("beta")], [(None, "")])
        self.assert_refused(self.replies(BETA, "a@beta.example", DEAD)[0], 550, "5.7.1")
        self.relay.ctl("suppression", "remove", "beta", DEAD)

    def test_a_tenant_that_is_deleted_leaves_no_list(self):
        self.relay.ctl("tenant", "add", "passing")
        self.suppress("passing", DEAD)
        self.relay.ctl("tenant", "delete", "passing")
        self.assertEqual(self.rows(), [])

    def test_only_bulk_mail_is_refused_where_the_setting_says_so(self):
        self.relay.ctl("domain", "add", "alpha", "news.alpha.example")
        self.relay.ctl("domain", "set", "news.alpha.example", "--stream", "bulk")
        self.relay.ctl("setting", "set", "suppression.check", "bulk", "alpha")
        self.addCleanup(self.relay.ctl, "setting", "unset", "suppression.check", "alpha")
        self.suppress("alpha", DEAD)
        self.assert_refused(self.replies(ALPHA, "a@news.alpha.example", DEAD)[0], 550, "5.1.1")
        self.assertEqual(self.replies(ALPHA, "a@alpha.example", DEAD)[0].code, 250)

    def classify(self, text):
        (row,) = json.loads(self.relay.ctl("bounce", "classify", "-", "--json", stdin=text.encode()).stdout)
        return row

    def test_an_operators_table_comes_first_and_can_be_tried(self):
        text = "From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n<jane@dest.example>:\nJane went fishing.\n"
        self.assertEqual(self.classify(text)["class"], "soft")
        with open(self.relay.settings["tracker.replies"], "w", encoding="utf-8") as file:
            file.write("# ours\nmailbox_disabled - went fishing\nautomatic - ^Subject: gone to sea\n")
        row = self.classify(text)
        self.assertEqual((row["class"], row["address"]), ("hard", "jane@dest.example"))
        self.assertTrue(row["rule"].endswith("/replies:2"), row)
        self.assertEqual(self.classify("From: jane@dest.example\nSubject: Gone to sea\n\nBye\n")["class"], "auto_reply")
        with open(self.relay.settings["tracker.replies"], "w", encoding="utf-8") as file:
            file.write("no_such_class * x\n")
        refused = self.relay.ctl("bounce", "classify", "-", stdin=text.encode(), check=False)
        self.assertIn("/replies:1: 'no_such_class' is no class", refused.stderr)
        os.remove(self.relay.settings["tracker.replies"])

    def test_what_makes_no_sense_is_refused(self):
        for words in (
            ("add", "nobody", DEAD),
            ("add", "alpha", "no address"),
            ("add", "alpha", "<>"),
            ("add", "alpha", DEAD, "--reason", "whim"),
            ("remove", "alpha", "never@dest.example"),
            ("import", "alpha", "/nowhere/at/all"),
        ):
            self.assertEqual(self.relay.ctl("suppression", *words, check=False).returncode, 1, words)


if __name__ == "__main__":
    unittest.main()

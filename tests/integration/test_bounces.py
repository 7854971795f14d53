# SPDX-License-Identifier: BSD-2-Clause
"""Bounces and complaints come back to a real Postfix, from anybody, and suppress whom they are about."""

import base64
import contextlib
import hmac
import os
import re
import sqlite3
import struct
import subprocess
import time
import unittest

from harness import ROOT, Relay, wait_for
from refusing_sink import RefusingSink
from scene import ALPHA, BETA, STRANGER, RelayCase, populate
from smtp import message

BULK_IPS = ("127.0.21.1", "127.0.21.2")
BOUNCES = "bounce.provider.example"
SENDER = "team@news.alpha.example"
SAMPLE_PATH = "b.k7q2m5x4.h3f6w9p1@bounce.provider.example"  # in tests/bounces


class BounceCase(RelayCase):
    """All on one relay: each test has recipients of its own."""

    @classmethod
    def setUpClass(cls):
        if not hasattr(BounceCase, "relay"):
            BounceCase.start()

    @classmethod
    def start(cls):
        cls.relay = Relay(parts=("mapd", "milter"))
        cls.relay.settings["bulk.key_file"] = f"{cls.relay.directory}/return-path.key"
        cls.relay.settings["dkim.key_file_group"] = "nogroup"
        unittest.addModuleCleanup(cls.relay.stop)
        cls.relay.start()
        cls.relay.add_group("mailings", *BULK_IPS)
        cls.relay.ctl("bulk", "init-keyfile")
        cls.relay.ctl("setting", "set", "bulk.egress_group", "mailings")
        cls.relay.ctl("setting", "set", "bulk.return_path_domain", BOUNCES)
        populate(cls.relay)  # applies
        cls.relay.use_milters(("tenant", "egress"))
        for tenant in ("alpha", "beta"):
            cls.relay.ctl("domain", "add", tenant, f"news.{tenant}.example")
            cls.relay.ctl("domain", "set", f"news.{tenant}.example", "--stream", "bulk")

    def address(self):
        """A recipient that no other test has."""
        return f"{self.mark().replace('_', '-')}@dest.example"

    def mailing(self, *recipients, sender=SENDER, source=ALPHA):
        """Sends bulk mail; the return path that it left with."""
        mark = self.mark()
        reply = self.relay.send(source, sender, mark, recipients=recipients)
        self.assertEqual(reply.code, 250, str(reply))
        path = self.relay.sink.wait(mark)[0].sender
        self.assertRegex(path, r"^b-[a-z2-7]{48}@")
        return path

    def report(self, sample, path, address):
        """One of the samples, about this message and recipient."""
        with open(f"{ROOT}/tests/bounces/{sample}.eml", encoding="utf-8", newline="") as file:
            text = file.read()
        names = r"^Final-Recipient: *rfc822; *(\S+)|^<(\S+@\S+)>:|Original-Rcpt-To: *<(\S+)>"
        old = next(filter(None, re.search(names, text, re.MULTILINE).groups()))
        return text.replace(old, address).replace(SAMPLE_PATH, path).encode()

    def back(self, path, data, sender="", source=STRANGER):
        """Mail from the world to a return path; the reply that decided."""
        with self.relay.session(source) as session:
            return session.transaction(sender, [path] if isinstance(path, str) else path, data)

    def wait_until_gone(self, reply):
        """The mail of this reply has been delivered, or given up."""
        self.assertEqual(reply.code, 250, str(reply))
        queue_id = re.search(r"queued as (\w+)", reply.text)[1]
        self.relay.wait_flushing(lambda: f": {queue_id}: removed" in self.log(), what=f"{queue_id} to be gone")
        return queue_id

    def assert_taken(self, path, data, **options):
        reply = self.back(path, data, **options)
        queue_id = self.wait_until_gone(reply)
        faults = re.findall(f": {queue_id}: .* status=(?:bounced|deferred).*", self.log())
        self.assertEqual(faults, [])

    def made_path(self, address, age_days):
        """The return path of a message to one recipient that left so many days ago."""
        with open(self.relay.settings["bulk.key_file"], encoding="ascii") as file:
            key = base64.b64decode(file.read())
        tenant = self.relay.sql("SELECT id FROM tenant WHERE name = 'alpha'")[0][0]
        number = hmac.digest(key, b"easymail return path recipient\0" + address.encode(), "sha256")[:4]
        body = struct.pack("!IH", tenant, int(time.time() // 86400) - age_days) + os.urandom(8) + number
        mac = hmac.digest(key, b"easymail return path\0" + body, "sha256")[:12]
        return f"b-{base64.b32encode(body + mac).decode().lower()}@{BOUNCES}"

    def hand_over(self, path, report):
        """To easymail-bounce itself, as if Postfix had taken it."""
        command = [self.relay.installed("services/bounce/easymail-bounce"), "-c", self.relay.config, path]
        return subprocess.run(command, input=report, capture_output=True, check=False, timeout=60)

    def log(self):
        return self.relay.maillog()

    def reason(self, address, tenant="alpha"):
        """Why the address is suppressed; None: it is not."""
        rows = {row["address"]: row["reason"] for row in self.relay.json("suppression", "list", tenant)}
        return rows.get(address)

    def rcpt(self, address, sender=SENDER, source=ALPHA):
        with self.relay.session(source) as session:
            session.command(f"MAIL FROM:<{sender}>")
            return session.command(f"RCPT TO:<{address}>")


class Effects(BounceCase):
    def test_an_address_that_the_receiver_refuses_is_suppressed_by_our_own_report(self):
        dead, alive = self.address(), self.address()
        self.relay.sink.stop()
        self.addCleanup(self.relay.sink.start)
        sink = RefusingSink(self.relay.sink.address, {dead: "550 5.1.1 No such user here"})
        self.addCleanup(sink.stop)
        for recipient in (dead, alive):
            self.assertEqual(self.relay.send(ALPHA, SENDER, self.mark(), recipients=[recipient]).code, 250)
        wait_for(lambda: self.reason(dead), what="the dead address on the list")
        self.assertEqual(self.reason(dead), "hard")
        self.assertIsNone(self.reason(alive))
        self.assert_refused(self.rcpt(dead), 550, "5.1.1")
        self.assertEqual(self.rcpt(alive).code, 250)
        self.assertEqual(self.rcpt(dead, "a@beta.example", BETA).code, 250)
        self.relay.drain()
        self.assertEqual(sink.taken, [alive])

    def test_a_hard_bounce_from_the_world_suppresses(self):
        for sample in ("postfix-user-unknown", "qmail-no-mailbox", "gmail-no-such-user"):
            address = self.address()
            path = self.mailing(address)
            self.assert_taken(path, self.report(sample, path, address))
            self.assertEqual(self.reason(address), "hard", sample)

    def test_what_is_not_the_addresses_fault_does_not(self):
        for sample in ("postfix-spam", "postfix-delayed", "office365-banned-ip"):
            address = self.address()
            path = self.mailing(address)
            self.assert_taken(path, self.report(sample, path, address))
            self.assertIsNone(self.reason(address), sample)

    def test_soft_bounces_suppress_after_their_threshold(self):
        address = self.address()
        self.relay.ctl("setting", "set", "bulk.soft_bounce_limit", "3", "alpha")
        self.addCleanup(self.relay.ctl, "setting", "unset", "bulk.soft_bounce_limit", "alpha")
        for _ in range(2):
            path = self.mailing(address)
            self.assert_taken(path, self.report("postfix-over-quota", path, address))
            self.assertIsNone(self.reason(address))
        path = self.mailing(address)
        self.assert_taken(path, self.report("postfix-over-quota", path, address))
        self.assertEqual(self.reason(address), "soft")

    def test_a_bounce_counts_once_however_often_it_comes(self):
        address = self.address()
        self.relay.ctl("setting", "set", "bulk.soft_bounce_limit", "2", "alpha")
        self.addCleanup(self.relay.ctl, "setting", "unset", "bulk.soft_bounce_limit", "alpha")
        path = self.mailing(address)
        for _ in range(3):
            self.assert_taken(path, self.report("postfix-over-quota", path, address))
        self.assertIsNone(self.reason(address))
        classes = [row["class"] for row in self.relay.json("bounce", "list") if row["address"] == address]
        self.assertEqual(classes, ["soft"])

    def test_what_was_taken_off_the_list_is_not_put_back_by_the_old_bounce(self):
        address = self.address()
        path = self.mailing(address)
        self.assert_taken(path, self.report("postfix-user-unknown", path, address))
        self.relay.ctl("suppression", "remove", "alpha", address)
        self.assert_taken(path, self.report("postfix-user-unknown", path, address))
        self.assertIsNone(self.reason(address))

    def test_a_complaint_suppresses_for_its_tenant_only(self):
        address = self.address()
        path = self.mailing(address)
        self.assert_taken(path, self.report("arf-abuse", path, address), sender="feedback@fbl.example")
        self.assertEqual(self.reason(address), "complaint")
        self.assertIsNone(self.reason(address, "beta"))
        self.assert_refused(self.rcpt(address), 550, "5.7.1")

    def test_a_complaint_comes_by_the_feedback_address_too(self):
        address = self.address()
        path = self.mailing(address)
        self.assert_taken(f"feedback@{BOUNCES}", self.report("arf-abuse", path, address), sender="fbl@fbl.example")
        self.assertEqual(self.reason(address), "complaint")

    def test_an_automatic_reply_ends_here(self):
        before = len(self.relay.sink.deliveries())
        address = self.address()
        path = self.mailing(address)
        with open(f"{ROOT}/tests/bounces/exchange-oof.eml", "rb") as file:
            self.assert_taken(path, file.read(), sender=address)
        self.assertIsNone(self.reason(address))
        self.assertEqual(len(self.relay.sink.deliveries()), before + 1)  # the mailing, and no answer

    def test_a_bounce_of_a_bounce_ends_here(self):
        address = self.address()
        path = self.mailing(address)
        first = self.report("postfix-user-unknown", path, address)
        inner = b"From: MAILER-DAEMON@mx.dest.example\r\nTo: " + path.encode() + b"\r\nSubject: failure notice\r\n\r\n"
        before = len(self.relay.sink.deliveries())
        self.assert_taken(path, inner + first)
        self.assertEqual(len(self.relay.sink.deliveries()), before)
        self.assertEqual(self.relay.queue(), [])


class Abuse(BounceCase):
    def test_a_recipient_that_the_message_had_not_is_nobodys_bounce(self):
        address, victim = self.address(), self.address()
        path = self.mailing(address)
        self.assert_taken(path, self.report("postfix-user-unknown", path, victim))
        self.assert_taken(path, self.report("arf-abuse", path, victim), sender="fbl@evil.example")
        self.assertIsNone(self.reason(victim))
        words = self.hand_over(path, self.report("postfix-user-unknown", path, victim)).stderr
        self.assertIn(b"was no recipient of that message", words)

    def test_with_several_recipients_a_strangers_word_is_a_soft_bounce_at_most(self):
        one, two, victim = self.address(), self.address(), self.address()
        path = self.mailing(one, two)
        self.assert_taken(path, self.report("postfix-user-unknown", path, victim))
        self.assert_taken(path, self.report("arf-abuse", path, victim))
        self.assertIsNone(self.reason(victim))

    def test_with_several_recipients_the_journal_says_whom_the_message_had(self):
        one, two, victim = self.address(), self.address(), self.address()
        path = self.mailing(one, two)
        with contextlib.closing(sqlite3.connect(self.relay.journal)) as journal, journal:
            for recipient in (one, two):
                journal.execute(
                    "INSERT INTO delivery (at, queue_id, sender, recipient, status, class)"
                    " VALUES (1, 'X', ?, ?, 'sent', 'accepted')",
                    (path, recipient),
                )
        self.assert_taken(path, self.report("postfix-user-unknown", path, victim))
        self.assert_taken(path, self.report("postfix-user-unknown", path, two))
        self.assertEqual(self.reason(two), "hard")
        self.assertIsNone(self.reason(victim))
        self.assertNotIn(victim, [row["address"] for row in self.relay.json("bounce", "list")])

    def test_a_forged_return_path_is_refused_at_rcpt(self):
        address = self.address()
        path = self.mailing(address)
        altered = path[:5] + ("a" if path[5] != "a" else "b") + path[6:]
        for forged in (altered, f"someone@{BOUNCES}", f"b-@{BOUNCES}", f"postmaster@{BOUNCES}"):
            self.assert_refused(self.back(forged, self.report("postfix-user-unknown", path, address)), 550, "5.1.1")
        self.assertIsNone(self.reason(address))

    def test_an_expired_return_path_is_refused_at_rcpt_and_changes_nothing(self):
        for age_days, code in ((13, 250), (16, 550)):
            address = self.address()
            path = self.made_path(address, age_days)
            report = self.report("postfix-user-unknown", path, address)
            reply = self.back(path, report)
            self.assertEqual(reply.code, code, age_days)
            if code == 250:
                self.wait_until_gone(reply)
            self.assertEqual(self.hand_over(path, report).returncode, 0)
            self.assertEqual(self.reason(address), "hard" if code == 250 else None)

    def test_a_forged_return_path_changes_nothing_even_past_postfix(self):
        address = self.address()
        path = self.made_path(address, 0)
        forged = path[:-30] + ("a" if path[-30] != "a" else "b") + path[-29:]
        result = self.hand_over(forged, self.report("postfix-user-unknown", forged, address))
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"no return path of this relay", result.stderr)
        self.assertIsNone(self.reason(address))

    def test_a_stranger_reaches_the_return_path_and_nothing_else(self):
        address = self.address()
        path = self.mailing(address)
        mark = self.mark()
        with self.relay.session(STRANGER) as session:
            self.assertEqual(session.command("MAIL FROM:<>").code, 250)
            self.assertEqual(session.command(f"RCPT TO:<{path}>").code, 250)
            for other in ("victim@dest.example", "a@alpha.example", f"x@sub.{BOUNCES}", "victim@dest.example"):
                self.assertEqual(session.command(f"RCPT TO:<{other}>").code // 100, 5, other)
            self.assertEqual(session.command("DATA").code, 354)
            self.wait_until_gone(session.data(message("x@evil.example", mark)))
        self.assertEqual(self.relay.sink.of(mark), [])

    def test_a_stranger_without_a_return_path_gets_no_mail_in(self):
        for sender in ("", "a@alpha.example", "x@evil.example"):
            reply = self.back("victim@dest.example", message("x@evil.example", self.mark()), sender=sender)
            self.assertEqual(reply.code // 100, 5, str(reply))

    def test_what_came_in_leaves_by_no_other_way(self):
        path = self.mailing(self.address())
        mark = self.mark()
        self.assert_taken(path, message("x@evil.example", mark), sender="x@evil.example")
        self.assertEqual(self.relay.sink.of(mark), [])
        self.assertNotIn("to=<x@evil.example>", self.log())

    def test_a_tenants_server_may_bounce_to_us_but_not_together_with_other_mail(self):
        address = self.address()
        path = self.mailing(address, sender="team@news.beta.example", source=BETA)
        self.assert_taken(path, self.report("postfix-user-unknown", path, address), source=ALPHA)
        self.assertEqual(self.reason(address, "beta"), "hard")
        with self.relay.session(ALPHA) as session:
            session.command("MAIL FROM:<>")
            self.assertEqual(session.command(f"RCPT TO:<{path}>").code, 250)
            self.assert_refused(session.command("RCPT TO:<somebody@dest.example>"), 451, "4.5.3")

    def test_hostile_mail_is_dropped_and_the_next_one_is_read(self):
        path = self.mailing(self.address())
        folder = f"{ROOT}/tests/fuzz/corpus/bounce"
        for name in ("deep", "long-line", "many-recipients", "at-signs", "bad-xtext", "base64-cut"):
            with open(f"{folder}/{name}", "rb") as file:
                data = re.sub(rb"\r?\n", b"\r\n", file.read())
            self.assert_taken(path, data)
        address = self.address()
        path = self.mailing(address)
        self.assert_taken(path, self.report("postfix-user-unknown", path, address))
        self.assertEqual(self.reason(address), "hard")


class Faults(BounceCase):
    def take_away(self, path):
        os.rename(path, path + ".away")
        self.addCleanup(lambda: os.path.exists(path + ".away") and os.rename(path + ".away", path))

    def test_without_the_suppression_list_a_bounce_waits_in_the_queue(self):
        address = self.address()
        path = self.mailing(address)
        database = f"{self.relay.directory}/db/suppression.db"
        self.take_away(database)
        reply = self.back(path, self.report("postfix-user-unknown", path, address))
        self.assertEqual(reply.code, 250)
        deferred = f": {re.search('queued as (.*)', reply.text)[1]}: .* status=deferred"
        wait_for(lambda: re.search(deferred, self.log()), what="a deferred bounce")
        os.rename(database + ".away", database)
        self.wait_until_gone(reply)
        self.assertEqual(self.reason(address), "hard")

    def test_without_the_key_return_paths_are_answered_451(self):
        path = self.mailing(self.address())
        key = self.relay.settings["bulk.key_file"]
        self.take_away(key)
        self.assertEqual(self.back(path, b"From: x@y.example\r\n\r\n").code, 451)

    def test_with_mapd_or_the_milter_down_nobody_brings_a_bounce(self):
        path = self.mailing(self.address())
        for part in ("mapd", "milter-tenant-egress"):
            self.relay.parts[part].stop()
            try:
                self.assertEqual(self.back(path, b"From: x@y.example\r\n\r\n").code, 451, part)
            finally:
                self.relay.parts[part].start()

    def set_domain(self, domain):
        """In the operator's way; the milters stay those of this test."""
        command = ["postconf", "-c", f"{self.relay.directory}/etc", "-h", "smtpd_milters"]
        milters = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        self.relay.ctl("setting", "set", "bulk.return_path_domain", domain)
        self.relay.ctl("postfix", "apply", "--no-reload")
        self.relay.postconf(f"smtpd_milters={milters}")

    def test_a_domain_that_is_taken_away_closes_the_door(self):
        path = self.mailing(self.address())
        self.set_domain("")
        self.addCleanup(self.set_domain, BOUNCES)
        self.assertEqual(self.back(path, b"From: x@y.example\r\n\r\n").code // 100, 5)
        self.assertNotIn("easymail-bounce", self.relay.read("etc/main.cf") + self.relay.read("etc/master.cf"))


if __name__ == "__main__":
    unittest.main()

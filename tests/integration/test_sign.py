#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mail leaves signed, and its signatures verify at who receives it: by dkimpy and by Mail::DKIM."""

import base64
import glob
import os
import re
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

import dkim
import varied_mail
from exact_sink import ExactSink
from dkim_check import Keys, fails_in_dkimpy, results_in_mail_dkim, signatures
from harness import ROOT, Relay
from scene import ALPHA, RelayCase, populate
from sink import on_the_wire
from smtp import message

sys.path.insert(0, f"{ROOT}/tests/spf")
from dns_server import Server, Zone  # noqa: E402

MAIL = os.path.join(ROOT, "..", "shared", "testdata", "mail", "*", "*.eml")
SENDER = "a@alpha.example"


class SignCase(RelayCase):
    @classmethod
    def setUpClass(cls):
        cls.relay = Relay(parts=("mapd", "milter"))
        cls.relay.settings["dkim.key_file"] = f"{cls.relay.directory}/dkim.key"
        cls.relay.settings["dkim.key_file_group"] = "nogroup"
        cls.relay.settings.update(cls.more_settings())
        cls.addClassCleanup(cls.relay.stop)
        cls.relay.start()
        populate(cls.relay)
        cls.relay.use_milters(("tenant", "egress", "sign"))
        cls.keys = Keys(cls.relay)
        cls.keys.create("alpha.example", "both", "one")

    @classmethod
    def more_settings(cls):
        return {}

    def setting(self, name, value, tenant="alpha"):
        """For the rest of the test."""
        of = [tenant] if tenant else []
        self.relay.ctl("setting", "set", name, value, *of)
        self.addCleanup(self.relay.ctl, "setting", "unset", name, *of)

    def decision(self):
        """The newest decision line."""
        return re.findall(r"\bdecision id=.*", self.relay.log_of("milter-tenant-egress-sign"))[-1]

    def arrived(self, mark, count=1):
        found = self.relay.sink.wait(mark, count)
        self.assertEqual(len(found), count, self.relay.maillog()[-3000:])
        return found[0]

    def pass_on(self, data, mark, sender=SENDER, source=ALPHA):
        """What the sink reads of a message that is taken."""
        with self.relay.session(source) as session:
            reply = session.transaction(sender, ["somebody@dest.example"], data)
        self.assertEqual(reply.code, 250, str(reply))
        return on_the_wire(self.arrived(mark))

    def assert_verifies(self, raw, *domains):
        """All signatures are right, and they are of these domains."""
        self.assertEqual(sorted(signature[0] for signature in signatures(raw)), sorted(domains))
        self.assertEqual(fails_in_dkimpy(raw, self.keys), [])


class Varied(SignCase):
    """Hundreds of messages, all verified."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sink = ExactSink()
        cls.addClassCleanup(cls.sink.stop)
        cls.relay.postconf(f"relayhost={cls.sink.nexthop}")

    def send_all(self, pairs, options=""):
        data = {}
        with self.relay.session(ALPHA) as session:
            for lines, body in pairs:
                with self.sink.lock:
                    mark = self.mark()
                data[mark] = b"\r\n".join([*lines, b"X-Mark: " + mark.encode(), b"", body])
                reply = session.transaction(SENDER, ["somebody@dest.example"], data[mark], options)
                self.assertEqual(reply.code, 250, (str(reply), data[mark][:2000]))
        return data

    def collect(self, marks):
        """What the sink has read of each."""
        self.relay.drain(120)
        self.assertEqual(sorted(set(marks) - set(self.sink.received)), [])
        return {mark: self.sink.received[mark] for mark in marks}

    def verify(self, sent):
        received = self.collect(sent)
        paths = []
        for mark, raw in received.items():
            self.assertEqual(len(signatures(raw)), 2, mark)
            self.assertEqual(fails_in_dkimpy(raw, self.keys), [], (mark, sent[mark][:1500]))
            paths.append(f"{self.relay.directory}/{mark}.eml")
            with open(paths[-1], "wb") as file:
                file.write(raw)
        results = results_in_mail_dkim(paths, self.keys.rsa("alpha.example"))
        self.assertEqual(dict(zip(paths, results)), dict.fromkeys(paths, "pass"))
        for raw in received.values():
            self.assertLessEqual(max(map(len, raw.split(b"\r\n"))), varied_mail.LONG)

    def test_generated_mail_verifies(self):
        self.verify(self.send_all(varied_mail.generate(300), " BODY=8BITMIME SMTPUTF8"))

    def test_stored_mail_verifies(self):
        contents = []
        for path in sorted(glob.glob(MAIL)):
            if os.path.getsize(path) < 200000:
                with open(path, "rb") as file:
                    contents.append(file.read())
        if not contents:
            self.skipTest("no folder of real mail")
        step = max(1, len(contents) // 100)
        self.verify(self.send_all(list(varied_mail.from_files(contents[::step]))))

    def test_many_sessions_at_once_verify(self):
        pairs = varied_mail.generate(80, seed=8463)
        with ThreadPoolExecutor(8) as pool:
            for sent in pool.map(self.send_all, [pairs[first::8] for first in range(8)]):
                self.verify(sent)

    def test_eight_bits_stay_where_the_next_hop_does_not_know_8bitmime(self):
        self.relay.postconf("smtp_discard_ehlo_keywords=8bitmime")
        self.addCleanup(self.relay.postconf, "smtp_discard_ehlo_keywords=")
        lines = [b"From: a@alpha.example", b"MIME-Version: 1.0", b"Content-Type: text/plain; charset=utf-8"]
        lines += [b"Content-Transfer-Encoding: 8bit"]
        self.verify(self.send_all([(lines, "gr\u00fc\u00dfe\r\n".encode())] * 3, " BODY=8BITMIME"))


class Choices(SignCase):
    """Which signatures a message gets."""

    def test_each_active_key_signs_and_the_record_says_so(self):
        mark = self.mark()
        raw = self.pass_on(message(SENDER, mark), mark)
        self.assert_verifies(raw, "alpha.example", "alpha.example")
        self.assertEqual({signature[2] for signature in signatures(raw)}, {"rsa-sha256", "ed25519-sha256"})
        names = re.search(r" dkim=(\S*) ", self.decision())[1].split(",")
        self.assertEqual(sorted(names), sorted(f"{d}/{s}" for d, s, _ in signatures(raw)))

    def test_a_changed_message_does_not_verify(self):
        mark = self.mark()
        raw = self.pass_on(message(SENDER, mark), mark)
        other_subject = raw.replace(b"Subject: ", b"Subject: not ")
        for changed in (raw.replace(b"A few", b"Few"), other_subject, b"Subject: 2\r\n" + raw):
            self.assertEqual(len(fails_in_dkimpy(changed, self.keys)), 2)

    def test_the_null_sender_is_signed_for_header_from(self):
        mark = self.mark()
        raw = self.pass_on(message(SENDER, mark), mark, sender="")
        self.assert_verifies(raw, "alpha.example", "alpha.example")

    def test_date_and_message_id_are_added_and_signed(self):
        mark = self.mark()
        data = f"From: {SENDER}\r\nX-Mark: {mark}\r\n\r\nHello\r\n".encode()
        raw = self.pass_on(data, mark)
        self.assert_verifies(raw, "alpha.example", "alpha.example")
        self.assertRegex(raw, rb"\r\nDate: \w{3}, \d+ \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\n")
        self.assertRegex(raw, rb"\r\nMessage-ID: <[0-9a-f.]+@alpha\.example>\r\n")
        self.assertRegex(raw.replace(b"\r\n\t", b""), rb"h=[^;]*Date:Date:Message-ID:Message-ID[:;]")

    def test_mail_without_a_key_leaves_unsigned_unless_one_is_required(self):
        domain = "b@xn--mller-kva.example"
        mark = self.mark()
        raw = self.pass_on(message(domain, mark), mark, sender=domain)
        self.assertEqual(signatures(raw), [])
        self.assertIn("not signed: xn--mller-kva.example has no active DKIM key", self.decision())
        self.setting("dkim.required", "tempfail")
        self.assert_refused(self.relay.send(ALPHA, domain, self.mark()), 451, "4.7.5")
        self.setting("dkim.required", "reject")
        self.assert_refused(self.relay.send(ALPHA, domain, self.mark()), 550, "5.7.5")

    def test_a_subdomain_is_signed_by_the_nearest_above_that_covers_it(self):
        self.relay.sql("UPDATE domain SET subdomains = 1 WHERE name = 'alpha.example'")
        self.addCleanup(self.relay.sql, "UPDATE domain SET subdomains = 0 WHERE name = 'alpha.example'")
        mark = self.mark()
        raw = self.pass_on(message("x@deep.below.alpha.example", mark), mark, sender="x@deep.below.alpha.example")
        self.assert_verifies(raw, "alpha.example", "alpha.example")

    def test_a_foreign_from_is_not_signed(self):
        self.setting("from.policy", "off")
        mark = self.mark()
        raw = self.pass_on(message("ceo@beta.example", mark), mark)
        self.assertEqual(signatures(raw), [])
        self.assertIn("not signed: header From is not the tenant's", self.decision())
        mark = self.mark()
        raw = self.pass_on(message(SENDER, mark, headers=[f"From: {SENDER}"]), mark)
        self.assertEqual(signatures(raw), [])

    def test_the_provider_signs_once_more(self):
        self.keys.create("beta.example", "rsa", "p")
        self.setting("dkim.provider_domain", "Beta.Example", tenant=None)
        mark = self.mark()
        raw = self.pass_on(message(SENDER, mark), mark)
        self.assert_verifies(raw, "alpha.example", "alpha.example", "beta.example")

    def test_a_key_that_cannot_be_opened_is_a_tempfail(self):
        path = self.relay.settings["dkim.key_file"]
        self.relay.parts["milter-tenant-egress-sign"].stop()  # a running one has opened it already
        os.rename(path, path + ".away")
        self.relay.parts["milter-tenant-egress-sign"].start()
        self.assert_refused(self.relay.send(ALPHA, SENDER, self.mark()), 451, "4.7.5")
        os.rename(path + ".away", path)
        mark = self.mark()
        self.assert_verifies(self.pass_on(message(SENDER, mark), mark), "alpha.example", "alpha.example")

    def test_a_key_deleted_under_traffic_stops_signing_at_once(self):
        domain = "alpha.example"
        self.relay.sql("UPDATE dkim_key SET state = 'retiring' WHERE domain = ? AND algorithm = 'rsa'", domain)
        mark = self.mark()
        self.assert_verifies(self.pass_on(message(SENDER, mark), mark), domain)
        self.relay.sql("UPDATE dkim_key SET state = 'active' WHERE domain = ? AND algorithm = 'rsa'", domain)
        mark = self.mark()
        self.assert_verifies(self.pass_on(message(SENDER, mark), mark), domain, domain)


class OwnSignatures(SignCase):
    """What becomes of the signatures of tenants that sign themselves."""

    @classmethod
    def setUpClass(cls):
        cls.zone = Zone({})
        cls.server = Server(cls.zone)
        cls.addClassCleanup(cls.server.close)
        super().setUpClass()
        private, public = dkim_key()
        cls.private = private
        for name in ("own._domainkey.alpha.example", "own._domainkey.esp.example"):
            cls.keys.records[f"{name}."] = f"v=DKIM1; k=rsa; p={public}"
            cls.zone.names[name] = [{"TXT": [f"v=DKIM1; k=rsa; p={public}"]}]

    @classmethod
    def more_settings(cls):
        return {"dns.servers": f"127.0.0.1@{cls.server.port}", "dns.timeout": "4s", "dkim.verify_timeout": "5s"}

    def signed(self, mark, domain=b"alpha.example", selector=b"own", headers=()):
        data = message(SENDER, mark, headers=headers)
        include = [b"from", b"to", b"subject", b"date", b"message-id"]
        include += [line.partition(":")[0].encode() for line in headers]
        relaxed = (b"relaxed", b"relaxed")
        return dkim.sign(data, selector, domain, self.private, canonicalize=relaxed, include_headers=include) + data

    def selectors(self, raw):
        return sorted(signature[1] for signature in signatures(raw))

    def test_they_are_kept_and_ours_are_added(self):
        mark = self.mark()
        raw = self.pass_on(self.signed(mark), mark)
        self.assertEqual(self.selectors(raw), ["one-ed25519", "one-rsa", "own"])
        self.assertEqual(fails_in_dkimpy(raw, self.keys), [])

    def test_they_are_removed_by_setting(self):
        self.setting("dkim.own_signatures", "remove")
        mark = self.mark()
        self.assertEqual(self.selectors(self.pass_on(self.signed(mark), mark)), ["one-ed25519", "one-rsa"])

    def test_a_signature_of_the_domain_suffices_by_setting(self):
        self.setting("dkim.sign_signed", "no")
        mark = self.mark()
        self.assertEqual(self.selectors(self.pass_on(self.signed(mark), mark)), ["own"])
        mark = self.mark()
        raw = self.pass_on(self.signed(mark, domain=b"esp.example"), mark)
        self.assertEqual(self.selectors(raw), ["one-ed25519", "one-rsa", "own"])
        self.assert_verifies(raw, "alpha.example", "alpha.example", "esp.example")

    def test_only_right_ones_are_kept_by_setting(self):
        self.setting("dkim.own_signatures", "keep_valid")
        ours = ["one-ed25519", "one-rsa"]

        def keyless(mark):
            return self.signed(mark, selector=b"none").partition(b"From:")[0]

        cases = {
            "right": (lambda mark: self.signed(mark), [*ours, "own"]),
            "body": (lambda mark: self.signed(mark).replace(b"A few", b"Few"), ours),
            "header": (lambda mark: self.signed(mark).replace(b"Subject: ", b"Subject: not "), ours),
            "hidden": (lambda mark: self.signed(mark, headers=["X-Mailer: one"]), ours),
            "keyless": (lambda mark: self.signed(mark, selector=b"none"), ours),
            "malformed": (lambda mark: b"DKIM-Signature: v=1; junk\r\n" + self.signed(mark), [*ours, "own"]),
            "many": (lambda mark: keyless(mark) * 30 + self.signed(mark), ours),
        }
        for name, (make, selectors) in cases.items():
            with self.subTest(name):
                mark = self.mark()
                self.assertEqual(self.selectors(self.pass_on(make(mark), mark)), selectors)

    def test_what_nobody_can_tell_is_kept(self):
        self.setting("dkim.own_signatures", "keep_valid")
        self.setting("dkim.sign_signed", "no")
        self.zone.names["late._domainkey.alpha.example"] = [{"TIMEOUT": True}]
        mark = self.mark()
        raw = self.pass_on(self.signed(mark, selector=b"late"), mark)
        self.assertEqual(self.selectors(raw), ["late"])


def dkim_key():
    """A new RSA key: its private part in PEM, p= of its record."""
    command = ["openssl", "genrsa", "-traditional", "2048"]
    private = subprocess.run(command, check=True, capture_output=True).stdout
    command = ["openssl", "rsa", "-pubout", "-outform", "DER"]
    public = subprocess.run(command, check=True, input=private, capture_output=True).stdout
    return private, base64.b64encode(public).decode()


if __name__ == "__main__":
    unittest.main()

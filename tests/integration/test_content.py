#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Rules on what mail carries: what they refuse, hold and change, and that what leaves is well-formed and signed."""

import email
import email.policy
import glob
import io
import json
import os
import re
import unittest
import zipfile

import varied_mail
from attachments import PDF, attached, forwarded, head, mails
from dkim_check import Keys, fails_in_dkimpy, signatures
from exact_sink import ExactSink
from harness import ROOT, Relay, wait_for
from scene import ALPHA, ALPHA_IP, BETA, BETA_IPS, RelayCase, populate
from sink import on_the_wire

MAIL = os.path.join(ROOT, "..", "shared", "testdata", "mail", "*", "*.eml")
SENDER = "a@alpha.example"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(44) + b"\x80\x00\x00\x00" + bytes(200)
CARD = "4111 1111 1111 1111"
FOOTER = "Müller & Söhne · register 123 <office@alpha.example>"


def zipped(name, data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def text(mark, words, *headers, kind=b"text/plain; charset=utf-8", author=SENDER, subject=None):
    fields = b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    top = head(author, mark, *headers)
    if subject:
        top = re.sub(rb"(?m)^Subject: .*\r$", f"Subject: {subject}\r".encode(), top)
    return top + fields + words.encode() + b"\r\n"


def alternative(mark, plain, html):
    """Both forms of a text, in different charsets and encodings."""
    first = b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    second = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    parts = (
        first + plain.encode("latin-1").replace(b"\xfc", b"=FC") + b"\r\n",
        second + mails.b64(html.encode()),
    )
    body = b"".join(b"--inner\r\n" + part + (b"" if part.endswith(b"\r\n") else b"\r\n") for part in parts)
    kind = b'Content-Type: multipart/alternative; boundary="inner"\r\n\r\n'
    return head(SENDER, mark) + kind + body + b"--inner--\r\n"


def parsed(delivery):
    """By Python's MIME parser, which must not complain."""
    raw = on_the_wire(delivery).replace(b"\r\n", b"\n")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        assert not part.defects, (part.get_content_type(), part.defects)
    return message


def setUpModule():
    """One relay for all: each test takes its rules and settings away again."""
    relay = ContentCase.relay = Relay()
    relay.settings["dkim.key_file"] = f"{relay.directory}/dkim.key"
    relay.settings["dkim.key_file_group"] = "nogroup"
    unittest.addModuleCleanup(relay.stop)
    relay.start()
    populate(relay)
    ContentCase.keys = Keys(relay)
    ContentCase.keys.create("alpha.example", "both", "one")


class ContentCase(RelayCase):
    @classmethod
    def setUpClass(cls):
        """The module's relay."""

    def rule(self, condition, action, *tenant):
        """For the rest of the test; its number."""
        said = self.relay.ctl("rule", "add", condition, action, *tenant, "--json").stdout
        number = json.loads(said)["done"].split()[1].rstrip(":")
        self.addCleanup(self.relay.ctl, "rule", "delete", number)
        return number

    def setting(self, name, value, tenant="alpha"):
        self.relay.ctl("setting", "set", name, value, tenant)
        self.addCleanup(self.relay.ctl, "setting", "unset", name, tenant)

    def submit(self, data, source=ALPHA, sender=SENDER, to=("somebody@dest.example",)):
        with self.relay.session(source) as session:
            return session.transaction(sender, list(to), data)

    def delivered(self, mark, data, count=1, **envelope):
        reply = self.submit(data, **envelope)
        self.assertEqual(reply.code, 250, str(reply))
        found = self.relay.sink.wait(mark, count)
        self.assertEqual(len(found), count, self.relay.maillog()[-3000:])
        return found[0]

    def assert_signed(self, delivery):
        raw = on_the_wire(delivery)
        self.assertEqual({signature[0] for signature in signatures(raw)}, {"alpha.example"})
        self.assertEqual(fails_in_dkimpy(raw, self.keys), [])

    def held(self, tenant="alpha"):
        return json.loads(self.relay.ctl("quarantine", "list", tenant, "--json").stdout)


class BuiltIn(ContentCase):
    def test_programs_are_refused_whatever_hides_them(self):
        hidden = {
            "by name": (attached, PROGRAM, "setup.exe"),
            "by content": (attached, PROGRAM, "invoice.pdf"),
            "renamed, in a zip": (attached, zipped("invoice.pdf", PROGRAM), "invoice.zip"),
            "by name, in a zip": (attached, zipped("a/b.scr", b"text"), "invoice.zip"),
            "double extension": (attached, b"text", "invoice.pdf   .html"),
            "turned name": (attached, b"text", "invoice\u202etxt.doc"),
        }
        for name, (make, data, file) in hidden.items():
            with self.subTest(name):
                mark = self.mark()
                reply = self.submit(make(SENDER, mark, data, file))
                self.assert_refused(reply, 550, "5.7.1")
                self.assert_never_arrives(mark)

    def test_documents_pass_as_they_were(self):
        mark = self.mark()
        data = attached(SENDER, mark, zipped("invoice.pdf", PDF), "invoice.zip")
        delivery = self.delivered(mark, data)
        self.assertIn(data.partition(b"\r\n\r\n")[2], on_the_wire(delivery))
        self.assert_signed(delivery)

    def test_a_setting_switches_a_built_in_rule_for_its_tenant(self):
        self.setting("content.on_executable", "tag")
        mark = self.mark()
        delivery = self.delivered(mark, attached(SENDER, mark, PROGRAM, "setup.exe"))
        self.assertIn("setup.exe", delivery.headers["X-Easymail-Content"])
        mark = self.mark()
        data = attached("b@beta.example", mark, PROGRAM, "setup.exe")
        self.assert_refused(self.submit(data, BETA, "b@beta.example"), 550, "5.7.1")

    def test_ambiguous_structure_is_refused(self):
        mark = self.mark()
        doubled = text(mark, "hello", 'Content-Type: multipart/mixed; boundary="x"')
        self.assert_refused(self.submit(doubled), 550, "5.6.0")
        self.assert_never_arrives(mark)

    def test_too_large_and_too_many(self):
        self.setting("content.max_size", "3000")
        mark = self.mark()
        self.assert_refused(self.submit(text(mark, "x" * 70 + "\r\n" * 2000)), 550, "5.3.4")
        self.setting("content.max_recipients", "2")
        mark = self.mark()
        to = [f"r{number}@dest.example" for number in range(3)]
        self.assert_refused(self.submit(text(mark, "x"), to=to), 550, "5.5.3")
        self.delivered(mark, text(mark, "x"), to=to[:2])


class Verdicts(ContentCase):
    def test_a_card_number_is_held(self):
        number = self.rule("card", "quarantine", "alpha")
        mark = self.mark()
        self.delivered(mark, text(mark, CARD.replace("1111 1", "1112 1", 1)))
        mark = self.mark()
        self.assertEqual(self.submit(text(mark, f"my card: {CARD}.")).code, 250)
        (row,) = self.held()
        self.assertEqual(row["filter"], "content")
        self.assertIn(f"rule {number}", row["reason"])
        self.relay.flush()
        self.assertEqual(self.relay.sink.wait(mark, seconds=1), [])
        self.relay.ctl("quarantine", "delete", row["id"])
        mark = self.mark()
        self.delivered(mark, text(mark, CARD, author="b@beta.example"), source=BETA, sender="b@beta.example")

    def test_rules_are_looked_at_in_order_the_providers_first(self):
        first = self.rule("subject has secret", 'reject "No secrets"', "alpha")
        self.rule("subject has secret and sender is boss@alpha.example", "accept", "alpha")
        mark = self.mark()
        boss = text(mark, "x", subject="top secret")
        self.assert_refused(self.submit(boss, sender="boss@alpha.example"), 550, "5.7.1")
        self.relay.ctl("rule", "move", first, "2")
        self.delivered(mark, boss, sender="boss@alpha.example")
        mark = self.mark()
        reply = self.submit(text(mark, "x", subject="top secret"))
        self.assertIn(f"No secrets (rule {first})", reply.text)
        number = self.rule("body has forbidden", "tempfail")
        mark = self.mark()
        reply = self.submit(text(mark, "it is forbidden", subject="top secret"))
        self.assert_refused(reply, 451, "4.7.1")
        self.assertIn(f"rule {number}", reply.text)

    def test_discard_takes_and_drops(self):
        self.rule("subject is droppable", "discard", "alpha")
        mark = self.mark()
        self.assertEqual(self.submit(text(mark, "x", subject="Droppable")).code, 250)
        self.assert_never_arrives(mark)

    def test_a_runaway_expression_is_stopped_and_named(self):
        number = self.rule(r"body matches /^(a|aa|\w)*\1$/", "discard", "alpha")
        mark = self.mark()
        reply = self.submit(text(mark, "\r\n".join(["a" * 900] * 20) + "!"))
        self.assert_refused(reply, 451, "4.3.5")
        self.assertIn(f"rule {number}", reply.text)
        self.assertIn(f"rule {number}", self.relay.log_of("milter").splitlines()[-1])


class Broken(ContentCase):
    def test_a_broken_row_stops_its_own_tenant_only_until_it_is_mended(self):
        tenant = "(SELECT id FROM tenant WHERE name = 'alpha')"
        insert = f"INSERT INTO content_rule (tenant_id, condition, action) VALUES ({tenant}, 'subject has [', 'drop')"
        self.relay.sql(insert)
        ((number,),) = self.relay.sql("SELECT id FROM content_rule WHERE action = 'drop'")
        self.addCleanup(self.relay.sql, "DELETE FROM content_rule WHERE id = ?", number)
        mark = self.mark()
        wait_for(lambda: self.submit(text(mark, "x")).code == 451, what="the row to count")
        self.assert_refused(self.submit(text(mark, "x")), 451, "4.3.5")
        other = self.mark()
        data = text(other, "x", author="b@beta.example")
        self.assertIn(self.delivered(other, data, source=BETA, sender="b@beta.example").source, BETA_IPS)
        check = self.relay.ctl("db", "check", "--json", check=False)
        self.assertEqual(check.returncode, 1)
        (row,) = [row for row in json.loads(check.stdout) if row["table"] == "content_rule"]
        self.assertEqual((row["id"], row["tenant"], row["field"]), (number, "alpha", "action"))
        self.assertIn("column 1", row["problem"])
        status = self.relay.ctl("status", check=False)
        self.assertEqual(status.returncode, 1)
        self.assertIn(f"rule {number}", status.stdout)
        self.assertEqual(self.relay.ctl("rule", "enable", str(number), check=False).returncode, 1)
        self.relay.ctl("rule", "disable", str(number))
        self.delivered(mark, text(mark, "x"))

    def test_add_refuses_with_the_place_of_the_error(self):
        refused = self.relay.ctl("rule", "add", "subject matches /a(b/", "discard", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("condition: column 21: expression: missing closing parenthesis", refused.stderr)


class Changes(ContentCase):
    def test_a_disclaimer_is_in_every_form_of_the_text_and_signed(self):
        self.rule("any", f'disclaimer "{FOOTER}"', "alpha")
        mark = self.mark()
        html = "<html><body><p>Grüße</p></BODY></html>"
        delivery = self.delivered(mark, alternative(mark, "Grüße", html))
        message = parsed(delivery)
        plain, page = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
        self.assertTrue(plain.startswith("Grüße\n"), plain)
        self.assertIn(f"\n{FOOTER}", plain)
        self.assertLess(page.index("Müller &amp; Söhne · register 123 &lt;office"), page.index("</BODY>"))
        self.assertIn("<p>Grüße</p>", page)
        self.assert_signed(delivery)

    def test_a_disclaimer_on_messages_of_all_shapes(self):
        self.rule("any", f'disclaimer "{FOOTER}" "<hr>fine print"', "alpha")
        shapes = {
            "no MIME at all": lambda mark: head(SENDER, mark).replace(b"MIME-Version: 1.0\r\n", b"") + b"\r\nhello\r\n",
            "empty": lambda mark: head(SENDER, mark) + b"\r\n",
            "only HTML": lambda mark: text(mark, "<p>hi</p>", kind=b"text/html; charset=utf-8"),
            "with an attachment": lambda mark: attached(SENDER, mark, PDF, "a.pdf"),
            "flowed": lambda mark: text(mark, "a \r\nb", kind=b"text/plain; charset=utf-8; format=flowed"),
        }
        for name, make in shapes.items():
            with self.subTest(name):
                mark = self.mark()
                delivery = self.delivered(mark, make(mark))
                message = parsed(delivery)
                body = message.get_body(("plain", "html"))
                expected = "fine print" if body.get_content_subtype() == "html" else FOOTER
                self.assertIn(expected, body.get_content())
                if name == "flowed":
                    self.assertEqual(body["Content-Type"].params["format"], "flowed")
                if name == "with an attachment":
                    (file,) = message.iter_attachments()
                    self.assertEqual(file.get_content(), PDF)
                self.assert_signed(delivery)

    def test_an_attachment_is_removed_with_a_notice_in_its_place(self):
        number = self.rule("file.extension is xyz", 'remove-attachment "Entfernt: gefährlich."', "alpha")
        for data, name in ((b"secret", "a.xyz"), (zipped("in/b.XYZ", b"secret"), "a.zip")):
            with self.subTest(name):
                mark = self.mark()
                delivery = self.delivered(mark, attached(SENDER, mark, data, name))
                message = parsed(delivery)
                first, notice = message.iter_parts()
                self.assertEqual(first.get_content(), "Please see the attachment.\n")
                self.assertEqual(notice.get_content().strip(), "Entfernt: gefährlich.")
                self.assertIsNone(notice.get_filename())
                self.assertNotIn(mails.b64(data)[:20], on_the_wire(delivery))
                self.assert_signed(delivery)
        self.assertIn(f"rule {number}: remove-attachment", self.relay.log_of("milter"))

    def test_a_message_that_is_its_attachment_becomes_the_notice(self):
        self.rule("file.extension is xyz", "remove-attachment", "alpha")
        mark = self.mark()
        part = mails.part(b"secret", name=b"a.xyz")
        message = parsed(self.delivered(mark, head(SENDER, mark) + part))
        self.assertEqual(message.get_content_type(), "text/plain")
        self.assertIsNone(message.get_filename())
        self.assertIn("removed", message.get_content())

    def test_a_uuencoded_file_is_removed_from_its_text(self):
        self.rule("file.extension is xyz", "remove-attachment", "alpha")
        mark = self.mark()
        data = text(mark, "before\r\n" + mails.uuencoded(b"secret" * 50, b"a.xyz").decode() + "after")
        message = parsed(self.delivered(mark, data))
        lines = message.get_content().splitlines()
        self.assertEqual((lines[0], lines[-1]), ("before", "after"))
        self.assertIn("removed", message.get_content())
        self.assertNotIn("begin 6", message.get_content())

    def test_a_file_in_a_forwarded_message_is_removed_unless_that_is_encoded(self):
        self.rule("file.extension is xyz", "remove-attachment", "alpha")
        mark = self.mark()
        inner = attached(SENDER, "inner", b"secret", "a.xyz")
        outer, inside = list(parsed(self.delivered(mark, forwarded(SENDER, mark, inner))).walk())[1:3]
        self.assertEqual(outer.get_content_type(), "message/rfc822")
        self.assertEqual([part.get_filename() for part in inside.walk()], [None] * 3)
        self.setting("content.on_malformed", "accept")  # RFC 2045 forbids what follows
        mark = self.mark()
        encoded = mails.part(inner, kind=b"message/rfc822", name=b"m.eml")
        self.assertEqual(self.submit(mails.mixed(encoded, head=head(SENDER, mark))).code, 250)
        (row,) = self.held()
        self.assertIn("encoded", row["reason"])
        self.relay.ctl("quarantine", "delete", row["id"])

    def signed_message(self, mark, name="a.xyz"):
        kind = b'Content-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha256;'
        inner = b"Content-Type: text/plain\r\n\r\nsigned words\r\n"
        file = mails.part(b"secret", name=name.encode())
        body = b'Content-Type: multipart/mixed; boundary="in"\r\n\r\n--in\r\n' + inner + b"--in\r\n" + file
        body += (b"" if file.endswith(b"\r\n") else b"\r\n") + b"--in--\r\n"
        signature = b"Content-Type: application/pgp-signature; name=s.asc\r\n\r\n"
        signature += b"-----BEGIN PGP SIGNATURE-----\r\n\r\nx\r\n"
        signature += b"-----END PGP SIGNATURE-----\r\n"
        whole = b"--out\r\n" + body + b"--out\r\n" + signature + b"--out--\r\n"
        return head(SENDER, mark) + kind + b' boundary="out"\r\n\r\n' + whole

    def test_what_is_signed_is_never_touched(self):
        self.rule("any", f'disclaimer "{FOOTER}"', "alpha")
        mark = self.mark()
        data = self.signed_message(mark, "a.txt")
        delivery = self.delivered(mark, data)
        self.assertIn(data.partition(b"\r\n\r\n")[2], on_the_wire(delivery))
        self.assertIn("disclaimer left out", self.relay.log_of("milter"))

    def test_what_cannot_be_removed_from_a_signed_message_is_held(self):
        self.rule("file.extension is xyz", "remove-attachment", "alpha")
        mark = self.mark()
        self.assertEqual(self.submit(self.signed_message(mark)).code, 250)
        (row,) = self.held()
        self.assertIn("signed", row["reason"])
        self.relay.ctl("quarantine", "delete", row["id"])

    def test_headers_are_added_and_the_subject_is_tagged(self):
        self.rule("any", 'add-header X-Class "für Köln"', "alpha")
        self.rule("subject has plan", 'tag-subject "[größer]"', "alpha")
        mark = self.mark()
        delivery = self.delivered(mark, text(mark, "x", subject="the plan"))
        message = parsed(delivery)
        self.assertEqual(message["X-Class"], "für Köln")
        self.assertEqual(message["Subject"], "[größer] the plan")
        self.assert_signed(delivery)

    def test_copies_and_redirections(self):
        copy = self.rule("subject has audit", "copy audit@dest.example", "alpha")
        mark = self.mark()
        self.delivered(mark, text(mark, "x", subject="audit"))
        found = self.relay.sink.of(mark)
        reached = {rcpt for one in found for rcpt in one.recipients}
        self.assertEqual(reached, {"somebody@dest.example", "audit@dest.example"})
        self.assertEqual({one.source for one in found}, {ALPHA_IP})
        self.relay.ctl("rule", "disable", copy)
        self.rule("subject has audit", "redirect jail@dest.example", "alpha")
        mark = self.mark()
        self.delivered(mark, text(mark, "x", subject="audit"), to=("a@dest.example", "b@dest.example"))
        self.relay.drain()
        found = self.relay.sink.of(mark)
        self.assertEqual([rcpt for one in found for rcpt in one.recipients], ["jail@dest.example"])


def unbroken(octets):
    """Without the line ends: Postfix breaks long lines."""
    return re.sub(rb"[\r\n]+ ?", b"", octets)


def plain_lines(text):
    """Line ends as LF; Postfix makes blanks of bare CR (cleanup_replace_stray_cr_lf)."""
    return text.replace("\r\n", "\n").replace("\r", " ")


def leaves(raw):
    """Type, declared charset and decoded octets of each part, line ends as LF; and what is wrong with the message."""
    message = email.message_from_bytes(raw.replace(b"\r\n", b"\n"))
    parts = [part for part in message.walk() if not part.is_multipart()]
    defects = {type(defect) for part in message.walk() for defect in part.defects}
    kinds = [(part.get_content_type(), part.get_content_charset("utf-8")) for part in parts]
    return [(*kind, part.get_payload(decode=True)) for kind, part in zip(kinds, parts)], defects


class Varied(ContentCase):
    """Hundreds of messages of all kinds get a disclaimer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sink = ExactSink()
        cls.addClassCleanup(cls.sink.stop)
        cls.relay.postconf(f"relayhost={cls.sink.nexthop}")
        cls.addClassCleanup(cls.relay.postconf, f"relayhost={cls.relay.sink.nexthop}")

    def send_all(self, pairs):
        sent = {}
        with self.relay.session(ALPHA) as session:
            for lines, body in pairs:
                with self.sink.lock:
                    mark = self.mark()
                sent[mark] = b"\r\n".join([*lines, b"X-Mark: " + mark.encode(), b"", body])
                reply = session.transaction(SENDER, ["x@dest.example"], sent[mark], " BODY=8BITMIME SMTPUTF8")
                self.assertEqual(reply.code, 250, (str(reply), sent[mark][:2000]))
        self.relay.drain(120)
        self.assertEqual(sorted(set(sent) - set(self.sink.received)), [])
        return sent

    def compare(self, sent, raw):
        """Parts are what they were, or what they were with the disclaimer; gives how many have it."""
        (before, faults), (after, new_faults) = leaves(sent), leaves(raw)
        self.assertLessEqual(new_faults, faults)
        self.assertEqual([kind for kind, *_ in before], [kind for kind, *_ in after])
        changed = 0
        for (kind, charset, old), (_, _, new) in zip(before, after):
            if FOOTER.encode() not in new and b"S\xc3\xb6hne" not in new:
                self.assertEqual(unbroken(old), unbroken(new))
                continue
            changed += 1
            if kind == "text/plain":
                text = plain_lines(old.decode(charset if charset != "us-ascii" else "utf-8")).rstrip("\n")
                self.assertEqual(plain_lines(new.decode())[: len(text)], text)
        return changed

    def check(self, pairs):
        for name in ("malformed", "executable", "over_limit", "double_extension"):
            self.setting(f"content.on_{name}", "accept")
        self.rule("any", f'disclaimer "{FOOTER}"', "alpha")
        sent = self.send_all(pairs)
        changed = 0
        for mark, data in sent.items():
            raw = self.sink.received[mark]
            with self.subTest(mark, sent=data[:1000]):
                changed += self.compare(data, raw) > 0
                self.assertEqual(fails_in_dkimpy(raw, self.keys), [])
        self.assertGreater(changed, len(sent) * 0.7)

    def test_generated_mail_stays_what_it_was(self):
        self.check(varied_mail.generate(120))

    def test_stored_mail_stays_what_it_was(self):
        contents = []
        for path in sorted(glob.glob(MAIL)):
            if os.path.getsize(path) < 100000:
                with open(path, "rb") as file:
                    contents.append(file.read())
        if not contents:
            self.skipTest("no folder of real mail")
        step = max(1, len(contents) // 100)
        self.check(list(varied_mail.from_files(contents[::step])))


class Trials(ContentCase):
    def test_a_trial_tells_which_rules_are_met_and_where(self):
        provider = self.rule("file.name like *.zip", "add-header X-Zip yes")
        own = self.rule("card", "quarantine", "alpha")
        path = f"{self.relay.directory}/trial"
        with open(path, "wb") as file:
            file.write(attached(SENDER, self.mark(), zipped("x.exe", b"x"), "a.zip").replace(b"Please", CARD.encode()))
        answer = json.loads(self.relay.ctl("rule", "test", path, "--tenant", "alpha", "--json").stdout)
        self.assertEqual(answer["verdict"], "reject")
        hits = [(hit["rule"], hit["owner"], hit["action"], hit["where"]) for hit in answer["hits"]]
        self.assertEqual(hits[0], (provider, "provider", "add-header", "attachment a.zip (part 3)"))
        self.assertIn(("executable", "built-in", "reject", "x.exe in a.zip (part 3)"), hits)
        self.assertEqual(hits[-1][:3], (own, "alpha", "quarantine"))
        self.assertIn("x.exe in a.zip", self.relay.ctl("rule", "test", path).stdout)

    def test_check_shows_what_would_be_changed(self):
        self.rule("any", 'disclaimer "fine print"', "alpha")
        self.rule("any", "redirect jail@dest.example", "alpha")
        words = ("check", "--client-ip", ALPHA, "--from", SENDER, "--to", "x@dest.example")
        answer = json.loads(self.relay.ctl(*words, "--json", stdin=text(self.mark(), "hello")).stdout)
        self.assertIn("fine print", answer["body"])
        self.assertEqual(answer["recipients"], [
            {"action": "delete", "address": "<x@dest.example>"},
            {"action": "add", "address": "<jail@dest.example>"},
        ])
        said = self.relay.ctl(*words, stdin=text(self.mark(), "hello")).stdout
        self.assertIn("recipient add: <jail@dest.example>", said)
        self.assertIn("body replaced", said)

    def test_the_list_shows_all_that_counts_for_a_tenant_in_order(self):
        provider = self.rule("any", "add-header X-Zip yes")
        own = self.rule("card", "quarantine", "alpha")
        other = self.rule("card", "quarantine", "beta")
        rows = json.loads(self.relay.ctl("rule", "list", "alpha", "--json").stdout)
        names = [row["rule"] for row in rows]
        self.assertLess(names.index(provider), names.index("executable"))
        self.assertLess(names.index("executable"), names.index(own))
        self.assertNotIn(other, names)


if __name__ == "__main__":
    unittest.main()

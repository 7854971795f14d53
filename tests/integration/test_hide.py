#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""No name, address or program of a tenant's network leaves in a header; the log keeps what was taken."""

import random
import re
import unittest

from dkim_check import fails_in_dkimpy, signatures
from scene import ALPHA
from sink import on_the_wire
from smtp import message
from test_sign import SENDER, SignCase

HELO = "exch01.secret-corp.local"
NAMES = ("exch01.secret-corp.local", "HUB-7.ad.secret-corp.local", "mbx3.inner.test-net.org", "sapserver", "EX2019-B")
ADDRESSES = ("10.11.12.13", "192.168.77.8", "172.20.1.9", "198.51.100.77", "2001:db8:77::5", "fe80::1ff:fe23:4567:890a")
SOFTWARE = ("SecretMailer 9.1", "Microsoft SMTP Server 15.2.1118.40")
# As they are looked for in what arrived: whatever their case, and the short names too.
PLANTED = [*NAMES, *ADDRESSES, *SOFTWARE, "exch01", "hub-7", "mbx3", "10-11-12-13", "fd00:0:0:1"]
# In lower case: a whole signature, and its tags of base64.
SIGNATURE = re.compile(r"^dkim-signature:.*(?:\r\n[ \t].*)*", re.MULTILINE)
BASE64 = re.compile(r"\bbh?=[^;]*")


class Planter:
    """Headers as servers and programs write them, with inner names in them."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def name(self):
        name = self.rng.choice(NAMES)
        return self.rng.choice((name, name.upper(), name.lower(), name + ("." if "." in name else "")))

    def address(self):
        address = self.rng.choice(ADDRESSES)
        tag = "IPv6:" if ":" in address and self.rng.random() < 0.5 else ""
        return self.rng.choice(("[{}]", "{}")).format(tag + address)

    def received(self):
        forms = (
            "from {n} ({n} [{a}])\n\tby {n} (Postfix) with ESMTPS id 4AbC\n\tfor <x@dest.example>;"
            " Mon, 1 Jun 2026 12:00:00 +0000",
            "from {n} ({a}) by {n} ({a}) with Microsoft SMTP Server\n (version=TLS1_2, cipher=TLS_AES) id 15.2.1118.40;"
            " Mon, 1 Jun 2026 12:00:00 +0000",
            "from [{a}] (port=4321 helo={n}) by {n} with esmtpsa (TLS1.3:X:256) (Exim 4.96)"
            " (envelope-from <a@alpha.example>) id 1q-2-3; now",
            "from unknown (HELO {n}) ({a}) by {n} with SMTP; 1 Jun 2026 12:00:00 -0000",
            "(qmail 123 invoked by uid 89; from {n}); 1 Jun 2026 12:00:00 -0000",
            "by {n} (Postfix, from userid 33) id 4AbC; Mon, 1 Jun 2026 12:00:00 +0000",
            "from {n} by {n}; now",
        )
        return f"Received: {self.fill(self.rng.choice(forms))}"

    def known(self):
        forms = (
            "X-Originating-IP: {a}", "X-Mailer: SecretMailer 9.1", "User-Agent: SecretMailer 9.1 ({n})",
            "X-MS-Exchange-Organization-AuthSource: {n}", "X-MS-Has-Attach:", "x-ms-exchange-crosstenant-id: 1-2-3",
            "X-Microsoft-Antispam: BCL:0; {n}", "Authentication-Results: {n}; spf=pass smtp.client-ip={a}",
            "Received-SPF: pass ({n}: domain of x designates {a})",
            "ARC-Seal: i=1; a=rsa-sha256; d={n}; s=x; cv=none; b=A",
            "ARC-Authentication-Results: i=1; {n}; dkim=none", "X-Spam-Checker-Version: SpamAssassin 3.4 on {n}",
            "X-Virus-Scanned: ClamAV at {n}", "X-Forwarded-For: {a}", "X-Client-IP: {a}",
            "X-ClientProxiedBy: {n} ({a})",
            "X-Sender-IP: {a}", "X-Source-Dir: {n}:/public_html", "X-AntiAbuse: Primary Hostname - {n}",
            "X-Sieve: CMU Sieve on {n}",
            "X-Authenticated-Sender: {n}: a@alpha.example", "X-Get-Message-Sender-Via: {n}: authenticated_id: a",
            "X-Received: by {a} with SMTP id x; now", "X-Google-Original-From: a@{n}", "Delivered-To: a@{n}",
            "Thread-Index: AQHSecretMailer 9.1", "X-MIMETrack: Serialize by Router on {n}",
            "DKIM-Filter: OpenDKIM Filter v2.11.0 {n} 4AbC",
            "MIME-Version: 1.0 (SecretMailer 9.1)", "X-Mozilla-Status: 0001", "X-Original-To: a@{n}",
        )
        return self.fill(self.rng.choice(forms))

    def unknown(self):
        """Headers that no table knows: what is in them tells."""
        forms = (
            "X-Campaign-Host: {n}", "X-Job: run 7 on {n}:8025/x", "X-Trace-Path: a!{n}!b",
            "X-Custom: http://{n}/a?ip={a}",
            "Mail-Via: {n} ({a})", "X-Origin: <{a}>", "X-Route: {a}:25, {n}", "X-Odd: ip-10-11-12-13.example",
            "X-Pool:\n\t{n}\n\t{a}",
            "X-V6: fd00:0:0:1::9", "X-Range: {a}/24", "X-Short: exch01", "X-Quoted: \"{n}\";id=4",
        )
        return self.fill(self.rng.choice(forms))

    def fill(self, form):
        return re.sub(r"\{[na]\}", lambda slot: self.name() if slot[0] == "{n}" else self.address(), form)

    def headers(self):
        """Each unknown header's names stand in some Received line too, as they do in life."""
        hops = [f"Received: from {name} ([{address}]) by {name}; now" for name, address in zip(NAMES, ADDRESSES)]
        hops.append(f"Received: from x ([{ADDRESSES[5]}]) by y; now")
        lines = [self.received() for _ in range(self.rng.randrange(5))]
        lines += [self.known() for _ in range(self.rng.randrange(1, 8))]
        lines += hops + [self.unknown() for _ in range(self.rng.randrange(1, 6))]
        lines.append("X-Harmless: keep me")
        self.rng.shuffle(lines)
        return lines


def planted_in(raw):
    """What is planted in the header section, signatures' base64 aside, in which four letters may come by chance."""
    head = raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").lower()
    head = SIGNATURE.sub(lambda field: BASE64.sub("", field[0]), head)
    return [word for word in PLANTED if word.lower() in head]


class Hiding(SignCase):
    def pass_with(self, headers, helo=HELO, recipients=("somebody@dest.example",), sender=SENDER):
        mark = self.mark()
        with self.relay.session(ALPHA, helo=helo) as session:
            reply = session.transaction(sender, recipients, message(SENDER, mark, headers=headers))
        self.assertEqual(reply.code, 250, str(reply))
        return mark

    def test_no_planted_name_or_address_leaves(self):
        planter = Planter(5)
        several = ("somebody@dest.example", "another@dest.example")
        sent = {}
        for number in range(150):
            headers = planter.headers()
            sent[self.pass_with(headers, recipients=several[: 1 + number % 2])] = headers
        self.relay.drain()
        for mark, headers in sent.items():
            raw = on_the_wire(self.arrived(mark))
            self.assertEqual(planted_in(raw), [], (headers, raw))
            self.assertNotIn(ALPHA.encode(), raw.partition(b"\r\n\r\n")[0])
            self.assertIn(b"\r\nX-Harmless: keep me\r\n", raw)
            self.assertEqual((len(signatures(raw)), fails_in_dkimpy(raw, self.keys)), (2, []))

    def test_our_own_trace_line_does_not_name_the_client(self):
        several = ("somebody@dest.example", "another@dest.example")  # Postfix writes that line without `for`
        odd = ('"a;b by c (d) with X id 1; e"@dest.example',)
        for options in ({}, {"recipients": several}, {"recipients": odd}, {"sender": ""}):
            with self.subTest(options):
                raw = on_the_wire(self.arrived(self.pass_with([], **options)))
                lines = re.findall(rb"^Received: .*(?:\r\n[ \t].*)*", raw, re.MULTILINE)
                self.assertEqual(len(lines), 1, lines)
                ours = rb"^Received: by relay\.provider\.example \(easymail\) with ESMTP id \w+; \w{3}, .* \(UTC\)\r?$"
                self.assertRegex(lines[0], ours)

    def test_a_helo_that_imitates_our_trace_line_does_not_leave(self):
        helo = "exch01.secret-corp.local by x (Postfix) with ESMTP id 1; a"
        raw = on_the_wire(self.arrived(self.pass_with([], helo=helo)))
        self.assertEqual(planted_in(raw), [])

    def test_our_own_trace_lines_stay_so_that_loops_end(self):
        ours = "Received: by relay.provider.example (easymail) with ESMTP id 4X1; Mon, 1 Jun 2026 12:00:00 +0000 (UTC)"
        raw = on_the_wire(self.arrived(self.pass_with([ours] * 7)))
        self.assertEqual(raw.count(b"(easymail)"), 8)
        mark = self.mark()
        with self.relay.session(ALPHA) as session:
            data = message(SENDER, mark, headers=[ours] * 60)
            self.assertGreaterEqual(session.transaction(SENDER, ["b@dest.example"], data).code, 500)

    def test_the_log_keeps_what_was_taken_away(self):
        headers = [f'X-Mailer: SecretMailer "9.1" on {NAMES[0]}', f"X-Originating-IP: [{ADDRESSES[0]}]"]
        self.arrived(self.pass_with(headers))
        log = self.relay.log_of("milter-tenant-egress-sign")
        line = re.findall(r"\bhidden id=\S+ tenant=alpha count=2 headers=.*", log)[-1]
        self.assertIn(f"X-Mailer: SecretMailer '9.1' on {NAMES[0]} | X-Originating-IP: [{ADDRESSES[0]}]", line)

    def test_a_tenant_may_have_it_off(self):
        self.setting("hide.server", "off")
        raw = on_the_wire(self.arrived(self.pass_with([f"X-Mailer: SecretMailer 9.1 on {NAMES[0]}"])))
        self.assertIn(b"SecretMailer", raw)
        self.assertEqual(fails_in_dkimpy(raw, self.keys), [])

    def test_message_ids_are_rewritten_alike_in_references(self):
        self.setting("hide.message_id", "on")
        ids = [f"<{number}.ABC@EXCH01.secret-corp.local>" for number in range(3)]
        seen = []
        for number, own in enumerate(ids):
            mark = self.mark()
            lines = ["References: <outside@dest.example> " + " ".join(ids[:number]), f"In-Reply-To: {ids[number - 1]}"]
            data = message(SENDER, mark, headers=lines).replace(f"<{mark}@test.example>".encode(), own.encode())
            raw = self.pass_on(data, mark)
            self.assertNotIn(b"secret-corp", raw)
            fields = dict(re.findall(r"^([A-Za-z-]+): *(.*)\r$", raw.decode(), re.MULTILINE))
            self.assertEqual(fields["References"].split(), ["<outside@dest.example>", *seen])
            if seen:
                self.assertEqual(fields["In-Reply-To"], seen[-1])
            seen.append(fields["Message-Id"])
            self.assertEqual(fails_in_dkimpy(raw, self.keys), [])
        self.assertEqual(len(set(seen)), 3)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: BSD-2-Clause
"""What clients do with SMTP, well-behaved or not, changes no decision and loses nothing."""

import threading
import unittest

from scene import ALPHA, ALPHA_IP, BETA, BETA_IPS, RelayCase
from smtp import message


class Smtp(RelayCase):
    def test_pipelined_commands_are_decided_one_by_one(self):
        marks = [self.mark() for _ in range(20)]
        with self.relay.session(ALPHA) as session:
            for number, mark in enumerate(marks):
                sender = "a@alpha.example" if number % 2 == 0 else "a@beta.example"
                recipients = "RCPT TO:<x@dest.example>\r\nRCPT TO:<y@dest.example>\r\n"
                session.write(f"MAIL FROM:<{sender}>\r\n{recipients}DATA\r\n")
                replies = [session.reply().code for _ in range(4)]
                if number % 2 == 0:
                    self.assertEqual(replies, [250, 250, 250, 354])
                    self.assertEqual(session.data(message(sender, mark)).code, 250)
                else:
                    self.assertEqual(replies[0], 550)
                    self.assertNotIn(354, replies)
                    session.command("RSET")
        self.relay.drain()
        for number, mark in enumerate(marks):
            found = self.relay.sink.of(mark)
            self.assertEqual([delivery.source for delivery in found], [ALPHA_IP] if number % 2 == 0 else [])

    def test_a_thousand_recipients_all_get_it_once(self):
        self.relay.ctl("setting", "set", "content.max_recipients", "1000", "alpha")
        self.addCleanup(self.relay.ctl, "setting", "unset", "content.max_recipients", "alpha")
        mark = self.mark()
        recipients = [f"r{number}@dest.example" for number in range(1000)]
        with self.relay.session(ALPHA) as session:
            session.write("MAIL FROM:<a@alpha.example>\r\n" + "".join(f"RCPT TO:<{to}>\r\n" for to in recipients))
            self.assertEqual({session.reply().code for _ in range(1001)}, {250})
            self.assertEqual(session.command("DATA").code, 354)
            self.assertEqual(session.data(message("a@alpha.example", mark)).code, 250)
        self.relay.drain()
        found = self.relay.sink.of(mark)
        reached = sorted(to for delivery in found for to in delivery.recipients)
        self.assertEqual(reached, sorted(recipients))
        self.assertEqual({delivery.source for delivery in found}, {ALPHA_IP})

    def test_several_messages_in_a_session_are_strangers_to_each_other(self):
        kept, dropped = [self.mark() for _ in range(3)], self.mark()
        with self.relay.session(ALPHA) as session:

            def send(sender, author, mark):
                return session.transaction(sender, ["x@dest.example"], message(author, mark))

            self.assertEqual(send("a@alpha.example", "a@alpha.example", kept[0]).code, 250)
            self.assert_refused(send("a@alpha.example", "ceo@beta.example", dropped), 550, "5.7.1")
            self.assertEqual(session.command("MAIL FROM:<a@alpha.example>").code, 250)
            self.assertEqual(session.command("RSET").code, 250)
            self.assertEqual(send("", "a@alpha.example", kept[1]).code, 250)
            self.assertEqual(send("b@alpha.example", "b@alpha.example", kept[2]).code, 250)
        self.relay.drain()
        for mark in kept:
            self.assertEqual([delivery.source for delivery in self.relay.sink.of(mark)], [ALPHA_IP])
        self.assertEqual(self.relay.sink.of(dropped), [])

    def test_a_client_that_leaves_in_mid_message_leaves_nothing(self):
        mark = self.mark()
        session = self.relay.session(ALPHA)
        for line in ("MAIL FROM:<a@alpha.example>", "RCPT TO:<x@dest.example>", "DATA"):
            session.command(line)
        session.write(message("a@alpha.example", mark))
        session.close()
        self.assert_never_arrives(mark)
        self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example")

    def test_tenants_at_the_same_time_keep_apart(self):
        sent = {}

        def flood(source, sender):
            for number in range(40):
                mark = f"{self._testMethodName}-{sender}-{number}"
                author = sender if number % 4 else ""
                reply = self.relay.send(source, author, mark, author=sender)
                sent[mark] = (source, reply.code)

        threads = [
            threading.Thread(target=flood, args=arguments)
            for arguments in ((ALPHA, "a@alpha.example"), (BETA, "b@beta.example"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.relay.drain()
        self.assertEqual({code for _, code in sent.values()}, {250})
        for mark, (source, _) in sent.items():
            found = self.relay.sink.of(mark)
            self.assertEqual(len(found), 1, mark)
            self.assertIn(found[0].source, [ALPHA_IP] if source == ALPHA else BETA_IPS, mark)

    def test_a_hundred_kilobytes_of_headers_pass(self):
        filler = ["X-Filler: " + "\n ".join(["word " * 15] * 50) for _ in range(25)]
        delivery = self.assert_leaves_from(ALPHA_IP, ALPHA, "a@alpha.example", headers=filler)
        self.assertEqual(len(delivery.headers.get_all("X-Filler")), 25)

    def test_one_header_of_a_hundred_kilobytes_cannot_hide_the_from_behind_it(self):
        huge = "X-Filler: " + "\n ".join(["word " * 15] * 1330)
        mark = self.mark()
        data = message(None, mark, headers=[huge, "From: ceo@beta.example"])
        with self.relay.session(ALPHA) as session:
            reply = session.transaction("a@alpha.example", ["x@dest.example"], data)
        self.assertIn(reply.code // 100, (4, 5), str(reply))
        self.assert_never_arrives(mark)

    def test_bare_cr_and_lf_hide_no_second_from(self):
        for name, ending in (("cr", b"\r"), ("lf", b"\n"), ("nul", b"\0"), ("crcrlf", b"\r\r\n")):
            with self.subTest(name):
                mark = self.mark()
                data = b"X-First: 1" + ending + b"From: ceo@beta.example\r\n" + message("a@alpha.example", mark)
                with self.relay.session(ALPHA) as session:
                    reply = session.transaction("a@alpha.example", ["x@dest.example"], data)
                self.relay.drain()
                for delivery in self.relay.sink.of(mark):
                    self.assertEqual(delivery.source, ALPHA_IP)
                    self.assertNotIn("ceo@beta.example", delivery.headers.get_all("From", []))
                if reply.code == 250:
                    self.assertEqual(len(self.relay.sink.of(mark)), 1)

    def test_smuggled_messages_are_decided_for_themselves(self):
        """Ends of data that some servers take for real (SEC Consult, 2023): if Postfix does too, what follows
        is a message of its own and refused; otherwise it is text of the first one."""
        for name, end in (
            ("lf.lf", b"\n.\n"),
            ("lf.crlf", b"\n.\r\n"),
            ("crlf.lf", b"\r\n.\n"),
            ("crlf.cr", b"\r\n.\r"),
            ("cr.crlf", b"\r.\r\n"),
            ("cr.cr", b"\r.\r"),
            ("crlf.nul.crlf", b"\r\n\0.\r\n"),
        ):
            with self.subTest(name):
                outer, inner = self.mark(), self.mark()
                smuggled = b"MAIL FROM:<ceo@beta.example>\r\nRCPT TO:<x@dest.example>\r\nDATA\r\n"
                smuggled += message("ceo@beta.example", inner)
                session = self.relay.session(ALPHA, timeout=20)
                for line in ("MAIL FROM:<a@alpha.example>", "RCPT TO:<x@dest.example>", "DATA"):
                    session.command(line)
                session.write(message("a@alpha.example", outer) + b"last line" + end + smuggled + b"\r\n.\r\n")
                try:
                    session.reply()
                except (ConnectionError, TimeoutError):
                    pass
                session.close()
                self.relay.drain()
                senders = {delivery.sender for delivery in self.relay.sink.of(outer)}
                self.assertLessEqual(senders, {"a@alpha.example"})
                self.assertEqual(self.relay.sink.of(inner), [])

    def test_odd_envelopes_never_pass(self):
        odd = ["a@[127.0.1.10]", "a", "a@", "@", "a@alpha.example@beta.example", "a@alpha..example", "a%b@", "a!b"]
        for sender in odd:
            with self.subTest(sender):
                mark = self.mark()
                reply = self.relay.send(ALPHA, sender, mark, author="a@alpha.example")
                self.assertIn(reply.code // 100, (4, 5), str(reply))
                self.assert_never_arrives(mark)


if __name__ == "__main__":
    unittest.main()

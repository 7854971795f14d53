# SPDX-License-Identifier: BSD-2-Clause
"""What the scanner says about messages, over its socket, with the real libclamav."""

import os
import unittest

import mails
from mails import mixed, part, plain
from scanner import TESTFILES, Scanner, eicar

BOUND = 5.5  # seconds: scanner.timeout and the way there


class Verdicts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scanner = Scanner(workers="2")

    @classmethod
    def tearDownClass(cls):
        cls.scanner.stop()

    def scan(self, message):
        answer = self.scanner.scan(message)
        self.assertLess(answer.seconds, BOUND)
        return answer

    def assert_infected(self, message, signature="Eicar-Test-Signature.UNOFFICIAL"):
        answer = self.scan(message)
        self.assertEqual((answer.verdict, answer.signature), ("infected", signature), answer)
        return answer

    def assert_clean(self, message):
        answer = self.scan(message)
        self.assertEqual((answer.verdict, answer.flags), ("clean", set()), answer)
        return answer

    def test_calls_a_plain_message_clean(self):
        self.assertEqual(self.assert_clean(plain()).parts, 1)

    def test_calls_attachments_without_malware_clean(self):
        self.assertEqual(self.assert_clean(mixed(plain(head=b""), part(mails.noise(30000)))).parts, 2)

    def test_names_signature_and_part(self):
        answer = self.assert_infected(mixed(plain(head=b""), part(eicar(), name=b"bad name.com")))
        self.assertEqual((answer.part, answer.name), (2, "bad name.com"))

    def test_finds_it_in_a_plain_text(self):
        self.assert_infected(plain(eicar()))

    def test_finds_it_in_quoted_printable(self):
        body = b"".join(b"=%02X" % octet for octet in eicar())
        self.assert_infected(mixed(part(mails.lines(body[:75], 75)[:-2] + b"=\r\n" + body[75:],
                                        encoding=b"quoted-printable")))

    def test_finds_it_in_archives(self):
        for levels in (1, 2, 3):
            self.assert_infected(mixed(part(mails.zipped(eicar(), levels=levels))))

    def test_finds_it_in_uuencode_in_a_text(self):
        self.assert_infected(plain(b"see below\r\n\r\n" + mails.uuencoded(mails.zipped(eicar()))))

    def test_finds_it_in_uuencode_as_transfer_encoding(self):
        self.assert_infected(mixed(part(mails.uuencoded(eicar()), encoding=b"x-uuencode")))

    def test_finds_it_in_tnef(self):
        self.assert_infected(mixed(part(mails.tnef(mails.zipped(eicar())), kind=b"application/ms-tnef")))

    def test_finds_it_after_blanks_behind_a_delimiter(self):
        self.assert_infected(mixed(part(mails.zipped(eicar())), blanks=b" \t "))

    def test_finds_it_without_closing_delimiter(self):
        self.assert_infected(mixed(part(mails.zipped(eicar())), close=False))

    def test_finds_it_in_base64_with_rubbish(self):
        encoded = mails.b64(mails.zipped(eicar()))
        message = mixed(part(mails.zipped(eicar())))
        self.assertIn(encoded, message)
        self.assert_infected(message.replace(encoded, encoded.replace(b"A", b"!*A\r\n?")))

    def test_finds_what_programs_that_stop_at_padding_see(self):
        with open(os.path.join(TESTFILES, "clam.exe"), "rb") as file:
            clam = file.read()
        self.assertNotEqual(len(clam) % 3, 0)
        body = mails.b64(clam) + mails.b64(b"more")
        message = mixed(b"Content-Transfer-Encoding: base64\r\n\r\n" + body)
        self.assert_infected(message, "Clam.Exe.UNOFFICIAL")

    def test_finds_it_in_nested_messages(self):
        infected = mixed(part(mails.zipped(eicar())))
        self.assert_infected(mails.nested(infected, 3))

    def test_finds_it_in_an_encoded_message(self):
        infected = mixed(part(mails.zipped(eicar())))
        self.assert_infected(mixed(part(infected, kind=b"message/rfc822")))

    def test_twenty_levels_are_infected_or_unknown(self):
        answer = self.scan(mails.nested(mixed(part(mails.zipped(eicar()))), 19))
        self.assertIn(answer.verdict, ("infected", "unknown"), answer)

    def test_a_hundred_levels_are_over_the_limit(self):
        answer = self.scan(mails.nested(plain(), 100))
        self.assertEqual((answer.verdict, answer.flags), ("unknown", {"over_limit"}))

    def test_ten_thousand_parts_are_over_the_limit(self):
        answer = self.scan(mixed(*[plain(b"x", head=b"")] * 10000))
        self.assertEqual((answer.verdict, answer.flags), ("unknown", {"over_limit"}))

    def test_an_infected_part_before_the_limit_counts(self):
        self.assert_infected(mixed(part(eicar()), *[plain(b"x", head=b"")] * 10000))

    def test_scans_one_long_line(self):
        self.assert_clean(plain(b"x" * 8_000_000))
        self.assert_infected(plain(b"x " * 1_000_000 + eicar()))

    def test_a_zip_bomb_is_unknown(self):
        answer = self.scan(mixed(part(mails.bomb())))
        self.assertEqual(answer.verdict, "unknown", answer)

    def test_archives_too_deep_are_over_the_limit(self):
        answer = self.scan(mixed(part(mails.zipped(b"x", levels=40))))
        self.assertEqual((answer.verdict, answer.flags), ("unknown", {"over_limit"}), answer)

    def test_flags_an_encrypted_archive(self):
        answer = self.scan(mixed(part(mails.encrypted_zip())))
        self.assertEqual((answer.verdict, answer.flags), ("flagged", {"encrypted_archive"}))

    def test_flags_an_encrypted_office_document(self):
        stream = "EncryptedPackage".encode("utf-16-le")
        document = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2040) + stream + bytes(480)
        answer = self.scan(mixed(part(document, name=b"a.docx")))
        self.assertEqual((answer.verdict, answer.flags), ("flagged", {"encrypted_document"}))

    def test_flags_macros(self):
        answer = self.scan(mixed(part(mails.macro_sheet(), name=b"a.xls")))
        self.assertEqual((answer.verdict, answer.flags), ("flagged", {"macros"}))

    def test_flags_message_partial(self):
        head = b"Content-Type: message/partial; id=\"x\"; number=1; total=2\r\n\r\n"
        answer = self.scan(mails.HEAD + head + b"Subject: x\r\n\r\nhalf")
        self.assertEqual((answer.verdict, answer.flags), ("flagged", {"partial"}))

    def test_infected_counts_more_than_a_flag(self):
        self.assert_infected(mixed(part(mails.encrypted_zip()), part(eicar())))

    def test_two_content_type_fields_hide_nothing(self):
        infected = mixed(part(mails.zipped(eicar())))
        self.assert_infected(infected.replace(b"MIME-Version", b"Content-Type: text/plain\r\nMIME-Version", 1))

    def test_an_unknown_encoding_hides_nothing(self):
        message = mixed(part(mails.zipped(eicar()))).replace(b"Encoding: base64", b"Encoding: rot13")
        self.assert_infected(message)

    def test_a_message_that_does_not_begin_like_mail_hides_nothing(self):
        message = mixed(part(mails.zipped(eicar())), head=b"X-Odd: 1\r\n")
        self.assert_infected(message)

    def test_finds_every_test_file_of_clamav(self):
        for name in sorted(os.listdir(TESTFILES)):
            with self.subTest(name=name), open(os.path.join(TESTFILES, name), "rb") as file:
                self.assert_infected(mixed(part(file.read(), name=name.encode())), "Clam.Exe.UNOFFICIAL")

    def test_a_message_of_random_octets_harms_nobody(self):
        lost = self.scanner.status()["workers_lost"]
        for _ in range(50):
            self.scan(mails.HEAD + mails.noise(3000))
        self.assertEqual(self.scanner.status()["workers_lost"], lost)

    def test_the_same_part_twice_has_the_same_verdict(self):
        infected, clean = part(mails.zipped(eicar())), part(mails.noise(5000))
        for _ in range(5):
            self.assert_infected(mixed(infected))
            self.assert_clean(mixed(clean))

    def test_status_tells_what_holds(self):
        jail = self.scanner.status()["jail"]
        self.assertTrue(jail["seccomp"] and jail["no_privileges"] and jail["limits"], jail)


if __name__ == "__main__":
    unittest.main(verbosity=1)

# SPDX-License-Identifier: BSD-2-Clause
"""The facts that jailed workers hand back, as a milter gets them, and that they are bounded."""

import gzip
import hashlib
import io
import os
import signal
import struct
import tarfile
import unittest
import zipfile

import mails
from mails import HEAD, b64, mixed, part, plain, zipped
from scanner import TESTFILES, Scanner, build_directory, eicar

CPU_SECONDS = 20 if "address" in build_directory() else 5  # of a worker, for one message
TNEF = "application/vnd.ms-tnef"
PE = "application/vnd.microsoft.portable-executable"


def program():
    """The head of a Windows program; it does nothing."""
    return b"MZ" + b"\0" * 58 + b"\x40\0\0\0PE\0\0\x4c\x01" + b"\0" * 400


def zip_of(*members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def tar_of(*members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def headed(header, body=b"x"):
    return HEAD + header + b"\r\n\r\n" + body


def attribute(level, number, data):
    """Of a TNEF stream."""
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def attachment(title, data=b"", name=None, message=None):
    """An attachment's attributes, as Outlook writes them."""
    numbers = struct.pack("<HHI", 0x1003, 0x1000, 2) + b"-" * 8
    properties = [struct.pack("<HHi", 3, 0x0E20, len(data)), numbers]
    if name is not None:
        text = name.encode("utf-16le") + b"\0\0"
        properties.append(struct.pack("<HHII", 0x1F, 0x3707, 1, len(text)) + text + b"\0" * (-len(text) % 4))
    named = struct.pack("<HH", 0x1E, 0x8001) + b"G" * 16 + struct.pack("<II", 1, 6) + b"K\0\0\0\0\0\0\0"
    properties.append(named + struct.pack("<II", 1, 2) + b"v\0\0\0")
    if message is not None:
        value = b"I" * 16 + message
        properties.append(struct.pack("<HHII", 0x0D, 0x3701, 1, len(value)) + value + b"\0" * (-len(value) % 4))
    block = struct.pack("<I", len(properties)) + b"".join(properties)
    parts = [attribute(2, 0x69002, b"\1" * 14), attribute(2, 0x18010, title + b"\0")]
    return b"".join([*parts, attribute(2, 0x6800F, data), attribute(2, 0x69005, block)])


def tnef(*attachments):
    return b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x89006, b"\0\0\1\0") + b"".join(attachments)


class Facts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scanner = Scanner(workers="1", timeout="30s")  # of the wall clock: the machine may be busy

    @classmethod
    def tearDownClass(cls):
        cls.scanner.stop()

    def cpu_seconds(self):
        with open("/proc/%d/schedstat" % self.scanner.workers()[0]) as file:
            return int(file.read().split()[0]) / 1e9

    def facts(self, message):
        before = self.cpu_seconds()
        facts = self.scanner.facts(message)
        self.assertLess(self.cpu_seconds() - before, CPU_SECONDS)
        self.assertIn("parts", facts, facts)
        return facts

    def malformed(self, message):
        return self.facts(message)["malformed"]

    def members(self, data, name=b"file.bin"):
        facts = self.facts(mixed(plain(head=b""), part(data, name=name)))
        return facts, [(m["name"], m["depth"], m["detected"]) for m in facts["members"]]

    def test_facts_alone_are_no_verdict(self):
        infected = mixed(plain(head=b""), part(eicar()))
        self.assertEqual(self.scanner.facts(infected)["verdict"], "infected")
        facts = self.scanner.facts(infected, "unscanned")
        self.assertEqual((facts["verdict"], facts["why"]), ("unknown", "no verdict was asked for"))
        self.assertEqual(len(facts["parts"]), 3)

    def test_places_each_part_in_the_message_as_scanned(self):
        attachment = os.urandom(3000)
        message = mixed(plain(b"Hello\r\n", head=b""), part(attachment))
        _, text, file = self.facts(message)["parts"]
        place = file["place"]
        header = message[place["header_at"]:place["header_at"] + place["header_length"]]
        body = message[place["body_at"]:place["body_at"] + place["body_length"]]
        self.assertTrue(header.startswith(b"Content-Type: application") and header.endswith(b"\r\n\r\n"))
        self.assertEqual(body, b64(attachment))
        self.assertEqual((file["size"], file["hash"]), (3000, hashlib.sha256(attachment).hexdigest()))
        self.assertEqual((text["attachment"], file["attachment"], file["depth"], file["parent"]), (False, True, 1, 1))

    def test_gives_text_and_urls_of_text_and_html(self):
        facts = self.facts(mixed(
            plain("Grüße, siehe http://Bücher.example/a?b, und www.x.example.\r\n".encode(), head=b""),
            b"Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            b"<style>p {}</style><p>Sch=F6n &amp; &#x67;ut</p><!-- no --><a HREF=3D'https://u@H.example:8/x&amp;y'>"
            b"ja</a><script>nein()</script>\r\n"))
        self.assertEqual(facts["parts"][1]["text"], "Grüße, siehe http://Bücher.example/a?b, und www.x.example.\r\n")
        self.assertEqual(facts["parts"][2]["text"].strip(), "Schön & gut\nja")
        self.assertEqual({url["host"] for url in facts["urls"]},
                         {"xn--bcher-kva.example", "www.x.example", "h.example"})
        self.assertIn("https://u@H.example:8/x&y", [url["text"] for url in facts["urls"]])
        self.assertEqual(facts["malformed"], [])

    def test_finds_urls_in_attributes_and_nothing_else_there(self):
        html = (b"<meta content='text/html; charset=utf-8'><meta content='0; url=http://r.example/x'>"
                b"<img srcset='http://a.example/1 1x, http://b.example/2 2x'><a href='/beside'><img src='cid:x/y'>"
                b"<a href='JavaScript:alert(1)'><a href='//c.example'>")
        facts = self.facts(headed(b"Content-Type: text/html", html))
        self.assertEqual([(url["text"], url["host"]) for url in facts["urls"]],
                         [("http://r.example/x", "r.example"), ("http://a.example/1", "a.example"),
                          ("http://b.example/2", "b.example"), ("JavaScript:alert(1)", ""),
                          ("//c.example", "c.example")])

    def test_decodes_the_message_header(self):
        facts = self.facts(headed(b"X-A: =?utf-8?Q?=C3=A4?=\r\n =?iso-8859-1?B?9g==?= b"))
        self.assertIn({"name": "X-A", "value": "äö b"}, facts["headers"])

    def test_tells_types_by_content(self):
        with open(os.path.join(TESTFILES, "clam.pdf"), "rb") as file:
            pdf = file.read()
        facts = self.facts(mixed(part(program(), kind=b"image/png", name=b"a.png"), part(pdf),
                                 part(zipped(b"x"), name=b"a.txt")))
        self.assertEqual([p["detected"] for p in facts["parts"]], ["", PE, "application/pdf", "application/zip"])
        self.assertEqual(facts["malformed"], ["type_lies"])

    def test_lists_archives_in_archives(self):
        inner = zip_of(("läuft.exe", program()), ("dir/b.txt", b"text"))
        for data in (zip_of(("in.zip", inner)), tar_of(("in.zip", inner)), tar_of(("in.zip", inner))):
            facts, members = self.members(data)
            self.assertEqual(members[0], ("in.zip", 1, "application/zip"))
            self.assertIn(("läuft.exe", 2, PE), members)
            self.assertEqual(facts["malformed"], [])

    def test_lists_the_formats_that_mail_brings(self):
        for name in ("clam.zip", "clam.7z", "clam.cab", "clam.tar.gz", "clam.newc.cpio", "clam-v2.rar", "clam-v3.rar",
                     "clam.exe.bz2"):
            path = os.path.join(TESTFILES, name)
            if not os.path.exists(path):
                continue
            with open(path, "rb") as file:
                facts, members = self.members(file.read())
            self.assertTrue(any(detected == PE for _, _, detected in members), (name, members, facts["malformed"]))

    def test_lists_what_outlook_packs(self):
        attributes = attachment(b"REPORT~1.TXT", data=program(), name="Bericht für März.txt")
        nested = attachment(b"weiter", message=tnef(attachment(b"a.exe", data=program())))
        facts, members = self.members(tnef(attributes, nested), b"winmail.dat")
        expected = [("Bericht für März.txt", 1, PE), ("weiter", 1, TNEF), ("a.exe", 2, PE)]
        self.assertEqual((members, facts["malformed"]), (expected, []))

    def test_lists_both_contents_of_a_file_that_has_two(self):
        twice = attachment(b"a.txt", data=b"text") + attribute(2, 0x6800F, program())
        self.assertEqual([m[2] for m in self.members(tnef(twice))[1]], ["text/plain", PE])

    def test_says_what_outlook_would_not_have_packed(self):
        whole = tnef(attachment(b"a.txt", data=b"x" * 100), attachment(b"b.exe", data=program(), name="b.exe"))
        for length in (8, 20, whole.index(b"x" * 100) + 50, len(whole) - 100, len(whole) - 1):
            facts, members = self.members(whole[:length])
            self.assertEqual(("archive" in facts["malformed"], len(members) < 3), (True, True), length)

    def test_reads_a_winmail_dat_of_clamav(self):
        with open(os.path.join(TESTFILES, "clam.tnef"), "rb") as file:
            facts, members = self.members(file.read())
        self.assertEqual((members[0][2], facts["malformed"]), (PE, []))

    def test_knows_what_asks_for_a_password(self):
        facts, members = self.members(mails.encrypted_zip())
        self.assertTrue(facts["members"][0]["encrypted"] and facts["parts"][2]["encrypted"])
        self.assertEqual(members[0][2], "")

    def test_knows_documents_that_ask_for_a_password(self):
        pdf = b"%%PDF-1.4\ntrailer << /Root 1 0 R %s>>\n%%%%EOF\n"
        facts = self.facts(mixed(part(pdf % b"/Encrypt 2 0 R "), part(pdf % b"")))
        self.assertEqual([p["encrypted"] for p in facts["parts"]], [False, True, False])

    def test_names_what_a_gzip_file_holds(self):
        file = io.BytesIO()
        with gzip.GzipFile("dir/a.exe", "wb", fileobj=file) as packed:
            packed.write(program())
        self.assertEqual(self.members(file.getvalue())[1], [("a.exe", 1, PE)])
        self.assertEqual(self.members(gzip.compress(program()))[1], [("", 1, PE)])

    def test_says_which_archives_it_could_not_read_to_the_end(self):
        whole = zip_of(("a", os.urandom(5000)), ("b", os.urandom(5000)))
        self.assertIn("archive", self.members(whole[:4000])[0]["malformed"])
        gone = bytearray(gzip.compress(os.urandom(50000)))
        self.assertIn("archive", self.members(bytes(gone[:20000]))[0]["malformed"])

    def test_finds_a_zip_behind_something_else(self):
        facts, members = self.members(b"GIF89a" + os.urandom(200) + zip_of(("a.exe", program())))
        self.assertEqual(members, [("a.exe", 1, PE)])
        self.assertEqual(facts["parts"][2]["detected"], "image/gif")

    def test_names_a_file_in_every_reading(self):
        cases = (
            (b'name="a.txt"', ["a.txt"]),
            (b'name="=?utf-8?B?w6QuZXhl?="', ["ä.exe"]),
            (b"name*=utf-8''%C3%A4.exe", ["ä.exe"]),
            (b"name*0*=utf-8''%C3; name*1*=%A4; name*2=\".exe\"", ["ä.exe"]),
            (b'name*1=".exe"; name*0="a"', [".exea", "a.exe"]),
            (b'name="a.txt"; name="b.exe"', ["a.txt", "b.exe"]),
            (b'name="a.txt"\r\nContent-Disposition: attachment; filename="b.exe"', ["a.txt", "b.exe"]),
            (b"name=my file.exe", ["my", "my file.exe"]),
            (b'name="a\\.exe"', ["a.exe", "a\\.exe"]),
            (b'name="\xe4.exe"', ["ä.exe"]),
            (b'name="a\xe2\x80\xaefdp.exe"', ["a\u202efdp.exe"]),
            (b'name="=?x-none?Q?a.exe?="', ["a.exe", "=?x-none?Q?a.exe?="]),
        )
        for header, names in cases:
            parts = self.facts(headed(b"Content-Type: application/x; " + header))["parts"]
            self.assertEqual(parts[0]["names"], names, header)

    def test_names_uuencoded_files_and_where_they_stand(self):
        message = plain(b"hi\r\nbegin 644 a.exe\r\n#86)C\r\n`\r\nend\r\nrest\r\n")
        facts = self.facts(message)
        file = facts["parts"][1]
        place = file["place"]
        self.assertEqual((file["kind"], file["names"], file["parent"], file["size"]), ("uuencoded", ["a.exe"], 1, 3))
        self.assertEqual(message[place["body_at"]:place["body_at"] + place["body_length"]],
                         b"begin 644 a.exe\r\n#86)C\r\n`\r\nend\r\n")

    def test_calls_well_formed_mail_well_formed(self):
        message = mixed(plain(head=b""), b"Content-Type: text/plain\r\n\r\n", part(b"x" * 1000), boundary=b"a b")
        for mail in (plain(), message, mails.nested(plain(), 3)):
            self.assertEqual(self.malformed(mail), [])

    def test_says_what_is_wrong(self):
        multipart = b"Content-Type: multipart/mixed; boundary=e"
        parts = b"--e\r\n\r\nx\r\n--e--\r\n"
        cases = (
            (headed(b"Content-Type: text/plain\r\nContent-Type: text/html"), "doubled_type"),
            (headed(multipart + b"; boundary=f", parts), "boundary"),
            (headed(multipart + b"; boundary*0=f", parts), "boundary"),
            (headed(b"Content-Type: multipart/mixed", parts), "no_boundary"),
            (headed(multipart, b"x"), "no_boundary"),
            (headed(multipart, b"--e\r\n\r\nx\r\n"), "unclosed"),
            (headed(multipart, parts + b"--e\r\n\r\ny\r\n"), "after_close"),
            (headed(multipart, b"--ef\r\n" + parts), "boundary_line"),
            (headed(multipart + b"\r\nContent-Transfer-Encoding: base64", b64(parts)), "nested_encoding"),
            (headed(b"Content-Transfer-Encoding: x-none"), "unknown_encoding"),
            (headed(b"Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit"), "doubled_encoding"),
            (headed(b"Content-Transfer-Encoding: base64", b"aGVs*bG8=\r\n"), "base64"),
            (headed(b"Content-Transfer-Encoding: base64", b"aGVsb\r\n"), "base64"),
            (headed(b"Content-Transfer-Encoding: base64", b"aGU=aGVs\r\n"), "base64_goes_on"),
            (headed(b"Content-Transfer-Encoding: quoted-printable", b"a=ZZ\r\n"), "quoted_printable"),
            (headed(b"no colon"), "header_line"),
            (headed(b"Content-Type: text"), "type"),
            (headed(b'Content-Type: text/plain; name="a'), "type"),
            (headed(b"Content-Type: text/plain; name=" + b"a" * 5000), "header_long"),
            (headed(b"Content-Type: text/plain; name*=utf-8''%ZZ"), "parameter"),
            (headed(b'Content-Type: text/plain; name="a"; name="b"'), "doubled_name"),
            (headed(b"Content-Type: text/plain; charset=x-none"), "charset"),
            (headed(b"Content-Type: text/plain; charset=utf-8", b"\xff"), "charset"),
            (headed(b"Subject: x"), "doubled_field"),
            (headed(b"X-A: =?utf-8?Q?=ZZ?="), "encoded_word"),
            (headed(b"X-A: =?utf-8?Q?never closed"), "encoded_word"),
            (headed(b"X-A: \0"), "nul"),
            (headed(b"Content-Type: text/plain", b"a\0b"), "nul"),
            (headed(b"Content-Type: text/plain", b"http://a..b/"), "url"),
            (plain(b"begin 644 a\r\n#86)C\r\n`\r\nend\r\n"), "uuencoded"),
        )
        for message, name in cases:
            self.assertIn(name, self.malformed(message), message[len(HEAD):])

    def test_reads_what_stands_encoded_twice(self):
        inner = b"--e\r\nContent-Type: application/x; name=a.exe\r\n\r\nx\r\n--e--\r\n"
        facts = self.facts(headed(b"Content-Type: multipart/mixed; boundary=e\r\nContent-Transfer-Encoding: base64",
                                  b64(inner)))
        found = [p for p in facts["parts"] if p["names"] == ["a.exe"]]
        self.assertEqual((len(found), found[0]["place"]), (1, []))

    def test_reads_an_unknown_encoding_in_every_way(self):
        facts = self.facts(headed(b"Content-Type: application/x; name=a\r\nContent-Transfer-Encoding: x-none",
                                  b64(program())))
        self.assertEqual(facts["parts"][0]["same_as"], 0)
        self.assertIn((1, PE), [(p["same_as"], p["detected"]) for p in facts["parts"]])

    def test_tells_of_the_parts_behind_an_infected_one(self):
        facts = self.facts(mixed(part(eicar(), name=b"a.com"), part(b"x", name=b"b.bin")))
        self.assertEqual(facts["verdict"], "infected")
        self.assertEqual([p["names"] for p in facts["parts"]], [[], ["a.com"], ["b.bin"]])

    def test_bounds_ten_thousand_parts(self):
        facts = self.facts(mixed(*[b"Content-Type: text/plain; name=a\r\n\r\nhttp://a.example/%d" % i
                                   for i in range(10000)]))
        self.assertIn("too_many_parts", facts["malformed"])
        self.assertGreater(len(facts["parts"]), 1000)

    def test_reads_twenty_levels_and_bounds_a_thousand(self):
        facts = self.facts(mails.nested(plain(b"deep\r\n"), 10))
        self.assertEqual((facts["parts"][-1]["text"], facts["parts"][-1]["depth"], facts["malformed"]),
                         ("deep\r\n", 20, []))
        self.assertIn("too_deep", self.malformed(mails.nested(plain(), 100)))

    def test_bounds_huge_lines(self):
        for piece in (b"a", b"\0", b"<", b"=?", b"&", b"http://", b"www.", b"=?utf-8?Q?=C3?= ", b"--edge", b"\xf0"):
            for kind in (b"text/plain", b"text/html"):
                self.facts(headed(b"Content-Type: " + kind, piece * ((4 << 20) // len(piece))))
        for piece in (b"<a href='http://a/", b"<script>"):  # libclamav is slow with these
            self.facts(headed(b"Content-Type: text/html", piece * 5000))
        self.facts(HEAD + b"X-A: " + b"=?utf-8?Q?" * 200000 + b"\r\n\r\nx")
        self.facts(headed(b"Content-Type: application/x; " + b"name*0=a; " * 400))

    def test_bounds_archives(self):
        facts, _ = self.members(zip_of(*[("%d.txt" % i, b"x") for i in range(12000)]))
        self.assertTrue({"too_many_members", "too_slow"} & set(facts["malformed"]), facts["malformed"])
        bomb = zip_of(*[("%d.gz" % i, b"\0" * (20 << 20)) for i in range(8)])
        self.members(bomb)
        self.assertIn("archive_too_large", self.members(gzip.compress(b"a" * (140 << 20), 1))[0]["malformed"])
        self.assertIn("archive", self.members(gzip.compress(b"\0" * (1 << 20), 1))[0]["malformed"])
        self.assertIn("archive_too_deep", self.members(zipped(b"x", levels=12))[0]["malformed"])

    def test_gives_a_verdict_alone_when_nobody_asks_for_facts(self):
        answer = self.scanner.scan(plain())
        self.assertEqual(answer.verdict, "clean")


class Faults(unittest.TestCase):
    def test_no_facts_when_the_worker_dies(self):
        scanner = Scanner(workers="1", timeout="30s")
        try:
            message = mixed(part(zip_of(*[("%d.txt" % i, os.urandom(2000)) for i in range(9000)])))
            worker = scanner.workers()[0]
            pid = os.fork()
            if pid == 0:
                scanner.wait_until(lambda: scanner.status().get("busy") == 1, "a busy worker")
                os.kill(worker, signal.SIGKILL)
                os._exit(0)
            facts = scanner.facts(message)
            os.waitpid(pid, 0)
            self.assertEqual(facts["verdict"], "unknown")
            self.assertNotIn("parts", facts)
            self.assertEqual(facts["facts_why"], "the worker ended during the scan")
        finally:
            scanner.stop()

    def test_no_facts_when_the_scanner_is_gone(self):
        scanner = Scanner(workers="1")
        scanner.stop()
        facts = scanner.facts(plain())
        self.assertEqual((facts["verdict"], facts["facts_why"]), ("unknown", "the scanner cannot be reached"))

    def test_facts_without_space_for_a_scan(self):
        scanner = Scanner(workers="1", namespaces="off")
        try:
            directory = os.path.join(scanner.temp, "worker-%d" % scanner.workers()[0])
            os.rmdir(directory)
            facts = scanner.facts(mixed(part(b"x", name=b"a.exe")))
            self.assertEqual((facts["verdict"], facts["parts"][1]["names"]), ("unknown", ["a.exe"]))
        finally:
            scanner.stop()


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: BSD-2-Clause
"""Our DKIM signatures verify in dkimpy and in Mail::DKIM: argument 1 is dkim_probe."""
import glob
import os
import random
import subprocess
import sys
import tempfile
import unittest

import dkim

HERE = os.path.dirname(os.path.abspath(__file__))
MAIL = os.path.join(HERE, "..", "..", "..", "shared", "testdata", "mail", "*", "*.eml")
PROBE = None


def as_sent(octets):
    """A stored message as Postfix would hand it on: CRLF, no mbox line; None when it is no message."""
    octets = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if octets.startswith(b"From "):
        octets = octets.split(b"\n", 1)[1]
    head = octets.split(b"\n\n", 1)[0]
    lines = [line for line in head.split(b"\n") if not line[:1].isspace()]
    if b"\0" in octets or not all(b":" in line for line in lines):
        return None
    if not any(line.lower().startswith(b"from:") for line in lines):
        return None
    return octets.replace(b"\n", b"\r\n")


def generated():
    """Messages with what breaks signatures elsewhere."""
    rng = random.Random(6376)
    bodies = [b"", b"\r\n", b"no final newline", b"trailing  \r\n\r\n\r\n", b"a\tb  c\r\n \r\n",
              b"." * 5000 + b"\r\n", "gr\u00fc\u00dfe\r\n".encode(), bytes(range(128, 256)) + b"\r\n"]
    for n in range(60):
        head = [b"From: =?utf-8?q?J=C3=B6rg?= <a%d@t.example>" % n, b"To: b@y.example,\r\n\tc@y.example",
                b"Subject: " + b" ".join(b"w" * rng.randrange(1, 60) for _ in range(rng.randrange(1, 40)))]
        head += [b"X-Long: " + b"x" * 900] * rng.randrange(3)
        head += [b"Received: from a\r\n  by b;\r\n  now"] * rng.randrange(4)
        head += [b"to: again@y.example"] * rng.randrange(2)
        head += [b"References: " + b"\r\n ".join(b"<%d@t.example>" % i for i in range(2000))] * rng.randrange(2)
        rng.shuffle(head)
        yield b"\r\n".join(head) + b"\r\n\r\n" + rng.choice(bodies)


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Interoperability(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        found = [as_sent(read(path)) for path in sorted(glob.glob(MAIL))]
        if not found:
            print("no folder of real mail: generated messages only", file=sys.stderr)
        cls.messages = [m for m in found if m] + list(generated())

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def sign_all(self, algorithm):
        pairs = []
        for n, message in enumerate(self.messages):
            plain = os.path.join(self.folder.name, f"{n}.eml")
            with open(plain, "wb") as file:
                file.write(message)
            pairs += [plain, os.path.join(self.folder.name, f"{n}.{algorithm}")]
        key = subprocess.run([PROBE, algorithm, "t.example", "s"] + pairs, check=True,
                             capture_output=True, text=True).stdout.strip()
        return f"v=DKIM1; k={algorithm}; p={key}", pairs[1::2]

    def check_dkimpy(self, algorithm):
        record, signed = self.sign_all(algorithm)
        for path in signed:
            message = read(path)
            self.assertTrue(dkim.verify(message, dnsfunc=lambda name, timeout=5: record.encode()), path)
            broken = message + b"one line more\r\n"
            self.assertFalse(dkim.verify(broken, dnsfunc=lambda name, timeout=5: record.encode()), path)

    def test_rsa_verifies_in_dkimpy_and_a_changed_body_does_not(self):
        self.check_dkimpy("rsa")

    def test_ed25519_verifies_in_dkimpy_and_a_changed_body_does_not(self):
        self.check_dkimpy("ed25519")

    def test_rsa_verifies_in_mail_dkim(self):
        record, signed = self.sign_all("rsa")
        run = subprocess.run(["perl", os.path.join(HERE, "verify.pl"), record], check=True,
                             input="\n".join(signed) + "\n", capture_output=True, text=True)
        results = run.stdout.splitlines()
        self.assertEqual(len(results), len(signed))
        for path, result in zip(signed, results):
            self.assertEqual(result, "pass", path)


if __name__ == "__main__":
    PROBE = sys.argv.pop(1)
    unittest.main()

# SPDX-License-Identifier: BSD-2-Clause
"""The mail and the signatures that filters are measured with, the same in every run."""

import base64
import hashlib
import io
import random
import zipfile
import zlib
from typing import NamedTuple

SENDER, RECIPIENT = "news@tenant.example", "user@dest.example"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"  # apart, lest this file is found
NDB, HDB = 20000, 200000
WORDS = "the invoice of last quarter was sent to your office and will be paid within thirty days as we agreed".split()
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = ("text/plain; charset=utf-8", "7bit")


class Letter(NamedTuple):
    headers: tuple  # (name, value)
    body: bytes


def prose(source, size):
    """Text in lines of about 70 octets."""
    lines, length = [], 0
    while length < size:
        lines.append(" ".join(source.choices(WORDS, k=12)))
        length += len(lines[-1]) + 2
    return "\r\n".join(lines).encode()[: size - 2] + b"\r\n"


def letter(number, content_type, encoding, body):
    return Letter(
        (
            ("Received", "from exchange.tenant.example ([10.1.2.3]) by mx.tenant.example; now"),
            ("From", f'"A. Sender" <{SENDER}>'),
            ("To", RECIPIENT),
            ("Subject", f"message {number} of many"),
            ("Date", "Mon, 1 Jun 2026 12:00:00 +0000"),
            ("Message-ID", f"<{number}@tenant.example>"),
            ("MIME-Version", "1.0"),
            ("Content-Type", content_type),
            ("Content-Transfer-Encoding", encoding),
        ),
        body,
    )


def mixed(number, *parts):
    """(type, encoding, octets as they stand there) of each part."""
    boundary = f"=_{number:08d}"
    lines = []
    for kind, encoding, data in parts:
        lines += [f"--{boundary}", f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}", "", data]
    lines += [f"--{boundary}--", ""]
    body = b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    return letter(number, f'multipart/mixed; boundary="{boundary}"', "7bit", body)


def attached(kind, name, data):
    return f'{kind}; name="{name}"', "base64", base64.encodebytes(data).replace(b"\n", b"\r\n")


def pdf(source, size):
    """One page with a picture of noise, and text compressed."""
    text = zlib.compress(b"BT /F1 12 Tf (" + prose(source, 20000).replace(b"\r\n", b" ") + b") Tj ET")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /XObject /Subtype /Image /Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream"
        % (size, source.randbytes(size)),
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number + 1, text) for number, text in enumerate(objects))
    return b"%PDF-1.4\n" + body + b"trailer\n<< /Root 1 0 R /Size 6 >>\n%%EOF\n"


def document(source):
    """An archive of XML texts, as office programs write it, and a picture."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "word/document.xml", "word/styles.xml"):
            text = b'<?xml version="1.0"?><d>' + prose(source, 60000) + b"</d>"
            archive.writestr(zipfile.ZipInfo(name, (2026, 6, 1, 12, 0, 0)), text, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("word/media/image1.png"), b"\x89PNG\r\n\x1a\n" + source.randbytes(40000))
    return buffer.getvalue()


# What follows makes `count` messages; another `batch` is other mail, so that no filter meets again what it has judged.


def texts(count, batch):
    """4 KB of text, each message another."""
    source = random.Random(f"texts {batch}")
    return [letter(number, *TEXT, prose(source, 4096)) for number in range(count)]


def large(count, batch):
    """300 KB: a text, a PDF, a document, a table; all of it different in each message."""
    source = random.Random(f"large {batch}")
    letters = []
    for number in range(count):
        parts = [
            (*TEXT, prose(source, 2000)),
            attached("application/pdf", "report.pdf", pdf(source, 90000)),
            attached(WORD, "a.docx", document(source)),
            attached("text/csv", "table.csv", prose(source, 50000).replace(b" ", b";")),
        ]
        letters.append(mixed(number, *parts))
    return letters


def campaign(count, batch):
    """A text to each customer by name, and one PDF of 70 KB for all, which is another in each batch."""
    source = random.Random(f"campaign {batch}")
    text, attachment = prose(source, 2000), attached("application/pdf", "offer.pdf", pdf(source, 60000))
    return [mixed(number, (*TEXT, b"Dear customer %d,\r\n\r\n" % number + text), attachment) for number in range(count)]


def infected():
    return mixed(0, (*TEXT, b"see there\r\n"), attached("application/octet-stream", "eicar.com", EICAR))


def signatures():
    """Name and text of each file of a signature database: EICAR, byte sequences, hashes of files; no two alike."""

    def noise(kind, number):
        return hashlib.sha256(f"{kind} {number}".encode()).hexdigest()

    eicar = f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n"
    ndb = (f"Bench.Sig-{number}:0:*:{noise('ndb', number)[:48]}\n" for number in range(NDB))
    hdb = (
        f"{noise('hdb', number)[:32]}:{100 + int(noise('hdb', number)[32:40], 16) % 2000000}:Bench.Hash-{number}\n"
        for number in range(HDB)
    )
    return {"bench.ndb": eicar + "".join(ndb), "bench.hdb": "".join(hdb)}

# SPDX-License-Identifier: BSD-2-Clause
"""Messages with attachments, among them what the tests' one signature knows."""

import os
import sys

from harness import EICAR_SIGNATURE, ROOT
from smtp import message

sys.path.append(os.path.join(ROOT, "tests", "scanner"))
import mails  # noqa: E402

EICAR = bytes.fromhex(EICAR_SIGNATURE.rpartition(":")[2])
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
OFFICE_LOCKED = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2040) + "EncryptedPackage".encode("utf-16-le") + bytes(480)
)


def head(author, mark, *headers):
    """The message's header section without the empty line."""
    return message(author, mark, ["MIME-Version: 1.0", *headers], "").partition(b"\r\n\r\n")[0] + b"\r\n"


def attached(author, mark, data, name="file.bin", headers=()):
    """A text and an attachment in base64."""
    text = b"Content-Type: text/plain\r\n\r\nPlease see the attachment.\r\n"
    return mails.mixed(text, mails.part(data, name=name.encode()), head=head(author, mark, *headers))


def plain(author, mark, text):
    return head(author, mark) + b"Content-Type: text/plain\r\n\r\n" + text + b"\r\n"


def forwarded(author, mark, inner):
    """The message `inner`, octets, in a message/rfc822."""
    part = b"Content-Type: message/rfc822\r\n\r\n" + inner
    return mails.mixed(part, boundary=b"outer", head=head(author, mark))


def partial(author, mark):
    """RFC 2046 section 5.2.2: the first half of a message."""
    kind = b'Content-Type: message/partial; id="x@alpha.example"; number=1; total=2\r\n\r\n'
    return head(author, mark) + kind + b"Subject: the whole\r\n\r\nfirst half\r\n"


def infected(author, mark):
    """Every way of hiding that Postfix lets through, by name."""
    return {
        "plain": plain(author, mark, EICAR),
        "base64": attached(author, mark, EICAR, "a.com"),
        "zip in zip in zip": attached(author, mark, mails.zipped(EICAR, levels=3), "a.zip"),
        "forwarded": forwarded(author, mark, attached(author, "inner", mails.zipped(EICAR))),
        "uuencoded": plain(author, mark, mails.uuencoded(EICAR)),
    }

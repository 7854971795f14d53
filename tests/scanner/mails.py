# SPDX-License-Identifier: BSD-2-Clause
"""Messages that scanners find hard."""

import base64
import binascii
import io
import os
import struct
import zipfile

HEAD = (b"Received: from a.example by b.example; Mon, 1 Jan 2024 00:00:00 +0000\r\n"
        b"From: a@a.example\r\nTo: b@b.example\r\nSubject: test\r\nMIME-Version: 1.0\r\n")


def plain(text=b"Hello\r\n", head=HEAD):
    return head + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text


def lines(data, width=76):
    return b"\r\n".join(data[i:i + width] for i in range(0, len(data), width)) + b"\r\n"


def b64(data):
    return lines(base64.b64encode(data))


def part(data, kind=b"application/octet-stream", name=b"file.bin", encoding=b"base64"):
    body = b64(data) if encoding == b"base64" else data
    return (b"Content-Type: " + kind + b"; name=\"" + name + b"\"\r\nContent-Transfer-Encoding: "
            + encoding + b"\r\n\r\n" + body)


def mixed(*parts, boundary=b"edge", blanks=b"", close=True, head=HEAD):
    body = head + b"Content-Type: multipart/mixed; boundary=\"" + boundary + b"\"\r\n\r\n"
    for piece in parts:
        body += b"--" + boundary + blanks + b"\r\n" + piece + b"\r\n"
    return body + (b"--" + boundary + b"--\r\n" if close else b"")


def nested(message, levels):
    """message/rfc822 in multipart in message/rfc822 …"""
    for level in range(levels):
        inner = b"Content-Type: message/rfc822\r\n\r\n" + message
        message = mixed(inner, boundary=b"level%d" % level)
    return message


def zipped(data, name="a.com", levels=1):
    for _ in range(levels):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, data)
        data, name = file.getvalue(), "inner.zip"
    return data


def encrypted_zip(data=b"secret"):
    """A zip whose member says that it is encrypted."""
    raw = bytearray(zipped(data))
    raw[6] |= 1
    raw[raw.find(b"PK\1\2") + 8] |= 1
    return bytes(raw)


def bomb(members=200, megabytes=100):
    """Members that unpack to a hundred megabytes each, deflated once and entered many times."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0", bytes(megabytes * 1024 * 1024))
    one = file.getvalue()
    central = one.find(b"PK\1\2")
    local, entry = one[:central], bytearray(one[central:one.find(b"PK\5\6")])
    body, directory = b"", b""
    for index in range(members):
        entry[42:46] = struct.pack("<I", len(body))
        directory += bytes(entry)
        body += local
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, members, members, len(directory), len(body), 0)
    return body + directory + end


def uuencoded(data, name=b"file.com"):
    body = b"begin 644 " + name + b"\r\n"
    for start in range(0, len(data), 45):
        body += binascii.b2a_uu(data[start:start + 45]).replace(b"\n", b"\r\n")
    return body + b"`\r\nend\r\n"


def tnef(data, name=b"a.com"):
    """A winmail.dat with one attachment (MS-OXTNEF)."""
    def attribute(level, ident, content):
        return struct.pack("<BII", level, ident, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)

    return (struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, struct.pack("<I", 0x10000))
            + attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, name + b"\0")
            + attribute(2, 0x0006800F, data))


def compound_file(name, stream):
    """An OLE2 file with one stream of up to 63 KB (MS-CFB)."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    end, free = 0xFFFFFFFE, 0xFFFFFFFF

    def entry(title, kind, child, start, size):
        text = title.encode("utf-16-le")
        return struct.pack("<64sHBBIII36xIQ", text, len(text) + 2, kind, 1, free, free, child, start, size)

    header = struct.pack("<8s16sHHHHH6x10I", bytes.fromhex("d0cf11e0a1b11ae1"), bytes(16), 0x3E, 3, 0xFFFE, 9, 6,
                         0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    chain = [0xFFFFFFFD, end, *range(3, 2 + len(stream) // 512), end]
    directory = entry("Root Entry", 5, 1, end, 0) + entry(name, 2, free, 2, len(stream))
    return (header.ljust(512, b"\xff") + struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
            + directory.ljust(512, b"\0") + stream)


def macro_sheet():
    """An Excel workbook with a sheet of macros (MS-XLS, BoundSheet8)."""
    def record(kind, content):
        return struct.pack("<HH", kind, len(content)) + content

    return compound_file("Workbook", record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 6))
                         + record(0x85, struct.pack("<IBBBB", 100, 0, 1, 6, 0) + b"Macro1") + record(0x0A, b""))


def noise(size):
    return os.urandom(size)

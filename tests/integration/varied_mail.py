# SPDX-License-Identifier: BSD-2-Clause
"""Messages with what breaks signatures on the way: long lines, odd octets, missing and strange headers."""

import random

LONG = 998  # octets that Postfix sends in a line
RECORD = 2048  # octets that it keeps in a record


def edge_line():
    """The shortest line that fills its last record and its last piece alike."""
    length = LONG
    while length % RECORD:
        length += LONG - 1
    return b"e" * length


def bodies():
    lengths = (996, 997, 998, 999, 1000, 1994, 1995, 1996, 1997, 2046, 2047, 2048, 2049, 2993)
    lengths += (4095, 4096, 4097, 8192, 50000)
    return [
        b"",
        b"\r\n",
        b"\r\n\r\n\r\n",
        b"no final newline",
        b" ",
        b"trailing  \t \r\n \r\n\r\n",
        b"a\tb  c\r\n \r\n\tindented\r\n",
        b".\r\n..\r\n.dot\r\n",
        b"one\rcarriage return\r\n",
        b"one\nline feed\nand more\n",
        b"\r\r\n\n\r\n",
        b"\x01\x02\x7f\x1b[0m\r\n",
        "gr\u00fc\u00dfe \u65e5\u672c\u8a9e\r\n".encode(),
        ("\u65e5\u672c" * 800 + "\r\n").encode(),
        bytes(octet for octet in range(1, 256) if octet not in b"\r\n") + b"\r\n",
        b" " * 3000 + b"x\r\n",
        (b"x" * 900 + b"  ") * 5 + b"\r\n",
        b"a" * 997 + b" " + b"b" * 1000 + b"\r\n",
        b"a" * 998 + b" \r\n\r\n",
        b"." * 3000 + b"\r\n.\r\n",
        edge_line() + b"\r\n",
        edge_line() + b"\r\nand on\r\n",
        b"begin 644 a\r\n#0V%T\r\n`\r\nend\r\n",
        b"From the start\r\n>From again\r\n",
        b"x" * 70000,
        b"\r\n".join(b"line %d" % number for number in range(3000)),
        *(b"x" * length + b"\r\nshort\r\n" for length in lengths),
        *("\u00e4".encode() * (length // 2) + b"y\r\n" for length in lengths[:8]),
    ]


def multipart():
    inner = (
        b"--b2\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        b"<p>\xc3\xa4</p>\r\n--b2--\r\n"
    )
    mixed = b'Content-Type: multipart/mixed;\r\n\tboundary="b1"'
    return (
        [b"MIME-Version: 1.0", mixed, b"Content-Transfer-Encoding: 8bit"],
        b'--b1\r\nContent-Type: multipart/alternative; boundary="b2"\r\n\r\n' + inner + b"\r\n--b1  \r\n"
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"AAECAwQ=\r\n--b1--\r\nepilogue\r\n",
    )


HEADERS = [
    [b"Subject: plain"],
    [b"Subject:no blank"],
    [b"Subject:"],
    [b"Subject:   many   blanks \t and tabs  "],
    [b"SUBJECT: in capitals", b"To: b@dest.example,\r\n\tc@dest.example,\r\n c2@dest.example"],
    [b"Subject: " + b"w" * 3000],
    [b"Subject: " + b"words " * 700],
    [b"Subject: " + b"w" * 985 + b" " + b"v" * 1200],
    [b"Subject: " + "\u65e5\u672c\u8a9e".encode() * 400],
    [b"Subject: =?utf-8?q?J=C3=B6rg?=\r\n =?utf-8?q?_und_mehr?="],
    [b"Subject: gr\xc3\xbc\xc3\x9fe", b"Comments: \xff\xfe latin \xe4"],
    [b"References: " + b"\r\n ".join(b"<%d@alpha.example>" % number for number in range(2500))],
    [b"References: " + b" ".join(b"<%d@alpha.example>" % number for number in range(2500))],
    [b"X-Long: " + b"x" * 90000],
    [b"X-Folds: a\r\n\t\r\n b", b"X-Empty:", b"X-Blank: "],
    [b"To: again@dest.example", b"to: and-again@dest.example", b"Cc: d@dest.example"],
    [
        b"List-Id: news <news.alpha.example>",
        b"List-Unsubscribe: <https://alpha.example/u>",
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ],
    [
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: 8bit",
        b"MIME-Version: 1.0 (a mail program)",
    ],
    [b"Received: from a\r\n  by b;\r\n  now", b"Received: from c by d; then"],
    [b"Reply-To: r@alpha.example", b"Sender: s@alpha.example", b"In-Reply-To: <1@x.example>"],
    [b"Content-Type: multipart/mixed; boundary=" + b"b" * 1500],
    [b"X-Mailer: a mail program", b"User-Agent: one more", b"X-Originating-IP: [10.1.2.3]"],
    [b"Resent-From: a@alpha.example", b"Resent-To: b@dest.example", b"Resent-Date: Mon, 01 Jun 2026 12:00:00 +0000"],
    [b"Bcc: hidden@dest.example", b"Return-Path: <x@y.example>", b"Content-Length: 7"],
]
AUTHORS = [
    b"a@alpha.example",
    b'"Alpha, Inc." <a@alpha.example>',
    b"=?utf-8?q?J=C3=B6rg?= <a@alpha.example>",
    b"A\r\n <a@ALPHA.example>",
    "J\u00f6rg <a@alpha.example>".encode(),
    b"a@alpha.example (comment)",
]


def _message(rng, headers, body):
    lines = [b"From: " + rng.choice(AUTHORS), b"To: b@dest.example", *headers]
    if rng.random() < 0.7:
        lines.append(b"Date: Mon, 01 Jun 2026 12:00:00 +0000")
    if rng.random() < 0.7:
        lines.append(b"Message-Id: <%d@alpha.example>" % rng.randrange(10**9))
    rng.shuffle(lines)
    return lines, body


def generate(count, seed=6376):
    """Header lines and body of `count` messages; each body and each group of headers at least once."""
    rng = random.Random(seed)
    parts = bodies()
    pairs = [_message(rng, rng.choice(HEADERS), body) for body in parts]
    pairs += [_message(rng, headers, b"A few words.\r\n") for headers in HEADERS]
    pairs += [_message(rng, *multipart()) for _ in range(3)]
    while len(pairs) < count:
        small = [body for body in parts if len(body) < 100000]
        pairs.append(_message(rng, rng.choice(HEADERS), rng.choice(small)))
    return pairs


def from_files(contents):
    """Stored messages as header lines and body, without their From; what is no message is left out."""
    for octets in contents:
        octets = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\0", b"")
        if octets.startswith(b"From "):
            octets = octets.partition(b"\n")[2]
        head, _, body = octets.partition(b"\n\n")
        lines = []
        for line in head.split(b"\n"):
            if line[:1] in b" \t" and lines:
                lines[-1] += b"\r\n" + line
            else:
                lines.append(line)
        if all(b":" in line for line in lines):
            kept = [line for line in lines if not line.lower().startswith((b"from:", b"x-mark:"))]
            yield [b"From: a@alpha.example", *kept], body.replace(b"\n", b"\r\n")

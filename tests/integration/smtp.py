# SPDX-License-Identifier: BSD-2-Clause
"""An SMTP client that says exactly what it is told to, from a source address of its own choice."""

import socket
from typing import NamedTuple


class Reply(NamedTuple):
    code: int
    text: str  # all lines, without the codes, joined by a newline

    def __str__(self):
        return f"{self.code} {self.text}"


class Session:
    """One connection. `greeting` and `ehlo` hold the first replies; `ehlo` is None when refused before."""

    def __init__(self, server, source=None, helo="mx.tenant.example", timeout=60):
        family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        if source:
            self.socket.bind((source, 0))
        self.file = None
        try:
            self.socket.connect(server)
            self.file = self.socket.makefile("rb")
            self.greeting = self.reply()
            self.ehlo = self.command(f"EHLO {helo}") if self.greeting.code == 220 else None
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        if self.file:
            self.file.close()
        self.socket.close()

    def write(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def reply(self):
        """One reply, all its lines. ConnectionError when the server has gone away."""
        lines = []
        while True:
            line = self.file.readline().decode("utf-8", "replace")
            if not line:
                raise ConnectionError("the server closed the connection")
            lines.append(line[4:].rstrip("\r\n"))
            if line[3:4] != "-":
                return Reply(int(line[:3]), "\n".join(lines))

    def command(self, line):
        self.write(line if isinstance(line, bytes) else line + "\r\n")
        return self.reply()

    def transaction(self, sender, recipients, data, options=""):
        """MAIL to end of data; the reply that decided: the first refusal, else the last one. `sender`
        goes between angle brackets as it is; a refused recipient counts when no other is left."""
        reply = self.command(f"MAIL FROM:<{sender}>{options}")
        if reply.code != 250:
            return reply
        replies = [self.command(f"RCPT TO:<{recipient}>") for recipient in recipients]
        if all(reply.code != 250 for reply in replies):
            self.command("RSET")
            return replies[0]
        reply = self.command("DATA")
        return self.data(data) if reply.code == 354 else reply

    def data(self, data):
        """The message and its end, dots stuffed, lines with CRLF as they are given."""
        if not data.endswith(b"\r\n"):
            data += b"\r\n"
        if data.startswith(b"."):
            data = b"." + data
        self.write(data.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return self.reply()

    def quit(self):
        reply = self.command("QUIT")
        self.close()
        return reply


def message(author, mark, headers=(), body="A few words.\n"):
    """A message of `author` (the From field's body; None: no From) that the sink knows again by `mark`."""
    lines = [] if author is None else [f"From: {author}"]
    lines += [
        "To: somebody@dest.example",
        f"Subject: message {mark}",
        f"Message-Id: <{mark}@test.example>",
        "Date: Mon, 01 Jun 2026 12:00:00 +0000",
        f"X-Mark: {mark}",
        *headers,
        "",
        body,
    ]
    return "\n".join(lines).replace("\r\n", "\n").replace("\n", "\r\n").encode()

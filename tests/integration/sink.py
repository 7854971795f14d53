# SPDX-License-Identifier: BSD-2-Clause
"""Postfix's smtp-sink as the Internet. Its dumps are the ledger of what arrived, and from where."""

import os
import re
import subprocess
import time
from email.parser import BytesParser
from email.policy import compat32
from typing import NamedTuple


class Delivery(NamedTuple):
    source: str  # the address the mail came from
    helo: str
    sender: str  # "" is the null sender
    recipients: tuple
    mark: str  # X-Mark, which says what message it is
    headers: object  # email.message.Message
    raw: bytes  # the message from its own first header on


class Sink:
    def __init__(self, directory, port, host="127.0.0.1"):
        self.directory = directory
        self.address = (host, port)
        self.process = None
        self._seen = {}
        os.makedirs(directory, exist_ok=True)
        os.chmod(directory, 0o777)

    @property
    def nexthop(self):
        return "[%s]:%d" % self.address

    def start(self):
        """Does nothing when it runs."""
        if self.process:
            return
        host, port = self.address
        listen = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        command = ["/usr/sbin/smtp-sink", "-u", "nobody", "-m", "500", "-d", f"{self.directory}/m."]
        self.process = subprocess.Popen([*command, listen, "1000"], stdin=subprocess.DEVNULL)

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def deliveries(self):
        """All that has arrived whole so far, oldest first."""
        names = [name for name in os.listdir(self.directory) if name not in self._seen]
        being_written = self._open_files() if names else ()
        for name in names:
            if name not in being_written:
                delivery = self._read(os.path.join(self.directory, name))
                if delivery:
                    self._seen[name] = delivery
        return list(self._seen.values())

    def of(self, mark):
        return [delivery for delivery in self.deliveries() if delivery.mark == mark]

    def wait(self, mark, count=1, seconds=30):
        """The deliveries of the message, as soon as there are `count` or when time is up."""
        until = time.monotonic() + seconds
        while True:
            found = self.of(mark)
            if len(found) >= count or time.monotonic() > until:
                return found
            time.sleep(0.05)

    def _open_files(self):
        """Names of the dumps that smtp-sink has open. To be asked after the listing: what was listed and
        is not open now has been closed, thus is whole."""
        if not self.process:
            return set()
        names = set()
        folder = f"/proc/{self.process.pid}/fd"
        for descriptor in os.listdir(folder):
            try:
                names.add(os.path.basename(os.readlink(f"{folder}/{descriptor}")))
            except FileNotFoundError:
                pass
        return names

    def _read(self, path):
        try:
            with open(path, "rb") as file:
                raw = file.read()
        except FileNotFoundError:
            return None
        if not raw.endswith(b"\n\n"):  # what smtp-sink writes after the final dot: this one was cut off
            return None
        return self._parse(raw)

    @staticmethod
    def _parse(raw):
        envelope = {"X-Rcpt-Args": []}
        rest = raw
        while rest.startswith(b"X-"):
            line, _, rest = rest.partition(b"\n")
            name, _, value = line.decode("utf-8", "replace").partition(": ")
            if name == "X-Rcpt-Args":
                envelope[name].append(_path(value))
            else:
                envelope[name] = value
        rest = re.sub(rb"\AReceived:.*\n(\t.*\n)*", b"", rest)  # smtp-sink's own
        headers = BytesParser(policy=compat32).parsebytes(rest, headersonly=True)
        return Delivery(
            envelope.get("X-Client-Addr", "").removeprefix("ipv6:"),
            envelope.get("X-Helo-Args", ""),
            _path(envelope.get("X-Mail-Args", "")),
            tuple(envelope["X-Rcpt-Args"]),
            headers.get("X-Mark", ""),
            headers,
            rest,
        )


def on_the_wire(delivery):
    """The message as the sink has read it; smtp-sink ends its dump with a line of its own."""
    return delivery.raw[:-1].replace(b"\n", b"\r\n")


def _path(arguments):
    """`FROM:<a@b> SIZE=1` gives a@b."""
    return arguments.partition("<")[2].rpartition(">")[0]

# SPDX-License-Identifier: BSD-2-Clause
"""The MTA's side of the milter protocol, version 6, as Postfix speaks it: it waits for every reply that
the filter has not waived. So filters are measured by themselves, without an MTA's own work around them."""

import socket
import struct

VERSION, ACTIONS, PROTOCOL = 6, 0x1FF, 0x1FFFFF  # all that the protocol's version 6 knows
NO_BODY, SKIPS, LEADING_SPACE = 0x10, 0x400, 0x100000
# Command: the bit that spares it, the bit that spares its reply.
WAIVERS = {
    b"C": (0x01, 0x1000),
    b"H": (0x02, 0x2000),
    b"M": (0x04, 0x4000),
    b"R": (0x08, 0x8000),
    b"T": (0x200, 0x10000),
    b"L": (0x20, 0x80),
    b"N": (0x40, 0x40000),
    b"B": (NO_BODY, 0x80000),
}
CHUNK = 65535
FINAL = b"acrtydq4"


def strings(*values):
    return b"".join(value.encode() + b"\0" for value in values)


class MilterClient:
    """One SMTP session, after HELO."""

    def __init__(self, path, address="127.0.0.1"):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")
        self._write(b"O", struct.pack("!III", VERSION, ACTIONS, PROTOCOL))
        _, answer = self._read()
        self.protocol = struct.unpack("!I", answer[8:12])[0]
        self._macros(b"C", "j", "relay.example", "{client_addr}", address, "{daemon_name}", "relay.example")
        self._tell(b"C", strings("mx.tenant.example") + b"4" + struct.pack("!H", 25) + strings(address))
        self._tell(b"H", strings("mx.tenant.example"))

    def close(self):
        self._write(b"Q")
        self.file.close()
        self.socket.close()

    def send(self, number, sender, recipient, headers, body):
        """One message; the filter's verdict and the names of the headers that it adds."""
        queue_id = f"4X{number:X}"
        self._macros(b"M", "i", queue_id, "{mail_addr}", sender)
        verdict = self._tell(b"M", strings(f"<{sender}>"))
        self._macros(b"R", "i", queue_id, "{rcpt_addr}", recipient)
        verdict = verdict or self._tell(b"R", strings(f"<{recipient}>"))
        self._macros(b"T", "i", queue_id)
        verdict = verdict or self._tell(b"T") or self._content(headers, body)
        if verdict:
            return verdict, []
        self._macros(b"E", "i", queue_id)
        self._write(b"E")
        return self._outcome()

    def _content(self, headers, body):
        blank = " " if self.protocol & LEADING_SPACE else ""
        for name, value in headers:
            verdict = self._tell(b"L", strings(name, blank + value))
            if verdict:
                return verdict
        verdict = self._tell(b"N")
        for start in range(0, len(body), CHUNK):
            verdict = verdict or self._tell(b"B", body[start : start + CHUNK])
        return None if verdict == b"s" else verdict  # skip: the rest of the body is not wanted

    def _outcome(self):
        added = []
        while True:
            command, data = self._read()
            if command in FINAL:
                return command, added
            if command in b"hi":
                added.append(data[4 if command == b"i" else 0 :].partition(b"\0")[0].decode())

    def _tell(self, command, data=b""):
        """What ends the message, if the filter has said so; None to go on."""
        spared, silent = WAIVERS[command]
        if self.protocol & spared:
            return None
        self._write(command, data)
        if self.protocol & silent:
            return None
        reply, _ = self._read()
        return None if reply == b"c" else reply

    def _macros(self, command, *pairs):
        self._write(b"D", command + strings(*pairs))

    def _write(self, command, data=b""):
        self.socket.sendall(struct.pack("!I", len(data) + 1) + command + data)

    def _read(self):
        length = struct.unpack("!I", self._exactly(4))[0]
        packet = self._exactly(length)
        return packet[:1], packet[1:]

    def _exactly(self, count):
        data = self.file.read(count)
        if len(data) != count:
            raise ConnectionError("the filter closed the connection")
        return data

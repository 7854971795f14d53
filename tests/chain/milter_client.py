# SPDX-License-Identifier: BSD-2-Clause
"""The MTA's side of the milter protocol, version 6, as Postfix speaks it."""
import socket
import struct

ALL_ACTIONS = 0x1FF
ALL_PROTOCOL = 0x1FFFFF

# By which bit of the negotiated protocol an event is left out, and by which it is not answered.
EVENTS = {
    "C": (0x01, 0x1000), "H": (0x02, 0x2000), "M": (0x04, 0x4000), "R": (0x08, 0x8000),
    "T": (0x200, 0x10000), "L": (0x20, 0x80), "N": (0x40, 0x40000), "B": (0x10, 0x80000), "E": (0, 0),
}


class Reply:
    """The last packet that answers an event, and the header changes before it."""

    def __init__(self, kind, text=""):
        self.kind = kind  # c continue, r reject, t tempfail, y reply code, d discard, "" none expected
        self.text = text
        self.edits = []   # (packet kind, index or None, name, value)
        self.quarantine = None
        self.sender = None  # the envelope sender that it leaves with; None: as it came

    @property
    def code(self):
        return {"y": self.text[:3], "r": "550", "t": "451"}.get(self.kind, "250")

    def __repr__(self):
        return f"{self.code} {self.text}"


class Session:
    """One SMTP session of a client, as the milter hears of it."""

    def __init__(self, address, timeout=20):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(address)
        self.send("O", struct.pack("!III", 6, ALL_ACTIONS, ALL_PROTOCOL))
        kind, data = self.receive()
        assert kind == "O", kind
        _, self.actions, self.protocol = struct.unpack("!III", data[:12])

    def send(self, kind, data=b""):
        self.socket.sendall(struct.pack("!I", len(data) + 1) + kind.encode() + data)

    def read(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise EOFError("the milter closed the session")
            data += part
        return data

    def receive(self):
        size, = struct.unpack("!I", self.read(4))
        data = self.read(size)
        return data[:1].decode(), data[1:]

    def macro(self, event, **values):
        data = event.encode()
        for name, value in values.items():
            data += name.encode() + b"\0" + value.encode() + b"\0"
        self.send("D", data)

    def answer(self):
        edits, quarantine, sender = [], None, None
        while True:
            kind, data = self.receive()
            if kind in "him":
                index = None
                if kind != "h":
                    index, data = struct.unpack("!I", data[:4])[0], data[4:]
                name, value = data.split(b"\0")[:2]
                edits.append((kind, index, name.decode(), value.decode("utf-8", "replace")))
            elif kind == "q":
                quarantine = data.rstrip(b"\0").decode()
            elif kind == "e":
                sender = data.split(b"\0")[0].decode()
            elif kind != "p":
                break
        reply = Reply(kind, data.rstrip(b"\0").decode().replace("%%", "%"))
        reply.edits, reply.quarantine, reply.sender = edits, quarantine, sender
        return reply

    def event(self, kind, data=b""):
        left_out, unanswered = EVENTS[kind]
        if self.protocol & left_out:
            return Reply("")
        self.send(kind, data)
        return Reply("") if self.protocol & unanswered else self.answer()

    def connect(self, client, name="client.example"):
        family = "6" if ":" in client else "4"
        return self.event("C", name.encode() + b"\0" + family.encode() + struct.pack("!H", 25000) +
                          client.encode() + b"\0")

    def helo(self, name="client.example"):
        return self.event("H", name.encode() + b"\0")

    def mail(self, sender, queue_id=None):
        if queue_id:
            self.macro("M", i=queue_id)
        return self.event("M", sender.encode() + b"\0")

    def rcpt(self, recipient):
        return self.event("R", recipient.encode() + b"\0")

    def data(self, queue_id):
        self.macro("T", i=queue_id)
        return self.event("T")

    def header(self, name, value):
        return self.event("L", name.encode() + b"\0" + value.encode() + b"\0")

    def eoh(self):
        return self.event("N")

    def body(self, text):
        return self.event("B", text.encode())

    def eom(self):
        return self.event("E")

    def abort(self):
        self.send("A")

    def quit(self):
        self.send("Q")
        self.socket.close()

    def message(self, sender, headers, queue_id="4TEST"):
        """From MAIL to the end of data; the first answer that is not "continue", or the last."""
        steps = [lambda: self.mail(sender), lambda: self.rcpt("<x@remote.example>"),
                 lambda: self.data(queue_id)]
        steps += [lambda h=h: self.header(*h) for h in headers]
        steps += [self.eoh, lambda: self.body("text\r\n"), self.eom]
        for step in steps:
            reply = step()
            if reply.kind not in ("", "c"):
                break
        return reply

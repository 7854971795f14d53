# SPDX-License-Identifier: BSD-2-Clause
"""A receiver that answers as a test scripts it, by the client's address and the recipient."""

import re
import socketserver
import threading

from harness import free_port


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        server, client = self.server, self.client_address[0]
        greeting = server.script("", client)
        if not self.say(greeting or "220 mx.dest.example ESMTP"):
            return
        recipients = []
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient = line.partition(b"<")[2].rpartition(b">")[0].decode("utf-8", "replace")
                reply = server.script(recipient, client)
                recipients += [] if reply else [recipient]
                self.say(reply or "250 2.1.5 fine")
            elif verb == b"DATA":
                self.say("354 go on")
                server.keep(client, recipients, self.message())
                recipients = []
                self.say("250 2.0.0 taken")
            elif verb == b"QUIT":
                self.say("221 2.0.0 bye")
                return
            else:
                self.say("250-mx.dest.example\r\n250 8BITMIME" if verb == b"EHLO" else "250 2.0.0 fine")

    def say(self, reply):
        self.wfile.write(reply.encode() + b"\r\n")
        return reply[:3] != "421" and reply[:3] != "554"

    def message(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise ConnectionError("the client left in mid-message")
            lines.append(line)
        return b"".join(lines)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


class Receiver:
    """Stands in the place of a relay's sink. `script(recipient, client)` gives a refusal, or None to accept; at
    the greeting the recipient is ""."""

    def __init__(self, script=lambda recipient, client: None):
        self.server = _Server(("127.0.0.1", free_port()), _Handler, bind_and_activate=True)
        self.server.script = script
        self.server.keep = self.keep
        self.received = []  # (client, recipient, mark)
        self.lock = threading.Lock()

    @property
    def nexthop(self):
        return f"[127.0.0.1]:{self.server.server_address[1]}"

    def keep(self, client, recipients, raw):
        mark = re.search(rb"^X-Mark: *(\S+)", raw, re.MULTILINE)
        with self.lock:
            self.received += [(client, recipient, mark[1].decode() if mark else "") for recipient in recipients]

    def start(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

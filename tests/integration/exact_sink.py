# SPDX-License-Identifier: BSD-2-Clause
"""A receiver that knows SMTPUTF8 and keeps each message octet for octet; smtp-sink does neither."""

import re
import socketserver
import threading

EHLO = b"250-sink.example\r\n250-PIPELINING\r\n250-SIZE 100000000\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 sink.example ESMTP\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.server.keep(self.message())
                self.wfile.write(b"250 2.0.0 taken\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 2.0.0 bye\r\n")
                return
            else:
                self.wfile.write(EHLO if verb == b"EHLO" else b"250 2.0.0 fine\r\n")

    def message(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise ConnectionError("the client left in mid-message")
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


class ExactSink(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received = {}  # X-Mark: message
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def nexthop(self):
        return f"[127.0.0.1]:{self.server_address[1]}"

    def keep(self, raw):
        mark = re.search(rb"^X-Mark: *(\S+)", raw, re.MULTILINE)
        with self.lock:
            self.received[mark[1].decode() if mark else ""] = raw

    def stop(self):
        self.shutdown()
        self.server_close()

# SPDX-License-Identifier: BSD-2-Clause
"""A receiver that refuses some of its recipients; it takes the place of the relay's smtp-sink."""

import socketserver
import threading

EHLO = b"250-sink.example\r\n250-PIPELINING\r\n250-SIZE 100000000\r\n250 8BITMIME\r\n"


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 sink.example ESMTP\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self._skip_message()
                self.server.keep(self.taken)
                self.wfile.write(b"250 2.0.0 taken\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 2.0.0 bye\r\n")
                return
            elif verb == b"RCPT":
                self._recipient(line.partition(b"<")[2].partition(b">")[0].decode())
            else:
                self.taken = []
                self.wfile.write(EHLO if verb == b"EHLO" else b"250 2.0.0 fine\r\n")

    def _recipient(self, address):
        refusal = self.server.refused.get(address)
        if refusal is None:
            self.taken.append(address)
        self.wfile.write((refusal or "250 2.1.5 fine").encode() + b"\r\n")

    def _skip_message(self):
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise ConnectionError("the client left in mid-message")


class RefusingSink(socketserver.ThreadingTCPServer):
    """`refused` says for which address which reply is given; `taken` is who has got mail, in its order."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address, refused):
        self.refused = refused
        self.taken = []
        self.lock = threading.Lock()
        super().__init__(address, _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def keep(self, recipients):
        with self.lock:
            self.taken += recipients

    def stop(self):
        self.shutdown()
        self.server_close()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A DNS server for tests: serves a zone over UDP and TCP on loopback, and misbehaves on demand.

The zone is a dictionary {name: [record, ...]}, a record one pair {TYPE: data}:
  A, AAAA: "address"    TXT: "string" or ["string", ...]    MX: [preference, "name"]
  PTR, CNAME: "name"    TIMEOUT: true    SERVFAIL: true
  TRUNCATE: true        UDP answers are cut, so that the client has to come again by TCP
  GARBAGE: true         the answer is not DNS
  SLOW: true            answers by UDP take 0.2 s
TIMEOUT and SERVFAIL hold for the types that the name does not list. Names may hold any octet but a
dot within a label; text is sent as Latin-1, so "\\xef" is that octet.

As a program: dns_server.py ZONE.json [PORT] prints its port and serves until standard input closes.
"""
import ipaddress
import json
import socket
import socketserver
import struct
import sys
import threading

TYPES = {"A": 1, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
NUMBERS = {number: name for name, number in TYPES.items()}
TTL = 300


def pack_name(name):
    wire = b""
    for label in name.rstrip(".").split("."):
        if label:
            octets = label.encode("latin-1")
            wire += bytes([len(octets)]) + octets
    return wire + b"\0"


def pack_text(strings):
    """No string at all is sent as one that is empty: a record without is malformed."""
    wire = b""
    for string in [strings] if isinstance(strings, str) else strings or [""]:
        octets = string.encode("latin-1")
        for at in range(0, len(octets) or 1, 255):
            part = octets[at:at + 255]
            wire += bytes([len(part)]) + part
    return wire


def pack_data(kind, data):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(data).packed
    if kind == "TXT":
        return pack_text(data)
    if kind == "MX":
        return struct.pack("!H", data[0]) + pack_name(data[1])
    return pack_name(data)


def pack_record(name, kind, data, ttl=TTL):
    wire = data if isinstance(data, bytes) else pack_data(kind, data)
    return pack_name(name) + struct.pack("!HHIH", TYPES[kind], 1, ttl, len(wire)) + wire


def unpack_question(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
        at += query[at] + 1
    kind, = struct.unpack_from("!H", query, at + 1)
    return ".".join(labels), NUMBERS.get(kind), query[12:at + 5]


class Zone:
    """Answers questions from the dictionary; `asked` counts them by (name, type). Answers may be kept for
    `ttl` seconds, those that find nothing for `negative_ttl`."""

    def __init__(self, names, ttl=TTL, negative_ttl=60):
        self.ttl = ttl
        self.negative_ttl = negative_ttl
        self.replace(names)

    def replace(self, names):
        self.names = {name.rstrip(".").lower(): records for name, records in names.items()}
        self.asked = {}

    def flag(self, name, flag):
        return any(flag in record for record in self.names.get(name.lower(), []))

    def find(self, name, kind):
        """The answer section of a name, aliases followed; None when the name does not exist."""
        found, seen = [], set()
        while name.lower() in self.names and name.lower() not in seen:
            seen.add(name.lower())
            records = self.names[name.lower()]
            mine = [record[kind] for record in records if kind in record]
            alias = next((record["CNAME"] for record in records if "CNAME" in record), None)
            found += [pack_record(name, kind, data, self.ttl) for data in mine]
            if mine or alias is None:
                return found
            found.append(pack_record(name, "CNAME", alias))
            name = alias.rstrip(".")
        return found or None

    def reply(self, query, by_tcp):
        """The answer to a query; None for none."""
        name, kind, question = unpack_question(query)
        self.asked[name.lower(), kind] = self.asked.get((name.lower(), kind), 0) + 1
        found = self.find(name, kind) if kind else []
        code, flags, rest = 0, 0x8580, b""
        if not found and self.flag(name, "TIMEOUT"):
            return None
        if self.flag(name, "GARBAGE"):
            return query[:2] + b"\x81\x80" + b"\xff" * 30
        if not found and (self.flag(name, "SERVFAIL") or kind is None):
            code = 2
        elif found is None:
            code = 3
        if not found:
            soa = pack_name("ns.invalid") * 2 + struct.pack("!5I", 1, 3600, 600, 86400, self.negative_ttl)
            rest = pack_record(name.split(".", 1)[-1], "SOA", soa) if code != 2 else b""
        body = b"".join(found or [])
        if not by_tcp and (len(body) > 1100 or self.flag(name, "TRUNCATE")):
            flags, found, body = flags | 0x0200, [], b""
        head = query[:2] + struct.pack("!HHHHH", flags | code, 1, len(found or []),
                                       1 if rest else 0, 0)
        return head + question + body + rest


class Server:
    """Serves the zone on one port of an address of loopback, UDP and TCP; any thread may use it."""

    def __init__(self, zone, port=0, address="127.0.0.1"):
        class Udp(socketserver.BaseRequestHandler):
            def handle(self):
                query, sock = self.request
                reply = zone.reply(query, False)
                if reply is None:
                    return
                if zone.flag(unpack_question(query)[0], "SLOW"):
                    threading.Timer(0.2, sock.sendto, (reply, self.client_address)).start()
                else:
                    sock.sendto(reply, self.client_address)

        class Tcp(socketserver.StreamRequestHandler):
            def handle(self):
                while len(size := self.rfile.read(2)) == 2:
                    reply = zone.reply(self.rfile.read(*struct.unpack("!H", size)), True)
                    if reply is None:
                        return
                    self.wfile.write(struct.pack("!H", len(reply)) + reply)

        class TcpServer(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.udp = self.tcp = None
        for _ in range(20):
            self.udp = socketserver.UDPServer((address, port), Udp)
            self.udp.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self.port = self.udp.server_address[1]
            try:
                self.tcp = TcpServer((address, self.port), Tcp)
                break
            except OSError:  # somebody has that port for TCP
                self.udp.server_close()
                if port:
                    raise
        for server in (self.udp, self.tcp):
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        for server in (self.udp, self.tcp):
            server.shutdown()
            server.server_close()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        zone = Zone(json.load(file))
    server = Server(zone, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    print(server.port, flush=True)
    sys.stdin.read()
    server.close()


if __name__ == "__main__":
    main()

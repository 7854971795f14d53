# SPDX-License-Identifier: BSD-2-Clause
"""DNS for the supervision's tests: reverse DNS of egress addresses, and blocklists that list, lie and die."""

import ipaddress
import sys
import time

from harness import ROOT

sys.path.insert(0, f"{ROOT}/tests/spf")
from dns_server import Server, Zone, pack_record, unpack_question  # noqa: E402


class ListsZone(Zone):
    """Answers may be kept for no time at all. Each list has a mode:
    honest      lists what `listed` has, and its test points
    dead        lists nothing
    world       lists everything
    refuses     answers 127.255.255.254 to everything
    rewritten   answers 203.0.113.80 to everything that it does not list
    silent      does not answer
    alternates  lists what `listed` has in every second answer
    """

    def __init__(self):
        super().__init__({}, ttl=0, negative_ttl=0)
        self.modes = {}
        self.listed = {}  # zone: {address: code}
        self.when = {}  # address: when it was first said to be listed
        self.turns = {}  # address: how often it was asked for while answers alternate
        self.off = False  # no DNS at all

    def add_list(self, zone, mode="honest"):
        self.modes[zone] = mode
        self.listed.setdefault(zone, {})

    def list(self, zone, address, code="127.0.0.2"):
        self.listed[zone][address] = code

    def delist(self, zone, address):
        self.listed[zone].pop(address, None)

    def add_reverse(self, address, name):
        ip = ipaddress.ip_address(address)
        self.names[ip.reverse_pointer] = [{"PTR": name}]
        self.names[name] = [{"A" if ip.version == 4 else "AAAA": address}]

    def zone_of(self, name):
        return next((zone for zone in self.modes if name.lower().endswith("." + zone)), None)

    @staticmethod
    def address_of(labels):
        parts = labels.split(".")[::-1]
        if len(parts) == 4:
            return ".".join(parts)
        digits = "".join(parts)
        return str(ipaddress.IPv6Address(int(digits, 16)))

    def code(self, zone, address):
        mode = self.modes[zone]
        code = self.listed[zone].get(address)
        if address in ("127.0.0.2", "::ffff:7f00:2", "::ffff:127.0.0.2"):
            code = "127.0.0.2"
        elif mode == "alternates":
            self.turns[address] = self.turns.get(address, 0) + 1
            code = code if self.turns[address] % 2 else None
        if mode == "dead":
            return None
        if mode == "world":
            return "127.0.0.2"
        if mode == "refuses":
            return "127.255.255.254"
        if mode == "rewritten" and not code:
            return "203.0.113.80"
        return code

    def find(self, name, kind):
        zone = self.zone_of(name)
        if zone is None:
            return super().find(name, kind)
        address = self.address_of(name[: -len(zone) - 1])
        code = self.code(zone, address)
        if code is None or kind != "A":
            return None
        self.when.setdefault(address, time.monotonic())
        return [pack_record(name, "A", code, self.ttl)]

    def reply(self, query, by_tcp):
        zone = self.zone_of(unpack_question(query)[0])
        if self.off or (zone and self.modes[zone] == "silent"):
            return None
        return super().reply(query, by_tcp)


def serve(zone):
    return Server(zone)

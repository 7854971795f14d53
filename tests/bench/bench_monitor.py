# SPDX-License-Identifier: BSD-2-Clause
"""What supervision costs: easymail-monitor with 1 000 egress IPs and 20 blocklists, of which no answer may be kept."""

import os
import sqlite3
import time

from cpu import TICK, family
from dns_lists import ListsZone, serve
from harness import Relay, wait_for

ADDRESSES, LISTS, INTERVAL, SECONDS = 1000, 20, 60, 60
ROWS = ("monitor",)


def add_fleet(relay, zone):
    lists = [f"bl{number}.lists.example" for number in range(LISTS)]
    addresses = [f"127.10.{number >> 8}.{number & 255}" for number in range(1, ADDRESSES + 1)]
    database = sqlite3.connect(relay.database, timeout=20)
    with database:
        database.execute("DELETE FROM blocklist")
        database.executemany("INSERT INTO blocklist (zone) VALUES (?)", ((name,) for name in lists))
        database.execute("INSERT INTO egress_group (id, name) VALUES (1, 'all')")
        database.executemany(
            "INSERT INTO egress_ip (address, helo_name, egress_group_id) VALUES (?, ?, 1)",
            ((address, f"mx-{address.replace('.', '-')}.provider.example") for address in addresses),
        )
    database.close()
    for name in lists:
        zone.add_list(name)
    for address in addresses:
        zone.add_reverse(address, f"mx-{address.replace('.', '-')}.provider.example")


def cpu_seconds(pids):
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            ticks += sum(map(int, file.read().rpartition(")")[2].split()[11:13]))
    return ticks / TICK


def measure():
    zone = ListsZone()
    server = serve(zone)
    settings = {"dns.servers": f"127.0.0.1@{server.port}", "monitor.interval": f"{INTERVAL}s"}
    relay = Relay(parts=("monitor",), settings=settings)
    try:
        relay.start()
        add_fleet(relay, zone)
        wait_for(lambda: relay.monitor_status()["addresses"] == ADDRESSES, 30, "the fleet")
        wait_for(lambda: relay.monitor_status()["blocklists_not_counted"] == 0, 2 * INTERVAL, "the test points")
        pids = family(relay.parts["monitor"].process.pid)
        cpu, looks, began = cpu_seconds(pids), relay.monitor_status()["looks"], time.monotonic()
        time.sleep(SECONDS)
        seconds = time.monotonic() - began
        cpu, status = cpu_seconds(pids) - cpu, relay.monitor_status()
        return {
            "name": "monitor",
            "looks_per_minute": round((status["looks"] - looks) * 60 / seconds),
            "watched": status["watched"],
            "cpu_percent_of_a_core": round(100 * cpu / seconds, 2),
        }
    finally:
        relay.stop()
        server.close()


def rows(names, _options):
    return [measure()] if names else []

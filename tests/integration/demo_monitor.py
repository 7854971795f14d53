# SPDX-License-Identifier: BSD-2-Clause
"""The demonstration's egress IP that gets on a blocklist in mid-traffic, and off it again."""

import time
from collections import Counter

from demo_table import Row
from dns_lists import ListsZone, serve
from harness import wait_for

LIST = "bl.lists.example"


class Supervision:
    def __init__(self, table, source, sender, group):
        self.table, self.relay = table, table.relay
        self.row = Row("", source, sender, leaves_from=group)
        self.zone = ListsZone()
        self.zone.add_list(LIST)

    def start(self):
        server = serve(self.zone)
        for address, name in self.relay.sql("SELECT address, helo_name FROM egress_ip"):
            self.zone.add_reverse(address, name)
        self.relay.sql("DELETE FROM blocklist")
        self.relay.ctl("blocklist", "add", LIST)
        options = {"dns__servers": f"127.0.0.1@{server.port}", "monitor__interval": "2s",
                   "monitor__confirm_interval": "500ms", "monitor__clean_looks": "3"}
        self.relay.write_config("monitor", **options)
        monitor = self.relay.part("monitor", ["-c", f"{self.relay.directory}/monitor.conf"])
        self.relay.parts["monitor"] = monitor
        monitor.start()
        wait_for(lambda: self.health() == [("good",)], 20, "the list to prove itself")

    def health(self):
        return self.relay.sql("SELECT health FROM blocklist")

    def state(self, address):
        return self.relay.sql("SELECT state, reason FROM egress_ip WHERE address = ?", address)[0]

    def traffic(self, before):
        """A message a second until one leaves from elsewhere; their marks and the last reply."""
        marks = []
        until = time.monotonic() + 60
        while time.monotonic() < until:
            marks.append(f"demo-listed-{len(marks)}")
            reply = self.table.send(self.row, marks[-1])
            self.table.decision()
            time.sleep(1)
            if any(delivery.source != before for mark in marks[-2:] for delivery in self.relay.sink.of(mark)):
                break
        return marks, reply

    def run(self):
        self.table.heading("an egress IP gets on a blocklist")
        self.start()
        before = self.table.run(self.row._replace(title=f"the address of {self.row.sender}"))[0].source
        self.zone.list(LIST, before)
        began = time.monotonic()
        marks, reply = self.traffic(before)
        took = time.monotonic() - began
        self.relay.drain(60)
        arrived = Counter(delivery.mark for delivery in self.relay.sink.deliveries())
        sources = {delivery.source for delivery in self.relay.sink.of(marks[-1])}
        once = all(arrived[mark] == 1 for mark in marks)
        self.table.show("listed in mid-traffic: leaves elsewhere", "accept", "-", reply, " ".join(sources) or "-",
                        once and took < 35 and sources == set(self.row.leaves_from) - {before})
        state, reason = self.state(before)
        self.table.note(f"{before} is {state}: {reason}")
        words = "each" if once else "NOT each"
        self.table.note(f"{took:.0f} s after the listing; of {len(marks)} messages {words} arrived once")
        self.zone.delist(LIST, before)
        wait_for(lambda: self.state(before)[0] == "active", 30, f"{before} to be active again")
        which = wait_for(lambda: before in self.relay.ctl("egress", "which", self.row.sender).stdout, 10)
        wait_for(lambda: not self.relay.monitor_status()["states"]["listed"], 10, "the monitor's status to follow")
        self.table.show("delisted: its senders come back", "-", "-", "after three clean looks", before, which)

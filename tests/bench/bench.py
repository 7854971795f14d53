#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The figures: what a message costs with and without easymail, and what look-ups cost.

Each mail row is a whole relay of its own that takes messages of 4 KB from Postfix's smtp-source and
delivers them to smtp-sink. All rows relay in the same way: the same client, the same transport with the same bound
address, the same queue settings. CPU is that of everything between source and sink: all of the row's
Postfix, its filters, its mapd. The rows take turns, round by round; medians are shown.

bare           that Postfix with no milter and no socketmap: mynetworks permits, default_transport routes
tenant+egress  easymail as installed, with these two filters in one process
chain          easymail as installed, with every filter that exists in one process
separate       the same filters, each a process and a milter of its own
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

from cpu import make_meter  # noqa: E402
from harness import Relay, build_directory, wait_for  # noqa: E402

CLIENT, EGRESS_IP, SENDER = "127.0.0.1", "127.0.11.1", "news@tenant.example"
TRANSPORT = f"easymail-{EGRESS_IP}"
FILTERS = ("tenant", "egress")  # in the order of the chain
SIZE = 4096
MAIL_ROWS = ("bare", "tenant+egress", "chain", "separate")
GOAL_RATIO, GOAL_LOOKUP, GOAL_MAPD_US = 1.35, 1.10, 100


class Row:
    """One relay, running but idle until its turn."""

    def __init__(self, name):
        self.name = name
        self.relay = Relay()
        self.meter = make_meter(name.replace("+", "-"))
        self.sent = 0
        self.rounds = []

    def start(self):
        relay = self.relay
        relay.sink.start = lambda: self._start_sink(relay.sink)
        relay.start()
        relay.add_group("green", EGRESS_IP)
        relay.add_tenant("tenant", "green", ["tenant.example"], [CLIENT])
        relay.apply()
        # smtp-source cannot choose its address; it must not pass as Postfix's own network.
        own = "127.0.0.1/32" if self.name == "bare" else "127.255.255.254/32"
        relay.postconf(f"mynetworks={own}", "smtpd_timeout=100s", "default_process_limit=100")
        getattr(self, "_arrange_" + self.name.replace("+", "_"))()
        self.meter.add([relay.master(), *relay.postfix_children()])
        self.meter.add([part.process.pid for part in relay.parts.values() if part.process])

    @staticmethod
    def _start_sink(sink):
        """Without a ledger: writing files would cost more than the mail."""
        command = ["/usr/sbin/smtp-sink", "-u", "nobody", "-m", "500", "%s:%d" % sink.address, "1000"]
        sink.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def _arrange_bare(self):
        self.relay.postconf(
            "smtpd_milters=",
            "non_smtpd_milters=",
            "sender_dependent_default_transport_maps=",
            f"default_transport={TRANSPORT}:{self.relay.sink.nexthop}",
            "smtpd_relay_restrictions=permit_mynetworks, reject",
            "smtpd_recipient_restrictions=",
        )
        for part in self.relay.parts.values():
            part.stop()

    def _arrange_tenant_egress(self):
        self.relay.use_milters(FILTERS)

    def _arrange_chain(self):
        """As installed."""

    def _arrange_separate(self):
        self.relay.use_milters(*((name,) for name in FILTERS))

    def flood(self, messages):
        command = ["/usr/sbin/smtp-source", "-s", "20", "-m", str(messages), "-l", str(SIZE), "-f", SENDER]
        command += ["-t", "user@dest.example", f"127.0.0.1:{self.relay.port}"]
        subprocess.run(command, stdin=subprocess.DEVNULL, check=True, timeout=600)
        self.sent += messages
        wait_for(lambda: self._delivered() >= self.sent, 300, f"{self.name}: {self.sent} messages delivered")

    def _delivered(self):
        with open(f"{self.relay.directory}/maillog", "rb") as file:
            return file.read().count(b"status=sent")

    def round(self, messages):
        cpu, clock = self.meter.microseconds(), time.monotonic()
        self.flood(messages)
        seconds = time.monotonic() - clock
        self.rounds.append((messages / seconds, (self.meter.microseconds() - cpu) / messages))

    def result(self, bare_cpu):
        speed = statistics.median(speed for speed, _ in self.rounds)
        cpu = statistics.median(cpu for _, cpu in self.rounds)
        return {
            "name": self.name,
            "messages_per_second": round(speed, 1),
            "cpu_us_per_message": round(cpu),
            "ratio_to_bare": round(cpu / (bare_cpu or cpu), 3),
        }

    def stop(self):
        self.meter.close()
        self.relay.stop()


def mail_rows(names, options):
    rows = [Row(name) for name in names]
    try:
        for row in rows:
            row.start()
            row.flood(min(200, options.messages))  # processes started, caches warm
        for number in range(options.rounds):
            for row in rows:
                row.round(options.messages)
                speed, cpu = row.rounds[-1]
                print(f"# round {number + 1} {row.name}: {speed:.0f}/s {cpu:.0f} us", file=sys.stderr)
        bare = rows[0].result(None)["cpu_us_per_message"]
        return [row.result(bare) for row in rows]
    finally:
        for row in rows:
            row.stop()


def program_rows(program):
    """The rows that a benchmark program of the build prints, one JSON object a line."""
    path = os.path.join(build_directory(), "tests", "bench", program)
    output = subprocess.run([path, "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in re.findall(r"^\{.*\}$", output.stdout, re.MULTILINE)]


def print_table(rows):
    print(f"{'row':<16}{'messages/s':>12}{'CPU us/message':>16}{'x bare':>8}")
    for row in rows:
        if "ratio_to_bare" in row:
            print(
                f"{row['name']:<16}{row['messages_per_second']:>12}{row['cpu_us_per_message']:>16}"
                f"{row['ratio_to_bare']:>8}"
            )
    for row in rows:
        if "ratio_to_bare" not in row:
            print(f"{row['name']:<16}" + "  ".join(f"{key} {value}" for key, value in row.items() if key != "name"))


def print_goals(rows):
    for row in rows:
        if row["name"] == "tenant+egress":
            judge(f"tenant+egress costs {row['ratio_to_bare']} x bare", row["ratio_to_bare"], GOAL_RATIO)
        if row["name"] == "lookup":
            judge(f"100 000 tenants against 10: {row['ratio']} x", row["ratio"], GOAL_LOOKUP)
        if row["name"] == "mapd":
            judge(f"mapd answers in {row['median_us']} us (median)", row["median_us"], GOAL_MAPD_US)


def judge(text, value, goal):
    print(f"{text}: goal {goal} {'met' if value <= goal else 'MISSED'}")


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=(*MAIL_ROWS, "lookup", "mapd"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=1000)
    options = parser.parse_args()
    rows = []
    if options.only in (None, *MAIL_ROWS):
        names = MAIL_ROWS if options.only is None else dict.fromkeys(("bare", options.only))
        rows += mail_rows(names, options)
    for name in ("lookup", "mapd"):
        if options.only in (None, name):
            rows += program_rows(f"bench_{name}")
    if options.json:
        print(json.dumps(rows, indent=1))
    else:
        print_table(rows)
        print_goals(rows)


if __name__ == "__main__":
    main()

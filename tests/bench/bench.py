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
import sqlite3
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

from cpu import family, make_meter  # noqa: E402
from harness import Relay, build_directory, wait_for  # noqa: E402

CLIENT, EGRESS_IP, SENDER = "127.0.0.1", "127.0.11.1", "news@tenant.example"
TRANSPORT = f"easymail-{EGRESS_IP}"
SIZE = 4096
MAIL_ROWS = ("bare", "tenant+egress", "chain", "separate")
MANY = 100000
GOAL_RATIO, GOAL_LOOKUP, GOAL_MAPD_US = 1.35, 1.10, 100


def all_filters():
    """The names of all filters, in the order of the chain, as the milter's help lists them."""
    command = [f"{build_directory()}/milters/easymail-milter", "-h"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in text.partition("filters, in their order:\n")[2].splitlines() if line.strip()]


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
        roots = [relay.master()] + [part.process.pid for part in relay.parts.values() if part.process]
        for pid in roots:
            self.meter.add(family(pid))

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
        self.relay.use_milters(("tenant", "egress"))
        if "scanner" in self.relay.parts:
            self.relay.parts["scanner"].stop()

    def _arrange_chain(self):
        """As installed."""

    def _arrange_separate(self):
        self.relay.use_milters(*((name,) for name in all_filters()))

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
        self.relay.stop()
        self.meter.close()


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


def run_program(path, *arguments):
    """What a program of the build prints as JSON, a value a line."""
    command = [os.path.join(build_directory(), path), "--json", *arguments]
    output = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in output.stdout.splitlines()]


def lookup_rows():
    """Policy look-ups in the library, with 10 and with 100 000 tenants in the database."""
    rows = {}
    for line in run_program("common/bench_lookup", "--many", str(MANY)):
        row = rows.setdefault(line["name"], {"name": line["name"]})
        row[f"median_us_{line['tenants']}"] = line["median_us"]
    for row in rows.values():
        row["ratio"] = round(row[f"median_us_{MANY}"] / row["median_us_10"], 3)
    return list(rows.values())


def mapd_rows():
    """easymail-mapd over its socket, with 100 000 tenants, every question another one."""
    relay = Relay(parts=("mapd",))
    try:
        relay.start()
        relay.add_group("green", EGRESS_IP)
        insert_many(relay)
        wait_for(lambda: not pending(relay), 120, "mapd to index the relay hosts")
        (answers,) = run_program("services/mapd/bench_mapd", relay.parts["mapd"].socket_path)
        return [
            {"name": f"mapd_{row['name']}", "median_us": row["p50_ns"] / 1000, "p99_us": row["p99_ns"] / 1000}
            for row in answers
        ]
    finally:
        relay.stop()


def insert_many(relay):
    """The clients and senders that bench_mapd asks for, in one transaction."""
    database = sqlite3.connect(relay.database, timeout=20)
    numbers = range(MANY)
    with database:
        database.executemany(
            "INSERT INTO tenant (id, name, state, egress_group_id) VALUES (?, ?, 'active', 1)",
            ((n + 1, f"t{n}") for n in numbers),
        )
        database.executemany(
            "INSERT INTO domain (tenant_id, name) VALUES (?, ?)", ((n + 1, f"t{n}.example") for n in numbers)
        )
        database.executemany(
            "INSERT INTO relay_host (tenant_id, network) VALUES (?, ?)",
            ((n + 1, f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}") for n in numbers),
        )
    database.close()


def pending(relay):
    ((count,),) = relay.sql("SELECT count(*) FROM relay_host WHERE lo IS NULL AND fault IS NULL")
    return count


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
        if "ratio" in row:
            judge(f"{row['name']} with {MANY} tenants takes {row['ratio']} x that with 10", row["ratio"], GOAL_LOOKUP)
        if row["name"].startswith("mapd"):
            judge(f"{row['name']} takes {row['median_us']} us at the median", row["median_us"], GOAL_MAPD_US)


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
    if options.only in (None, "lookup"):
        rows += lookup_rows()
    if options.only in (None, "mapd"):
        rows += mapd_rows()
    if options.json:
        print(json.dumps(rows, indent=1))
    else:
        print_table(rows)
        print_goals(rows)


if __name__ == "__main__":
    main()

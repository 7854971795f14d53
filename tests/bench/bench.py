#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The figures: what a message costs with and without easymail, what our filters cost beside those that others run,
and what look-ups cost. The rows of mail are explained in bench_mail.py, those beside a peer in bench_av.py,
bench_antispam.py, bench_dkim.py and duel.py: their ratios are of CPU time, "speed" of messages per second. A campaign
beside daily mail is in bench_streams.py.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import bench_antispam  # noqa: E402
import bench_av  # noqa: E402
import bench_dkim  # noqa: E402
import bench_mail  # noqa: E402
import bench_monitor  # noqa: E402
import bench_streams  # noqa: E402
import bench_tracker  # noqa: E402
from bench_mail import EGRESS_IP  # noqa: E402
from harness import Relay, build_directory, wait_for  # noqa: E402

MANY = 100000
LOOKUPS = ("lookup", "mapd", "tracker", "suppression", "rules")
# What --only may name beside single rows.
GROUPS = {"av": bench_av.ROWS, "antispam": bench_antispam.ROWS, "sign": bench_dkim.ROWS}
# Row: (key, goal as a figure that is not to be exceeded, or to be reached).
AT_MOST, AT_LEAST = "at most", "at least"
GOALS = {
    "tenant+egress": [("ratio_to_bare", AT_MOST, 1.35)],
    "lookup": [("ratio", AT_MOST, 1.10)],
    "lookup_client": [("ratio", AT_MOST, 1.10)],
    "mapd_clients": [("median_us", AT_MOST, 100)],
    "mapd_egress": [("median_us", AT_MOST, 100)],
    "tracker": [("us_per_message", AT_MOST, 100)],
    "suppression": [("mean_us", AT_MOST, 20)],  # of CPU time, an address that is not on the list
    "suppressed": [("mean_us", AT_MOST, 20)],
    "rules": [("decide_us", AT_MOST, 1000)],
    "av_text": [("ratio_to_peer", AT_MOST, 0.5)],
    "av_large": [("ratio_to_peer", AT_MOST, 0.5)],
    "av_campaign": [("ratio_to_peer", AT_MOST, 0.5), ("speed_to_peer", AT_LEAST, 2)],
    "av_memory": [("ratio_to_peer", AT_MOST, 1.2)],
    "antispam_text": [("ratio_to_peer", AT_MOST, 1.0)],
    "antispam_large": [("ratio_to_peer", AT_MOST, 1.0)],
    "antispam_campaign": [("ratio_to_peer", AT_MOST, 0.3)],
    "sign_rsa": [("ratio_to_peer", AT_MOST, 0.6)],
    "sign_ed25519": [("ratio_to_peer", AT_MOST, 0.35)],
    "monitor": [("cpu_percent_of_a_core", AT_MOST, 10), ("looks_per_minute", AT_LEAST, 22000)],
    "streams": [("p99_to_quiet", AT_MOST, 1.2), ("wrong_way", AT_MOST, 0), ("corporate_refused", AT_MOST, 0)],
    "sign_keys": [("start_s", AT_MOST, 1), ("first_to_1", AT_MOST, 1.1)],
}


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
            print(f"{row['name']:<26}" + "  ".join(f"{key} {value}" for key, value in row.items() if key != "name"))


def print_goals(rows):
    for row in rows:
        for key, bound, goal in GOALS.get(row["name"], ()):
            if key in row:
                met = row[key] <= goal if bound == AT_MOST else row[key] >= goal
                print(f"{row['name']}: {key} {row[key]}, goal {bound} {goal}: {'met' if met else 'MISSED'}")


def chosen(only, names):
    """Those of a family of rows that are asked for."""
    return [name for name in names if only is None or name in (only, *GROUPS.get(only, ()))]


def run(options):
    rows = []
    mail = chosen(options.only, bench_mail.ROWS)
    if mail:
        rows += bench_mail.rows(list(dict.fromkeys(("bare", *mail))), options)
    for module in (bench_av, bench_antispam, bench_dkim, bench_streams, bench_monitor):
        names = chosen(options.only, module.ROWS)
        if names:
            rows += module.rows(names, options)
    if chosen(options.only, ("lookup",)):
        rows += lookup_rows()
    if chosen(options.only, ("mapd",)):
        rows += mapd_rows()
    if chosen(options.only, ("tracker",)):
        rows.append(bench_tracker.row())
    if chosen(options.only, ("suppression",)):
        rows += run_program("common/bench_suppression")
    if chosen(options.only, ("rules",)):
        rows += run_program("common/bench_content")
    return rows


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--json", action="store_true")
    modules = (bench_mail, bench_av, bench_antispam, bench_dkim, bench_streams, bench_monitor)
    names = [*(row for module in modules for row in module.ROWS), *GROUPS, *LOOKUPS]
    parser.add_argument("--only", choices=names)
    parser.add_argument("--rounds", type=int, default=5, help="of the mail rows; rows with a peer take 3 at most")
    parser.add_argument("--messages", type=int, default=400, help="a round of the mail rows")
    options = parser.parse_args()
    rows = run(options)
    if options.json:
        print(json.dumps(rows, indent=1))
    else:
        print_table(rows)
        print_goals(rows)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: BSD-2-Clause
"""A campaign beside a company's daily mail, on a relay with every filter, as tests/integration/campaign.py has it.

A time of quiet comes before each thousand messages of the campaign, so that both see the same machine. Delays are from
the client's connecting to the relay until the receiver, who takes half a second for each message, has taken it; "own"
is without that half second.
"""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

from campaign import DailyMail, make_relay, percentile, start_campaign, wrong_ways  # noqa: E402
from harness import wait_for  # noqa: E402

ROWS = ("streams",)
ANSWER_AFTER = 0.5
CAMPAIGN, SHORT_CAMPAIGN = 20000, 2000
ROUND = 1000  # messages of the campaign, then a time of quiet
CONNECTIONS = 40
QUIET_SECONDS = 15


def queue_manager_kb(relay):
    """Resident memory of qmgr(8), which holds what is in work."""
    (pid,) = relay.postfix_children("qmgr")
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def measure(relay, count):
    daily = DailyMail(relay)
    quiet, busy, seconds, memory = [], [], 0, 0
    for number in range(count // ROUND):
        quiet += daily.run_for(f"quiet{number}", QUIET_SECONDS)
        began = time.monotonic()
        campaign = start_campaign(relay, ROUND, CONNECTIONS, 3600)
        busy += daily.run(f"busy{number}", lambda c=campaign: not any(process.is_alive() for process in c))
        seconds, memory = seconds + time.monotonic() - began, max(memory, queue_manager_kb(relay))
    wait_for(lambda: len(relay.sink.entries()) >= len(daily.sent) + count, 3600, "the whole campaign")
    calm, beside = daily.delays(quiet), daily.delays(busy)
    return {
        "name": "streams",
        "bulk_messages": count,
        "bulk_per_second": round(count / seconds, 1),
        "corporate_messages": len(busy),
        "corporate_refused": len(daily.refused),
        "wrong_way": len(wrong_ways(relay)),
        "p50_ms_quiet": round(percentile(calm, 0.5) * 1000),
        "p50_ms": round(percentile(beside, 0.5) * 1000),
        "p99_ms_quiet": round(percentile(calm, 0.99) * 1000),
        "p99_ms": round(percentile(beside, 0.99) * 1000),
        "p99_to_quiet": round(percentile(beside, 0.99) / percentile(calm, 0.99), 3),
        "own_p99_ms_quiet": round((percentile(calm, 0.99) - ANSWER_AFTER) * 1000),
        "own_p99_ms": round((percentile(beside, 0.99) - ANSWER_AFTER) * 1000),
        "qmgr_kb": memory,
    }


def rows(names, options):
    """The whole campaign when this row alone is asked for."""
    relay = make_relay(answer_after=ANSWER_AFTER)
    try:
        return [measure(relay, CAMPAIGN if options.only in names else SHORT_CAMPAIGN)]
    finally:
        relay.stop()

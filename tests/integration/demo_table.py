# SPDX-License-Identifier: BSD-2-Clause
"""The demonstration's table: sends a message and says in a line what became of it, and whether that is right."""

import re
from typing import NamedTuple

from harness import wait_for
from smtp import message


class Row(NamedTuple):
    title: str
    source: str
    sender: str
    author: object = ""  # header From; "": the sender's; None: none
    expect: str = "accept"  # or the reply's beginning, "550 5.7.1"
    leaves_from: tuple = ()
    data: object = None  # makes the message of its mark; None: a few words
    proof: object = None  # of a delivery: is it right, and a line that says why


class Table:
    """The outcomes so far; `faults` counts the rows that are not as they must be."""

    def __init__(self, relay):
        self.relay = relay
        self.rows = []
        self.faults = 0
        self.decisions_seen = 0

    def decision(self):
        """Verdict and filter of the newest decision line; '-' when no filter was asked."""

        def newest():
            found = re.findall(r"\bdecision id=.*", self.relay.log_of("milter"))
            fresh, self.decisions_seen = found[self.decisions_seen :], len(found)
            return fresh

        try:
            line = wait_for(newest, 2)[-1]
        except AssertionError:
            return "-", "-"
        found = dict(re.findall(r"(\w+)=(\S*)", line.partition(' text="')[0]))
        return found.get("verdict", "?").replace("none", "-"), found.get("filter") or "-"

    def show(self, title, verdict, filter_name, reply, source, is_right):
        self.faults += not is_right
        reply = re.sub(r": queued as \w+$", "", str(reply).splitlines()[0])
        print(
            f"{title:<39.39} | {verdict:<8.8} | {filter_name:<7.7} | {reply:<58.58} | {source:<10} |"
            f" {'ok' if is_right else 'WRONG'}",
            flush=True,
        )

    def heading(self, text):
        print(f"\n== {text}", flush=True)

    def note(self, text):
        print(f"    {text}", flush=True)

    def columns(self):
        self.show("MESSAGE", "DECISION", "FILTER", "REPLY", "SEEN FROM", True)

    def send(self, row, mark):
        data = row.data(mark) if row.data else message(row.sender if row.author == "" else row.author, mark)
        with self.relay.session(row.source) as session:
            return session.transaction(row.sender, ["somebody@dest.example"], data)

    def run(self, row, decided=True):
        mark = f"demo-{len(self.rows)}"
        self.rows.append(row)
        reply = self.send(row, mark)
        verdict, filter_name = self.decision() if decided else ("-", "-")
        wanted = 1 if row.expect == "accept" else 0
        arrived = self.relay.sink.wait(mark, wanted) if wanted else self.relay.sink.of(mark)
        sources = " ".join(sorted({delivery.source for delivery in arrived})) or "-"
        if row.expect == "accept":
            is_right = reply.code == 250 and len(arrived) == 1 and sources in row.leaves_from
        else:
            is_right = f"{reply} ".startswith(row.expect) and not arrived
        proofs = [row.proof(delivery) for delivery in arrived if row.proof]
        is_right = is_right and all(holds for holds, _ in proofs)
        self.show(row.title, verdict, filter_name, reply, sources, is_right)
        for _, why in proofs:
            self.note(why)
        return arrived

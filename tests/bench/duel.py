# SPDX-License-Identifier: BSD-2-Clause
"""Two filters get the same mail in turn, straight over the milter protocol: CPU of the filters' processes alone
and messages per second, without Postfix on either side. Ratios are medians of those of each round, whose two
turns follow one another closely and change places from round to round, so a drifting machine hurts both alike."""

import multiprocessing
import statistics
import sys
import time

from cpu import family, make_meter
from letters import RECIPIENT, SENDER
from milter_client import MilterClient

CONNECTIONS = 4  # at once, each in a process of its own
WARM_UP = 100
TAKEN = b"ac"  # accept, or continue: the message may pass


class Side:
    """A filter under measurement: its socket and the processes that work for it."""

    def __init__(self, name, path, pids):
        self.name = name
        self.path = path
        self.meter = make_meter(name.replace("+", "-").replace(" ", "-"))
        self.rounds = []  # (messages/s, CPU us/message)
        for pid in pids:
            self.meter.add(family(pid))

    def close(self):
        self.meter.close()

    def send_one(self, letter):
        """A message in a session of its own; what MilterClient.send gives."""
        client = MilterClient(self.path)
        try:
            return client.send(0, SENDER, RECIPIENT, *letter)
        finally:
            client.close()

    def flood(self, letters, check):
        """All of them, by several connections; seconds."""
        context = multiprocessing.get_context("fork")
        start, jobs = context.Barrier(CONNECTIONS + 1), []
        for number in range(CONNECTIONS):
            share = letters[number::CONNECTIONS]
            jobs.append(context.Process(target=_send_all, args=(self.path, share, check, start), daemon=True))
            jobs[-1].start()
        start.wait(60)
        clock = time.monotonic()
        for job in jobs:
            job.join(300)
        seconds = time.monotonic() - clock
        if any(job.exitcode != 0 for job in jobs):
            raise RuntimeError(f"{self.name}: not every message was taken")
        return seconds

    def round(self, letters, check):
        cpu = self.meter.microseconds()
        seconds = self.flood(letters, check)
        self.rounds.append((len(letters) / seconds, (self.meter.microseconds() - cpu) / len(letters)))


def _send_all(path, letters, check, start):
    client = MilterClient(path)
    start.wait(60)
    for number, letter in enumerate(letters):
        verdict, added = client.send(number, SENDER, RECIPIENT, *letter)
        if verdict not in TAKEN or not check(added):
            raise RuntimeError(f"verdict {verdict}, headers added: {added}")
    client.close()


def duel(name, ours, peer, make, rounds, check=lambda added: True):
    """A row with our figures, the peer's (None: there is none here), and the ratios. `make(N)` gives the mail of
    the round N, counted from 1; 0 is to warm up."""
    sides = [side for side in (ours, peer) if side]
    for side in sides:
        side.rounds = []
        side.flood(make(0)[:WARM_UP], check)
    for number in range(rounds):
        letters = make(number + 1)
        for side in sides if number % 2 == 0 else reversed(sides):
            side.round(letters, check)
            speed, cpu = side.rounds[-1]
            print(f"# round {number + 1} {name} {side.name}: {speed:.0f}/s {cpu:.0f} us", file=sys.stderr)
    row = {"name": name, **_figures(ours, "")}
    if peer:
        row |= {"peer": peer.name, **_figures(peer, "peer_")}
        pairs = list(zip(ours.rounds, peer.rounds))
        row["ratio_to_peer"] = round(statistics.median(a[1] / b[1] for a, b in pairs), 3)
        row["speed_to_peer"] = round(statistics.median(a[0] / b[0] for a, b in pairs), 3)
    return row


def _figures(side, prefix):
    speed, cpu = (statistics.median(column) for column in zip(*side.rounds))
    return {f"{prefix}messages_per_second": round(speed, 1), f"{prefix}cpu_us_per_message": round(cpu)}

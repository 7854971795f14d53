# SPDX-License-Identifier: BSD-2-Clause
"""The av filter with its scanner against clamav-milter with its clamd, on the same signatures and the same mail."""

import sys
from functools import partial

import letters
from cpu import family
from duel import Side, duel
from harness import Relay
from peers import AV_PROGRAMS, ClamavMilter, missing

# Row: its mail, how many messages.
MAIL = {"av_text": (letters.texts, 300), "av_large": (letters.large, 24), "av_campaign": (letters.campaign, 1000)}
MEMORY_WORKERS, ROUNDS_MAX = 8, 3
ROWS = (*MAIL, "av_memory")


def make_relay(**settings):
    """Ours: the scanner, and the av filter by itself in a milter."""
    relay = Relay(parts=("scanner", "milter"), settings=settings)
    for name, text in letters.signatures().items():
        relay.write_signatures(name, text)
    relay.start()
    relay.add_group("green")
    relay.add_tenant("tenant", "green", ["tenant.example"], ["127.0.0.1"])
    relay.use_milters(("av",))
    return relay


def pids_of(relay):
    return [part.process.pid for part in relay.parts.values()]


def start_peer(relay):
    """None when the packages are not there."""
    absent = missing(AV_PROGRAMS)
    if absent:
        print(f"# no {' and no '.join(absent)}: av rows without a peer (scripts/deps bench)", file=sys.stderr)
        return None
    peer = ClamavMilter(f"{relay.directory}/peer", f"{relay.directory}/signatures")
    try:
        peer.run()
    except AssertionError:
        peer.stop()
        raise
    return peer


def prove(side):
    """A filter that lets EICAR pass would be fast."""
    verdict, _ = side.send_one(letters.infected())
    if verdict not in (b"r", b"y"):
        raise RuntimeError(f"{side.name}: EICAR passes with verdict {verdict}")


def pss_kb(pids):
    """What the processes take, shared pages counted once between them."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    return total


def memory_row(peer_side, peer):
    """The scanner with many workers, each having scanned, against clamd's one engine."""
    relay = make_relay(**{"scanner.workers": str(MEMORY_WORKERS)})
    try:
        ours = Side("easymail", f"{relay.sockets}/milter-av.sock", pids_of(relay))
        for side in filter(None, (ours, peer_side)):
            side.flood(letters.texts(200, "memory"), lambda added: True)
        row = {"name": "av_memory", "workers": MEMORY_WORKERS}
        row["pss_kb"] = pss_kb(family(relay.parts["scanner"].process.pid))
        if peer:
            row |= {"peer": "clamd", "peer_pss_kb": pss_kb(peer.pids()[:1])}
            row["ratio_to_peer"] = round(row["pss_kb"] / row["peer_pss_kb"], 3)
        ours.close()
        return row
    finally:
        relay.stop()


def rows(names, options):
    relay = make_relay()
    peer = ours = theirs = None
    try:
        peer = start_peer(relay)
        ours = Side("easymail", f"{relay.sockets}/milter-av.sock", pids_of(relay))
        theirs = peer and Side(peer.name, peer.socket_path, peer.pids())
        for side in filter(None, (ours, theirs)):
            prove(side)
        for name in names:
            if name in MAIL:
                make, count = MAIL[name]
                yield duel(name, ours, theirs, partial(make, count), min(ROUNDS_MAX, options.rounds))
            else:
                yield memory_row(theirs, peer)
    finally:
        for end in (ours and ours.close, theirs and theirs.close, peer and peer.stop, relay.stop):
            if end:
                end()

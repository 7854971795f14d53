# SPDX-License-Identifier: BSD-2-Clause
"""The demonstration's rows about bounces: a campaign with one dead address, and the next one, which skips it.
They come after those about bulk mail, whose domain and return paths they use."""

import re

from demo_streams import SENDER
from harness import wait_for
from refusing_sink import RefusingSink
from scene import ALPHA, STRANGER
from smtp import message

DEAD = "dead@dest.example"
ALIVE = tuple(f"reader{number}@dest.example" for number in range(1, 5))


class Campaigns:
    def __init__(self, demo):
        self.demo = demo
        self.relay = demo.relay

    def send(self, name):
        """A message for each reader; the replies, the dead one's last."""
        replies = []
        for number, recipient in enumerate((*ALIVE, DEAD)):
            data = message(SENDER, f"{name}-{number}")
            with self.relay.session(ALPHA) as session:
                replies.append(session.transaction(SENDER, [recipient], data))
            self.demo.decision()
        return replies

    def campaign(self, name, sink, wanted):
        """One row: how many were taken and arrived, what was answered for the dead one."""
        before = len(sink.taken)
        *taken, last = self.send(name)
        wait_for(lambda: len(sink.taken) >= before + len(ALIVE), what=f"the {name} campaign to arrive")
        arrived = sorted(sink.taken[before:])
        is_right = all(reply.code == 250 for reply in taken) and arrived == sorted(ALIVE)
        is_right = is_right and f"{last} ".startswith(wanted)
        self.demo.show(f"{name} campaign, of 5 one is dead", "-", "tenant", last, f"{len(arrived)} arrive", is_right)

    def suppressed(self):
        rows = self.relay.json("suppression", "list", "alpha")
        return [row for row in rows if row["address"] == DEAD]

    def forged(self):
        """What a stranger who knows no return path gets."""
        path = re.findall(r"from=<(b-[a-z2-7]+@\S+)>", self.relay.maillog())[-1]
        forged = path[:9] + ("a" if path[9] != "a" else "b") + path[10:]
        for title, recipient, wanted in (
            ("a bounce with a forged return path", forged, "550 5.1.1"),
            ("a stranger's mail past the return path", "victim@dest.example", "55"),
        ):
            with self.relay.session(STRANGER) as session:
                reply = session.transaction("", [recipient], message("mailer-daemon@dest.example", "forged"))
            self.demo.show(title, "-", "tenant", reply, "-", str(reply).startswith(wanted))

    def run(self):
        self.demo.heading("bounces: a campaign with a dead address, and the next one")
        self.relay.sink.stop()
        sink = RefusingSink(self.relay.sink.address, {DEAD: "550 5.1.1 No such user here"})
        try:
            self.campaign("first", sink, "250 ")
            (row,) = wait_for(self.suppressed, what="the dead address on the list")
            self.demo.note(f"suppressed: {row['address']} ({row['reason']}): {row['note']}")
            self.campaign("second", sink, "550 5.1.1")
            self.forged()
        finally:
            sink.stop()
            self.relay.sink.start()

# SPDX-License-Identifier: BSD-2-Clause
"""The demonstration's rows about signatures and hidden headers, judged by what the sink received."""

import json
import re
import threading

from demo_table import Row
from harness import wait_for
from scene import ALPHA, ALPHA_IP
from sink import on_the_wire
from smtp import message

DOMAIN = "alpha.example"
SENDER = f"a@{DOMAIN}"
INNER_HEADERS = (
    "Received: from pc7.office.corp.internal ([10.20.30.40]) by exch01.corp.internal (10.20.0.1) with ESMTP id 7;"
    " Mon, 1 Jun 2026 12:00:00 +0000",
    "Received: from exch01.corp.internal (10.20.0.1) by gate.corp.internal with ESMTP; Mon, 1 Jun 2026 12:00:01 +0000",
    "X-Originating-IP: [10.20.30.40]",
    "X-Mailer: OfficeMailer 9.1 on pc7.office.corp.internal",
    "User-Agent: OfficeMailer/9.1",
)
INNER_WORDS = ("corp.internal", "exch01", "pc7", "10.20.", "officemailer", "x-originating-ip", "x-mailer", "user-agent")
INNER_WORDS += (ALPHA, "mx.tenant.example")  # the tenant's server, as Postfix's own Received line has it


class Traffic(threading.Thread):
    """Alpha's mail, one message after the other until stop()."""

    def __init__(self, relay):
        super().__init__(daemon=True)
        self.relay = relay
        self.taken = []  # marks
        self.refused = []  # replies and faults
        self.is_over = threading.Event()

    def run(self):
        while not self.is_over.wait(0.05):
            mark = f"traffic-{len(self.taken)}"
            try:
                reply = self.relay.send(ALPHA, SENDER, mark)
            except OSError as fault:
                reply = None
                self.refused.append(str(fault))
            if reply and reply.code == 250:
                self.taken.append(mark)
            elif reply:
                self.refused.append(str(reply))

    def flow(self, count=5):
        """Waits until so many more were taken; gives how many were before."""
        before = len(self.taken)
        wait_for(lambda: len(self.taken) >= before + count or self.refused, what="mail to flow")
        return before

    def stop(self):
        self.is_over.set()
        self.join(60)


class Signing:
    def __init__(self, table, world):
        self.table = table
        self.relay = table.relay
        self.world = world
        self.dns = self.relay.settings["dns.servers"]

    def run(self):
        old = self.prepare()
        self.table.run(Row("signed and verified", ALPHA, SENDER, leaves_from=(ALPHA_IP,), proof=self.verified))
        self.rotated(old)
        data = self.with_inner_headers
        self.table.run(Row("hidden headers", ALPHA, SENDER, leaves_from=(ALPHA_IP,), data=data, proof=self.hidden))

    def ctl(self, *words, check=True):
        self.table.note(f"easymailctl {' '.join(words)}")
        return self.relay.ctl(*words, check=check)

    def make(self, *words):
        """Makes keys as the command says; their records, not yet in DNS."""
        return json.loads(self.ctl(*words, "--json").stdout)

    def publish(self, records):
        for record in records:
            self.world.names[record["name"]] = [{"TXT": record.get("strings", record["value"])}]
        self.table.note(f"published: {' '.join(record['name'] for record in records)}")

    def prepare(self):
        """Keys that sign; they do not before the world can see them. Gives their selectors."""
        records = self.make("dkim", "create", DOMAIN, "--algorithm", "both")
        activate = ("dkim", "activate", DOMAIN, "--dns", self.dns)
        early = self.ctl(*activate, check=False)
        self.table.faults += early.returncode == 0 or "pending" not in early.stderr
        self.table.note(early.stderr.strip())
        self.publish(records)
        self.ctl(*activate)
        return selectors_of(records)

    def verify(self, delivery):
        """Selectors of the signatures that are right, and what `dkim verify` says of each signature."""
        words = ("dkim", "verify", "--dns", self.dns, "--json")
        answer = json.loads(self.relay.ctl(*words, stdin=on_the_wire(delivery), check=False).stdout)
        rows = answer["signatures"]
        right = {row["selector"] for row in rows if row["result"] == "pass" and row["domain"] == DOMAIN}
        said = [f"{row['algorithm']} {row['domain']}/{row['selector']}: {row['result']}" for row in rows]
        return right if len(right) == len(rows) else set(), "; ".join(said) or "no signature"

    def verified(self, delivery):
        """That it has a right signature of each of the two keys."""
        right, said = self.verify(delivery)
        return len(right) == 2, said

    def rotated(self, old):
        """Mail flows on while the keys change: all of it arrives, and is signed by the old or by the new ones."""
        traffic = Traffic(self.relay)
        traffic.start()
        try:
            traffic.flow()
            records = self.make("dkim", "rotate", DOMAIN)
            traffic.flow()
            unpublished = traffic.taken[:]
            self.publish(records)
            self.ctl("dkim", "activate", DOMAIN, "--dns", self.dns)
            traffic.flow()
        finally:
            traffic.stop()
        verdict, filter_name = self.table.decision()
        signed = {mark: self.signed(mark) for mark in traffic.taken}
        new = selectors_of(records)
        by_old, by_new = (sum(right == keys for right in signed.values()) for keys in (old, new))
        is_right = not traffic.refused and by_old + by_new == len(signed) and by_old and by_new
        is_right = is_right and all(signed[mark] == old for mark in unpublished)
        what = f"{len(signed)} taken: {by_old} verify by the old key, {by_new} by the new"
        self.table.show("rotated under traffic", verdict, filter_name, what, ALPHA_IP, is_right)
        for refusal in traffic.refused[:3]:
            self.table.note(f"refused: {refusal}")

    def signed(self, mark):
        """Selectors of a message's signatures; none unless it arrived once, from alpha's address, and all are right."""
        arrived = self.relay.sink.wait(mark)
        sources = [delivery.source for delivery in arrived]
        return self.verify(arrived[0])[0] if sources == [ALPHA_IP] else set()

    @staticmethod
    def with_inner_headers(mark):
        return message(SENDER, mark, headers=INNER_HEADERS)

    def hidden(self, delivery):
        """That nothing of the tenant's network has left, and that what left is signed; the log keeps the rest."""
        left = [word for word in INNER_WORDS if word.encode() in delivery.raw.lower()]
        kept = re.findall(r"\bhidden id=\S+ tenant=alpha count=(\d+) headers=.*", self.relay.log_of("milter"))
        count = int(kept[-1]) if kept else 0
        is_right = not left and count == len(INNER_HEADERS) and self.verified(delivery)[0]
        return is_right, f"{count} headers hidden, kept in the log; of inner names left: {' '.join(left) or 'none'}"


def selectors_of(records):
    return {record["selector"] for record in records}

# SPDX-License-Identifier: BSD-2-Clause
"""What a message costs with and without easymail.

Each row is a whole relay of its own that takes messages of 4 KB from Postfix's smtp-source and
delivers them to smtp-sink. All rows relay in the same way: the same client, the same transport with the same bound
address, the same queue settings. CPU is that of everything between source and sink: all of the row's
Postfix, its filters, its mapd. Postfix's processes live as long as the row does (max_use, max_idle), so that starting
them falls into no round. The rows take turns, in the other order every other round; the ratio is the median
of the ratios of each round.

bare           that Postfix with no milter and no socketmap: mynetworks permits, default_transport routes
tenant+egress  easymail as installed, with these two filters in one process
chain          easymail as installed, with every filter that exists in one process
separate       the same filters, each a process and a milter of its own
"""

import statistics
import subprocess
import sys
import time

from cpu import family, make_meter
from harness import Relay, build_directory, wait_for

CLIENT, EGRESS_IP, SENDER = "127.0.0.1", "127.0.11.1", "news@tenant.example"
TRANSPORT = f"easymail-{EGRESS_IP}"
SIZE = 4096
ROWS = ("bare", "tenant+egress", "chain", "separate")


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
        relay.postconf("max_use=1000000", "max_idle=1h")
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

    def result(self, bare):
        speed, cpu = (statistics.median(column) for column in zip(*self.rounds))
        ratios = [mine[1] / its[1] for mine, its in zip(self.rounds, bare.rounds)]
        return {
            "name": self.name,
            "messages_per_second": round(speed, 1),
            "cpu_us_per_message": round(cpu),
            "ratio_to_bare": round(statistics.median(ratios), 3),
        }

    def stop(self):
        self.relay.stop()
        self.meter.close()


def rows(names, options):
    """`names` begin with "bare"."""
    relays = [Row(name) for name in names]
    try:
        for row in relays:
            row.start()
            row.flood(max(200, options.messages // 2))  # until Postfix has all the processes that it wants
        for number in range(options.rounds):
            for row in relays if number % 2 == 0 else reversed(relays):
                row.round(options.messages)
                speed, cpu = row.rounds[-1]
                print(f"# round {number + 1} {row.name}: {speed:.0f}/s {cpu:.0f} us", file=sys.stderr)
        return [row.result(relays[0]) for row in relays]
    finally:
        for row in relays:
            row.stop()

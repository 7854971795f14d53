# SPDX-License-Identifier: BSD-2-Clause
"""A campaign beside a company's daily mail, and how long that takes meanwhile.

The Internet of this scene takes half a second for each message, as servers that scan do. The delay that is measured is
from the client's connecting to the relay until the receiver has taken the message.
"""

import multiprocessing
import threading
import time

from harness import Relay, free_port, wait_for
from scene import ALPHA, ALPHA_IP, OWN_IP
from slow_sink import SlowSink
from smtp import Session, message

NEWS = ("127.0.1.21", "127.0.1.22")  # relay hosts of alpha that send mailings
BULK_IPS = ("127.0.21.1", "127.0.21.2")
SECONDS = 0.1  # between two corporate messages
AGAIN = 2  # seconds after which a campaign's server comes again when it was sent away; real ones take longer


def make_relay(parts=("scanner", "mapd", "milter"), answer_after=0.5, bulk_answer_after=None):
    """A relay with one tenant that has daily mail and mailings, started; the caller stops it."""
    relay = Relay(parts=parts)
    try:
        relay.sink = SlowSink(relay.directory, free_port(), answer_after, bulk_answer_after)
        relay.settings["bulk.key_file"] = f"{relay.directory}/return-path.key"
        relay.settings["dkim.key_file_group"] = "nogroup"
        relay.start()
        relay.add_group("green", ALPHA_IP)
        relay.add_group("own", OWN_IP)
        relay.add_group("mailings", *BULK_IPS)
        relay.ctl("setting", "set", "egress.default_group", "own")
        relay.ctl("setting", "set", "bulk.egress_group", "mailings")
        relay.ctl("setting", "set", "bulk.return_path_domain", "bounce.provider.example")
        relay.ctl("setting", "set", "bulk.destination_concurrency", "20")  # all goes to one destination here
        relay.ctl("bulk", "init-keyfile")
        relay.add_tenant("alpha", "green", ["alpha.example"], [ALPHA, *NEWS])
        for host in NEWS:
            relay.ctl("host", "set", "alpha", host, "--stream", "bulk")
        relay.apply()
    except BaseException:
        relay.stop()
        raise
    return relay


def _send_many(port, source, count, number, until):
    """One connection of the campaign's server; what is answered 4xx it says again, as servers do, for a while."""
    left = count
    while left > 0 and time.time() < until:
        try:
            with Session(("127.0.0.1", port), source=source) as session:
                while left > 0 and session.ehlo:
                    data = message("team@alpha.example", "bulk", body="Our offer of the week.\n" * 80)
                    recipient = f"r{number}-{left}@dest{left % 50}.example"
                    if session.transaction("team@alpha.example", [recipient], data).code == 250:
                        left -= 1
        except OSError:
            pass
        if left > 0:
            time.sleep(AGAIN)


def start_campaign(relay, count, connections, seconds):
    """Processes that hand `count` messages in, from both hosts, or as many as they can within the time."""
    until = time.time() + seconds
    shares = [count // connections + (number < count % connections) for number in range(connections)]
    processes = []
    for number, share in enumerate(shares):
        arguments = relay.port, NEWS[number % len(NEWS)], share, number, until
        processes.append(multiprocessing.Process(target=_send_many, args=arguments, daemon=True))
        processes[-1].start()
    return processes


class DailyMail:
    """A company's server that hands in a message every so often, each on a connection of its own."""

    def __init__(self, relay):
        self.relay = relay
        self.sent = {}  # mark: when its client connected
        self.refused = []

    def send(self, mark):
        began = time.time()
        reply = self.relay.send(ALPHA, "a@alpha.example", mark)
        if reply.code == 250:
            self.sent[mark] = began
        else:
            self.refused.append(str(reply))

    def run(self, word, is_enough):
        """Until the function says so; the marks."""
        threads = []
        while not is_enough():
            threads.append(threading.Thread(target=self.send, args=(f"{word}-{len(threads)}",)))
            threads[-1].start()
            time.sleep(SECONDS)
        for thread in threads:
            thread.join()
        return [mark for mark in self.sent if mark.startswith(f"{word}-")]

    def run_for(self, word, seconds):
        until = time.monotonic() + seconds
        return self.run(word, lambda: time.monotonic() > until)

    def delays(self, marks):
        """Seconds of each, in order of size, once all have arrived."""
        wait_for(lambda: set(marks) <= {entry.mark for entry in self.relay.sink.entries()}, 60, "corporate mail")
        arrived = {entry.mark: entry.at for entry in self.relay.sink.entries()}
        return sorted(arrived[mark] - self.sent[mark] for mark in marks)


def percentile(values, share):
    """Of sorted values."""
    return values[min(len(values) - 1, int(len(values) * share))]


def wrong_ways(relay):
    """Ledger entries of bulk mail that did not leave as such, and of others that left as bulk mail."""
    wrong = []
    for entry in relay.sink.entries():
        left_as_bulk = entry.source in BULK_IPS, entry.sender.startswith("b-")
        if left_as_bulk != (entry.mark == "bulk",) * 2:
            wrong.append(entry)
    return wrong

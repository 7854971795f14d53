# SPDX-License-Identifier: BSD-2-Clause
"""A campaign beside a company's daily mail, and how long that takes meanwhile.

The Internet of this scene takes a while for each message, as servers that scan do. The delay that is measured is from
the client's connecting until the message's last octet is there.
"""

import multiprocessing
import threading
import time

from harness import Relay, free_port
from scene import ALPHA, ALPHA_IP, OWN_IP
from slow_sink import SlowSink
from smtp import Session, message

NEWS = ("127.0.1.21", "127.0.1.22")  # relay hosts of alpha that send mailings
BULK_IPS = ("127.0.21.1", "127.0.21.2")
SECONDS = 0.25  # between two corporate messages


def make_relay(parts=("scanner", "mapd", "milter"), answer_after=0.2):
    """A relay with one tenant that has daily mail and mailings, started; the caller stops it."""
    relay = Relay(parts=parts)
    try:
        relay.sink = SlowSink(relay.directory, free_port(), answer_after)
        relay.settings["bulk.key_file"] = f"{relay.directory}/return-path.key"
        relay.settings["dkim.key_file_group"] = "nogroup"
        relay.start()
        relay.add_group("green", ALPHA_IP)
        relay.add_group("own", OWN_IP)
        relay.add_group("mailings", *BULK_IPS)
        relay.ctl("setting", "set", "egress.default_group", "own")
        relay.ctl("setting", "set", "bulk.egress_group", "mailings")
        relay.ctl("setting", "set", "bulk.return_path_domain", "bounce.provider.example")
        relay.ctl("bulk", "init-keyfile")
        relay.add_tenant("alpha", "green", ["alpha.example"], [ALPHA, *NEWS])
        for host in NEWS:
            relay.ctl("host", "set", "alpha", host, "--stream", "bulk")
        relay.apply()
    except BaseException:
        relay.stop()
        raise
    return relay


def _send_many(port, source, count, number):
    """One connection of the campaign's server; what is answered 4xx it says again, as servers do."""
    left = count
    while left > 0:
        try:
            with Session(("127.0.0.1", port), source=source) as session:
                while left > 0 and session.ehlo:
                    data = message("team@alpha.example", "bulk", body="Our offer of the week.\n" * 80)
                    recipient = f"r{number}-{left}@dest{left % 50}.example"
                    if session.transaction("team@alpha.example", [recipient], data).code == 250:
                        left -= 1
        except OSError:
            time.sleep(0.2)
        else:
            time.sleep(0.1)


def start_campaign(relay, count, connections):
    """Processes that hand `count` messages in, from both hosts; each is to be joined."""
    shares = [count // connections + (number < count % connections) for number in range(connections)]
    processes = []
    for number, share in enumerate(shares):
        arguments = relay.port, NEWS[number % len(NEWS)], share, number
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

    def run(self, word, until):
        """Until the function says that it is enough; the marks."""
        threads = []
        while not until():
            mark = f"{word}-{len(self.sent) + len(threads)}-{len(threads)}"
            threads.append(threading.Thread(target=self.send, args=(mark,)))
            threads[-1].start()
            time.sleep(SECONDS)
        for thread in threads:
            thread.join()
        return [mark for mark in self.sent if mark.startswith(f"{word}-")]

    def delays(self, marks):
        """Seconds of each, in order of size; those that have not arrived are missing."""
        arrived = {delivery.mark: delivery.at for delivery in self.relay.sink.entries()}
        return sorted(arrived[mark] - self.sent[mark] for mark in marks if mark in arrived)


def percentile(values, share):
    """Of sorted values."""
    return values[min(len(values) - 1, int(len(values) * share))]

# SPDX-License-Identifier: BSD-2-Clause
"""The content filter, which asks rspamd, against rspamd as a milter of its own, on the same mail: as Debian configures
it, with a DNS server at hand that knows nothing. Rows that end in "profile" have our profile on both sides, so they
show what the way to rspamd costs. Ours takes messages apart and scans them for viruses as well, rspamd's does not:
"alone" is what that costs without an antispam engine, "added_to_peer" the rest beside the peer."""

import glob
import os
import shutil
import sys
import time
from functools import partial

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "spf"))

import letters  # noqa: E402
from dns_server import Server, Zone  # noqa: E402
from duel import Side, duel  # noqa: E402
from harness import Relay, free_port, wait_for  # noqa: E402
from rspamd import PROFILE, Rspamd, program  # noqa: E402

# Row: its mail, how many messages.
MAIL = {
    "antispam_text": (letters.texts, 300),
    "antispam_large": (letters.large, 24),
    "antispam_campaign": (letters.campaign, 1000),
    "antispam_text_profile": (letters.texts, 300),
    "antispam_campaign_profile": (letters.campaign, 1000),
}
ROWS = tuple(MAIL)
ROUNDS_MAX = 3
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-" + b"ANTI-UBE-TEST-EMAIL*C.34X"
PACKAGED = "/etc/rspamd/rspamd.conf"


def proxy(directory, port):
    """As Debian has it: a worker of its own speaks the milter protocol and asks the one that scans."""
    upstream = f'upstream "local" {{ default = yes; hosts = "127.0.0.1:{port}"; }}'
    return f'bind_socket = "{directory}/milter.sock mode=0666"; milter = yes; timeout = 120s; count = 1; {upstream}\n'


def normal(directory, port):
    return f'bind_socket = "127.0.0.1:{port}"; bind_socket = "{directory}/rspamd.sock mode=0666";\n'


def compiled(rspamd):
    """rspamd compiles its patterns at its first start, and is slow until then."""
    db = f"{rspamd.directory}/db"
    wait_for(lambda: glob.glob(f"{db}/*.hs") and not glob.glob(f"{db}/*.new"), 300, "rspamd's patterns")
    time.sleep(5)  # until its workers have taken them
    wait_for(lambda: not glob.glob(f"{db}/*.new"), 300, "rspamd's patterns")


def start_rspamd(directory, cache, **options):
    rspamd = Rspamd(directory, suffixes=None, **options)
    for path in glob.glob(f"{cache}/db/*.hs*"):
        shutil.copy(path, f"{directory}/db")
        shutil.chown(f"{directory}/db/{os.path.basename(path)}", rspamd.user)
    rspamd.start(180)
    compiled(rspamd)
    return rspamd


def make_relay(**settings):
    """Ours: the scanner, and the content filter by itself in a milter."""
    relay = Relay(parts=("scanner", "milter"), settings=settings)
    relay.start()
    relay.add_group("green")
    relay.add_tenant("tenant", "green", ["tenant.example"], ["127.0.0.1"])
    relay.use_milters(("content",))
    return relay


def our_side(name, relay, rspamd=None):
    pids = [part.process.pid for part in relay.parts.values()]
    return Side(name, f"{relay.sockets}/milter-content.sock", pids + ([rspamd.process.pid] if rspamd else []))


def prove(side):
    """A filter that lets GTUBE pass would be fast."""
    verdict, _ = side.send_one(letters.letter(0, *letters.TEXT, GTUBE + b"\r\n"))
    if verdict not in (b"r", b"y"):
        raise RuntimeError(f"{side.name}: GTUBE passes with verdict {verdict}")


class Bench:
    def __init__(self):
        self.ends = []

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        for end in reversed(self.ends):
            end()

    def relay(self, **settings):
        relay = make_relay(**settings)
        self.ends.append(relay.stop)
        return relay

    def rspamd(self, directory, cache=None, **options):
        rspamd = start_rspamd(directory, cache or directory, **options)
        self.ends.append(rspamd.stop)
        return rspamd

    def start(self):
        """Ours without rspamd, ours with it, rspamd as a milter, that with our profile."""
        bare = self.relay()
        ours = self.rspamd(f"{bare.directory}/rspamd")
        with_rspamd = self.relay(**{"antispam.engine": "rspamd", "antispam.socket": ours.socket_path})
        sides = [our_side("content filter", bare), our_side("content filter with rspamd", with_rspamd, ours)]
        dns = self.dns()
        for name, profile, more in (
            ("rspamd's milter", PACKAGED, [("options.inc", f'dns {{ nameserver = ["127.0.0.1:{dns}"]; }}\n')]),
            ("rspamd's milter, our profile", PROFILE, []),
        ):
            directory, port = f"{bare.directory}/peer{len(sides)}", free_port()
            local = [("worker-normal.inc", normal(directory, port)), ("worker-proxy.inc", proxy(directory, port))]
            local += [("worker-controller.inc", f'bind_socket = "{directory}/controller.sock";\n'), *more]
            if profile == PROFILE:
                profile = f"{bare.directory}/peer.conf"
                with open(profile, "w", encoding="utf-8") as file:
                    file.write(f'.include "{PROFILE}"\nworker "rspamd_proxy" {{ {proxy(directory, port)} }}\n')
            theirs = self.rspamd(directory, ours.directory, profile=profile, local=local)
            sides.append(Side(name, f"{directory}/milter.sock", [theirs.process.pid]))
        self.ends += [side.close for side in sides]
        for side in sides[1:]:
            prove(side)
        return sides

    def dns(self):
        """The port of a server in this process, whose time nobody is charged for."""
        server = Server(Zone({}))
        self.ends.append(server.close)
        return server.port


def rows(names, options):
    if program() is None:
        print("# no rspamd: no antispam rows (scripts/deps demo)", file=sys.stderr)
        return
    with Bench() as bench:
        bare, ours, packaged, profiled = bench.start()
        for name in names:
            make, count = MAIL[name]
            mail, rounds = partial(make, count), min(ROUNDS_MAX, options.rounds)
            alone = duel(f"{name} alone", bare, None, mail, rounds)
            row = duel(name, ours, profiled if name.endswith("_profile") else packaged, mail, rounds)
            row["alone_cpu_us_per_message"] = alone["cpu_us_per_message"]
            added = row["cpu_us_per_message"] - row["alone_cpu_us_per_message"]
            row["added_to_peer"] = round(added / row["peer_cpu_us_per_message"], 3)
            yield row

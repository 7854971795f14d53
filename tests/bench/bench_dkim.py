# SPDX-License-Identifier: BSD-2-Clause
"""The sign filter against opendkim: the same mail, keys of the same kind, the same headers and canonicalization.
Hiding the tenant's server is off, for opendkim does nothing of the kind; our decision lines are written all the same.
"""

import sqlite3
import sys
import time
from functools import partial

import letters
from duel import Side, duel
from harness import Relay
from milter_client import MilterClient
from peers import SIGN_PROGRAMS, Opendkim, missing, write

ALGORITHMS = {"sign_rsa": "rsa", "sign_ed25519": "ed25519"}
ROWS = (*ALGORITHMS, "sign_keys")
DOMAIN, MESSAGES, DOMAINS, STARTS, ROUNDS_MAX = "tenant.example", 400, 100000, 7, 3
MILTER = "milter-sign"


def signed(added):
    return "DKIM-Signature" in added


def make_relay(algorithm):
    """Ours: the sign filter by itself in a milter, and one domain with an active key."""
    relay = Relay(parts=("milter",))
    relay.settings |= {"dkim.key_file": f"{relay.directory}/dkim.key", "dkim.key_file_group": "nogroup"}
    relay.start()
    relay.add_group("green")
    relay.add_tenant("tenant", "green", [DOMAIN], ["127.0.0.1"])
    relay.ctl("dkim", "create", DOMAIN, "--algorithm", algorithm, "--selector", "k")
    relay.sql("UPDATE dkim_key SET state = 'active'")  # activation proper would ask DNS
    relay.ctl("setting", "set", "hide.server", "off")
    relay.use_milters(("sign",))
    return relay


def our_side(relay):
    return Side("easymail", f"{relay.sockets}/{MILTER}.sock", [relay.parts[MILTER].process.pid])


def make_peer(relay):
    """None when the package is not there."""
    absent = missing(SIGN_PROGRAMS)
    if absent:
        print(f"# no {absent[0]}: sign rows without a peer (scripts/deps bench)", file=sys.stderr)
        return None
    return Opendkim(f"{relay.directory}/peer")


def start_peer(peer, algorithm):
    key = peer.make_key(algorithm)
    peer.run(f"Domain {DOMAIN}", "Selector k", f"KeyFile {key}", f"SignatureAlgorithm {algorithm}-sha256")


def speed_row(name, options):
    algorithm = ALGORITHMS[name]
    relay = make_relay(algorithm)
    peer, sides = make_peer(relay), [our_side(relay)]
    try:
        if peer:
            start_peer(peer, algorithm)
        sides.append(peer and Side(peer.name, peer.socket_path, peer.pids()))
        return duel(name, *sides, partial(letters.texts, MESSAGES), min(ROUNDS_MAX, options.rounds), signed)
    finally:
        for side in filter(None, sides):
            side.close()
        if peer:
            peer.stop()
        relay.stop()


def first_signature(path):
    """Milliseconds from the connection to a signed message."""
    (letter,) = letters.texts(1, "first")
    clock = time.monotonic()
    client = MilterClient(path)
    _, added = client.send(0, letters.SENDER, letters.RECIPIENT, *letter)
    milliseconds = (time.monotonic() - clock) * 1000
    client.close()
    if not signed(added):
        raise RuntimeError(f"{path}: not signed")
    return milliseconds


def starts(run, stop, path):
    """The least of several: seconds to start (looked at every 50 ms), milliseconds to the first signature."""
    measured = []
    for _ in range(STARTS):
        clock = time.monotonic()
        run()
        measured.append((time.monotonic() - clock, first_signature(path)))
        stop()
    return [round(min(column), 2) for column in zip(*measured)]


def add_domains(relay):
    """Tenants with a domain each, with an active RSA key each. Those keys are copies of one, thus do not open;
    they are never asked for."""
    database = sqlite3.connect(relay.database, timeout=20)
    names = [(f"d{number}",) for number in range(DOMAINS)]
    with database:
        database.executemany("INSERT INTO tenant (name, state, egress_group_id) VALUES (?, 'active', 1)", names)
        database.execute(
            "INSERT INTO domain (tenant_id, name) SELECT id, name || '.example' FROM tenant WHERE id > 1"
        )
        database.executemany(
            "INSERT INTO dkim_key (domain, selector, algorithm, bits, state, public_key, sealed, sealed_under)"
            " SELECT ? || '.example', selector, algorithm, bits, state, public_key, sealed, sealed_under"
            " FROM dkim_key WHERE id = 1",
            names,
        )
    database.close()


def keys_row():
    """Start and first signature with one domain's key and with those of 100 000."""
    relay = make_relay("rsa")
    try:
        part, row = relay.parts[MILTER], {"name": "sign_keys", "domains": DOMAINS}
        part.stop()
        row["start_s_1"], row["first_ms_1"] = starts(part.start, part.kill, part.socket_path)
        add_domains(relay)
        row["start_s"], row["first_ms"] = starts(part.start, part.kill, part.socket_path)
        row["first_to_1"] = round(row["first_ms"] / row["first_ms_1"], 2)
        part.start()
        peer = make_peer(relay)
        if peer:
            row |= peer_keys(peer)
        return row
    finally:
        relay.stop()


def peer_keys(peer):
    key = peer.make_key("rsa")
    names = [DOMAIN, *(f"d{number}.example" for number in range(DOMAINS))]
    write(f"{peer.directory}/keys", (f"{name} {name}:k:{key}" for name in names))
    write(f"{peer.directory}/signing", (f"{name} {name}" for name in names))
    tables = (f"KeyTable file:{peer.directory}/keys", f"SigningTable file:{peer.directory}/signing")
    try:
        start, first = starts(partial(peer.run, *tables), peer.stop, peer.socket_path)
    finally:
        peer.stop()
    return {"peer": peer.name, "peer_start_s": start, "peer_first_ms": first}


def rows(names, options):
    for name in names:
        yield speed_row(name, options) if name in ALGORITHMS else keys_row()

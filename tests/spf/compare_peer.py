#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Evaluates random records in random zones with spf_probe and with python3-spf: they must agree.

usage: compare_peer.py SPF_PROBE [ZONES [SEED]]

Both see the same zone, the probe over real DNS. Three differences are left out, where the peer does more
than RFC 7208 says: it refuses a record that includes itself before it evaluates it, it takes a server's
failure on the way to a validated name (section 5.5) for an error of the evaluation, and it counts void
look-ups for macros of terms that are not reached and for hosts of an mx that has matched already.
"""
import ipaddress
import random
import subprocess
import sys

import spf

from dns_server import Server, Zone

HOSTS = [f"n{number}.example.net" for number in range(8)] + ["a.b.example.net", "x_y.example.org"]
ABSENT = ["no1.example.net", "no2.example.net", "void.example.org"]
V4 = ["192.0.2.1", "192.0.2.77", "192.0.2.200", "198.51.100.9"]
V6 = ["2001:db8::1", "2001:db8:1::5", "fe80::1"]
MACROS = ["%{d}", "%{o}", "%{d2}", "%{ir}.%{v}.example.net", "%{l}.example.net", "%{l1r-}.example.net",
          "%{h}", "%{dr}.example.net", "%{s}", "n1.%{d2}", "%{p}", "%{S}.example.net", "%{d1}.net"]
WRONG = ["n1", "n1.123", "example..net", "x.-net", "n2.example.net/24", "", "%{x}", "%", "%{d}.", "%{d}x"]
EXPLANATIONS = ["%{i} %{c} %{r} %{L} %{d2r}", "plain", "%{x}", "50%", "a b %{S} %%%_%-"]
JUNK = ["moo", "=x", "a=", "-", "a.b", "ip4", "include", "exists", "ipv4:192.0.2.1", "foo=bar", "z=%{q}",
        "x.y=%{d}", "1x=3", "exp=", "-ip4:192.0.2.1/33", "a/08", "mx//129", "ip6:192.0.2.1", "a/"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def one_of(self, *weighted):
        """A choice from one of the lists; weighted: (weight, list) pairs."""
        weights = [weight for weight, _ in weighted]
        chosen, = self.random.choices([choices for _, choices in weighted], weights)
        return self.random.choice(chosen)

    def domain(self):
        return self.one_of((60, HOSTS), (10, ABSENT), (26, MACROS), (4, WRONG))

    def term(self):
        kind = self.one_of((96, ["a", "mx", "ip4", "ip6", "include", "exists", "ptr", "A", "all"]), (4, [""]))
        qualifier = self.random.choice(["", "", "+", "-", "~", "?"])
        if kind == "":
            return self.random.choice(JUNK)
        if kind == "all":
            return qualifier + kind if self.random.random() < 0.2 else "?ip4:192.0.2.1"
        if kind == "ip4":
            return f"{qualifier}ip4:{self.random.choice(V4)}" + self.random.choice(["", "/24", "/0", "/25"])
        if kind == "ip6":
            return f"{qualifier}ip6:{self.random.choice(V6)}" + self.random.choice(["", "/64", "/0", "/32"])
        if kind in ("include", "exists"):
            return f"{qualifier}{kind}:{self.domain()}"
        target = f":{self.domain()}" if self.random.random() < 0.6 else ""
        if kind == "ptr":
            return qualifier + kind + target
        return qualifier + kind + target + self.random.choice(["", "", "", "/24", "/0", "//64", "/16//0"])

    def record(self):
        terms = [self.term() for _ in range(self.random.choice([0, 1, 1, 2, 2, 3, 3, 4, 6, 12]))]
        if self.random.random() < 0.2:
            terms.insert(self.random.randint(0, len(terms)), "redirect=" + self.domain())
        if self.random.random() < 0.25:
            terms.append("exp=exp.example.net")
        if self.random.random() < 0.6:
            terms.append(self.random.choice(["-all", "~all", "?all", "+all"]))
        return "v=spf1 " + "  ".join(terms)

    def host(self):
        if self.random.random() < 0.04:
            return [{"SERVFAIL": True}]
        records = [{"A": self.random.choice(V4)} for _ in range(self.random.choice([0, 1, 1, 2]))]
        records += [{"AAAA": self.random.choice(V6)} for _ in range(self.random.choice([0, 0, 1]))]
        records += [{"MX": [self.random.randint(0, 9), self.one_of((3, HOSTS), (1, ABSENT))]}
                    for _ in range(self.random.choice([0, 0, 1, 2]))]
        if self.random.random() < 0.9:
            records.append({"TXT": self.record()})
        return records

    def zone(self):
        names = {name: self.host() for name in HOSTS}
        names["exp.example.net"] = [{"TXT": self.random.choice(EXPLANATIONS)}]
        for label in ("joe", "joe-x", "x"):
            names[label + ".example.net"] = [{"A": "127.0.0.2"}]
        for address in V4 + V6:
            if self.random.random() < 0.6:
                reverse = ipaddress.ip_address(address).reverse_pointer
                names[reverse] = [{"PTR": self.one_of((3, HOSTS), (1, ABSENT))}]
        return names

    def question(self):
        return (self.random.choice(V4 + V6 + ["::ffff:192.0.2.1"]),
                self.random.choice(["n1.example.net", "helo.example.net", "[192.0.2.9]"]),
                self.random.choice(["joe@", "joe-x@", "a.b-c@", "o'x@"]) + self.random.choice(HOSTS))


def peer_lookup(names):
    """What python3-spf asks DNS through, answered from the zone."""
    def lookup(name, kind, *_):
        records = names.get(name.rstrip(".").lower(), [])
        if any("SERVFAIL" in record for record in records):
            raise spf.TempError("DNS servfail")
        found = [record[kind] for record in records if kind in record]
        if kind == "TXT":
            found = [(text.encode("latin-1"),) for text in found]
        return [((name, kind), tuple(data) if isinstance(data, list) else data) for data in found]
    return lookup


def ask_peer(question):
    client, helo, sender = question
    result, _, explanation = spf.query(i=client, s=sender, h=helo, receiver="unknown",
                                       strict=True).check()
    return result, explanation


def is_left_out(ours, peer):
    if peer[0] == "temperror":
        return "servfail" in peer[1]
    return "trivial recursion" in peer[1] or ("Void lookup limit" in peer[1] and ours[2] == "2")


def compare_zone(probe, generator, count=24):
    """Returns how many evaluations were compared and the lines that tell of differences."""
    names = generator.zone()
    spf.DNSLookup = peer_lookup(names)
    questions = [generator.question() for _ in range(count)]
    server = Server(Zone(names))
    done = subprocess.run([probe, "-d", f"127.0.0.1@{server.port}", "-t", "4000"], check=True, timeout=50,
                          input="".join("\t".join(question) + "\n" for question in questions).encode(),
                          stdout=subprocess.PIPE)
    server.close()
    compared, differences = 0, []
    for question, line in zip(questions, done.stdout.decode().splitlines(), strict=True):
        ours, peer = line.split("\t"), ask_peer(question)
        same = ours[0] == peer[0] and (not ours[4] or ours[4] == peer[1])
        if not same and is_left_out(ours, peer):
            continue
        compared += 1
        if not same:
            text = [record["TXT"] for record in names[question[2].split("@")[1]] if "TXT" in record]
            differences.append(f"{question}: ours {ours}, peer {peer}, record {text}")
    return compared, differences


def main():
    zones = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    generator = Generator(int(sys.argv[3]) if len(sys.argv) > 3 else 7208)
    total, differences = 0, []
    for _ in range(zones):
        compared, lines = compare_zone(sys.argv[1], generator)
        total += compared
        differences += lines
    print("\n".join(differences + [f"{total - len(differences)} of {total} evaluations agree"]))
    sys.exit(1 if differences or total < zones * 20 else 0)


if __name__ == "__main__":
    main()

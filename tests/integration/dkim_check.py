# SPDX-License-Identifier: BSD-2-Clause
"""A tenant's DKIM keys in a relay, and what two other implementations say of the signatures that left."""

import os
import re
import subprocess

import dkim

VERIFY_PL = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "dkim", "verify.pl")


class Keys:
    """Active keys of domains; their records as DNS would have them."""

    def __init__(self, relay):
        self.relay = relay
        self.records = {}  # "s._domainkey.d.": text

    def create(self, domain, algorithm, selector):
        """Activated by plain SQL: nobody asks DNS here."""
        self.relay.ctl("dkim", "create", domain, "--algorithm", algorithm, "--selector", selector)
        self.relay.sql("UPDATE dkim_key SET state = 'active' WHERE domain = ? AND state = 'pending'", domain)
        rows = self.relay.sql("SELECT selector, algorithm, public_key FROM dkim_key WHERE domain = ?", domain)
        for name, kind, public in rows:
            self.records[f"{name}._domainkey.{domain}."] = f"v=DKIM1; k={kind}; p={public}"

    def ask(self, name, timeout=5):
        name = name.decode() if isinstance(name, bytes) else name
        return self.records.get(name, "").encode()

    def rsa(self, domain):
        """The record of the domain's RSA key."""
        return next(text for name, text in self.records.items() if name.endswith(f".{domain}.") and "k=rsa" in text)


def signatures(raw):
    """(d=, s=, a=) of each DKIM-Signature, from the top."""
    head = re.sub(rb"\r\n[ \t]", b" ", raw.partition(b"\r\n\r\n")[0])
    found = []
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"dkim-signature:"):
            tags = dict(re.findall(rb"(\w+)=\s*([^;\s]*)", line))
            found.append(tuple(tags[tag].decode() for tag in (b"d", b"s", b"a")))
    return found


def fails_in_dkimpy(raw, keys):
    """Those of the signatures that do not verify."""
    failed = []
    for index, signature in enumerate(signatures(raw)):
        try:
            verifies = dkim.DKIM(raw, minkey=1024).verify(idx=index, dnsfunc=keys.ask)
        except dkim.DKIMException as fault:
            verifies, signature = False, (*signature, str(fault))
        if not verifies:
            failed.append(signature)
    return failed


def results_in_mail_dkim(paths, record):
    """Mail::DKIM's result for each file; it knows RSA only."""
    names = "".join(f"{path}\n" for path in paths)
    run = subprocess.run(["perl", VERIFY_PL, record], check=True, input=names, capture_output=True, text=True)
    return run.stdout.splitlines()

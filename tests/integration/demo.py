#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The demonstration: tenants made with easymailctl, real SMTP, and a table of what became of it."""

import json
import os
import re
import signal
import socket
import sys
import time

import attachments
from demo_bounce import Campaigns
from demo_monitor import Supervision
from demo_content import Content
from demo_sign import Signing
from demo_streams import run_streams
from demo_table import Row, Table
from harness import ROOT, Relay, wait_for
from rspamd import Rspamd
from smtp import message

sys.path.insert(0, f"{ROOT}/tests/spf")
from dns_server import Server, Zone  # noqa: E402

ALPHA, BETA, HELD, COMING = "127.0.1.10", "127.0.2.10", "127.0.3.10", "127.0.4.10"
STRICT = "127.0.7.10"
SHARED, SCRIPTED, STRANGER = "127.0.5.10", "127.0.6.10", "127.0.99.1"
ALPHA_IP, GAMMA_IP, DELTA_IP, OWN_IP = "127.0.11.1", "127.0.13.1", "127.0.14.1", "127.0.15.1"
BETA_IPS = ("127.0.12.1", "127.0.12.2")
ALPHA_SENDER = "a@alpha.example"

PROVISIONING = f"""
egress group add green
egress add {ALPHA_IP} --helo mx1.provider.example --group green
egress group add blue
egress add {BETA_IPS[0]} --helo mx2.provider.example --group blue
egress add {BETA_IPS[1]} --helo mx3.provider.example --group blue
egress group add red
egress add {GAMMA_IP} --helo mx4.provider.example --group red
egress group add white
egress add {DELTA_IP} --helo mx5.provider.example --group white
egress group add own
egress add {OWN_IP} --helo relay.provider.example --group own
setting set egress.default_group own
setting set spf.include spf.provider.example
tenant add alpha --group green
domain add alpha alpha.example
domain add alpha m\u00fcller.example
host add alpha {ALPHA}
tenant add beta --group blue
domain add beta beta.example
host add beta {BETA}
tenant add held --group green
domain add held held.example
host add held {HELD}
tenant suspend held
tenant add coming --group green --state pending
domain add coming coming.example
host add coming {COMING}
tenant add gamma --group red
domain add gamma gamma.example
host add gamma {SHARED} --shared
tenant add delta --group white
domain add delta delta.example
host add delta {SHARED} --shared
tenant add strict --group blue
domain add strict strict.example
domain add strict half.example
host add strict 127.0.7.10
setting set spf.on_fail refuse strict
postfix apply
"""

# What the world publishes, on a DNS server of the demonstration's own; answers may be kept for a second.
WORLD = {
    "spf.provider.example": [{"TXT": "v=spf1 ip4:127.0.12.0/24 -all"}],
    "strict.example": [{"TXT": "v=spf1 ip4:192.0.2.25 -all"}],
    "half.example": [{"TXT": f"v=spf1 ip4:{BETA_IPS[1]} -all"}],
}


ROWS = (
    Row("tenant alpha, its own domain", ALPHA, "a@alpha.example", leaves_from=(ALPHA_IP,)),
    Row("tenant beta, its own domain", BETA, "b@beta.example", leaves_from=BETA_IPS),
    Row("from an unknown source", STRANGER, "a@alpha.example", expect="550 5.7.1"),
    Row("alpha's server, beta's domain", ALPHA, "b@beta.example", expect="550 5.7.1"),
    Row("tenant suspended", HELD, "a@held.example", expect="451 4.7.1"),
    Row("tenant pending", COMING, "a@coming.example", expect="550 5.7.1"),
    Row("null sender, alpha's server", ALPHA, "", "postmaster@alpha.example", leaves_from=(ALPHA_IP,)),
    Row("null sender, beta's server", BETA, "", "postmaster@beta.example", leaves_from=BETA_IPS),
    Row("null sender, unknown source", STRANGER, "", "a@alpha.example", expect="550 5.7.1"),
    Row("shared host, gamma's domain", SHARED, "g@gamma.example", leaves_from=(GAMMA_IP,)),
    Row("shared host, delta's domain", SHARED, "d@delta.example", leaves_from=(DELTA_IP,)),
    Row("shared host, null sender, gamma's From", SHARED, "", "g@gamma.example", leaves_from=(GAMMA_IP,)),
    Row("shared host, null sender, delta's From", SHARED, "", "d@delta.example", leaves_from=(DELTA_IP,)),
    Row("shared host, null sender, alpha's From", SHARED, "", "a@alpha.example", expect="550 5.7.1"),
    Row("header From missing", ALPHA, "a@alpha.example", None, expect="550 5.7.1"),
    Row("spelled A@ALPHA.Example", ALPHA, "A@ALPHA.Example", leaves_from=(ALPHA_IP,)),
    Row("spelled \"a\"@alpha.example", ALPHA, '"a"@alpha.example', leaves_from=(ALPHA_IP,)),
    Row("source route to alpha", ALPHA, "@x.example:a@alpha.example", "a@alpha.example", leaves_from=(ALPHA_IP,)),
    Row("source route over alpha to beta", ALPHA, "@alpha.example:b@beta.example", expect="550 5.7.1"),
    Row("a domain given as U-label, here A-label", ALPHA, "a@xn--mller-kva.example", leaves_from=(ALPHA_IP,)),
)
NESTED_ZIP = attachments.mails.zipped(attachments.EICAR, levels=3)
ATTACHED = (
    Row(
        "EICAR, plain",
        ALPHA,
        ALPHA_SENDER,
        expect="550 5.7.1 Virus Eicar",
        data=lambda mark: attachments.plain(ALPHA_SENDER, mark, attachments.EICAR),
    ),
    Row(
        "EICAR in a zip in a zip in a zip",
        ALPHA,
        ALPHA_SENDER,
        expect="550 5.7.1 Virus Eicar",
        data=lambda mark: attachments.attached(ALPHA_SENDER, mark, NESTED_ZIP, "a.zip"),
    ),
    Row(
        "a clean PDF",
        ALPHA,
        ALPHA_SENDER,
        leaves_from=(ALPHA_IP,),
        data=lambda mark: attachments.attached(ALPHA_SENDER, mark, attachments.PDF, "a.pdf"),
    ),
    Row(
        "message/partial, which nobody can scan",
        ALPHA,
        ALPHA_SENDER,
        expect="550 5.7.1",
        data=lambda mark: attachments.partial(ALPHA_SENDER, mark),
    ),
)
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
SPAM = Row(
    "GTUBE, which every spam filter knows",
    ALPHA,
    ALPHA_SENDER,
    expect="550 5.7.1 The message looks like spam",
    data=lambda mark: message(ALPHA_SENDER, mark, body=GTUBE),
)
SPOOFED = Row("alpha forges beta's From", ALPHA, "a@alpha.example", "ceo@beta.example")


def tagged(delivery):
    """That the message says of itself what is wrong with it."""
    known = {"received", "from", "to", "subject", "message-id", "date", "x-mark"}
    tags = [f"{name}: {value}" for name, value in delivery.headers.items() if name.lower() not in known]
    return bool(tags), f"tagged with: {'; '.join(tags) or 'NOTHING'}"


class Demo(Table):
    def spoofing(self):
        self.run(SPOOFED._replace(title="From forged, policy enforce", expect="550 5.7.1"))
        self.relay.ctl("setting", "set", "from.policy", "tag", "alpha")
        self.run(SPOOFED._replace(title="From forged, policy tag", leaves_from=(ALPHA_IP,), proof=tagged))
        self.relay.ctl("setting", "set", "from.policy", "off", "alpha")
        self.run(SPOOFED._replace(title="From forged, policy off", leaves_from=(ALPHA_IP,)))
        self.relay.ctl("setting", "unset", "from.policy", "alpha")

    def dry_run(self, title, client, sender):
        """What cannot be had over this socket and with this sink; easymailctl asks the running chain."""
        arguments = ["check", "--json", "--client-ip", client, "--helo", "mx.alpha.example"]
        arguments += ["--from", sender, "--to", "x@dest.example"]
        result = self.relay.ctl(*arguments, stdin=message("a@alpha.example", "check"), check=False)
        answer = json.loads(result.stdout)
        self.decision()
        is_right = answer["verdict"] == "accept" and answer["tenant"] == "alpha"
        self.show(title, answer["verdict"], answer["filter"] or "-", answer["reply"], "dry run", is_right)

    def spf(self, world):
        """A domain whose SPF does not include us is refused with what to publish, and taken once it is published."""
        row = Row("its SPF does not include us: refused", STRICT, "s@strict.example", expect="550 5.7.23")
        self.run(row)
        (advice,) = re.findall(r"\bdecision .* spf=fail .* text=\"(.*)\"$", self.relay.log_of("milter"), re.MULTILINE)
        self.note(advice)
        world.names["strict.example"] = [{"TXT": advice.partition("strict.example: ")[2]}]
        time.sleep(2.2)  # until what DNS said before is over
        self.run(Row("published as the reply says: taken", STRICT, "s@strict.example", leaves_from=BETA_IPS))
        senders = [f"s{number}@half.example" for number in (1, 2, 3)]
        for sender in senders:
            which = ["egress", "which", sender, "--json"]
            wait_for(lambda: BETA_IPS[1] in self.relay.ctl(*which).stdout, 10, "mapd to know half.example")
        for sender in senders:
            self.run(Row(f"{sender}: SPF has one of two IPs", STRICT, sender, leaves_from=BETA_IPS[1:]))

    def spam(self, rspamd):
        """Refused; and while rspamd is away nothing is taken for clean."""
        self.run(SPAM)
        rspamd.stop()
        self.run(SPAM._replace(title="GTUBE, rspamd stopped", expect="451 4.3.0 Not checked for spam"))
        rspamd.start()

    def plain_sql(self):
        row = Row("provisioned with plain SQL a second ago", SCRIPTED, "e@epsilon.example", leaves_from=(ALPHA_IP,))
        self.relay.add_tenant("epsilon", "green", ["epsilon.example"], [SCRIPTED])
        time.sleep(1)
        self.run(row)

    def address_down(self):
        """Mail that is queued for an address moves to the other of its group, without a reload."""
        row = Row("queued, then its egress IP goes down", BETA, "b@beta.example", leaves_from=BETA_IPS)
        before = self.run(row._replace(title="the address of b@beta.example"))[0].source
        self.relay.sink.stop()
        reply = self.send(row, "demo-moved")
        verdict, filter_name = self.decision()
        self.relay.ctl("egress", "down", before, "--reason", "demonstration")
        self.note(f"{before} goes down; Postfix may use its last answer of the egress map for 30 s")
        time.sleep(31)
        self.relay.sink.start()
        self.relay.drain(90)
        sources = {delivery.source for delivery in self.relay.sink.of("demo-moved")}
        self.show(row.title, verdict, filter_name, reply, " ".join(sources) or "-", sources == set(BETA_IPS) - {before})
        self.relay.ctl("egress", "up", before)
        self.followed(before)

    def followed(self, before):
        """What easymail-tracker made of that message: each attempt, from which address, and what came of it."""
        listing = ["journal", "deliveries", "--sender", "b@beta.example"]

        def attempts():
            rows = json.loads(self.relay.ctl(*listing, "--json").stdout)
            return rows if rows and rows[-1]["status"] == "sent" and rows[-1]["egress"] != before else None

        rows = wait_for(attempts, 20, "the tracker to tell")
        rows = [row for row in rows if row["queue_id"] == rows[-1]["queue_id"]]
        classes = " ".join(dict.fromkeys(row["class"] for row in rows))
        is_right = (rows[0]["egress"], rows[0]["class"], rows[-1]["class"]) == (before, "connection", "accepted")
        title = "its attempts, as the journal has them"
        self.show(title, "-", "-", classes, rows[-1]["egress"], is_right)

    def parts_down(self):
        for names in (("scanner",), ("mapd",), ("milter",), ("mapd", "milter")):
            for name in names:
                self.relay.parts[name].stop()
            title = f"{' and '.join(names)} stopped"
            self.run(Row(title, ALPHA, "a@alpha.example", expect="451 "), decided="milter" not in names)
            for name in names:
                self.relay.parts[name].start()
            self.relay.wait_for_scanner()
        wait_for(lambda: self.send(ROWS[0], "demo-again").code == 250, 20, "mail to flow again")
        self.decision()


def keep(relay):
    client = f'smtplib.SMTP("127.0.0.1", {relay.port}, source_address=("{ALPHA}", 0))'
    mail = '"a@alpha.example", ["you@dest.example"], "From: a@alpha.example\\n\\nHello"'
    ctl = f"{relay.build}/ctl/easymailctl -c {relay.config}"
    print(
        f"""
It runs in {relay.directory} until Ctrl-C. Who sends is told by the source address, so choose that of a tenant:
  send:   /usr/bin/python3 -c 'import smtplib; {client}.sendmail({mail})'
          swaks --server 127.0.0.1:{relay.port} --local-interface {ALPHA} --from a@alpha.example --to you@dest.example
  look:   {ctl} status
          {ctl} tenant list
          {ctl} journal trace --sender a@alpha.example
          {relay.directory}/milter.log, mapd.log, maillog; what arrived: {relay.sink.directory}
  queue:  postqueue -c {relay.directory}/etc -p
  stop:   Ctrl-C here, or kill {os.getpid()}""",
        flush=True,
    )
    signal.pause()


def demo_port():
    """2525, or any when that is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 2525))
            return 2525
        except OSError:
            return None


def main():
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    demo = None
    try:
        print("== a private Postfix; easymail-mapd, -milter, -scanner, -tracker; rspamd", flush=True)
        world = Zone(WORLD, ttl=1)
        relay = Relay(parts=("scanner", "mapd", "milter", "tracker"), port=demo_port())
        relay.settings["dns.servers"] = f"127.0.0.1@{Server(world).port}"
        relay.settings["dkim.key_file"] = f"{relay.directory}/dkim.key"
        relay.settings["dkim.key_file_group"] = "nogroup"
        relay.settings["bulk.key_file"] = f"{relay.directory}/return-path.key"
        relay.settings["antispam.engine"] = "rspamd"
        rspamd = Rspamd(f"{relay.directory}/rspamd")
        relay.settings["antispam.socket"] = rspamd.socket_path
        with rspamd, relay:
            print(f"   in {relay.directory}, SMTP on 127.0.0.1:{relay.port}")
            demo = Demo(relay)
            for command in PROVISIONING.strip().splitlines():
                print(f"   easymailctl {command}", flush=True)
                relay.ctl(*command.split())
            demo.heading("mail")
            demo.columns()
            for row in (*ROWS, *ATTACHED):
                demo.run(row)
            demo.spam(rspamd)
            demo.spoofing()
            demo.dry_run("client spelled as IPv4-mapped IPv6", f"::ffff:{ALPHA}", "a@alpha.example")
            demo.dry_run("sender's domain as U-label (SMTPUTF8)", ALPHA, "a@m\u00fcller.example")
            demo.spf(world)
            signing = Signing(demo, world)
            signing.run()
            Content(demo, signing).run()
            run_streams(demo)
            Campaigns(demo).run()
            demo.plain_sql()
            demo.parts_down()
            demo.address_down()
            Supervision(demo, BETA, "listed@beta.example", BETA_IPS).run()
            demo.heading("easymailctl status")
            status = relay.ctl("status", check=False)
            demo.faults += status.returncode != 0
            print(status.stdout)
            print(f"{len(demo.rows)} messages; {demo.faults} rows are not as they must be")
            if "--keep" in sys.argv[1:]:
                keep(relay)
    except KeyboardInterrupt:
        print("\nstopped")
    return 1 if demo is None or demo.faults else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: BSD-2-Clause
"""A tenant that wants to be told of a virus in its mail is told once a day per signature, by mail."""

import json
import os
import shutil
import unittest
from email import message_from_bytes

from attachments import EICAR, attached
from harness import USER, Relay, wait_for
from scene import ALPHA, OWN_IP, RelayCase, populate

SENDER = "a@alpha.example"
TO = "security@alpha.example"
SIGNATURE = "Eicar-Test-Signature.UNOFFICIAL"  # as libclamav calls what is not its own


class Notices(RelayCase):
    @classmethod
    def setUpClass(cls):
        cls.relay = Relay()
        cls.directory = f"{cls.relay.directory}/notices"
        cls.relay.settings["notices.directory"] = cls.directory
        cls.addClassCleanup(cls.relay.stop)
        cls.relay.start()
        populate(cls.relay)

    def setUp(self):
        self.make_directory()
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def make_directory(self):
        os.makedirs(self.directory)
        shutil.chown(self.directory, USER, "nogroup")

    def setting(self, name, value, *tenant):
        self.relay.ctl("setting", "set", name, value, *tenant)
        self.addCleanup(self.relay.ctl, "setting", "unset", name, *tenant)

    def submit_infected(self, code=550):
        with self.relay.session(ALPHA) as session:
            data = attached(SENDER, self.mark(), EICAR)
            reply = session.transaction(SENDER, ["somebody@dest.example"], data)
        self.assertEqual(reply.code, code, str(reply))

    def listed(self):
        return json.loads(self.relay.ctl("notice", "list", "--json").stdout)

    def send(self, count):
        """`notice send` has Postfix deliver so many, and no more."""
        before = len(self.relay.sink.deliveries())
        done = self.relay.ctl("notice", "send")
        self.assertEqual(done.stdout, f"{count} notices sent\n")
        self.relay.drain()
        wait_for(lambda: len(self.relay.sink.deliveries()) >= before + count, what="the notices")
        arrived = self.relay.sink.deliveries()[before:]
        self.assertEqual(len(arrived), count)
        return arrived

    def test_off_by_default(self):
        self.submit_infected()
        self.assertEqual(self.listed(), [])
        self.send(0)

    def test_two_infected_messages_make_one_notice(self):
        self.setting("av.notice_to", TO, "alpha")
        self.setting("notice.from", "abuse@provider.example")
        self.submit_infected()
        self.submit_infected()
        (row,) = self.listed()
        self.assertEqual((row["tenant"], row["signature"], row["sent"]), ("alpha", SIGNATURE, False))
        (delivery,) = self.send(1)
        self.assertEqual((delivery.sender, delivery.recipients, delivery.source), ("", (TO,), OWN_IP))
        mail = message_from_bytes(delivery.raw)
        self.assertEqual((mail["To"], mail["From"]), (TO, "abuse@provider.example"))
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        self.assertIn(SIGNATURE, mail["Subject"])
        for header in ("Date", "Message-ID"):
            self.assertEqual(len(mail.get_all(header)), 1)
        for word in (SIGNATURE, SENDER, ALPHA, "refused", "part 2"):
            self.assertIn(word, mail.get_payload())
        self.submit_infected()
        self.assertEqual([row["sent"] for row in self.listed()], [True])
        self.send(0)

    def test_a_tenant_is_told_whatever_becomes_of_the_message(self):
        self.setting("av.notice_to", TO, "alpha")
        self.setting("av.on_infected", "discard", "alpha")
        self.submit_infected(250)
        (delivery,) = self.send(1)
        self.assertIn("dropped", message_from_bytes(delivery.raw).get_payload())

    def test_what_cannot_be_sent_waits_for_the_next_run(self):
        self.setting("av.notice_to", TO, "alpha")
        self.submit_infected()
        right = f"{self.relay.directory}/etc"
        self.relay.write_config(postfix__config_directory=f"{self.relay.directory}/absent")
        try:
            refused = self.relay.ctl("notice", "send", check=False)
        finally:
            self.relay.write_config(postfix__config_directory=right)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("1 notices were not sent", refused.stderr)
        self.assertEqual([row["sent"] for row in self.listed()], [False])
        self.send(1)

    def test_without_the_directory_the_verdict_is_the_same_and_the_log_says_so_once(self):
        self.setting("av.notice_to", TO, "alpha")
        shutil.rmtree(self.directory)
        complaint = "no notices to tenants can be left"
        for _ in range(2):
            self.submit_infected()
        self.assertEqual(self.relay.log_of("milter").count(complaint), 1)
        self.assertEqual(self.relay.ctl("notice", "send", check=False).returncode, 1)
        self.make_directory()
        self.submit_infected()
        self.send(1)

    def test_what_is_no_address_is_refused(self):
        for rubbish in ("nobody", "<>", "a b@alpha.example", "a@alpha.example, b@alpha.example", "x@[192.0.2.1]"):
            refused = self.relay.ctl("setting", "set", "av.notice_to", rubbish, "alpha", check=False)
            self.assertEqual(refused.returncode, 1, rubbish)
            self.assertIn("av.notice_to", refused.stderr)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: BSD-2-Clause
"""What receivers say to mail that a real Postfix delivers is in the journal: once for each attempt, with its class, its
egress address, its sender and tenant; through rotations of the log and kill -9 of the tracker."""

import glob
import json
import os
import re
import sqlite3
import subprocess
import threading
import unittest

from harness import Relay, wait_for
from receiver import Receiver
from scene import ALPHA, ALPHA_IP, BETA, BETA_IPS, populate

REFUSALS = {
    "unknown": "550 5.1.1 <unknown@dest.example>: Recipient address rejected: User unknown in virtual mailbox table",
    "blocked": "550 5.7.1 [{client}] has been blocked due to its poor reputation",
    "listed": "554 5.7.1 Service unavailable; Client host [{client}] blocked using zen.spamhaus.org",
    "slow": "421 4.7.28 unusual rate of mail from your IP address, rate limited",
    "full": "452 4.2.2 The recipient's inbox is out of storage space",
}
DELIVERY = re.compile(r": \w+: to=<.*, relay=.*, status=\w+")


class Script:
    """The receiver's mind: refusals by the local part, greylisting by address and recipient."""

    def __init__(self):
        self.seen = set()
        self.no_greeting = set()  # addresses that are not even greeted

    def __call__(self, recipient, client):
        local = recipient.partition("@")[0]
        if recipient == "" and client in self.no_greeting:
            return f"554 mx.dest.example: your access has been rejected due to the poor reputation of {client}"
        if local.startswith("grey") and (client, recipient) not in self.seen:
            self.seen.add((client, recipient))
            return "450 4.2.0 Greylisted, try again later"
        return REFUSALS[local].format(client=client) if local in REFUSALS else None


class Tracking(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.relay = Relay(parts=("scanner", "mapd", "milter", "tracker"))
        cls.script = Script()
        cls.relay.sink = Receiver(cls.script)
        cls.addClassCleanup(cls.relay.stop)
        cls.relay.start()
        populate(cls.relay)

    def setUp(self):
        self.script.no_greeting.clear()
        self.mark = self.id().rpartition(".")[2]

    def send(self, recipients, client=ALPHA, sender="a@alpha.example", number=0):
        reply = self.relay.send(client, sender, f"{self.mark}-{number}", recipients=recipients)
        self.assertEqual(reply.code, 250, str(reply))

    def deliveries(self, recipient):
        return json.loads(self.relay.ctl("journal", "deliveries", "--recipient", recipient, "--json").stdout)

    def wait_for_deliveries(self, recipient, count=1):
        def look():
            rows = self.deliveries(recipient)
            return rows if len(rows) >= count else None

        return wait_for(look, what=f"{count} of {recipient}")

    def forget(self, *recipients):
        """Takes what will never be accepted out of the queue."""
        ids = [entry["queue_id"] for entry in self.relay.queue()
               if any(item["address"] in recipients for item in entry["recipients"])]
        for queue_id in ids:
            subprocess.run(["postsuper", "-c", f"{self.relay.directory}/etc", "-d", queue_id], check=True,
                           capture_output=True)

    def test_each_answer_is_kept_with_its_class_and_the_address_that_got_it(self):
        classes = {"unknown": "mailbox_unknown", "blocked": "reputation", "listed": "listed", "slow": "rate",
                   "full": "mailbox_full", "fine": "accepted"}
        self.send([f"{name}@dest.example" for name in classes])
        for name, expected in classes.items():
            row = self.wait_for_deliveries(f"{name}@dest.example")[0]
            with self.subTest(name):
                self.assertEqual((row["class"], row["egress"]), (expected, ALPHA_IP), row)
                self.assertEqual((row["sender"], row["domain"]), ("a@alpha.example", "dest.example"))
                self.assertEqual((row["host"], row["address"]), ("127.0.0.1", "127.0.0.1"))
                if name in REFUSALS:
                    self.assertIn(REFUSALS[name].format(client=ALPHA_IP)[4:], row["reply"])
        self.forget("slow@dest.example", "full@dest.example")
        replies = json.loads(self.relay.ctl("journal", "replies", ALPHA_IP, "--json").stdout)
        counted = {row["class"]: row["count"] for row in replies}
        self.assertGreaterEqual(set(counted), set(classes.values()))

    def test_a_greylisted_message_is_told_with_both_its_attempts(self):
        self.send(["grey-one@dest.example"])
        rows = self.wait_for_deliveries("grey-one@dest.example", 2)
        self.assertEqual([(row["status"], row["class"]) for row in rows],
                         [("deferred", "greylisted"), ("sent", "accepted")])
        self.assertEqual(len({row["queue_id"] for row in rows}), 1)

    def test_an_address_that_is_not_even_greeted_is_blamed_and_others_of_its_group_not(self):
        self.script.no_greeting.add(BETA_IPS[0])
        senders = [f"user{number}@beta.example" for number in range(8)]  # spread over both addresses
        for number, sender in enumerate(senders):
            self.send([f"ungreeted{number}@dest.example"], client=BETA, sender=sender, number=number)
        rows = [self.wait_for_deliveries(f"ungreeted{number}@dest.example")[0] for number in range(len(senders))]
        by_class = {(row["egress"], row["class"]) for row in rows if row["egress"]}
        self.assertEqual(by_class, {(BETA_IPS[0], "reputation"), (BETA_IPS[1], "accepted")})
        self.script.no_greeting.clear()
        self.relay.drain()

    def test_the_null_senders_mail_is_told_with_the_address_that_its_group_is_bound_to_now(self):
        first = self.bounce("one")
        self.relay.ctl("egress", "down", first, "--reason", "test")
        self.addCleanup(self.relay.ctl, "egress", "up", first)
        second = self.bounce("two")
        self.assertEqual({first, second}, set(BETA_IPS))

    def bounce(self, name):
        """The address that the journal has for a bounce, which is the one that the receiver saw."""
        recipient = f"bounce-{name}@dest.example"
        reply = self.relay.send(BETA, "", f"{self.mark}-{name}", author="b@beta.example", recipients=(recipient,))
        self.assertEqual(reply.code, 250, str(reply))
        row = self.wait_for_deliveries(recipient)[-1]
        self.assertEqual((row["transport"], row["status"]), ("easymail-group-blue", "sent"), row)
        self.assertEqual([entry[0] for entry in self.relay.sink.received if entry[1] == recipient], [row["egress"]])
        return row["egress"]

    def test_rotations_and_kill_9_in_mid_traffic_lose_no_delivery_and_count_none_twice(self):
        self.relay.postconf("maillog_file_compressor=/bin/true", "maillog_file_rotate_suffix=%Y%m%d-%H%M%S-%s")
        recipients, enough = [], threading.Event()
        sender = threading.Thread(target=self.send_until, args=(enough, recipients))
        sender.start()
        self.addCleanup(enough.set)
        for kill in range(8):
            self.relay.parts["tracker"].kill()
            if kill % 3 == 1:
                self.rotate()
            self.relay.parts["tracker"].start()
        enough.set()
        sender.join()
        self.relay.drain()
        wait_for(lambda: self.count_rows() == self.count_lines(), what="as many rows as lines")
        traffic = "FROM delivery WHERE recipient LIKE 'traffic%' AND status = 'sent'"
        self.assertEqual(self.query(f"SELECT count(*) {traffic}"), len(recipients))
        self.assertEqual(self.query(f"SELECT count(DISTINCT recipient) {traffic}"), len(recipients))
        self.assertEqual(self.query("SELECT sum(count) FROM reply_tally WHERE domain = '*'"),
                         self.query("SELECT count(*) FROM delivery WHERE egress <> ''"))
        self.assertGreaterEqual(len(glob.glob(f"{self.relay.directory}/maillog.*")), 3)
        self.assertNotIn("lines may have been lost", self.relay.log_of("tracker"))

    def send_until(self, enough, recipients):
        while not enough.wait(0.02):
            recipients.append(f"traffic{len(recipients)}@dest.example")
            self.send(recipients[-1:], number=len(recipients))

    def rotate(self):
        """As postfix(1) does it: renamed, the daemons told, a new file made when they log again."""
        before = os.stat(f"{self.relay.directory}/maillog").st_ino
        result = subprocess.run(["postfix", "-c", f"{self.relay.directory}/etc", "logrotate"], check=False,
                                stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)

        def is_new():
            try:
                return os.stat(f"{self.relay.directory}/maillog").st_ino != before
            except FileNotFoundError:
                return False

        with self.relay.session(ALPHA):
            pass  # something to log
        wait_for(is_new, what="a new log")
        os.chmod(f"{self.relay.directory}/maillog", 0o644)  # an installation's tracker is in the group that reads it

    def query(self, text):
        database = sqlite3.connect(f"file:{self.relay.journal}?mode=ro", uri=True, timeout=20)
        try:
            return database.execute(text).fetchone()[0]
        finally:
            database.close()

    def count_rows(self):
        return self.query("SELECT count(*) FROM delivery WHERE recipient <> ''")

    def count_lines(self):
        """Delivery lines in the log and all that it was renamed to."""
        count = 0
        for path in glob.glob(f"{self.relay.directory}/maillog*"):
            with open(path, encoding="utf-8", errors="replace") as file:
                count += sum(bool(DELIVERY.search(text)) for text in file)
        return count


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A campaign leaves room for corporate mail: in smtpd, in the chain, in the queue and on the way out."""

import time
import unittest

from campaign import ALPHA, NEWS, DailyMail, make_relay, percentile, start_campaign, wrong_ways
from harness import wait_for
from smtp import message

ROUNDS = 6  # the machine may be busy with something else for some of them
SECONDS = 12  # of each half of a round


class CampaignCase(unittest.TestCase):
    def relay_for(self, **options):
        relay = make_relay(**options)
        self.addCleanup(relay.stop)
        return relay

    def news(self, relay, session, mark="bulk"):
        """The reply to a bulk message."""
        return session.transaction("a@alpha.example", ["x@dest.example"], message("a@alpha.example", mark))


class Campaign(CampaignCase):
    def test_a_campaign_does_not_delay_corporate_mail(self):
        relay = self.relay_for()
        daily = DailyMail(relay)
        ratios = []
        for number in range(ROUNDS):
            quiet = daily.run_for(f"quiet{number}", SECONDS)
            campaign = start_campaign(relay, 50 * SECONDS, connections=40, seconds=90)
            busy = daily.run(f"busy{number}", lambda c=campaign: not any(process.is_alive() for process in c))
            self.assertGreater(len(busy), SECONDS * 4)
            ratios.append(percentile(daily.delays(busy), 0.99) / percentile(daily.delays(quiet), 0.99))
            if ratios[-1] <= 1.2:
                break
        self.assertLessEqual(min(ratios), 1.2, ratios)
        self.assertEqual(daily.refused, [])
        expected = len(daily.sent) + len(ratios) * 50 * SECONDS
        wait_for(lambda: len(relay.sink.entries()) >= expected, 60, "the whole campaign")
        self.assertEqual(len(relay.sink.entries()), expected)
        self.assertEqual(wrong_ways(relay), [])


class Limits(CampaignCase):
    def test_bulk_sessions_beyond_the_limit_are_ended_and_corporate_ones_are_not(self):
        relay = self.relay_for(answer_after=0)
        relay.ctl("setting", "set", "bulk.sessions", "2")
        sessions = [relay.session(NEWS[number % 2]) for number in range(3)]
        for session in sessions:
            self.addCleanup(session.close)
        self.assertEqual([self.news(relay, session).code for session in sessions[:2]], [250, 250])
        refused = self.news(relay, sessions[2])
        self.assertEqual((refused.code, refused.text.split()[0]), (421, "4.3.2"), str(refused))
        with self.assertRaises(OSError):
            sessions[2].command("NOOP")
        self.assertEqual(self.news(relay, sessions[0]).code, 250)
        self.assertEqual(relay.send(ALPHA, "a@alpha.example", "daily").code, 250)
        sessions[1].quit()

        def is_taken():
            with relay.session(NEWS[0]) as session:
                return self.news(relay, session).code == 250

        wait_for(is_taken, what="the place of a session that has ended")

    def test_bulk_mail_is_taken_at_its_rate(self):
        relay = self.relay_for(answer_after=0)
        relay.ctl("setting", "set", "bulk.rate", "5")
        with relay.session(NEWS[0]) as session:
            began = time.monotonic()
            for _ in range(11):
                self.assertEqual(self.news(relay, session).code, 250)
            self.assertGreater(time.monotonic() - began, 1.9)

    def test_a_backlog_of_bulk_mail_leaves_the_queue_open(self):
        """Receivers of the campaign that are stuck fill the active queue; with one as small as the backlog, corporate
        mail waits behind it, and with what `postfix apply` gives it does not."""
        relay = self.relay_for(answer_after=0, bulk_answer_after=1000)
        relay.ctl("setting", "set", "bulk.rate", "0")
        relay.postconf("qmgr_message_active_limit=20")
        with relay.session(NEWS[0]) as session:
            for _ in range(40):
                self.assertEqual(self.news(relay, session).code, 250)
        daily = DailyMail(relay)
        daily.send("stuck")
        time.sleep(2)
        self.assertEqual(relay.sink.entries(), [])
        relay.apply()
        daily.send("free")
        wait_for(lambda: {entry.mark for entry in relay.sink.entries()} == {"stuck", "free"}, 30, "corporate mail")


if __name__ == "__main__":
    unittest.main()

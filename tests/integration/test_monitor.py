# SPDX-License-Identifier: BSD-2-Clause
"""easymail-monitor: mail leaves listed addresses, comes back to clean ones, and stays where nothing is known."""

import json
import os
import sqlite3
import threading
import time
import unittest
from collections import Counter

from dns_lists import ListsZone, serve
from harness import Relay, free_port, wait_for
from scene import ALPHA_IP, BETA, BETA_IPS, DELTA_IP, GAMMA_IP, OWN_IP, RelayCase, populate
from sink import Sink

LIST, LIGHT = "bl.lists.example", "light.lists.example"  # weights 100 and 40
ALL = (ALPHA_IP, *BETA_IPS, GAMMA_IP, DELTA_IP, OWN_IP)
INTERVAL, CONFIRM = 0.15, 0.1
CLEAN = 3


class Scene:
    """One relay, one DNS server and one target of probes for all cases."""

    def __init__(self):
        self.zone = ListsZone()
        self.server = serve(self.zone)
        settings = {
            "dns.servers": f"127.0.0.1@{self.server.port}",
            "dns.timeout": "1s",
            "monitor.interval": f"{int(INTERVAL * 1000)}ms",
            "monitor.confirm_interval": f"{int(CONFIRM * 1000)}ms",
            "monitor.clean_looks": str(CLEAN),
            "monitor.domain_interval": "1s",
            "monitor.refusal_window": "60s",
            "monitor.refusal_least": "5",
        }
        self.relay = Relay(parts=("mapd", "milter", "monitor"), settings=settings)
        self.target = Sink(f"{self.relay.directory}/target", free_port())
        self.relay.settings["monitor.probe_targets"] = f"127.0.0.1@{self.target.address[1]}"
        self.relay.settings["monitor.notify_command"] = self.notify_command()

    def start(self):
        self.target.start()
        self.relay.start()
        populate(self.relay)
        self.relay.use_milters(("tenant", "egress"))
        self.relay.sql("DELETE FROM blocklist")
        self.add_list(LIST, 100)
        self.add_list(LIGHT, 40)
        for address, name in self.relay.sql("SELECT address, helo_name FROM egress_ip"):
            self.zone.add_reverse(address, name)

    def notify_command(self):
        path = f"{self.relay.directory}/told"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nenv | grep ^EASYMAIL_ | sort | tr '\\n' ' ' >> {path}.log\necho >> {path}.log\n")
        os.chmod(path, 0o755)
        with open(f"{path}.log", "w", encoding="utf-8"):
            os.chmod(f"{path}.log", 0o666)
        return path

    def add_list(self, zone, weight):
        self.zone.add_list(zone)
        self.relay.sql("INSERT INTO blocklist (zone, weight) VALUES (?, ?)", zone, weight)


def setUpModule():
    global SCENE
    SCENE = Scene()
    unittest.addModuleCleanup(SCENE.server.close)
    unittest.addModuleCleanup(SCENE.target.stop)
    unittest.addModuleCleanup(SCENE.relay.stop)
    SCENE.start()


class MonitorCase(RelayCase):
    @classmethod
    def setUpClass(cls):
        cls.relay, cls.zone, cls.target = SCENE.relay, SCENE.zone, SCENE.target

    def setUp(self):
        self.zone.off = False
        for zone in self.zone.modes:
            self.zone.modes[zone] = "honest"
            self.zone.listed[zone].clear()
        self.zone.asked.clear()
        self.all_well()

    def state(self, address):
        return self.relay.sql("SELECT state FROM egress_ip WHERE address = ?", address)[0][0]

    def states(self):
        return {state for (state,) in self.relay.sql("SELECT state FROM egress_ip")}

    def audit(self, address=None):
        """The monitor's rows, oldest first."""
        arguments = ("journal", "audit", "egress", *([address] if address else []), "--last", "1000", "--json")
        rows = json.loads(self.relay.ctl(*arguments).stdout)
        return [row for row in rows if row["actor"] == "easymail-monitor"]

    def moves(self, address=None):
        return [(row["old"], row["new"], row["reason"]) for row in self.audit(address)]

    def wait_state(self, address, state, seconds=20):
        """Until it is in that state and the journal, which follows, knows how it came there."""
        moves = "SELECT moves FROM egress_ip WHERE address = ? AND state = ?"
        wait_for(lambda: self.relay.sql(moves, address, state) == [(len(self.audit(address)),)], seconds,
                 f"{address} {state}")

    def all_well(self):
        """Every list is trusted, no address is anything but active, and nothing is half seen."""

        def is_well():
            lists = self.relay.sql("SELECT DISTINCT health FROM blocklist WHERE enabled = 1")
            evidence = self.relay.sql("SELECT count(*) FROM egress_evidence")[0][0]
            if lists != [("good",)] or self.states() != {"active"} or evidence != 0:
                return False
            noted = Counter(row["subject"] for row in self.audit())
            return all(noted[address] == moves for address, moves in
                       self.relay.sql("SELECT address, moves FROM egress_ip"))

        wait_for(is_well, 30, "all well")

    def several_looks(self, zone=LIST, address=BETA_IPS[0], looks=10):
        """Until the list was asked so often for the address."""
        name = ".".join(address.split(".")[::-1]) + "." + zone
        before = self.zone.asked.get((name, "A"), 0)
        wait_for(lambda: self.zone.asked.get((name, "A"), 0) >= before + looks, 30, f"{looks} looks at {name}")

    def which(self, sender):
        return self.relay.ctl("egress", "which", sender).stdout.split()[-1].rstrip(":").removeprefix("easymail-")

    def other(self, address):
        (other,) = set(BETA_IPS) - {address}
        return other


class Listing(MonitorCase):
    def test_mail_leaves_from_another_ip_after_a_listing_and_returns_after_clean_looks(self):
        sender = "listed@beta.example"
        before = self.assert_leaves_from(BETA_IPS, BETA, sender).source
        other = self.other(before)
        marks, stop = [], threading.Event()

        def traffic():
            while not stop.is_set():
                mark = self.mark()
                self.assertEqual(self.relay.send(BETA, sender, mark).code, 250)
                marks.append(mark)
                stop.wait(0.2)

        thread = threading.Thread(target=traffic)
        self.addCleanup(thread.join)
        self.addCleanup(stop.set)
        thread.start()
        listed_at = time.monotonic()
        self.zone.list(LIST, before)
        self.wait_state(before, "listed")
        moved_at = time.monotonic()
        first = wait_for(lambda: [d for d in self.relay.sink.deliveries() if d.sender == sender and d.source == other],
                         60, "a message from another address")
        took = time.monotonic() - listed_at
        print(f"# listed after {moved_at - listed_at:.2f} s, the first message from elsewhere after {took:.2f} s")
        self.assertLess(took, 35)
        self.assertTrue(first)
        time_of_change = len(marks)
        stop.set()
        thread.join()
        self.relay.drain()
        for number, mark in enumerate(marks):
            delivered = self.relay.sink.of(mark)
            self.assertEqual(len(delivered), 1, mark)
            if number > time_of_change:
                self.assertEqual(delivered[0].source, other)
        self.assertEqual(self.moves(before)[-1][:2], ("active", "listed"))
        self.assertIn(f"listed by {LIST} (127.0.0.2", self.moves(before)[-1][2])
        self.zone.delist(LIST, before)
        self.wait_state(before, "active")
        self.assertEqual(self.which(sender), before)
        self.assertEqual(self.moves(before)[-1], ("listed", "active", "all looks were good again"))

    def test_null_senders_queued_mail_moves_with_a_listing(self):
        before = self.assert_leaves_from(BETA_IPS, BETA, "", author="b@beta.example").source
        self.relay.sink.stop()
        self.addCleanup(self.relay.sink.start)
        mark = self.mark()
        self.assertEqual(self.relay.send(BETA, "", mark, author="b@beta.example").code, 250)
        parameter = "easymail_group_blue_address"

        def bound():
            found = [line for line in self.relay.read("etc/main.cf").splitlines() if line.startswith(parameter + " ")]
            return found and found[0].split()[-1]

        self.zone.list(LIST, before)
        self.wait_state(before, "listed")
        wait_for(lambda: bound() == self.other(before), 20, "the null sender's transport to be bound anew")
        time.sleep(2.1)  # what REBIND_DONE promises: every delivery that begins two seconds later uses it
        self.relay.sink.start()
        self.relay.drain(90)
        self.assertEqual([delivery.source for delivery in self.relay.sink.of(mark)], [self.other(before)])

    def test_alternating_answers_do_not_flap(self):
        self.zone.modes[LIST] = "alternates"
        self.zone.list(LIST, BETA_IPS[0])
        before = len(self.moves(BETA_IPS[0]))
        self.several_looks(looks=30)
        self.assertLessEqual(len(self.moves(BETA_IPS[0])) - before, 1)

    def test_lists_count_by_their_weight(self):
        self.zone.list(LIGHT, BETA_IPS[0])
        wait_for(lambda: self.relay.sql("SELECT 1 FROM egress_evidence WHERE bad = 1"), what="the light list's verdict")
        self.several_looks(LIGHT, looks=4)
        self.assertEqual(self.state(BETA_IPS[0]), "active")
        self.relay.sql("UPDATE blocklist SET weight = 100 WHERE zone = ?", LIGHT)
        self.addCleanup(self.relay.sql, "UPDATE blocklist SET weight = 40 WHERE zone = ?", LIGHT)
        self.wait_state(BETA_IPS[0], "listed")

    def test_with_all_addresses_listed_mail_waits_or_takes_the_fallback_group(self):
        for address in BETA_IPS:
            self.zone.list(LIST, address)
            self.wait_state(address, "listed")
        waits = self.relay.ctl("egress", "which", "a@beta.example").stdout
        self.assertIn("retry:4.7.1", waits)
        self.relay.ctl("setting", "set", "egress.fallback_group", "own")
        self.addCleanup(self.relay.ctl, "setting", "unset", "egress.fallback_group")
        self.assertEqual(self.which("a@beta.example"), OWN_IP)
        self.assert_leaves_from(OWN_IP, BETA, "late@beta.example")

    def test_an_ipv6_address_is_looked_up_where_a_list_has_those(self):
        self.relay.add_group("six", "::1")
        self.addCleanup(self.relay.sql, "DELETE FROM egress_group WHERE name = 'six'")
        self.addCleanup(self.relay.sql, "DELETE FROM egress_ip WHERE address = '::1'")
        self.zone.add_reverse("::1", "six---1.provider.example")
        self.relay.sql("UPDATE egress_ip SET helo_name = 'six---1.provider.example' WHERE address = '::1'")
        for zone in (LIST, LIGHT):
            self.zone.list(zone, "::1")
        self.relay.sql("UPDATE blocklist SET ipv6 = 1 WHERE zone = ?", LIST)
        self.addCleanup(self.relay.sql, "UPDATE blocklist SET ipv6 = 0")
        self.wait_state("::1", "listed")
        subjects = self.relay.sql("SELECT subject FROM egress_evidence WHERE address = '::1' AND kind = 'blocklist'")
        self.assertEqual(subjects, [(LIST,)])

    def test_each_change_is_told_to_the_operators_program(self):
        self.zone.list(LIST, GAMMA_IP)
        self.wait_state(GAMMA_IP, "listed")

        def told():
            lines = self.relay.read("told.log").splitlines()
            return [line for line in lines if f"EASYMAIL_ADDRESS={GAMMA_IP} " in line and "NEW=listed" in line]

        line = wait_for(told, what="the program to be told")[0]
        for word in ("EASYMAIL_EVENT=egress_state", "OLD=active", "EASYMAIL_GROUP=red", f"listed by {LIST} (127.0.0.2"):
            self.assertIn(word, line)


class Lies(MonitorCase):
    """What is no listing moves nothing."""

    def assert_unmoved(self, health, looks=10):
        moves = len(self.moves())
        self.several_looks(looks=looks)
        self.assertEqual(self.states(), {"active"})
        self.assertEqual(len(self.moves()), moves)
        health_is = [(health,)]
        wait_for(lambda: self.relay.sql("SELECT health FROM blocklist WHERE zone = ?", LIST) == health_is, what=health)

    def test_a_list_that_lists_the_world_is_ignored(self):
        self.zone.modes[LIST] = "world"
        self.assert_unmoved("bad")

    def test_a_dead_list_is_unknown(self):
        self.zone.modes[LIST] = "dead"
        self.assert_unmoved("bad")

    def test_error_codes_are_unknown(self):
        self.zone.modes[LIST] = "refuses"
        self.assert_unmoved("bad")

    def test_a_resolver_that_rewrites_answers_is_unknown(self):
        self.zone.modes[LIST] = "rewritten"
        self.assert_unmoved("bad")

    def test_codes_of_unknown_meaning_are_no_listing(self):
        self.relay.sql("INSERT INTO blocklist_code (zone, code, meaning) VALUES (?, '127.0.0.2', 'spam')", LIST)
        self.addCleanup(self.relay.sql, "DELETE FROM blocklist_code")
        ((generation,),) = self.relay.sql("SELECT provider FROM generation")
        wait_for(lambda: self.relay.monitor_status()["generation"] >= generation, what="the code to be known")
        self.zone.list(LIST, BETA_IPS[0], "127.0.0.9")
        self.assert_unmoved("good")

    def test_a_listing_stands_while_its_list_is_silent_and_falls_when_the_list_proves_dead(self):
        self.zone.list(LIST, BETA_IPS[0])
        self.wait_state(BETA_IPS[0], "listed")
        self.zone.modes[LIST] = "silent"
        wait_for(lambda: self.relay.sql("SELECT health FROM blocklist WHERE zone = ?", LIST) == [("unknown",)])
        self.several_looks(LIGHT, looks=8)
        self.assertEqual(self.state(BETA_IPS[0]), "listed")
        self.zone.modes[LIST] = "dead"
        self.wait_state(BETA_IPS[0], "active")

    def test_without_dns_nothing_is_moved(self):
        self.zone.list(LIST, BETA_IPS[0])
        self.wait_state(BETA_IPS[0], "listed")
        moves = len(self.moves())
        self.zone.off = True
        wait_for(lambda: self.relay.sql("SELECT DISTINCT health FROM blocklist") == [("unknown",)])
        unanswered = self.looks_done()
        wait_for(lambda: self.looks_done() > unanswered + 3 * len(ALL) * 3, 30, "looks without DNS")
        self.assertEqual(len(self.moves()), moves)
        self.assertEqual(self.state(BETA_IPS[0]), "listed")

    def looks_done(self):
        return self.relay.monitor_status()["looks"]


class Words(MonitorCase):
    """Operators, reverse DNS, and the monitor's own death."""

    def test_an_operators_down_and_draining_stand(self):
        for verb, state in (("down", "down"), ("drain", "draining")):
            self.relay.ctl("egress", verb, BETA_IPS[0], "--reason", "mine")
            self.zone.list(LIST, BETA_IPS[0])
            self.several_looks(looks=6)
            self.assertEqual(self.state(BETA_IPS[0]), state)
            self.zone.delist(LIST, BETA_IPS[0])
            self.several_looks(looks=CLEAN + 2)
            self.assertEqual(self.state(BETA_IPS[0]), state)
            self.relay.ctl("egress", "up", BETA_IPS[0])

    def test_a_listing_is_found_again_after_an_operator_says_up(self):
        self.zone.list(LIST, BETA_IPS[0])
        self.wait_state(BETA_IPS[0], "listed")
        moves = len(self.moves(BETA_IPS[0]))
        self.relay.ctl("egress", "up", BETA_IPS[0])
        wait_for(lambda: len(self.moves(BETA_IPS[0])) > moves, what="a second finding")
        self.assertEqual(self.state(BETA_IPS[0]), "listed")

    def test_wrong_reverse_dns_makes_an_address_limited(self):
        name = self.relay.sql("SELECT helo_name FROM egress_ip WHERE address = ?", BETA_IPS[0])[0][0]
        self.addCleanup(self.zone.add_reverse, BETA_IPS[0], name)
        self.zone.add_reverse(BETA_IPS[0], "other.provider.example")
        self.wait_state(BETA_IPS[0], "limited")
        reason = "its reverse DNS is other.provider.example"
        self.assertIn(reason, self.moves(BETA_IPS[0])[-1][2])
        for number in range(8):
            self.assertEqual(self.which(f"user{number}@beta.example"), BETA_IPS[1])
        self.zone.list(LIST, BETA_IPS[1])
        self.wait_state(BETA_IPS[1], "listed")
        self.assertEqual(self.which("user@beta.example"), BETA_IPS[0])

    def test_an_address_that_no_interface_has_is_down(self):
        self.relay.add_group("elsewhere", "192.0.2.78")
        self.addCleanup(self.relay.sql, "DELETE FROM egress_group WHERE name = 'elsewhere'")
        self.addCleanup(self.relay.sql, "DELETE FROM egress_ip WHERE address = '192.0.2.78'")
        self.zone.add_reverse("192.0.2.78", "elsewhere-192-0-2-78.provider.example")
        self.wait_state("192.0.2.78", "down")
        self.assertIn("is on no interface", self.moves("192.0.2.78")[-1][2])

    def test_kill_9_forgets_nothing(self):
        self.zone.list(LIST, BETA_IPS[0])
        self.wait_state(BETA_IPS[0], "listed")
        moves = self.moves(BETA_IPS[0])
        for _ in range(5):
            self.relay.parts["monitor"].kill()
            self.relay.parts["monitor"].start()
            self.several_looks(looks=1)
            self.assertEqual(self.state(BETA_IPS[0]), "listed")
        self.assertEqual(self.moves(BETA_IPS[0]), moves)
        self.zone.delist(LIST, BETA_IPS[0])
        self.wait_state(BETA_IPS[0], "active")
        self.assertEqual(len(self.moves(BETA_IPS[0])), len(moves) + 1)

    def test_looks_before_a_kill_9_count_after_it(self):
        """Between two looks that make a listing together, and with a change that is not in the journal yet."""
        self.relay.parts["monitor"].kill()
        moves = len(self.moves(BETA_IPS[0]))
        self.relay.sql("INSERT INTO egress_evidence (address, kind, subject, history, looks, bad, detail)"
                       " VALUES (?, 'blocklist', ?, 1, 1, 0, 'seen before')", BETA_IPS[0], LIST)
        self.relay.write_config(monitor__interval="20s", monitor__confirm_interval="20s")
        self.addCleanup(self.relay.write_config)
        self.zone.when.pop(BETA_IPS[0], None)
        self.zone.list(LIST, BETA_IPS[0])
        self.relay.sql("UPDATE egress_ip SET state = 'listed', state_by = 'monitor', moves = moves + 1,"
                       " reason = 'cut off' WHERE address = ?", GAMMA_IP)
        self.relay.parts["monitor"].start()
        wait_for(lambda: len(self.moves(BETA_IPS[0])) > moves, 60, what="the listing that two looks make")
        self.assertLess(time.monotonic() - self.zone.when[BETA_IPS[0]], 10, "it took one more look")
        self.assertEqual(self.moves(BETA_IPS[0])[moves][:2], ("active", "listed"))
        wait_for(lambda: ("active", "listed", "cut off") in self.moves(GAMMA_IP), what="the journal's row")
        self.relay.parts["monitor"].stop()
        self.zone.delist(LIST, BETA_IPS[0])
        self.relay.write_config()
        self.relay.parts["monitor"].start()
        self.wait_state(BETA_IPS[0], "active")
        self.wait_state(GAMMA_IP, "active")


class Journal(MonitorCase):
    """What the tracker has counted: refusals by receivers, deliveries of addresses that warm up."""

    def tally(self, address, domain, kind, count):
        """Replies of this minute."""
        minute = int(time.time()) // 60
        database = sqlite3.connect(self.relay.journal, timeout=20)
        with database:
            for of in (domain, "*"):
                database.execute("INSERT INTO reply_tally VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                                 " count = count + excluded.count", (minute, address, of, kind, count))
        database.close()

    def forget(self):
        database = sqlite3.connect(self.relay.journal, timeout=20)
        with database:
            database.execute("DELETE FROM reply_tally")
        database.close()

    def setUp(self):
        super().setUp()
        self.addCleanup(self.forget)

    def test_refusals_by_one_receiver_that_the_others_do_not_have_limit_an_address(self):
        self.tally(BETA_IPS[1], "other.example", "accepted", 500)
        self.tally(BETA_IPS[0], "other.example", "accepted", 500)
        self.tally(BETA_IPS[1], "strict.example", "accepted", 20)
        self.tally(BETA_IPS[0], "strict.example", "reputation", 20)
        self.wait_state(BETA_IPS[0], "limited")
        self.assertIn("strict.example", self.moves(BETA_IPS[0])[-1][2])
        self.assertEqual(self.which("someone@beta.example"), BETA_IPS[1])
        self.assertEqual(self.state(BETA_IPS[1]), "active")
        self.forget()
        self.wait_state(BETA_IPS[0], "active")

    def test_refusals_by_receivers_at_large_are_like_a_listing(self):
        for number in range(10):
            self.tally(BETA_IPS[0], f"mx{number}.example", "reputation", 3)
            self.tally(BETA_IPS[1], f"mx{number}.example", "accepted", 3)
        self.wait_state(BETA_IPS[0], "listed")
        self.forget()
        self.wait_state(BETA_IPS[0], "active")

    def test_refusals_that_all_of_a_group_have_blame_none(self):
        for address in BETA_IPS:
            self.tally(address, "angry.example", "reputation", 50)
        self.tally(ALPHA_IP, "angry.example", "reputation", 50)  # alone in its group
        moves = len(self.moves())
        self.several_looks(looks=8)
        self.assertEqual(len(self.moves()), moves)
        self.assertEqual(self.states(), {"active"})

    def test_a_warming_address_takes_its_allowance_and_then_the_others_of_its_group(self):
        steps = self.relay.sql("SELECT day, allowance FROM warmup_step")
        self.relay.sql("DELETE FROM warmup_step")
        self.relay.sql("INSERT INTO warmup_step VALUES (1, 30), (2, 60)")
        self.relay.ctl("egress", "warm", BETA_IPS[0])

        def restore():
            self.relay.sql("DELETE FROM warmup_step")
            for step in steps:
                self.relay.sql("INSERT INTO warmup_step VALUES (?, ?)", *step)
            self.relay.ctl("egress", "up", BETA_IPS[0])

        self.addCleanup(restore)
        senders = [f"user{number}@beta.example" for number in range(12)]
        self.assertEqual({self.which(sender) for sender in senders}, set(BETA_IPS))
        self.tally(BETA_IPS[0], "dest.example", "accepted", 29)
        self.several_looks(looks=4)
        self.assertEqual({self.which(sender) for sender in senders}, set(BETA_IPS))
        self.tally(BETA_IPS[0], "dest.example", "accepted", 1)
        wait_for(lambda: {self.which(sender) for sender in senders} == {BETA_IPS[1]}, what="the others to take over")
        self.assertEqual(self.state(BETA_IPS[0]), "warming")
        self.relay.sql("UPDATE egress_ip SET warmup_start = date('now', '-1 day') WHERE address = ?", BETA_IPS[0])
        wait_for(lambda: {self.which(sender) for sender in senders} == set(BETA_IPS), what="the second day's allowance")
        self.relay.sql("UPDATE egress_ip SET warmup_start = date('now', '-2 day') WHERE address = ?", BETA_IPS[0])
        wait_for(lambda: self.moves(BETA_IPS[0])[-1] == ("warming", "active", "its warm-up is over"), what="its end")
        self.assertEqual(self.state(BETA_IPS[0]), "active")


class Commands(MonitorCase):
    def test_egress_show_tells_the_story(self):
        self.zone.list(LIST, BETA_IPS[0])
        self.wait_state(BETA_IPS[0], "listed")
        story = self.relay.ctl("egress", "show", BETA_IPS[0]).stdout
        for words in ("state: listed", "by: monitor", f"reason: listed by {LIST} (127.0.0.2", "blocklist " + LIST,
                      "active -> listed by easymail-monitor: listed by"):
            self.assertIn(words, story)
        self.relay.ctl("egress", "down", BETA_IPS[0], "--reason", "in my way")
        self.assertRegex(self.relay.ctl("egress", "show", BETA_IPS[0]).stdout,
                         r"listed -> down by easymailctl \(\w+\): in my way")
        self.relay.ctl("egress", "up", BETA_IPS[0])

    def test_blocklist_test_asks_the_list(self):
        good = self.relay.ctl("blocklist", "test", LIST, "192.0.2.1").stdout
        self.assertIn("points_ipv4: right", good)
        self.assertIn("address: not listed", good)
        self.zone.list(LIST, "192.0.2.1")
        listed = self.relay.ctl("blocklist", "test", LIST, "192.0.2.1", check=False)
        self.assertEqual(listed.returncode, 1)
        self.assertIn("address: listed", listed.stdout)
        self.zone.modes[LIST] = "world"
        self.assertIn("lists the world", self.relay.ctl("blocklist", "test", LIST, check=False).stdout)

    def test_lists_are_added_changed_and_deleted(self):
        self.relay.ctl("blocklist", "add", "New.Lists.example", "--weight", "30", "--terms", "ask first")
        self.addCleanup(self.relay.sql, "DELETE FROM blocklist WHERE zone LIKE '%new.lists.example'")
        self.relay.ctl("blocklist", "code", "new.lists.example", "127.0.0.4/30", "exploits")
        self.relay.ctl("blocklist", "add", "copy.new.lists.example", "--like", "new.lists.example", "--ipv6", "yes")
        self.relay.ctl("blocklist", "set", "new.lists.example", "--enabled", "no")
        shown = self.relay.ctl("blocklist", "show", "new.lists.example").stdout
        for words in ("enabled: no", "weight: 30", "terms: ask first", "127.0.0.4/30: exploits"):
            self.assertIn(words, shown)
        rows = {row["zone"]: row for row in json.loads(self.relay.ctl("blocklist", "list", "--json").stdout)}
        self.assertEqual(rows["copy.new.lists.example"]["codes"], rows["new.lists.example"]["codes"])
        self.relay.ctl("blocklist", "delete", "copy.new.lists.example")
        refused = self.relay.ctl("blocklist", "set", "copy.new.lists.example", "--weight", "1", check=False)
        self.assertEqual(refused.returncode, 1)

    def test_status_shows_the_monitor(self):
        def finding():
            parts = json.loads(self.relay.ctl("status", "--json", check=False).stdout)["parts"]
            return [part["finding"] for part in parts if part["part"] == "monitor"]

        words = f"watches {len(ALL)} addresses on 2 blocklists"
        wait_for(lambda: words in finding()[0], what="lists that others deleted to be forgotten")
        self.zone.list(LIST, BETA_IPS[0])
        wait_for(lambda: any("listed: 1 of the addresses" in words for words in finding()), what="the finding")


class Domains(MonitorCase):
    def finding(self, domain):
        rows = self.relay.sql("SELECT spf, dkim, dmarc FROM domain_finding WHERE domain = ?", domain)
        return rows and rows[0]

    def test_every_domain_is_checked_by_itself_and_what_is_wrong_is_found(self):
        self.zone.names["sound.example"] = [{"TXT": f"v=spf1 ip4:{ALPHA_IP} -all"}]
        self.zone.names["_dmarc.sound.example"] = [{"TXT": "v=DMARC1; p=reject"}]
        self.zone.names["unsound.example"] = [{"TXT": "v=spf1 ip4:192.0.2.1 -all"}]
        for domain in ("sound.example", "unsound.example"):
            self.relay.ctl("domain", "add", "alpha", domain)
            self.addCleanup(self.relay.ctl, "domain", "delete", domain)
        self.assertEqual(wait_for(lambda: self.finding("sound.example")), ("good", "missing", "good"))
        self.assertEqual(wait_for(lambda: self.finding("unsound.example")), ("wrong", "missing", "missing"))
        found = self.relay.ctl("domain", "findings", "alpha", "--json", check=False)
        self.assertEqual(found.returncode, 1)
        rows = {row["domain"]: row for row in json.loads(found.stdout)}
        self.assertIn("SPF: ", rows["unsound.example"]["detail"])
        self.zone.names["unsound.example"] = [{"TXT": f"v=spf1 ip4:{ALPHA_IP} -all"}]
        wait_for(lambda: self.finding("unsound.example")[0] == "good", what="the next check")

    def test_findings_are_no_changes_of_policy(self):
        before = self.relay.sql("SELECT value FROM generation")
        checked = self.relay.monitor_status()["domains_checked"]
        wait_for(lambda: self.relay.monitor_status()["domains_checked"] > checked + 3, what="more checks")
        self.assertEqual(self.relay.sql("SELECT value FROM generation"), before)


class Probes(MonitorCase):
    """Connections out to a target that is there, is not reached from one address, is gone."""

    def test_an_address_that_alone_cannot_connect_is_told_from_a_target_that_is_gone(self):
        self.relay.add_group("elsewhere", "192.0.2.77")
        self.addCleanup(self.relay.sql, "DELETE FROM egress_group WHERE name = 'elsewhere'")
        self.addCleanup(self.relay.sql, "DELETE FROM egress_ip WHERE address = '192.0.2.77'")
        evidence = "SELECT kind, address, bad FROM egress_evidence"
        wait_for(lambda: ("connect", "192.0.2.77", 1) in self.relay.sql(evidence), what="that it cannot connect")
        self.assertEqual(self.relay.sql("SELECT kind, address, bad FROM egress_evidence WHERE kind = 'connect'"),
                         [("connect", "192.0.2.77", 1)])

    def test_no_internet_at_all_moves_nothing(self):
        moves = len(self.moves())
        self.target.stop()
        self.addCleanup(self.target.start)
        self.several_looks(looks=15)
        self.assertEqual(len(self.moves()), moves)
        self.assertEqual(self.states(), {"active"})


if __name__ == "__main__":
    unittest.main()

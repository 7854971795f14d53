# SPDX-License-Identifier: BSD-2-Clause
"""easymail-monitor: mail leaves listed addresses, comes back to clean ones, and stays where nothing is known."""

import json
import os
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
INTERVAL, CONFIRM = 0.25, 0.1
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
        wait_for(lambda: self.state(address) == state, seconds, f"{address} {state}")

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
        print(f"figure: listing to state {moved_at - listed_at:.2f} s, to the first message from another IP {took:.2f} s")
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
        self.assertEqual(self.relay.sql("SELECT health FROM blocklist WHERE zone = ?", LIST), [(health,)])

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
        self.assertIn("its reverse DNS is other.provider.example", self.moves(BETA_IPS[0])[-1][2])
        for number in range(8):
            self.assertEqual(self.which(f"user{number}@beta.example"), BETA_IPS[1])
        self.zone.list(LIST, BETA_IPS[1])
        self.wait_state(BETA_IPS[1], "listed")
        self.assertEqual(self.which("user@beta.example"), BETA_IPS[0])

    def test_an_address_that_no_interface_has_is_down(self):
        self.relay.add_group("elsewhere", "192.0.2.77")
        self.addCleanup(self.relay.sql, "DELETE FROM egress_group WHERE name = 'elsewhere'")
        self.addCleanup(self.relay.sql, "DELETE FROM egress_ip WHERE address = '192.0.2.77'")
        self.zone.add_reverse("192.0.2.77", "elsewhere-192-0-2-77.provider.example")
        self.wait_state("192.0.2.77", "down")
        self.assertIn("is on no interface", self.moves("192.0.2.77")[-1][2])

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
        self.zone.left[BETA_IPS[0]] = 2  # one look: it asks once more when the list has proved itself
        self.addCleanup(self.zone.left.clear)
        self.zone.list(LIST, BETA_IPS[0])
        self.relay.sql("UPDATE egress_ip SET state = 'listed', state_by = 'monitor', moves = moves + 1,"
                       " reason = 'cut off' WHERE address = ?", GAMMA_IP)
        self.relay.parts["monitor"].start()
        wait_for(lambda: len(self.moves(BETA_IPS[0])) > moves, what="the listing that two looks make")
        self.assertEqual(self.moves(BETA_IPS[0])[moves][:2], ("active", "listed"))
        wait_for(lambda: ("active", "listed", "cut off") in self.moves(GAMMA_IP), what="the journal's row")
        self.wait_state(GAMMA_IP, "active")


class Probes(MonitorCase):
    """Connections out to a target that is there, is not reached from one address, is gone."""

    def test_an_address_that_alone_cannot_connect_is_told_from_a_target_that_is_gone(self):
        self.relay.add_group("elsewhere", "192.0.2.77")
        self.addCleanup(self.relay.sql, "DELETE FROM egress_group WHERE name = 'elsewhere'")
        self.addCleanup(self.relay.sql, "DELETE FROM egress_ip WHERE address = '192.0.2.77'")
        wait_for(lambda: ("connect", "192.0.2.77", 1) in self.relay.sql("SELECT kind, address, bad FROM egress_evidence"))
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

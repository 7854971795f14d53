# SPDX-License-Identifier: BSD-2-Clause
"""easymailctl dkim, spf and domain check against a DNS server of their own."""

import json
import os
import stat
import subprocess
import sys
import time
import unittest
import unittest.mock

from harness import ROOT, build_directory
from test_ctl import CtlCase

sys.path.insert(0, f"{ROOT}/tests/spf")
from dns_server import Server, Zone  # noqa: E402

DAY_S = 86400
MESSAGE = "From: a@acme.example\r\nTo: b@dest.example\r\nSubject: one\r\n\r\nHello\r\n"


class DnsCase(CtlCase):
    """Tenant acme with acme.example and its subdomains, and a DNS server whose zone tests change."""

    def setUp(self):
        super().setUp()
        self.key_file = f"{self.directory}/dkim.key"
        self.write_config(dkim__key_file=self.key_file, dkim__key_file_group="nogroup")
        self.done("tenant", "add", "acme")
        self.done("domain", "add", "acme", "acme.example", "--subdomains")
        self.zone = Zone({})
        server = Server(self.zone)
        self.addCleanup(server.close)
        self.server = f"127.0.0.1@{server.port}"

    def publish(self, records):
        """What `--json` proposes, as a zone would have it."""
        for record in records:
            text = record.get("strings", record["value"])
            self.zone.names[record["name"]] = [{"TXT": text}]

    def with_dns(self, *words, stdin=""):
        return self.ctl(*words, "--dns", self.server, stdin=stdin)

    def queue(self, *messages):
        """What postqueue says from now on; None: that it cannot read the queue."""
        programs = f"{self.directory}/bin"
        os.makedirs(programs, exist_ok=True)
        with open(f"{programs}/postqueue", "w", encoding="ascii") as file:
            file.write("#!/bin/sh\n")
            for queued in messages:
                fails = "echo 'the mail system is down' >&2; exit 69"
                file.write(f"{fails}\n" if queued is None else f"echo '{json.dumps(queued)}'\n")
        os.chmod(f"{programs}/postqueue", 0o755)
        path = f"{programs}:{os.environ['PATH']}"
        patch = unittest.mock.patch.dict(os.environ, {"PATH": path})
        patch.start()
        self.addCleanup(patch.stop)

    def age(self, state, days, domain="acme.example"):
        """Makes keys of that state as old as that."""
        self.sql(
            f"UPDATE dkim_key SET state_since = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-{days} days')"
            f" WHERE state = '{state}' AND domain = '{domain}'"
        )

    def states(self):
        return {row["selector"]: row["state"] for row in self.rows("dkim", "list", "acme.example")}


class Keys(DnsCase):
    def test_a_key_is_made_published_and_activated(self):
        (key,) = self.rows("dkim", "create", "ACME.example")
        self.assertEqual((key["algorithm"], key["bits"], key["state"]), ("rsa", 2048, "pending"))
        self.assertTrue(all(len(part) <= 255 for part in key["strings"]))
        self.assertEqual("".join(key["strings"]), key["value"])
        words = ["dkim", "activate", "acme.example", "--dns", self.server]
        self.assert_refused(words, "has no TXT record", "dkim record")
        self.publish([key])
        self.assertEqual(self.with_dns("dkim", "activate", "acme.example").returncode, 0)
        self.assertEqual(self.states(), {key["selector"]: "active"})

    def test_the_record_printed_is_what_openssl_reads(self):
        (key,) = self.rows("dkim", "create", "acme.example", "--bits", "3072")
        public = key["value"].split("p=")[1]
        pem = f"-----BEGIN PUBLIC KEY-----\n{public}\n-----END PUBLIC KEY-----\n"
        shown = subprocess.run(
            ["openssl", "pkey", "-pubin", "-noout", "-text"], input=pem, capture_output=True, text=True, check=True
        )
        self.assertIn("3072 bit", shown.stdout)

    def test_the_text_is_a_zone_file_that_says_the_same(self):
        made = self.done("dkim", "create", "acme.example", "--algorithm", "both", "--selector", "s")
        rows = self.rows("dkim", "record", "acme.example")
        self.assertEqual([row["selector"] for row in rows], ["s-rsa", "s-ed25519"])
        for row in rows:
            self.assertIn(row["zone"], made)
            quoted = row["zone"].split('"')[1::2]
            self.assertEqual("".join(quoted), row["value"])
            self.assertTrue(row["zone"].startswith(f"{row['selector']}._domainkey.acme.example. IN TXT ("))
        lines = made.splitlines()
        self.assertTrue(all(line[0] in ";\t" or line.endswith("IN TXT (") for line in lines), made)

    def test_no_private_key_is_printed_or_stored_in_the_clear(self):
        made = self.done("dkim", "create", "acme.example", "--algorithm", "both")
        shown = made + self.done("dkim", "list", "--json") + self.done("dkim", "record", "acme.example", "--json")
        self.assertNotIn("PRIVATE", shown)
        for name in os.listdir(self.directory):
            path = f"{self.directory}/{name}"
            if os.path.isfile(path) and name.startswith("tenants.db"):
                with open(path, "rb") as file:
                    self.assertNotIn(b"PRIVATE KEY", file.read())

    def test_the_key_file_is_made_once_and_closed_to_others(self):
        self.done("dkim", "create", "acme.example")
        self.assertEqual(stat.S_IMODE(os.stat(self.key_file).st_mode), 0o640)
        self.assert_refused(["dkim", "init-keyfile"], self.key_file, "File exists")
        os.chmod(self.key_file, 0o644)
        self.done("domain", "add", "acme", "other.example")
        self.assert_refused(["dkim", "create", "other.example"], self.key_file, "chmod 0640")
        self.assertEqual(self.rows("dkim", "list", "other.example"), [])

    def test_a_record_that_is_another_is_refused_saying_what_was_seen(self):
        (key,) = self.rows("dkim", "create", "acme.example", "--algorithm", "ed25519")
        right = key["value"]
        for text, words in (
            (right.replace("ed25519", "rsa"), "k= is rsa"),
            ("v=DKIM1; k=ed25519; p=", "revokes"),
            ("v=DKIM1; k=ed25519; p=AAAA", "p= is another key, AAAA"),
            (right + "; t=y", "t=y"),
            ("verification=1234", "but it has no p="),
        ):
            self.zone.names[key["name"]] = [{"TXT": text}]
            self.assert_refused(["dkim", "activate", "acme.example", "--dns", self.server], words)
        self.zone.names[key["name"]] = [{"TXT": right}, {"TXT": "something else"}]
        self.assert_refused(["dkim", "activate", "acme.example", "--dns", self.server], "2 TXT records")
        self.zone.names[key["name"]] = [{"SERVFAIL": True}]
        self.assert_refused(["dkim", "activate", "acme.example", "--dns", self.server], "stays pending")
        self.assertEqual(self.states(), {key["selector"]: "pending"})

    def test_one_of_two_records_activates_neither_unless_named(self):
        rsa, ed25519 = self.rows("dkim", "create", "acme.example", "--algorithm", "both")
        self.publish([ed25519])
        self.assertEqual(self.with_dns("dkim", "activate", "acme.example").returncode, 1)
        self.assertEqual(set(self.states().values()), {"pending"})
        words = ("dkim", "activate", "acme.example", "--selector", ed25519["selector"])
        self.assertEqual(self.with_dns(*words).returncode, 0)
        self.assertEqual(self.states(), {rsa["selector"]: "pending", ed25519["selector"]: "active"})

    def test_rotation_keeps_the_old_key_until_its_mail_is_gone(self):
        (first,) = self.rows("dkim", "create", "acme.example", "--bits", "2304")
        self.assert_refused(["dkim", "rotate", "acme.example"], "no active DKIM key")
        self.publish([first])
        self.with_dns("dkim", "activate", "acme.example")
        self.assert_refused(["dkim", "create", "acme.example"], "dkim rotate")
        (second,) = self.rows("dkim", "rotate", "acme.example")
        self.assertEqual((second["algorithm"], second["bits"]), ("rsa", 2304))
        self.assertNotEqual(first["selector"], second["selector"])
        self.assert_refused(["dkim", "rotate", "acme.example"], "pending", second["selector"])
        self.publish([second])
        self.assertEqual(self.with_dns("dkim", "activate", "acme.example").returncode, 0)
        self.assertEqual(self.states(), {first["selector"]: "retiring", second["selector"]: "active"})
        self.assert_refused(["dkim", "delete", "acme.example", first["selector"]], "retiring")
        self.assert_refused(["dkim", "retire", "acme.example"], "dkim.retire_days", "--now")
        self.age("retiring", 8)
        self.queue(None)
        self.assert_refused(["dkim", "retire", "acme.example"], "queue could not be read", "--now")
        self.queue({"queue_id": "OLD1", "arrival_time": int(time.time()) - 9 * DAY_S})
        self.assert_refused(["dkim", "retire", "acme.example"], "message OLD1", "--now")
        self.assertEqual(self.states(), {first["selector"]: "retiring", second["selector"]: "active"})
        self.queue({"queue_id": "NEW1", "arrival_time": int(time.time()) - 7 * DAY_S})
        self.assertIn("delete the record", self.done("dkim", "retire", "acme.example"))
        self.assertEqual(self.states(), {first["selector"]: "retired", second["selector"]: "active"})
        self.assertEqual([row["selector"] for row in self.rows("dkim", "record", "acme.example")], [second["selector"]])
        self.done("dkim", "delete", "acme.example", first["selector"])
        self.assertEqual(self.states(), {second["selector"]: "active"})

    def test_a_rotation_can_be_taken_back(self):
        (first,) = self.rows("dkim", "create", "acme.example", "--algorithm", "ed25519")
        self.publish([first])
        self.with_dns("dkim", "activate", "acme.example")
        self.publish(self.rows("dkim", "rotate", "acme.example"))
        self.with_dns("dkim", "activate", "acme.example")
        words = ("dkim", "activate", "acme.example", "--selector", first["selector"])
        self.assertEqual(self.with_dns(*words).returncode, 0)
        self.assertEqual(self.states()[first["selector"]], "active")

    def test_an_active_key_can_be_made_to_sign_no_more(self):
        (key,) = self.rows("dkim", "create", "acme.example", "--algorithm", "ed25519")
        self.publish([key])
        self.with_dns("dkim", "activate", "acme.example")
        self.done("dkim", "retire", "acme.example", "--selector", key["selector"])
        self.done("dkim", "retire", "acme.example", "--now")
        self.assertEqual(self.states(), {key["selector"]: "retired"})

    def test_wrong_words_are_named(self):
        for words, part in (
            (["create", "nobody.example"], "domain find"),
            (["create", "x.acme.example"], "domain find"),
            (["create", "acme.example", "--bits", "1024"], "--bits: '1024'"),
            (["create", "acme.example", "--bits", "many"], "--bits: 'many'"),
            (["create", "acme.example", "--algorithm", "dsa"], "--algorithm: 'dsa'"),
            (["create", "acme.example", "--algorithm", "ed25519", "--bits", "2048"], "--bits"),
            (["create", "acme.example", "--selector", "a_b"], "selector: 'a_b'"),
            (["activate", "acme.example", "--dns", "nowhere"], "no pending DKIM key"),
            (["show", "acme.example", "none"], "dkim list"),
            (["retire", "acme.example"], "no retiring DKIM key"),
            (["record", "acme.example"], "dkim create"),
        ):
            self.assert_refused(["dkim", *words], part)
        self.assertFalse(os.path.exists(self.key_file))

    def test_a_server_that_is_none_is_refused(self):
        self.rows("dkim", "create", "acme.example", "--algorithm", "ed25519")
        self.assert_refused(["dkim", "activate", "acme.example", "--dns", "nowhere"], "--dns", "nowhere")

    def test_status_tells_when_the_key_file_does_not_open_the_keys(self):
        def dkim():
            parts = json.loads(self.ctl("status", "--json").stdout)["parts"]
            return [(row["well"], row["finding"]) for row in parts if row["part"] == "dkim"]

        self.assertEqual(dkim(), [])
        self.rows("dkim", "create", "acme.example", "--algorithm", "ed25519")
        self.assertEqual(dkim(), [(True, f"key file {self.key_file} opens all 1 keys")])
        os.rename(self.key_file, f"{self.key_file}.old")
        ((well, finding),) = dkim()
        self.assertFalse(well)
        self.assertIn("is not there", finding)
        self.done("dkim", "init-keyfile")
        ((well, finding),) = dkim()
        self.assertFalse(well)
        self.assertIn("opens 0 keys and not 1 others", finding)
        self.done("domain", "add", "acme", "other.example")
        self.rows("dkim", "create", "other.example", "--algorithm", "ed25519")
        self.assertEqual(self.ctl("db", "check").returncode, 1)

    def test_keys_go_with_their_domain(self):
        self.rows("dkim", "create", "acme.example", "--algorithm", "ed25519")
        self.done("domain", "delete", "acme.example")
        self.assertEqual(self.rows("dkim", "list"), [])


class Maintenance(DnsCase):
    """What `dkim maintain` does by itself."""

    def setUp(self):
        super().setUp()
        self.queue()

    def active(self, domain="acme.example", *words):
        (key,) = self.rows("dkim", "create", domain, "--algorithm", "ed25519", *words)
        self.publish([key])
        self.assertEqual(self.with_dns("dkim", "activate", domain).returncode, 0)
        return key["selector"]

    def maintain(self, status=0):
        """[(domain, selector, action)], and what was said of each."""
        result = self.with_dns("dkim", "maintain", "--json")
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        reports = json.loads(result.stdout)
        return [(row["selector"], row["action"]) for row in reports], reports

    def test_keys_change_by_themselves_from_the_first_to_the_last_step(self):
        first = self.active()
        self.done("setting", "set", "dkim.rotate_days", "90", "acme")
        self.age("active", 89)
        self.assertEqual(self.maintain()[0], [])
        self.age("active", 91)
        ((second, action),), (made,) = self.maintain()
        self.assertEqual((action, made["name"]), ("made", f"{second}._domainkey.acme.example"))
        self.assertEqual(self.states(), {first: "active", second: "pending"})
        self.assertEqual(self.maintain()[0], [(second, "waits for its record")])
        self.publish([made])
        self.assertEqual(self.maintain()[0], [(second, "activated")])
        self.assertEqual(self.states(), {first: "retiring", second: "active"})
        self.assertEqual(self.maintain()[0], [])
        self.age("retiring", 8)
        self.assertEqual(self.maintain()[0], [(first, "retired")])
        self.assertEqual(self.states(), {first: "retired", second: "active"})
        self.assertEqual(self.maintain()[0], [])

    def test_without_the_setting_nothing_is_made_or_activated(self):
        first = self.active()
        self.age("active", 4000)
        self.assertEqual(self.maintain()[0], [])
        (second,) = self.rows("dkim", "rotate", "acme.example")
        self.publish([second])
        self.assertEqual(self.maintain()[0], [])
        self.assertEqual(self.states(), {first: "active", second["selector"]: "pending"})

    def test_each_tenant_has_its_own_days(self):
        self.done("tenant", "add", "beta")
        self.done("domain", "add", "beta", "beta.example")
        self.done("setting", "set", "dkim.rotate_days", "30")
        self.done("setting", "set", "dkim.rotate_days", "0", "acme")
        self.active()
        self.active("beta.example")
        self.age("active", 31)
        self.age("active", 31, "beta.example")
        _, (made,) = self.maintain()
        self.assertEqual((made["domain"], made["tenant"], made["action"]), ("beta.example", "beta", "made"))

    def test_both_algorithms_are_replaced_with_keys_as_long(self):
        keys = self.rows("dkim", "create", "acme.example", "--algorithm", "both", "--bits", "2304")
        self.publish(keys)
        self.with_dns("dkim", "activate", "acme.example")
        self.done("setting", "set", "dkim.rotate_days", "30", "acme")
        self.age("active", 31)
        _, reports = self.maintain()
        self.assertEqual([(row["algorithm"], row["bits"]) for row in reports], [("rsa", 2304), ("ed25519", 256)])
        self.publish(reports)
        self.assertEqual([action for _, action in self.maintain()[0]], ["activated"] * 2)

    def retiring(self):
        first = self.active()
        self.publish(self.rows("dkim", "rotate", "acme.example"))
        self.with_dns("dkim", "activate", "acme.example")
        self.age("retiring", 8)
        return first

    def test_a_key_stays_while_mail_from_its_time_is_queued(self):
        first = self.retiring()
        replaced = int(time.time()) - 8 * DAY_S
        new = {"queue_id": "NEW1", "arrival_time": replaced + 300, "queue_name": "deferred"}
        for name in ("deferred", "active", "hold"):
            old = {"queue_id": "OLD1", "arrival_time": replaced - 300, "queue_name": name}
            self.queue(new, old)
            actions, (report,) = self.maintain()
            self.assertEqual(actions, [(first, "waits for the queue")])
            self.assertIn("message OLD1", report["detail"])
        self.assertEqual(self.states()[first], "retiring")
        self.queue(new)
        self.assertEqual(self.maintain()[0], [(first, "retired")])

    def test_a_key_stays_when_the_queue_cannot_be_read(self):
        first = self.retiring()
        for answer in ((None,), ({"queue_id": "A", "arrival_time": int(time.time())}, None), ({"queue_id": "A"},)):
            self.queue(*answer)
            status = 0 if None not in answer else 1
            actions, (report,) = self.maintain(status)
            self.assertEqual(actions, [(first, "failed" if status else "waits for the queue")])
            self.assertIn("queue could not be read" if status else "message A", report["detail"])
            self.assertEqual(self.states()[first], "retiring")

    def test_one_bad_domain_stops_no_other(self):
        self.done("setting", "set", "dkim.rotate_days", "30")
        names = ["a.example", "b.example", "c.example", "d.example"]
        for name in names:
            self.done("domain", "add", "acme", name)
        made = [self.rows("dkim", "create", name, "--algorithm", "ed25519")[0] for name in names]
        self.publish(made)
        self.zone.names[made[0]["name"]] = [{"SERVFAIL": True}]
        self.zone.names[made[1]["name"]] = [{"TXT": "v=DKIM1; k=ed25519; p=AAAA"}]
        self.done("dkim", "activate", "c.example", "--dns", self.server)
        self.age("active", 31, "c.example")
        os.chmod(self.key_file, 0o644)
        _, reports = self.maintain(1)
        said = {row["domain"]: (row["action"], row["detail"]) for row in reports}
        self.assertEqual([said[name][0] for name in names], ["failed", "failed", "failed", "activated"])
        self.assertIn("p= is another key", said["b.example"][1])
        self.assertIn("chmod 0640", said["c.example"][1])
        states = {row["domain"]: row["state"] for row in self.rows("dkim", "list")}
        self.assertEqual([states[name] for name in names], ["pending", "pending", "active", "active"])

    def test_a_setting_that_is_wrong_fails_its_tenants_keys_only(self):
        self.done("tenant", "add", "beta")
        self.done("domain", "add", "beta", "beta.example")
        first = self.active()
        self.active("beta.example")
        self.done("setting", "set", "dkim.rotate_days", "30")
        self.assert_refused(["setting", "set", "dkim.rotate_days", "3651"], "between 0 and 3650")
        self.sql(
            "INSERT INTO setting (tenant_id, name, value)"
            " SELECT id, 'dkim.rotate_days', 'soon' FROM tenant WHERE name = 'acme'"
        )
        self.age("active", 31)
        self.age("active", 31, "beta.example")
        _, reports = self.maintain(1)
        self.assertEqual([(row["domain"], row["action"]) for row in reports],
                         [("acme.example", "failed"), ("beta.example", "made")])
        self.assertIn("'soon'", reports[0]["detail"])
        self.assertEqual(self.states(), {first: "active"})

    def test_the_text_says_what_to_publish_and_nothing_when_nothing_is_due(self):
        self.active()
        self.assertEqual(self.with_dns("dkim", "maintain").stdout, "")
        self.done("setting", "set", "dkim.rotate_days", "30", "acme")
        self.age("active", 31)
        text = self.with_dns("dkim", "maintain").stdout
        self.assertIn(": made: publish its record\n", text)
        (pending,) = [row for row in self.rows("dkim", "record", "acme.example") if row["state"] == "pending"]
        self.assertIn(pending["zone"], text)


class Verification(DnsCase):
    def signed(self, algorithm):
        plain, out = f"{self.directory}/plain", f"{self.directory}/signed"
        with open(plain, "w", encoding="ascii", newline="") as file:
            file.write(MESSAGE)
        probe = [f"{build_directory()}/tests/dkim/dkim_probe", algorithm, "acme.example", "s", plain, out]
        public = subprocess.run(probe, check=True, capture_output=True, text=True).stdout.strip()
        self.zone.names["s._domainkey.acme.example"] = [{"TXT": f"v=DKIM1; k={algorithm}; p={public}"}]
        with open(out, encoding="ascii", newline="") as file:
            return file.read()

    def verdict(self, message, status):
        result = self.with_dns("dkim", "verify", "--json", stdin=message)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        (verdict,) = json.loads(result.stdout)["signatures"]
        return verdict

    def test_each_algorithm_passes_with_either_line_end(self):
        for algorithm, name in (("rsa", "rsa-sha256"), ("ed25519", "ed25519-sha256")):
            message = self.signed(algorithm)
            for text in (message, message.replace("\r\n", "\n")):
                verdict = self.verdict(text, 0)
                self.assertEqual((verdict["result"], verdict["algorithm"]), ("pass", name))
                self.assertEqual((verdict["domain"], verdict["selector"]), ("acme.example", "s"))

    def test_a_failure_comes_with_its_reason(self):
        message = self.signed("rsa")
        verdict = self.verdict(message + "more\r\n", 1)
        self.assertEqual((verdict["result"], verdict["reason"]), ("fail", "the body was changed"))
        verdict = self.verdict(message.replace("Subject: one", "Subject: two"), 1)
        self.assertEqual(verdict["result"], "fail")
        self.assertIn("header was changed", verdict["reason"])
        self.zone.names["s._domainkey.acme.example"] = [{"SERVFAIL": True}]
        self.assertEqual(self.verdict(message, 1)["result"], "temperror")
        del self.zone.names["s._domainkey.acme.example"]
        self.assertEqual(self.verdict(message, 1)["result"], "permerror")
        self.zone.names["s._domainkey.acme.example"] = [{"TXT": "x" * 60000}]
        self.assertEqual(self.verdict(message, 1)["result"], "permerror")

    def test_a_message_without_a_signature_says_so(self):
        result = self.with_dns("dkim", "verify", stdin=MESSAGE)
        self.assertEqual((result.returncode, result.stdout), (1, "no signature\n"))


class Spf(DnsCase):
    def spf(self, address, *words):
        result = self.with_dns("spf", "--ip", address, "--from", "a@acme.example", "--helo", "mx.acme.example", *words)
        return result.returncode, result.stdout

    def test_result_explanation_lookups_and_records_are_told(self):
        self.zone.names["acme.example"] = [{"TXT": "v=spf1 include:ours.example -all exp=why.example"}]
        self.zone.names["ours.example"] = [{"TXT": "v=spf1 ip4:192.0.2.7 -all"}]
        self.zone.names["why.example"] = [{"TXT": "%{i} may not"}]
        status, text = self.spf("192.0.2.7", "--json")
        answer = json.loads(text)
        self.assertEqual((status, answer["result"], answer["lookups"], answer["void_lookups"]), (0, "pass", 1, 0))
        self.assertEqual([record["domain"] for record in answer["records"]], ["acme.example", "ours.example"])
        status, text = self.spf("192.0.2.8")
        self.assertEqual(status, 1)
        self.assertIn("result: fail\n", text)
        self.assertIn("explanation: 192.0.2.8 may not\n", text)
        self.assertIn("v=spf1 ip4:192.0.2.7 -all", text)

    def test_an_address_that_is_none_is_refused(self):
        self.assert_refused(["spf", "--ip", "x", "--from", "a@b.example", "--helo", "c"], "x")
        self.assert_refused(["spf", "--ip", "192.0.2.7"], "--from is missing", status=2)


class DomainCheck(DnsCase):
    def setUp(self):
        super().setUp()
        self.done("egress", "group", "add", "green")
        self.sql(
            "INSERT INTO egress_ip (address, helo_name, egress_group_id)"
            " SELECT '192.0.2.7', 'mx.provider.example', id FROM egress_group"
        )
        self.done("setting", "set", "egress.default_group", "green")
        self.done("setting", "set", "spf.include", "spf.provider.example")
        self.zone.names["spf.provider.example"] = [{"TXT": "v=spf1 ip4:192.0.2.7 -all"}]

    def check(self, domain, status):
        result = self.with_dns("domain", "check", domain, "--json")
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return json.loads(result.stdout)

    def test_publishing_what_is_proposed_makes_a_domain_good(self):
        self.rows("dkim", "create", "acme.example")
        before = self.check("acme.example", 1)
        self.assertEqual([before[part]["health"] for part in ("spf", "dkim", "dmarc")], ["missing"] * 3)
        self.assertEqual(len(before["publish"]), 3)
        self.publish(before["publish"])
        self.assertEqual(self.with_dns("dkim", "activate", "acme.example").returncode, 0)
        after = self.check("acme.example", 0)
        self.assertEqual([after[part]["health"] for part in ("spf", "dkim", "dmarc")], ["good"] * 3)
        self.assertEqual((after["spf"]["includes_ours"], after["dkim"]["aligned"]), (True, True))
        self.assertEqual((after["dmarc"]["policy"], after["publish"]), ("none", []))

    def test_a_covered_subdomain_is_checked_with_the_key_above(self):
        (key,) = self.rows("dkim", "create", "acme.example", "--algorithm", "ed25519")
        self.publish([key])
        self.with_dns("dkim", "activate", "acme.example")
        found = self.check("news.acme.example", 1)
        self.assertEqual((found["dkim"]["health"], found["dkim"]["aligned"]), ("good", True))
        self.assertEqual(found["dkim"]["keys"][0]["domain"], "acme.example")
        self.assertEqual(found["spf"]["health"], "missing")

    def test_a_bulk_domain_is_checked_for_the_bulk_addresses(self):
        self.zone.names["acme.example"] = [{"TXT": "v=spf1 ip4:192.0.2.7 -all"}]
        self.assertEqual(self.check("acme.example", 1)["spf"]["health"], "good")
        self.done("egress", "group", "add", "mailings")
        self.done("egress", "add", "192.0.2.8", "--helo", "news.provider.example", "--group", "mailings")
        self.done("setting", "set", "bulk.egress_group", "mailings")
        self.done("domain", "set", "acme.example", "--stream", "bulk")
        self.assertEqual(self.check("acme.example", 1)["spf"]["health"], "wrong")

    def test_the_text_shows_zone_lines_to_paste(self):
        self.rows("dkim", "create", "acme.example", "--algorithm", "ed25519")
        text = self.with_dns("domain", "check", "acme.example").stdout
        self.assertIn('acme.example. IN TXT "v=spf1 include:spf.provider.example ~all"\n', text)
        self.assertIn('_dmarc.acme.example. IN TXT "v=DMARC1; p=none"\n', text)
        self.assertIn("._domainkey.acme.example. IN TXT (", text)

    def test_a_domain_of_nobody_is_refused(self):
        self.assert_refused(["domain", "check", "nobody.example"], "no tenant's")


if __name__ == "__main__":
    unittest.main()

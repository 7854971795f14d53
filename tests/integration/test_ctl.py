# SPDX-License-Identifier: BSD-2-Clause
"""easymailctl by its words, its exit status, its JSON and what it does to a Postfix of its own."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import unittest

from harness import ROOT, build_directory, free_port, wait_for
from scene import ALPHA, ALPHA_IP, HELD, STRANGER, RelayCase
from sink import Sink
from smtp import message

CTL = f"{build_directory()}/ctl/easymailctl"
GREEN, BLUE, BLUE_TOO = "127.0.21.1", "127.0.22.1", "127.0.22.2"


class CtlCase(unittest.TestCase):
    """A directory with a configuration and an empty database for each test."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="ec.", dir="/tmp")
        os.chmod(self.directory, 0o755)
        self.addCleanup(shutil.rmtree, self.directory)
        self.config = f"{self.directory}/easymail.conf"
        self.database = f"{self.directory}/tenants.db"
        self.etc = f"{self.directory}/etc"
        self.sockets = f"{self.directory}/queue/easymail"
        self.write_config()
        self.done("db", "init")

    def write_config(self, **others):
        options = {
            "database": self.database,
            "journal": f"{self.directory}/journal.db",
            "tracker.replies": f"{self.directory}/replies",
            "tracker.control_socket": f"{self.directory}/tracker.sock",
            "log.target": "stderr",
            "mapd.socket": f"{self.sockets}/mapd.sock",
            "milter.socket": f"{self.sockets}/milter.sock",
            "milter.control_socket": f"{self.directory}/control.sock",
            "postfix.config_directory": self.etc,
            **{name.replace("__", "."): value for name, value in others.items()},
        }
        with open(self.config, "w", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in options.items())

    def ctl(self, *words, stdin=""):
        command = [CTL, "-c", self.config, *words]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=60)

    def done(self, *words):
        result = self.ctl(*words)
        self.assertEqual(result.returncode, 0, f"{words}: {result.stdout}{result.stderr}")
        return result.stdout

    def rows(self, *words):
        return json.loads(self.done(*words, "--json"))

    def assert_refused(self, words, *parts, status=1):
        result = self.ctl(*words)
        self.assertEqual(result.returncode, status, f"{words}: {result.stdout}{result.stderr}")
        for part in parts:
            self.assertIn(part, result.stderr)

    def sql(self, text):
        with sqlite3.connect(self.database, timeout=10) as database:
            database.execute(text)
        database.close()


class Words(CtlCase):
    def test_mistyped_words_are_usage_errors_with_the_nearest_word(self):
        self.assert_refused(["tennant", "list"], "tennant", "did you mean `tenant`?", status=2)
        self.assert_refused(["tenant", "remove", "x"], "no such verb", status=2)
        self.assert_refused(["tenant", "add"], "NAME is missing", status=2)
        self.assert_refused(["host", "add", "a", "127.0.0.1", "--shard"], "did you mean `--shared`?", status=2)
        self.assert_refused([], "usage: easymailctl", status=2)

    def test_help_shows_every_noun(self):
        usage = self.done("help")
        for noun in ("tenant", "domain", "host", "egress", "setting", "db", "postfix", "status", "check"):
            self.assertRegex(usage, rf"\n  {noun}[ \n]")
        self.assertNotIn("tenant add", self.done("egress", "--help"))

    def test_a_configuration_that_is_wrong_is_named(self):
        with open(self.config, "a", encoding="utf-8") as file:
            file.write("no.such = 1\n")
        self.assert_refused(["tenant", "list"], self.config, "no.such")


class Policy(CtlCase):
    def setUp(self):
        super().setUp()
        self.done("egress", "group", "add", "green")
        self.done("tenant", "add", "acme", "--title", "Acme & Co", "--group", "green")
        self.done("tenant", "add", "beta", "--state", "pending")

    def test_a_tenant_is_listed_as_table_and_as_json(self):
        (acme, beta) = self.rows("tenant", "list")
        self.assertEqual((acme["name"], acme["state"], acme["group"]), ("acme", "active", "green"))
        self.assertEqual((beta["state"], beta["group"]), ("pending", None))
        lines = self.done("tenant", "list").splitlines()
        self.assertEqual(lines[0].split(), ["NAME", "STATE", "GROUP", "DOMAINS", "HOSTS", "TITLE"])
        self.assertEqual(lines[1].index("active"), lines[2].index("pending"))

    def test_a_tenants_state_follows_its_verbs(self):
        for verb, state in (("suspend", "suspended"), ("activate", "active"), ("close", "closed")):
            self.done("tenant", verb, "acme")
            self.assertEqual(self.rows("tenant", "show", "acme")["state"], state)
        self.assert_refused(["tenant", "suspend", "nobody"], "nobody", "tenant list")

    def test_notice_lets_a_closing_tenant_send(self):
        self.done("tenant", "close", "acme", "--notice")
        self.assertEqual(self.rows("tenant", "show", "acme")["state"], "closing")

    def test_a_change_that_is_refused_in_part_leaves_nothing(self):
        self.assert_refused(["tenant", "set", "acme", "--title", "other", "--group", "nowhere"], "nowhere")
        self.assertEqual(self.rows("tenant", "show", "acme")["title"], "Acme & Co")

    def test_a_tenant_with_domains_is_deleted_only_when_asked_for_all(self):
        self.done("domain", "add", "acme", "acme.example")
        self.assert_refused(["tenant", "delete", "acme"], "acme")
        self.done("tenant", "delete", "acme", "--all")
        self.assertEqual([row["name"] for row in self.rows("tenant", "list")], ["beta"])
        self.assertEqual(self.rows("domain", "list"), [])

    def test_a_domain_is_found_however_it_is_spelled(self):
        self.done("domain", "add", "acme", "MÜLLER.example.", "--subdomains")
        (row,) = self.rows("domain", "list", "acme")
        self.assertEqual((row["domain"], row["subdomains"]), ("xn--mller-kva.example", True))
        self.assertEqual(self.rows("domain", "find", "www.müller.example")["tenant"], "acme")
        self.assert_refused(["domain", "show", "www.müller.example"], "domain find")

    def test_a_domain_belongs_to_one_tenant(self):
        self.done("domain", "add", "acme", "acme.example", "--subdomains")
        self.assert_refused(["domain", "add", "beta", "acme.example"], "acme")
        self.assert_refused(["domain", "add", "beta", "sub.acme.example"], "acme")
        self.done("domain", "set", "acme.example", "--tenant", "beta", "--subdomains", "no")
        self.assertEqual(self.rows("domain", "show", "acme.example")["tenant"], "beta")
        self.assert_refused(["domain", "set", "acme.example", "--subdomains", "maybe"], "maybe")
        self.done("domain", "set", "acme.example", "--stream", "bulk")
        self.assertEqual(self.rows("domain", "show", "acme.example")["stream"], "bulk")
        self.assert_refused(["domain", "set", "acme.example", "--stream", "suspect"], "suspect")

    def test_a_relay_host_tells_whose_it_is(self):
        self.done("host", "add", "acme", "192.0.2.0/24")
        self.done("host", "add", "beta", "2001:DB8::/32")
        self.assertEqual([row["tenant"] for row in self.rows("host", "find", "::ffff:192.0.2.7")], ["acme"])
        self.assertEqual([row["network"] for row in self.rows("host", "list", "beta")], ["2001:db8::/32"])
        self.assert_refused(["host", "find", "198.51.100.1"], "198.51.100.1")
        self.assert_refused(["host", "add", "acme", "192.0.2.1/24"], "192.0.2.1", "192.0.2.0/24")

    def test_two_tenants_share_a_host_only_when_both_say_so(self):
        self.done("host", "add", "acme", "192.0.2.9")
        self.assert_refused(["host", "add", "beta", "192.0.2.9", "--shared"], "acme")
        self.done("host", "set", "acme", "192.0.2.9", "--shared", "yes")
        self.assert_refused(["host", "set", "acme", "192.0.2.9"], "--stream")
        self.assert_refused(["host", "set", "acme", "192.0.2.9", "--stream", "fast"], "fast")
        self.done("host", "set", "acme", "192.0.2.9", "--stream", "bulk")
        self.done("host", "add", "beta", "192.0.2.9", "--shared")
        self.assertEqual(len(self.rows("host", "find", "192.0.2.9")), 2)
        self.done("host", "delete", "acme", "192.0.2.9")
        self.assertEqual([row["tenant"] for row in self.rows("host", "list")], ["beta"])

    def test_a_setting_falls_back_from_tenant_to_provider_to_default(self):
        def value():
            row = self.rows("setting", "get", "from.policy", "acme")
            return row["value"], row["origin"]

        self.assertEqual(value(), ("enforce", "default"))
        self.done("setting", "set", "from.policy", "tag")
        self.assertEqual(value(), ("tag", "provider"))
        self.done("setting", "set", "from.policy", "off", "acme")
        self.assertEqual(value(), ("off", "tenant"))
        self.done("setting", "unset", "from.policy", "acme")
        self.assertEqual(value(), ("tag", "provider"))
        self.assert_refused(["setting", "set", "from.policy", "perhaps"], "perhaps", "enforce")
        self.assert_refused(["setting", "get", "no.such"], "no.such", "from.policy")

    def test_an_egress_address_has_a_group_and_a_state(self):
        self.done("egress", "add", "2001:DB8::7", "--helo", "mx.provider.example", "--group", "green", "--weight", "7")
        row = self.rows("egress", "show", "2001:db8::7")
        self.assertEqual((row["transport"], row["weight"], row["state"]), ("easymail-2001-db8--7", 7, "active"))
        self.assert_refused(["egress", "set", "2001:db8::7", "--weight", "0"], "--weight", "1 to 1000")
        self.assert_refused(["egress", "add", "192.0.2.9", "--helo", "x.example", "--group", "nowhere"], "nowhere")
        self.assert_refused(["egress", "group", "delete", "green"], "green")

    def test_which_transport_is_mapds_to_say(self):
        self.assert_refused(["egress", "which", "a@acme.example"], "mapd")
        self.assert_refused(["egress", "which", "<>"], "null sender")


class Database(CtlCase):
    def test_check_names_a_row_that_plain_sql_got_wrong(self):
        self.assertEqual(self.rows("db", "check"), [])
        self.done("tenant", "add", "acme")
        self.sql("INSERT INTO setting (tenant_id, name, value) VALUES (0, 'from.policy', 'perhaps')")
        result = self.ctl("db", "check", "--json")
        self.assertEqual(result.returncode, 1)
        (finding,) = [finding for finding in json.loads(result.stdout) if finding["table"] == "setting"]
        self.assertEqual((finding["field"], finding["value"]), ("from.policy", "perhaps"))
        self.assertTrue(finding["mend"])

    def test_a_backup_is_a_database_and_is_not_overwritten(self):
        self.done("tenant", "add", "acme")
        copy = f"{self.directory}/copy.db"
        self.done("db", "backup", copy)
        self.assert_refused(["db", "backup", copy], copy)
        self.write_config(database=copy)
        self.assertEqual(self.rows("tenant", "show", "acme")["name"], "acme")

    def test_the_journal_is_made_checked_and_copied_with_it(self):
        journal, copy = f"{self.directory}/journal.db", f"{self.directory}/journal-copy.db"
        self.assertEqual(self.rows("journal", "audit"), [])
        self.done("db", "backup", f"{self.directory}/copy.db", "--journal", copy)
        with open(journal, "r+b") as file:
            file.write(b"x" * 8192)
        for suffix in ("-wal", "-shm"):
            os.unlink(journal + suffix)
        result = self.ctl("db", "check", "--json")
        self.assertEqual([finding["field"] for finding in json.loads(result.stdout)], ["journal"])
        self.assert_refused(["journal", "audit"], "journal.db")
        os.rename(copy, journal)
        self.assertEqual(self.rows("db", "check"), [])
        os.unlink(journal)
        self.done("db", "init")  # an upgrade of an installation that had none
        self.assertEqual(self.rows("journal", "replies"), [])

    def test_a_database_that_is_missing_or_corrupt_is_refused(self):
        self.write_config(database=f"{self.directory}/none.db")
        self.assert_refused(["tenant", "list"], "none.db")
        self.assert_refused(["db", "migrate"], "db init")
        with open(f"{self.directory}/none.db", "wb") as file:
            file.write(b"x" * 8192)
        self.assert_refused(["tenant", "list"], "none.db")
        self.assert_refused(["db", "init"], "none.db")

    def test_a_locked_database_is_refused_and_not_half_changed(self):
        self.write_config(database__busy_timeout="200ms")
        with sqlite3.connect(self.database, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            self.assert_refused(["tenant", "add", "acme"], "locked")
            other.execute("ROLLBACK")
        other.close()
        self.assertEqual(self.rows("tenant", "list"), [])

    def test_init_leaves_a_database_alone(self):
        self.done("tenant", "add", "acme")
        self.done("db", "init")
        self.assertEqual(self.rows("db", "info")["tenants"], 1)


class PostfixCase(CtlCase):
    """With a private Postfix that is laid out, not started, and two groups."""

    def setUp(self):
        super().setUp()
        self.sink = Sink(f"{self.directory}/sink", free_port())
        self.instance("create", str(free_port()), self.sink.nexthop)
        os.makedirs(self.sockets)
        for group, *addresses in (("green", GREEN), ("blue", BLUE, BLUE_TOO)):
            self.done("egress", "group", "add", group)
            for number, address in enumerate(addresses):
                self.done("egress", "add", address, "--helo", f"{group}{number}.provider.example", "--group", group)

    def instance(self, verb, *words):
        command = [f"{ROOT}/scripts/run-postfix", verb, self.directory, *words]
        subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)

    def files(self):
        return [self.read(f"{self.etc}/{name}") for name in ("main.cf", "master.cf")]

    @staticmethod
    def read(path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def postconf(self, *words):
        command = ["/usr/sbin/postconf", "-c", self.etc, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout.strip()


class Apply(PostfixCase):
    def test_diff_changes_nothing(self):
        before = self.files(), sorted(os.listdir(self.etc))
        self.assertIn("+ main.cf: smtp_bind_address_enforce = yes\n", self.done("postfix", "diff"))
        self.assertEqual((self.files(), sorted(os.listdir(self.etc))), before)

    def test_apply_does_what_diff_shows_once(self):
        shown = self.done("postfix", "diff")
        before = self.files()
        self.assertTrue(self.done("postfix", "apply").startswith(shown))
        after = self.files()
        self.assertEqual(self.rows("postfix", "diff"), [])
        self.assertEqual(self.rows("postfix", "apply"), [])
        self.assertEqual(self.files(), after)
        backups = sorted(name for name in os.listdir(self.etc) if ".cf." in name)
        self.assertEqual([self.read(f"{self.etc}/{name}") for name in backups], before)

    def test_apply_touches_nothing_that_it_does_not_own(self):
        self.postconf("-e", "smtpd_milters=inet:127.0.0.1:11332", "message_size_limit=12345", "smtputf8_enable=no")
        before = set(self.postconf("-M").splitlines())
        self.done("postfix", "apply")
        self.assertEqual(
            self.postconf("-h", "smtpd_milters"),
            "inet:127.0.0.1:11332, { unix:easymail/milter.sock, default_action=tempfail }",
        )
        self.assertEqual(self.postconf("-h", "message_size_limit", "smtputf8_enable"), "12345\nno")
        added = set(self.postconf("-M").splitlines()) - before
        self.assertTrue(before <= set(self.postconf("-M").splitlines()))
        self.assertTrue(all(line.startswith("easymail-") for line in added), added)

    def test_what_is_deleted_from_the_database_goes_from_postfix(self):
        self.done("postfix", "apply")
        self.done("egress", "delete", GREEN)
        self.done("egress", "group", "delete", "green")
        self.done("postfix", "apply")
        services, main = self.postconf("-M"), self.read(f"{self.etc}/main.cf")
        self.assertNotIn(f"easymail-{GREEN}", services)
        self.assertNotIn("easymail-group-green", services)
        self.assertNotIn("easymail_group_green", main)
        self.assertIn(f"easymail-{BLUE}", services)

    def test_an_address_that_the_host_does_not_have_is_refused(self):
        self.done("egress", "add", "203.0.113.77", "--helo", "x.provider.example", "--group", "green")
        before = self.files()
        self.assert_refused(["postfix", "apply"], "203.0.113.77", "egress down")
        self.assertEqual(self.files(), before)
        self.done("egress", "down", "203.0.113.77")
        self.done("postfix", "apply")

    def test_sockets_out_of_the_chroots_reach_are_refused(self):
        self.write_config(mapd__socket="/run/easymail/mapd.sock")
        self.assert_refused(["postfix", "apply"], "mapd.socket", "/run/easymail/mapd.sock", "queue_directory")

    def test_a_configuration_that_cannot_be_written_stays_whole(self):
        before = self.files()
        shutil.copytree(self.etc, f"{self.directory}/kept")
        with open(f"{self.etc}/easymail", "w", encoding="utf-8"):
            pass  # where the tables' directory should be
        self.assert_refused(["postfix", "apply"], "easymail")
        self.assertEqual(self.files(), before)

    def test_a_change_that_fails_half_way_is_undone(self):
        before = self.files()
        os.mkdir(f"{self.etc}/main.cf.tmp")  # postconf's own name: master.cf can be changed, main.cf cannot
        self.assert_refused(["postfix", "apply"], "main.cf.tmp")
        self.assertEqual(self.files(), before)
        os.rmdir(f"{self.etc}/main.cf.tmp")
        self.done("postfix", "apply")

    def test_a_group_without_usable_address_is_bound_to_none(self):
        self.done("postfix", "apply")
        self.done("egress", "down", GREEN, "--reason", "listed")
        self.assertEqual(self.postconf("-h", "easymail_group_green_address"), "192.0.0.8")
        self.assertEqual(self.postconf("-h", "easymail_group_green_log"), "none")
        self.assertEqual(self.rows("postfix", "diff"), [])
        self.done("egress", "up", GREEN)
        self.assertEqual(self.postconf("-h", "easymail_group_green_address"), GREEN)

    def test_status_names_what_would_open_the_relay(self):
        def findings():
            result = self.ctl("status", "--json")
            self.assertEqual(result.returncode, 1)
            return "\n".join(part["finding"] for part in json.loads(result.stdout)["parts"] if not part["well"])

        self.done("postfix", "apply")
        self.assertNotIn("smtpd_relay_restrictions", findings())
        self.postconf("-e", "smtpd_relay_restrictions=permit_mynetworks, reject")
        self.postconf("-e", "smtpd_milters=unix:easymail/milter.sock")
        self.postconf("-e", "smtp_bind_address_enforce=no", "transport_maps=inline:{x=smtp:}")
        self.postconf("-P", "pickup/unix/smtpd_milters=")
        found = findings()
        for part in ("permit_mynetworks", "default_action=tempfail", "smtp_bind_address_enforce", "transport_maps"):
            self.assertIn(part, found)
        for part in ("overrides main.cf", "changes are due", "mapd.sock", "control.sock", "does not run"):
            self.assertIn(part, found)


class Rebind(PostfixCase):
    """The null senders' transport of a group, on a Postfix that runs."""

    def setUp(self):
        super().setUp()
        self.done("postfix", "apply")
        self.postconf("-e", "sender_dependent_default_transport_maps=", "default_transport=easymail-group-blue:")
        self.sink.start()
        self.addCleanup(self.sink.stop)
        self.addCleanup(self.instance, "stop")
        self.instance("start")

    def send(self, mark):
        command = ["/usr/sbin/sendmail", "-C", f"{self.etc}/main.cf", "-f", "", "somebody@dest.example"]
        subprocess.run(command, input=message("b@beta.example", mark), check=True, timeout=20)

    def source(self, mark, seconds=20):
        return wait_for(lambda: self.sink.of(mark), seconds, f"{mark} to arrive")[0].source

    def flush(self):
        subprocess.run(["/usr/sbin/postqueue", "-c", self.etc, "-f"], check=True, timeout=20)

    def test_new_and_queued_mail_follow_the_group_without_a_reload(self):
        self.send("first")
        before = self.source("first")
        (after,) = {BLUE, BLUE_TOO} - {before}
        self.sink.stop()
        self.send("queued")
        wait_for(lambda: "status=deferred" in self.read(f"{self.directory}/maillog"), what="the queue to hold it")
        self.done("egress", "down", before)
        self.sink.start()
        self.flush()
        self.assertEqual(self.source("queued"), after)
        self.send("second")
        self.assertEqual(self.source("second"), after)
        self.assertNotIn("reload", self.read(f"{self.directory}/maillog"))

    def test_mail_that_no_address_was_chosen_for_waits(self):
        self.done("postfix", "apply")
        self.postconf("-e", "sender_dependent_default_transport_maps=")
        self.instance("stop")
        self.instance("start")
        self.send("homeless")
        log = f"{self.directory}/maillog"
        wait_for(lambda: "easymail knows no egress address" in self.read(log), what="the queue to hold it")
        self.assertEqual(self.sink.deliveries(), [])

    def test_an_ipv6_address_takes_over_and_is_kept_apart(self):
        six = Sink(f"{self.directory}/six", free_port(), host="::1")
        six.start()
        self.addCleanup(six.stop)
        self.done("egress", "add", "::1", "--helo", "six.provider.example", "--group", "blue")
        for address in (BLUE, BLUE_TOO):
            self.done("egress", "down", address)
        self.send("over four")
        wait_for(lambda: "status=deferred" in self.read(f"{self.directory}/maillog"), what="the queue to hold it")
        self.assertEqual(self.sink.deliveries(), [])  # the sink has no IPv6 address
        self.postconf("-e", f"relayhost={six.nexthop}", f"default_filter_nexthop={six.nexthop}")
        self.instance("stop")
        self.instance("start")
        self.flush()
        wait_for(lambda: six.of("over four"), what="the mail to arrive")
        (arrived,) = six.of("over four")
        self.assertEqual((arrived.source, arrived.helo), ("::1", "six.provider.example"))

    def test_mail_of_a_group_that_is_down_waits_and_leaves_from_the_right_address(self):
        self.send("first")
        self.source("first")
        for address in (BLUE, BLUE_TOO):
            self.done("egress", "down", address)
        self.send("held")
        wait_for(lambda: "bind 192.0.0.8" in self.read(f"{self.directory}/maillog"), what="the bind to be refused")
        self.flush()
        with self.assertRaises(AssertionError):
            self.source("held", seconds=3)
        self.done("egress", "up", BLUE_TOO)
        self.flush()
        self.assertEqual(self.source("held"), BLUE_TOO)


class Check(CtlCase):
    words = ("check", "--client-ip", "192.0.2.1", "--from", "a@b.example", "--to", "c@d.example")

    def test_a_milter_that_is_down_is_no_verdict(self):
        os.makedirs(self.sockets)
        self.assert_refused(self.words, "easymail-milter", "milter.sock")

    def test_a_milter_that_hangs_up_is_no_verdict(self):
        os.makedirs(self.sockets)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"{self.sockets}/milter.sock")
            listener.listen()
            thread = threading.Thread(target=lambda: listener.accept()[0].close())
            thread.start()
            self.assert_refused(self.words, "easymail-milter")
            thread.join()

    def test_an_address_that_is_none_is_named(self):
        self.assert_refused(("check", "--client-ip", "192.0.2", "--from", "", "--to", "c@d.example"), "192.0.2")


class Running(RelayCase):
    """With all parts of a relay."""

    def check(self, client, sender, *recipients, author="a@alpha.example", body=""):
        words = ["check", "--client-ip", client, "--helo", "mx.alpha.example", "--from", sender, "--json"]
        for recipient in recipients or ("x@dest.example",):
            words += ["--to", recipient]
        return json.loads(self.relay.ctl(*words, stdin=message(author, "check") + body.encode()).stdout)

    def test_a_check_tells_tenant_and_egress_and_sends_nothing(self):
        answer = self.check(ALPHA, "a@alpha.example", "x@dest.example", "<y@dest.example>")
        self.assertEqual((answer["verdict"], answer["filter"], answer["tenant"]), ("accept", "", "alpha"))
        self.assertEqual(answer["egress"], f"easymail-{ALPHA_IP}")
        self.assertEqual((answer["way"], answer["return_path"]), ("corporate", ""))
        self.assertTrue(answer["reply"].startswith("250"))
        self.assertEqual(answer["headers"], [])
        self.assertEqual(self.relay.queue(), [])
        self.assertEqual(self.relay.sink.deliveries(), [])

    def test_a_check_shows_the_header_changes(self):
        answer = self.check(ALPHA, "<>")
        (change,) = answer["headers"]
        self.assertEqual((change["action"], change["name"], change["value"]), ("add", "X-Easymail-Egress", "green"))
        self.assertEqual(answer["message"][-1], "X-Easymail-Egress: green")

    def test_a_check_says_who_refused_and_how(self):
        for client, sender, author, verdict, reply in (
            (STRANGER, "a@alpha.example", "a@alpha.example", "reject", "550 5.7.1"),
            ("2001:db8::1", "a@alpha.example", "a@alpha.example", "reject", "550 5.7.1"),
            (ALPHA, "b@beta.example", "a@alpha.example", "reject", "550 5.7.1"),
            (ALPHA, "a@alpha.example", "b@beta.example", "reject", "550 5.7.1"),
            (HELD, "h@held.example", "h@held.example", "tempfail", "451 4.7.1"),
        ):
            answer = self.check(client, sender, author=author)
            self.assertEqual((answer["verdict"], answer["filter"]), (verdict, "tenant"), answer)
            self.assertTrue(answer["reply"].startswith(reply), answer)

    def test_a_check_takes_a_large_message(self):
        self.assertEqual(self.check(ALPHA, "a@alpha.example", body="line\n" * 200_000)["verdict"], "accept")

    def test_mapd_says_which_transport_carries_a_sender(self):
        answer = json.loads(self.relay.ctl("egress", "which", "Any.One@ALPHA.example", "--json").stdout)
        self.assertTrue(answer["transport"].startswith(f"easymail-{ALPHA_IP}:"), answer)

    def test_status_is_well_until_a_part_is_gone(self):
        self.assertTrue(json.loads(self.relay.ctl("status", "--json").stdout)["well"])
        for name in ("mapd", "milter"):
            self.relay.parts[name].stop()
            try:
                result = self.relay.ctl("status", "--json", check=False)
            finally:
                self.relay.parts[name].start()
            self.assertEqual(result.returncode, 1)
            bad = [part for part in json.loads(result.stdout)["parts"] if not part["well"]]
            self.assertEqual({part["part"] for part in bad}, {name})


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: BSD-2-Clause
"""No infected mail leaves, whatever the settings say and whatever becomes of the scanner."""

import json
import os
import signal
import subprocess
import threading
import time
import unittest

import attachments
from attachments import EICAR, attached
from harness import EICAR_SIGNATURE, Relay, wait_for
from scene import ALPHA, ALPHA_IP, RelayCase, populate

SENDER = "a@alpha.example"
SIGNATURE = "Eicar-Test-Signature"
OURS = "x-easymail-"


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
            return [int(child) for child in file.read().split()]
    except FileNotFoundError:
        return []


def leave_it_to_av(relay):
    """The content filter has nothing against programs, which viruses are, nor against depth."""
    for name in ("content.on_executable", "content.on_over_limit"):
        relay.ctl("setting", "set", name, "accept")


class AvCase(RelayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        leave_it_to_av(cls.relay)

    def submit(self, data, sender=SENDER):
        with self.relay.session(ALPHA) as session:
            return session.transaction(sender, ["somebody@dest.example"], data)

    def setting(self, name, value):
        self.relay.ctl("setting", "set", name, value, "alpha")
        self.addCleanup(self.relay.ctl, "setting", "unset", name, "alpha")
        time.sleep(0.1)

    def held(self, *arguments):
        return json_of(self.relay.ctl("quarantine", "list", *arguments, "--json"))

    def workers(self):
        """Process ids of the scanner's workers: its loaders' children."""
        scanner = self.relay.parts["scanner"].process.pid
        return [worker for loader in children(scanner) for worker in children(loader)]

    def postsuper(self, flag, queue_id):
        command = ["postsuper", "-c", f"{self.relay.directory}/etc", flag, queue_id]
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)

    def assert_held(self, mark, data):
        """Taken, held for alpha, not delivered; gives its row."""
        reply = self.submit(data)
        self.assertEqual(reply.code, 250, str(reply))
        queue_id = reply.text.rpartition(" ")[2]
        (row,) = [row for row in self.held("alpha") if row["id"] == queue_id]
        self.assertEqual((row["tenant"], row["filter"], row["from"]), ("alpha", "av", SENDER))
        self.relay.flush()
        self.assertEqual(self.relay.sink.wait(mark, seconds=1), [])
        return row

    def assert_delivered(self, mark, data):
        """Taken and delivered once; gives the delivery."""
        reply = self.submit(data)
        self.assertEqual(reply.code, 250, str(reply))
        (delivery,) = self.relay.sink.wait(mark)
        self.assertEqual(delivery.source, ALPHA_IP)
        return delivery


def json_of(result):
    return json.loads(result.stdout)


def our_headers(delivery):
    return {name.lower(): value for name, value in delivery.headers.items() if name.lower().startswith(OURS)}


class Verdicts(AvCase):
    def test_infected_mail_is_refused_and_the_signature_named(self):
        for name in attachments.infected(SENDER, "names"):
            with self.subTest(name):
                mark = self.mark()
                reply = self.submit(attachments.infected(SENDER, mark)[name])
                self.assert_refused(reply, 550, "5.7.1")
                self.assertIn(SIGNATURE, reply.text)
                self.assert_never_arrives(mark)

    def test_infected_mail_of_the_null_sender_is_refused(self):
        mark = self.mark()
        reply = self.submit(attached("postmaster@alpha.example", mark, EICAR), sender="")
        self.assert_refused(reply, 550, "5.7.1")
        self.assert_never_arrives(mark)

    def test_clean_pdf_arrives_as_it_was(self):
        mark = self.mark()
        data = attached(SENDER, mark, attachments.PDF, "a.pdf")
        delivery = self.assert_delivered(mark, data)
        self.assertEqual(our_headers(delivery), {})
        body = data.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"\n")
        self.assertIn(body, delivery.raw.replace(b"\r\n", b"\n"))

    def test_message_partial_is_refused(self):
        mark = self.mark()
        self.assert_refused(self.submit(attachments.partial(SENDER, mark)), 550, "5.7.1")
        self.assert_never_arrives(mark)

    def test_the_milter_maps_no_libclamav(self):
        maps = f"/proc/{self.relay.parts['milter'].process.pid}/maps"
        with open(maps, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("libmilter", text)
        self.assertNotIn("clam", text)

    def test_forged_headers_of_ours_do_nothing(self):
        mark = self.mark()
        forged = [
            "X-Easymail-Content: nothing found",
            "X-Easymail-Virus-Scan: nothing found",
            "X-Easymail-Quarantine: beta av: forged",
            "X-Easymail-Egress: blue",
            "X-Easymail-Warning: forged",
        ]
        delivery = self.assert_delivered(mark, attached(SENDER, mark, b"harmless", headers=forged))
        self.assertEqual(our_headers(delivery), {})
        mark = self.mark()
        self.assert_refused(self.submit(attached(SENDER, mark, EICAR, headers=forged)), 550, "5.7.1")
        self.setting("av.on_infected", "quarantine")
        row = self.assert_held(mark, attached(SENDER, mark, EICAR, headers=forged))
        self.assertIn(SIGNATURE, row["reason"])
        self.assertEqual(self.held("beta"), [])
        self.relay.ctl("quarantine", "delete", row["id"])


    def test_what_others_put_on_hold_is_not_ours_whatever_its_headers_say(self):
        mark = self.mark()
        self.relay.sink.stop()
        try:
            data = attached(SENDER, mark, b"harmless", headers=["X-Easymail-Quarantine: beta av: forged"])
            queue_id = self.submit(data).text.rpartition(" ")[2]
            self.postsuper("-h", queue_id)
            self.assertEqual(self.held(), [])
            deletion = self.relay.ctl("quarantine", "delete", queue_id, check=False)
            self.assertEqual(deletion.returncode, 1)
            self.postsuper("-H", queue_id)
        finally:
            self.relay.sink.start()
        self.relay.drain()
        self.assertEqual(len(self.relay.sink.of(mark)), 1)


class Settings(AvCase):
    """Each setting of av.* at work for one tenant."""

    def test_on_infected_quarantine_holds_until_released(self):
        self.setting("av.on_infected", "quarantine")
        mark = self.mark()
        row = self.assert_held(mark, attached(SENDER, mark, EICAR))
        self.assertIn(SIGNATURE, row["reason"])
        self.assertEqual(row["to"], ["somebody@dest.example"])
        shown = json_of(self.relay.ctl("quarantine", "show", row["id"], "--json"))
        self.assertIn(mark, shown["message"])
        self.relay.ctl("quarantine", "release", row["id"])
        (delivery,) = self.relay.sink.wait(mark)
        self.assertEqual(delivery.source, ALPHA_IP)
        self.assertEqual(our_headers(delivery), {})
        self.assertEqual(self.held(), [])

    def test_on_infected_quarantine_holds_until_deleted(self):
        self.setting("av.on_infected", "quarantine")
        mark = self.mark()
        row = self.assert_held(mark, attached(SENDER, mark, EICAR))
        self.relay.ctl("quarantine", "delete", row["id"])
        self.assertEqual(self.held(), [])
        self.assert_never_arrives(mark)

    def test_on_infected_discard_takes_and_drops(self):
        self.setting("av.on_infected", "discard")
        mark = self.mark()
        self.assertEqual(self.submit(attached(SENDER, mark, EICAR)).code, 250)
        self.assert_never_arrives(mark)
        self.assertIn("verdict=discard", self.relay.log_of("milter"))

    def findings(self, mark):
        """By the setting's name: a message that has what it is about."""
        return {
            "av.on_partial": attachments.partial(SENDER, mark),
            "av.on_encrypted_archive": attached(SENDER, mark, attachments.mails.encrypted_zip(), "a.zip"),
            "av.on_encrypted_document": attached(SENDER, mark, attachments.OFFICE_LOCKED, "a.docx"),
            "av.on_macros": attached(SENDER, mark, attachments.mails.macro_sheet(), "a.xls"),
            "av.on_over_limit": attachments.forwarded(
                SENDER, mark, attachments.mails.nested(attachments.mails.plain(), 100)
            ),
        }

    def check_finding(self, name, action):
        mark = self.mark()
        data = self.findings(mark)[name]
        if action in ("accept", "tag"):
            tags = our_headers(self.assert_delivered(mark, data))
            expected = {"x-easymail-virus-scan"} if action == "tag" or name == "av.on_over_limit" else set()
            self.assertEqual(set(tags), expected)
        elif action == "quarantine":
            self.relay.ctl("quarantine", "delete", self.assert_held(mark, data)["id"])
        elif action == "discard":
            self.assertEqual(self.submit(data).code, 250)
            self.assert_never_arrives(mark)
        else:
            self.assertEqual(self.submit(data).code, 550 if action == "reject" else 451)
            self.assert_never_arrives(mark)

    def test_each_finding_has_the_action_that_its_setting_names(self):
        for name in self.findings("names"):
            for action in ("accept", "tag", "tempfail", "quarantine", "discard", "reject"):
                with self.subTest(name, action=action):
                    self.setting(name, action)
                    self.check_finding(name, action)

    def test_a_setting_of_one_tenant_is_not_anothers(self):
        self.setting("av.on_infected", "quarantine")
        with self.relay.session("127.0.2.10") as session:
            data = attached("b@beta.example", self.mark(), EICAR)
            reply = session.transaction("b@beta.example", ["somebody@dest.example"], data)
        self.assert_refused(reply, 550, "5.7.1")

    def test_on_unknown(self):
        self.relay.parts["scanner"].stop()
        try:
            mark = self.mark()
            reply = self.submit(attached(SENDER, mark, b"harmless"))
            self.assert_refused(reply, 451, "4.3.0")
            self.assertNotIn(self.relay.directory, reply.text)
            self.assert_never_arrives(mark)
            self.setting("av.on_unknown", "quarantine")
            mark = self.mark()
            row = self.assert_held(mark, attached(SENDER, mark, EICAR))
            self.relay.ctl("quarantine", "delete", row["id"])
            self.setting("av.on_unknown", "accept")
            mark = self.mark()
            delivery = self.assert_delivered(mark, attached(SENDER, mark, b"harmless"))
            self.assertIn("Not scanned", our_headers(delivery)["x-easymail-virus-scan"])
        finally:
            self.relay.parts["scanner"].start()
            self.relay.wait_for_scanner()


class Traffic:
    """Clients that send clean and infected mail by turns, and try again what is answered 451."""

    def __init__(self, case, clients=3):
        self.case = case
        self.end = threading.Event()
        self.clean, self.infected, self.replies, self.faults = [], [], [], []
        self.threads = [threading.Thread(target=self._client, args=(number,)) for number in range(clients)]

    def __enter__(self):
        self.base = self.case.mark()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *unused):
        self.end.set()
        for thread in self.threads:
            thread.join(120)

    def _client(self, number):
        count = 0
        try:
            while not self.end.is_set():
                count += 1
                bad = count % 2 == 0
                mark = f"{self.base}-{number}-{count}"
                (self.infected if bad else self.clean).append(mark)
                data = attached(SENDER, mark, EICAR if bad else f"harmless {mark}".encode())
                self._send_until_decided(mark, data)
        except Exception as fault:  # a thread's own would only be printed
            self.faults.append(repr(fault))

    def _send_until_decided(self, mark, data):
        until = time.monotonic() + 60
        while True:
            reply = self.case.submit(data)
            self.replies.append((mark, reply))
            if reply.code != 451:
                return
            if time.monotonic() > until:
                raise AssertionError(f"{mark}: still {reply}")
            time.sleep(0.1)

    def wait_for_replies(self, count):
        goal = len(self.replies) + count
        wait_for(lambda: len(self.replies) >= goal or self.faults, 60, f"{count} more replies")

    def codes(self, marks):
        marks = set(marks)
        return {reply.code for mark, reply in self.replies if mark in marks}

    def assert_scanned(self, may_wait):
        """Nothing infected was taken, all that is clean arrived once."""
        case = self.case
        case.assertEqual(self.faults, [])
        case.assertTrue(self.clean and self.infected)
        case.assertLessEqual(self.codes(self.infected), {550, 451} if may_wait else {550})
        case.assertLessEqual(self.codes(self.clean), {250, 451} if may_wait else {250})
        case.relay.drain()
        for mark in self.clean:
            case.assertEqual(len(case.relay.sink.wait(mark)), 1, mark)
        for mark in self.infected:
            case.assertEqual(case.relay.sink.of(mark), [], mark)


class Faults(AvCase):
    def test_scanner_stopped(self):
        self.relay.parts["scanner"].stop()
        try:
            marks = [self.mark() for _ in range(4)]
            for mark, content in zip(marks, (b"harmless", EICAR, b"harmless", EICAR)):
                self.assert_refused(self.submit(attached(SENDER, mark, content)), 451, "4.3.0")
            status = self.relay.ctl("status", "--json", check=False)
            self.assertEqual(status.returncode, 1)
            bad = [part["part"] for part in json_of(status)["parts"] if not part["well"]]
            self.assertEqual(bad, ["scanner"])
        finally:
            self.relay.parts["scanner"].start()
            self.relay.wait_for_scanner()
        for mark in marks:
            self.assert_never_arrives(mark)
        self.assert_leaves_from(ALPHA_IP, ALPHA, SENDER)
        self.assertEqual(self.relay.ctl("status", check=False).returncode, 0)

    def test_scanner_killed_in_traffic(self):
        scanner = self.relay.parts["scanner"]
        with Traffic(self) as traffic:
            for _ in range(3):
                traffic.wait_for_replies(10)
                scanner.kill()
                time.sleep(0.3)
                scanner.start()
                self.relay.wait_for_scanner()
            traffic.wait_for_replies(10)
        self.assertIn(451, {reply.code for _, reply in traffic.replies})
        traffic.assert_scanned(may_wait=True)

    def test_workers_killed_in_traffic(self):
        before = self.relay.scanner_status()["workers_lost"]
        killed = set()  # one that was killed stays in the list until its loader has noticed
        with Traffic(self) as traffic:
            for _ in range(8):
                traffic.wait_for_replies(4)
                for pid in self.workers()[:1]:
                    os.kill(pid, signal.SIGKILL)
                    killed.add(pid)
            traffic.wait_for_replies(4)
        traffic.assert_scanned(may_wait=True)
        self.assertGreater(len(killed), 4)
        lost = before + len(killed)
        wait_for(lambda: self.relay.scanner_status()["workers_lost"] >= lost, what="the loss to be seen")

    def test_signatures_change_in_traffic_without_a_gap(self):
        before = self.relay.scanner_status()["generation"]
        with Traffic(self) as traffic:
            for number in range(5):
                later = f"Later-{number}:0:*:{f'later signature {number}'.encode().hex()}\n"
                self.relay.write_signatures("test.ndb", EICAR_SIGNATURE + later)
                self.relay.ctl("scanner", "reload")
                traffic.wait_for_replies(6)
        traffic.assert_scanned(may_wait=False)
        self.assertGreaterEqual(self.relay.scanner_status()["generation"], before + 5)

    def test_a_new_signature_counts_after_scanner_reload(self):
        text = b"a word that nobody knew yesterday"
        mark = self.mark()
        self.assert_delivered(mark, attached(SENDER, mark, text))
        self.relay.write_signatures("new.ndb", f"Word-Of-Today:0:*:{text.hex()}\n")
        self.relay.ctl("scanner", "reload")
        reply = self.submit(attached(SENDER, self.mark(), text))
        self.assert_refused(reply, 550, "5.7.1")
        self.assertIn("Word-Of-Today", reply.text)

    def test_bad_signatures_leave_the_old_ones_in_service(self):
        self.relay.write_signatures("broken.ndb", "rubbish\n")
        try:
            reload = self.relay.ctl("scanner", "reload", check=False)
            self.assertEqual(reload.returncode, 1)
            self.assertIn("the old signatures stay in service", reload.stderr)
            self.assertEqual(self.relay.ctl("scanner", "status", check=False).returncode, 1)
            self.assertEqual(self.relay.ctl("status", check=False).returncode, 1)
            self.assert_refused(self.submit(attached(SENDER, self.mark(), EICAR)), 550, "5.7.1")
            self.assert_leaves_from(ALPHA_IP, ALPHA, SENDER)
        finally:
            os.unlink(f"{self.relay.directory}/signatures/broken.ndb")
        self.relay.ctl("scanner", "reload")
        self.assertEqual(self.relay.ctl("scanner", "status").returncode, 0)


class Busy(AvCase):
    """One worker, room for one message to wait, and not for long. Its time to scan never ends here."""

    @classmethod
    def setUpClass(cls):
        settings = {"scanner.workers": "1", "scanner.queue_limit": "1", "scanner.queue_timeout": "500ms"}
        settings["scanner.timeout"] = "200s"
        cls.relay = Relay(settings=settings)
        cls.addClassCleanup(cls.relay.stop)
        cls.relay.start()
        populate(cls.relay)

    def test_too_many_at_once_are_answered_451_and_nothing_passes(self):
        (worker,) = self.workers()
        os.kill(worker, signal.SIGSTOP)
        replies = []
        first = threading.Thread(target=lambda: replies.append(self.submit(attached(SENDER, "first", b"harmless"))))
        first.start()
        try:
            wait_for(lambda: self.relay.scanner_status()["busy"] == 1, what="a worker that is busy")
            marks = [self.mark() for _ in range(3)]
            for mark, content in zip(marks, (b"harmless", EICAR, b"harmless")):
                self.assert_refused(self.submit(attached(SENDER, mark, content)), 451, "4.3.2")
            status = self.relay.scanner_status()
            self.assertEqual((status["queue_limit"], status["verdicts"]["busy"]), (1, 3))
        finally:
            os.kill(worker, signal.SIGKILL)
            first.join(60)
        self.assert_refused(replies[0], 451, "4.3.0")
        for mark in ("first", *marks):
            self.assert_never_arrives(mark)
        wait_for(lambda: self.workers() not in ([], [worker]), what="another worker")
        self.relay.wait_for_scanner()
        self.assert_leaves_from(ALPHA_IP, ALPHA, SENDER)


if __name__ == "__main__":
    unittest.main()

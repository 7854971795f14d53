# SPDX-License-Identifier: BSD-2-Clause
"""Spam does not leave: what rspamd says is done, and what it does not say is never taken for clean."""

import email.utils
import json
import os
import signal
import socket
import threading
import unittest

from harness import Relay, wait_for
from rspamd import Rspamd
from scene import ALPHA, ALPHA_IP, BETA, RelayCase, populate

SUSPECT_IP = "127.0.16.1"
SENDER = "a@alpha.example"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
HEADER = "X-Easymail-Spam"
PILLS, CASINO, LOTTERY = "PILLS", "CASINO", "LOTTERY"  # words that score 7, 11 and 20
RULES = """
local logger = require "rspamd_logger"
for word, score in pairs({PILLS = 7, CASINO = 11, LOTTERY = 20}) do
  rspamd_config:register_symbol{
    name = 'TEST_' .. word, type = 'normal', score = score,
    callback = function(task) return (task:get_header('X-Test') or ''):find(word) ~= nil end
  }
end
rspamd_config:register_symbol{
  name = 'TEST_NUMBER', type = 'normal', score = 20,
  callback = function(task) return (task:get_subject() or ''):find('666') ~= nil end
}
rspamd_config:register_symbol{
  name = 'TEST_LONG', type = 'normal', score = 7, callback = function(task) return task:get_size() > 60000 end
}
rspamd_config:register_symbol{
  name = 'TEST_TOLD', type = 'normal', score = 0,
  callback = function(task)
    local rcpts = {}
    for _, rcpt in ipairs(task:get_recipients('smtp') or {}) do rcpts[#rcpts + 1] = rcpt.addr end
    logger.errx(task, 'told of mark=%s user=%s ip=%s helo=%s from=%s rcpts=%s queue=%s', task:get_header('X-Mark'),
      task:get_user(), task:get_from_ip(), task:get_helo(), (task:get_from('smtp') or {{}})[1].addr,
      table.concat(rcpts, ','), task:get_request_header('Queue-Id'))
    return false
  end
}
"""
PAUSE, FAILURES, PROOFS = "300ms", 3, 3


class AntispamCase(RelayCase):
    timeout = "60s"  # the machine may be busy

    @classmethod
    def setUpClass(cls):
        cls.relay = Relay()
        cls.relay.settings |= {
            "antispam.engine": "rspamd",
            "antispam.socket": f"{cls.relay.directory}/rspamd/rspamd.sock",
            "antispam.timeout": cls.timeout,
            "antispam.breaker_pause": PAUSE,
            "antispam.breaker_failures": str(FAILURES),
            "dkim.key_file": f"{cls.relay.directory}/dkim.key",
            "dkim.key_file_group": "nogroup",
        }
        cls.addClassCleanup(cls.relay.stop)
        cls.relay.start()
        populate(cls.relay)
        cls.rspamd = Rspamd(f"{cls.relay.directory}/rspamd", lua=RULES)
        cls.addClassCleanup(cls.rspamd.stop)
        cls.rspamd.start()

    def submit(self, mark, word="", sender=SENDER, **parts):
        headers = [f"X-Test: {word}"] if word else []
        return self.relay.send(ALPHA, sender, mark, author=SENDER, headers=headers, **parts)

    def setting(self, name, value):
        """Of alpha; counts for the next message, as each reads the policy anew."""
        self.relay.ctl("setting", "set", f"antispam.{name}", value, "alpha")
        self.addCleanup(self.relay.ctl, "setting", "unset", f"antispam.{name}", "alpha")

    def state(self):
        return self.relay.milter_status()["antispam"]

    def assert_delivered(self, mark, reply, source=ALPHA_IP):
        self.assertEqual(reply.code, 250, str(reply))
        (delivery,) = self.relay.sink.wait(mark)
        self.assertEqual(delivery.source, source)
        return delivery

    def assert_held(self, mark, reply):
        self.assertEqual(reply.code, 250, str(reply))
        queue_id = reply.text.rpartition(" ")[2]
        held = json.loads(self.relay.ctl("quarantine", "list", "alpha", "--json").stdout)
        (row,) = [row for row in held if row["id"] == queue_id]
        self.assertEqual(row["filter"], "content")
        self.relay.ctl("quarantine", "delete", queue_id)
        self.assert_never_arrives(mark)
        return row


class Verdicts(AntispamCase):
    def test_gtube_is_refused_whatever_the_thresholds(self):
        for scores in ("15", "off"):
            self.setting("reject_score", scores)
            for sender in (SENDER, ""):
                mark = self.mark()
                reply = self.submit(mark, sender=sender, body=GTUBE)
                self.assert_refused(reply, 550, "5.7.1")
                self.assertIn("Gtube", reply.text)
                self.assert_never_arrives(mark)

    def test_ordinary_mail_arrives_without_a_word(self):
        mark = self.mark()
        self.assertIsNone(self.assert_delivered(mark, self.submit(mark)).headers.get(HEADER))

    def test_mail_over_a_threshold_is_tagged_held_or_refused(self):
        mark = self.mark()
        tag = self.assert_delivered(mark, self.submit(mark, PILLS)).headers[HEADER]
        self.assertIn("TEST_PILLS(7.00)", tag)
        mark = self.mark()
        self.assertIn("TEST_CASINO(11.00)", self.assert_held(mark, self.submit(mark, CASINO))["reason"])
        mark = self.mark()
        reply = self.submit(mark, LOTTERY)
        self.assert_refused(reply, 550, "5.7.1")
        self.assertNotIn("TEST_LOTTERY", reply.text)
        self.assertIn('symbols="TEST_LOTTERY(20.00)', self.relay.log_of("milter"))
        self.assert_never_arrives(mark)

    def test_thresholds_are_the_tenants_own(self):
        self.setting("reject_score", "7")
        self.assert_refused(self.submit(self.mark(), PILLS), 550, "5.7.1")
        mark = self.mark()
        headers = [f"X-Test: {PILLS}"]
        self.assertEqual(self.relay.send(BETA, "b@beta.example", mark, headers=headers).code, 250)
        self.assertEqual(len(self.relay.sink.wait(mark)), 1)
        self.setting("reject_score", "off")
        for name, code, status in (("tempfail_score", 451, "4.7.1"), ("reject_score", 550, "5.7.1")):
            self.setting(name, "6.5")
            self.assert_refused(self.submit(self.mark(), PILLS), code, status)
        self.setting("reject_score", "off")
        self.setting("quarantine_score", "7.0")
        mark = self.mark()
        self.assert_held(mark, self.submit(mark, PILLS))

    def test_suspicious_mail_leaves_from_its_own_group_and_is_not_signed(self):
        self.relay.ctl("dkim", "create", "alpha.example", "--selector", "k")
        self.relay.sql("UPDATE dkim_key SET state = 'active'")
        mark = self.mark()
        self.assertIn("DKIM-Signature", self.assert_delivered(mark, self.submit(mark)).headers)
        self.relay.add_group("black", SUSPECT_IP)
        self.setting("suspect_group", "black")
        self.relay.apply()
        mark = self.mark()
        delivery = self.assert_delivered(mark, self.submit(mark, CASINO), source=SUSPECT_IP)
        self.assertNotIn("DKIM-Signature", delivery.headers)
        self.assertIn("TEST_CASINO", delivery.headers[HEADER])

    def test_suspicious_mail_without_a_group_is_what_on_suspect_says(self):
        self.setting("on_suspect", "tempfail")
        self.assert_refused(self.submit(self.mark(), CASINO), 451, "4.7.1")
        self.setting("on_suspect", "reject")
        self.assert_refused(self.submit(self.mark(), CASINO), 550, "5.7.1")

    def test_forged_headers_of_ours_do_nothing(self):
        mark = self.mark()
        reply = self.relay.send(ALPHA, SENDER, mark, headers=[f"{HEADER}: spam score -5"])
        self.assertIsNone(self.assert_delivered(mark, reply).headers.get(HEADER))

    def test_rspamd_is_told_whose_message_it_is(self):
        mark = self.mark()
        recipients = ("one@dest.example", "two@dest.example")
        reply = self.submit(mark, recipients=recipients)
        self.assertEqual(reply.code, 250, str(reply))
        queue_id = reply.text.rpartition(" ")[2]
        self.assertIn(
            f"told of mark={mark} user=alpha ip={ALPHA} helo=mx.tenant.example from={SENDER}"
            f" rcpts={','.join(recipients)} queue={queue_id}",
            self.rspamd.log(),
        )

    def test_rspamd_reads_the_beginning_of_long_attachments_and_the_receiver_gets_all(self):
        lines = "\n".join(f"{number};" + "x" * 60 for number in range(1200))
        parts = ("Content-Type: text/plain\n\nSee there.\n", f"Content-Type: text/csv; name=a.csv\n\n{lines}\n")
        mail = {"headers": ["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"]}
        mail["body"] = "".join(f"--b\n{part}" for part in parts) + "--b--\n"
        for given, tagged in (("32768", False), ("0", True)):
            self.setting("attachment_bytes", given)
            mark = self.mark()
            delivery = self.assert_delivered(mark, self.relay.send(ALPHA, SENDER, mark, author=SENDER, **mail))
            self.assertEqual("TEST_LONG" in (delivery.headers.get(HEADER) or ""), tagged)
            self.assertEqual(delivery.raw.count(b"x" * 60), 1200)

    def test_status_tells_of_the_engine(self):
        status = json.loads(self.relay.ctl("status", "--json").stdout)
        texts = [part["finding"] for part in status["parts"] if part["part"] == "antispam"]
        self.assertTrue(any("engine: rspamd, answers" in text for text in texts), texts)
        self.assertTrue(any("breaker closed" in text for text in texts), texts)


class Campaigns(AntispamCase):
    """A clean verdict serves the rest of a campaign, and nothing else."""

    def setUp(self):
        self.text = "We thank you for your interest and invite you to our open house with tours for all. " * 4
        self.campaign = self.mark()  # a word that makes this test's campaign its own
        self.number = 0

    def send_one(self, subject="News for you", link="https://shop.example/open", extra=()):
        """A message to the next customer; what became of the counts of answers and of verdicts used again."""
        self.number += 1
        name = "".join(chr(ord("a") + int(digit)) for digit in str(self.number))
        lines = [
            f"From: Shop <{SENDER}>",
            f"To: {name.capitalize()} Miller <{name}@dest.example>",
            f"Subject: {subject}",
            f"Date: {email.utils.formatdate()}",
            f"Message-ID: <{self.campaign}-{self.number}@alpha.example>",
            *extra,
            "",
            f"Dear {name.capitalize()} Miller,\n\nyou have {self.number} points, see {link}",
            f"{self.campaign} {self.text}",
        ]
        data = "\n".join(lines).replace("\n", "\r\n").encode()
        before = self.state()
        with self.relay.session(ALPHA) as session:
            reply = session.transaction(SENDER, [f"{name}@dest.example"], data)
        after = self.state()
        return reply, after["answered"] - before["answered"], after["reused"] - before["reused"]

    def prove(self):
        """The messages that are asked for before others go by them."""
        for _ in range(PROOFS):
            reply, asked, reused = self.send_one()
            self.assertEqual((reply.code, asked, reused), (250, 1, 0), str(reply))

    def test_one_verdict_serves_many_and_some_are_asked_for_all_the_same(self):
        self.setting("reuse_sample", "10")
        self.prove()
        outcomes = [self.send_one() for _ in range(60)]
        self.assertEqual({reply.code for reply, _, _ in outcomes}, {250})
        self.assertEqual({(asked, reused) for _, asked, reused in outcomes} | {(0, 1)}, {(0, 1), (1, 0)})
        self.assertGreater(sum(reused for _, _, reused in outcomes), 30)

    def test_another_link_attachment_or_header_is_asked_for(self):
        self.setting("reuse_sample", "1000")
        self.prove()
        attachment = ["MIME-Version: 1.0", "Content-Type: application/pdf; name=a.pdf"]
        for change in ({"link": "https://evil.example/open"}, {"extra": attachment}, {"extra": ["X-Other: yes"]}):
            _, asked, reused = self.send_one(**change)
            self.assertEqual((asked, reused), (1, 0), change)
        self.assertIn((0, 1), [self.send_one()[1:] for _ in range(3)])  # one of them may be in the sample

    def test_one_that_is_spam_after_all_ends_it(self):
        self.setting("reuse_sample", "2")
        for number in range(PROOFS):
            self.send_one(subject=f"News for you {number}")
        outcomes = [self.send_one(subject="News for you 666") for _ in range(40)]
        refused = [number for number, (reply, _, _) in enumerate(outcomes) if reply.code == 550]
        self.assertTrue(refused)
        self.assertEqual({reused for _, _, reused in outcomes[refused[0] :]}, {0})
        self.assertEqual({reply.code for reply, _, _ in outcomes[refused[0] :]}, {550})

    def test_nothing_is_reused_where_the_setting_says_so(self):
        self.setting("reuse_seconds", "0")
        for _ in range(PROOFS + 5):
            _, asked, reused = self.send_one()
            self.assertEqual((asked, reused), (1, 0))


class Rubbish:
    """In rspamd's place: answers every request with the same octets."""

    def __init__(self, path, answer):
        self.answer = answer
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        os.chmod(path, 0o666)
        self.listener.listen(20)
        self.thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(20)
        self.listener.close()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                try:
                    client.settimeout(10)
                    self._read(client)
                    client.sendall(self.answer)
                except OSError:
                    pass  # the milter has had enough

    @staticmethod
    def _read(client):
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(65536)
        head, _, body = head.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
        length = int(fields[b"content-length"])
        while len(body) < length:
            body += client.recv(65536)


def http(body, status="200 OK"):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


RUBBISH = {
    "no HTTP": b"rubbish\r\n",
    "nothing": b"",
    "an error": http(b'{"error":"no"}', "500 Internal Server Error"),
    "no JSON": http(b"pong"),
    "no score": http(b'{"action":"no action","symbols":{}}'),
    "an unknown action": http(b'{"action":"fine","score":0,"symbols":{}}'),
    "a cut answer": http(b'{"action":"no action","score":0,"symbols":{}}' + b" " * 100)[:-90],
    "a redirection": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    "too long": http(b'{"action":"no action","score":0,"symbols":{},"x":"' + b"x" * (2 << 20) + b'"}'),
    "a NUL": http(b'{"action":"no action","score":0,"symbols":{}}\0'),
}


class Faults(AntispamCase):
    timeout = "5s"

    def tearDown(self):
        if self.rspamd.process is None:
            self.rspamd.start()
        wait_for(self.recovered, 30, "the breaker to close")
        self.assertEqual(self.relay.ctl("status", check=False).returncode, 0)

    def recovered(self):
        return self.state()["breaker"] == "closed" or self.submit(self.mark()).code == 250

    def assert_nothing_passes(self):
        for _ in range(FAILURES):
            mark = self.mark()
            reply = self.submit(mark)
            self.assert_refused(reply, 451, "4.3.0")
            self.assertNotIn(self.relay.directory, reply.text)
            self.assert_never_arrives(mark)

    def assert_breaker_is_open_and_told(self):
        self.assertNotEqual(self.state()["breaker"], "closed")
        status = self.relay.ctl("status", "--json", check=False)
        self.assertEqual(status.returncode, 1)
        bad = [part["part"] for part in json.loads(status.stdout)["parts"] if not part["well"]]
        self.assertEqual(set(bad), {"antispam"})

    def test_rspamd_stopped(self):
        self.rspamd.stop()
        self.assert_nothing_passes()
        self.assert_breaker_is_open_and_told()
        self.assertIn("is not asked for a while", self.relay.log_of("milter"))
        self.rspamd.start()
        mark = self.mark()
        wait_for(self.recovered, 20, "mail to flow again")
        self.assert_delivered(mark, self.submit(mark))
        self.assertIn("answers again", self.relay.log_of("milter"))

    def test_on_failure(self):
        self.rspamd.stop()
        self.setting("on_failure", "accept")
        mark = self.mark()
        delivery = self.assert_delivered(mark, self.submit(mark, body=GTUBE))
        self.assertIn("Not checked for spam", delivery.headers[HEADER])
        (line,) = [line for line in self.relay.log_of("milter").splitlines() if f"from=<{SENDER}>" in line][-1:]
        self.assertIn("verdict=accept", line)
        self.assertIn("Not checked for spam", line)
        self.setting("on_failure", "quarantine")
        mark = self.mark()
        self.assertIn("Not checked", self.assert_held(mark, self.submit(mark))["reason"])

    def test_rspamd_hanging(self):
        pids = self.rspamd.pids()
        self.rspamd.signal(signal.SIGSTOP)
        try:
            self.assert_nothing_passes()
            mark = self.mark()
            self.assert_refused(self.submit(mark), 451, "4.3.0")
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def test_rspamd_killed_in_traffic(self):
        replies, faults, end = [], [], threading.Event()

        def client(number):
            count = 0
            while not end.is_set():
                count += 1
                spam = count % 2 == 0
                try:
                    reply = self.submit(f"killed-{number}-{count}", body=GTUBE if spam else "hello")
                except OSError as fault:
                    faults.append(fault)
                    return
                replies.append((spam, f"killed-{number}-{count}", reply))

        threads = [threading.Thread(target=client, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(3):
                goal = len(replies) + 10
                wait_for(lambda: faults or len(replies) >= goal, 60, "replies")  # pylint: disable=cell-var-from-loop
                self.rspamd.kill()
                self.rspamd.start()
            wait_for(lambda: faults or 250 in [reply.code for _, _, reply in replies[-5:]], 60, "mail to flow again")
        finally:
            end.set()
            for thread in threads:
                thread.join(60)
        self.assertEqual(faults, [])
        self.assertLessEqual({reply.code for spam, _, reply in replies if spam}, {550, 451})
        self.assertLessEqual({reply.code for spam, _, reply in replies if not spam}, {250, 451})
        self.relay.drain()
        for spam, mark, reply in replies:
            self.assertEqual(len(self.relay.sink.of(mark)), 0 if spam or reply.code != 250 else 1, mark)

    def test_rubbish_is_no_answer(self):
        self.rspamd.stop()
        for name, answer in RUBBISH.items():
            with self.subTest(name):
                os.unlink(self.rspamd.socket_path)
                with Rubbish(self.rspamd.socket_path, answer):
                    self.assert_refused(wait_for(self.submit_asked, 20, "a turn to ask"), 451, "4.3.0")

    def submit_asked(self):
        """None while the breaker lets nobody ask."""
        reply = self.submit(self.mark())
        return None if "failed too often" in reply.text else reply


class NoEngine(RelayCase):
    def test_mail_flows_and_status_says_that_nobody_is_asked(self):
        mark = self.mark()
        self.assertEqual(self.relay.send(ALPHA, SENDER, mark, body=GTUBE).code, 250)
        self.assertEqual(len(self.relay.sink.wait(mark)), 1)
        self.assertIn("no message is checked for spam", self.relay.ctl("status").stdout)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: BSD-2-Clause
"""What the tracker takes: lines of a log a second, and CPU for each, of ordinary traffic.

50 000 messages of five lines each, one in ten refused, in a log that is there when the tracker starts.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("EASYMAIL_BUILD", os.path.join(ROOT, "build-release")))
HEAD = "2026-11-24T13:18:%02d.123456+00:00 relay "
REFUSAL = "host mx.dest.example[198.51.100.1] said: 550 5.1.1 <b@dest.example>: Recipient address rejected: unknown"
LINES = 5


def message(number):
    """The lines of one message from one of 200 senders, by one of ten addresses, to one of 1 000 domains."""
    head, queue_id = HEAD % (number % 60), f"4Q{number:08d}"
    egress, sender = f"192.0.2.{number % 10}", f"user@acme{number % 200}.example"
    status, dsn = ("bounced", "5.1.1") if number % 10 == 0 else ("sent", "2.0.0")
    reply = REFUSAL if status == "bounced" else f"250 2.0.0 Ok: queued as {number}"
    return (
        f"{head}postfix/smtpd[11]: {queue_id}: client=mx.acme.example[198.51.100.7]\n"
        f"{head}easymail-milter[9]: decision id={queue_id} client=198.51.100.7 helo=mx.acme.example from=<{sender}> "
        f"rcpts=1 tenant=acme{number % 200} verdict=accept filter= code=250 status= egress=easymail-{egress} "
        f'way=corporate return_path=<> spf=pass dkim=acme.example/s1 generation=3 us=900 text=""\n'
        f"{head}postfix/qmgr[12]: {queue_id}: from=<{sender}>, size=4096, nrcpt=1 (queue active)\n"
        f"{head}postfix/easymail-{egress}/smtp[13]: {queue_id}: to=<b{number}@dest{number % 1000}.example>, "
        f"relay=mx.dest.example[198.51.100.1]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn={dsn}, "
        f"status={status} ({reply})\n"
        f"{head}postfix/qmgr[12]: {queue_id}: removed\n"
    )


def spent(pid):
    """User and system seconds of the process."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def deliveries(path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)
    try:
        return database.execute("SELECT count(*) FROM delivery").fetchone()[0]
    finally:
        database.close()


def run(directory, count):
    config, log, journal = f"{directory}/easymail.conf", f"{directory}/mail.log", f"{directory}/journal.db"
    with open(config, "w", encoding="utf-8") as file:
        file.write(f"database = {directory}/tenants.db\njournal = {journal}\nlog.target = stderr\n")
        file.write(f"tracker.source = file\ntracker.log_file = {log}\ntracker.replies = {directory}/replies\n")
        file.write(f"tracker.control_socket = {directory}/tracker.sock\n")
    subprocess.run([f"{BUILD}/ctl/easymailctl", "-c", config, "db", "init"], check=True, capture_output=True)
    with open(log, "w", encoding="utf-8") as file:
        file.writelines(message(number) for number in range(count))
    started = time.monotonic()
    tracker = subprocess.Popen([f"{BUILD}/services/tracker/easymail-tracker", "-c", config], stderr=subprocess.DEVNULL)
    try:
        while deliveries(journal) < count:
            time.sleep(0.1)
        return time.monotonic() - started, spent(tracker.pid)
    finally:
        tracker.terminate()
        tracker.wait()


def row(count=50000):
    directory = tempfile.mkdtemp(prefix="bt.", dir="/tmp")
    try:
        seconds, cpu = run(directory, count)
        size = os.path.getsize(f"{directory}/journal.db")
    finally:
        shutil.rmtree(directory)
    return {
        "name": "tracker",
        "lines_per_s": round(count * LINES / seconds),
        "us_per_line": round(cpu / count / LINES * 1e6, 1),
        "us_per_message": round(cpu / count * 1e6, 1),
        "octets_per_message": round(size / count),
    }

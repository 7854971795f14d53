#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""An Internet that takes its time: it answers each message after a delay, as servers that scan mail do, and keeps a
ledger of what came from where, and when. smtp-sink counts its delays in whole seconds.

usage: slow_sink.py PORT DELAY BULK_DELAY LEDGER     BULK_DELAY is that of return paths
"""

import asyncio
import os
import subprocess
import sys
import time
from typing import NamedTuple


class Entry(NamedTuple):
    at: float  # when it was answered, on the clock of time.time()
    source: str
    sender: str
    mark: str  # of the header X-Mark


class Server:
    def __init__(self, delay, bulk_delay, ledger):
        self.delay = delay
        self.bulk_delay = bulk_delay
        self.ledger = ledger

    async def take_message(self, reader, writer, source, sender):
        writer.write(b"354 go on\r\n")
        mark = ""
        while True:
            line = await reader.readline()
            if line in (b".\r\n", b""):
                break
            if line.lower().startswith(b"x-mark:"):
                mark = line[7:].strip().decode()
        await asyncio.sleep(self.bulk_delay if sender.startswith("b-") else self.delay)
        writer.write(b"250 taken\r\n")
        print(f"{time.time():.6f} {source} <{sender}> {mark}", file=self.ledger, flush=True)

    async def serve(self, reader, writer):
        source, sender = writer.get_extra_info("peername")[0], ""
        writer.write(b"220 sink.example ESMTP\r\n")
        try:
            while True:
                line = (await reader.readline()).decode("utf-8", "replace").strip()
                verb = line[:4].upper()
                if verb == "DATA":
                    await self.take_message(reader, writer, source, sender)
                    continue
                if verb == "MAIL":
                    sender = line.partition("<")[2].partition(">")[0]
                writer.write(b"221 bye\r\n" if verb == "QUIT" else b"250 sink.example\r\n")
                if verb in ("QUIT", ""):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.close()


class SlowSink:
    """What the harness needs of a sink; its ledger is one file."""

    def __init__(self, directory, port, delay, bulk_delay=None):
        self.address = ("127.0.0.1", port)
        self.delays = delay, delay if bulk_delay is None else bulk_delay
        self.path = f"{directory}/ledger"
        self.process = None

    @property
    def nexthop(self):
        return "[%s]:%d" % self.address

    def start(self):
        numbers = [str(number) for number in (self.address[1], *self.delays)]
        command = [sys.executable, "-B", os.path.abspath(__file__), *numbers, self.path]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def entries(self):
        """All that was taken so far, oldest first."""
        if not os.path.exists(self.path):
            return []
        with open(self.path, encoding="utf-8") as file:
            rows = [line.rstrip("\n").split(" ", 3) for line in file if line.endswith("\n")]
        return [Entry(float(at), source, sender[1:-1], mark) for at, source, sender, mark in rows]


async def main(port, delay, bulk_delay, path):
    with open(path, "a", encoding="utf-8") as ledger:
        server = Server(float(delay), float(bulk_delay), ledger)
        async with await asyncio.start_server(server.serve, "127.0.0.1", int(port), backlog=1000) as listener:
            await listener.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

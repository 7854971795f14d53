# SPDX-License-Identifier: BSD-2-Clause
"""Spam does not leave: what rspamd says is done, and what it does not say is never taken for clean."""

import json
import os
import signal
import socket
import threading
import time
import unittest

from harness import Relay, wait_for
from rspamd import Rspamd
from scene import ALPHA, RelayCase, populate
from smtp import message

SENDER = "a@alpha.example"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
HEADER = "X-Easymail-Spam"
# Words that score, and what rspamd was told of a message as a symbol's options.
RULES = """
for word, score in pairs({PILLS = 7, CASINO = 11, LOTTERY = 20}) do
  rspamd_config:register_symbol{
    name = 'TEST_' .. word, type = 'normal', score = score,
    callback = function(task)
      local subject = task:get_subject() or ''
      return subject:find(word) ~= nil
    end
  }
end
rspamd_config:register_symbol{
  name = 'TEST_TOLD', type = 'normal', score = 0,
  callback = function(task)
    local rcpts = {}
    for _, rcpt in ipairs(task:get_recipients('smtp') or {}) do rcpts[#rcpts + 1] = rcpt.addr end
    rspamd_logger.errx(task, 'told user=%s ip=%s helo=%s from=%s rcpts=%s queue=%s', task:get_user(),
      task:get_from_ip(), task:get_helo(), (task:get_from('smtp') or {})[1], table.concat(rcpts, ','), task:get_queue_id())
    return false
  end
}
"""
TIMEOUT, PAUSE, FAILURES = "1s", "300ms", 3


def make_relay():
    relay = Relay()
    relay.settings |= {
        "antispam.engine": "rspamd",
        "antispam.socket": f"{relay.directory}/rspamd/rspamd.sock",
        "antispam.timeout": TIMEOUT,
        "antispam.breaker_pause": PAUSE,
        "antispam.breaker_failures": str(FAILURES),
    }
    return relay


class AntispamCase(RelayCase):
    @classmethod
    def setUpClass(cls):
        cls.relay = make_relay()
        cls.addClassCleanup(cls.relay.stop)
        cls.relay.start()
        populate(cls.relay)
        cls.rspamd = Rspamd(f"{cls.relay.directory}/rspamd", lua=RULES)
        cls.addClassCleanup(cls.rspamd.stop)
        cls.rspamd.start()

    def setUp(self):
        self.ask_until_closed()

    def ask_until_closed(self):
        """Whatever a test before has done to rspamd is over."""
        wait_for(self.rspamd.answers, what="rspamd")
        wait_for(lambda: self.state()["breaker"] == "closed" or self.submit(self.mark()) is None, 20, "a closed breaker")

    def state(self):
        (answer,) = [self.relay.milter_status()]
        return answer["antispam"]

    def submit(self, mark, sender=SENDER, subject="", **parts):
        parts.setdefault("headers", [])
        return self.relay.send(ALPHA, sender, mark, subject=subject, **parts)


if __name__ == "__main__":
    unittest.main()

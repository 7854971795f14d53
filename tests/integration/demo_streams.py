# SPDX-License-Identifier: BSD-2-Clause
"""The demonstration's rows about bulk mail: its own addresses, its own return path, and none of that for other mail."""

import re

from demo_table import Row
from scene import ALPHA, ALPHA_IP
from smtp import message

BULK_IPS = ("127.0.21.1", "127.0.21.2")
BOUNCES = "bounce.provider.example"
SENDER = "team@news.alpha.example"
COMMANDS = f"""
egress group add mailings
egress add {BULK_IPS[0]} --helo news1.provider.example --group mailings
egress add {BULK_IPS[1]} --helo news2.provider.example --group mailings
setting set bulk.egress_group mailings
setting set bulk.return_path_domain {BOUNCES}
bulk init-keyfile
setting set bulk.unsubscribe_url https://alpha.example/off?to={{recipient}} alpha
domain add alpha news.alpha.example
domain set news.alpha.example --stream bulk
postfix apply
"""


def as_bulk(delivery):
    """That bounces come to us, and that its reader can get no more of it."""
    is_ours = re.fullmatch(rf"b-[a-z2-7]{{48}}@{re.escape(BOUNCES)}", delivery.sender) is not None
    way_out = delivery.headers.get("List-Unsubscribe", "")
    is_right = is_ours and "somebody%40dest.example" in way_out and "List-Unsubscribe-Post" in delivery.headers
    return is_right, f"return path {delivery.sender}; List-Unsubscribe: {way_out}"


def as_corporate(delivery):
    is_right = delivery.sender == "a@alpha.example" and "List-Unsubscribe" not in delivery.headers
    return is_right, f"return path {delivery.sender}"


def asking(mark):
    return message("a@alpha.example", mark, ["X-Easymail-Stream: bulk"])


def run_streams(table):
    for command in COMMANDS.strip().splitlines():
        table.note(f"easymailctl {command}")
        table.relay.ctl(*command.split())
    mailing = Row("a mailing of alpha's, by its domain", ALPHA, SENDER, leaves_from=BULK_IPS, proof=as_bulk)
    table.run(mailing)
    by_header = mailing._replace(title="one by its header", sender="a@alpha.example", data=asking)
    table.run(by_header)
    daily = Row("alpha's daily mail beside it", ALPHA, "a@alpha.example", leaves_from=(ALPHA_IP,), proof=as_corporate)
    table.run(daily)

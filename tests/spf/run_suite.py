#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the openspf.org suite of RFC 7208 against spf_probe over real DNS on loopback.

usage: run_suite.py SPF_PROBE [SUITE.yml]
"""
import subprocess
import sys

import yaml

from dns_server import Server, Zone

SUITE = "/usr/share/gocode/src/blitiri.com.ar/go/spf/testdata/rfc7208-tests.yml"
CASES = 203  # the suite's size: fewer means that it was not read whole


def convert_records(records):
    """One name's records in the suite's way of writing to the server's; SPF stands for TXT too."""
    pairs = [{"TIMEOUT": True} if record == "TIMEOUT" else record for record in records]
    has_text = any("TXT" in pair for pair in pairs)
    converted = []
    for pair in pairs:
        (kind, data), = pair.items()
        if kind == "CNAMELOOP":
            kind, data = "CNAME", None
        if kind == "SPF":
            if has_text:
                continue
            kind = "TXT"
        if data != "NONE":
            converted.append({kind: data})
    return converted


def convert_zone(zonedata):
    zone = {}
    for name, records in zonedata.items():
        name = str(name)
        zone[name] = convert_records(records)
        for record in zone[name]:
            if "CNAME" in record and record["CNAME"] is None:
                record["CNAME"] = name
    return zone


def ask(probe, server, questions):
    """The probe's answers, one list of fields for each question. A process each: an empty cache."""
    lines = "".join("\t".join(question) + "\n" for question in questions)
    # A question's timeout is far above loopback's time, and short enough for the silent names.
    done = subprocess.run([probe, "-d", f"127.0.0.1@{server.port}", "-t", "1000", "-T", "4000"],
                          input=lines.encode("latin-1"), stdout=subprocess.PIPE, check=True,
                          timeout=55)
    answers = done.stdout.decode("latin-1").splitlines()
    if len(answers) != len(questions):
        sys.exit(f"{len(questions)} questions, {len(answers)} answers")
    return [answer.split("\t") for answer in answers]


def is_right(case, answer):
    expected = case["result"]
    if answer[0] not in (expected if isinstance(expected, list) else [expected]):
        return False
    explanation = case.get("explanation")
    if explanation is None:
        return True
    return answer[4] == ("" if explanation == "DEFAULT" else explanation)


def run_scenario(probe, scenario):
    """Returns how many cases there are and the lines that tell of wrong ones."""
    cases = scenario["tests"]
    server = Server(Zone(convert_zone(scenario["zonedata"])))
    questions = [(case["host"], case.get("helo") or "", case.get("mailfrom") or "")
                 for case in cases.values()]
    answers = ask(probe, server, questions)
    server.close()
    wrong = [f"{scenario['description']}: {name}: expected {case['result']} "
             f"{case.get('explanation', '')!r}, got {answer}"
             for (name, case), answer in zip(cases.items(), answers) if not is_right(case, answer)]
    return len(cases), wrong


def main():
    probe = sys.argv[1]
    with open(sys.argv[2] if len(sys.argv) > 2 else SUITE, "rb") as file:
        scenarios = [scenario for scenario in yaml.safe_load_all(file) if scenario]
    total, wrong = 0, []
    for scenario in scenarios:
        count, lines = run_scenario(probe, scenario)
        total += count
        wrong += lines
    print("\n".join(wrong + [f"{total - len(wrong)} of {total} right"]))
    sys.exit(1 if wrong or total < CASES else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Adds up ctest's reports: each Check and unittest program counts with the tests inside it.

usage: count-tests.py BROKEN_BUILDS REPORT …     a build that failed counts as one failed test
"""

import os
import re
import sys
import xml.etree.ElementTree as ElementTree

CHECK = re.compile(r"\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)")
UNITTEST = re.compile(r"^Ran (\d+) tests? in", re.MULTILINE)
UNITTEST_END = re.compile(r"^(?:OK|FAILED)(?: \((.*)\))?$", re.MULTILINE)


def inside(output):
    """(tests, failed, skipped) that a program says of itself; None when it says nothing."""
    if found := CHECK.findall(output):
        return tuple(map(sum, zip(*((int(n), int(f) + int(e), 0) for n, f, e in found))))
    ran, end = UNITTEST.search(output), UNITTEST_END.search(output)
    if ran and end:
        numbers = dict(part.split("=") for part in (end[1] or "").split(", ") if part)
        failed = sum(int(numbers.get(kind, 0)) for kind in ("failures", "errors", "unexpected successes"))
        return int(ran[1]), min(failed, int(ran[1]) or failed), int(numbers.get("skipped", 0))
    return None


def count(case):
    """(passed, failed, skipped) of one program."""
    if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
        return 0, 0, 1
    has_failed = case.find("failure") is not None or case.get("status") == "fail"
    tests, failed, skipped = inside(case.findtext("system-out") or "") or (1, int(has_failed), 0)
    if has_failed and failed == 0:  # it crashed, ran out of time or leaked after its last test
        tests, failed = tests + 1, 1
    return tests - failed - skipped, failed, skipped


def main():
    passed, failed, skipped = 0, int(sys.argv[1]), 0
    for report in sys.argv[2:]:
        if not os.path.exists(report):
            print(f"{report}: missing")
            failed += 1
            continue
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            counts = count(case)
            if counts[1]:
                print(f"failed: {report.split('/')[0]}: {case.get('name')}")
            passed, failed, skipped = passed + counts[0], failed + counts[1], skipped + counts[2]
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

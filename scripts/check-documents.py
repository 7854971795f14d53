#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every option, command, setting and program is in its man page, and every page's options exist."""

import glob
import re
import sys


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def plain(page):
    """A man page's text: macros and escapes gone, so that names can be looked for."""
    text = re.sub(r"\\-", "-", read(page))
    text = re.sub(r"\\[&e]|\\f[A-Z]", "", text)
    return re.sub(r'^\.[A-Z][A-Za-z]? ?', "", text, flags=re.MULTILINE).replace('"', "")


def table(path, pattern):
    return re.findall(pattern, read(path), re.MULTILINE)


def missing(names, page, kind):
    text = re.sub(r"\s+", " ", plain(page))
    return [f"{page}: {kind} {name} is not documented" for name in names if name not in text]


def main():
    faults = []
    options = table("common/config_options.c", r'^\s*\{"([a-z_.]+)",\s*CONFIG_')
    commands = [" ".join(words).strip() for words in table("ctl/commands.c", r'^\s*\{\s*"([a-z]+)",\s*"([a-z ]*)"')]
    settings = table("common/settings.c", r'^\s*\[SETTING_[A-Z_]+\] =\s*\{\s*"([a-z._]+)",')
    for kind, names in (("options", options), ("commands", commands), ("settings", settings)):
        if not names:
            faults.append(f"no {kind} found in the sources: has their table changed its form?")
    faults += missing(options, "man/easymail.conf.5", "option")
    faults += missing(commands, "man/easymailctl.8", "command")
    faults += missing(settings, "man/easymailctl.8", "setting")
    known = set(options)
    for name in re.findall(r"^\.It [A-Z][a-z] ([a-z_]+(?:\.[a-z_]+)?)\b", read("man/easymail.conf.5"), re.MULTILINE):
        if name not in known:
            faults.append(f"man/easymail.conf.5: {name} is no option")
    for main_file in glob.glob("services/*/main.c") + glob.glob("milters/main.c") + glob.glob("ctl/main.c"):
        (program,) = re.findall(r"^/\* (easymail[a-z-]*):", read(main_file), re.MULTILINE) or [None]
        if program is None:
            faults.append(f"{main_file}: does not open with its program's name")
        elif not read(f"man/{program}.8"):
            faults.append(f"man/{program}.8 is missing")
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

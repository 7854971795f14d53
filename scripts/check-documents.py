#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every option, command, setting and program is in its man page.

usage: check-documents.py FOLDER     of the man pages as they are installed
"""

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
    """A man page's words: macros and escapes gone, so that names can be looked for."""
    text = re.sub(r"\\-", "-", read(page))
    text = re.sub(r"\\[&e]|\\f[A-Z]", "", text)
    text = re.sub(r"^\.(It|Ic|Cm|Sh|Ss|Li|Xr|Fl|Ar|Op|Nm)\b|\b(Ic|Cm|Li|Ar|Ns)\b", " ", text, flags=re.MULTILINE)
    return re.sub(r"\s+", " ", text.replace('"', ""))


def table(path, pattern):
    return re.findall(pattern, read(path), re.MULTILINE)


def missing(names, page, kind):
    text = plain(page)
    return [f"{page}: {kind} {name} is not documented" for name in names if f" {name} " not in f"{text} "]


def main():
    folder = sys.argv[1]
    faults = []
    options = table("common/config_options.c", r'^\s*\{"([a-z_.]+)",\s*CONFIG_')
    commands = [" ".join(words).strip() for words in table("ctl/commands.c", r'^\s*\{\s*"([a-z]+)",\s*"([a-z ]*)"')]
    settings = table("common/setting_definitions.c", r'^\s*\[SETTING_[A-Z_]+\] =\s*\{\s*"([a-z._]+)",')
    classes = table("common/reply_class.c", r'^\s*\[REPLY_[A-Z_]+\] = \{"([a-z_]+)"')
    for kind, names in (("options", options), ("commands", commands), ("settings", settings), ("classes", classes)):
        if not names:
            faults.append(f"no {kind} found in the sources: has their table changed its form?")
    faults += missing(options, f"{folder}/easymail.conf.5", "option")
    faults += missing(commands, f"{folder}/easymailctl.8", "command")
    faults += missing(settings, f"{folder}/easymail.conf.5", "setting")
    faults += missing(classes, f"{folder}/easymail-tracker.8", "class")
    for main_file in glob.glob("services/*/main.c") + glob.glob("milters/main.c") + glob.glob("ctl/main.c"):
        (program,) = re.findall(r"^/\* (easymail[a-z-]*):", read(main_file), re.MULTILINE) or [None]
        if program is None:
            faults.append(f"{main_file}: does not open with its program's name")
        elif not read(f"{folder}/{program}.8"):
            faults.append(f"man/{program}.8 is missing")
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

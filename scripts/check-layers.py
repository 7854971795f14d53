#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Who may include whom, one third-party header one .c file, and how long files may be."""

import re
import subprocess
import sys

# What is at or under the first may include headers under the others, and its own folder's.
MAY_INCLUDE = {
    "milters/main.c": ("milters",),  # puts the filters into their order
    "common": (),
    "milters/chain": ("common",),
    "milters": ("common", "milters/chain"),
    "services": ("common",),
    "ctl": ("common",),
    "tests": ("common", "milters", "services", "ctl", "tests"),
}
LINES_MAX = {".c": 480, ".h": 100}  # near 400 and 90
C_LIBRARY = set(
    "assert ctype dirent dlfcn err errno fcntl fnmatch ftw getopt glob grp iconv ifaddrs inttypes "
    "libgen limits locale math netdb poll pthread pwd regex resolv sched semaphore setjmp signal "
    "spawn stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings "
    "sysexits syslog termios time uchar unistd utime wchar wctype".split()
)
KERNEL = re.compile(r"^(sys|arpa|netinet|net|linux)/")
THIRD_PARTY = re.compile(
    r"^(libmilter/|sqlite3\.h|jansson\.h|idn2\.h|systemd/|clamav\.h|spf2/|unbound\.h|openssl/|"
    r"magic\.h|archive\.h|archive_entry\.h|"
    r"opendkim/|dkim\.h|seccomp\.h|libpsl\.h|gmime/|microhttpd\.h|curl/|hs/|pcre2\.h|check\.h)"
)
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def tracked():
    listing = subprocess.run(["git", "ls-files", "*.c", "*.h"], capture_output=True, text=True, check=True)
    return listing.stdout.split()


def layer_of(path):
    """The longest key of MAY_INCLUDE that the path lies under."""
    under = [layer for layer in MAY_INCLUDE if path == layer or path.startswith(layer + "/")]
    return max(under, key=len) if under else None


def folder(path):
    return path.rpartition("/")[0]


def check_own_include(path, included):
    layer = layer_of(path)
    if folder(included) == folder(path):
        return None
    if layer and any(included.startswith(other + "/") for other in MAY_INCLUDE[layer]):
        return None
    return f"{path}: may not include {included}"


def main():
    faults = []
    users = {}
    for path in tracked():
        with open(path, encoding="utf-8") as file:
            text = file.read()
        limit = LINES_MAX[path[-2:]]
        lines = text.count("\n")
        if lines > limit and not path.startswith("tests/"):
            faults.append(f"{path}: {lines} lines, over {limit}")
        if not text.startswith("/* SPDX-License-Identifier: BSD-2-Clause */\n/*"):
            faults.append(f"{path}: does not open with the licence line and a sentence of purpose")
        for kind, included in INCLUDE.findall(text):
            if kind == '"':
                faults.append(check_own_include(path, included))
            elif THIRD_PARTY.match(included):
                if not path.startswith("tests/"):
                    users.setdefault(included, set()).add(path)
            elif included.removesuffix(".h") not in C_LIBRARY and not KERNEL.match(included):
                faults.append(f"{path}: <{included}> is neither the C library nor in THIRD_PARTY")
    for header, paths in sorted(users.items()):
        if len(paths) > 1:
            faults.append(f"<{header}> is included by {', '.join(sorted(paths))}: one .c file should own it")
        faults += [f"{path}: a header may not include <{header}>" for path in paths if path.endswith(".h")]
    faults = [fault for fault in faults if fault]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

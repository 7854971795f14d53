# SPDX-License-Identifier: BSD-2-Clause
"""CPU time of groups of processes: by control group where one can be made, else from /proc."""

import os

TICK = os.sysconf("SC_CLK_TCK")
V1, V2 = "/sys/fs/cgroup/cpuacct", "/sys/fs/cgroup"


def make_meter(name):
    for kind in (CgroupV1, CgroupV2):
        try:
            return kind(name)
        except OSError:
            continue
    return ProcMeter(name)


def family(pid):
    """The process and its descendants as they are now."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = file.read().split()
    except FileNotFoundError:
        children = []  # it has ended meanwhile
    return [pid] + [relative for child in children for relative in family(int(child))]


class ProcMeter:
    """Sums utime and stime of the processes and their living descendants, and of what those have reaped.
    The kernel gives whole ticks a process, so short runs come out too low."""

    precision = "10 ms ticks of /proc; short runs come out too low"

    def __init__(self, _name):
        self.roots = []

    def add(self, pids):
        self.roots.append(pids[0])  # the first is the others' forefather

    def microseconds(self):
        children, spent = {}, {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                    fields = file.read().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(int(fields[1]), []).append(int(pid))
            spent[int(pid)] = sum(map(int, fields[11:15]))
        total, waiting = 0, list(self.roots)
        while waiting:
            pid = waiting.pop()
            total += spent.get(pid, 0)
            waiting += children.get(pid, [])
        return total * 1_000_000 // TICK

    def close(self):
        self.roots = []


class CgroupV1:
    """The cpuacct controller of a machine that still has it."""

    precision = "cgroup v1 cpuacct"
    parent, usage = V1, "cpuacct.usage"

    def __init__(self, name):
        if not os.path.exists(f"{self.parent}/{self.usage_of_parent()}"):
            raise FileNotFoundError(self.parent)
        self.folder = f"{self.parent}/easymail-bench-{os.getpid()}-{name}"
        os.mkdir(self.folder)

    def usage_of_parent(self):
        return self.usage

    def add(self, pids):
        """The first has to be there; others may have ended meanwhile."""
        for pid in pids:
            try:
                with open(f"{self.folder}/cgroup.procs", "w", encoding="ascii") as file:
                    file.write(str(pid))
            except ProcessLookupError:
                if pid == pids[0]:
                    raise

    def microseconds(self):
        with open(f"{self.folder}/{self.usage}", encoding="ascii") as file:
            return int(file.read()) // 1000

    def close(self):
        """Empties and removes it; whoever is still in it moves to the parent."""
        with open(f"{self.folder}/cgroup.procs", encoding="ascii") as file:
            for pid in file.read().split():
                try:
                    with open(f"{self.parent}/cgroup.procs", "w", encoding="ascii") as parent:
                        parent.write(pid)
                except OSError:
                    pass
        try:
            os.rmdir(self.folder)
        except OSError:
            pass


class CgroupV2(CgroupV1):
    """The unified hierarchy; cpu.stat is there without any controller enabled."""

    precision = "cgroup v2 cpu.stat"
    parent, usage = V2, "cpu.stat"

    def usage_of_parent(self):
        return "cgroup.subtree_control"

    def microseconds(self):
        with open(f"{self.folder}/{self.usage}", encoding="ascii") as file:
            return int(dict(line.split() for line in file)["usage_usec"])

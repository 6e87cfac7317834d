#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs a command; prints seconds, seconds of processor, and the most memory its processes have together.

    measure.py COMMAND...
"""
import os
import resource
import subprocess
import sys
import time


def tree(pid):
    pids, i = [pid], 0
    while i < len(pids):
        try:
            for task in os.listdir(f"/proc/{pids[i]}/task"):
                with open(f"/proc/{pids[i]}/task/{task}/children") as f:
                    pids += [int(p) for p in f.read().split()]
        except OSError:
            pass
        i += 1
    return pids


def resident(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as f:
            kib = {line.split()[0]: int(line.split()[1]) for line in f if line.endswith("kB\n")}
        return kib["Rss:"], kib.get("Anonymous:", 0)
    except (OSError, KeyError):
        return 0, 0


def main():
    start, peak, anonymous = time.monotonic(), 0, 0
    child = subprocess.Popen(sys.argv[1:])
    while child.poll() is None:
        sizes = [resident(pid) for pid in tree(child.pid)]
        peak = max(peak, sum(s[0] for s in sizes))
        anonymous = max(anonymous, sum(s[1] for s in sizes))
        time.sleep(0.02)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{' '.join(sys.argv[1:3])}: {time.monotonic() - start:.1f} s, processor "
          f"{used.ru_utime:.1f} s + {used.ru_stime:.1f} s, at most {peak / 1024:.0f} MiB "
          f"({anonymous / 1024:.0f} MiB anonymous)", file=sys.stderr)
    return child.returncode


sys.exit(main())

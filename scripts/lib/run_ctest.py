#!/usr/bin/python3
"""scripts/lib/run_ctest.py - ctest with a readable end: what passed, what failed, nothing left running.

usage: run_ctest.py BUILD_DIR [CTEST ARGUMENTS]

Every process that a test starts stays below this one, even one that changes its session
(PR_SET_CHILD_SUBREAPER); what is still there at the end is named and ended.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
WHOLE_RUN_S = 40 * 60  # leaves a CI job of 45 minutes the time to say what happened
ONE_TEST_S = 900  # unless a test says otherwise itself
GRACE_S = 3


def children(pid):
    tasks = Path(f"/proc/{pid}/task")
    try:
        return [
            int(child)
            for task in tasks.iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:  # gone meanwhile
        return []


def descendants(pid):
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def command_line(pid):
    """What a process runs, as ps shows it; nothing when it has ended."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ""
    name, state = stat.partition("(")[2].rpartition(") ")[::2]
    if state[0] in "ZX":
        return ""
    # In the middle of an exec there are no words yet.
    return " ".join(words).strip() or f"[{name}]"


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def end_leftovers():
    """Ends what is still below us; the command lines of what had to be ended."""
    reap()
    named = [line for pid in descendants(os.getpid()) if (line := command_line(pid))]
    for number in (signal.SIGTERM, signal.SIGKILL):
        until = time.monotonic() + GRACE_S
        for pid in descendants(os.getpid()):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        while descendants(os.getpid()) and time.monotonic() < until:
            time.sleep(0.05)
            reap()
    return named


def run(build, arguments, junit):
    """Runs ctest to its end, or stops it when the whole run takes too long."""
    command = ["ctest", "--test-dir", build, "--output-junit", junit, "--output-on-failure"]
    command += ["--timeout", str(ONE_TEST_S), "-j", str(len(os.sched_getaffinity(0)))]
    ctest = subprocess.Popen([*command, *arguments], stdin=subprocess.DEVNULL)
    try:
        ctest.wait(WHOLE_RUN_S)
        return True
    except subprocess.TimeoutExpired:
        print(f"stopped: the tests took longer than {WHOLE_RUN_S // 60} minutes", flush=True)
        return False


class Case:
    def __init__(self, element):
        self.name = element.get("name")
        self.seconds = float(element.get("time") or 0)
        self.output = (element.findtext("system-out") or "").strip()
        skipped = element.find("skipped")
        if element.get("status") == "run":
            self.outcome = "passed"
        elif skipped is not None and "SKIP" in (skipped.get("message") or "").upper():
            self.outcome = "skipped"
        elif element.get("status") == "disabled":
            self.outcome = "skipped"
        else:
            self.outcome = "failed"

    @property
    def kind(self):
        return self.name.split(".")[0]

    @property
    def last_words(self):
        lines = self.output.splitlines() or ["no word"]
        reasons = [line for line in lines if line.startswith("SKIPPED [")]  # pytest -rs
        return (reasons or lines)[-1][:160]


def print_table(cases):
    rows = defaultdict(lambda: defaultdict(float))
    for case in cases:
        rows[case.kind][case.outcome] += 1
        rows[case.kind]["seconds"] += case.seconds
    print(f"\n  {'':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>10}")
    for kind, row in sorted(rows.items()):
        counts = [int(row[outcome]) for outcome in ("passed", "failed", "skipped")]
        print(f"  {kind:<12}{counts[0]:>8}{counts[1]:>8}{counts[2]:>9}{row['seconds']:>10.1f}")
    slow = sorted(cases, key=lambda case: -case.seconds)[:3]
    print("  slowest: " + ", ".join(f"{case.name} {case.seconds:.0f} s" for case in slow))


def print_outcomes(build, cases):
    skipped = [case for case in cases if case.outcome == "skipped"]
    failed = [case for case in cases if case.outcome == "failed"]
    if skipped:
        print("\nSkipped:")
    for case in skipped:
        print(f"  {case.name}: {case.last_words}")
    if failed:
        print("\nFailed:")
    for case in failed:
        print(f"  {case.name}   (again: ctest --test-dir {build} --output-on-failure -R '^{case.name}$')")


def main():
    build, arguments = Path(sys.argv[1]), sys.argv[2:]
    junit = build.resolve() / "tests.xml"
    junit.unlink(missing_ok=True)
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    in_time = False
    try:
        in_time = run(build, arguments, junit)
    finally:
        left = end_leftovers()
    if not junit.exists():
        print("ctest wrote no results\n0 passed, 1 failed")
        return 1
    cases = [Case(element) for element in ElementTree.parse(junit).iter("testcase")]
    if cases:
        print_table(cases)
    print_outcomes(build, cases)
    for line in left if in_time else []:
        print(f"left running by a test, ended now: {line[:160]}")
    count = {o: sum(case.outcome == o for case in cases) for o in ("passed", "failed", "skipped")}
    count["failed"] += not in_time
    tail = f", {count['skipped']} skipped" if count["skipped"] else ""
    print(f"\n{count['passed']} passed, {count['failed']} failed{tail}")
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())

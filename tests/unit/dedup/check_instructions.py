#!/usr/bin/python3
"""tests/unit/dedup/check_instructions.py - what a decision costs, counted and not timed.

Callgrind counts the instructions of one function over a fixed small workload, in a build of dedup
and core with -O2 and without sanitizers.  The count hardly depends on the machine and not at all on
who else is busy; compilers differ by some per cent.  A ceiling is a fifth above what was measured with
gcc 12: enough for another compiler, too little for a loop that looks at everything twice.

When one is reached, look with `callgrind_annotate` for what became dearer, and raise the ceiling only
together with the reason.
"""
import re
import shutil
import subprocess
import sys

SKIPPED = 77

# function, desk_bench's arguments, calls, instructions a call measured and allowed
ROWS = [
    ("wd_desk_ask", ["speed", "1000", "1000"], 2000, 80200, 96200),
    ("wd_fingerprint_make", ["prepare", "200"], 200, 123400, 148000),
]


def collected(function, command):
    done = subprocess.run(["valgrind", "--tool=callgrind", f"--toggle-collect={function}",
                           "--callgrind-out-file=/dev/null", *command],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert done.returncode == 0 and found, done.stderr[-2000:]
    return int(found[1])


def main():
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed (scripts/install-deps test)")
        return SKIPPED
    failed = 0
    for function, arguments, calls, measured, ceiling in ROWS:
        each = collected(function, [sys.argv[1], *arguments]) // calls
        fits = ceiling // 2 <= each <= ceiling  # far less: the function was not met at all
        print(f"{function}: {each} instructions a call, measured {measured}, at most {ceiling}"
              + ("" if fits else "  <- FAILED"))
        failed += not fits
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

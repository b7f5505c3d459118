"""tests/lint/tree.py - the project's files, as every lint sees them."""

import argparse
import re
from pathlib import Path

# Made by builds, runs and tools; never written by hand.
SKIPPED = re.compile(r"^(build.*|cmake-build.*|state|_CPack_Packages|__pycache__|\..*_cache|\.git)$")

CODE = ("core", "parsers", "dedup", "feeds", "queue", "daemon", "tests", "bench")


def arguments(description):
    """The parser that all lints share: --root, for the self-test's small trees."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    return parser


def files(root, suffixes=None, folders=None):
    """Sorted paths relative to root; symbolic links are not followed."""
    found = []
    pending = [root]
    while pending:
        for entry in pending.pop().iterdir():
            if SKIPPED.match(entry.name) or entry.is_symlink():
                continue
            if entry.is_dir():
                pending.append(entry)
            else:
                found.append(entry.relative_to(root))
    return sorted(
        path
        for path in found
        if (suffixes is None or path.suffix in suffixes)
        and (folders is None or path.parts[0] in folders)
    )


def code(root):
    """Every .c and .h of the project."""
    return files(root, {".c", ".h"}, CODE)


def report(findings, checked):
    """Prints one finding a line and gives the exit code."""
    for line in findings:
        print(line)
    print(f"{checked}: {len(findings)} finding{'' if len(findings) == 1 else 's'}")
    return 1 if findings else 0

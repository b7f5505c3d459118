#!/usr/bin/python3
"""tests/lint/cppcheck.py - cppcheck's warnings about defects, speed and portability.

A suppression stands in the source beside what it excuses, with its reason on the same line:
    // cppcheck-suppress nullPointer ; the caller has checked
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import tree

SKIP = 77
VERSION = "Cppcheck 2.10"  # Debian 12's; each version knows other checks, one answer for everyone
BARE = re.compile(r"cppcheck-suppress(?!.*;\s*\S+\s+\S)")
# Not defects: a header that cppcheck cannot find is the compiler's business, and the
# analysis of a file with many #ifs is bounded on purpose.
QUIET = ["missingIncludeSystem", "missingInclude", "toomanyconfigs", "normalCheckLevelMaxBranches"]


def bare_suppressions(root, paths):
    for path in paths:
        lines = (root / path).read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            if BARE.search(line):
                yield f"{path}:{number}: a suppression without its reason"


def version():
    if shutil.which("cppcheck") is None:
        return ""
    run = subprocess.run(["cppcheck", "--version"], capture_output=True, text=True, check=False)
    return run.stdout.strip()


def main():
    parser = tree.arguments(__doc__)
    parser.add_argument("--cache", type=Path, help="where cppcheck may remember its answers")
    options = parser.parse_args()
    if version() != VERSION:
        print(f"skipped: this is for {VERSION}; here is {version() or 'none'}")
        return SKIP
    root = options.root
    paths = tree.files(root, {".c"}, tree.CODE)
    command = ["cppcheck", "--enable=warning,performance,portability", "--inline-suppr", "--quiet"]
    command += ["--std=c11", "--language=c", "-D_GNU_SOURCE", "-I.", "--error-exitcode=1"]
    command += ["--template={file}:{line}: {severity}: {message} [{id}]"]
    command += [f"--library={Path(__file__).with_suffix('.cfg')}"]
    command += [f"--suppress={name}" for name in QUIET]
    command += ["-j", str(len(os.sched_getaffinity(0)))]
    if options.cache:
        options.cache.mkdir(parents=True, exist_ok=True)
        command.append(f"--cppcheck-build-dir={options.cache}")
    run = subprocess.run(
        [*command, *paths], cwd=root, stderr=subprocess.PIPE, text=True, check=False
    )
    findings = [*run.stderr.splitlines(), *bare_suppressions(root, tree.code(root))]
    if run.returncode and not findings:
        findings = [f"cppcheck failed with exit code {run.returncode}"]
    return tree.report(findings, f"cppcheck over {len(paths)} files")


if __name__ == "__main__":
    sys.exit(main())

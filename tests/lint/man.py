#!/usr/bin/python3
"""tests/lint/man.py - man pages are well formed, and their tables are the configuration's own."""

import shutil
import subprocess
import sys

import tree

PAGES = {".1", ".5", ".8"}
# References to each other are found once installed.
QUIET = "referenced manual not found"


def main():
    root = tree.arguments(__doc__).parse_args().root
    pages = tree.files(root, PAGES, {"docs"})
    findings = []
    generator = root / "docs/man/generate.py"
    if generator.exists():
        run = subprocess.run(
            [sys.executable, generator, "--check"], capture_output=True, text=True, check=False
        )
        if run.returncode:
            findings += (run.stdout + run.stderr).splitlines()
    if shutil.which("mandoc") is None:
        print("note: mandoc is not installed: the pages' form is not checked")
    else:
        run = subprocess.run(
            ["mandoc", "-T", "lint", "-W", "style", *pages],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        findings += [line for line in run.stdout.splitlines() if QUIET not in line]
    return tree.report(findings, f"{len(pages)} man pages")


if __name__ == "__main__":
    sys.exit(main())

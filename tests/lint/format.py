#!/usr/bin/python3
"""tests/lint/format.py - every C file stands as clang-format 14 would write it."""

import shutil
import subprocess
import sys

import tree

TOOL = "clang-format-14"  # other versions lay out the same configuration differently
SKIP = 77


def main():
    root = tree.arguments(__doc__).parse_args().root
    if shutil.which(TOOL) is None:
        print(f"skipped: {TOOL} is not installed here")
        return SKIP
    paths = tree.code(root)
    run = subprocess.run(
        [TOOL, "--dry-run", "-Werror", "--style=file", *paths], cwd=root, check=False
    )
    if run.returncode:
        print(f"format them: cd {root} && {TOOL} -i FILE...")
    print(f"layout of {len(paths)} files: {'findings' if run.returncode else '0 findings'}")
    return 1 if run.returncode else 0


if __name__ == "__main__":
    sys.exit(main())

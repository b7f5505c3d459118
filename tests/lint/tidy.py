#!/usr/bin/python3
"""tests/lint/tidy.py - clang-tidy over every .c file that the build compiles.

A file is looked at again only when it, a header of ours that it reaches, .clang-tidy or
its compile command has changed: answers are remembered in the build directory.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import layer_law
import tree

TOOL = "clang-tidy-14"  # each version knows other checks; one answer for everyone
SKIP = 77
EXTRA = ["--extra-arg=-Wno-unknown-warning-option"]  # the database is written for gcc


def reached(root, path, seen):
    """path and the project's headers that it includes, directly or not."""
    if path in seen or not (root / path).is_file():
        return seen
    seen.add(path)
    text = (root / path).read_text(encoding="utf-8", errors="replace")
    for own, _ in layer_law.INCLUDE.findall(text):
        if own:
            reached(root, Path(own), seen)
    return seen


def digest(root, entry, path):
    h = hashlib.sha256()
    for folder in path.parents:
        config = root / folder / ".clang-tidy"
        h.update(config.read_bytes() if config.exists() else b"")
    h.update(entry.get("command", "").encode())
    for source in sorted(reached(root, path, set())):
        h.update((root / source).read_bytes())
    return h.hexdigest()


def compiled(root, build):
    """The database's entries for our own files, the first of each: looked at twice in one
    process, every va_list seems uninitialised to the analyzer."""
    first = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        path = Path(entry["file"])
        if path.is_relative_to(root) and not path.is_relative_to(build):
            first.setdefault(path, entry)
    return list(first.values())


def look(root, cache, entry):
    """The findings about one compiled file, remembered or new."""
    path = Path(entry["file"]).relative_to(root)
    answer = cache / digest(root, entry, path)
    if answer.exists():
        return answer.read_text(encoding="utf-8")
    run = subprocess.run(
        [TOOL, "--quiet", "-p", cache, *EXTRA, entry["file"]],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    findings = run.stdout.replace(f"{root}/", "")
    if run.returncode and not findings:
        return f"{path}: {TOOL} failed:\n{run.stderr}"
    answer.write_text(findings, encoding="utf-8")
    return findings


def blocks(findings):
    """One string a finding, its notes with it; a header's stands in every file's answer."""
    return [b.rstrip() for b in re.split(r"(?m)^(?=\S+: error: )", findings) if b.strip()]


def main():
    parser = tree.arguments(__doc__)
    parser.add_argument("--build", type=Path, required=True, help="has compile_commands.json")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    if shutil.which(TOOL) is None:
        print(f"skipped: {TOOL} is not installed here")
        return SKIP
    root, build = options.root.resolve(), options.build.resolve()
    ours = compiled(root, build)
    cache = build / "lint-cache"
    cache.mkdir(exist_ok=True)
    (cache / "compile_commands.json").write_text(json.dumps(ours), encoding="utf-8")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        findings = list(pool.map(lambda entry: look(root, cache, entry), ours))
    said = sorted({block for finding in findings for block in blocks(finding)})
    return tree.report(said, f"{TOOL} over {len(ours)} files")


if __name__ == "__main__":
    sys.exit(main())

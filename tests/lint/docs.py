#!/usr/bin/python3
"""tests/lint/docs.py - what the documents name is there: functions, files, links.

A name in backticks that looks like one of our functions (`wd_x()`), types or files must exist;
a link within the project must lead somewhere; ARCHITECTURE.md stays a short read.
"""

import re
import sys

import tree

ARCHITECTURE_LINES = 200
CODE_BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
NAME = re.compile(r"`(wd_\w+)(?:\(\))?`")
FILE = re.compile(r"`((?:core|parsers|dedup|feeds|queue|daemon|systemd|scripts|docs|tests|bench)/[\w./*-]*)`")
# In docs/security.md a name of three words or more is a test's.
TEST = re.compile(r"`([a-z]+(?:_[a-z0-9]+){2,})`")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#]+)")


def identifiers(root):
    words = set()
    for path in tree.code(root):
        words.update(re.findall(r"\bwd_\w+", (root / path).read_text(encoding="utf-8")))
    return words


def tests(root):
    words = set()
    for path in tree.files(root, {".py", ".c"}, {"tests"}):
        words.update(re.findall(r"\b[a-z]+(?:_[a-z0-9]+){2,}\b",
                                (root / path).read_text(encoding="utf-8")))
    return words


def check_tests(root, path):
    known = tests(root)
    for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1):
        for name in TEST.findall(line):
            if name not in known:
                yield f"{path}:{number}: there is no test `{name}`"


def check(root, path, known):
    text = (root / path).read_text(encoding="utf-8")
    if path.name == "ARCHITECTURE.md" and text.count("\n") > ARCHITECTURE_LINES:
        yield f"{path}: {text.count(chr(10))} lines, at most {ARCHITECTURE_LINES}"
    prose = CODE_BLOCK.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    for number, line in enumerate(prose.splitlines(), 1):
        for name in NAME.findall(line):
            if name not in known:
                yield f"{path}:{number}: `{name}` is not in the code"
        for file in FILE.findall(line):
            if not any(root.glob(file.rstrip("/"))):
                yield f"{path}:{number}: there is no `{file}`"
        for link in LINK.findall(line):
            if not (root / path).parent.joinpath(link).exists():
                yield f"{path}:{number}: the link to {link} leads nowhere"


def main():
    root = tree.arguments(__doc__).parse_args().root
    known = identifiers(root)
    paths = tree.files(root, {".md"})
    findings = [finding for path in paths for finding in check(root, path, known)]
    findings += [finding for path in paths if path.name == "security.md"
                 for finding in check_tests(root, path)]
    return tree.report(findings, f"documents, {len(paths)} files")


if __name__ == "__main__":
    sys.exit(main())

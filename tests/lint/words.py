#!/usr/bin/python3
"""tests/lint/words.py - what no file may say, how each begins, and that scripts parse."""

import ast
import os
import re
import subprocess
import sys

import tree

# Words that promise work later, and places that exist on one machine only.  Written in
# pieces, so that this file may hold them.
LATER = re.compile(r"\b(TO" "DO|FIX" "ME|XX" r"X|HA" r"CK)\b")
MACHINE = re.compile(r"(?<![\w.}*-])/(?:wo" r"rk|ro" r"ot|ho" r"me)/\w")
REGISTRY = re.compile(
    r"\b("
    + "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "org"),
            ("npmjs", "com"),
            ("crates", "io"),
            ("rubygems", "org"),
            ("golang", "org"),
            ("deb", "debian", "org"),
            ("security", "debian", "org"),
            ("archive", "ubuntu", "com"),
            ("docker", "io"),
        )
    )
    + r")\b",
    re.IGNORECASE,
)
RULES = [
    (LATER, "promises work: do it, or open an issue"),
    (MACHINE, "a path of one machine"),
    (REGISTRY, "a package registry: its own client knows where it is"),
]
# A test says what it promises in its names.
PROMISING = ("core", "parsers", "dedup", "feeds", "queue", "daemon")
# Bytes on purpose: feeds and fuzz inputs, broken as they must be.
DATA = ("tests/data/", "tests/fuzz/corpus/", "tests/scenario/data/", "scripts/sample/")


def text_of(file):
    raw = file.read_bytes()
    return None if b"\0" in raw[:4096] else raw.decode("utf-8", errors="replace")


def words(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, why in RULES:
            if match := pattern.search(line):
                yield f"{path}:{number}: '{match.group()}': {why}"


def first_line(path, text):
    """`/* path - one promise`, on the first line or the second."""
    name = re.escape(path.as_posix())
    if path.parts[0] not in PROMISING or path.suffix not in (".c", ".h"):
        return
    if not re.match(rf"/\*(?:\n \*)? {name} - \S", text):
        yield f"{path}:1: begins with `/* {path} - one promise`"


def shell(root, path, text):
    """Scripts parse (bash -n) and, where shellcheck is installed, pass it."""
    if not re.match(r"#!.*\b(ba)?sh\b", text):
        return
    for command in (["bash", "-n"], ["shellcheck", "--severity=style", "--format=gcc"]):
        try:
            run = subprocess.run(
                [*command, root / path], capture_output=True, text=True, check=False
            )
        except FileNotFoundError:
            print(f"note: {command[0]} is not installed: {path} is not checked by it")
            continue
        if run.returncode:
            yield from (run.stdout + run.stderr).replace(f"{root}/", "").splitlines()


def python(path, text):
    if path.suffix != ".py" and not re.match(r"#!.*\bpython3?\b", text):
        return
    try:
        ast.parse(text, path.as_posix())
    except SyntaxError as error:
        yield f"{path}:{error.lineno}: {error.msg}"


def executable(root, path, text):
    """A file that names its interpreter can be run."""
    if text.startswith("#!") and not os.access(root / path, os.X_OK):
        yield f"{path}:1: has a #! line and may not be executed (chmod +x)"


def main():
    root = tree.arguments(__doc__).parse_args().root
    findings = []
    paths = [p for p in tree.files(root) if not p.as_posix().startswith(DATA)]
    for path in paths:
        text = text_of(root / path)
        if text is None:
            continue
        findings += [*words(path, text), *first_line(path, text)]
        findings += [*shell(root, path, text), *python(path, text), *executable(root, path, text)]
    return tree.report(findings, f"words of {len(paths)} files")


if __name__ == "__main__":
    sys.exit(main())

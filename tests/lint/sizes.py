#!/usr/bin/python3
"""tests/lint/sizes.py - nothing outgrows what a reader can hold: files, functions, parameters.

A function whose shape a library dictates says so in the comment before it
("libxml2's signature"); its parameters are then not counted.
"""

import re
import sys

import csource
import tree

C_LINES_HARD, C_LINES_ASK = 800, 500
H_LINES_HARD = 120
FUNCTION_LINES_HARD = 80
PARAMETERS_HARD = 5
DICTATED = re.compile(r"'s\s+(?:\*\s+)?signature")


def check_file(path, text):
    lines = text.count("\n") + (not text.endswith("\n"))
    hard = H_LINES_HARD if path.suffix == ".h" else C_LINES_HARD
    if lines > hard:
        yield f"{path}:{hard + 1}: {lines} lines, at most {hard}: is there a second noun in it?"
    elif lines > C_LINES_ASK:
        print(f"{path}: note: {lines} lines; past {C_LINES_ASK} a file should know why")


def check_functions(path, text):
    for f in csource.functions(text):
        if f.lines > FUNCTION_LINES_HARD:
            yield f"{path}:{f.line}: {f.name}() has {f.lines} lines, at most {FUNCTION_LINES_HARD}"
        if f.parameters > PARAMETERS_HARD and not DICTATED.search(f.remark):
            yield (
                f"{path}:{f.line}: {f.name}() takes {f.parameters} parameters, "
                f"at most {PARAMETERS_HARD}"
            )


def main():
    root = tree.arguments(__doc__).parse_args().root
    paths = tree.code(root)
    findings = []
    for path in paths:
        text = (root / path).read_text(encoding="utf-8", errors="replace")
        findings += [*check_file(path, text), *check_functions(path, text)]
    return tree.report(findings, f"sizes of {len(paths)} files")


if __name__ == "__main__":
    sys.exit(main())

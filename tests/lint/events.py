#!/usr/bin/python3
"""tests/lint/events.py - every event of the log is explained: in docs/operations.md, with what to
do, and from there in the journal's catalog."""

import importlib.machinery
import re
import subprocess
import sys

import tree

EVENT = re.compile(r'"((?:daemon|control|storage|clock|feed|fetch|parse|list|host|net|websub|item|redis|outbox)'
                   r'\.[a-z_]+)"')
# In the same form, and no event: types on the stream, and files.
OTHERS = {"item.copy", "item.revision", "redis.log", "redis.pid", "redis.sock"}
FOLDERS = {"daemon", "feeds", "queue"}


def main():
    root = tree.arguments(__doc__).parse_args().root
    catalog = importlib.machinery.SourceFileLoader("catalog", str(root / "scripts/catalog"))
    rows = catalog.load_module().events((root / "docs/operations.md").read_text(encoding="utf-8"))
    said = {}
    for path in tree.files(root, {".c", ".h"}, FOLDERS):
        for event in EVENT.findall((root / path).read_text(encoding="utf-8")):
            said.setdefault(event, path)
    explained = [event for event, *_ in rows]
    findings = [f"{said[e]}: {e} is not explained in docs/operations.md"
                for e in sorted(set(said) - OTHERS - set(explained))]
    findings += [f"docs/operations.md: nobody says {e}" for e in sorted(set(explained) - set(said))]
    findings += [f"docs/operations.md: {e} stands there twice"
                 for e in sorted(set(explained)) if explained.count(e) > 1]
    run = subprocess.run([sys.executable, root / "scripts/catalog", "--check"],
                         capture_output=True, text=True, check=False)
    findings += run.stdout.splitlines()
    return tree.report(findings, f"{len(explained)} events")


if __name__ == "__main__":
    sys.exit(main())

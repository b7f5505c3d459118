#!/usr/bin/python3
"""tests/corpus/parsing.py - the conformance corpus through `wiredesk parse --batch` and score.py."""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77
# What is reached (issue 3 asks for 98.5 in all); a figure below is a regression.
TOTAL = 98.5
INFORMATION = {"sanitize-exact", "encoding-label", "encoding-exotic", "encoding-guess",
               "json-odd-version", "dates-weird"}
GATE = 97.0
FLOORS = {"illformed": 95.0, "sanitize-safe": 100.0, "hostile": 100.0, "item-count": 99.5,
          "namespaces": 97.0}
MAX_EXCEPTIONS = 30


def missing(path):
    print(f"../shared/{path} is missing: this checkout has no corpora")
    return 1 if os.environ.get("WIREDESK_REQUIRE_CORPUS") == "1" else SKIPPED


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--wiredesk", required=True)
    options.add_argument("--shared", required=True, type=pathlib.Path)
    options.add_argument("--exceptions", required=True, type=pathlib.Path)
    given = options.parse_args()
    corpus = given.shared / "corpus" / "parsing"
    if not corpus.is_dir():
        return missing("corpus/parsing")
    with tempfile.TemporaryDirectory() as folder:
        full = pathlib.Path(folder, "score.json")
        subprocess.run([sys.executable, "-B", corpus / "score.py", "--batch", "--json", full,
                        corpus / "conformance", given.wiredesk, "parse", "--batch"], check=True)
        score = json.loads(full.read_text(encoding="utf-8"))
    with open(given.exceptions, encoding="utf-8", newline="") as f:
        known = {row["id"] for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)}
    failed = {f["id"]: f for f in score["failures"]}
    excused = {}
    for case in known & failed.keys():
        excused[failed[case]["group"]] = excused.get(failed[case]["group"], 0) + 1
    wrong = [f"{case} is an exception and passes" for case in sorted(known - failed.keys())]
    if len(known) > MAX_EXCEPTIONS:
        wrong.append(f"{len(known)} exceptions, at most {MAX_EXCEPTIONS}")
    total = 100 * score["total"]["pass"] / score["total"]["all"]
    if total < TOTAL:
        wrong.append(f"total {total:.2f} < {TOTAL}")
    for name, group in sorted(score["groups"].items()):
        # An exception is a miss in every figure; here it only does not count twice.
        percent = 100 * (group.get("pass", 0) + excused.get(name, 0)) / group["all"]
        floor = FLOORS.get(name, 0 if name in INFORMATION else GATE)
        if percent < floor:
            wrong.append(f"{name} {percent:.1f} < {floor}, exceptions forgiven")
    unsound = {k: n for k, n in score["documents"].items() if k in ("crash", "timeout", "badjson")}
    if unsound:
        wrong.append(f"documents that brought it down: {unsound}")
    print("\n".join(wrong) or f"{total:.2f} % of {score['total']['all']} cases")
    return 1 if wrong else 0


sys.exit(main())

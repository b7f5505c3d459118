#!/usr/bin/python3
"""tests/corpus/badfeeds.py - every line of the hostile corpus's manifest, under its README's rules
for a runner.

Each file alone and all in one process (`--batch`), 5 s of CPU each; cut at every byte by
parse_everywhere.  The parser takes a body whole, so chunks of any size are the same to it;
what Content-Encoding does is the transport's business and decoded here."""

import argparse
import csv
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import zlib

SKIPPED = 77
CPU_S = 5
CUT_BYTES = 4096            # files up to here are cut at every byte, larger ones at 512 places
GROWTH_KB = 5 * 1024        # resident memory after all of them, against before
SANITIZER_KB = 5 * 1024     # gcc 14's AddressSanitizer keeps books of its own on what it has seen
AGAIN_KB = 1024             # and after all of them once more: a leak grows each time
# The transport refuses these before there is anything to parse.
TRANSPORT = {"decode", "body"}
WORDS = {"html": {"html"}, "not-a-feed": {"not-a-feed"}, "encoding": {"encoding"},
         "dtd": {"entities"}, "dtd-or-limit": {"entities", "limit"}, "depth": {"limit"},
         "truncated": {"truncated"}, "items": {"limit"}}


def missing(path):
    print(f"../shared/{path} is missing: this checkout has no corpora")
    return 1 if os.environ.get("WIREDESK_REQUIRE_CORPUS") == "1" else SKIPPED


def decoded(row, body):
    """The body as the transport would hand it over; None when it would not."""
    note = row["note"]
    if "Content-Encoding" not in note:
        return body
    if row["expected"].split(":")[-1] in TRANSPORT:
        return None
    form = -zlib.MAX_WBITS if "deflate" in note else zlib.MAX_WBITS | 16
    return zlib.decompressobj(form).decompress(body)


def verdict(expected, answer):
    """Empty when the answer is what one of the expectations allows."""
    items = len(answer.get("items", []))
    kept = "items" in answer
    for one in re.split(r" or ", expected):
        kind, _, what = one.partition(":")
        if kind == "ok" and kept and answer["outcome"] == "complete" and items == int(what):
            return ""
        if kind == "partial" and (items >= int(what)) and (kept or what == "0"):
            return ""
        if kind in ("reject", "limit") and answer["outcome"] in WORDS[what] and items == 0:
            return ""
        if kind == "limit" and answer["outcome"] in WORDS[what]:
            return ""
    return f"want {expected}, got {answer.get('outcome')} with {items} items"


NO_QUARANTINE = "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"


class Batch:
    def __init__(self, wiredesk):
        self.sanitized = b"__asan_init" in pathlib.Path(wiredesk).read_bytes()
        # AddressSanitizer keeps what is freed for a while, unless told not to: growth counts here.
        self.child = subprocess.Popen([wiredesk, "parse", "--batch"], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE,
                                      env={**os.environ, "ASAN_OPTIONS": NO_QUARANTINE})

    def ask(self, path, headers):
        line = json.dumps({"file": str(path), "url": "http://news.example/feed",
                           "http_headers": headers})
        self.child.stdin.write(line.encode() + b"\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())

    def resident_kb(self):
        with open(f"/proc/{self.child.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def end(self):
        self.child.stdin.close()
        return self.child.wait(timeout=30)


def limit_cpu():
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))


def alone(wiredesk, path):
    child = subprocess.run([wiredesk, "parse", path], capture_output=True, preexec_fn=limit_cpu,
                           check=False)
    return child.returncode in (0, 1) and json.loads(child.stdout)


def headers_of(row):
    kind = re.search(r"Content-Type: ([^;]+)", row["note"])
    return {"Content-Type": kind.group(1)} if kind else {}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--wiredesk", required=True)
    options.add_argument("--everywhere", required=True)
    options.add_argument("--shared", required=True, type=pathlib.Path)
    given = options.parse_args()
    corpus = given.shared / "corpus" / "badfeeds"
    if not corpus.is_dir():
        return missing("corpus/badfeeds")
    with open(corpus / "manifest.tsv", encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    wrong, bodies, skipped = [], [], 0
    control = corpus / "000_ok_rss20.xml"
    batch = Batch(given.wiredesk)
    batch.ask(control, {})
    before = batch.resident_kb()
    with tempfile.TemporaryDirectory() as folder:
        for row in rows:
            source = corpus / row["file"]
            body = decoded(row, source.read_bytes()) if source.exists() else None
            if body is None:
                skipped += 1
                continue
            path = pathlib.Path(folder, row["file"])
            path.write_bytes(body)
            bodies.append(path)
            answer = batch.ask(path, headers_of(row))
            also = re.search(r"(ok:\d+) is acceptable", row["note"])
            why = verdict(row["expected"] + (f" or {also.group(1)}" if also else ""), answer)
            single = alone(given.wiredesk, path)
            if single is False or len(single.get("items", [])) != len(answer.get("items", [])):
                why += " alone: another outcome, or a signal"
            if why:
                wrong.append(f"{row['file']}: {why}")
        after = batch.resident_kb()
        for path in bodies:
            batch.ask(path, {})
        again = batch.resident_kb()
        if len(batch.ask(control, {})["items"]) != 3:
            wrong.append("the control feed no longer has its three items")
        if batch.end() != 0:
            wrong.append("the batch did not end well")
        if after - before > GROWTH_KB + (SANITIZER_KB if batch.sanitized else 0):
            wrong.append(f"grew by {after - before} kB")
        if again - after > AGAIN_KB:
            wrong.append(f"grew by {again - after} kB more when all were read once more")
        cuts = subprocess.run([given.everywhere, str(CUT_BYTES), *bodies], check=False)
        if cuts.returncode != 0:
            wrong.append(f"cut somewhere: exit {cuts.returncode}")
    print("\n".join(wrong) or f"{len(bodies)} documents as the manifest says, "
          f"{skipped} stopped by the transport or made by the large generator")
    return 1 if wrong else 0


sys.exit(main())

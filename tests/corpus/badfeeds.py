#!/usr/bin/python3
"""tests/corpus/badfeeds.py - every line of the hostile corpus's manifest, under its README's rules
for a runner.

All in one process (`--batch`, with the sanitizers of this build), a control feed before and after,
and memory compared; each alone in 5 s of CPU, by a pipe in chunks of 1, 7 and 4096 bytes; cut at
every byte by parse_everywhere; the seven that are too large to keep, made by the lab's generator.
Alone means in 512 MB of address space too, where there is a build without sanitizers: they reserve
terabytes.  What Content-Encoding does is the transport's business and decoded here."""

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
import threading
import zlib

SKIPPED = 77
CPU_S = 5
ADDRESS_SPACE = 512 << 20
CHUNKS = (1, 7, 4096)
BODY_BYTES = 8 << 20        # `http: max_body`: more never reaches the parser
# Files up to here are cut at every byte, the five larger ones at 512 places: WIREDESK_EVERY_BYTE=1
# cuts those at every byte too, and takes an hour with sanitizers.
CUT_BYTES = 1 << 30 if os.environ.get("WIREDESK_EVERY_BYTE") == "1" else 128 << 10
CHUNKED_BYTES = 8192        # a pipe takes that many chunks of a document, and no more
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


def has_sanitizer(program):
    return b"__asan_init" in pathlib.Path(program).read_bytes()


class Batch:
    def __init__(self, wiredesk):
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


class Alone:
    """One document, one process, under the rules' limits."""

    def __init__(self, wiredesk, release):
        self.program = release if release.exists() else wiredesk
        self.bounded = not has_sanitizer(self.program)
        if not self.bounded:
            print("no build without sanitizers: the 512 MB of address space are not checked")

    def limit(self):
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        if self.bounded:
            resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))

    def read(self, source):
        """The answer's bytes; None when it was ended by a signal."""
        child = subprocess.run([self.program, "parse", "-"], stdin=source, capture_output=True,
                               preexec_fn=self.limit, check=False)
        return child.stdout if child.returncode in (0, 1) else None

    def file(self, path):
        with open(path, "rb") as source:
            return self.read(source)

    def chunks(self, body, size):
        reader, writer = os.pipe()

        def feed():
            with os.fdopen(writer, "wb", buffering=0) as out:
                for at in range(0, len(body), size):
                    try:
                        out.write(body[at:at + size])
                    except BrokenPipeError:
                        return
        thread = threading.Thread(target=feed)
        thread.start()
        answer = self.read(reader)
        os.close(reader)
        thread.join()
        return answer


def judge_alone(alone, body, path, expected_items):
    """Empty when every way to hand the document over gives the same answer."""
    whole = alone.file(path)
    if whole is None:
        return " alone: ended by a signal"
    if len(json.loads(whole).get("items", [])) != expected_items:
        return " alone: other items"
    for size in CHUNKS:
        if len(body) <= CHUNKED_BYTES * size and alone.chunks(body, size) != whole:
            return f" in chunks of {size}: another answer"
    return ""


def big_ones(alone, rows, generator, folder):
    """Those that no repository holds: 390 MB, one after the other."""
    wrong = []
    subprocess.run([sys.executable, "-B", generator, folder], check=True, capture_output=True)
    for row in rows:
        path = pathlib.Path(folder, row["file"].split("/")[1])
        answer = alone.file(path)
        if answer is None:
            wrong.append(f"{row['file']}: ended by a signal")
        elif row["expected"] == "limit:body":
            if path.stat().st_size <= BODY_BYTES:
                wrong.append(f"{row['file']}: the transport would hand it over")
        elif why := verdict(row["expected"], json.loads(answer)):
            wrong.append(f"{row['file']}: {why}")
        path.unlink()
    return wrong


def headers_of(row):
    kind = re.search(r"Content-Type: ([^;]+)", row["note"])
    return {"Content-Type": kind.group(1)} if kind else {}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--wiredesk", required=True)
    options.add_argument("--everywhere", required=True)
    options.add_argument("--release", required=True, type=pathlib.Path)
    options.add_argument("--shared", required=True, type=pathlib.Path)
    given = options.parse_args()
    corpus = given.shared / "corpus" / "badfeeds"
    if not corpus.is_dir():
        return missing("corpus/badfeeds")
    with open(corpus / "manifest.tsv", encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    wrong, bodies, skipped = [], [], 0
    control = corpus / "000_ok_rss20.xml"
    alone = Alone(given.wiredesk, given.release)
    big = [row for row in rows if row["file"].startswith("BIG/")]
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
            why += judge_alone(alone, body, path, len(answer.get("items", [])))
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
        if after - before > GROWTH_KB + (SANITIZER_KB if has_sanitizer(given.wiredesk) else 0):
            wrong.append(f"grew by {after - before} kB")
        if again - after > AGAIN_KB:
            wrong.append(f"grew by {again - after} kB more when all were read once more")
        # each cut is a block of its own; keeping the freed ones is most of the cost
        cuts = subprocess.run([given.everywhere, str(CUT_BYTES), *bodies], check=False,
                              env={**os.environ, "ASAN_OPTIONS": NO_QUARANTINE})
        if cuts.returncode != 0:
            wrong.append(f"cut somewhere: exit {cuts.returncode}")
        wrong += big_ones(alone, big, given.shared / "lab" / "hostile" / "big_badfeeds.py", folder)
    print("\n".join(wrong) or f"{len(bodies)} documents as the manifest says, "
          f"{skipped - len(big)} stopped by the transport, {len(big)} large ones")
    return 1 if wrong else 0


sys.exit(main())

#!/usr/bin/python3
"""tests/faults/away.py - Redis is away while stories keep coming: memory, and the way back.

    away.py [--seconds N] [--rate N]

The real daemon, as many feeds as stories a second are wanted.  What grows whether Redis is there or
not is bounded: the desk remembers a thousand stories, which it has met before Redis goes, and
documents have a window, as a publisher's have.  Said in one line: how much its memory grew while Redis
was away, and how long it took until everything was on the streams.  Exit status 1: a story lost or
said twice, more than 10 MB grown, or not drained in 60 s.
"""
import argparse
import collections
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

from daemon import Daemon, binary  # noqa: E402
from reader import STREAMS, guid_of  # noqa: E402
from redis_server import RedisServer  # noqa: E402
from waiting import wait_until  # noqa: E402
from wire import Wire  # noqa: E402

PER_FEED = 1.3  # stories a second of a feed that is asked once a second or a little later (wire.py)
GROWN_KB, DRAIN_S = 10 * 1024, 60
WARM_S = 30
WINDOW = 40  # half a minute of a feed: the daemon asks once a second


def memory_kb(daemon):
    return daemon.status("VmRSS")


def on_streams(server):
    client = server.client()
    return collections.Counter(guid_of(fields) for stream in STREAMS
                               for _, fields in client.xrange(stream))


def arguments():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--seconds", type=int, default=600)
    p.add_argument("--rate", type=int, default=50)
    return p.parse_args()


def run(directory, args):
    server = RedisServer(directory / "redis", options=("--save", "")).start()
    wire = Wire(7, feeds=round(args.rate / PER_FEED), window=WINDOW)
    feeds = {name: {"url": wire.url(name), "interval": "1s"} for name in wire.feeds}
    daemon = Daemon(directory / "desk", server.url, feeds,
                    control={"socket": "off", "listen": "off"}, dedupe={"mode": "off", "max_items": 1000})
    daemon.start()
    try:
        time.sleep(min(args.seconds, WARM_S))
        there_kb, there = memory_kb(daemon), len(wire.expected)
        wire.seen |= set(on_streams(server))
        server.pause()  # it is there, and does not answer: the worse way to be away
        time.sleep(args.seconds)
        away_kb, away = memory_kb(daemon), len(wire.expected) - there
        wire.growing = False
        server.resume()
        back = time.monotonic()
        wait_until(lambda: set(on_streams(server)) >= wire.expected, "all of it is there", 300)
        drained = time.monotonic() - back
        found = on_streams(server)
        code = daemon.stop(60)
    finally:
        if daemon.alive():
            daemon.kill()
        server.stop()
        wire.close()
    return {"seconds": args.seconds, "stories_before": there, "stories_away": away,
            "rss_kb_before": there_kb, "rss_kb_grown": away_kb - there_kb,
            "drained_s": round(drained, 1), "lost": len(wire.expected - set(found)),
            "twice": sum(n - 1 for n in found.values()), "exit": code}


def main():
    args = arguments()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="wd-away-", dir=os.environ.get("TMPDIR")))
    try:
        result = run(directory, args)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    sanitized = b"__asan_init" in pathlib.Path(binary()).read_bytes()  # keeps freed memory
    grown = 0 if sanitized else result["rss_kb_grown"]
    bad = (result["lost"] or result["twice"] or result["exit"] != 0
           or result["drained_s"] > DRAIN_S or grown > GROWN_KB)
    print(json.dumps({**result, "ok": not bad}))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""tests/faults/run.py - break things at random, then count what was lost or said twice.

    run.py [--faults kill,flushall,... | --faults mixed] [--count N] [--seed N] [--keep]

The real daemon polls real feeds on loopback and hands them to a real Redis.  The seed makes the
choice of faults and of moments; it is printed with the result.  Exit status 1: something was
lost, said twice, missed by a live reader or repeated to it; the logs then stay.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

import faults  # noqa: E402
from daemon import SANITIZER, Daemon  # noqa: E402
from lab import SCRIPT, Cluster, Sentinels  # noqa: E402
from reader import STREAMS, Reader, guid_of  # noqa: E402
from relay import Relay  # noqa: E402
from store import REFUSED, Store  # noqa: E402
from waiting import wait_until  # noqa: E402
from wire import Wire  # noqa: E402

DRAIN_S = 120


class Run:
    def __init__(self, directory, seed, world):
        self.directory, self.seed = pathlib.Path(directory), seed
        self.dice = random.Random(seed)
        self.wire = Wire(seed)
        if world == "plain":
            self.store = Store(str(self.directory))
            self.relay = Relay(self.store.current.socket_path)
            self.url = self.relay.url
        else:
            self.store = (Sentinels if world == "sentinel" else Cluster)(str(self.directory))
            self.url = self.store.url
        feeds = {name: {"url": self.wire.url(name), "interval": "1s"} for name in self.wire.feeds}
        self.daemon = Daemon(self.directory / "desk", self.url, feeds,
                             control={"socket": "off", "listen": "off"}, log_level="info")
        self.reader = Reader(self.store, self.wire.seen)
        self.done = collections.Counter()
        self.twins, self.fenced = 0, 0
        self.lives = 0

    # ---- what faults use

    def kill_daemon(self):
        self.daemon.kill()
        self.check_report()
        self.start()

    def start(self):
        self.daemon.start(ready=False)
        self.lives += 1

    def check_report(self):
        report = self.daemon.raw_log()
        if SANITIZER.search(report):
            raise AssertionError(report[-4000:])
        if self.daemon.lives > 3:  # logs of good lives are not kept
            old = self.daemon.directory / f"log.{self.daemon.lives - 3}"
            old.unlink(missing_ok=True)

    def control(self, *command):
        try:
            return self.store.client().execute_command(*command)
        except REFUSED as e:
            if "SLEEP" not in command and "KILL" not in command:
                raise AssertionError(f"{command}: {e}") from e
            return None

    def for_a_while(self, break_it, mend_it):
        self.control(*break_it)
        time.sleep(self.dice.uniform(0.05, 0.6))
        self.control(*mend_it)

    def start_twin(self):
        """A second daemon on the same streams: the first must stop, by fence, and say so."""
        first = self.daemon
        first.wait_event("redis.ready")  # else the twin could be the first on the stream
        self.twins += 1
        self.daemon = Daemon(self.directory / f"twin{self.twins}", self.url,
                             first.config["feeds"], control=first.config["control"])
        self.daemon.start()
        code = first.wait_exit(60)
        first.end()
        if code == 0 or not first.events("redis.fenced"):
            raise AssertionError(f"exit status {code} after another took over\n" + first.tail())
        self.fenced += 1

    # ---- the run

    def go(self, names, count):
        self.start()
        for _ in range(count):
            time.sleep(self.dice.uniform(0.02, 0.35))
            fault = faults.BY_NAME[self.dice.choice(names)]
            self.done[fault.__name__] += 1
            fault(self)
            if self.daemon.process.poll() is not None:
                raise AssertionError(f"the daemon ended by itself ({self.daemon.process.returncode})"
                                     f" after {fault.__name__}\n" + self.daemon.tail())
        self.wire.growing = False
        wait_until(lambda: self.wire.left() == 0 and self.all_there(), "every story is on a stream",
                   DRAIN_S, watch=[self.daemon])

    def all_there(self):
        """What the last fault took from Redis is back, too."""
        try:
            entries = [e for stream in STREAMS for e in self.store.everything(stream)]
        except REFUSED:
            return False
        return self.wire.expected <= {guid_of(fields) for _, fields in entries}

    def settle(self):
        """The daemon drains and ends; the reader has the rest."""
        self.daemon.wait_event("daemon.ready")  # before, SIGTERM just ends it
        code = self.daemon.stop(60)
        self.check_report()
        if code != 0:
            raise AssertionError(f"exit status {code}\n" + self.daemon.tail())
        self.reader.stop()

    def verdict(self):
        found, entries, disorder = collections.Counter(), 0, 0
        missed = repeated = 0
        stories = set()
        for stream in STREAMS:
            seqs, ids = [], []
            for entry_id, fields in self.store.everything(stream):
                ids.append(entry_id)
                seqs.append(int(entry_id.split("-")[1]))
                event = json.loads(fields["j"])
                guid = event["data"].get("origin", {}).get("rawId")
                if guid is not None:  # a twin knows nothing of its elder's stories
                    found[event["id"] if self.twins else guid] += 1
                    stories.add(guid)
            entries += len(ids)
            disorder += sum(b != a + 1 for a, b in zip(seqs, seqs[1:]))
            missed += len(set(ids) - set(self.reader.ids[stream]))
            repeated += sum(n - 1 for n in self.reader.ids[stream].values())
        if not self.twins:
            repeated += sum(n - 1 for n in self.reader.guids.values())
        return {
            "stories": len(self.wire.expected), "entries": entries,
            "lost": len(self.wire.expected - stories),
            "duplicated": sum(n - 1 for n in found.values() if n > 1),
            "missed_live": missed, "repeated_live": repeated, "holes": disorder,
            "gaps": self.reader.gaps, "lives": self.lives,
            "answers_304": self.wire.answers[304],
        }

    def close(self):
        self.reader.running = False
        if self.daemon.alive():
            self.daemon.kill()
        self.store.close()
        self.wire.close()


BAD = ("lost", "duplicated", "missed_live", "repeated_live", "holes", "gaps")


def arguments():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--faults", default="kill")
    p.add_argument("--count", type=int, default=50)
    p.add_argument("--seed", type=int, default=int(time.time()) % 100000)
    p.add_argument("--keep", action="store_true", help="keep the directory of a good run too")
    args = p.parse_args()
    args.names = [f.__name__ for f in faults.MIXED] if args.faults == "mixed" \
        else args.faults.split(",")
    unknown = set(args.names) - set(faults.BY_NAME)
    if unknown:
        p.error(f"no such fault: {', '.join(unknown)}; there are {', '.join(faults.BY_NAME)}")
    worlds = {faults.WORLDS.get(name, "plain") for name in args.names if name != "kill"} or {"plain"}
    if len(worlds) > 1:
        p.error("faults of a cluster, of sentinels and of one server cannot be mixed")
    args.world = worlds.pop()
    return args


def main():
    args = arguments()
    if args.world != "plain" and not SCRIPT.exists():
        print(f"left out: {SCRIPT} is missing")
        return 1 if os.environ.get("WIREDESK_REQUIRE_CORPUS") else 77
    directory = tempfile.mkdtemp(prefix="wd-faults-", dir=os.environ.get("TMPDIR"))
    started = time.monotonic()
    run, result, why = Run(directory, args.seed, args.world), {}, None
    try:
        run.go(args.names, args.count)
        run.settle()
        result = run.verdict()
    except AssertionError as e:
        why = str(e)
        try:
            result = run.verdict()
        except REFUSED:
            result = {}
    finally:
        run.close()
    bad = why is not None or any(result[key] for key in BAD)
    print(json.dumps({"faults": args.faults, "count": args.count, "seed": args.seed, **result,
                      "seconds": round(time.monotonic() - started, 1), "ok": not bad}), flush=True)
    if args.faults == "mixed":
        print("  " + ", ".join(f"{n} {name}" for name, n in sorted(run.done.items())))
    if bad:
        print(f"FAILED with --faults {args.faults} --count {args.count} --seed {args.seed}; "
              f"everything is in {directory}\n{why or ''}")
    elif not args.keep:
        shutil.rmtree(directory, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

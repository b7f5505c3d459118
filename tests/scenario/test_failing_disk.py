"""The disk refuses every n-th write or sync of the living daemon: no validator runs ahead of the items,
and it recovers unaided.  By strace, since fiu-run fails calls at random or once, and knows no n-th;
each single write and sync of a transaction is failed by unit.queue.power_loss."""
import shutil
import sqlite3
import subprocess

import pytest

import events
import stories

STRACE = shutil.which("strace")


def fail_calls(daemon, call, error, nth):
    """Every n-th such call of the daemon ends with that error, until it is terminated."""
    return subprocess.Popen(
        [STRACE, "-qq", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e",
         f"inject={call}:error={error}:when={nth}+{nth}", "-p", str(daemon.pid)],
        stderr=subprocess.DEVNULL)


def items_and_etag(daemon):
    ledger = sqlite3.connect(f"file:{daemon.state}/ledger.db?mode=ro", uri=True, timeout=10)
    try:
        return ledger.execute("SELECT (SELECT count(*) FROM item), etag FROM feed").fetchone()
    finally:
        ledger.close()


@pytest.mark.skipif(STRACE is None, reason="strace is not installed")
@pytest.mark.parametrize("call,error,nth", [("pwrite64", "ENOSPC", 1), ("pwrite64", "ENOSPC", 4),
                                            ("pwrite64", "EIO", 3), ("fdatasync", "EIO", 1)])
def test_every_nth_call_fails(desk, redis, client, web, call, error, nth):
    url = web.put("/f", stories.rss(stories.stories("disk", 20)))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.length(client) == 20, "20 items")
    before = items_and_etag(daemon)
    tracer = fail_calls(daemon, call, error, nth)
    try:
        web.put("/f", stories.rss(stories.stories("disk", 70)[::-1]))
        daemon.wait_event("storage.failed", seconds=60)
        assert items_and_etag(daemon) in (before, (70, web.answers["/f"].validators()[0]))
    finally:
        tracer.terminate()
        tracer.wait(20)
    daemon.wait(lambda: events.length(client) == 70, "all 70, by itself", 60)
    found = [e.raw_id for e in events.read(client, events.ITEMS)]
    assert len(found) == len(set(found)) == 70
    daemon.wait_event("storage.restored")
    assert items_and_etag(daemon)[0] == 70
    assert daemon.stop() == 0

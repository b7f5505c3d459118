"""The outbox as an operator meets it: looked at, replayed, full, damaged, copied while it works."""
import json
import os
import shutil
import sqlite3
import time

import pytest

import events
import stories
from daemon import run


def wire(web, count, prefix="o"):
    url = web.put("/f", stories.rss(stories.stories(prefix, count)[::-1]))
    return {"wire": {"url": url, "interval": "1s"}}


def stat(desk):
    done = run("outbox", "stat", "--json", "--config", desk.config_path)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_stat_beside_a_running_daemon_and_after_it(desk, redis, client, web):
    daemon = desk(wire(web, 7)).start()
    daemon.wait(lambda: events.length(client) == 7, "7 items")
    daemon.wait(lambda: stat(daemon)["lanes"][0]["acked"] == 7, "they are acknowledged")
    redis.kill()
    web.put("/f", stories.rss(stories.stories("o", 12)[::-1]))
    daemon.wait(lambda: stat(daemon)["lanes"][0]["waiting"] == 5, "5 wait")
    assert daemon.stop() == 0
    items = stat(daemon)["lanes"][0]
    assert (items["last"], items["acked"], items["kept"]) == (12, 7, 12)
    assert items["waiting_bytes"] > 1000 and items["oldest_waiting"].startswith("20")
    shown = run("outbox", "stat", "--config", daemon.config_path)
    assert shown.returncode == 0 and "wiredesk:items" in shown.stdout
    assert len(shown.stdout.splitlines()) == 3


def test_stat_says_what_is_missing(desk):
    daemon = desk({})
    done = run("outbox", "stat", "--config", daemon.config_path)
    assert done.returncode == 1 and "no ledger" in done.stderr


def replay(desk, *more):
    return run("replay", "--config", desk.config_path, *more)


def test_replay_copies_once(desk, redis, client, web):
    daemon = desk(wire(web, 250)).start()
    daemon.wait(lambda: events.length(client) == 250, "250 items")
    first = replay(daemon, "--since", "1h", "--to", "again")
    assert first.returncode == 0, first.stderr
    assert "not touched" in first.stdout and "250 copied, 0 were there" in first.stdout
    assert client.xrange("again") == client.xrange("wiredesk:items")
    second = replay(daemon, "--since", "1h", "--to", "again")
    assert "0 copied, 250 were there" in second.stdout
    # What Redis has no more comes from the outbox, and what it has comes from there.
    client.xtrim("wiredesk:items", maxlen=0, approximate=False)
    third = replay(daemon, "--since", "1h", "--to", "from-outbox")
    assert "250 copied" in third.stdout, third.stdout + third.stderr
    assert client.xrange("from-outbox") == client.xrange("again")
    assert daemon.stop() == 0


def test_replay_refuses_with_a_sentence(desk, redis, client, web):
    daemon = desk(wire(web, 1)).start()
    daemon.wait(lambda: events.length(client) == 1, "an item")
    for more, word in ((["--since", "soon"], "--since"), ([], "--since"),
                       (["--since", "1h", "--to", "wiredesk:items"], "wiredesk's own")):
        done = replay(daemon, *more)
        assert done.returncode == 2 and word in done.stderr, (more, done.stderr)
    dry = replay(daemon, "--since", "1h", "--dry-run")
    assert dry.returncode == 0 and "wiredesk:items:replay" in dry.stdout
    assert not client.exists("wiredesk:items:replay")
    client.set("taken", "by another")
    done = replay(daemon, "--since", "1h", "--to", "taken")
    assert done.returncode == 1 and "WRONGTYPE" in done.stderr
    assert daemon.stop() == 0


@pytest.mark.parametrize("step", [60, 600], ids=["little by little", "more at once than there is room"])
def test_a_full_outbox_slows_then_stops_polling_and_loses_nothing(desk, redis, client, web, step):
    daemon = desk(wire(web, 20), redis={"url": redis.url, "outbox_max": "1MiB"}).start()
    daemon.wait(lambda: events.length(client) == 20, "20 items")
    redis.kill()
    count = 20

    def is_full():  # close to the limit, or one transaction would have passed it
        return daemon.events("redis.backpressure")

    while not is_full() and count < 4000:
        count += step
        asked = len(web.requests())
        web.put("/f", stories.rss(stories.stories("o", count)[::-1]))
        daemon.wait(lambda n=asked: is_full() or len(web.requests()) > n, "a poll")
    daemon.wait(is_full, "the outbox is full")
    assert daemon.events("outbox.high_water") or step > 60
    assert not daemon.events("storage.failed"), "the disk is well"
    asked = len(web.requests())
    time.sleep(3)
    assert len(web.requests()) <= asked + 1, "no new polls"
    redis.start()
    daemon.wait(lambda: events.both_lengths(redis.client()) == count, f"{count} items", 60)
    found = [e.raw_id for e in events.read_both(redis.client())]
    assert len(found) == len(set(found)) == count
    assert daemon.stop() == 0


def test_a_damaged_ledger_is_said_and_left_alone(desk, redis, client, web):
    daemon = desk(wire(web, 40)).start()
    daemon.wait(lambda: events.length(client) == 40, "40 items")
    assert daemon.stop() == 0
    ledger = daemon.state / "ledger.db"
    size = ledger.stat().st_size
    with open(ledger, "r+b") as f:
        f.seek(4096 * 3)
        f.write(b"\x5a" * (size // 2))
    before = ledger.read_bytes()
    daemon.start(ready=False)
    assert daemon.wait_exit() == 1
    said = daemon.wait_event("daemon.start_failed").text
    assert "damaged" in said and "untouched" in said and ".recover" in said
    assert ledger.read_bytes() == before


def test_a_backup_of_a_working_ledger_is_whole(desk, redis, client, web, place):
    """As docs say: sqlite3's own backup, while the daemon writes."""
    daemon = desk(wire(web, 30)).start()
    for step in range(1, 4):
        web.put("/f", stories.rss(stories.stories("o", 30 + 30 * step)[::-1]))
        copy = place / f"copy{step}"
        os.mkdir(copy)
        with sqlite3.connect(f"file:{daemon.state}/ledger.db?mode=ro", uri=True) as source, \
                sqlite3.connect(copy / "ledger.db") as target:
            source.backup(target)
        target.close()
        source.close()
        check = sqlite3.connect(copy / "ledger.db")
        assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        check.close()
        daemon.wait(lambda n=30 + 30 * step: events.length(client) == n, "the items")
    assert daemon.stop() == 0
    # The oldest copy goes back: nothing is lost, and new stories go on behind the stream.
    shutil.copy(place / "copy1" / "ledger.db", daemon.state / "ledger.db")
    for old in ("ledger.db-wal", "ledger.db-shm"):
        (daemon.state / old).unlink(missing_ok=True)
    web.put("/f", stories.rss(stories.stories("o", 130)[::-1]))
    daemon.start()
    daemon.wait(lambda: {f"o-{n}" for n in range(130)} <= short_ids(client), "all 130")
    daemon.wait_event("outbox.renumbered")
    assert daemon.stop() == 0


def short_ids(client):
    return {"o-" + e.raw_id.rsplit("-", 1)[-1] for e in events.read_both(client)}

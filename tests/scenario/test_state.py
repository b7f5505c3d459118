"""The state directory: one daemon at a time, never a silent new start, and backfill."""
import pytest

import events
import stories
from daemon import Daemon


def wire(web, count=3):
    return {"wire": {"url": web.put("/f", stories.rss(stories.stories("st", count))),
                     "interval": "1s"}}


def test_two_daemons_do_not_share_a_state(desk, client, web):
    first = desk(wire(web)).start()
    first.wait(lambda: events.both_lengths(client) == 3, "three items")
    second = desk(wire(web), state=str(first.state)).start(ready=False)
    assert second.wait_exit() == 1
    assert str(first.state) in second.raw_log()
    assert not second.events("daemon.ready")
    wire(web, 5)
    first.wait(lambda: events.both_lengths(client) == 5, "the first one goes on")
    assert first.stop() == 0


def test_two_daemons_do_not_share_a_stream(desk, client, web):
    """The later one takes the stream; the earlier one stops rather than fight."""
    first = desk(wire(web)).start()
    first.wait(lambda: events.both_lengths(client) == 3, "three items")
    second = desk({"other": {"url": web.put("/g", stories.rss(stories.stories("g", 4))),
                             "interval": "1s"}}).start(ready=False)
    for n in range(4, 12):
        web.put("/f", stories.rss(stories.stories("st", n)))
        web.put("/g", stories.rss(stories.stories("g", n + 1)))
        if not (first.alive() and second.alive()):
            break
        before = len(web.requests())
        first.wait(lambda b=before: len(web.requests()) >= b + 4 or not first.alive()
                   or not second.alive(), "polls")
    said = first.raw_log() + second.raw_log()
    assert [e for each in (first, second) for e in each.events("redis.fenced", REASON="FENCED")], \
        said[-3000:]
    for e in (first, second):
        if e.alive():
            assert e.stop() == 0
    client.xrange(events.ITEMS)  # whoever won: ids only rise, Redis saw to that


@pytest.mark.parametrize("damage", ["garbage", "cut"])
def test_a_damaged_ledger_is_never_silently_replaced(desk, client, web, damage):
    daemon = desk(wire(web, 40)).start()
    daemon.wait(lambda: events.both_lengths(client) == 40, "forty items")
    assert daemon.stop() == 0
    path = daemon.state / "ledger.db"
    whole = path.read_bytes()
    path.write_bytes(b"not a database, " * 1000 if damage == "garbage" else whole[:5000])
    daemon.start(ready=False)
    assert daemon.wait_exit() == 1
    assert "ledger" in daemon.raw_log()
    assert path.stat().st_size < len(whole) and events.both_lengths(client) == 40


def test_a_ledger_that_is_moved_away_is_missed_at_once(desk, client, web):
    """What was written into it then would be gone with the process, and never told again."""
    url = web.put("/f", stories.rss(stories.stories("m", 2)))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.length(client) == 2, "2 stories")
    ledger = daemon.state / "ledger.db"
    aside = ledger.rename(daemon.state / "aside.db")
    web.put("/f", stories.rss(stories.stories("m", 4)))
    failed = daemon.wait_event("storage.failed")
    assert "moved or deleted" in failed.reason
    assert events.length(client) == 2
    aside.rename(ledger)
    daemon.wait_event("storage.restored")
    daemon.wait(lambda: events.length(client) == 4, "4 stories")
    assert daemon.stop() == 0


def test_a_state_that_is_no_directory(desk, web, place):
    (place / "file").write_text("in the way")
    daemon = desk(wire(web), state=str(place / "file")).start(ready=False)
    assert daemon.wait_exit() in (1, 2)
    assert str(place / "file") in daemon.raw_log()
    assert (place / "file").read_text() == "in the way"


@pytest.mark.parametrize("backfill,count", [("none", 0), (3, 3), ("all", 8)])
def test_backfill(desk, client, web, backfill, count):
    """Of the first document the newest N; of every later one all that is new."""
    eight = [stories.story(f"bf-{n}", date=f"2026-03-10T0{9 - n}:00:00Z") for n in range(8)]
    url = web.put("/f", stories.atom(eight), "atom")
    daemon = desk({"wire": {"url": url, "interval": "1s"}}, schedule={"backfill": backfill})
    daemon.start()
    daemon.wait(lambda: sum(r.status == 304 for r in web.requests()) >= 2, "two passes")
    daemon.wait(lambda: events.both_lengths(client) == count, f"{count} items")
    late = stories.story("bf-late", date="2026-03-10T11:00:00Z")
    web.put("/f", stories.atom([late, *eight[:7]]), "atom")
    daemon.wait(lambda: events.both_lengths(client) == count + 1, "the new item")
    assert daemon.stop() == 0
    *old, new = events.read(client, events.ITEMS)
    assert {e.raw_id for e in old} == {i["id"] for i in eight[:count]}
    assert new.raw_id == late["id"]
    assert all("backfill" in e.origin["flags"] for e in old)
    assert "backfill" not in new.origin["flags"]


def test_a_state_moved_to_another_place(desk, client, web, place, redis):
    daemon = desk(wire(web)).start()
    daemon.wait(lambda: events.both_lengths(client) == 3, "three items")
    assert daemon.stop() == 0
    moved = place / "moved"
    daemon.state.rename(moved)
    again = Daemon(place / "again", redis.url, wire(web, 5), state=str(moved))
    try:
        again.start()
        again.wait(lambda: events.both_lengths(client) == 5, "two more items")
        assert again.stop() == 0
    finally:
        again.end()
    assert len({e.raw_id for e in events.read_both(client)}) == 5


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_copies_are_known_after_a_stop_and_after_a_kill(desk, client, web, how):
    """A stop leaves an image of the desk; without one the ledger's texts are read."""
    text = stories.text("image", 150)
    one = web.put("/one", stories.rss([stories.story("image", text)]))
    two = web.put("/two", stories.rss([]))
    daemon = desk({"one": {"url": one, "interval": "1s"}, "two": {"url": two, "interval": "1s"}})
    daemon.start().wait(lambda: events.length(client) == 1, "the story")
    image = daemon.state / "desk.image"
    if how == "stop":
        assert daemon.stop() == 0
    else:
        daemon.kill()
    assert image.exists() == (how == "stop")
    daemon.start()
    assert image.exists() == (how == "stop")
    web.put("/two", stories.rss([stories.story("again", "Our correspondent: " + text,
                                               link="https://other.example/again")]))
    daemon.wait(lambda: len(events.read_both(client)) == 2, "its copy")
    assert [e.type for e in events.read_both(client)] == ["item.new", "item.copy"]
    assert daemon.stop() == 0

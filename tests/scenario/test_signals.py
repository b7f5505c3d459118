"""SIGTERM drains and exits 0; SIGHUP takes a new configuration whole, or keeps the old one."""
import signal
import threading
import time

import events
import stories
from waiting import stays


def feed(web, name, count=3, **more):
    return {"url": web.put(f"/{name}", stories.rss(stories.stories(name, count))),
            "interval": "1s", **more}


def test_sigterm_hands_on_what_was_read(desk, redis, client, web):
    """Redis is stopped in mid-stream; SIGTERM waits for it within reason, and loses nothing."""
    daemon = desk({f"wire-{n}": feed(web, f"wire-{n}", 50) for n in range(4)})
    daemon.start(ready=False)
    daemon.wait(lambda: events.length(client) >= 1, "the first item")
    redis.pause()
    daemon.wait(lambda: len({r.path for r in web.requests() if r.status == 200}) == 4,
                "all four feeds were read")
    daemon.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    redis.resume()
    assert daemon.wait_exit() == 0
    assert daemon.events("daemon.stop")
    assert events.length(client) == 200
    assert len({e.raw_id for e in events.read(client, events.ITEMS)}) == 200


def test_sigterm_ends_while_a_server_is_silent(desk, web):
    hold = threading.Event()
    url = web.put("/slow", b"", hold=hold)
    daemon = desk({"slow": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: web.requests("/slow"), "the request is under way")
    start = time.monotonic()
    try:
        assert daemon.stop() == 0
    finally:
        hold.set()
    assert time.monotonic() - start < 25, "it waited for a server's time-out"


def test_sigint_is_as_good_as_sigterm(desk, client, web):
    daemon = desk({"wire": feed(web, "wire")}).start()
    daemon.wait(lambda: events.length(client) == 3, "three items")
    daemon.process.send_signal(signal.SIGINT)
    assert daemon.wait_exit() == 0


def test_sigterm_during_start(desk, web):
    feeds = {f"wire-{n}": feed(web, f"wire-{n}") for n in range(20)}
    daemon = desk(feeds)
    for delay in (0.0, 0.05, 0.15, 0.4):
        daemon.start(ready=False)
        time.sleep(delay)
        # Before its handlers stand, SIGTERM ends a process as it ends any other.
        assert daemon.stop() in (0, -signal.SIGTERM)


def test_a_reload_adds_removes_and_changes_feeds(desk, client, web):
    daemon = desk({"stays": feed(web, "stays"), "leaves": feed(web, "leaves"),
                   "moves": feed(web, "moves")}).start()
    daemon.wait(lambda: events.length(client) == 9, "nine items")
    pid = daemon.pid
    web.put("/moves-2", stories.rss(stories.stories("moves", 4)))
    daemon.config["feeds"]["moves"]["url"] = web.url("/moves-2")
    daemon.config["feeds"]["comes"] = feed(web, "comes", 2)
    del daemon.config["feeds"]["leaves"]
    daemon.write_config()
    daemon.reload()
    said = daemon.wait_event("daemon.reload_ok")
    assert "url" in daemon.events("feed.changed", FEED="moves")[0].text
    for word in ("1 added", "1 removed", "1 changed"):
        assert word in said.text, said
    assert [e.feed for e in daemon.events("feed.added")][-1:] in (["comes"], [])
    daemon.wait(lambda: events.length(client) == 12, "two of the new feed, one of the moved one")
    web.forget()
    daemon.wait(lambda: len(web.requests("/stays")) >= 3, "the old feed goes on")
    assert web.requests("/moves-2") and web.requests("/comes")
    assert not web.requests("/leaves") and not web.requests("/moves")
    assert daemon.pid == pid and daemon.stop() == 0
    assert len({e.raw_id for e in events.read(client, events.ITEMS)}) == 12


def test_a_bad_file_keeps_the_old_configuration(desk, client, web):
    daemon = desk({"wire": feed(web, "wire")}).start()
    daemon.wait(lambda: events.length(client) == 3, "three items")
    good = daemon.config_path.read_text()
    daemon.config_path.write_text(good + "surprise: true\n")
    daemon.reload()
    said = daemon.wait_event("daemon.reload_failed")
    assert "surprise" in said.text and f"{daemon.config_path}:" in said.text
    web.put("/wire", stories.rss(stories.stories("wire", 5)))
    daemon.wait(lambda: events.length(client) == 5, "the old configuration still works")
    daemon.config_path.write_text(good)
    daemon.reload()
    daemon.wait_event("daemon.reload_ok")
    assert daemon.stop() == 0


def test_a_feed_that_leaves_and_returns_repeats_nothing(desk, client, web):
    wire = feed(web, "wire")
    daemon = desk({"wire": wire, "other": feed(web, "other")}).start()
    daemon.wait(lambda: events.length(client) == 6, "six items")
    del daemon.config["feeds"]["wire"]
    daemon.write_config()
    daemon.reload()
    daemon.wait_event("daemon.reload_ok")
    daemon.config["feeds"]["wire"] = wire
    daemon.write_config()
    daemon.reload()
    daemon.wait_event("daemon.reload_ok", count=2)
    before = len(web.requests("/wire"))
    daemon.wait(lambda: len(web.requests("/wire")) >= before + 2, "it is polled again")
    assert daemon.stop() == 0
    assert events.both_lengths(client) == 6


def test_a_hail_of_reloads(desk, client, web):
    daemon = desk({f"wire-{n}": feed(web, f"wire-{n}") for n in range(10)}).start()
    names = list(daemon.config["feeds"])
    feeds = dict(daemon.config["feeds"])
    for round_ in range(15):
        keep = {n: feeds[n] for k, n in enumerate(names) if (k + round_) % 3}
        daemon.config["feeds"] = keep
        daemon.write_config()
        daemon.reload()
        time.sleep(0.1)
        assert daemon.alive()
    daemon.config["feeds"] = feeds
    daemon.write_config()
    daemon.reload()
    daemon.wait(lambda: events.both_lengths(client) == 30, "all thirty items")
    assert daemon.stop() == 0
    assert len({e.raw_id for e in events.read_both(client)}) == 30


def test_nothing_happens_without_feeds(desk, client):
    daemon = desk({}).start()
    stays(daemon.alive, 1, "it waits for a reload")
    assert events.both_lengths(client) == 0
    assert daemon.stop() == 0


def test_a_feed_that_leaves_while_it_is_asked(desk, client, web):
    hold = threading.Event()
    slow = {"url": web.put("/slow", stories.rss(stories.stories("slow", 2)), hold=hold),
            "interval": "1s"}
    daemon = desk({"slow": slow, "wire": feed(web, "wire")}).start()
    daemon.wait(lambda: web.requests("/slow") and events.both_lengths(client) == 3, "it is asked")
    del daemon.config["feeds"]["slow"]
    daemon.write_config()
    daemon.reload()
    daemon.wait_event("daemon.reload_ok")
    hold.set()
    before = len(web.requests("/wire"))
    daemon.wait(lambda: len(web.requests("/wire")) >= before + 3, "the other one goes on")
    assert len(web.requests("/slow")) == 1
    daemon.config["feeds"]["slow"] = slow
    daemon.write_config()
    daemon.reload()
    daemon.wait(lambda: events.both_lengths(client) == 5, "all five items")
    assert daemon.stop() == 0
    assert len({e.raw_id for e in events.read_both(client)}) == 5


def test_a_failing_feed_that_is_mended_is_asked_at_once(desk, web):
    wire = {"url": web.put("/wire", status=404), "user_agent": "one/1", "interval": "1h"}
    daemon = desk({"wire": wire}).start()
    daemon.wait_event("fetch.error", FEED="wire")
    daemon.reload()
    daemon.wait_event("daemon.reload_ok")
    stays(lambda: len(web.requests("/wire")) == 1, 1, "an unchanged one waits for its time")
    wire["user_agent"] = "two/2"
    daemon.write_config()
    daemon.reload()
    daemon.wait(lambda: len(web.requests("/wire")) == 2, "a changed one does not")
    assert "user_agent" in daemon.wait_event("feed.changed").text
    assert daemon.stop() == 0

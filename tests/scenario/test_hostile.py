"""Servers that misbehave in every known way, beside one that does not."""
import pytest

import events
import stories
from corpus import shared
from feed_server import FeedServer
from hostile import ENDPOINTS, THROTTLERS, WASTERS, WASTERS_TIME, HostileServer, feeds, slug


@pytest.fixture
def hostile(place):
    server = HostileServer(place)
    yield server
    server.stop()


def test_no_misbehaviour_brings_the_desk_down(desk, client, hostile):
    good = FeedServer(["127.0.9.1"]).start()  # a host of its own: politeness is per host
    good.put("/good", stories.rss(stories.stories("good", 3)))
    all_feeds = feeds(hostile, ENDPOINTS) | feeds(hostile, WASTERS, timeout=WASTERS_TIME)
    all_feeds["good"] = {"url": good.url("/good"), "interval": "1s"}
    try:
        hurt(desk(all_feeds, http={"allow_private": ["127.0.0.1/32", "127.0.9.1/32"]}), good,
             hostile)
    finally:
        good.stop()
    assert sum(e.feed == "good" for e in events.read_both(client)) == 3


def hurt(daemon, good, hostile):
    daemon.start()
    daemon.wait(lambda: len(good.requests()) >= 3, "the good feed is polled")
    daemon.wait(lambda: hostile.asked([*ENDPOINTS, *WASTERS]), "every hostile endpoint was asked",
                400)
    named = {slug(e): words for e, words in ENDPOINTS.items() if words}
    daemon.wait(lambda: {e.feed for e in daemon.events() if e.reason} >= set(named),
                "every refused endpoint is named", 200)
    daemon.config["feeds"] |= feeds(hostile, THROTTLERS)
    daemon.write_config()
    daemon.reload()
    daemon.wait_event("host.circuit_open")
    wrong = {}
    for name, words in named.items():
        said = [e.reason for e in daemon.events(FEED=name) if e.reason]
        if not set(said) <= words or len(said) != 1:
            wrong[name] = said
    assert not wrong, wrong
    requests = hostile.requests()
    hits = [r for r in requests if r["listener"] != "127.0.0.1"]
    assert not hits, "a private address was reached by redirect"
    assert not [r for r in requests if "xxe-hit" in r["path"]]
    assert not [r for r in requests for h in r["raw_headers"] if "Injected" in h or "\r" in h]
    assert "\x1b" not in daemon.raw_log(), "control characters of a server reach the terminal"
    assert daemon.status("VmHWM") < 1_500_000, "memory has a ceiling (ASan's overhead included)"
    before = len(good.requests())
    daemon.wait(lambda: len(good.requests()) >= before + 3, "the good feed goes on")
    assert daemon.stop() == 0


def test_bad_documents_hurt_nobody(desk, client, web):
    folder = shared("corpus", "badfeeds")
    files = sorted(p for p in folder.iterdir() if p.is_file() and p.name != "manifest.tsv"
                   and p.suffix not in (".md", ".py"))
    assert len(files) > 100
    feeds = {}
    for n, path in enumerate(files):
        headers = ["Content-Encoding: gzip"] if path.suffix == ".gz" else []
        url = web.put(f"/b{n}", path.read_bytes(), "text/xml", headers=headers)
        feeds[f"b{n}"] = {"url": url, "interval": "1h"}
    feeds["good"] = {"url": web.put("/good", stories.rss(stories.stories("good", 3))),
                     "interval": "1s"}
    daemon = desk(feeds).start()
    daemon.wait(lambda: {r.path for r in web.requests()} >= {f"/b{n}" for n in range(len(files))},
                "every bad document was fetched", 400)
    before = len(web.requests("/good"))
    daemon.wait(lambda: len(web.requests("/good")) >= before + 5, "the good feed goes on")
    assert daemon.stop() == 0
    handed_on = events.read_both(client)
    assert sum(e.feed == "good" for e in handed_on) == 3
    for e in handed_on:
        assert "root:x:0:0" not in e.fields["j"], "a file of this machine"
        for part in e.item.get("bodies", []) + e.item.get("descriptions", []):
            if part.get("contentType") == "text/html":
                for poison in ("<script", "javascript:", "onerror=", "<iframe"):
                    assert poison not in part["value"].lower(), part


def test_a_hostile_feed_cannot_suppress_anothers_story(desk, client, web):
    """Same guid, same link, back-dated: evidence at most, and never of low trust over normal."""
    true = stories.story("scoop", stories.text("scoop", 150))
    fake = {**true, "text": stories.text("spam", 150), "title": "Buy this",
            "date": "2001-01-01T00:00:00Z"}
    feeds = {"thief": {"url": web.put("/thief", stories.rss([fake])), "interval": "1s",
                       "trust": "low"}}
    daemon = desk(feeds).start()
    daemon.wait(lambda: events.both_lengths(client) == 1, "the thief came first")
    daemon.config["feeds"]["honest"] = {"url": web.put("/honest", stories.rss([true])),
                                        "interval": "1s", "trust": "normal"}
    daemon.write_config()
    daemon.reload()
    daemon.wait(lambda: events.both_lengths(client) == 2, "the honest story")
    assert daemon.stop() == 0
    honest = [e for e in events.read(client, events.ITEMS) if e.feed == "honest"]
    assert len(honest) == 1 and honest[0].type == "item.new", "suppressed by a thief"

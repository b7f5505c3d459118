"""240 captured feeds, served as 240 hosts: every item once, 304s from then on, and neither a SIGKILL
nor a fifth of them broken changes that."""
import collections
import contextlib
import json
import re

import pytest

import corpus
import events
from daemon import run
from feed_server import FeedServer, refused_url

FIRSTS = {"item.new", "item.copy", "item.revision"}


@pytest.fixture(scope="module")
def captures():
    return corpus.real_feeds()


@pytest.fixture
def wires(captures):
    """Every capture under its own path and its own loopback address."""
    server = FeedServer([f"127.0.1.{n}" for n in range(1, len(captures) + 1)]).start()
    for slug, path, content_type in captures:
        server.put(f"/{slug}", path.read_bytes(), content_type)
    yield server
    server.stop()


def urls(wires, captures):
    return {slug: wires.url(f"/{slug}", address)
            for (slug, _, _), address in zip(captures, wires.addresses)}


def parsed(captures, feeds):
    """slug -> the document that `wiredesk parse` reads from the same bytes."""
    lines = [json.dumps({"file": str(path), "url": feeds[slug],
                         "http_headers": {"content-type": content_type}})
             for slug, path, content_type in captures]
    done = run("parse", "--batch", stdin=("\n".join(lines) + "\n").encode(), timeout=300)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(captures), done.stderr
    return {slug: answer for (slug, _, _), answer in zip(captures, answers)}


def names(item):
    """The ids under which an item may be told: its own, or, in a document that uses one id for
    several stories, its link; or one of these and its title, where that tells them apart."""
    given = {item["id"], item.get("link") or item["id"]}
    return given | {f"{name} {item.get('title', '')}" for name in given}


def stories_of(document):
    """What makes one story of several items: id, link, and title or without one the text."""
    return {(i["id"], i.get("link"), i.get("title") or i.get("content_text"))
            for i in document["items"] if not i.get("unfinished")}


def account(handed_on, expected):
    """Every item of every document was handed on, none twice, and nothing else."""
    told = collections.Counter((e.feed, e.raw_id) for e in handed_on if e.type in FIRSTS)
    twice = {k: n for k, n in told.items() if n > 1}
    assert not twice, twice
    seen, count = collections.defaultdict(set), collections.Counter(feed for feed, _ in told)
    for e in handed_on:
        seen[e.feed].add(re.sub(" [0-9a-f]{16}$", " ", e.raw_id))  # of a text without a title
    wrong = {}
    for slug, document in expected.items():
        items = document["items"]
        missing = [i["id"] for i in items if not names(i) & seen[slug]]
        foreign = seen[slug] - set().union(*map(names, items))
        lost = len(stories_of(document)) - count[slug]
        if missing or foreign or lost:
            wrong[slug] = {"missing": missing[:3], "foreign": sorted(foreign)[:3], "lost": lost}
    assert not wrong, wrong


def passes(wires, count):
    """Every feed has been asked, and answered, at least that often."""
    answered = collections.Counter(r.path for r in wires.requests() if r.status)
    return len(answered) == len(wires.answers) and min(answered.values()) >= count


def whole(expected):
    """The paths of the documents that are whole; a few captures end in the middle."""
    paths = {f"/{slug}" for slug, d in expected.items() if d["outcome"] == "complete"}
    assert len(paths) >= 235
    return paths


def test_every_item_once_and_then_only_304s(desk, client, wires, captures):
    feeds = urls(wires, captures)
    expected = parsed(captures, feeds)
    assert sum(len(d["items"]) for d in expected.values()) > 4000
    daemon = desk({slug: {"url": url, "interval": "2s"} for slug, url in feeds.items()}).start()
    daemon.wait(lambda: passes(wires, 3), "three passes over all feeds", 300)
    assert daemon.stop() == 0
    account(events.read_both(client), expected)
    for path in wires.answers:
        first, *others = wires.requests(path)
        assert first.status == 200 and first.header("If-None-Match") is None
        for r in others:
            if path in whole(expected):
                assert r.status in (304, 0), (path, r)
            else:
                assert r.header("If-None-Match") is None, (path, r)
    named = {e.feed: e.reason for e in daemon.events() if e.level <= 4}
    assert named == {s: d["outcome"] for s, d in expected.items() if d["outcome"] != "complete"}


def test_sigkill_in_between_loses_and_adds_nothing(desk, client, wires, captures):
    feeds = urls(wires, captures)
    expected = parsed(captures, feeds)
    total = sum(len({i["id"] for i in d["items"]}) for d in expected.values())
    daemon = desk({slug: {"url": url, "interval": "2s"} for slug, url in feeds.items()})
    for share in (0.05, 0.3, 0.6, 0.9):
        daemon.start(ready=False)
        daemon.wait(lambda s=share: events.both_lengths(client) >= s * total,
                    f"{share:.0%} of the items are on the streams", 300)
        daemon.kill()
    wires.forget()
    daemon.start()
    daemon.wait(lambda: passes(wires, 2), "two passes over all feeds", 300)
    assert daemon.stop() == 0
    account(events.read_both(client), expected)
    once_more = events.both_lengths(client)
    wires.forget()
    daemon.start()
    daemon.wait(lambda: passes(wires, 1), "a pass over all feeds", 300)
    assert daemon.stop() == 0
    assert events.both_lengths(client) == once_more
    assert {r.status for r in wires.requests() if r.path in whole(expected)} <= {304, 0}


PAGE = b"<!doctype html><html><head><title>Moved</title></head><body><p>Gone.</p></body></html>"


def broken_answers(body):
    """kind -> (what its path answers instead, the reasons that name it); refused has no path."""
    return {"refused": (None, {"refused"}),
            "404": (dict(status=404), {"http-4xx"}),
            "500": (dict(status=500), {"http-5xx"}),
            "page": (dict(body=PAGE, content_type="html"), {"html"}),
            "truncated": (dict(body=body[:len(body) // 2]), {"truncated"}),
            "endless": (dict(body=body, endless=b" " * 65536), {"too-large"})}


def break_a_fifth(wires, captures, feeds, keep):
    """Every fifth feed breaks, one way after the other: slug -> the reasons that may name it."""
    broken = {}
    for n, ((slug, path, content_type), address) in enumerate(zip(captures, wires.addresses)):
        if n % 5:
            continue
        kinds = broken_answers(path.read_bytes())
        kind = list(kinds)[n // 5 % len(kinds)]
        answer, broken[slug] = kinds[kind]
        if kind == "refused":
            feeds[slug], holder = refused_url(address)
            keep.enter_context(holder)
            del wires.answers[f"/{slug}"]
        else:
            wires.put(f"/{slug}", **{"content_type": content_type, **answer})
    return broken


def test_a_fifth_broken_disturbs_no_other(desk, client, wires, captures):
    feeds = urls(wires, captures)
    expected = parsed(captures, feeds)
    with contextlib.ExitStack() as keep:
        broken = break_a_fifth(wires, captures, feeds, keep)
        assert len(broken) == 48
        daemon = desk({slug: {"url": url, "interval": "2s"} for slug, url in feeds.items()}).start()
        well = [path for path in wires.answers if path[1:] not in broken]
        daemon.wait(lambda: all(len(wires.requests(p)) >= 3 for p in well),
                    "three passes over the feeds that work", 300)
        daemon.wait(lambda: broken.keys() <= {e.feed for e in daemon.events() if e.level <= 4},
                    "every broken feed is named")
        assert daemon.stop() == 0
    account([e for e in events.read_both(client) if e.feed not in broken],
            {slug: d for slug, d in expected.items() if slug not in broken})
    told = [(e.feed, e.reason) for e in daemon.events() if e.level <= 4 and e.reason]
    named = collections.Counter(slug for slug, _ in told if slug in broken)
    assert named == collections.Counter(dict.fromkeys(broken, 1))
    assert [(slug, why) for slug, why in told if why not in broken.get(slug, {why})] == []
    assert {slug for slug, _ in told} - broken.keys() <= \
        {slug for slug, d in expected.items() if d["outcome"] != "complete"}
    healthy = whole(expected) - {f"/{slug}" for slug in broken}
    for path in healthy:
        assert [r.status for r in wires.requests(path)[1:] if r.status not in (304, 0)] == [], path

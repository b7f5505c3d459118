"""One feed in five is broken: the others do not notice, and each broken one is named once, with
its reason."""
import contextlib

import pytest

import events
import stories
from feed_server import FeedServer, refused_url

COUNT = 60
ENDLESS = stories.rss(stories.stories("endless", 5)).partition(b"</channel>")[0]


def cut(body):
    return body[: len(body) * 2 // 3]


# kind -> (what the path answers, the reason words that name it, log event)
BROKEN = {
    "refused": (None, {"refused"}, "fetch.error"),
    "404": (dict(status=404), {"http-4xx"}, "fetch.error"),
    "410": (dict(status=410), {"http-gone"}, "feed.gone"),
    "403": (dict(status=403), {"http-auth"}, "fetch.error"),
    "500": (dict(status=500), {"http-5xx"}, "fetch.error"),
    "503": (dict(status=503), {"http-503"}, "fetch.throttled"),
    "429": (dict(status=429, headers=["Retry-After: 600"]), {"http-429"}, "fetch.throttled"),
    "html": (dict(body=b"<!doctype html><html><head><title>Sorry</title></head><body><p>We have "
                  b"moved.</body></html>", content_type="html"), {"html"}, "parse.not_a_feed"),
    "html-as-feed": (dict(body=b"<html><head><title>Login</title></head><body><form></form>"
                          b"</body></html>"), {"html", "not-a-feed"}, "parse.not_a_feed"),
    "text": (dict(body=b"just a few words, no markup at all"), {"not-a-feed", "malformed"}, None),
    "truncated": (dict(body=cut(stories.rss(stories.stories("cut", 6)))), {"truncated"},
                  "parse.failed"),
    "closed": (dict(body=cut(stories.rss(stories.stories("shut", 6))), announced_length=99999),
               {"closed"}, "fetch.error"),
    "endless": (dict(body=ENDLESS, endless=b"<item><title>more</title></item>" * 500),
                {"too-large"}, "fetch.too_large"),
    "empty": (dict(body=b""), {"empty"}, "parse.failed"),
}


@pytest.fixture
def wires():
    server = FeedServer([f"127.0.2.{n}" for n in range(1, COUNT + 1)]).start()
    yield server
    server.stop()


def build(wires, keep):
    """slug -> (url, kind or None): COUNT feeds, and every kind of BROKEN among them."""
    feeds, kinds = {}, list(BROKEN)
    for n, address in enumerate(wires.addresses):
        kind = kinds[n // 4] if n % 4 == 0 and n // 4 < len(kinds) else None
        slug = f"bad-{kind}" if kind else f"good-{n}"
        if kind == "refused":
            url, holder = refused_url(address)
            keep.enter_context(holder)
        else:
            answer = BROKEN[kind][0] if kind else dict(body=stories.rss(stories.stories(n, 4)))
            wires.put(f"/{slug}", **answer)
            url = wires.url(f"/{slug}", address)
        feeds[slug] = (url, kind)
    return feeds


def test_each_is_named_once_and_the_others_are_unaffected(desk, client, wires):
    with contextlib.ExitStack() as keep:
        feeds = build(wires, keep)
        assert {kind for _, kind in feeds.values()} == {None, *BROKEN}
        daemon = desk({slug: {"url": url, "interval": "1s"} for slug, (url, _) in feeds.items()})
        daemon.start()
        good = [slug for slug, (_, kind) in feeds.items() if kind is None]
        daemon.wait(lambda: all(len(wires.requests(f"/{s}")) >= 4 for s in good),
                    "four polls of every good feed")
        for kind in BROKEN:
            slug = f"bad-{kind}"
            daemon.wait(lambda s=slug: daemon.events(FEED=s), f"the log names {slug}")
        daemon.wait(lambda: all(len(wires.requests(f"/{s}")) >= 7 for s in good),
                    "three more polls of every good feed")
        for kind, (_, words, event) in BROKEN.items():
            lines = [e for e in daemon.events(FEED=f"bad-{kind}") if e.level <= 4 and e.reason]
            assert len(lines) == 1, (kind, lines)
            assert lines[0].reason in words, (kind, lines[0])
            assert event in (None, lines[0].event), (kind, lines[0])
        assert daemon.stop() == 0
    handed_on = events.read_both(client)
    per_feed = {slug: sum(e.feed == slug for e in handed_on) for slug in feeds}
    assert {s: n for s, n in per_feed.items() if s in good and n != 4} == {}
    assert not [e for e in daemon.events() if e.feed in good and e.level <= 4]
    # What stood before the cut is news; what never was a feed is not.
    silent = {f"bad-{k}" for k in BROKEN} - {"bad-truncated", "bad-closed", "bad-endless"}
    assert {s: n for s, n in per_feed.items() if s in silent and n} == {}


def test_a_broken_feed_that_recovers_says_so_and_delivers(desk, client, web):
    url = web.put("/f", b"oops", status=500)
    daemon = desk({"patient": {"url": url, "interval": "1s"}}).start()
    daemon.wait_event("fetch.error", FEED="patient")
    web.put("/f", stories.rss(stories.stories("back", 3)))
    assert daemon.stop() == 0
    # The back-off outlives a restart; a new life with another URL asks at once.
    web.put("/moved", stories.rss(stories.stories("back", 3)))
    daemon.config["feeds"]["patient"]["url"] = web.url("/moved")
    daemon.write_config()
    daemon.start()
    daemon.wait(lambda: events.length(client) == 3, "three items")


def test_a_truncated_document_keeps_no_validators(desk, client, web):
    whole = stories.rss(stories.stories("long", 6))
    url = web.put("/f", cut(whole), etag='"half"', last_modified="Tue, 10 Mar 2026 09:00:00 GMT")
    daemon = desk({"half": {"url": url, "interval": "1s"}}).start()
    daemon.wait_event("parse.failed", FEED="half", REASON="truncated")
    assert daemon.stop() == 0
    kept = {e.raw_id for e in events.read_both(client)}
    assert 1 <= len(kept) < 6
    web.put("/f", whole, etag='"half"', last_modified="Tue, 10 Mar 2026 09:00:00 GMT")
    web.forget()
    daemon.config["feeds"]["half"]["url"] = url + "?again"
    web.answers["/f?again"] = web.answers["/f"]
    daemon.write_config()
    daemon.start()
    # The story in which the cut fell was told as far as it went: it may be updated now.
    daemon.wait(lambda: len({e.raw_id for e in events.read_both(client)}) == 6, "the other stories")
    first = web.requests("/f?again")[0]
    assert first.header("If-None-Match") is None and first.header("If-Modified-Since") is None

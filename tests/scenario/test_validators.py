"""Conditional requests, judged from the server's log: the validators it gave, byte for byte."""
import threading

import pytest

import events
import stories

DATE = "Tue, 10 Mar 2026 09:00:00 GMT"
LATER = "Tue, 10 Mar 2026 10:00:00 GMT"
# Odd, but all within 0x21-0x7e (and the obsolete spaces inside a date).
EXACT = [('"plain"', DATE), ('W/"weak"', DATE), ('"with\\"quotes"', ""), ("unquoted", ""),
         ('"' + "x" * 900 + '"', DATE), ('"a,b"', ""), ("", DATE), ("", "10 Mar 2026 09:00:00"),
         ("'single'", "never"), ('W/"', "")]


def polls(daemon, web, path, count):
    daemon.wait(lambda: sum(r.status > 0 for r in web.requests(path)) >= count,
                f"{count} polls of {path}")
    return [r for r in web.requests(path) if r.status]


def test_validators_come_back_byte_for_byte(desk, client, web):
    feeds = {}
    for n, (etag, date) in enumerate(EXACT):
        url = web.put(f"/{n}", stories.rss(stories.stories(f"v{n}", 2)), etag=etag,
                      last_modified=date)
        feeds[f"feed-{n}"] = {"url": url, "interval": "1s"}
    daemon = desk(feeds).start()
    for n, (etag, date) in enumerate(EXACT):
        first, *others = polls(daemon, web, f"/{n}", 3)
        assert first.header("If-None-Match") is None
        assert first.header("If-Modified-Since") is None
        for r in others[:2]:
            assert (r.header("If-None-Match") or "") == etag, (n, r.raw_headers)
            assert (r.header("If-Modified-Since") or "") == date, (n, r.raw_headers)
            assert r.status == 304
    assert daemon.stop() == 0
    assert events.both_lengths(client) == 2 * len(EXACT)


def test_validators_survive_a_restart(desk, web):
    url = web.put("/f", stories.rss(stories.stories("v", 2)), etag='"one"', last_modified=DATE)
    daemon = desk({"f": {"url": url, "interval": "1s"}}).start()
    polls(daemon, web, "/f", 2)
    daemon.kill()
    web.forget()
    daemon.start()
    first = polls(daemon, web, "/f", 1)[0]
    assert first.header("If-None-Match") == '"one"'
    assert first.header("If-Modified-Since") == DATE


def test_validators_follow_the_document(desk, client, web):
    url = web.put("/f", stories.rss(stories.stories("v", 1)), etag='"one"', last_modified=DATE)
    daemon = desk({"f": {"url": url, "interval": "1s"}}).start()
    polls(daemon, web, "/f", 2)
    web.put("/f", stories.rss(stories.stories("v", 2)), etag='"two"', last_modified=LATER)
    daemon.wait(lambda: events.length(client) == 2, "the second item")
    before = len(web.requests("/f"))
    last = polls(daemon, web, "/f", before + 2)[-1]
    assert (last.header("If-None-Match"), last.header("If-Modified-Since")) == ('"two"', LATER)
    web.put("/f", stories.rss(stories.stories("v", 3)), etag="", last_modified="")
    daemon.wait(lambda: events.length(client) == 3, "the third item")
    before = len(web.requests("/f"))
    last = polls(daemon, web, "/f", before + 2)[-1]
    assert last.header("If-None-Match") is None and last.header("If-Modified-Since") is None


def test_another_url_gets_no_old_validators(desk, client, web):
    web.put("/one", stories.rss(stories.stories("v", 2)), etag='"one"', last_modified=DATE)
    web.put("/two", stories.rss(stories.stories("v", 3)), etag='"one"', last_modified=DATE)
    daemon = desk({"f": {"url": web.url("/one"), "interval": "1s"}}).start()
    polls(daemon, web, "/one", 2)
    daemon.config["feeds"]["f"]["url"] = web.url("/two")
    daemon.write_config()
    daemon.reload()
    first = polls(daemon, web, "/two", 1)[0]
    assert first.header("If-None-Match") is None and first.header("If-Modified-Since") is None
    daemon.wait(lambda: events.length(client) == 3, "the third item")


@pytest.mark.parametrize("headers", [["ETag: \"a\x01b\""], ["ETag: \"" + "y" * 5000 + "\""],
                                     ["Last-Modified: Tue\x0b2026"], ["ETag: \"caf\xe9\""]])
def test_a_dangerous_validator_is_never_sent_back(desk, client, web, headers):
    url = web.put("/f", stories.rss(stories.stories("v", 2)), etag="", headers=headers)
    daemon = desk({"f": {"url": url, "interval": "1s"}}).start()
    polls(daemon, web, "/f", 3)
    for r in web.requests("/f"):
        assert r.header("If-None-Match") is None and r.header("If-Modified-Since") is None
    assert events.both_lengths(client) == 2


def test_without_validators_an_equal_body_is_not_news(desk, client, web):
    url = web.put("/f", stories.rss(stories.stories("v", 2)), etag="")
    daemon = desk({"f": {"url": url, "interval": "1s"}}).start()
    polls(daemon, web, "/f", 4)
    assert daemon.stop() == 0
    assert events.both_lengths(client) == 2


def test_the_request_is_honest_and_small(desk, web):
    url = web.put("/f", stories.rss(stories.stories("v", 2)))
    daemon = desk({"f": {"url": url, "interval": "1s"}},
                  http={"allow_private": ["127.0.0.0/8"],
                        "user_agent_contact": "https://desk.example/bot"}).start()
    for r in polls(daemon, web, "/f", 2):
        assert r.method == "GET"
        assert r.header("User-Agent").startswith("wiredesk/")
        assert "https://desk.example/bot" in r.header("User-Agent")
        assert "gzip" in r.header("Accept-Encoding")
        assert "application/rss+xml" in r.header("Accept")
        for name in ("Cookie", "Referer", "Authorization", "Range"):
            assert r.header(name) is None


def test_a_poll_under_way_when_the_url_changes(desk, client, web):
    """What the old address answers late is no validator for the new one, not even after a
    restart."""
    hold = threading.Event()
    web.put("/one", stories.rss(stories.stories("v", 2)), etag='"one"', last_modified=DATE,
            hold=hold)
    web.put("/two", stories.rss(stories.stories("v", 3)), etag='"two"', hold=threading.Event())
    daemon = desk({"f": {"url": web.url("/one"), "interval": "1s"}}).start()
    daemon.wait(lambda: web.requests("/one"), "the old address is asked")
    daemon.config["feeds"]["f"]["url"] = web.url("/two")
    daemon.write_config()
    daemon.reload()
    daemon.wait_event("daemon.reload_ok")
    hold.set()
    daemon.wait(lambda: events.both_lengths(client) == 2 or web.requests("/two"), "it moved on")
    daemon.wait(lambda: web.requests("/two"), "the new address is asked")
    daemon.kill()
    web.answers["/two"].hold.set()
    daemon.start()
    daemon.wait(lambda: events.both_lengths(client) == 3, "three items")
    daemon.wait(lambda: any(r.status == 304 for r in web.requests("/two")), "a 304")
    asked = [r.header("If-None-Match") for r in web.requests("/two")]
    assert set(asked) == {None, '"two"'}, asked
    assert {r.header("If-Modified-Since") for r in web.requests("/two")} == {None}

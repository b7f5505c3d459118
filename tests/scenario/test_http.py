"""HTTP as servers really speak it, and the addresses that are nobody's business."""
import gzip
import zlib

import pytest

import events
import stories
from feed_server import FeedServer

BODY = stories.rss(stories.stories("http", 3))


def one(daemon, client, count=3):
    daemon.wait(lambda: events.both_lengths(client) >= count, f"{count} items")
    assert daemon.stop() == 0
    assert events.both_lengths(client) == count


@pytest.mark.parametrize("name,body", [("gzip", gzip.compress(BODY)), ("x-gzip", gzip.compress(BODY)),
                                       ("deflate", zlib.compress(BODY)), ("identity", BODY)])
def test_content_encoding(desk, client, web, name, body):
    url = web.put("/f", body, headers=[f"Content-Encoding: {name}"])
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: any(r.status == 304 for r in web.requests()), "a 304")
    one(daemon, client)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_followed(desk, client, web, status):
    web.put("/new", BODY)
    url = web.put("/old", status=status, headers=["Location: /new"])
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: any(r.status == 304 for r in web.requests("/new")), "a 304 behind it")
    one(daemon, client)


@pytest.mark.parametrize("content_type", ["text/plain", "text/html", "application/octet-stream", "",
                                          "application/rss+xml; charset=ISO-8859-1", "nonsense"])
def test_the_content_type_is_a_hint(desk, client, web, content_type):
    """A feed is a feed whatever the server calls it."""
    url = web.put("/f", BODY, content_type)
    one(desk({"wire": {"url": url, "interval": "1s"}}).start(), client)


def test_the_charset_of_the_header(desk, client, web):
    text = "Größe, naïve café, señor. " + stories.text("umlaut", 40)
    body = stories.rss([stories.story("umlaut", text, title="Für Élise")])
    body = body.replace(b' encoding="utf-8"', b"").decode().encode("iso-8859-1")
    url = web.put("/f", body, "text/xml; charset=iso-8859-1")
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    one(daemon, client, 1)
    event = events.read(client, events.ITEMS)[0]
    assert event.title == "Für Élise" and "naïve café, señor" in event.body


def test_private_addresses_are_denied_unless_allowed(desk, client, web):
    url = web.put("/f", BODY)
    feeds = {"loopback": {"url": url, "interval": "1m"},
             "named": {"url": url.replace("127.0.0.1", "localhost"), "interval": "1m"},
             "six": {"url": f"http://[::1]:{web.port}/f", "interval": "1m"},
             "mapped": {"url": f"http://[::ffff:127.0.0.1]:{web.port}/f", "interval": "1m"},
             "number": {"url": f"http://2130706433:{web.port}/f", "interval": "1m"},
             "metadata": {"url": "http://169.254.169.254/latest/meta-data/", "interval": "1m"}}
    daemon = desk(feeds, http={"allow_private": []}).start()
    for slug in feeds:
        said = daemon.wait_event("fetch.address_denied", FEED=slug)
        assert said.reason == "address"
    assert daemon.stop() == 0
    assert web.requests() == [] and events.both_lengths(client) == 0


def test_a_redirect_does_not_lead_to_a_private_address(desk, client):
    both = FeedServer(["127.0.3.1", "127.0.4.1"]).start()
    try:
        both.put("/inside", BODY)
        both.put("/out", status=302, headers=[f"Location: {both.url('/inside', '127.0.4.1')}"])
        daemon = desk({"wire": {"url": both.url("/out"), "interval": "1s"}},
                      http={"allow_private": ["127.0.3.0/24"]}).start()
        daemon.wait_event("fetch.address_denied", FEED="wire")
        assert daemon.stop() == 0
        assert not both.requests("/inside") and events.both_lengths(client) == 0
    finally:
        both.stop()


def test_a_slow_server_does_not_hold_up_the_others(desk, client, web):
    slow = FeedServer(["127.0.5.1"]).start()
    try:
        feeds = {"slow": {"url": slow.put("/f", BODY[:400], stall=True), "interval": "1m"},
                 "quick": {"url": web.put("/q", stories.rss(stories.stories("q", 2))),
                           "interval": "1s"}}
        daemon = desk(feeds).start()
        daemon.wait(lambda: len(web.requests("/q")) >= 5, "five polls of the quick one")
        said = daemon.wait_event("fetch.error", FEED="slow", seconds=60)
        assert said.reason in ("slow", "timeout")
        assert daemon.stop() == 0
        assert sum(e.feed == "quick" for e in events.read_both(client)) == 2
    finally:
        slow.stop()

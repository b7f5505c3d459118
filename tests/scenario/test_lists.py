"""Subscription lists at an address: fetched, taken over, and not believed when they shrink."""
import json

import events
import stories
from daemon import run


def opml(web, *names, slug=""):
    lines = "".join(f'<outline {slug} xmlUrl="{web.url("/" + n)}"/>' for n in names)
    return f'<opml version="2.0" xmlns:w="urn:x"><body>{lines}</body></opml>'


def feeds_of(daemon):
    done = run("feeds", "list", "--json", "--config", daemon.config_path)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_list_grows_shrinks_and_lies(desk, client, web):
    for n in "abcd":
        web.put(f"/{n}", stories.rss(stories.stories(n, 1)))
    url = web.put("/list", opml(web, "a", "b"), "text/x-opml", last_modified="")
    daemon = desk({"own": {"url": web.put("/own", stories.rss(stories.stories("own", 1)))}},
                  lists={"team": {"url": url, "interval": "1s", "shrink": 40}}).start()
    daemon.wait_event("list.changed", LIST="team")
    daemon.wait(lambda: events.length(client) == 3, "the list's feeds are polled")
    daemon.wait(lambda: web.requests("/list")[-1].status == 304, "asked with its validators")

    web.put("/list", opml(web, "a", "b", "c"), "text/x-opml", last_modified="")
    daemon.wait_event("feed.added", count=3)
    web.put("/list", opml(web, "a"), "text/x-opml", last_modified="")
    daemon.wait_event("list.shrunk")
    asked = len(web.requests("/list"))
    daemon.wait(lambda: len(web.requests("/list")) >= asked + 2, "it is asked again")
    assert len(daemon.events("list.shrunk")) == 1, "said once"
    assert len(feeds_of(daemon)) == 4
    web.put("/list", "<html>maintenance</html>", "html", last_modified="")
    daemon.wait_event("list.failed", REASON="malformed")
    web.put("/list", opml(web, "a", "b", "d"), "text/x-opml", last_modified="")
    daemon.wait_event("list.recovered")
    daemon.wait_event("feed.removed")
    daemon.wait(lambda: events.length(client) == 5, "the new one is polled")

    daemon.stop()
    daemon.config["lists"]["team"]["interval"] = "1h"
    daemon.write_config()
    before = len(web.requests("/list"))
    daemon.start()
    assert len(feeds_of(daemon)) == 4, "what was fetched last is there at once"
    daemon.reload()
    daemon.wait_event("daemon.reload_ok")
    assert len(web.requests("/list")) == before, "and not asked for sooner because of a restart"


def test_a_list_chooses_no_names_and_harms_nobody(desk, client, web):
    web.put("/a", stories.rss(stories.stories("a", 1)))
    own = web.put("/own", stories.rss(stories.stories("own", 1)))
    body = opml(web, "a", slug='w:slug="own"').replace("</body>", '<outline xmlUrl="gopher://x/"/>'
                                                       "</body>")
    url = web.put("/list", body, "text/x-opml")
    daemon = desk({"own": own}, lists={"team": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.length(client) == 2, "both are polled")
    feeds = {f["feed"]: f["url"] for f in feeds_of(daemon)}
    assert feeds.pop("own") == own and list(feeds.values()) == [web.url("/a")]


def test_a_wrong_list_is_said_beforehand(desk):
    for lists, word in (({"a b": {"url": "http://x.example/"}}, "name"), ({"a": {}}, "no url"),
                        ({"a": {"url": "http://x.example/", "intervall": "1h"}}, "did you mean"),
                        ({"a": {"url": "http://x.example/", "interval": "5m"}}, "under 10m"),
                        ({"a": {"url": "http://x.example/", "password": "file:/x"}}, "file"),
                        ({"a": {"url": "http://x.example/", "token": "plain"}}, "file:"),
                        ({"a": {"url": "http://x.example/", "username": "u:v"}}, "colon")):
        daemon = desk(lists=lists, http={"allow_private": []})
        del daemon.config["http"]["allow_private"]
        daemon.write_config()
        done = run("check", "--config", daemon.config_path)
        assert done.returncode == 2 and word in done.stderr, done.stderr


def test_a_list_is_asked_with_its_own_settings(desk, client, web, place):
    """Token and headers reach the list's own server, and a new token is tried at once."""
    secret = place / "token"
    secret.write_text("canary-old\n")
    web.put("/a", stories.rss(stories.stories("a", 1)))
    url = web.put("/list", opml(web, "a"), "text/x-opml", status=401)
    daemon = desk(lists={"team": {"url": url, "interval": "1h", "token": f"file:{secret}",
                                  "user_agent": "desk-of-ours", "headers": {"X-Team": "7"}}},
                  log_level="debug").start()
    daemon.wait_event("list.failed", LIST="team")
    asked = web.requests("/list")[-1]
    assert asked.header("Authorization") == "Bearer canary-old"
    assert asked.header("User-Agent") == "desk-of-ours" and asked.header("X-Team") == "7"

    web.put("/list", opml(web, "a"), "text/x-opml")
    secret.write_text("canary-new\n")
    daemon.reload()
    daemon.wait(lambda: events.length(client) == 1, "the list's feed is polled")
    assert web.requests("/list")[-1].header("Authorization") == "Bearer canary-new"
    assert web.requests("/a")[-1].header("Authorization") is None, "its feeds have their own"
    assert "canary" not in daemon.raw_log()

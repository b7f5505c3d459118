"""WebSub: hubs push, honest ones and others; polls stay the way by which nothing is lost."""
import gzip
import http.client
import json
import socket
import sqlite3
import threading
import time
import zlib

import pytest

import events
import stories
from daemon import run
from hub import Hub, free_port, get, post
from waiting import stays


@pytest.fixture
def hub():
    made = Hub().start()
    yield made
    made.stop()


@pytest.fixture
def second_hub():
    made = Hub().start()
    yield made
    made.stop()


def feed(web, items, *hubs, path="/feed", self_path=None, **more):
    """The feed's document, which names its hubs in its head."""
    links = [f'Link: <{h.url()}>; rel="hub"' for h in hubs]
    links.append(f'Link: <{web.url(self_path or path)}>; rel=self, <{web.url("/")}>; rel=alternate')
    return web.put(path, stories.rss(items), headers=links, **more)


def with_websub(desk, feeds, **sections):
    port = free_port()
    daemon = desk(feeds, websub={"enabled": "yes", "listen": f"127.0.0.1:{port}",
                                 "url": f"http://127.0.0.1:{port}/websub"}, **sections)
    return daemon


def subscribed(daemon, hub, feed="wire"):
    daemon.wait_event("websub.subscribed", FEED=feed)
    daemon.wait(lambda: hub.subscriptions, "the hub knows it too")
    return hub.one()


def poll(daemon, web, path="/feed"):
    """By hand, and waited for."""
    before = len(web.requests(path))
    done = run("feeds", "poll", "wire", "--config", daemon.config_path)
    assert done.returncode == 0, done.stderr
    daemon.wait(lambda: len(web.requests(path)) > before and web.requests(path)[-1].status,
                "it is polled")


def explained(daemon, feed="wire"):
    done = run("explain", "feed", feed, "--config", daemon.config_path)
    assert done.returncode == 0, done.stderr
    return done.stdout


def page_feeds(daemon):
    """What the status page is given."""
    port = int(daemon.events("control.listen")[0].fields["PORT"])
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        conn.request("GET", "/feeds.json")
        return json.loads(conn.getresponse().read())
    finally:
        conn.close()


def rows(daemon):
    with sqlite3.connect(f"file:{daemon.state}/ledger.db?mode=ro", uri=True) as db:
        return db.execute("SELECT slug, hub, topic, secret, phase, lease_ms, delivers FROM websub"
                          ).fetchall()


def told(daemon, client, n):
    daemon.wait(lambda: events.length(client) >= n, f"{n} stories are told")
    assert events.length(client) == n


def titles(client):
    return {e.json["data"]["item"]["headlines"][0]["value"]
            for e in events.read(client, events.ITEMS)}


def test_a_hub_delivers(desk, client, web, hub):
    daemon = with_websub(desk, {"wire": feed(web, stories.stories("old", 2), hub)},
                         control={"listen": "127.0.0.1:0"}).start()
    at = subscribed(daemon, hub)
    form = hub.asked()[0]
    assert form["hub.topic"] == web.url("/feed") and form["hub.lease_seconds"] == "604800"
    assert form["hub.callback"].startswith(daemon.config["websub"]["url"] + "/")
    assert len(at.callback.rsplit("/", 1)[1]) == 48 and len(at.secret) == 64
    assert [v[1] for v in hub.verified] == [200]
    told(daemon, client, 2)

    asked = len(web.requests("/feed"))
    for n, method in enumerate(("sha1", "sha256", "sha384", "sha512")):
        body = stories.rss(stories.stories(f"new{n}", 1))
        assert hub.deliver(body, method=method) == 202
        assert hub.deliver(body, method=method) == 202, "a replay is taken, and changes nothing"
        told(daemon, client, 3 + n)
    daemon.wait_event("websub.delivers", FEED="wire")
    assert hub.deliver(stories.atom(stories.stories("chunks", 1)), chunk=100,
                       content_type="application/atom+xml") == 202
    told(daemon, client, 7)
    assert len(web.requests("/feed")) == asked, "nobody was asked for what was pushed"
    assert events.length(client) == 7
    assert not daemon.events("websub.ignored")

    before = web.requests("/feed")[-1]
    poll(daemon, web)
    etag = web.answers["/feed"].validators()[0]
    assert web.requests("/feed")[-1].header("If-None-Match") == etag, "the poll's validators stay"
    assert before is not web.requests("/feed")[-1]
    text = daemon.wait(lambda: "backup" in explained(daemon) and explained(daemon), "it is said")
    assert f"pushed by {hub.url()}" in text and "lease until" in text
    due = run("feeds", "due", "--config", daemon.config_path).stdout
    assert "a hub pushes what is new" in due
    shown = json.loads(run("explain", "feed", "wire", "--json", "--config",
                           daemon.config_path).stdout)
    assert shown["websub"]["state"] == "active" and shown["websub"]["delivers"] is True
    listed = run("feeds", "list", "--config", daemon.config_path).stdout
    assert "HUB" in listed and "127.0.0.1, lease ends in 9 d" in listed
    assert "last delivery" in listed
    for verb in ("list", "status", "due"):
        row = json.loads(run("feeds", verb, "--json", "--config", daemon.config_path).stdout)
        assert row["websub"] == shown["websub"], verb
    page = page_feeds(daemon)["feeds"][0]["websub"]
    assert (page["hub"], page["lease_until"], page["delivers"]) == (
        hub.url(), shown["websub"]["lease_until"], True) and "last_delivery" in page
    assert at.secret not in json.dumps(shown) + text + daemon.raw_log()


def test_a_delivery_may_be_packed(desk, client, web, hub):
    """gzip and zlib's deflate, under the ceilings of what is fetched; signed as it is sent."""
    daemon = with_websub(desk, {"wire": feed(web, stories.stories("old", 1), hub)}).start()
    at = subscribed(daemon, hub)
    told(daemon, client, 1)

    def packed(encoding, body, **how):
        return post(at.callback, body, at.secret, headers={"Content-Encoding": encoding}, **how)

    rows = (("gzip", gzip.compress), ("X-GZIP", gzip.compress), ("deflate", zlib.compress))
    for n, (encoding, pack) in enumerate(rows):
        body = pack(stories.rss(stories.stories(f"new{n}", 1)))
        assert packed(encoding, body)[0] == packed(encoding, body, chunk=50)[0] == 202
        told(daemon, client, 2 + n)
    assert not daemon.events("websub.ignored")

    body = stories.rss(stories.stories("never", 1))
    for encoding in ("br", "zstd", "gzip, gzip", "*"):
        status, headers, _ = packed(encoding, body)
        assert (status, headers["Accept-Encoding"]) == (415, "gzip, deflate"), encoding
    assert packed("gzip", gzip.compress(body)[:-4])[0] == 202, "cut"
    assert packed("gzip", body)[0] == 202, "not packed at all"
    assert packed("gzip", gzip.compress(body), signed="sha256=" + "0" * 64)[0] == 202
    reasons = daemon.wait(lambda: (lambda r: len(r) == 2 and r)(
        [e.reason for e in daemon.events("websub.ignored")]), "ignored, each kind once")
    assert reasons == ["unreadable", "signature-wrong"]
    for bomb in (gzip.compress(bytes(40 << 20)), gzip.compress(bytes(5 << 20))):
        assert packed("gzip", bomb)[0] == 0, "cut off in the middle"
    daemon.wait_event("websub.ignored", REASON="too-large")
    assert hub.deliver(stories.rss(stories.stories("last", 1))) == 202
    told(daemon, client, 5)


def test_what_was_acknowledged_survives_a_crash(desk, client, web, hub):
    """A hub that heard 202 forgets the document; the feed itself never shows it."""
    daemon = with_websub(desk, {"wire": feed(web, stories.stories("old", 1), hub)}).start()
    subscribed(daemon, hub)
    told(daemon, client, 1)
    for n in range(5):
        assert hub.deliver(stories.rss(stories.stories(f"new{n}", 1))) == 202
        daemon.kill()
        daemon.start()
        told(daemon, client, 2 + n)


def test_what_is_not_on_disk_in_time_is_not_acknowledged(desk, client, web, hub):
    """Its feed is being asked meanwhile: the hub is told to come again, the story is told once."""
    daemon = with_websub(desk, {"wire": feed(web, stories.stories("old", 1), hub)}).start()
    at = subscribed(daemon, hub)
    told(daemon, client, 1)
    served = threading.Event()
    feed(web, stories.stories("old", 1), hub, hold=served)
    before = len(web.requests("/feed"))
    run("feeds", "poll", "wire", "--config", daemon.config_path)
    daemon.wait(lambda: len(web.requests("/feed")) > before, "it is being asked")
    body = stories.rss(stories.stories("new", 1))
    try:
        status, headers, _ = post(at.callback, body, at.secret)
        assert status == 503 and int(headers["Retry-After"]) > 0
        assert events.length(client) == 1
    finally:
        served.set()
    told(daemon, client, 2)
    assert hub.deliver(body) == 202
    told(daemon, client, 2)


def test_whoever_is_no_hub_of_ours_gets_nowhere(desk, client, web, hub):
    daemon = with_websub(desk, {"wire": feed(web, stories.stories("old", 1), hub)},
                         http={"max_body": "64KiB"}).start()
    at = subscribed(daemon, hub)
    told(daemon, client, 1)
    base, token = at.callback.rsplit("/", 1)
    topic = at.topic

    def asks(callback=at.callback, **query):
        return get(callback, {"hub." + k: v for k, v in query.items()} or None)[::2]

    other = token[:-1] + ("1" if token[-1] == "0" else "0")
    for callback in (f"{base}/", f"{base}/{other}", f"{base}/{'0' * 48}", f"{base}/metrics",
                     base.rsplit("/", 1)[0] + "/healthz", at.callback + "/", at.callback + "x"):
        assert asks(callback, mode="subscribe", topic=topic, challenge="x") == (404, b""), callback
        assert post(callback, b"x" * 1000, at.secret)[::2] == (404, b""), callback
    assert asks() == (404, b"")
    assert asks(mode="unsubscribe", topic=topic, challenge="x") == (404, b""), "nobody asked for it"
    assert asks(mode="subscribe", topic=topic + "x", challenge="x") == (404, b"")
    assert asks(mode="denied", topic=topic + "x", challenge="x") == (404, b"")
    assert asks(mode="subscribe", topic=topic) == (404, b"")

    def ignored(status, count=202):
        assert status == count

    body = stories.rss(stories.stories("evil", 1))
    wrong = "sha256=" + "0" * 64
    for signed in ("", wrong, "sha256=", "sha256", "md5=" + "0" * 32, "=", wrong[:-1] + "g"):
        ignored(post(at.callback, body, signed=signed)[0])
        ignored(post(at.callback, body, signed=signed)[0])
    ignored(post(at.callback, body, "another secret")[0])
    ignored(post(at.callback, body + b" ", signed=None, secret=at.secret, links=(
        hub.url(), web.url("/other")))[0])
    theirs = body.replace(b"<channel>", b'<channel><a:link xmlns:a="http://www.w3.org/2005/Atom" '
                          b'rel="self" href="https://other.example/feed"/>')
    ignored(hub.deliver(theirs))
    ignored(hub.deliver(b"<html>sorry</html>", content_type="text/html"))
    ignored(hub.deliver(b""))
    reasons = daemon.wait(lambda: (lambda r: len(set(r)) == 4 and r)(
        [e.reason for e in daemon.events("websub.ignored")]), "each is said")
    assert all(a != b for a, b in zip(reasons, reasons[1:])), "and once in a row"

    huge = b"x" * 70000
    assert post(at.callback, huge, at.secret)[0] in (413, 0)
    assert post(at.callback, huge, at.secret, chunk=4096)[0] == 0, "not when it is not said either"
    daemon.wait_event("websub.ignored", REASON="too-large")
    with socket.create_connection(("127.0.0.1", int(base.split(":")[2].split("/")[0]))) as slow:
        slow.sendall(b"POST " + at.callback.encode()[-60:] + b" HTTP/1.1\r\n")  # and never more
        slower = [socket.create_connection(slow.getpeername()) for _ in range(20)]
        for s in slower:
            s.sendall(f"POST /websub/{token} HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n"
                      "X-Hub-Signature: sha1=00\r\n\r\nabc".encode())
        assert hub.deliver(stories.rss(stories.stories("honest", 1))) == 202
        told(daemon, client, 2)
        for s in slower:
            s.close()
    assert titles(client) == {stories.story(k)["title"] for k in ("old-0", "honest-0")}
    assert daemon.alive()


def test_a_hub_in_trouble_is_asked_again(desk, web, hub, second_hub):
    hub.status = 500
    daemon = with_websub(desk, {"wire": feed(web, stories.stories("old", 1), hub)}).start()
    daemon.wait_event("websub.failed", FEED="wire")
    daemon.wait(lambda: len(hub.asked()) >= 2, "again")
    assert len(daemon.events("websub.failed")) == 1, "said once"
    hub.status, hub.headers = 307, {"Location": "http://10.0.0.1/hub"}
    before = len(hub.asked())
    daemon.wait(lambda: len(hub.asked()) > before, "a redirect inwards")
    assert not hub.verified
    hub.status, hub.headers = 308, {"Location": second_hub.url("/there")}
    second_hub.before_answering = True
    subscribed(daemon, second_hub)
    assert second_hub.asked()[0] == hub.asked()[-1], "repeated word for word"


def test_the_second_hub_when_the_first_will_not(desk, client, web, hub, second_hub):
    hub.status = 404
    daemon = with_websub(desk, {"wire": feed(web, stories.stories("old", 1), hub, second_hub)})
    daemon.start()
    at = subscribed(daemon, second_hub)
    assert at.secret != hub.asked()[0]["hub.secret"], "each has a secret of its own"
    assert second_hub.deliver(stories.rss(stories.stories("new", 1))) == 202
    told(daemon, client, 2)


def test_a_denial_is_heard_and_the_next_hub_asked(desk, web, hub, second_hub):
    daemon = with_websub(desk, {"wire": feed(web, stories.stories("old", 1), hub, second_hub)})
    daemon.start()
    at = subscribed(daemon, hub)
    status, _, body = hub.deny(hub.asked()[0])
    assert (status, body) == (200, b"")
    daemon.wait_event("websub.denied", FEED="wire")
    daemon.wait_event("websub.subscribed", HUB=second_hub.url())
    assert post(at.callback, stories.rss([]), at.secret)[0] == 410, "the denied one is over"
    status, _, body = second_hub.deny(second_hub.asked()[0])
    daemon.wait_event("websub.denied", HUB=second_hub.url())
    assert "not subscribed" in explained(daemon)
    stays(lambda: len(hub.asked()) == len(second_hub.asked()) == 1, 2, "both have said No")


def test_leases_short_and_long(desk, client, web, hub):
    hub.lease_s = "1"
    daemon = with_websub(desk, {"wire": feed(web, stories.stories("old", 1), hub)}).start()
    daemon.wait_event("websub.failed", FEED="wire")
    hub.lease_s = str(10 * 365 * 86400)
    at = subscribed(daemon, hub)
    active = daemon.wait(lambda: [r for r in rows(daemon) if r[4] == 1], "it is on disk")
    (_, _, _, _, _, lease_ms, _), = active
    assert lease_ms - time.time() * 1000 < 31 * 86400e3, "ten years are not believed"
    assert hub.deliver(stories.rss(stories.stories("new", 1))) == 202
    daemon.wait_event("websub.delivers")
    poll(daemon, web)
    daemon.wait(lambda: "backup" in explained(daemon), "polls are a backup")

    hub.lease_s = "6"  # once it comes to renew
    daemon.stop()
    with sqlite3.connect(daemon.state / "ledger.db") as db:
        db.execute("UPDATE websub SET next_ms=0, lease_ms=?", (int(time.time() * 1000) + 60000,))
    asked = len(hub.asked())
    daemon.start()
    daemon.wait(lambda: len(hub.asked()) >= asked + 3, "renewed, and renewed again")
    assert {(f["hub.callback"], f["hub.secret"]) for f in hub.asked()[asked:]} == {
        (at.callback, at.secret)}, "a renewal is the same subscription"
    assert "backup" in explained(daemon), "over the restart"
    hub.stop()
    daemon.wait_event("websub.lost", FEED="wire")
    text = daemon.wait(lambda: "backup" not in explained(daemon) and explained(daemon),
                       "polls are as before")
    assert "that fits how often" in text


def test_a_lease_outlives_a_restart(desk, client, web, hub):
    daemon = with_websub(desk, {"wire": feed(web, stories.stories("old", 1), hub)}).start()
    subscribed(daemon, hub)
    daemon.stop()
    assert len(rows(daemon)) == 1
    daemon.start()
    assert hub.deliver(stories.rss(stories.stories("new", 1))) == 202
    told(daemon, client, 2)
    daemon.wait_event("websub.delivers")
    poll(daemon, web)
    daemon.wait(lambda: "backup" in explained(daemon), "polls are a backup")
    assert len(hub.asked()) == 1, "the hub was not asked again"

    daemon.stop()
    with sqlite3.connect(daemon.state / "ledger.db") as db:
        db.execute("UPDATE websub SET next_ms=0")
    hub.status = 500
    daemon.start()
    daemon.wait_event("websub.failed", FEED="wire")
    stays(lambda: "backup" in explained(daemon), 1, "a lease holds while its renewal fails")


def test_what_a_hub_misses_is_noticed(desk, client, web, hub):
    old = stories.stories("old", 1)
    daemon = with_websub(desk, {"wire": feed(web, old, hub)}).start()
    subscribed(daemon, hub)
    assert hub.deliver(stories.rss(stories.stories("pushed", 1))) == 202
    daemon.wait_event("websub.delivers")
    feed(web, stories.stories("pushed", 1) + old, hub)
    poll(daemon, web)  # shows what was pushed, and nothing else
    daemon.wait(lambda: "backup" in explained(daemon), "polls are a backup")
    feed(web, stories.stories("missed", 1) + old, hub)
    poll(daemon, web)
    daemon.wait_event("websub.missed", FEED="wire")
    assert "backup" not in explained(daemon)
    told(daemon, client, 3)
    assert hub.deliver(stories.rss(stories.stories("again", 1))) == 202
    daemon.wait_event("websub.delivers", count=2)
    assert len(daemon.events("websub.missed")) == 1


def test_what_is_wanted_no_longer_is_left(desk, web, hub):
    url = feed(web, stories.stories("old", 1), hub)
    daemon = with_websub(desk, {"wire": url, "other": web.put("/o", stories.rss([]))}).start()
    at = subscribed(daemon, hub)
    daemon.config["feeds"]["wire"] = {"url": url, "websub": "off"}
    daemon.write_config()
    daemon.reload()
    daemon.wait_event("websub.left", FEED="wire")
    assert hub.asked("unsubscribe")[0]["hub.callback"] == at.callback
    assert "hub.secret" not in hub.asked("unsubscribe")[0]
    assert post(at.callback, b"x", at.secret)[0] == 410
    daemon.wait(lambda: not hub.subscriptions, "the hub has let it go")

    daemon.config["feeds"]["wire"] = {"url": url, "websub": "on"}
    daemon.write_config()
    daemon.reload()
    daemon.wait_event("daemon.reload_ok", count=2)
    poll(daemon, web)
    daemon.wait(lambda: hub.subscriptions, "subscribed anew")
    assert hub.one().callback != at.callback
    daemon.stop()
    daemon.config["websub"]["enabled"] = "no"
    daemon.write_config()
    daemon.start()
    daemon.wait(lambda: len(hub.asked("unsubscribe")) == 2, "switched off for all")
    daemon.wait(lambda: not hub.subscriptions, "and left")


def test_the_head_of_a_304_names_hubs_too(desk, client, web, hub, second_hub):
    items = stories.stories("old", 1)
    daemon = with_websub(desk, {"wire": web.put("/feed", stories.rss(items))}).start()
    told(daemon, client, 1)

    def unchanged():
        done = run("explain", "feed", "wire", "--json", "--config", daemon.config_path)
        return json.loads(done.stdout)["polls_unchanged"]

    def not_modified():
        before = unchanged()
        poll(daemon, web)
        assert web.requests("/feed")[-1].status == 304
        daemon.wait(lambda: unchanged() > before, "it is stored")
    web.put("/feed", stories.rss(items), headers=[f"Link: <{hub.url()}>; rel=hub"])
    not_modified()
    assert not hub.forms, "it does not say what it is"
    feed(web, items, hub)
    not_modified()
    at = subscribed(daemon, hub)
    web.put("/feed", stories.rss(items))
    not_modified()
    not_modified()
    assert hub.deliver(stories.rss(stories.stories("new", 1)), to=at) == 202, "and keeps it"
    told(daemon, client, 2)
    feed(web, items, second_hub)
    not_modified()
    daemon.wait(lambda: second_hub.subscriptions, "moved to the other hub")
    daemon.wait(lambda: not hub.subscriptions, "and left the first")


def test_secrets_are_nothing_for_a_hub(desk, web, hub):
    url = feed(web, stories.stories("old", 1), hub)
    secret = {"url": url, "headers": {"X-Key": "canary"}}
    feed(web, stories.stories("old", 1), hub, path="/plain", self_path="/plain")
    daemon = with_websub(desk, {"private": secret, "plain": web.url("/plain"),
                                "bare": web.put("/bare", stories.rss([]), headers=[
                                    f"Link: <{hub.url()}>; rel=hub"])}).start()
    subscribed(daemon, hub, "plain")
    daemon.wait(lambda: web.requests("/feed") and web.requests("/bare"), "all are polled")
    stays(lambda: len(hub.asked()) == 1, 1, "no feed with a secret, and none without a name")


def test_off_is_off(desk, web, hub):
    daemon = desk({"wire": feed(web, stories.stories("old", 1), hub)}).start()
    daemon.wait(lambda: web.requests("/feed"), "it is polled")
    stays(lambda: not hub.forms, 1, "the hub is not asked")
    assert not daemon.events("websub.listen")

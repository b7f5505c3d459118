"""Servers that misbehave in every known way, beside one that does not."""
import json
import subprocess
import sys

import pytest

import events
import stories
from corpus import shared
from feed_server import FeedServer
from waiting import wait_until

# endpoint -> the reasons that may name it; None: it may also pass for a feed
ENDPOINTS = {
    "/endless-chunked": {"too-large"},
    "/endless-header": {"protocol", "too-large", "internal"},
    "/gzip-bomb?mb=200": {"too-large"},
    "/gzip-bomb?mb=50&layers=2": None,
    "/deflate-bomb?mb=100": {"too-large"},
    "/ce/gzip-plain": {"encoding"},
    "/ce/unknown": {"encoding", "malformed", "protocol"},
    "/ce/many": None,
    "/ce/trunc": {"encoding", "truncated", "closed"},
    "/redirect/loop": {"redirects"},
    "/redirect/chain?n=20": {"redirects"},
    "/redirect/file": {"redirects", "address"},
    "/redirect/gopher": {"redirects", "address"},
    "/redirect/127.0.0.2": {"address"},
    "/redirect/metadata": {"address", "redirects"},
    "/redirect/decimal": None,
    "/redirect/octal": None,
    "/redirect/v6mapped": None,
    "/redirect/zero": None,
    "/redirect/localhost": None,
    "/redirect/crlf": None,
    "/redirect/empty": None,
    "/redirect/none": {"redirects", "http-other", "protocol"},
    "/frame/cl-long": {"closed"},
    "/frame/cl-short": {"truncated", "malformed"},
    "/frame/cl-negative": None,
    "/frame/cl-huge": None,
    "/frame/cl-two": None,
    "/frame/cl-and-te": None,
    "/frame/early-close": {"closed"},
    "/frame/rst": {"closed", "unreachable", "protocol"},
    "/frame/chunk-garbage": {"protocol", "closed"},
    "/frame/chunk-huge": {"protocol", "closed", "too-large"},
    "/frame/http09": {"protocol"},
    "/frame/bad-status": None,
    "/frame/smuggle": None,
    "/frame/nul-header": None,
    "/hdr/huge": None,
    "/hdr/many": None,
    "/hdr/setcookie": None,
    "/hdr/inject": None,
    "/hdr/ctl": None,
    "/etag?mode=always304": None,
    "/etag?mode=huge": None,
    "/etag?mode=304-body": None,
    "/big?n=20000": None,
    "/cookie": {"redirects"},
    "/auth": {"http-auth"},
    "/status/204": None,
    "/status/304": None,
    "/status/503?retry=garbage": {"http-503"},
    "/charset?say=utf-16&is=utf-8": None,
}
# Whatever comes of these, the others live on.  They get little time: most only waste it.
WASTERS = dict.fromkeys("/ok /grow /slow-connect /dribble /dribble-head /stall /endless "
                           "/endless-trailer /endless-1xx /gone-moved /etag /stale /cache /flap "
                           "/throttle /idflood /poison /hdr/nocolon /hdr/dupe-ctype".split())
WASTERS |= dict.fromkeys(f"/redirect/{what}" for what in (
    "dict ftp short v6 nat64 relative userinfo https-down huge space scheme-case ok "
    "self-slash").split())
WASTERS |= dict.fromkeys(f"/frame/{what}" for what in (
    "chunk-neg chunk-ext http10 http10-keepalive http2-line no-reason no-headers lf-only obs-fold "
    "204-body close-race").split())
WASTERS |= dict.fromkeys(f"/status/{what}" for what in (
    "429?retry=seconds 429?retry=date 503?retry=negative 503?retry=huge 500 204?body=1").split())


@pytest.fixture
def hostile(place):
    script = shared("lab", "hostile", "hostile_server.py")
    log, port_file = place / "hostile.jsonl", place / "port"
    process = subprocess.Popen(
        ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--", sys.executable, str(script), "--port",
         "0", "--port-file", str(port_file), "--log", str(log), "--life", "600"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(port_file.exists, "the hostile server listens", 30)
    yield f"http://127.0.0.1:{port_file.read_text()}", log
    process.terminate()
    process.wait(timeout=10)


def slug(endpoint):
    return "h" + "".join(c if c.isalnum() else "-" for c in endpoint.lower())


def test_no_misbehaviour_brings_the_desk_down(desk, client, hostile):
    base, log = hostile
    good = FeedServer(["127.0.9.1"]).start()  # a host of its own: politeness is per host
    good.put("/good", stories.rss(stories.stories("good", 3)))
    feeds = {slug(e): {"url": base + e, "interval": "1h"} for e in ENDPOINTS}
    feeds |= {slug(e): {"url": base + e, "interval": "1h", "timeout": "4s"} for e in WASTERS}
    feeds["good"] = {"url": good.url("/good"), "interval": "1s"}
    try:
        hurt(desk(feeds, http={"allow_private": ["127.0.0.1/32", "127.0.9.1/32"]}), good, log)
    finally:
        good.stop()
    assert sum(e.feed == "good" for e in events.read_both(client)) == 3


def hurt(daemon, good, log):
    daemon.start()
    daemon.wait(lambda: len(good.requests()) >= 3, "the good feed is polled")

    def requests():
        with open(log, encoding="utf-8") as f:
            return [json.loads(line) for line in f if line.endswith("\n")]

    def asked():
        return {r["path"] for r in requests()} >= set(ENDPOINTS) | set(WASTERS)
    daemon.wait(asked, "every hostile endpoint was asked", 400)
    named = {s: words for s, words in ((slug(e), w) for e, w in ENDPOINTS.items()) if words}
    daemon.wait(lambda: all([e for e in daemon.events(FEED=s) if e.reason] for s in named),
                "every refused endpoint is named", 200)
    wrong = {}
    for name, words in named.items():
        said = [e.reason for e in daemon.events(FEED=name) if e.reason]
        if not set(said) <= words or len(said) != 1:
            wrong[name] = said
    assert not wrong, wrong
    hits = [r for r in requests() if r["listener"] != "127.0.0.1"]
    assert not hits, "a private address was reached by redirect"
    assert not [r for r in requests() if "xxe-hit" in r["path"]]
    assert not [r for r in requests() for h in r["raw_headers"] if "Injected" in h or "\r" in h]
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

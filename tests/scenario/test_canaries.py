"""A canary in every place where a secret may stand, and then a look everywhere else."""
import http.client
import json
import pathlib
import socket

import pytest

import events
import stories
from daemon import run
from redis_server import RedisServer

CANARY = "zq7canary"
PATHS = ("/", "/state.json", "/feeds.json", "/items.json", "/metrics", "/healthz", "/nothing")


def page(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read().decode("utf-8", "replace")
    connection.close()
    return f"{answer.getheaders()} {body}"


def order(path, **fields):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(str(path))
        s.sendall(json.dumps(fields).encode() + b"\n")
        with s.makefile("r") as lines:
            return lines.readline()


@pytest.fixture
def guarded(place):
    """A Redis that wants a password."""
    server = RedisServer(place / "guarded", password=f"{CANARY}-redis").start()
    yield server
    server.stop()


def feeds_of(web):
    def put(path, **more):
        name = path.strip("/").partition("?")[0]
        return web.put(path, stories.rss(stories.stories(name, 1)) if not more else b"no", **more)

    item = (b"<rss version='2.0'><channel><title>t</title><item><title>A link of its own</title>"
            b"<guid isPermaLink='false'>r1</guid><link>/story</link></item></channel></rss>")
    urls = {
        "userinfo": put("/userinfo").replace("//", f"//reader:{CANARY}@"),
        "query": put(f"/query?format=rss&k={CANARY}&{CANARY}"),
        "broken": put(f"/broken?feed={CANARY}", status=404),
        "away": put(f"/away?s={CANARY}", status=301,
                    headers=[f"Location: {web.url('/nowhere')}?to={CANARY}"]),
        "page": put(f"/page?id={CANARY}", status=200, headers=["Content-Type: text/html"]),
        "dead": f"http://reader:{CANARY}@127.0.0.1:9/f?x={CANARY}",
        "relative": web.put("/relative", item).replace("//", f"//reader:{CANARY}@"),
    }
    return {name: {"url": url, "interval": "1s"} for name, url in urls.items()}


def test_canaries_are_found_nowhere(desk, guarded, web, place):
    secret = place / "password"
    secret.write_text(f"{CANARY}-redis\n")
    bare = guarded.url.replace(f":{CANARY}-redis@", "")
    daemon = desk(feeds_of(web), redis_url=bare, log_level="debug",
                  redis={"url": bare, "password_file": str(secret)},
                  control={"listen": "127.0.0.1:0"}).start()
    port = int(daemon.wait_event("control.listen").fields["PORT"])
    client = guarded.client()
    for name in ("broken", "away", "page", "dead"):
        daemon.wait(lambda n=name: [e for e in daemon.events() if e.feed == n and e.level == 4],
                    f"{name} fails")
    daemon.wait(lambda: events.length(client) >= 3, "three others deliver")
    shown = {f"page {path}": page(port, path) for path in PATHS}
    shown["log"] = daemon.raw_log()
    for name in ("status", "pause", "resume", "poll", "reset"):
        shown[f"order {name}"] = order(daemon.directory / "control.sock", order=name, feed="query")
    shown["ps"] = pathlib.Path(f"/proc/{daemon.pid}/cmdline").read_text("utf-8")
    shown["environment"] = pathlib.Path(f"/proc/{daemon.pid}/environ").read_text("utf-8")
    for stream in ("wiredesk:items", "wiredesk:copies"):
        shown[stream] = str(client.xrange(stream))
    for verb in (["check"], ["feeds", "list", "--json"], ["feeds", "status"], ["feeds", "due"],
                 ["explain", "feed", "query"], ["explain", "feed", "dead"]):
        done = run(*verb, "--config", daemon.config_path)
        assert done.returncode == 0, done.stderr
        shown[" ".join(verb)] = done.stdout + done.stderr
    for where, said in shown.items():
        at = said.find(CANARY)
        assert at < 0, f"{where}: {said[max(0, at - 200):at + 60]}"
    assert daemon.stop() == 0
    assert CANARY not in daemon.raw_log()

"""`wiredesk feeds`: what an operator sees of the feeds, beside a running daemon and without one."""
import json

import stories
from daemon import run
from feed_server import refused_url


def lines(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_list_needs_no_daemon_and_no_state(desk, place):
    daemon = desk({"b": "https://user:canary-secret@b.example/feed?token=canary-secret",
                   "a": {"url": "https://a.example/", "group": "world", "interval": "15m"}})
    done = run("feeds", "list", "--config", daemon.config_path)
    assert done.returncode == 0, done.stderr
    head, first, second = done.stdout.splitlines()
    assert head.split() == ["FEED", "GROUP", "EVERY", "ADDRESS"]
    assert first.split() == ["a", "world", "15", "min", "https://a.example/"]
    assert second.split()[:3] == ["b", "-", "adaptive"]
    assert "canary-secret" not in done.stdout
    only, = lines(run("feeds", "list", "--json", "--group", "world", "--config", daemon.config_path))
    assert (only["feed"], only["state"], only["interval_s"]) == ("a", "new", 900)
    assert not (daemon.directory / "state").exists(), "a look makes nothing"


def test_status_and_due_beside_a_running_daemon(desk, client, web):
    url = web.put("/f", stories.rss(stories.stories("good", 2)))
    dead, holder = refused_url()
    with holder:
        daemon = desk({"good": {"url": url, "interval": "24h"}, "bad": dead,
                       "resting": {"url": url, "paused": True}}).start()
        daemon.wait(lambda: client.xlen("wiredesk:items") == 2, "two items")
        daemon.wait_event("fetch.error")

        def states():
            return {f["feed"]: f for f in lines(
                run("feeds", "status", "--json", "--config", daemon.config_path))}
        daemon.wait(lambda: {k: f["state"] for k, f in states().items()} ==
                    {"good": "ok", "bad": "failing", "resting": "paused"}, "the states are stored")
        found = states()
        assert found["bad"]["reason"] == "refused" and found["bad"]["failures_in_a_row"] >= 1
        assert "because" in found["good"]["next_poll_text"]
        assert found["good"]["last_http_status"] == 200 and found["good"]["polls"] == 1
        assert "next_poll" not in found["resting"]
        shown = run("feeds", "status", "--config", daemon.config_path).stdout
        assert "the connection was refused" in shown and "next poll in" in shown
        due = [f["feed"] for f in lines(run("feeds", "due", "--json", "--config",
                                            daemon.config_path))]
        assert due == ["bad", "good"], "the earliest first, the paused one not at all"
        first, = lines(run("feeds", "due", "--json", "--count", "1", "--config",
                           daemon.config_path))
        assert first["feed"] == "bad"
        only = lines(run("feeds", "status", "--json", "--state", "failing", "--config",
                         daemon.config_path))
        assert [f["feed"] for f in only] == ["bad"]
        assert daemon.stop() == 0


def test_what_is_wrong_is_said(desk):
    daemon = desk({"a": "https://a.example/"})
    for arguments, word in ((["nothing"], "list"), ([], "list"),
                            (["status", "--state", "odd"], "odd"),
                            (["list", "--count", "x"], "'x'"),
                            (["due", "--config", str(daemon.config_path), "b"], "'b'")):
        done = run("feeds", *arguments)
        assert done.returncode == 2 and word in done.stderr, (arguments, done.stderr)
        assert not done.stdout

"""`wiredesk once`: one pass through the real pipeline, everything handed on, and an end."""
import json
import threading
import time

import events
import stories
from daemon import run
from feed_server import refused_url
from terminal import Terminal


def once(daemon, *arguments, code=0):
    done = run("once", "--json", *arguments, "--config", daemon.config_path)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_one_pass_asks_every_feed_once_and_hands_all_on(desk, client, web):
    text = stories.text("one story", 150)
    feeds = {f"f{n}": {"url": web.put(f"/{n}", stories.rss(stories.stories(f"f{n}", 3))),
                       "interval": "1s"} for n in range(4)}
    feeds["copy"] = web.put("/c", stories.rss([stories.story("a", text),
                                               stories.story("b", text + " The end.")]))
    feeds["resting"] = {"url": web.put("/resting", stories.rss([])), "paused": True}
    daemon = desk(feeds)
    told = once(daemon)
    assert {k: told[k] for k in ("feeds", "documents", "failing", "left_out", "new", "copies",
                                 "waiting")} == {"feeds": 5, "documents": 5, "failing": 0,
                                                 "left_out": 0, "new": 13, "copies": 1,
                                                 "waiting": 0}
    assert events.both_lengths(client) == 14
    assert sorted(r.path for r in web.requests()) == ["/0", "/1", "/2", "/3", "/c"]
    told = once(daemon)
    assert (told["unchanged"], told["new"], events.both_lengths(client)) == (5, 0, 14)
    assert all(r.header("If-None-Match") for r in web.requests()[5:])
    shown = run("once", "--config", daemon.config_path)
    assert "5 feeds: 0 new documents, 5 unchanged, 0 failing" in shown.stdout
    assert "all handed on" in shown.stdout


def test_due_asks_only_who_is_due(desk, client, web):
    feeds = {"slow": {"url": web.put("/slow", stories.rss(stories.stories("s", 1))),
                      "interval": "1h"},
             "quick": {"url": web.put("/quick", stories.rss(stories.stories("q", 1))),
                       "interval": "1s"}}
    daemon = desk(feeds)
    assert once(daemon, "--due")["feeds"] == 2
    time.sleep(1.6)  # past the quick one's interval and its jitter
    assert once(daemon, "--due")["feeds"] == 1
    assert [r.path for r in web.requests()].count("/slow") == 1


def test_what_fails_is_in_the_exit_status(desk, client, web):
    dead, holder = refused_url()
    with holder:
        daemon = desk({"good": web.put("/f", stories.rss(stories.stories("g", 2))), "bad": dead})
        told = once(daemon, code=1)
        assert (told["failing"], told["new"], told["waiting"]) == (1, 2, 0)


def test_a_host_that_asks_for_peace_is_left_out(desk, client, web):
    web.put("/a", status=429, headers=["Retry-After: 7200"])
    feeds = {"a": web.url("/a"), "b": web.put("/b", stories.rss(stories.stories("b", 1)))}
    daemon = desk(feeds, hosts={"127.0.0.1": {"parallel": 1}})
    told = once(daemon, code=1)
    if web.requests()[0].path == "/a":
        assert told["left_out"] == 1 and len(web.requests()) == 1
    else:
        assert told["left_out"] == 0 and told["failing"] == 1


def test_it_does_not_run_beside_a_daemon(desk, client, web):
    daemon = desk({"f": web.put("/f", stories.rss(stories.stories("f", 1)))}).start()
    done = run("once", "--config", daemon.config_path)
    assert done.returncode == 1 and not done.stdout and "daemon.start_failed" in done.stderr


def test_without_redis_what_was_read_waits_for_the_next_time(desk, redis, client, web):
    daemon = desk({"f": web.put("/f", stories.rss(stories.stories("f", 3)))})
    redis.kill()
    assert once(daemon, code=1)["waiting"] == 3
    redis.start()
    assert once(daemon)["waiting"] == 0
    assert events.length(redis.client()) == 3


def test_how_far_it_is_stands_on_the_terminal_and_nowhere_else(desk, client, web):
    """A line that is written over, that the log does not break, and that is gone at the end."""
    served = threading.Event()
    feeds = {"quick": web.put("/quick", stories.rss(stories.stories("q", 1))),
             "slow": web.put("/slow", stories.rss(stories.stories("s", 1)), hold=served)}
    daemon = desk(feeds)
    with Terminal("once", "--json", "--config", daemon.config_path) as t:
        try:
            t.wait_for("once: 1 of 2 feeds, 50 %")
        finally:
            served.set()
        code, stdout, shown = t.end()
    assert code == 0 and json.loads(stdout)["documents"] == 2
    assert "\r\x1b[Konce: 1 of 2 feeds, 50 %" in shown
    for line in shown.replace("\r\n", "\n").split("\n"):
        assert line.rsplit("\r\x1b[K", 1)[-1].find("of 2 feeds") < 0, shown

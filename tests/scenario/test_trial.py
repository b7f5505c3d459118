"""`wiredesk test` and `explain feed`: one poll to look at, and one feed explained."""
import json

import pytest

import events
import stories
from daemon import run
from feed_server import FeedServer


@pytest.fixture
def hosts():
    server = FeedServer(["127.0.0.1", "127.0.0.2"]).start()
    yield server
    server.stop()


def look(*arguments, code=0):
    done = run("test", "--json", *arguments)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_an_address_is_shown_hop_by_hop(desk, hosts):
    hosts.put("/f", stories.atom(stories.stories("t", 3)), "atom", last_modified="",
              headers=["Set-Cookie: session=canary", "Cache-Control: max-age=7200"])
    url = hosts.put("/old", status=301,
                    headers=[f"Location: {hosts.url('/f', '127.0.0.2')}?token=canary"])
    hosts.answers["/f?token=canary"] = hosts.answers["/f"]
    daemon = desk()
    done = run("test", "--config", daemon.config_path, url)
    assert done.returncode == 0, done.stderr
    for text in ("HTTP/1.1 301", "HTTP/1.1 200", "Set-Cookie: ***", "atom1.0", "items       3",
                 "next poll in", "because", "1 redirect, all of them permanent"):
        assert text in done.stdout, (text, done.stdout)
    assert "canary" not in done.stdout
    told = look("--config", daemon.config_path, url)
    assert [a["head"][0].split()[1] for a in told["answers"]] == ["301", "200"]
    assert told["answers"][1]["url"].startswith("http://127.0.0.2:")
    assert [i["title"] for i in told["document"]["items"]]
    assert told["validators"]["etag"] and told["answer"] == "document"
    assert "canary" not in json.dumps(told)
    assert not daemon.state.exists(), "nothing is stored"


def test_a_feed_is_asked_with_what_is_remembered_of_it(desk, client, web):
    url = web.put("/f", stories.rss(stories.stories("t", 2)), last_modified="")
    daemon = desk({"wire": {"url": url, "interval": "1h"}}).start()
    daemon.wait(lambda: events.length(client) == 2, "two items")
    daemon.wait(lambda: look("--config", daemon.config_path, "wire")["answer"] == "not-modified",
                "its validators are stored")
    told = look("--config", daemon.config_path, "wire")
    assert told["sent"]["etag"] == told["validators"]["etag"] and "document" not in told
    web.put("/f", stories.rss(stories.stories("t", 3)), last_modified="")
    told = look("--config", daemon.config_path, "wire")
    assert sorted(i["known"] for i in told["document"]["items"]) == ["known", "known", "new"]
    told = look("--fresh", "--config", daemon.config_path, "wire")
    assert told["sent"] == {} and told["answer"] == "document"
    assert "because its configuration says so" in told["next_poll_text"]
    assert events.length(client) == 2, "a look hands nothing on"

    done = run("explain", "feed", "--config", daemon.config_path, "wire")
    assert done.returncode == 0, done.stderr
    for text in (url, "wire: it works", "asked every 1 h", "carries an ETag", "last poll",
                 "because its configuration says so"):
        assert text in done.stdout, (text, done.stdout)
    told = json.loads(run("explain", "feed", "--json", "--config", daemon.config_path,
                          "wire").stdout)
    assert (told["feed"], told["state"]) == ("wire", "ok")
    assert run("explain", "feed", "--config", daemon.config_path, "none").returncode == 2


@pytest.mark.parametrize("answer,reason", [
    ({"body": b"<!doctype html><html><body>no</body></html>", "content_type": "html"}, "html"),
    ({"status": 404}, "http-4xx"),
    ({"body": b"<rss version='2.0'><channel><title>cut"}, "truncated"),
])
def test_what_does_not_work_has_its_reason(desk, web, answer, reason):
    told = look("--config", desk().config_path, web.put("/f", **answer), code=1)
    assert told["reason"] == reason


def test_a_private_address_is_refused_as_the_daemon_would(web, place):
    url = web.put("/f", stories.rss(stories.stories("t", 1)))
    done = run("test", url, cwd=place)  # no configuration at all
    assert done.returncode == 1 and "its address is not public" in done.stdout
    assert "allow_private" in done.stdout and not web.requests()


def test_what_is_no_feed_and_no_address_is_said(desk):
    daemon = desk({"a": "https://a.example/"})
    for arguments in (["b"], ["ftp://a.example/"], ["https://a.example:70000/"], [""], [], ["a", "b"]):
        done = run("test", "--config", daemon.config_path, *arguments)
        assert done.returncode == 2 and done.stderr, arguments


@pytest.mark.parametrize("form", ["feed:{url}", "feed://{rest}", "FEED:{url}"])
def test_an_address_may_be_what_sites_link(desk, web, form):
    url = web.put("/f", stories.rss(stories.stories("t", 1)))
    address = form.format(url=url, rest=url.partition("://")[2])
    assert look("--config", desk().config_path, address)["url"] == url


def test_a_name_with_a_dot_is_a_feed_before_it_is_a_host(desk, web):
    url = web.put("/f", stories.rss(stories.stories("t", 1)))
    daemon = desk({"wire.example": url})
    assert look("--config", daemon.config_path, "wire.example")["url"] == url
    assert look("--config", daemon.config_path, "none.invalid", code=1)["url"] == \
        "https://none.invalid"

"""`wiredesk discover`: from a site's address to its feeds, each of them read before it is shown."""
import json

import pytest

import stories
from daemon import run
from feed_server import FeedServer


@pytest.fixture
def site():
    server = FeedServer(["127.0.0.1", "127.0.0.2"]).start()
    yield server
    server.stop()


def discover(desk, url, code=0):
    done = run("discover", "--json", "--config", desk().config_path, url)
    assert done.returncode == code, done.stdout + done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert code == 0 or answers.pop()["ok"] is False
    return answers


def test_what_a_page_declares_is_verified(desk, site):
    page = site.put("/", '<html><head><link rel="alternate" type="application/rss+xml" '
                    'title="News" href="/news.xml"><link rel=alternate '
                    'type=application/atom+xml href=/moved><link rel=alternate '
                    'type=application/rss+xml href=/liar></head><a href="/feed">x</a></html>', "html")
    site.put("/news.xml", stories.rss(stories.stories("n", 3)))
    site.put("/moved", status=301, headers=["Location: /atom.xml"])
    site.put("/atom.xml", stories.atom(stories.stories("a", 2)), "atom")
    site.put("/liar", "<html>not a feed</html>", "html")
    site.put("/feed", stories.rss(stories.stories("f", 1)))
    found = discover(desk, page)
    assert [(f["url"], f["format"], f["items"], f["found"]) for f in found] == [
        (site.url("/news.xml"), "rss", 3, "declared"),
        (site.url("/atom.xml"), "atom1.0", 2, "declared")]
    asked = [r.path for r in site.requests()]
    assert asked == ["/", "/news.xml", "/moved", "/atom.xml", "/liar"], "and no more than that"


def test_anchors_then_usual_paths_and_only_then(desk, site):
    site.put("/anchors", '<a href="/about">a</a> <a href="/blog/feed">b</a>', "html")
    site.put("/blog/feed", stories.rss(stories.stories("b", 1)))
    site.put("/rss.xml", stories.rss(stories.stories("r", 1)))
    found, = discover(desk, site.url("/anchors"))
    assert (found["url"], found["found"]) == (site.url("/blog/feed"), "anchor")
    assert [r.path for r in site.requests()] == ["/anchors", "/blog/feed"]
    site.forget()
    site.put("/bare", "<p>nothing here</p>", "html")
    found, = discover(desk, site.url("/bare"))
    assert (found["url"], found["found"]) == (site.url("/rss.xml"), "well-known")
    assert [r.path for r in site.requests()] == ["/bare", "/feed", "/rss.xml"]


def test_a_feed_is_its_own_answer(desk, site):
    url = site.put("/f", stories.json_feed(stories.stories("j", 2)), "json")
    found, = discover(desk, url)
    assert (found["url"], found["format"], found["items"], found["found"]) == (
        url, "json", 2, "itself")
    assert len(site.requests()) == 1


def test_a_page_cannot_send_us_far(desk, site):
    links = "".join(f'<link rel=alternate type=application/rss+xml href="/{n}">' for n in range(99))
    anchors = "".join(f'<a href="/{n}/feed">' for n in range(99))
    page = site.put("/", '<link rel=feed href="http://169.254.169.254/latest">'
                    '<link rel=feed href="file:///etc/passwd">' + links + anchors, "html")
    assert discover(desk, page, code=1) == []
    assert len(site.requests()) <= 20


def test_nothing_found_and_nothing_there_are_said(desk, site, place):
    config = desk().config_path
    done = run("discover", "--config", config, site.put("/", "<p>hello</p>", "html"))
    assert done.returncode == 1 and "no feed was found" in done.stderr and not done.stdout
    done = run("discover", "--config", config, site.put("/gone", status=410))
    assert done.returncode == 1 and "answered 410" in done.stderr
    done = run("discover", site.url("/"), cwd=place)  # no configuration: nothing private
    assert done.returncode == 1 and "not public" in done.stderr
    for words in ([], ["ftp://a.example/"], ["a", "b"]):
        assert run("discover", *words).returncode == 2
    shown = run("discover", "--config", config,
                site.put("/f", stories.rss(stories.stories("x", 1)))).stdout
    assert shown.startswith("ADDRESS") and "itself" in shown

"""Subscription lists: imported once, exported with their groups, compared, and read in place."""
import json
import os
import time

import events
import stories
from daemon import run
from terminal import Terminal

LIST = """<?xml version="1.0"?>
<opml version="2.0"><head><title>Mine</title></head><body>
 <outline text="News"><outline text="Europe">
  <outline text="Harbour &quot;daily&quot;" type="rss" xmlUrl="https://harbour.example/rss"/>
  <outline text="Again" xmlUrl="https://harbour.example/rss"/></outline>
  <outline text="Known" xmlUrl="https://KNOWN.example/feed"/></outline>
 <outline text="Odd" xmlUrl="gopher://odd.example/"/>
 <outline text="Plain" xmlUrl="https://plain.example/atom.xml"/>
</body></opml>
"""


def opml(daemon, verb, *arguments, code=0):
    done = run("opml", verb, "--config", daemon.config_path, *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def feeds_of(daemon):
    done = run("feeds", "list", "--json", "--config", daemon.config_path)
    assert done.returncode == 0, done.stderr
    return {f["feed"]: f for f in map(json.loads, done.stdout.splitlines())}


def test_import_adds_what_is_new_and_a_second_time_nothing(desk, place):
    daemon = desk({"mine": "https://known.example/feed"})
    path = place / "my list.opml"
    path.write_text(LIST)
    printed = opml(daemon, "import", "--print", path)
    assert "harbour-example-rss" in printed and not (daemon.directory / "feeds.d").exists()
    told = json.loads(opml(daemon, "import", "--json", path))
    assert told == {"added": 2, "known": 1, "repeated": 1, "unusable": 1,
                    "file": str(daemon.directory / "feeds.d/my-list.yaml")}
    feeds = feeds_of(daemon)
    assert set(feeds) == {"mine", "harbour-example-rss", "plain-example-atom-xml"}
    assert feeds["harbour-example-rss"]["group"] == "News/Europe"
    before = (daemon.directory / "feeds.d/my-list.yaml").read_bytes()
    assert opml(daemon, "import", path).startswith("nothing to add; 3 were configured already")
    assert [p.name for p in (daemon.directory / "feeds.d").iterdir()] == ["my-list.yaml"]
    assert (daemon.directory / "feeds.d/my-list.yaml").read_bytes() == before


def test_export_and_import_are_each_others_reverse(desk, place):
    feeds = {"a": {"url": "https://a.example/?x=1&key=2", "group": "News/Europe"},
             "b": {"url": "https://b.example/", "group": "News"}, "C.3": "https://c.example/",
             "pw": "https://me:canary@d.example/feed"}
    daemon, other = desk(feeds), desk()
    path = place / "out.opml"
    path.write_text(opml(daemon, "export"))
    assert "canary" not in path.read_text()
    opml(other, "import", path)
    assert {k: (f["url"], f.get("group")) for k, f in feeds_of(other).items()} == {
        "a": ("https://a.example/?x=1&key=***", "News/Europe"), "b": ("https://b.example/", "News"),
        "C.3": ("https://c.example/", None), "pw": ("https://d.example/feed", None)}
    assert "?x=1&amp;key=2" in path.read_text()  # what is shown of an address leaves keys out
    assert opml(other, "diff", path) == ""
    assert opml(other, "export") == path.read_text()


def test_diff_shows_both_sides_and_groups(desk, place):
    daemon = desk({"mine": "https://known.example/feed", "own": "https://own.example/?token=x"})
    path = place / "l.opml"
    path.write_text(LIST)
    shown = opml(daemon, "diff", path, code=1).splitlines()
    assert [line.split()[:2] for line in shown] == [
        ["+", "harbour-example-rss"], ["~", "mine"], ["+", "plain-example-atom-xml"],
        ["-", "own"]]
    changes = [json.loads(line) for line in opml(daemon, "diff", "--json", path,
                                                 code=1).splitlines()]
    assert [c["change"] for c in changes] == ["added", "group", "added", "removed"]
    assert "token=x" not in json.dumps(changes)


def test_a_list_in_feeds_d_is_read_as_it_is(desk, client, web):
    daemon = desk({"yaml": {"url": web.put("/y", stories.rss(stories.stories("y", 1)))}},
                  groups={"Sea/Deep": {"interval": "1s"}})
    (daemon.directory / "feeds.d").mkdir()
    path = daemon.directory / "feeds.d" / "friends.opml"
    listed = web.put("/l", stories.rss(stories.stories("l", 2)))
    path.write_text('<opml version="2.0"><body><outline text="Sea"><outline text="Deep">'
                    f'<outline xmlUrl="{listed}"/></outline></outline>'
                    f'<outline xmlUrl="{web.url("/y")}"/></body></opml>')
    daemon.start()
    daemon.wait(lambda: events.length(client) == 3, "the list's feed is read, the known one once")
    feeds = feeds_of(daemon)
    assert len(feeds) == 2
    slug, = set(feeds) - {"yaml"}
    assert feeds[slug]["interval_s"] == 1, "its group's settings are its own"
    path.write_text(path.read_text().replace("/l", "/m"))
    web.put("/m", stories.rss(stories.stories("m", 1)))
    daemon.reload()
    daemon.wait(lambda: events.length(client) == 4, "the changed list is taken over")
    path.write_text("<html>")
    daemon.reload()
    failed = daemon.wait_event("daemon.reload_failed")
    assert "friends.opml" in failed.text and "not OPML" in failed.text


def test_what_is_no_list_is_said(desk, place):
    daemon = desk()
    path = place / "x.opml"
    path.write_text("not xml")
    for verb in ("import", "diff"):
        done = run("opml", verb, "--config", daemon.config_path, path)
        assert done.returncode == 1 and "not OPML" in done.stderr
        done = run("opml", verb, "--config", daemon.config_path, place / "none.opml")
        assert done.returncode == 1 and "No such file" in done.stderr
        assert run("opml", verb, "--config", daemon.config_path).returncode == 2


def test_a_name_that_is_taken_is_made_anew(desk, place):
    """https and http of one place make one name; the address's hash tells them apart."""
    daemon = desk()
    for scheme in ("https", "http"):
        path = place / f"{scheme}.opml"
        path.write_text("<opml><body>" + "".join(
            f'<outline xmlUrl="{scheme}://harbour.example/{n}"/>' for n in range(30))
            + "</body></opml>")
        assert json.loads(opml(daemon, "import", "--json", path))["added"] == 30
    assert len(feeds_of(daemon)) == 60


def test_a_long_import_says_how_far_it_is(desk, place):
    """The list comes from a slow pipe, so that half a second is over when its feeds are taken."""
    daemon = desk()
    pipe = place / "slow.opml"
    os.mkfifo(pipe)
    with Terminal("opml", "import", "--json", "--config", daemon.config_path, pipe) as t:
        with open(pipe, "w", encoding="utf-8") as out:
            time.sleep(0.6)
            out.write(LIST)
        code, stdout, shown = t.end()
    assert code == 0 and json.loads(stdout)["added"] == 3
    assert shown.startswith("\r\x1b[Kopml import: 0 of 3 feeds") and shown.endswith("\r\x1b[K")


def test_a_list_that_is_too_long_is_refused_and_not_cut(desk, place):
    daemon = desk()
    path = place / "long.opml"
    path.write_text("<opml><body>" + '<outline xmlUrl="http://f.example/"/>' * 300001
                    + "</body></opml>")
    done = run("opml", "import", "--config", daemon.config_path, path)
    assert done.returncode == 1 and "300,000 outlines" in done.stderr
    assert not (daemon.directory / "feeds.d").exists()

"""A story that changes under its own id is an update of it, and says what changed."""
import pytest

import events
import stories
from feed_server import FeedServer

BASE = stories.story("dam", stories.text("dam", 120))
CHANGES = {
    "headline": (dict(title="An altogether other headline for the dam"), {"headline"}),
    "body": (dict(text=BASE["text"] + " " + stories.text("dam, later", 60)), {"body", "summary"}),
    "link": (dict(link="https://wire.example/story/dam-moved"), {"link"}),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_under_the_same_id_is_an_update(desk, client, web, what):
    change, named = CHANGES[what]
    others = stories.stories("other", 3)
    url = web.put("/f", stories.rss([BASE, *others]))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.length(client) == 4, "four items")
    web.put("/f", stories.rss([{**BASE, **change}, *others]))
    daemon.wait(lambda: events.length(client) == 5, "the update")
    daemon.wait(lambda n=len(web.requests()): len(web.requests()) >= n + 3, "three more polls")
    assert daemon.stop() == 0
    items = events.read_both(client)
    assert [e.type for e in items].count("item.updated") == 1 and len(items) == 5
    update = items[-1]
    first = next(e for e in items if e.raw_id == BASE["id"])
    assert update.raw_id == BASE["id"] and update.item["uri"] == first.item["uri"]
    changes = set(update.json["data"]["changes"])
    assert changes and changes <= named, changes
    assert update.cluster["revision"] == 2 and first.cluster["revision"] == 1
    assert update.cluster["id"] == first.cluster["id"]
    assert {**BASE, **change}["title"] == update.title


def test_an_update_back_and_forth_is_two_updates(desk, client, web):
    after = {**BASE, "title": "The dam, corrected"}
    url = web.put("/f", stories.rss([BASE]))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    for n, item in ((1, after), (2, BASE)):
        daemon.wait(lambda n=n: events.length(client) == n, f"{n} events")
        web.put("/f", stories.rss([item]))
    daemon.wait(lambda: events.length(client) == 3, "three events")
    assert [e.cluster["revision"] for e in events.read(client, events.ITEMS)] == [1, 2, 3]


def test_what_does_not_matter_is_no_update(desk, client, web):
    """White space, the order of items, the channel's own words: not news."""
    two = [BASE, stories.story("second")]
    url = web.put("/f", stories.rss(two))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.length(client) == 2, "two items")
    for body in (stories.rss(two[::-1]), stories.rss(two, title="Another channel title"),
                 stories.rss(two).replace(b". ", b".\n  ")):
        web.put("/f", body)
        before = len(web.requests())
        daemon.wait(lambda n=before: len(web.requests()) >= n + 3, "three polls of it")
    assert daemon.stop() == 0
    assert events.both_lengths(client) == 2


def test_an_item_that_left_and_returns_is_not_new(desk, client, web):
    a, b = stories.story("stays"), stories.story("comes and goes")
    url = web.put("/f", stories.rss([a, b]))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.length(client) == 2, "two items")
    for items in ([a], [a, b], [a], [b, a]):
        web.put("/f", stories.rss(items))
        before = len(web.requests())
        daemon.wait(lambda n=before: len(web.requests()) >= n + 3, "three polls of it")
    assert daemon.stop() == 0
    assert events.both_lengths(client) == 2


def test_a_changed_story_while_the_daemon_was_away(desk, client, web):
    url = web.put("/f", stories.rss([BASE]))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.length(client) == 1, "the item")
    daemon.kill()
    web.put("/f", stories.rss([{**BASE, "title": "Changed meanwhile"}]))
    daemon.start()
    daemon.wait(lambda: events.length(client) == 2, "the update")
    assert [e.type for e in events.read(client, events.ITEMS)] == ["item.new", "item.updated"]


def test_one_guid_for_many_stories_loses_none(desk, client, web):
    """A publisher whose guid is the same for all: told apart by link."""
    many = [stories.story(f"same-{n}", id="tag:wire.example,2026:all") for n in range(5)]
    url = web.put("/f", stories.rss(many))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.both_lengths(client) >= 5, "five items")
    before = len(web.requests())
    web.put("/f", stories.rss(many[::-1]))
    daemon.wait(lambda: len(web.requests()) >= before + 4, "more polls")
    assert daemon.stop() == 0
    handed_on = events.read_both(client)
    assert [e.type for e in handed_on] == ["item.new"] * 5
    assert {e.title for e in handed_on} == {s["title"] for s in many}


def test_one_guid_for_many_stories_stays_so(desk, client, web):
    """The feed that shared a guid yesterday and shows a single story today: no news."""
    many = [stories.story(f"same-{n}", id="tag:wire.example,2026:all") for n in range(3)]
    url = web.put("/f", stories.rss(many))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.both_lengths(client) == 3, "three items")
    web.put("/f", stories.rss(many[:1]))
    before = len(web.requests())
    daemon.wait(lambda: len(web.requests()) >= before + 4, "more polls")
    web.put("/f", stories.rss([stories.story("same-9", id="tag:wire.example,2026:all")]))
    daemon.wait(lambda: events.both_lengths(client) >= 4, "the fourth story")
    assert daemon.stop() == 0
    handed_on = events.read_both(client)
    assert [e.type for e in handed_on] == ["item.new"] * 4


def test_a_guid_that_becomes_shared_repeats_nothing(desk, client, web):
    """One story today, the next one tomorrow under the same guid, both in one document."""
    a, b, c = (stories.story(f"shared-{n}", id="tag:wire.example,2026:all") for n in range(3))
    url = web.put("/f", stories.rss([a]))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.both_lengths(client) == 1, "the first story")
    for document in ([b, a], [c, b, a], [c, b], [a]):
        web.put("/f", stories.rss(document))
        before = len(web.requests())
        daemon.wait(lambda n=before: len(web.requests()) >= n + 3, "polls of it")
        daemon.kill()
        daemon.start()
    assert daemon.stop() == 0
    handed_on = events.read_both(client)
    assert sorted(e.title for e in handed_on) == sorted(s["title"] for s in (a, b, c))
    assert [e.type for e in handed_on] == ["item.new"] * 3


HOME, ALL = "the home page", "tag:wire.example,2026:all"
TICKERS = {  # what every item of a ticker has: a guid or none, a text of its own or one for all
    "no guid": dict(id="", link=HOME),
    "guid is the link": dict(id=HOME, link=HOME),
    "one guid, one link": dict(id=ALL, link=HOME),
    "one guid, no link": dict(id=ALL, link=""),
    "one text": dict(id="", link=HOME, text=stories.text("read more of it on our pages", 30)),
    "no title": dict(id="", link=HOME, title=""),
    "no title, one guid": dict(id=ALL, link=HOME, title=""),
    "one guid, c with a link of its own": dict(id=ALL),
}


def ticker(key, kind):
    item = {**stories.story(f"ticker-{kind}-{key}".replace(" ", "-")), **TICKERS[kind]}
    if kind.startswith("one guid, c") and key != "c":
        item["link"] = HOME
    home = f"https://wire.example/{list(TICKERS).index(kind)}/"  # no other feed's
    return {k: home if v == HOME else v for k, v in item.items()}


def document(items):
    return stories.rss(items).replace(b'<guid isPermaLink="false"></guid>', b"").replace(
        b"<link></link>", b"").replace(b"<title></title>", b"")


@pytest.fixture
def hosts():
    """A ticker a host: each is polled at its own pace."""
    server = FeedServer([f"127.0.0.{n + 2}" for n in range(len(TICKERS))]).start()
    yield server
    server.stop()


def polled(daemon, web, *paths):
    before = {path: len(web.requests(path)) for path in paths}
    daemon.wait(lambda: all(len(web.requests(p)) >= n + 2 for p, n in before.items()), "polls")


def test_one_id_and_one_link_for_many_stories_loses_none(desk, client, hosts):
    """Told apart by title, from poll to poll, also when one alone is left or a new one comes."""
    story = {kind: {n: ticker(n, kind) for n in "abcd"} for kind in TICKERS}
    paths = {kind: f"/{n}" for n, kind in enumerate(TICKERS)}

    def put(names):
        for kind in TICKERS:
            hosts.put(paths[kind], document([story[kind][n] for n in names]))

    put("ba")
    daemon = desk({f"wire-{n}": {"url": hosts.url(path, hosts.addresses[n]), "interval": "1s"}
                   for n, path in enumerate(paths.values())}).start()
    for names in ("ba", "abb", "b", "cb", "c", "dc", "a"):
        put(names)
        polled(daemon, hosts, *paths.values())
        if names == "cb":
            daemon.kill()
            daemon.start()
    assert daemon.stop() == 0
    handed_on = events.read_both(client)
    assert sorted((e.feed, e.title) for e in handed_on) == sorted(
        (f"wire-{n}", s["title"]) for n, kind in enumerate(TICKERS) for s in story[kind].values())
    assert {e.type for e in handed_on} == {"item.new"}
    assert len({e.item["uri"] for e in handed_on}) == len(handed_on)


def test_a_story_that_others_join_under_its_id_is_the_same(desk, client, web):
    """A ticker that begins with one item; and its text, changed under its title, is an update."""
    a, b = (ticker(n, "no guid") for n in "ab")
    after = {**a, "text": a["text"] + " " + stories.text("ticker, later", 60)}
    url = web.put("/f", document([a]))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    for n, items in enumerate(([a], [b, a], [b, after], [after]), 1):
        web.put("/f", document(items))
        daemon.wait(lambda n=min(n, 3): events.both_lengths(client) >= n, f"{n} events")
        polled(daemon, web, "/f")
    assert daemon.stop() == 0
    handed_on = events.read_both(client)
    assert [e.type for e in handed_on] == ["item.new", "item.new", "item.updated"]
    assert [e.title for e in handed_on] == [a["title"], b["title"], a["title"]]
    assert handed_on[0].item["uri"] == handed_on[2].item["uri"]


def test_a_title_alone_under_its_id_is_corrected(desk, client, web):
    """One story under the home page's link, and tomorrow with another title: an update."""
    a = ticker("a", "no guid")
    url = web.put("/f", document([a]))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.length(client) == 1, "the item")
    web.put("/f", document([{**a, "title": "The ticker, corrected"}]))
    daemon.wait(lambda: events.length(client) == 2, "the update")
    assert [e.type for e in events.read(client, events.ITEMS)] == ["item.new", "item.updated"]


def test_a_session_in_a_link_is_no_update(desk, client, hosts):
    """Another one for every visitor, as the server gives it; another page is one all the same.
    Without a guid the link is the id too: another session makes no other story."""
    sessions = ["?sid={:032x}", ";jsessionid={:032X}", "?p=1&PHPSESSID={:026x}&utm_source=feed"]
    kinds = [(session, guid) for session in sessions for guid in (True, False)]
    feeds = {f"wire-{n}": f"/{n}" for n in range(len(kinds))}

    def serve(visit, page):
        for n, (session, guid) in enumerate(kinds):
            link = f"https://wire.example/{n}/{page if guid else 'dam'}" + session.format(
                visit * 0xa1b2c3d4e5f6071829)
            item = {**stories.story(f"session-{n}"), "link": link}
            hosts.put(f"/{n}", document([item if guid else {**item, "id": ""}]))

    serve(1, "dam")
    daemon = desk({name: {"url": hosts.url(path, hosts.addresses[n]), "interval": "1s"}
                   for n, (name, path) in enumerate(feeds.items())}).start()
    for visit, page in enumerate(("dam", "dam", "dam", "dam-moved", "dam-moved"), 1):
        serve(visit, page)
        polled(daemon, hosts, *feeds.values())
    assert daemon.stop() == 0
    handed_on = events.read_both(client)
    for name, (_, guid) in zip(feeds, kinds):
        own = [e for e in handed_on if e.feed == name]
        assert [e.type for e in own] == ["item.new", "item.updated"][:2 if guid else 1]
        assert not guid or own[1].json["data"]["changes"] == ["link"]

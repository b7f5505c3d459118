"""Five articles on one event, as five feeds: four items and one copy, with the evidence."""
import events
import stories
from corpus import shared


def seeds():
    """[(number, title, body)]: the first line is a headline, or the site's own words."""
    found = []
    for path in sorted(shared("corpus", "seeds").glob("*.txt")):
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
        found.append((path.name[:3], lines[0].strip()[:200], "\n".join(lines)))
    assert len(found) == 5
    return found


MAKERS = [stories.rss, stories.atom, stories.json_feed, stories.rss, stories.atom]


def serve(web):
    feeds = {}
    for (number, title, body), make in zip(seeds(), MAKERS):
        item = stories.story(f"seed-{number}", body, title=title)
        kind = {stories.rss: "rss", stories.atom: "atom", stories.json_feed: "json"}[make]
        feeds[f"seed-{number}"] = {
            "url": web.put(f"/{number}", make([item], f"Site {number}"), kind), "interval": "1s"}
    return feeds


def judge(client):
    items, copies = events.read(client, events.ITEMS), events.read(client, events.COPIES)
    assert [e.type for e in copies] == ["item.copy"]
    assert sorted(e.type for e in items) == ["item.new"] * 4
    copy = copies[0]
    pair = {"seed-000", "seed-001"}
    original = next(e for e in items if e.feed in pair - {copy.feed})
    assert {copy.feed, original.feed} == pair
    assert copy.cluster["id"] == original.cluster["id"]
    assert copy.cluster["role"] == "copy"
    assert copy.cluster["canonicalUri"] == original.item["uri"]
    assert copy.cluster["size"] == 2
    evidence = copy.cluster["evidence"]
    assert evidence and evidence[0]["with"] == original.item["uri"]
    assert evidence[0]["kind"] in ("shingle-containment", "exact-text")
    assert evidence[0]["score"] >= 0.5
    clusters = {e.cluster["id"] for e in items}
    assert len(clusters) == 4, "the three others stand alone"
    assert original.fields["k"] == copy.fields["k"]
    assert (copy.cluster.get("agency") or {}).get("name") == "Reuters"


def test_five_articles_give_four_items_and_one_copy(desk, client, web):
    daemon = desk(serve(web)).start()
    daemon.wait(lambda: events.both_lengths(client) >= 5, "five events")
    daemon.wait(lambda: len(web.requests()) >= 15, "two more passes")
    assert daemon.stop() == 0
    judge(client)


def test_a_copy_is_recognised_after_a_restart(desk, client, web):
    feeds = serve(web)
    late = feeds.pop("seed-001")
    daemon = desk(feeds).start()
    daemon.wait(lambda: events.length(client) == 4, "four items")
    daemon.kill()
    daemon.config["feeds"]["seed-001"] = late
    daemon.write_config()
    daemon.start()
    daemon.wait(lambda: events.both_lengths(client) >= 5, "the late one")
    assert daemon.stop() == 0
    judge(client)
    assert events.read(client, events.COPIES)[0].feed == "seed-001"


def test_annotate_keeps_the_copy_on_the_items_stream(desk, client, web):
    daemon = desk(serve(web), dedupe={"mode": "annotate"}).start()
    daemon.wait(lambda: events.length(client) >= 5, "five events on the items stream")
    assert daemon.stop() == 0
    items = events.read(client, events.ITEMS)
    assert sorted(e.type for e in items) == ["item.copy"] + ["item.new"] * 4


def test_off_tells_no_copies(desk, client, web):
    daemon = desk(serve(web), dedupe={"mode": "off"}).start()
    daemon.wait(lambda: events.length(client) >= 5, "five items")
    assert daemon.stop() == 0
    assert [e.type for e in events.read_both(client)] == ["item.new"] * 5

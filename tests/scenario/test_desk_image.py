"""The image of the desk's memory: whatever is killed when, the next life knows every copy, tells
nothing twice, and says when it had to read the whole ledger."""
import os
import random
import time

import events
import stories

EVERY = 10  # items an image; so that one is nearly always being written


def feeds(web):
    return {"one": {"url": web.put("/one", stories.rss([])), "interval": "1s"},
            "two": {"url": web.put("/two", stories.rss([])), "interval": "1s"}}


def copies_of(told):
    """The same texts elsewhere, behind a word."""
    return [stories.story(f"copy-{s['id']}", "Our correspondent: " + s["text"]) for s in told]


def told_ids(client):
    return [e.raw_id for e in events.read_both(client)]


def wait_told(daemon, client, count):
    daemon.wait(lambda: events.both_lengths(client) >= count, f"{count} events")


def await_writing(daemon, seconds):
    """Until an image is in the midst of being written, or time is up."""
    half = daemon.state / "desk.image.new"
    end = time.monotonic() + seconds
    while time.monotonic() < end and not half.exists():
        time.sleep(0.0005)
    return half.exists()


def test_kills_lose_no_story_and_no_copy(desk, client, web):
    """Stories arrive all the while; twelve lives end by SIGKILL, most of them while an image is
    written.  Every text is told once, and afterwards a copy of any of them is one."""
    rng = random.Random(5)
    told, in_the_midst, from_image = [], 0, 0
    daemon = desk(feeds(web), dedupe={"image_after": EVERY})
    for life in range(12):
        told += [stories.story(f"kill-{life}-{n}") for n in range(rng.randint(9, 24))]
        web.put("/one", stories.rss(told))
        daemon.start(ready=False)
        if life % 4 == 3:
            wait_told(daemon, client, len(told))
        in_the_midst += await_writing(daemon, 4)
        time.sleep(rng.random() ** 2 / 10)
        daemon.kill()
        from_image += any("from the image" in e.text for e in daemon.events("storage.filled"))
    assert in_the_midst >= 4 and from_image >= 2, (in_the_midst, from_image)
    (daemon.state / "desk.image.new").write_bytes(b"half of an image")
    daemon.start()
    daemon.wait(lambda: not (daemon.state / "desk.image.new").exists(), "no half of an image")
    wait_told(daemon, client, len(told))
    assert sorted(told_ids(client)) == sorted(s["id"] for s in told)
    again = copies_of(told)
    for n in range(0, len(again), 60):
        web.put("/two", stories.rss(again[n:n + 60]))
        wait_told(daemon, client, len(told) + min(n + 60, len(again)))
    kinds = {e.raw_id: e.type for e in events.read_both(client)}
    assert {kinds[s["id"]] for s in again} == {"item.copy"}
    assert len(told_ids(client)) == 2 * len(told)
    assert daemon.stop() == 0


def test_an_image_that_does_not_fit_is_said_and_done_without(desk, client, web):
    told = stories.stories("unfit", 25)
    daemon = desk(feeds(web), dedupe={"image_after": EVERY})
    web.put("/one", stories.rss(told))
    daemon.start()
    wait_told(daemon, client, 25)
    image = daemon.state / "desk.image"
    daemon.wait(image.exists, "an image")
    assert daemon.stop() == 0
    assert not (daemon.state / "desk.image.new").exists()
    with open(image, "r+b") as f:
        f.seek(os.path.getsize(image) // 2)
        f.write(b"spoilt")
    daemon.start()
    assert daemon.events("storage.image_unfit")
    web.put("/two", stories.rss(copies_of(told)))
    wait_told(daemon, client, 50)
    assert events.length(client, events.COPIES) == 25
    daemon.wait(image.exists, "the next image")
    assert daemon.stop() == 0
    daemon.start()
    assert not daemon.events("storage.image_unfit")
    assert daemon.stop() == 0


def test_a_text_replaced_since_the_image_is_known(desk, client, web):
    old, new = stories.story("before"), stories.story("after")
    many = [old, *stories.stories("many", 20)]
    daemon = desk(feeds(web), dedupe={"image_after": EVERY})
    web.put("/one", stories.rss(many))
    daemon.start()
    wait_told(daemon, client, 21)
    daemon.wait(lambda: (daemon.state / "desk.image").exists(), "an image")
    daemon.wait(lambda: not (daemon.state / "desk.image.new").exists(), "a whole one")
    changed = {**new, "id": old["id"], "link": old["link"]}
    web.put("/one", stories.rss([changed, *many[1:]]))
    wait_told(daemon, client, 22)
    daemon.kill()
    daemon.start()
    assert not daemon.events("storage.image_unfit")
    web.put("/two", stories.rss(copies_of([new])))
    wait_told(daemon, client, 23)
    kinds = [e.type for e in events.read_both(client)]
    assert kinds.count("item.copy") == 1 and kinds.count("item.updated") == 1
    assert daemon.stop() == 0

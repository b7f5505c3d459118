"""Many feeds, large documents, long lists: the same promises."""
import events
import stories


def test_a_thousand_feeds_start_and_settle(desk, client, web):
    count = 1000
    feeds = {}
    for n in range(count):
        url = web.put(f"/{n}", stories.rss([stories.story(f"k{n}", stories.text(f"k{n}", 30))]))
        feeds[f"wire-{n}"] = {"url": url, "interval": "30s"}
    daemon = desk(feeds).start()
    daemon.wait(lambda: events.both_lengths(client) >= count, f"{count} items", 300)
    assert daemon.stop() == 0
    assert len({e.raw_id for e in events.read_both(client)}) == count


def test_a_document_of_three_thousand_items(desk, client, web):
    many = [stories.story(f"m{n}", stories.text(f"m{n}", 25)) for n in range(3000)]
    url = web.put("/f", stories.rss(many))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.both_lengths(client) >= 3000, "3000 items", 300)
    daemon.wait(lambda: sum(r.status == 304 for r in web.requests()) >= 2, "two quiet polls")
    assert daemon.stop() == 0
    handed_on = events.read_both(client)
    assert len(handed_on) == len({e.raw_id for e in handed_on}) == 3000


def test_the_largest_text_arrives_whole_or_flagged(desk, client, web):
    long_text = stories.text("long", 100_000)
    url = web.put("/f", stories.rss([stories.story("long", long_text), stories.story("short")]))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.both_lengths(client) == 2, "both items")
    assert daemon.stop() == 0
    long = next(e for e in events.read_both(client) if e.title == stories.story("long")["title"])
    if "truncated-body" not in long.origin["flags"]:
        assert long.body.split()[-1] == long_text.split()[-1]


def test_a_text_in_every_script(desk, client, web):
    texts = {"ja": "東京の港で火曜日の朝、フェリーが座礁した。乗客二百十二人は全員無事だった。" * 3,
             "ar": "جنحت عبارة تقل ركابا قبالة الميناء صباح الثلاثاء وتم إجلاء جميع الركاب بسلام. " * 3,
             "ru": "Паром с пассажирами сел на мель у входа в гавань во вторник утром. " * 3,
             "hi": "मंगलवार सुबह बंदरगाह के पास एक नौका रेत में फँस गई और सभी यात्री सुरक्षित हैं। " * 3,
             "emoji": "The ferry 🚢 is aground 🏝️ and all are safe 👩‍👩‍👧‍👦. " * 3,
             "odd": "Zero\u200bwidth, soft\u00adhyphen, \u202ereversed\u202c, e\u0301 combined. " * 3}
    items = [stories.story(k, t.strip(), title=t[:20].strip()) for k, t in texts.items()]
    url = web.put("/f", stories.json_feed(items), "json")
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.both_lengths(client) == len(texts), "all scripts")
    assert daemon.stop() == 0
    bodies = {e.raw_id: e.body for e in events.read_both(client)}
    for item in items[:4]:
        assert bodies[item["id"]].split() == item["text"].split()

"""tests/support/stories.py - fictional stories, and the feed documents that carry them.

A story's text is made of its key by a seeded generator: equal keys give equal texts, other keys
give texts that no honest deduplicator could take for copies.
"""
import html
import json
import random

ONSETS = "b br c ch d dr f fl g gr h j k l m n p pr qu r s sh st t th tr v w z".split()
VOWELS = "a e i o u ai ea ie oa ou".split()
CODAS = ["", "", "l", "n", "r", "s", "nd", "rt", "m", "ck"]


def words(key, count):
    rng = random.Random(f"story {key}")
    return ["".join(rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS)
                    for _ in range(rng.choice((1, 2, 2, 3)))) for _ in range(count)]


def text(key, count=90):
    """Sentences of 8 to 14 words."""
    rng, out, left = random.Random(f"cut {key}"), [], words(key, count)
    while left:
        n = rng.randint(8, 14)
        out.append(" ".join(left[:n]).capitalize() + ".")
        left = left[n:]
    return " ".join(out)


def story(key, body=None, **more):
    """One item as a dict: id, link, title, text, date (RFC 3339).  The title is of the text's own
    words, as a story's is."""
    body = text(key) if body is None else body
    item = {"id": f"tag:wire.example,2026:{key}", "link": f"https://wire.example/story/{key}",
            "title": " ".join(body.split()[3:9]).replace(".", "").capitalize(),
            "text": body,
            "date": "2026-03-10T09:00:00Z"}
    item.update(more)
    return item


def stories(prefix, count):
    return [story(f"{prefix}-{n}") for n in range(count)]


def rss(items, title="The Example Wire"):
    rows = "".join(
        f"<item><title>{html.escape(i['title'])}</title><link>{html.escape(i['link'])}</link>"
        f"<guid isPermaLink=\"false\">{html.escape(i['id'])}</guid>"
        f"<description>{html.escape(html.escape(i['text']))}</description></item>\n" for i in items)
    return ('<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
            f"<title>{html.escape(title)}</title><link>https://wire.example/</link>"
            f"<description>Fictional.</description>\n{rows}</channel></rss>\n").encode()


def atom(items, title="The Example Wire"):
    rows = "".join(
        f"<entry><title>{html.escape(i['title'])}</title><link href=\"{html.escape(i['link'])}\"/>"
        f"<id>{html.escape(i['id'])}</id><updated>{i['date']}</updated>"
        f"<content type=\"text\">{html.escape(i['text'])}</content></entry>\n" for i in items)
    return ('<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
            f"<title>{html.escape(title)}</title><id>tag:wire.example,2026:feed</id>"
            f"<updated>2026-03-10T09:00:00Z</updated>\n{rows}</feed>\n").encode()


def json_feed(items, title="The Example Wire"):
    rows = [{"id": i["id"], "url": i["link"], "title": i["title"], "content_text": i["text"],
             "date_published": i["date"]} for i in items]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": title,
                       "items": rows}).encode()

#!/usr/bin/env python3
"""scripts/sample/serve.py - six fictional news wires on loopback, on which stories appear one by
one, so that a first look at wiredesk needs no internet.

    serve.py --port 0 --port-file PORT --feeds-file FEEDS.yaml [--every 2]

FEEDS.yaml receives the `feeds:` section of a configuration for these wires.  Ends on SIGTERM, and
by itself when the process that started it is gone.  Python's standard library only.
"""
import argparse
import ctypes
import email.utils
import hashlib
import html
import http.server
import json
import os
import pathlib
import signal
import sys
import threading
import time

STORIES = pathlib.Path(__file__).resolve().parent / "stories"

# slug -> (title, form); the path is /slug.form
WIRES = {
    "harbour-courier": ("The Harbour Courier", "rss"),
    "inland-post": ("Inland Post", "atom"),
    "coast-radio": ("Coast Radio", "json"),
    "market-desk": ("Market Desk", "rss"),
    "exchange-notices": ("Exchange Notices", "atom"),
    "science-notes": ("Science Notes", "json"),
}
TYPES = {"rss": "application/rss+xml; charset=utf-8", "atom": "application/atom+xml",
         "json": "application/feed+json"}
BEFORE_START = 3  # stories that are there from the beginning
WORDS_OF_A_TEASER = 30


def read_story(path):
    """`Name: value` lines, an empty line, then paragraphs."""
    head, _, text = path.read_text("utf-8").partition("\n\n")
    story = dict(line.split(": ", 1) for line in head.splitlines())
    story["paragraphs"] = [p.strip() for p in text.split("\n\n")]
    story["html"] = "".join(f"<p>{html.escape(p, quote=False)}</p>" for p in story["paragraphs"])
    teaser = story["paragraphs"][0].split()
    story["teaser"] = " ".join(teaser[:WORDS_OF_A_TEASER]) + (
        " ..." if len(teaser) > WORDS_OF_A_TEASER else "")
    return story


def rss(title, home, stories):
    rows = []
    for s in stories:
        source = f"<source url=\"{home}\">{html.escape(s['Source'])}</source>" if "Source" in s else ""
        rows.append(
            f"<item><title>{html.escape(s['Title'])}</title><link>{html.escape(s['Link'])}</link>"
            f"<guid>{html.escape(s['Id'])}</guid><dc:creator>{html.escape(s['By'])}</dc:creator>"
            f"<pubDate>{email.utils.formatdate(s['released'], usegmt=True)}</pubDate>{source}"
            f"<description>{html.escape(s['teaser'])}</description>"
            f"<content:encoded>{html.escape(s['html'])}</content:encoded></item>\n")
    return ('<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
            ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            f"<title>{html.escape(title)}</title><link>{home}</link><language>en</language>"
            f"<description>A fictional wire.</description>\n{''.join(rows)}</channel></rss>\n")


def atom(title, home, stories):
    rows = []
    for s in stories:
        source = f"<source><title>{html.escape(s['Source'])}</title></source>" if "Source" in s else ""
        rows.append(
            f"<entry><title>{html.escape(s['Title'])}</title><id>{html.escape(s['Id'])}</id>"
            f"<link href=\"{html.escape(s['Link'])}\"/><updated>{rfc3339(s['released'])}</updated>"
            f"<author><name>{html.escape(s['By'])}</name></author>{source}"
            f"<summary>{html.escape(s['teaser'])}</summary>"
            f"<content type=\"html\">{html.escape(s['html'])}</content></entry>\n")
    newest = max((s["released"] for s in stories), default=0)
    return ('<?xml version="1.0" encoding="utf-8"?>\n'
            '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">'
            f"<title>{html.escape(title)}</title><id>{home}</id><link href=\"{home}\"/>"
            f"<updated>{rfc3339(newest)}</updated>\n{''.join(rows)}</feed>\n")


def json_feed(title, home, stories):
    rows = [{"id": s["Id"], "url": s["Link"], "title": s["Title"], "summary": s["teaser"],
             "content_html": s["html"], "date_published": rfc3339(s["released"]),
             "authors": [{"name": s["By"]}], "language": "en"} for s in stories]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": title,
                       "home_page_url": home, "items": rows}, indent=1)


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


MAKERS = {"rss": rss, "atom": atom, "json": json_feed}


class Newsroom:
    """Which stories are out; a later one with the id of an earlier one takes its place."""

    def __init__(self, every_s):
        self.lock = threading.Lock()
        self.waiting = [read_story(p) for p in sorted(STORIES.glob("*.txt"))]
        self.out = []
        self.every_s = every_s
        self.release(BEFORE_START)

    def release(self, count=1):
        with self.lock:
            for story in self.waiting[:count]:
                # Whole seconds: a date that a document repeats must not look changed.
                story["released"] = int(time.time())
                self.out = [s for s in self.out if s["Id"] != story["Id"]] + [story]
            del self.waiting[:count]

    def run(self):
        while self.waiting:
            time.sleep(self.every_s)
            self.release()

    def document(self, slug):
        title, form = WIRES[slug]
        with self.lock:
            mine = [s for s in reversed(self.out) if s["Wire"] == slug]
        return MAKERS[form](title, f"https://{slug}.example/", mine).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    newsroom = None

    def do_GET(self):  # the name is the library's
        slug, _, form = self.path.strip("/").partition(".")
        if slug not in WIRES or form != WIRES[slug][1]:
            self.answer(404, b"no such wire\n", "text/plain")
            return
        body = self.newsroom.document(slug)
        etag = '"%s"' % hashlib.sha256(body).hexdigest()[:20]
        if self.headers.get("If-None-Match") == etag:
            self.answer(304, b"", None, etag)
        else:
            self.answer(200, body, TYPES[form], etag)

    def answer(self, status, body, content_type, etag=None):
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        if content_type:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """The viewer watches wiredesk, not this."""


def end_with_parent():
    """SIGTERM when the parent dies (Linux); also if it died before this was asked."""
    pr_set_pdeathsig, parent = 1, os.getppid()
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)


def write_whole(path, text):
    temporary = pathlib.Path(f"{path}.new")
    temporary.write_text(text)
    temporary.replace(path)


def feeds_yaml(port):
    rows = [f"  {slug}: {{ url: \"http://127.0.0.1:{port}/{slug}.{form}\", interval: 1s }}\n"
            for slug, (_, form) in WIRES.items()]
    return "feeds:\n" + "".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--port-file", help="receives the port's number")
    parser.add_argument("--feeds-file", help="receives the feeds: section for these wires")
    parser.add_argument("--every", type=float, default=2, help="seconds between two stories")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    end_with_parent()
    Handler.newsroom = Newsroom(options.every)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    if options.feeds_file:
        write_whole(options.feeds_file, feeds_yaml(server.server_port))
    if options.port_file:
        write_whole(options.port_file, f"{server.server_port}\n")
    threading.Thread(target=Handler.newsroom.run, daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()

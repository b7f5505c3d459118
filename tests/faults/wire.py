"""tests/faults/wire.py - feeds that never stop, until told to.

Every answer may bring new stories.  A feed's document keeps a story until the reader has seen it
on a stream (and a few more), as a publisher's window does; validators are honest: an unchanged
document is a 304.  A story that the daemon remembers and never handed on is therefore lost for
good, which is what the runs look for.
"""
import hashlib
import http.server
import random
import threading

import stories

KEPT = 8  # stories that stay in a document after they were seen


class Feed:
    def __init__(self, name, seed):
        self.name = name
        self.dice = random.Random(f"{seed} {name}")
        self.window = []
        self.made = 0
        self.lock = threading.Lock()

    def grow(self, count):
        for _ in range(count):
            self.made += 1
            self.window.append(stories.story(f"{self.name}-{self.made}"))


class Wire:
    """`feeds` feeds; the last `copying` of them repeat the texts of the first.  With a `window` a
    document never has more stories than that, seen or not: for runs in which no daemon dies."""

    def __init__(self, seed, feeds=16, copying=2, window=None):
        self.window = window
        self.feeds = {f"f{n}": Feed(f"f{n}", seed) for n in range(feeds)}
        self.copying = {f"f{n}" for n in range(feeds - copying, feeds)}
        self.growing = True
        self.expected = set()
        self.seen = set()  # filled by the reader
        self.answers = {200: 0, 304: 0}
        wire = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                try:
                    wire.answer(self)
                except (ConnectionError, BrokenPipeError):
                    self.close_connection = True

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                """A killed daemon leaves its connections as they are."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, name):
        return f"http://127.0.0.1:{self.port}/{name}"

    def document(self, feed):
        with feed.lock:
            if self.growing and feed.dice.random() < 0.7:
                feed.grow(feed.dice.randint(1, 3))
            unseen = [s for s in feed.window if s["id"] not in self.seen]
            keep = max(KEPT, len(unseen))
            if self.window:
                feed.window = feed.window[-self.window:]
            elif len(feed.window) > keep:
                old = [s for s in feed.window if s["id"] in self.seen][:len(feed.window) - keep]
                gone = {s["id"] for s in old}
                feed.window = [s for s in feed.window if s["id"] not in gone]
            items = list(reversed(feed.window))
        self.expected.update(s["id"] for s in items)
        if feed.name in self.copying:  # another feed's text under an identity of its own
            items = [dict(stories.story(s["id"].split(":")[-1].replace(feed.name, "f0")),
                          id=s["id"], link=s["link"]) for s in items]
        return stories.rss(items, title=feed.name)

    def answer(self, request):
        feed = self.feeds.get(request.path.strip("/"))
        if feed is None:
            request.send_error(404)
            return
        body = self.document(feed)
        etag = '"%s"' % hashlib.sha1(body).hexdigest()
        unchanged = request.headers.get("If-None-Match") == etag
        self.answers[304 if unchanged else 200] += 1
        request.send_response(304 if unchanged else 200)
        request.send_header("ETag", etag)
        request.send_header("Content-Type", "application/rss+xml")
        if not unchanged:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if not unchanged:
            request.wfile.write(body)

    def left(self):
        return len(self.expected - self.seen)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

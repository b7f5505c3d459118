"""tests/support/feed_server.py - a small web server that does exactly what a test tells it.

HTTP/1.1 with keep-alive on as many loopback addresses as wanted (a feed on its own address is
a feed on its own host).  Every path has one answer, which a test may replace at any time; every
request is kept with its raw header lines.
"""
import asyncio
import dataclasses
import hashlib
import socket
import threading
import time

FEED_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml",
              "rdf": "application/rdf+xml", "json": "application/feed+json",
              "html": "text/html; charset=utf-8"}
REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 304: "Not Modified",
           308: "Permanent Redirect", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           410: "Gone", 429: "Too Many Requests", 500: "Internal Server Error",
           503: "Service Unavailable"}


@dataclasses.dataclass
class Request:
    time: float
    address: str
    path: str
    method: str
    raw_headers: list  # "Name: value", exactly as received
    connection: int
    status: int = 0  # what was answered; 0 while it is not
    resumed: bool = False  # over TLS: the connection took up an earlier session

    def header(self, name):
        """The raw value (one leading space taken off), or None; a repeated header is an error."""
        found = [h.partition(":")[2] for h in self.raw_headers
                 if h.partition(":")[0].lower() == name.lower()]
        assert len(found) <= 1, f"{name} was sent {len(found)} times: {found}"
        return found[0].removeprefix(" ") if found else None


@dataclasses.dataclass
class Answer:
    """What a path answers.  `etag` None: a strong one is made of the body; "" sends none."""
    body: bytes = b""
    content_type: str = FEED_TYPES["rss"]
    etag: str = None
    last_modified: str = ""
    status: int = 200
    headers: list = dataclasses.field(default_factory=list)
    delay_s: float = 0
    hold: threading.Event = None  # answer only once it is set
    announced_length: int = None  # lie about Content-Length, then close
    endless: bytes = None  # after the body, this for ever
    stall: bool = False  # after the body, silence

    def validators(self):
        etag = self.etag
        if etag is None:
            etag = '"%s"' % hashlib.sha1(self.body).hexdigest()[:16]
        return etag, self.last_modified


class FeedServer:
    def __init__(self, addresses=("127.0.0.1",), tls=None):
        self.addresses = list(addresses)
        self.tls = tls  # an ssl.SSLContext: https
        self.answers = {}
        self.requests_seen = []
        self.lock = threading.Lock()
        self.loop = asyncio.new_event_loop()
        self.sockets = self._listen()
        self.port = self.sockets[0].getsockname()[1]
        self.connections = 0
        self.writers = set()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _listen(self):
        for _ in range(20):
            sockets, port = [], 0
            try:
                for address in self.addresses:
                    s = socket.socket()
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    sockets.append(s)
                    s.bind((address, port))
                    port = s.getsockname()[1]
                    s.listen(256)
                return sockets
            except OSError:  # the port is taken on another address
                for s in sockets:
                    s.close()
        raise AssertionError("no port is free on all the addresses")

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self._close_all)
            self.thread.join(timeout=10)

    # ---- what tests say

    def put(self, path, body=b"", content_type=FEED_TYPES["rss"], **more):
        """Sets the path's answer and returns its URL on the first address."""
        if isinstance(body, str):
            body = body.encode()
        self.answers[path] = Answer(body, FEED_TYPES.get(content_type, content_type), **more)
        return self.url(path)

    def url(self, path, address=None):
        return f"{'https' if self.tls else 'http'}://{address or self.addresses[0]}:{self.port}{path}"

    def requests(self, path=None):
        with self.lock:
            return [r for r in self.requests_seen if path is None or r.path == path]

    def forget(self):
        with self.lock:
            self.requests_seen.clear()

    # ---- the server, all of it on its own thread

    def _run(self):
        asyncio.set_event_loop(self.loop)
        for s in self.sockets:
            self.loop.run_until_complete(asyncio.start_server(self._serve, sock=s,
                                                              ssl=self.tls))
        self.loop.run_forever()

    def _close_all(self):
        for s in self.sockets:
            s.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.call_later(0.05, self.loop.stop)

    async def _serve(self, reader, writer):
        self.connections += 1
        number = self.connections
        try:
            while await self._one(reader, writer, number):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _one(self, reader, writer, number):
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")[:-2]
        method, path, _ = lines[0].split(" ")
        request = Request(time.monotonic(), writer.get_extra_info("sockname")[0], path, method,
                          lines[1:], number)
        if self.tls:
            request.resumed = bool(writer.get_extra_info("ssl_object").session_reused)
        with self.lock:
            self.requests_seen.append(request)
        answer = self.answers.get(path) or Answer(b"no such page\n", "text/plain", "", status=404)
        await asyncio.sleep(answer.delay_s)
        while answer.hold and not answer.hold.is_set():
            await asyncio.sleep(0.02)
        return await self._send(writer, request, answer)

    async def _send(self, writer, request, answer):
        etag, last_modified = answer.validators() if answer.status == 200 else ("", "")
        body, status = answer.body, answer.status
        given = request.header("If-None-Match")
        if status == 200 and ((etag and given == etag) or (
                given is None and last_modified
                and request.header("If-Modified-Since") == last_modified)):
            status, body = 304, b""
        head = [f"HTTP/1.1 {status} {REASONS.get(status, 'Whatever')}"]
        head += [f"{n}: {v}" for n, v in (("ETag", etag), ("Last-Modified", last_modified)) if v]
        head += answer.headers
        unbounded = status == 200 and (answer.endless or answer.stall)
        if status != 304:
            head.append(f"Content-Type: {answer.content_type}")
            if not unbounded:
                length = answer.announced_length
                head.append(f"Content-Length: {len(body) if length is None else length}")
        request.status = status
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + body)
        await writer.drain()
        while status == 200 and answer.endless:
            writer.write(answer.endless)
            await writer.drain()
        while status == 200 and answer.stall:
            await asyncio.sleep(0.05)
        return not unbounded and answer.announced_length is None


def refused_url(address="127.0.0.1"):
    """A URL nobody listens on, and the socket that keeps it so."""
    s = socket.socket()
    s.bind((address, 0))
    return f"http://{address}:{s.getsockname()[1]}/feed", s

"""tests/support/hub.py - a WebSub hub of the test's own, as honest or as hostile as it is told.

Requests are answered and verified as the attributes say; what it may do to a callback besides
(verify unasked, deliver, deny) are functions of their own.
"""
import hashlib
import hmac
import http.client
import http.server
import secrets
import socket
import threading
import time
import urllib.parse


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Subscription:
    def __init__(self, form):
        self.callback, self.topic = form["hub.callback"], form["hub.topic"]
        self.secret = form.get("hub.secret", "")
        self.lease_s = form.get("hub.lease_seconds")


class Hub:
    def __init__(self, address="127.0.0.1"):
        self.status = 202  # of requests
        self.headers = {}  # of their answers
        self.verifies = True
        self.lease_s = "864000"  # None: not said
        self.challenge = None  # None: a fresh one each time
        self.before_answering = False  # verify first, answer then
        self.forms = []  # every request, as {name: value}
        self.verified = []  # (mode, status, body, challenge)
        self.subscriptions = {}  # callback: Subscription
        self.lock = threading.Lock()
        hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
                form = dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True))
                with hub.lock:
                    hub.forms.append(form)
                status, headers = hub.status, dict(hub.headers)
                wanted = hub.verifies and status // 100 == 2
                if wanted and hub.before_answering:
                    hub.verify(form)
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if wanted and not hub.before_answering:
                    threading.Thread(target=hub.verify, args=(form,), daemon=True).start()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        if self.thread.is_alive():
            self.server.shutdown()
            self.thread.join(timeout=10)
        self.server.server_close()

    def url(self, path="/hub"):
        host, port = self.server.server_address
        return f"http://{host}:{port}{path}"

    def asked(self, mode="subscribe"):
        with self.lock:
            return [f for f in self.forms if f["hub.mode"] == mode]

    # ---- what a hub does

    def verify(self, form):
        mode, challenge = form["hub.mode"], self.challenge or secrets.token_urlsafe(24)
        query = {"hub.mode": mode, "hub.topic": form["hub.topic"], "hub.challenge": challenge}
        if mode == "subscribe" and self.lease_s is not None:
            query["hub.lease_seconds"] = self.lease_s
        status, _, body = get(form["hub.callback"], query)
        with self.lock:
            if status == 200 and body.decode() == challenge:
                if mode == "subscribe":
                    self.subscriptions[form["hub.callback"]] = Subscription(form)
                else:
                    self.subscriptions.pop(form["hub.callback"], None)
            self.verified.append((mode, status, body.decode("latin-1"), challenge))

    def deny(self, form, reason="not for you"):
        return get(form["hub.callback"], {"hub.mode": "denied", "hub.topic": form["hub.topic"],
                                          "hub.reason": reason})

    def one(self):
        with self.lock:
            assert len(self.subscriptions) == 1, list(self.subscriptions)
            return next(iter(self.subscriptions.values()))

    def deliver(self, body, to=None, **how):
        to = to or self.one()
        return post(to.callback, body, links=(self.url(), to.topic), secret=to.secret, **how)[0]


# ---- what anybody may try

def get(callback, query=None):
    """(status, headers, body)"""
    at = urllib.parse.urlsplit(callback)
    conn = http.client.HTTPConnection(at.hostname, at.port, timeout=60)
    try:
        conn.request("GET", at.path + ("?" + urllib.parse.urlencode(query) if query else ""))
        answer = conn.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        conn.close()


def signature(body, secret, method="sha256"):
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


def post(callback, body, secret=None, method="sha256", links=None, signed=None,
         content_type="application/rss+xml", headers=None, chunk=None, pause_s=0):
    """(status, headers, body); status 0: the connection was closed instead.  `signed`: the header
    as it is, "" for none.  `chunk`: in chunks of so many bytes, `pause_s` between them."""
    at = urllib.parse.urlsplit(callback)
    conn = http.client.HTTPConnection(at.hostname, at.port, timeout=60)
    fields = {"Content-Type": content_type, **(headers or {})}
    signed = signature(body, secret, method) if signed is None else signed
    if signed:
        fields["X-Hub-Signature"] = signed
    try:
        conn.putrequest("POST", at.path)
        for name, value in fields.items():
            conn.putheader(name, value)
        for relation, target in zip(("hub", "self"), links or ()):
            conn.putheader("Link", f'<{target}>; rel="{relation}"')
        if chunk:
            conn.putheader("Transfer-Encoding", "chunked")
            conn.endheaders()
            for i in range(0, len(body), chunk):
                piece = body[i:i + chunk]
                conn.send(b"%x\r\n%s\r\n" % (len(piece), piece))
                time.sleep(pause_s)
            conn.send(b"0\r\n\r\n")
        else:
            conn.putheader("Content-Length", str(len(body)))
            conn.endheaders()
            conn.send(body)
        answer = conn.getresponse()
        return answer.status, answer.headers, answer.read()
    except (ConnectionError, http.client.HTTPException):
        return 0, {}, b""
    finally:
        conn.close()

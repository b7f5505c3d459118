"""tests/support/hostile.py - the lab's server that misbehaves in every known way, and what each of
its endpoints may be called by us."""
import json
import subprocess
import sys

from corpus import shared
from waiting import wait_until

# endpoint -> the reasons that may name it; None: it may also pass for a feed
ENDPOINTS = {
    "/endless-chunked": {"too-large"},
    "/endless-header": {"protocol", "too-large", "internal"},
    "/gzip-bomb?mb=200": {"too-large"},
    "/gzip-bomb?mb=50&layers=2": None,
    "/deflate-bomb?mb=100": {"too-large"},
    "/ce/gzip-plain": {"encoding"},
    "/ce/unknown": {"encoding", "malformed", "protocol"},
    "/ce/br-is-gzip": {"encoding"},
    "/ce/many": None,
    "/ce/trunc": {"encoding", "truncated", "closed"},
    "/ce/unasked": None,
    "/redirect/loop": {"redirects"},
    "/redirect/chain?n=20": {"redirects"},
    "/redirect/file": {"redirects", "address"},
    "/redirect/gopher": {"redirects", "address"},
    "/redirect/127.0.0.2": {"address"},
    "/redirect/metadata": {"address", "redirects"},
    "/redirect/decimal": None,
    "/redirect/octal": None,
    "/redirect/v6mapped": None,
    "/redirect/zero": None,
    "/redirect/localhost": None,
    "/redirect/crlf": None,
    "/redirect/empty": None,
    "/redirect/none": {"redirects", "http-other", "protocol"},
    "/frame/cl-long": {"closed"},
    "/frame/cl-short": {"truncated", "malformed"},
    "/frame/cl-negative": None,
    "/frame/cl-huge": None,
    "/frame/cl-two": None,
    "/frame/cl-and-te": None,
    "/frame/early-close": {"closed"},
    "/frame/rst": {"closed", "unreachable", "protocol"},
    "/frame/chunk-garbage": {"protocol", "closed"},
    "/frame/chunk-huge": {"protocol", "closed", "too-large"},
    "/frame/http09": {"protocol"},
    "/frame/bad-status": None,
    "/frame/smuggle": None,
    "/frame/nul-header": None,
    "/hdr/huge": None,
    "/hdr/many": None,
    "/hdr/setcookie": None,
    "/hdr/inject": None,
    "/hdr/ctl": None,
    "/etag?mode=always304": None,
    "/etag?mode=huge": None,
    "/etag?mode=304-body": None,
    "/big?n=2000": None,
    "/cookie": {"redirects"},
    "/auth": {"http-auth"},
    "/auth/leak": {"address"},
    "/status/204": None,
    "/status/304": None,
    "/status/503?retry=garbage": {"http-503"},
    "/charset?say=utf-16&is=utf-8": None,
}

# Whatever comes of these, the others live on.  They get little time: most only waste it.
WASTERS = "/ok /grow /slow-connect /dribble /dribble-head /stall /endless /endless-trailer " \
          "/endless-1xx /gone-moved /etag /stale /cache /flap /throttle /idflood /poison " \
          "/hdr/nocolon /hdr/dupe-ctype".split()
WASTERS += [f"/redirect/{what}" for what in (
    "dict ftp short v6 nat64 relative userinfo https-down huge space scheme-case ok "
    "self-slash").split()]
WASTERS += [f"/frame/{what}" for what in (
    "chunk-neg chunk-ext chunk-1 http10 http10-keepalive http2-line no-reason no-headers lf-only "
    "obs-fold 204-body close-race").split()]
WASTERS += [f"/etag?mode={what}" for what in (
    "weak lm-only ignore wrong304 rotate inject bin noquote crlf").split()]
WASTERS += [f"/status/{what}" for what in (
    "503?retry=60 503?retry=date 503?retry=pastdate 503?retry=negative 503?retry=huge 500 "
    "204?body=1").split()]

# They close the gate of the server's one host, so that nobody is asked after them.
THROTTLERS = ["/status/429?retry=60", "/status/429?retry=date"]

WASTERS_TIME = "3s"


class HostileServer:
    """On 127.0.0.1; a second listener, on 127.0.0.2, must never be asked."""

    def __init__(self, place):
        self.log, port_file = place / "hostile.jsonl", place / "port"
        self.process = subprocess.Popen(
            ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--", sys.executable,
             str(shared("lab", "hostile", "hostile_server.py")), "--port", "0", "--port-file",
             str(port_file), "--log", str(self.log), "--life", "900"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(port_file.exists, "the hostile server listens", 30)
        self.base = f"http://127.0.0.1:{port_file.read_text()}"

    def requests(self):
        with open(self.log, encoding="utf-8") as f:
            return [json.loads(line) for line in f if line.endswith("\n")]

    def asked(self, endpoints):
        return {r["path"] for r in self.requests()} >= set(endpoints)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)


def slug(endpoint):
    return "h" + "".join(c if c.isalnum() else "-" for c in endpoint.lower())


def feeds(server, endpoints, **more):
    return {slug(e): {"url": server.base + e, "interval": "1h", **more} for e in endpoints}

"""What stands behind the status page, asked without a browser: the document, the stream, the
lists; and that readers, however many and however slow, cost the daemon nothing it needs."""
import http.client
import json
import random
import re
import socket
import struct
import time

import pytest

import events
import stories
from event_stream import Stream
from waiting import wait_until


@pytest.fixture
def listening(desk, client, web):
    """(daemon, port) of a daemon with a wire of three items."""
    feeds = {"wire": {"url": web.put("/f", stories.rss(stories.stories("st", 3))),
                      "interval": "1s"}}
    daemon = desk(feeds, control={"listen": "127.0.0.1:0"}).start()
    port = int(daemon.wait_event("control.listen").fields["PORT"])
    daemon.wait(lambda: events.length(client) == 3, "three items")
    # Redis has a story as soon as the disk has it; the page a moment later.
    daemon.wait(lambda: ask(port, "/items.json")["total"] == 3, "the page has them")
    return daemon, port


def get(port, path, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def ask(port, path):
    answer, body = get(port, path)
    assert answer.status == 200 and answer.getheader("Content-Type") == "application/json"
    return json.loads(body)


def test_the_document_is_one_piece_and_kept_by_its_etag(listening):
    _, port = listening
    answer, body = get(port, "/")
    policy = answer.getheader("Content-Security-Policy")
    assert answer.status == 200 and b"</html>" in body
    assert "unsafe" not in policy and "default-src 'none'" in policy
    assert not re.search(rb"(?:src|href)=\"(?!data:|#|/)", body), "nothing from elsewhere"
    again, nothing = get(port, "/", If_None_Match=answer.getheader("ETag"))
    assert again.status == 304 and nothing == b""
    assert again.getheader("Content-Security-Policy") == policy
    head, nothing = get(port, "/", method="HEAD")
    assert head.status == 200 and nothing == b""


@pytest.mark.parametrize("path", ["/", "/events", "/feeds.json", "/items.json", "/state.json"])
def test_strangers_are_turned_away(listening, path):
    _, port = listening
    assert get(port, path, Host="evil.example")[0].status == 403
    assert get(port, path, method="POST")[0].status == 405
    assert get(port, path, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="cors")[0].status == 403


def test_a_stream_brings_past_present_and_what_was_missed(listening, web):
    daemon, port = listening
    one = Stream(port)
    daemon.wait(lambda: len(one.items) == 3 and one.states, "the past and the state")
    assert [i["kind"] for i in one.items] == ["new"] * 3
    assert one.hello["behind"] == 3
    assert one.states[-1]["feeds"]["all"] == 1
    web.put("/f", stories.rss(stories.stories("st", 5)))
    daemon.wait(lambda: len(one.items) == 5, "two more, as they come")
    before = len(one.states)
    daemon.wait(lambda: len(one.states) >= before + 2, "the state goes on")
    one.close()
    two = Stream(port, last_id=one.ids[3])
    daemon.wait(lambda: len(two.items) == 1, "only what was missed")
    assert two.items[0] == one.items[4]
    two.close()
    assert daemon.stop() == 0


def test_a_stop_does_not_wait_for_readers(listening):
    daemon, port = listening
    readers = [Stream(port) for _ in range(3)]
    daemon.wait(lambda: all(r.states for r in readers), "they read")
    assert daemon.stop() == 0
    for r in readers:
        r.join(timeout=20)
        assert not r.is_alive(), "the stream has an end"


def test_too_many_readers_are_told_so(listening):
    daemon, port = listening
    readers = [Stream(port) for _ in range(24)]
    answer, body = get(port, "/events")
    assert answer.status == 503 and b"24 readers" in body
    readers[0].close()
    daemon.wait(lambda: get_stream_status(port) == 200, "a place is free again")
    for r in readers[1:]:
        r.close()


def get_stream_status(port):
    try:
        Stream(port).close()
        return 200
    except AssertionError:
        return 503


def test_lists_can_be_searched(listening):
    _, port = listening
    title = stories.story("st-1")["title"]
    found = ask(port, "/items.json?q=" + title.split()[0])
    assert title in [i["title"] for i in found["items"]] and found["searched"] == 3
    assert ask(port, "/items.json?q=feed:wire%20is:new")["total"] == 3
    assert ask(port, "/items.json?q=feed:other")["total"] == 0
    feeds = ask(port, "/feeds.json?q=WIRE&state=ok")
    assert [f["feed"] for f in feeds["feeds"]] == ["wire"]
    assert ask(port, "/feeds.json?state=trouble")["total"] == 0


ODD = [b"/events", b"/events?after=%00%ff", b"/events?after=" + b"f" * 5000,
       b"/items.json?q=" + b"%F0%9F%98%80a" * 400, b"/items.json?q",
       b"/items.json?limit=" + b"9" * 30,
       b"/feeds.json?from=18446744073709551615&limit=0&order=due&q=" + b"x" * 3000,
       b"/state.json?from=99999999999"]


def test_who_asks_oddly_and_vanishes_leaves_nothing_behind(listening, web):
    daemon, port = listening
    rng = random.Random(3)
    before = daemon.open_files()
    for n in range(200):
        s = socket.create_connection(("127.0.0.1", port))
        s.sendall(b"GET " + rng.choice(ODD) + rng.choice((b" HTTP/1.1", b" HTTP/1.0")) +
                  b"\r\nHost: localhost\r\n\r\n")
        if rng.random() < 0.5:
            s.settimeout(0.05)
            try:
                s.recv(rng.choice((1, 100, 4096)))
            except OSError:
                pass
        if rng.random() < 0.3:  # a reset instead of an end
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
        if n % 50 == 0:
            web.put("/f", stories.rss(stories.stories(f"odd{n}", 30)))
    daemon.wait(lambda: daemon.open_files() <= before, "all connections are closed")
    daemon.wait(lambda: ask(port, "/state.json")["wire"]["readers"] == 0, "no reader is left")
    assert daemon.stop() == 0


def stalled(port):
    """A reader that asks and then takes nothing, with little room to be kept for it."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect(("127.0.0.1", port))
    s.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return s


def test_two_hundred_items_a_second_reach_every_reader(desk, client, web):
    """Ten feeds bring twenty new items each second; four readers hear all of it, one who takes
    nothing holds nobody up, and memory stays within the ring's bound."""
    rounds, per_feed, n_feeds = 8, 20, 10
    feeds = {f"f{n}": {"url": web.put(f"/{n}", stories.rss([])), "interval": "1s"}
             for n in range(n_feeds)}
    daemon = desk(feeds, control={"listen": "127.0.0.1:0"}).start()
    port = int(daemon.wait_event("control.listen").fields["PORT"])
    readers = [Stream(port) for _ in range(4)]
    lazy = stalled(port)
    daemon.wait(lambda: all(r.states for r in readers), "they read")
    items = [[] for _ in range(n_feeds)]
    for at in range(rounds):
        began = time.monotonic()
        for n, mine in enumerate(items):
            mine += [stories.story(f"{n}-{at}-{k}", stories.text(f"{n}-{at}-{k}", 40))
                     for k in range(per_feed)]
            web.put(f"/{n}", stories.rss(mine))
        time.sleep(max(0, began + 1 - time.monotonic()))
    told = rounds * per_feed * n_feeds
    ended = time.monotonic()
    daemon.wait(lambda: events.both_lengths(client) >= told, f"{told} events")
    for r in readers:
        daemon.wait(lambda r=r: len(r.items) == told, f"a reader has all {told}")
        assert [i["n"] for i in r.items] == list(range(1, told + 1)) and r.lost == 0
    samples = ask(port, "/state.json")["samples"]
    print(f"{per_feed * n_feeds} items a second to 4 readers, the last of {told} "
          f"{time.monotonic() - ended:.1f} s after its second; worst loop lag "
          f"{max([s[7] for s in samples] or [0])} ms; RSS {daemon.status('VmRSS')} kB")
    wait_until(lambda: get(port, "/healthz")[1] == b"ok\n", "it is well", 20)
    lazy.close()
    for r in readers:
        r.close()
    assert daemon.stop() == 0

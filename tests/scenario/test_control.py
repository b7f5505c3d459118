"""The control listener: metrics that Prometheus can read, and health that is about work."""
import http.client
import re
import socket

import pytest

import events
import stories

SERIES = re.compile(r"^(wiredesk_[a-z_]+)(\{[a-z_]+=\"[^\"\n]*\"(?:,[a-z_]+=\"[^\"\n]*\")*\})?"
                    r" (-?[0-9.e+-]+|NaN)$")


@pytest.fixture
def listening(desk, client, web):
    """(daemon, port) of a daemon with a wire of three items and one that fails."""
    feeds = {"wire": {"url": web.put("/f", stories.rss(stories.stories("ctl", 3))),
                      "interval": "1s"},
             "broken": {"url": web.put("/b", status=404), "interval": "1s"}}
    daemon = desk(feeds, control={"listen": "127.0.0.1:0"}).start()
    port = int(daemon.wait_event("control.listen").fields["PORT"])
    daemon.wait(lambda: events.length(client) == 3, "three items")
    daemon.wait_event("fetch.error", FEED="broken")
    return daemon, port


def get(port, path, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def metrics(port):
    status, body = get(port, "/metrics")
    assert status == 200
    return body


def value(port, name):
    return float(re.search(rf"^{re.escape(name)} (\S+)$", metrics(port), re.M)[1])


def test_metrics_are_well_formed(listening):
    _, port = listening
    kinds, helped, closed, current = {}, set(), set(), None
    for line in metrics(port).splitlines():
        if line.startswith("# HELP "):
            name = line.split()[2]
            assert name not in helped, f"{name} stands in two places"
            helped.add(name)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            kinds[name] = kind
        else:
            name = SERIES.match(line)[1]
            assert name in helped and name in kinds, line
            assert name not in closed, f"{name} is not in one piece"
            if current not in (None, name):
                closed.add(current)
            current = name
            assert name.endswith("_total") == (kinds[name] == "counter"), line


def test_metrics_tell_the_truth(listening, redis, web):
    daemon, port = listening
    daemon.wait(lambda: value(port, 'wiredesk_items_total{verdict="new"}') == 3, "three new items")
    assert value(port, 'wiredesk_feeds{state="failing"}') == 1
    assert value(port, 'wiredesk_feeds{state="working"}') == 1
    assert value(port, "wiredesk_redis_up") == 1
    assert value(port, 'wiredesk_redis_handoffs_total{result="acked"}') == 3
    daemon.wait(lambda: value(port, 'wiredesk_fetches_total{result="not_modified"}') >= 2, "304s")
    redis.kill()
    web.put("/f", stories.rss(stories.stories("ctl", 5)))
    daemon.wait(lambda: value(port, "wiredesk_outbox_items") == 2, "two events wait")
    assert value(port, "wiredesk_redis_up") == 0
    redis.start()
    daemon.wait(lambda: value(port, "wiredesk_outbox_items") == 0, "nothing waits")
    assert daemon.stop() == 0


def test_health_is_about_work(listening, redis):
    daemon, port = listening
    daemon.wait(lambda: get(port, "/healthz") == (200, "ok\n"), "healthy")
    redis.kill()
    daemon.wait(lambda: get(port, "/healthz")[0] == 503, "Redis is away")
    assert "Redis" in get(port, "/healthz")[1]
    redis.start()
    daemon.wait(lambda: get(port, "/healthz")[0] == 200, "healthy again")


def test_strangers_are_turned_away(listening):
    daemon, port = listening
    assert get(port, "/metrics", Host="evil.example")[0] == 403  # DNS rebinding
    assert get(port, "/metrics", method="POST")[0] == 405
    assert get(port, "/nothing")[0] == 404
    assert get(port, "/" + "x" * 5000)[0] in (404, 414, 431, 400)
    for rubbish in (b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00" * 50, b"GET / HTTP/9\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
            s.sendall(rubbish)
    held = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(60)]
    for s in held:
        s.close()
    daemon.wait(lambda: get(port, "/healthz")[0] == 200, "it still answers")


def test_a_port_that_is_taken(desk, web):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        address = f"127.0.0.1:{s.getsockname()[1]}"
        daemon = desk({}, control={"listen": address}).start(ready=False)
        assert daemon.wait_exit() in (1, 2)
        assert address in daemon.raw_log()
    del web

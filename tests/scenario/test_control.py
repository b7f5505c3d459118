"""The control listener: metrics that Prometheus can read, and health that is about work."""
import http.client
import re
import socket

import pytest

import events
import stories

SERIES = re.compile(r"^((?:wiredesk|process)_[a-z_]+)(\{[a-z_]+=\"[^\"\n]*\"(?:,[a-z_]+=\"[^\"\n]*\")*\})?"
                    r" (-?[0-9.e+-]+|NaN)$")
HISTOGRAM = re.compile(r"_(?:bucket|sum|count)$")

# What design and dashboards rely on.
NAMES = """fetches_total fetch_failures_total http_responses_total fetch_bytes_total items_total
redis_handoffs_total outbox_items outbox_bytes outbox_oldest_seconds feeds feeds_due
oldest_due_seconds inflight dedupe_index_entries dedupe_index_bytes redis_up
last_item_timestamp_seconds fetch_duration_seconds parse_duration_seconds dedupe_duration_seconds
handoff_duration_seconds item_discovery_delay_seconds item_pipeline_delay_seconds
poll_lateness_seconds loop_lag_seconds storage_up net_up config_reloads_total
config_last_reload_successful build_info""".split()


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
            if kinds.get(HISTOGRAM.sub("", name)) == "histogram":
                name = HISTOGRAM.sub("", name)
            assert name in helped and name in kinds, line
            assert name not in closed, f"{name} is not in one piece"
            if current not in (None, name):
                closed.add(current)
            current = name
            assert name.endswith("_total") == (kinds[name] == "counter"), line
    assert not {f"wiredesk_{name}" for name in NAMES} - set(kinds)


def histogram(port, name, label=""):
    """[(bound, cumulative count)], sum, count."""
    inside = f"{label}," if label else ""
    page = metrics(port)
    buckets = re.findall(rf'^{name}_bucket{{{re.escape(inside)}le="([^"]+)"}} (\d+)$', page, re.M)
    tail = re.escape(f"{{{label}}}" if label else "")
    total = float(re.search(rf"^{name}_sum{tail} (\S+)$", page, re.M)[1])
    count = int(re.search(rf"^{name}_count{tail} (\d+)$", page, re.M)[1])
    return [(float(b), int(n)) for b, n in buckets], total, count


def test_histograms_add_up(listening):
    daemon, port = listening
    daemon.wait(lambda: histogram(port, "wiredesk_item_pipeline_delay_seconds")[2] == 3,
                "three events on their way")
    for name, label, least in (("fetch_duration_seconds", 'phase="connect"', 1),
                               ("fetch_duration_seconds", 'phase="wait"', 1),
                               ("fetch_duration_seconds", 'phase="total"', 2),
                               ("parse_duration_seconds", "", 1),
                               ("dedupe_duration_seconds", "", 3),
                               ("handoff_duration_seconds", "", 3),
                               ("item_pipeline_delay_seconds", "", 3),
                               ("poll_lateness_seconds", "", 2)):
        buckets, total, count = histogram(port, f"wiredesk_{name}", label)
        assert [b for b, _ in buckets] == sorted(b for b, _ in buckets)
        assert [n for _, n in buckets] == sorted(n for _, n in buckets)
        assert buckets[-1] == (float("inf"), count) and count >= least, (name, label)
        assert 0 <= total < 60 * count, (name, label, total)
    assert histogram(port, "wiredesk_fetch_duration_seconds", 'phase="tls"')[2] == 0


@pytest.mark.parametrize("listen, warned", [("0.0.0.0:0", True), ("[::]:0", True),
                                            ("127.0.0.1:0", False), ("[::1]:0", False)])
def test_a_listener_for_everyone_is_warned_of(desk, listen, warned):
    daemon = desk({}, control={"listen": listen}).start()
    daemon.wait_event("daemon.ready")
    assert daemon.stop() == 0
    assert bool(daemon.events("control.public")) == warned


def test_a_feed_adds_no_series(desk, web):
    counts = []
    for number in (1, 30):
        feeds = {f"wire-{n}": {"url": web.put(f"/{n}", status=404 + n % 5), "interval": "1s"}
                 for n in range(number)}
        daemon = desk(feeds, control={"listen": "127.0.0.1:0"}).start()
        port = int(daemon.wait_event("control.listen").fields["PORT"])
        daemon.wait_event("fetch.error", count=number // 2)
        counts.append(len(metrics(port).splitlines()))
        assert daemon.stop() == 0
    assert counts[0] == counts[1] < 400, counts


def test_metrics_tell_the_truth(listening, redis, web):
    daemon, port = listening
    daemon.wait(lambda: value(port, 'wiredesk_items_total{verdict="new"}') == 3, "three new items")
    assert value(port, 'wiredesk_feeds{state="failing"}') == 1
    assert value(port, 'wiredesk_feeds{state="ok"}') == 1
    assert value(port, 'wiredesk_http_responses_total{code="404"}') >= 1
    assert value(port, 'wiredesk_fetch_failures_total{reason="http-4xx"}') >= 1
    assert value(port, 'wiredesk_fetch_bytes_total{kind="decoded"}') > 0
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


def test_a_bad_reload_is_seen(listening):
    daemon, port = listening
    good = daemon.config_path.read_text()
    daemon.config_path.write_text(good + "surprise: true\n")
    daemon.reload()
    daemon.wait(lambda: value(port, "wiredesk_config_last_reload_successful") == 0, "not taken")
    assert value(port, 'wiredesk_config_reloads_total{result="failed"}') == 1
    daemon.config_path.write_text(good)
    daemon.reload()
    daemon.wait(lambda: value(port, "wiredesk_config_last_reload_successful") == 1, "taken")


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
        said = f"control.listen: cannot listen on {address}: Address already in use"
        assert said in daemon.raw_log()
    del web

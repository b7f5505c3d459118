"""Redis goes and comes back in every way: nothing is lost, nothing is doubled."""
import pytest

import events
import stories
from redis_server import RedisServer

STEPS = 4


def grow(web, count):
    return web.put("/f", stories.rss(stories.stories("grow", count)[::-1]))


def ids(client):
    return [e.raw_id for e in events.read_both(client)]


def expect_all(daemon, client, count):
    daemon.wait(lambda: events.both_lengths(client) >= count, f"{count} items")
    found = ids(client)
    assert len(found) == len(set(found)) == count


@pytest.mark.parametrize("how", ["kill", "stop", "pause"])
def test_away_and_back(desk, redis, client, web, how):
    daemon = desk({"wire": {"url": grow(web, 5), "interval": "1s"}}).start()
    expect_all(daemon, client, 5)
    for step in range(1, STEPS + 1):
        getattr(redis, how)()
        url_requests = len(web.requests())
        grow(web, 5 + 5 * step)
        daemon.wait(lambda n=url_requests: len(web.requests()) >= n + 3, "polling goes on")
        if how == "pause":
            redis.resume()
        else:
            redis.start()
        expect_all(daemon, redis.client(), 5 + 5 * step)
    if how != "pause":
        assert daemon.events("redis.lost")
        daemon.wait_event("redis.restored")  # said when both streams are in step again
    assert daemon.stop() == 0
    if how != "pause":
        assert len(daemon.events("redis.lost")) <= STEPS, "a restart is one trouble"


def test_not_there_at_the_start(desk, redis, web):
    redis.kill()
    daemon = desk({"wire": {"url": grow(web, 8), "interval": "1s"}}).start(ready=False)
    daemon.wait(lambda: len(web.requests()) >= 2, "it polls meanwhile")
    daemon.wait_event("redis.lost")
    redis.start()
    expect_all(daemon, redis.client(), 8)
    assert daemon.stop() == 0


def test_both_die_together(desk, redis, client, web):
    daemon = desk({"wire": {"url": grow(web, 20), "interval": "1s"}})
    for step in range(1, 5):
        daemon.start(ready=False)
        daemon.wait(lambda n=step: redis.answers() and events.both_lengths(redis.client()) >= n,
                    "something arrives")
        redis.kill()
        daemon.kill()
        grow(web, 20 + 10 * step)
        redis.start()
    daemon.start()
    expect_all(daemon, client, 60)


def test_redis_lost_its_tail(desk, redis, client, web):
    """An emptied Redis gets back what the outbox still keeps: the same ids, in order."""
    daemon = desk({"wire": {"url": grow(web, 10), "interval": "1s"}}).start()
    expect_all(daemon, client, 10)
    before = [e.id for e in events.read(client, events.ITEMS)]
    client.flushall()
    grow(web, 12)
    expect_all(daemon, client, 12)
    assert [e.id for e in events.read(client, events.ITEMS)][:10] == before
    assert daemon.stop() == 0


def test_redis_full_of_memory(desk, redis, client, web):
    daemon = desk({"wire": {"url": grow(web, 5), "interval": "1s"}}).start()
    expect_all(daemon, client, 5)
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", "1")
    grow(web, 15)
    before = len(web.requests())
    daemon.wait(lambda: len(web.requests()) >= before + 4, "polling goes on")
    assert events.both_lengths(client) == 5
    client.config_set("maxmemory", "0")
    expect_all(daemon, client, 15)
    assert daemon.stop() == 0


def test_a_killed_connection(desk, redis, client, web):
    daemon = desk({"wire": {"url": grow(web, 5), "interval": "1s"}}).start()
    for step in range(1, 8):
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        grow(web, 5 + 5 * step)
        expect_all(daemon, client, 5 + 5 * step)
    assert daemon.stop() == 0


def test_sigterm_without_redis_ends_and_keeps_everything(desk, redis, client, web):
    daemon = desk({"wire": {"url": grow(web, 5), "interval": "1s"}}).start()
    expect_all(daemon, client, 5)
    redis.kill()
    grow(web, 9)
    before = len(web.requests())
    daemon.wait(lambda: len(web.requests()) >= before + 3, "polling goes on")
    assert daemon.stop() == 0
    redis.start()
    daemon.start()
    expect_all(daemon, client, 9)


def test_a_redis_that_asks_for_a_password(desk, place, web):
    server = RedisServer(place / "guarded", tcp=True, password="sesame").start()
    try:
        daemon = desk({"wire": {"url": grow(web, 5), "interval": "1s"}}, redis_url=server.url)
        daemon.start()
        expect_all(daemon, server.client(), 5)
        assert "sesame" not in daemon.raw_log(), "a secret in the log"
        assert daemon.stop() == 0
    finally:
        server.stop()


def test_a_wrong_password_is_said_and_nothing_is_lost(desk, place, web):
    server = RedisServer(place / "guarded", tcp=True, password="sesame").start()
    try:
        wrong = server.url.replace("sesame", "aladin")
        daemon = desk({"wire": {"url": grow(web, 5), "interval": "1s"}}, redis_url=wrong)
        daemon.start(ready=False)
        daemon.wait_event("redis.lost")
        assert "aladin" not in daemon.raw_log(), "a secret in the log"
        assert daemon.stop() == 0
        daemon.config["redis"]["url"] = server.url
        daemon.write_config()
        daemon.start()
        expect_all(daemon, server.client(), 5)
        assert daemon.stop() == 0
    finally:
        server.stop()


def test_the_channel_rings_for_every_event(desk, client, web):
    listener = client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(events.ITEMS)
    listener.get_message(timeout=1)
    daemon = desk({"wire": {"url": grow(web, 5), "interval": "1s"}}).start()
    expect_all(daemon, client, 5)
    heard = []

    def rings():
        message = listener.get_message(timeout=0.05)
        if message:
            heard.append(message["data"])
        return len(heard) >= 5
    daemon.wait(rings, "five messages on the channel")
    assert heard == [e.fields["j"] for e in events.read(client, events.ITEMS)]

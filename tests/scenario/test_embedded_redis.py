"""`redis: embedded`: a Redis that comes with the daemon and goes with it."""
import os
import signal

import redis as redis_py

import events
import stories
from daemon import process_lives, wait_gone


def find_socket(daemon):
    found = [p for p in (daemon.state / "redis").rglob("*") if p.is_socket()]
    return str(found[0]) if found else None


def connect(daemon):
    path = daemon.wait(lambda: find_socket(daemon), "the private Redis has its socket")
    return redis_py.Redis(unix_socket_path=path, decode_responses=True)


def wire(web, count=4):
    return {"url": web.put("/f", stories.rss(stories.stories("emb", count))), "interval": "1s"}


def counted(client):
    try:
        return events.both_lengths(client)
    except (redis_py.ConnectionError, redis_py.BusyLoadingError, FileNotFoundError):
        return -1


def redis_pid(client):
    return client.info("server")["process_id"]


def test_it_holds_its_data_over_a_restart(desk, web):
    daemon = desk({"wire": wire(web)}, redis_url="embedded").start()
    client = connect(daemon)
    daemon.wait(lambda: counted(client) == 4, "four items")
    first = [e.id for e in events.read(client, events.ITEMS)]
    pid = redis_pid(client)
    assert daemon.stop() == 0
    assert not process_lives(pid), "redis-server outlived the daemon"
    wire(web, 6)
    daemon.start()
    client = connect(daemon)
    daemon.wait(lambda: counted(client) == 6, "six items")
    assert [e.id for e in events.read(client, events.ITEMS)][:4] == first
    assert daemon.stop() == 0


def test_it_is_private(desk, web):
    daemon = desk({"wire": wire(web)}, redis_url="embedded").start()
    client = connect(daemon)
    daemon.wait(lambda: counted(client) == 4, "four items")
    assert client.config_get("port")["port"] == "0", "no TCP port"
    assert os.stat(daemon.state / "redis").st_mode & 0o077 == 0
    assert daemon.stop() == 0


def test_sigkill_of_the_daemon_takes_it_along(desk, web):
    daemon = desk({"wire": wire(web)}, redis_url="embedded").start()
    for count in (4, 6, 8):
        client = connect(daemon)
        daemon.wait(lambda c=client, n=count: counted(c) == n, f"{count} items")
        pid = redis_pid(client)
        daemon.kill()
        wait_gone(pid)
        wire(web, count + 2)
        daemon.start()
    client = connect(daemon)
    daemon.wait(lambda: counted(client) == 10, "ten items")
    assert len({e.raw_id for e in events.read_both(client)}) == 10
    assert daemon.stop() == 0


def test_it_is_started_again_when_it_dies(desk, web):
    daemon = desk({"wire": wire(web)}, redis_url="embedded").start()
    client = connect(daemon)
    daemon.wait(lambda: counted(client) == 4, "four items")
    pid = redis_pid(client)
    os.kill(pid, signal.SIGKILL)
    wire(web, 7)
    daemon.wait(lambda: counted(client) == 7, "it came back, with what was missing")
    assert len({e.raw_id for e in events.read_both(client)}) == 7
    assert redis_pid(client) != pid
    assert daemon.stop() == 0


def test_no_redis_server_to_be_found(desk, web, place):
    daemon = desk({"wire": wire(web)}, redis_url="embedded")
    empty = place / "empty"
    empty.mkdir()
    daemon.extra_environment = {"PATH": str(empty)}
    daemon.start(ready=False)
    assert daemon.wait_exit() in (1, 2)
    assert "redis-server" in daemon.raw_log()

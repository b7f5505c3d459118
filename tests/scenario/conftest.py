"""tests/scenario/conftest.py - the real binary between a real web server and a real Redis."""
import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import daemon as daemon_module  # noqa: E402
from feed_server import FeedServer  # noqa: E402
from redis_server import RedisServer  # noqa: E402


@pytest.fixture
def place():
    """A directory of its own, with a short path: unix sockets allow 107 bytes."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="wd-", dir="/tmp"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def redis(place):
    server = RedisServer(place / "redis").start()
    yield server
    server.stop()


@pytest.fixture
def client(redis):
    return redis.client()


@pytest.fixture
def web():
    server = FeedServer().start()
    yield server
    server.stop()


@pytest.fixture
def desk(place, redis, web):
    """desk(feeds, **sections) makes a Daemon; all of them are ended with the test, before their
    Redis and their web server, and what they logged is shown when it fails."""
    del web  # named only to outlive the daemons
    made = []

    def make(feeds=None, redis_url=redis.url, **sections):
        directory = place / f"desk{len(made)}"
        made.append(daemon_module.Daemon(directory, redis_url, feeds, **sections))
        return made[-1]

    yield make
    problems = []
    for each in made:
        try:
            each.end()
        except AssertionError as e:
            problems.append(str(e))
        print(each.tail(12000))
    assert not problems, "\n".join(problems)

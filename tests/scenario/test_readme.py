"""What the README tells a reader to type works, as it stands there."""
import re
import subprocess
import sys

import pytest

import events
import stories
from corpus import PROJECT


def blocks(language):
    text = (PROJECT / "README.md").read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


@pytest.fixture
def daemon(desk, client, web):
    url = web.put("/f", stories.rss(stories.stories("readme", 3)))
    started = desk({"wire": {"url": url, "interval": "1s"}}).start()
    started.wait(lambda: events.length(client) == 3, "three items")
    return started


def test_the_consumer_in_python(daemon, redis, client, web):
    code, = [b for b in blocks("python") if "xread" in b]
    plain = "redis.Redis(decode_responses=True)"
    assert plain in code
    code = code.replace(plain, f"redis.Redis(unix_socket_path={redis.socket_path!r}, "
                               "decode_responses=True)")
    consumer = subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)
    try:
        daemon.wait(lambda: "cmd=xread " in client.execute_command("CLIENT", "LIST"),
                    "the consumer waits for news")
        web.put("/f", stories.rss(stories.stories("readme", 5)[::-1]))
        shown = [consumer.stdout.readline().strip() for _ in range(2)]
    finally:
        consumer.kill()
        errors = consumer.communicate()[1]
    assert sorted(shown) == sorted(f"item.new wire {s['title']}"
                                   for s in stories.stories("readme", 5)[3:]), errors


def test_redis_cli(daemon, redis, client, web):
    commands = [line.split() for b in blocks("sh") for line in b.splitlines()
                if line.startswith("redis-cli ")]
    assert [c[1] for c in commands] == ["XREVRANGE", "SUBSCRIBE"]
    base = ["redis-cli", "-s", redis.socket_path]
    newest = subprocess.run(base + commands[0][1:], capture_output=True, text=True, check=True)
    assert newest.stdout.count("\nitem.new\n") == 3
    listener = subprocess.Popen(base + commands[1][1:], stdout=subprocess.PIPE, text=True)
    try:
        daemon.wait(lambda: client.pubsub_numsub(events.ITEMS)[0][1] == 1, "redis-cli listens")
        web.put("/f", stories.rss(stories.stories("readme", 4)[::-1]))
        heard = ""
        while stories.story("readme-3")["title"] not in heard:
            line = listener.stdout.readline()
            assert line
            heard += line
    finally:
        listener.kill()
        listener.communicate()

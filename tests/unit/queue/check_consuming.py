"""Runs every example of docs/consuming.md against a real Redis that holds real events.

usage: check_consuming.py EVENT-SAMPLES
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(PROJECT / "tests/support"))

from redis_server import RedisServer, free_port  # noqa: E402
from waiting import wait_until  # noqa: E402

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
STREAM = "wiredesk:items"
LIST = "wiredesk:work"


class Desk:
    """Adds the samples to the stream, and rings, as the daemon does."""

    def __init__(self, server, samples):
        self.db = server.client()
        self.samples, self.seq = samples, 0

    def add(self, count):
        for _ in range(count):
            event = self.samples[self.seq % len(self.samples)]
            self.seq += 1
            body = json.dumps(event)
            self.db.xadd(STREAM, {"t": event["type"].removeprefix("org.wiredesk."), "k": "c-1",
                                  "f": "a", "l": "en", "v": "1", "j": body},
                         id=f"{1000 + self.seq}-{self.seq}")
            self.db.lpush(LIST, body)
            self.db.publish(STREAM, body)


def shell(text, server):
    run = subprocess.run(["bash", "-euc", text.replace("redis-cli", f"redis-cli -e -s {server.socket_path}")],
                         capture_output=True, text=True, timeout=30, check=False)
    assert run.returncode == 0 and "ERR" not in run.stdout, f"{text}\n{run.stdout}{run.stderr}"
    return run.stdout


def program(kind, text, server, directory):
    if kind == "python":
        text = text.replace("redis.Redis(", f"redis.Redis(port={server.port}, ", 1)
        command = ["/usr/bin/python3", "-c", text]
    elif kind == "c":
        (directory / "reader.c").write_text(text)
        subprocess.run(["cc", "-std=c11", "-Wall", "-Werror", "-o", "reader", "reader.c", "-lhiredis"],
                       cwd=directory, check=True)
        command = [directory / "reader"]
    else:
        command = ["node", "-e", text]
    with open(directory / "out", "wb") as out:
        return subprocess.Popen(command, cwd=directory, stdout=out, stderr=subprocess.STDOUT,
                                env={**os.environ, "REDIS_SOCKET": server.socket_path})


def asked_for_the_newest(db):
    return any(client["cmd"] in ("xrevrange", "xrange") for client in db.client_list())


def lines(directory):
    return (directory / "out").read_text().splitlines()


def check_program(kind, text, server, desk):
    """It shows what was there, or what comes after it began; twice the number is never right."""
    from_now = "from now on" in text
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        there = desk.db.llen(LIST) if LIST in text else 0 if from_now else desk.seq
        process = program(kind, text, server, directory)
        try:
            if from_now:
                wait_until(lambda: asked_for_the_newest(desk.db), "it knows where it begins", 30)
            want = there + 12
            desk.add(12)
            shown = "headlines" not in text  # this example leaves out what has no headline
            wait_until(lambda: len(lines(directory)) >= (want if shown else 12), "it shows them", 30)
            time.sleep(0.3)
            assert process.poll() is None, lines(directory)
            got = lines(directory)
            assert len(got) == want or not shown, f"{len(got)} lines, want {want}: {got[:5]}"
        except AssertionError:
            print("\n".join(lines(directory)[-20:]))
            raise
        finally:
            process.kill()
            process.wait()


def main(samples_path):
    with open(samples_path, encoding="utf-8") as f:
        samples = [json.loads(line) for line in f if len(line) < 100000]
    text = (PROJECT / "docs/consuming.md").read_text()
    blocks = BLOCK.findall(text)
    assert {kind for kind, _ in blocks} == {"sh", "python", "js", "c"}
    client, *rest = [block for kind, block in blocks if kind == "js"]  # the first is for the others
    assert len(rest) == 3
    blocks = [(kind, client + block if kind == "js" else block)
              for kind, block in blocks if block != client]
    with tempfile.TemporaryDirectory() as name:
        server = RedisServer(name)
        server.port = free_port()
        server.start()
        try:
            desk = Desk(server, samples)
            desk.add(5)
            for kind, block in blocks:
                if kind == "js" and shutil.which("node") is None:
                    print("not tried: js (node is not installed here)")
                    continue
                if kind == "sh":
                    shell(block, server)
                else:
                    check_program(kind, block, server, desk)
                print(f"fine: {kind}, {block.strip().splitlines()[-1][:60]}")
        finally:
            server.stop()


if __name__ == "__main__":
    main(sys.argv[1])

"""The bundled wires (scripts/sample), as a newcomer meets them: every verdict shows up once."""
import os
import signal
import subprocess
import sys

import pytest
import yaml

import events
from corpus import PROJECT
from daemon import process_lives, wait_gone
from waiting import wait_until

SERVE = PROJECT / "scripts" / "sample" / "serve.py"
AGENCY = {"harbour-courier", "inland-post"}


@pytest.fixture
def wires(place):
    """Their `feeds:` section, from a server that releases a story every fifth of a second."""
    port_file, feeds_file = place / "port", place / "feeds.yaml"
    process = subprocess.Popen([sys.executable, str(SERVE), "--port", "0", "--port-file",
                                str(port_file), "--feeds-file", str(feeds_file), "--every", "0.2"],
                               stdin=subprocess.DEVNULL)
    wait_until(port_file.exists, "the sample wires are served", 30)
    yield yaml.safe_load(feeds_file.read_text())["feeds"]
    process.terminate()
    process.wait(timeout=10)


def test_every_verdict_shows_up(desk, client, wires):
    count = len(list((SERVE.parent / "stories").glob("*.txt")))
    daemon = desk(wires).start()
    daemon.wait(lambda: events.both_lengths(client) >= count, f"{count} events")
    assert daemon.stop() == 0
    items, copies = events.read(client, events.ITEMS), events.read(client, events.COPIES)
    kinds = [e.type for e in items]
    assert kinds.count("item.updated") == 1 and kinds.count("item.new") == count - 2
    assert [e.type for e in copies] == ["item.copy"]
    copy = copies[0]
    assert copy.feed in AGENCY
    original = next(e for e in items if e.item["uri"] == copy.cluster["canonicalUri"])
    assert {copy.feed, original.feed} == AGENCY
    assert len({e.cluster["id"] for e in items}) == count - 2, "all others stand apart"
    updated = next(e for e in items if e.type == "item.updated")
    assert updated.feed == "coast-radio"
    assert {"headline", "body"} <= set(updated.json["data"]["changes"])


def test_the_server_ends_with_its_parent(place):
    port_file = place / "port"
    code = ("import subprocess, sys, time; p = subprocess.Popen(sys.argv[1:]);"
            "print(p.pid, flush=True); time.sleep(600)")
    parent = subprocess.Popen([sys.executable, "-c", code, sys.executable, str(SERVE),
                               "--port-file", str(port_file)], stdout=subprocess.PIPE)
    try:
        pid = int(parent.stdout.readline())
        wait_until(port_file.exists, "it serves", 30)
        assert process_lives(pid)
    finally:
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    wait_gone(pid)

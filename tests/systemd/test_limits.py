"""tests/systemd/test_limits.py - what an operator caps stays capped, and a kill loses nothing."""
import pathlib

import pytest

from conftest import Station, install
from feed_server import FeedServer
import stories

V1_MEMORY = pathlib.Path("/sys/fs/cgroup/memory")
CEILING = "64M"  # five times what an idle daemon needs
HUGE_ITEM_BYTES = 900 * 1024


@pytest.fixture(scope="module")
def capped(boot, package):
    """A station where the kernel enforces MemoryMax=: with cgroup v1's memory controller where
    this machine has that one, with v2's otherwise."""
    machine = boot("hybrid" if V1_MEMORY.is_dir() else "unified")
    if not any(machine.path(place).exists() for place in (
            "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max")):
        pytest.skip("this machine gives no memory controller to a systemd inside it")
    install(machine, package)
    web = machine.in_its_network(FeedServer).start()
    station = Station(machine, web)
    station.fresh()
    yield station
    web.stop()


def swollen(count):
    """A feed whose items are long, and each another."""
    items = stories.stories("huge", count)
    for item in items:
        item["text"] = (item["text"] + " ") * (HUGE_ITEM_BYTES // (len(item["text"]) + 1))
    return stories.rss(items)


def test_memory_max_ends_it_and_it_comes_back(capped):
    wire = capped.web.put("/wire", stories.rss(stories.stories("wire", 3)))
    huge = capped.web.put("/huge", status=404)
    capped.drop_in(f"MemoryMax={CEILING}\nRestartSec=100ms")
    capped.configure(
        {"wire": {"url": wire, "interval": "1s"}, "huge": {"url": huge, "interval": "1s"}},
        http={"max_body": "64MiB", "allow_private": ["127.0.0.0/8"]})
    capped.systemctl("start")
    capped.wait(lambda: capped.told() == 3, "three stories are told")
    capped.web.put("/huge", swollen(55))
    capped.wait(lambda: capped.state("NRestarts")["NRestarts"] != "0", "the kernel ended it")
    capped.web.put("/huge", status=404)
    capped.wait(lambda: capped.state("ActiveState")["ActiveState"] == "active", "it is up again")
    ended = capped.machine.journal("-u", "wiredesk.service", "_PID=1")
    said = " ".join(record["MESSAGE"] for record in ended)
    assert "oom-kill" in said or "status=9/KILL" in said  # v2 tells systemd why, v1 does not
    capped.web.put("/wire", stories.rss(stories.stories("wire", 6)))
    known = capped.told()
    capped.wait(lambda: capped.told() >= 6, "it reads on")
    assert known in (3, 6) and capped.told() == 6


def test_it_lives_well_below_the_ceiling(capped):
    capped.fresh()
    capped.drop_in(f"MemoryMax={CEILING}")
    feeds = {f"wire-{n}": {"url": capped.web.put(f"/{n}", stories.rss(stories.stories(n, 20)))}
             for n in range(40)}
    capped.configure(feeds)
    capped.systemctl("start")
    capped.wait(lambda: capped.told() == 800, "800 stories of 40 feeds")
    assert capped.state("NRestarts")["NRestarts"] == "0"

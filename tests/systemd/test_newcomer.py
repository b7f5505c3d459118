"""tests/systemd/test_newcomer.py - from `apt install` to the first story on one's own feed list, by
nothing but what was printed before."""
import re
import time

import pytest

from conftest import Station, install
from feed_server import FeedServer
import stories

NETWORK = "127.0.0.0/8"


@pytest.fixture(name="newcomer")
def machine_of_a_newcomer(boot, package):
    """Where nobody has been before; .said is what was printed last."""
    machine = boot()
    began = time.monotonic()
    said = install(machine, package)
    web = machine.in_its_network(FeedServer).start()
    station = Station(machine, web)
    station.said, station.began, station.steps = said, began, 1
    yield station
    station.print_journal()
    web.stop()


def follow(newcomer, pattern, address):
    """Types the command that was named; "sudo" is what root need not say."""
    found = re.search(pattern, newcomer.said, re.M)
    assert found, f"nobody says what comes next:\n{newcomer.said}"
    command = found[1].replace("https://news.example/", address).replace("NETWORK", NETWORK)
    done = newcomer.machine.run("sh", "-c", command.removeprefix("sudo ") + " 2>&1", check=False)
    newcomer.said, newcomer.steps = done.stdout, newcomer.steps + 1
    return done.returncode


def test_from_the_package_to_the_first_story(newcomer):
    web, machine = newcomer.web, newcomer.machine
    web.put("/news.xml", stories.rss(stories.stories("n", 2), "The Harbour Courier"))
    site = web.put("/", '<html><head><link rel="alternate" type="application/rss+xml" '
                   'href="/news.xml"></head></html>', "html")
    newcomer.wait(lambda: "no feeds yet: wiredesk feeds add" in newcomer.systemctl("status").stdout,
                  "systemctl status says what is missing")
    assert follow(newcomer, "^Next: (sudo wiredesk feeds add .*)$", site) == 1
    assert follow(newcomer, "^If that network is yours: (.*)$", site) == 0, newcomer.said
    assert "The daemon has taken it over" in newcomer.said, newcomer.said
    tail = re.search("^Next: (.*)$", newcomer.said, re.M)[1]
    said = machine.run("runuser", "-u", "nobody", "--", *tail.split(), "--count", "1").stdout
    print(f"{newcomer.steps + 1} commands, {time.monotonic() - newcomer.began:.1f} s")
    assert any(s["title"] in said for s in stories.stories("n", 2)), said
    # The service reads what root wrote, whatever root's umask was.
    file = "/etc/wiredesk/feeds.d/added.yaml"
    assert machine.run("stat", "-c", "%U %a", file).stdout == "root 644\n"
    other = web.put("/other.xml", stories.rss(stories.stories("o", 1)))
    machine.path(file).unlink()
    machine.run("sh", "-c",
                f"umask 077; wiredesk feeds add --allow-private {NETWORK} {other}")
    assert machine.run("stat", "-c", "%U %a", file).stdout == "root 644\n"
    newcomer.wait(lambda: newcomer.told() == 3, "the second feed's story")


def test_who_may_not_is_told_who_may(newcomer):
    web, run = newcomer.web, newcomer.machine.run
    url = web.put("/f", stories.rss([]))
    nobody = ["runuser", "-u", "nobody", "--", "wiredesk"]
    said = run(*nobody, "ctl", "status", check=False)
    assert said.returncode == 1 and "sudo adduser $USER wiredesk" in said.stderr
    said = run(*nobody, "feeds", "add", "--allow-private", NETWORK, url, check=False)
    assert said.returncode == 1 and "try again with sudo" in said.stderr
    said = run(*nobody, "feeds", "status", check=False)
    assert said.returncode == 1 and "sudo" in said.stderr, said.stderr
    run("systemctl", "stop", "wiredesk")
    said = run("wiredesk", "feeds", "add", "--allow-private", NETWORK, url).stdout
    assert "Next: sudo systemctl restart wiredesk" in said
    run("systemctl", "stop", "redis-server")
    said = run("wiredesk", "check", "--probe", check=False)
    assert said.returncode == 1 and "is redis-server installed and running?" in said.stdout

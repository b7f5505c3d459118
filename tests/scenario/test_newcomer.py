"""Somebody without a manual: from nothing to the first story by what the program itself says.

The walker types nothing that was not printed before, but for an address of its own and, when it
is asked which network is its own, that.
"""
import os
import re
import shlex
import subprocess
import time

import pytest

from daemon import binary, environment
from waiting import wait_until
import stories

EXAMPLE = "https://news.example/"
NETWORK = "127.0.0.0/8"


class Walker:
    """A shell in an empty directory, and what was printed last."""

    def __init__(self, place, address):
        self.home, self.address, self.said = place / "home", address, ""
        (place / "bin").mkdir()
        (place / "bin" / "wiredesk").symlink_to(binary())
        self.home.mkdir()
        self.env = environment(PATH=f"{place / 'bin'}:{os.environ['PATH']}")
        self.running, self.typed = [], []

    def own(self, command):
        command = command.replace(EXAMPLE, self.address).replace("ADDRESS", self.address)
        return command.replace("NETWORK", NETWORK)

    def type(self, command):
        self.typed.append(command)
        done = subprocess.run(["sh", "-c", command], cwd=self.home, env=self.env, timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        self.said = done.stdout.decode()
        return done.returncode

    def leave_running(self, command):
        self.typed.append(command)
        with open(self.home / "log", "wb") as log:
            self.running.append(subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *shlex.split(command)], cwd=self.home,
                env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def told(self, pattern):
        """The command that the last words name, with what is the walker's own put in."""
        found = re.search(pattern, self.said, re.M)
        assert found, f"after `{self.typed[-1]}` nobody says what to do next:\n{self.said}"
        return self.own(found.group(1))

    def end(self):
        for process in self.running:
            process.terminate()
            process.wait(timeout=60)


@pytest.fixture(name="walker")
def walker_with_a_site(place, web):
    if os.path.exists("/etc/wiredesk/wiredesk.yaml"):
        pytest.skip("this machine has a configuration of its own")
    web.put("/news.xml", stories.rss(stories.stories("n", 2), "The Harbour Courier"))
    site = web.put("/", '<html><head><link rel="alternate" type="application/rss+xml" '
                   'href="/news.xml"></head></html>', "html")
    walker = Walker(place, site)
    yield walker
    walker.end()


def test_from_nothing_to_the_first_story(walker):
    began = time.monotonic()
    walker.type("wiredesk")
    assert walker.type(walker.told(r"To begin: (wiredesk feeds add ADDRESS)")) == 2
    steps = [walker.own(s) for s in re.findall(r"^  (\S.*)$", walker.said, re.M)]
    first, add, run = steps
    in_another_terminal = walker.told(r"in another terminal: (.*)$")
    assert walker.type(first) == 0
    assert walker.type(add) == 1, "that network has to be admitted first"
    assert walker.type(walker.told(r"^If that network is yours: (.*)$")) == 0, walker.said
    assert walker.told(r"^Next: (.*)$") == run
    assert walker.type("wiredesk check") == 0 and "1 feed" in walker.said
    walker.leave_running(run)
    wait_until(lambda: walker.type(f"{in_another_terminal} --count 1") == 0, "the first story")
    assert any(s["title"] in walker.said for s in stories.stories("n", 2)), walker.said
    print(f"{len(walker.typed)} commands, {time.monotonic() - began:.1f} s")


def test_a_running_desk_takes_the_next_feed_at_once(walker, web):
    (walker.home / "wiredesk.yaml").write_text("redis: embedded\ncontrol: { listen: off }\n")
    walker.leave_running("wiredesk run")
    wait_until(lambda: walker.type("wiredesk ctl status") == 0, "it runs")
    assert "no feeds yet: wiredesk feeds add" in walker.said
    assert walker.type(walker.own(f"wiredesk feeds add --allow-private NETWORK {EXAMPLE}")) == 0
    assert "taken it over" in walker.said
    assert walker.type(walker.told("^Next: (.*)$") + " --count 2") == 0
    assert walker.type(f"wiredesk feeds add {walker.own(EXAMPLE)}news.xml --allow-private "
                       f"{NETWORK} --name again") == 0
    assert "is configured already" in walker.said
    signed = walker.own(EXAMPLE).replace("http://", "http://reader:s3cr3t@")
    assert walker.type(f"wiredesk feeds add {signed} --allow-private {NETWORK}") == 2
    assert "password_file" in walker.said and "s3cr3t" not in walker.said
    several = web.put("/both", '<html><head><link rel=alternate type=application/rss+xml href=/a>'
                      '<link rel=alternate type=application/rss+xml href=/b></head>', "html")
    for name in "ab":
        web.put(f"/{name}", stories.rss(stories.stories(name, 1)))
    assert walker.type(f"wiredesk feeds add --allow-private {NETWORK} {several}") == 1
    assert walker.type(walker.told("^Next: (.*)$") + f" --allow-private {NETWORK}") == 0
    added = (walker.home / "feeds.d/added.yaml").read_text().splitlines()
    assert len(added) == 4 and added[1] == "feeds:"


def test_what_cannot_be_added_changes_nothing(walker, web):
    (walker.home / "wiredesk.yaml").write_text("redis: embedded\n")
    good = f"wiredesk feeds add --allow-private {NETWORK} {walker.own(EXAMPLE)}"
    assert walker.type(f"umask 077; {good}") == 0
    file = walker.home / "feeds.d/added.yaml"
    # Whatever the writer's umask, the service reads what it may read beside it.
    assert file.parent.stat().st_mode & 0o777 == 0o755
    assert file.stat().st_mode == (walker.home / "wiredesk.yaml").stat().st_mode
    before = file.read_text()
    other = web.put("/other", stories.rss([]))
    for command, why in (
            (f"{good}nothing-there", "answered 404"),
            (f"wiredesk feeds add --allow-private {NETWORK} {other} --name 'no name'", "no name"),
            (f"wiredesk feeds add --allow-private {NETWORK} {other} --name "
             f"{re.search('^  (.*?):', before, re.M)[1]}", "already"),
            ("wiredesk feeds add ftp://files.example/", "http or https"),
            ("wiredesk feeds add", "http or https")):
        assert walker.type(command) in (1, 2), command
        assert why in walker.said and file.read_text() == before, (command, walker.said)
    another = f"wiredesk feeds add --allow-private {NETWORK} {other}"
    file.write_text(before + "defaults: { trust: low }\n")  # an editor's: no feed fits behind it
    assert walker.type(another) == 1 and "added.yaml:5:3" in walker.said, walker.said
    assert file.read_text() == before + "defaults: { trust: low }\n"
    file.write_text(before.rstrip("\n"))
    assert walker.type(another) == 0 and len(file.read_text().splitlines()) == 4
    assert walker.type("wiredesk check") == 0 and "2 feeds" in walker.said


def test_before_anything_ran_each_verb_says_what_is_missing(walker):
    walker.type("echo 'redis: embedded' > wiredesk.yaml")
    for verb in ("list", "status", "due"):
        assert walker.type(f"wiredesk feeds {verb}") == 0
        assert walker.told(r"^Next: (wiredesk feeds add .*)$")
    assert walker.type("wiredesk explain item x") == 1
    assert "nothing has run with this state" in walker.said
    walker.leave_running("wiredesk tail")
    log = walker.home / "log"
    wait_until(lambda: "waiting for" in log.read_text(), "it waits for Redis")
    assert "wiredesk run" in log.read_text() and "Or say" not in log.read_text()

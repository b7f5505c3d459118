"""As a service manager sees it: readiness, reload, stop, and a log that a journal can read."""
import os
import re
import socket

import pytest

import events
import stories


@pytest.fixture
def manager(place):
    """A socket like systemd's; messages() is what was said so far."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(str(place / "notify"))
    s.setblocking(False)
    heard = []

    def messages():
        while True:
            try:
                heard.append(s.recv(65536).decode())
            except BlockingIOError:
                return heard
    yield str(place / "notify"), messages
    s.close()


def said(messages, word):
    return lambda: [m for m in messages() if word in m.splitlines() or any(
        line.startswith(word) for line in m.splitlines())]


def test_it_tells_the_manager(desk, client, web, manager):
    path, messages = manager
    url = web.put("/f", stories.rss(stories.stories("s", 3)))
    daemon = desk({"wire": {"url": url, "interval": "1s"}})
    daemon.extra_environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "3000000"}
    daemon.start()
    daemon.wait(said(messages, "READY=1"), "READY")
    daemon.wait(lambda: len(said(messages, "WATCHDOG=1")()) >= 3, "the watchdog is fed")
    daemon.wait(said(messages, "STATUS="), "a status for people")
    daemon.wait(lambda: events.both_lengths(client) == 3, "three items")
    daemon.reload()
    daemon.wait(said(messages, "RELOADING=1"), "RELOADING")
    daemon.wait(lambda: len(said(messages, "READY=1")()) >= 2, "READY again")
    assert daemon.stop() == 0
    assert said(messages, "STOPPING=1")()
    status = [line for m in messages() for line in m.splitlines() if line.startswith("STATUS=")]
    assert any("1 feed" in line for line in status), status


def test_every_line_of_the_log_is_an_event(desk, client, web):
    good = web.put("/f", stories.rss(stories.stories("s", 3)))
    bad = web.put("/bad", status=404)
    daemon = desk({"wire": {"url": good, "interval": "1s"}, "bad": {"url": bad}}).start()
    daemon.wait(lambda: events.both_lengths(client) == 3, "three items")
    daemon.wait_event("fetch.error", FEED="bad")
    daemon.reload()
    daemon.wait_event("daemon.reload_ok")
    assert daemon.stop() == 0
    lines = daemon.raw_log().splitlines()
    assert len(daemon.events()) == len(lines), [
        line for line in lines if not re.match(r"<\d>.* \[[a-z]+\.[a-z_]+[^\]]*\]$", line)]
    names = [e.event for e in daemon.events()]
    for event in ("daemon.start", "daemon.ready", "daemon.reload_ok", "daemon.stop"):
        assert names.count(event) == 1, (event, names)
    said_of_bad = daemon.events("fetch.error")[0]
    assert said_of_bad.fields.get("STATUS") == "404"
    assert said_of_bad.fields.get("NEXT_POLL"), "the next try is said"
    assert "bad" in said_of_bad.text


def test_secrets_in_urls_stay_out_of_log_and_events(desk, client, web):
    path = "/f?token=s3cr3t&page=1"
    url = web.put(path, stories.rss(stories.stories("s", 2))).replace("http://", "http://joe:pa55@")
    broken = web.put("/b?api_key=s3cr3t", status=500)
    daemon = desk({"wire": {"url": url, "interval": "1s"}, "broken": {"url": broken}}).start()
    daemon.wait(lambda: events.both_lengths(client) == 2, "two items")
    daemon.wait_event("fetch.error", FEED="broken")
    assert daemon.stop() == 0
    for secret in ("s3cr3t", "pa55"):
        assert secret not in daemon.raw_log()
        assert all(secret not in e.fields["j"] for e in events.read_both(client))


def test_an_idle_daemon_rests(desk, client, web):
    """No busy loop, no growing number of files, no zombie."""
    feeds = {f"wire-{n}": {"url": web.put(f"/{n}", stories.rss(stories.stories(n, 3))),
                           "interval": "1s"} for n in range(10)}
    daemon = desk(feeds).start()
    daemon.wait(lambda: events.both_lengths(client) == 30, "thirty items")
    files, before = daemon.open_files(), len(web.requests())
    cpu = sum(daemon.cpu_seconds())
    daemon.wait(lambda: len(web.requests()) >= before + 100, "a hundred polls")
    spent = sum(daemon.cpu_seconds()) - cpu
    assert spent < 100 * 0.05, f"{spent} s of CPU for 100 polls answered 304"
    assert daemon.open_files() <= files + 12
    assert daemon.children() == []
    assert os.path.exists(f"/proc/{daemon.pid}")

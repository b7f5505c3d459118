"""tests/systemd/test_control.py - who may give orders to the service, and who may only look."""
import pytest

import stories

SOCKET = "/run/wiredesk/control.sock"


@pytest.fixture(name="running")
def running_station(station):
    url = station.web.put("/wire", stories.rss(stories.stories("wire", 3)))
    station.configure({"wire": {"url": url}})
    station.systemctl("start")
    station.wait(lambda: station.told() == 3, "three stories are told")
    return station


def status_as(station, user, *groups):
    """`wiredesk ctl status` as somebody who is in these groups only."""
    more = ["--groups", ",".join(groups)] if groups else ["--clear-groups"]
    return station.machine.run("setpriv", "--reuid", user, "--regid", "nogroup", *more, "--",
                               "wiredesk", "ctl", "status", check=False)


def test_the_socket_is_for_the_user_and_its_group(running):
    said = running.machine.run("stat", "-c", "%U:%G %a %F", SOCKET).stdout
    assert said == "wiredesk:wiredesk 660 socket\n"


def test_root_and_the_group_may_ask(running):
    asked = running.machine.run("wiredesk", "ctl", "status")
    assert "1 feed" in asked.stdout
    asked = status_as(running, "nobody", "wiredesk")
    assert asked.returncode == 0 and "1 feed" in asked.stdout


def test_others_are_told_what_to_do(running):
    asked = status_as(running, "nobody")
    assert asked.returncode == 1 and asked.stdout == ""
    assert SOCKET in asked.stderr and "join the group wiredesk" in asked.stderr


def test_others_are_not_told_that_nothing_was_ever_polled(running):
    for verb in (["feeds", "status"], ["explain", "feed", "wire"]):
        asked = running.machine.run("setpriv", "--reuid", "nobody", "--regid", "nogroup",
                                    "--clear-groups", "--", "wiredesk", *verb, check=False)
        assert asked.returncode == 1 and asked.stdout == "", verb
        assert "/var/lib/wiredesk" in asked.stderr and "sudo" in asked.stderr, verb


def test_an_order_for_a_reload_is_a_reload(running):
    url = running.web.put("/second", stories.rss(stories.stories("second", 2)))
    running.configure({"wire": {"url": running.web.url("/wire")}, "second": {"url": url}})
    said = running.machine.run("wiredesk", "ctl", "reload").stdout
    assert "1 added" in said
    running.wait(lambda: running.told() == 5, "the new feed's stories")


def test_the_listener_is_on_loopback_only(running):
    listening = running.machine.run("sh", "-c", "cat /proc/net/tcp /proc/net/tcp6").stdout
    rows = [line.split() for line in listening.splitlines() if ":2619" in line]  # 9753
    assert [row[1] for row in rows if row[3] == "0A"] == ["0100007F:2619"]


def test_nothing_is_left_of_it_after_a_stop(running):
    running.systemctl("stop")
    assert not running.machine.path("/run/wiredesk").exists()
    asked = running.machine.run("wiredesk", "ctl", "status", check=False)
    assert asked.returncode == 1 and asked.stderr

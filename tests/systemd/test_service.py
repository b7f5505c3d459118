"""tests/systemd/test_service.py - start, reload, watchdog, crash, stop: as systemd sees them."""
import os
import signal

import pytest

from conftest import UNIT
import stories

READY_AT_MOST_S = 30  # the aim is one second; a busy CI machine may not decide the test


def a_wire(station, items=3, slug="wire", **keys):
    url = station.web.put(f"/{slug}", stories.rss(stories.stories(slug, items)))
    return {slug: {"url": url, "interval": "1s", **keys}}


@pytest.fixture(name="running")
def running_station(station):
    station.configure(a_wire(station))
    station.systemctl("start")
    station.wait(lambda: station.told() == 3, "three stories are told")
    return station


def test_start_ends_when_it_is_ready(station, capsys):
    station.configure(a_wire(station))
    station.systemctl("start")
    assert station.state("ActiveState", "SubState", "User") == {
        "ActiveState": "active", "SubState": "running", "User": "wiredesk"}
    began, ready = "ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic"
    times = station.state(began, ready)
    took = (int(times[ready]) - int(times[began])) / 1e6
    with capsys.disabled():
        print(f"start to READY: {took:.3f} s")
    assert 0 < took < READY_AT_MOST_S
    station.wait(lambda: station.told() == 3, "three stories are told")
    assert station.wait_event("daemon.ready")


def test_an_embedded_redis_lives_in_the_same_box(station):
    station.configure(a_wire(station), redis={"url": "embedded"})
    station.systemctl("start")
    ask = ["redis-cli", "-s", "/var/lib/wiredesk/redis/redis.sock", "XLEN", "wiredesk:items"]
    station.wait(lambda: station.machine.run(*ask, check=False).stdout == "3\n", "three stories")
    status = station.machine.run("systemctl", "status", UNIT).stdout
    assert "redis-server" in status, "it is in the same cgroup"
    station.systemctl("stop")
    assert station.state("Result")["Result"] == "success"
    assert station.told() == 0, "the machine's own Redis was left alone"


def test_the_status_line_is_for_people(running):
    said = running.wait(lambda: (text := running.state("StatusText")["StatusText"]).startswith(
        "1 feed") and text, "a status")
    assert "outbox 0" in said


def test_a_good_reload_takes_the_new_feeds(running):
    before = running.state("MainPID")
    running.configure({**a_wire(running), **a_wire(running, 2, "second")})
    running.systemctl("reload")
    running.wait(lambda: running.told() == 5, "the new feed's stories")
    assert running.wait_event("daemon.reload_ok")
    assert running.state("MainPID") == before
    assert running.state("ActiveState")["ActiveState"] == "active"


def test_a_bad_reload_keeps_the_old_feeds_and_says_so(running):
    before = running.state("MainPID")
    running.machine.write("/etc/wiredesk/wiredesk.yaml", "feeds:\n  wire: { ulr: no }\n")
    assert running.systemctl("reload", check=False).returncode != 0
    said = running.wait_event("daemon.reload_failed")
    assert "wiredesk.yaml:2:" in said["MESSAGE"]
    running.wait(lambda: running.metric('wiredesk_config_reloads_total{result="failed"}') == 1,
                 "the metric counts it")
    running.web.put("/wire", stories.rss(stories.stories("wire", 4)))
    running.wait(lambda: running.told() == 4, "the old feeds are still read")
    state = running.state("MainPID", "ActiveState")
    assert state == {**before, "ActiveState": "active"}


def test_a_hung_daemon_is_ended_by_the_watchdog_and_comes_back(station):
    station.drop_in("WatchdogSec=2s\nRestartSec=100ms")
    station.configure(a_wire(station))
    station.systemctl("start")
    station.wait(lambda: station.told() == 3, "three stories are told")
    before = station.machine.pid_of("wiredesk.service")
    os.kill(before, signal.SIGSTOP)
    station.wait(lambda: station.state("NRestarts")["NRestarts"] == "1", "a restart")
    station.wait(lambda: station.state("ActiveState")["ActiveState"] == "active", "ready again")
    assert station.machine.pid_of("wiredesk.service") not in (0, before)
    station.web.put("/wire", stories.rss(stories.stories("wire", 5)))
    station.wait(lambda: station.told() == 5, "it reads on, and tells nothing twice")
    ended = station.machine.journal("-u", "wiredesk.service", "_PID=1")
    assert any("watchdog" in record["MESSAGE"].lower() for record in ended)


def test_the_unit_feeds_its_watchdog(station):
    station.drop_in("WatchdogSec=1s")
    station.configure(a_wire(station))
    station.systemctl("start")
    polls = len(station.web.requests())
    station.wait(lambda: len(station.web.requests()) > polls + 4, "some seconds pass")
    assert station.state("NRestarts", "ActiveState") == {"NRestarts": "0", "ActiveState": "active"}


def test_a_crash_is_a_restart_without_loss_or_doubling(running):
    before = running.machine.pid_of("wiredesk.service")
    os.kill(before, signal.SIGSEGV)
    running.wait(lambda: running.state("NRestarts")["NRestarts"] == "1", "a restart")
    running.wait(lambda: running.state("ActiveState")["ActiveState"] == "active", "ready again")
    assert running.machine.pid_of("wiredesk.service") not in (0, before)
    running.web.put("/wire", stories.rss(stories.stories("wire", 6)))
    running.wait(lambda: running.told() == 6, "six stories, each once")


def test_a_crash_leaves_no_core_behind(running):
    limits = f"/proc/{running.machine.pid_of('wiredesk.service')}/limits"
    with open(limits, encoding="ascii") as file:
        cores = next(line for line in file if line.startswith("Max core file size"))
    assert cores.split()[4:6] == ["0", "0"]


def test_a_configuration_error_is_not_tried_again(station):
    station.machine.write("/etc/wiredesk/wiredesk.yaml", "feeds: { a: 1 }\n")
    assert station.systemctl("start", check=False).returncode != 0
    state = station.state("ActiveState", "NRestarts", "ExecMainStatus")
    assert state == {"ActiveState": "failed", "NRestarts": "0", "ExecMainStatus": "2"}
    said = station.machine.run("systemctl", "status", "wiredesk", check=False).stdout
    assert "wiredesk.yaml:1:" in said
    errors = station.machine.run("journalctl", "-u", "wiredesk", "-p", "err", "-o", "cat").stdout
    assert "wiredesk.yaml:1:" in errors and "<3>" not in errors


def test_stop_drains_what_redis_will_take(running):
    redis = running.machine.pid_of("redis-server.service")
    os.kill(redis, signal.SIGSTOP)
    try:
        running.web.put("/wire", stories.rss(stories.stories("wire", 200)))
        running.wait(lambda: running.metric("wiredesk_outbox_items") == 197, "the outbox fills")
        running.machine.run("systemctl", "stop", "--no-block", "wiredesk")
        running.wait(lambda: running.state("SubState")["SubState"] == "stop-sigterm", "it stops")
    finally:
        os.kill(redis, signal.SIGCONT)
    running.wait(lambda: running.state("ActiveState")["ActiveState"] == "inactive", "stopped")
    assert running.told() == 200
    assert running.state("Result", "ExecMainStatus") == {"Result": "success", "ExecMainStatus": "0"}


def test_what_redis_does_not_take_waits_for_the_next_start(running):
    running.machine.run("systemctl", "stop", "redis-server")
    running.web.put("/wire", stories.rss(stories.stories("wire", 50)))
    running.wait(lambda: running.metric("wiredesk_outbox_items") == 47, "the outbox fills")
    running.systemctl("stop")
    assert running.state("Result")["Result"] == "success"
    running.machine.run("systemctl", "start", "redis-server")
    running.web.put("/wire", status=503)
    running.systemctl("start")
    running.wait(lambda: running.told() >= 50, "what waited is told")
    assert running.told() == 50

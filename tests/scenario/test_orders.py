"""Orders over the control socket: what they do, that they last, and who may give them."""
import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import time

import daemon as daemon_module
import events
import stories
from waiting import stays


def feed(web, name, count=3, **more):
    return {"url": web.put(f"/{name}", stories.rss(stories.stories(name, count))),
            "interval": "1s", **more}


def ctl(daemon, *words):
    return daemon_module.run("ctl", "--config", daemon.config_path, *words)


def order(daemon, **fields):
    """One order as a program gives it."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(str(daemon.directory / "control.sock"))
        s.sendall(json.dumps(fields).encode() + b"\n")
        with s.makefile("rb") as lines:
            return json.loads(lines.readline())


def test_status_reload_and_loglevel(desk, client, web):
    daemon = desk({"wire": feed(web, "wire")}).start()
    daemon.wait(lambda: events.length(client) == 3, "three items")
    daemon.wait(lambda: ctl(daemon, "status").returncode == 0, "all is well")
    said = ctl(daemon, "status")
    assert said.stdout.startswith("1 feed, 0 failing, outbox 0"), said.stdout
    status = json.loads(ctl(daemon, "--json", "status").stdout)
    assert status["ok"] and status["pid"] == daemon.pid and status["feeds"] == 1

    daemon.config["feeds"]["other"] = feed(web, "other", 2)
    daemon.write_config()
    said = ctl(daemon, "reload")
    assert said.returncode == 0 and "1 added" in said.stdout, said
    daemon.config_path.write_text("surprise: 1\n")
    said = order(daemon, order="reload")
    assert not said["ok"] and f"{daemon.config_path}:1:1: " in said["text"], said
    said = ctl(daemon, "reload")
    assert said.returncode == 2 and f"{daemon.config_path}:1:1: " in said.stderr, said
    daemon.write_config()
    assert ctl(daemon, "reload").returncode == 0

    assert "info" in ctl(daemon, "loglevel").stdout
    assert ctl(daemon, "loglevel", "debug").returncode == 0
    assert daemon.events("daemon.loglevel", LEVEL="debug")
    said = ctl(daemon, "loglevel", "loud")
    assert said.returncode == 1 and "notice" in said.stderr
    assert ctl(daemon, "louder").returncode == 2
    assert daemon.stop() == 0


def test_orders_to_reload_that_meet_are_all_carried_out(desk, client, web):
    daemon = desk({"wire": feed(web, "wire")}).start()
    daemon.wait(lambda: events.length(client) == 3, "three items")
    daemon.config["feeds"]["other"] = feed(web, "other", 2)
    daemon.write_config()
    with contextlib.ExitStack() as stack:
        callers = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(8)]
        for caller in callers:
            caller.settimeout(20)
            caller.connect(str(daemon.directory / "control.sock"))
        for caller in callers:
            caller.sendall(b'{"order": "reload"}\n')
        said = [json.loads(stack.enter_context(c.makefile("rb")).readline()) for c in callers]
    assert all(answer["ok"] for answer in said), said
    assert [a for a in said if "1 added" in a["text"]], said
    daemon.wait(lambda: events.length(client) == 5, "the new feed's items")
    assert daemon.stop() == 0


def test_a_wait_for_the_answer_outlives_an_interruption(desk):
    daemon = desk({}).start()
    daemon.wait_event("daemon.ready")
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        asking = subprocess.Popen(
            [daemon_module.binary(), "ctl", "--config", daemon.config_path, "loglevel"],
            env=daemon_module.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(20):  # soon it has asked, and each of these ends its recv()
            time.sleep(0.1)
            asking.send_signal(signal.SIGSTOP)
            time.sleep(0.01)
            asking.send_signal(signal.SIGCONT)
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    said, _ = asking.communicate(timeout=60)
    assert asking.returncode == 0 and b"info" in said, said
    assert daemon.stop() == 0


def test_a_pause_outlives_a_restart_and_a_reload(desk, client, web):
    daemon = desk({"wire": feed(web, "wire"), "other": feed(web, "other")}).start()
    daemon.wait(lambda: events.length(client) == 6, "six items")
    said = order(daemon, order="pause", feed="wire")
    assert said["ok"] and "paused" in said["text"], said
    assert daemon.events("feed.state_changed", FEED="wire", STATE="paused", UID=os.getuid())
    daemon.kill()  # it was answered, so it is on disk
    web.forget()
    daemon.start()
    daemon.wait(lambda: len(web.requests("/other")) >= 3, "the other one goes on")
    assert order(daemon, order="status")["paused"] == 1
    assert order(daemon, order="reload")["ok"]
    assert not order(daemon, order="poll", feed="wire")["ok"]
    assert "already" in order(daemon, order="pause", feed="wire")["text"]
    assert not web.requests("/wire")
    said = daemon_module.run("feeds", "status", "--config", daemon.config_path, "wire")
    assert "paused" in said.stdout and "by hand" in said.stdout, said.stdout
    said = daemon_module.run("feeds", "resume", "--config", daemon.config_path, "wire")
    assert said.returncode == 0 and "polled again" in said.stdout, said
    daemon.wait(lambda: web.requests("/wire"), "it is polled again")
    assert daemon.stop() == 0
    daemon.start()
    assert order(daemon, order="status")["paused"] == 0
    assert daemon.stop() == 0
    assert events.both_lengths(client) == 6


def test_poll_and_reset(desk, client, web):
    wire = feed(web, "wire", interval="1h")
    daemon = desk({"wire": wire, "still": feed(web, "still", paused=True)}).start()
    daemon.wait(lambda: events.length(client) == 3, "three items")
    daemon.wait(lambda: order(daemon, order="status")["inflight"] == 0, "it is home")
    assert order(daemon, order="poll", feed="wire")["ok"]
    daemon.wait(lambda: len(web.requests("/wire")) == 2, "asked again")
    assert web.requests("/wire")[-1].status == 304
    daemon.wait(lambda: order(daemon, order="status")["inflight"] == 0, "it is home")
    assert order(daemon, order="reset", feed="wire")["ok"]
    daemon.wait(lambda: len(web.requests("/wire")) == 3, "asked anew")
    assert web.requests("/wire")[-1].status == 200
    stays(lambda: events.both_lengths(client) == 3, 1, "nothing is told twice")
    for name in ("poll", "reset", "pause", "resume"):
        said = order(daemon, order=name, feed="wier")
        assert not said["ok"] and "wier" in said["text"], said
        assert not order(daemon, order=name)["ok"]
    said = daemon_module.run("feeds", "poll", "--config", daemon.config_path, "wire", "wier")
    assert said.returncode == 1 and "asked" in said.stdout and "wier" in said.stderr, said
    assert daemon_module.run("feeds", "poll").returncode == 2
    assert "configuration" in order(daemon, order="resume", feed="still")["text"]
    assert daemon.stop() == 0


def test_the_file_keeps_strangers_out(desk, web):
    daemon = desk({"wire": feed(web, "wire")}).start()
    path = daemon.directory / "control.sock"
    mode = path.stat().st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o660
    second = desk({"wire": feed(web, "wire")}, control={"socket": str(path)}).start(ready=False)
    assert second.wait_exit() in (1, 2)
    assert "another wiredesk" in second.raw_log()
    assert order(daemon, order="status")["pid"] == daemon.pid
    daemon.kill()  # leaves the file behind
    assert path.exists()
    said = ctl(daemon, "status")
    assert said.returncode == 1 and "is it running" in said.stderr, said
    daemon.start()
    assert order(daemon, order="status")["pid"] == daemon.pid
    if os.getuid() == 0:
        os.chmod(daemon.directory.parent, 0o755)
        os.chmod(daemon.directory, 0o755)
        denied = subprocess.run(
            ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
             "/usr/bin/python3", "-c", "import socket, sys; s = socket.socket(socket.AF_UNIX); "
             "s.connect(sys.argv[1])", str(path)], capture_output=True, check=False)
        assert b"PermissionError" in denied.stderr, denied.stderr
    assert daemon.stop() == 0
    assert not path.exists()


def test_rubbish_is_answered_in_words(desk, client, web):
    daemon = desk({"wire": feed(web, "wire")}).start()
    for line in (b"", b"{}", b"[]", b"null", b'{"order":7}', b'{"order":"status"', b"\xff\x00",
                 b'{"order":"fly"}', b'{"order":"pause","order":"poll"}', b"[" * 3000,
                 b'{"order":"pause","feed":"\\u0000\\u001b[31m"}'):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(20)
            s.connect(str(daemon.directory / "control.sock"))
            s.sendall(line + b"\n")
            with s.makefile("rb") as lines:
                assert json.loads(lines.readline())["ok"] is False, line
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(daemon.directory / "control.sock"))
        s.sendall(b"x" * 100000)
    daemon.wait(lambda: events.length(client) == 3, "the work goes on")
    assert daemon.stop() == 0


def test_without_a_socket(desk, web):
    daemon = desk({"wire": feed(web, "wire")}, control={"socket": "off"}).start()
    said = ctl(daemon, "status")
    assert said.returncode == 1 and "off" in said.stderr
    assert daemon.stop() == 0

"""tests/systemd/test_sandbox.py - the walls of the unit hold, whoever sits inside."""
import json
import shutil

import pytest

from conftest import HERE
import stories

MUST_WORK = ["write state", "write runtime directory", "write private /tmp", "tcp socket",
             "unix socket", "read configuration"]
MUST_BE_REFUSED = [
    "write /etc", "write own configuration", "write /usr", "write /var", "see home directories",
    "raw socket", "packet socket", "netlink socket", "writable and executable memory",
    "user namespace", "mount namespace", "network namespace", "set-user-id file",
    "real-time scheduling", "host name", "clock", "kernel log", "kernel settings",
    "other processes", "become root"]
# Without the sandbox these work even here: the probe can tell the difference.
MUST_WORK_OUTSIDE = ["write /etc", "write /usr", "raw socket", "packet socket",
                     "writable and executable memory", "user namespace", "mount namespace",
                     "see home directories", "other processes", "become root"]


@pytest.fixture(scope="module")
def probe(shared_station):
    """Answers of the probe: in the daemon's place, and as root without a sandbox."""
    machine = shared_station.machine
    shutil.copy(HERE / "probe.py", machine.path("/opt/probe.py"))
    shared_station.systemctl("stop")
    shared_station.drop_in("Type=oneshot\nRestart=no\nWatchdogSec=0\nExecStart=\n"
                           "ExecStart=/usr/bin/python3 -B /opt/probe.py /var/lib/wiredesk/inside")
    shared_station.systemctl("start")
    machine.run("/usr/bin/python3", "-B", "/opt/probe.py", "/opt/outside")
    answers = [json.loads(machine.path(place).read_text("ascii"))
               for place in ("/var/lib/wiredesk/inside", "/opt/outside")]
    shared_station.fresh()
    return answers


def test_every_attempt_is_judged(probe):
    assert sorted(probe[0]) == sorted(MUST_WORK + MUST_BE_REFUSED)


@pytest.mark.parametrize("name", MUST_WORK)
def test_allows(probe, name):
    assert probe[0][name] == "allowed"


@pytest.mark.parametrize("name", MUST_BE_REFUSED)
def test_refuses(probe, name):
    assert probe[0][name].startswith("refused: "), f"{name}: {probe[0][name]}"


def test_the_probe_is_no_pessimist(probe):
    assert [name for name in MUST_WORK_OUTSIDE if probe[1][name] != "allowed"] == []


def test_the_daemon_itself_holds_nothing(station):
    url = station.web.put("/wire", stories.rss(stories.stories("wire", 2)))
    station.configure({"wire": {"url": url}})
    station.systemctl("start")
    station.wait(lambda: station.told() == 2, "two stories are told")
    pid = station.machine.pid_of("wiredesk.service")
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[capabilities], 16) == 0, capabilities
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert "0" not in status["Uid"].split()
    # Even root, placed into its mounts, finds them read-only.
    mounts = ["nsenter", "-t", station.state("MainPID")["MainPID"], "-m", "touch"]
    assert "Read-only" in station.machine.run(*mounts, "/etc/x", check=False).stderr
    assert station.machine.run(*mounts, "/var/lib/wiredesk/x").returncode == 0


def test_state_and_runtime_are_for_the_service_and_its_group(station):
    station.configure({})
    station.systemctl("start")
    said = station.machine.run("stat", "-c", "%n %U:%G %a", "/var/lib/wiredesk", "/run/wiredesk")
    assert said.stdout.splitlines() == ["/var/lib/wiredesk wiredesk:wiredesk 750",
                                        "/run/wiredesk wiredesk:wiredesk 750"]
    others = station.machine.run("find", "/var/lib/wiredesk", "-type", "f", "-perm", "/077")
    assert others.stdout == ""

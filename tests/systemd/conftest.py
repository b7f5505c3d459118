"""tests/systemd/conftest.py - the package, installed where systemd is PID 1, beside Redis."""
import http.client
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import pytest
import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

import machine as machine_module  # noqa: E402
from feed_server import FeedServer  # noqa: E402
from waiting import wait_until  # noqa: E402

PROJECT = HERE.parents[1]
RELEASE = pathlib.Path(os.environ.get("WIREDESK_RELEASE") or PROJECT / "build/release")
UNIT = "wiredesk.service"
CONFIG = "/etc/wiredesk/wiredesk.yaml"
PORT = 9753
APT = ["apt-get", "-y", "-o", "Acquire::Retries=0", "-o", "APT::Sandbox::User=root",
       "-o", "DPkg::Options::=--force-unsafe-io"]
# What makes a test short; the unit itself stays as it is installed.
BRISK = {
    "http": {"allow_private": ["127.0.0.0/8"]},
    "schedule": {"min_interval": "1s", "start_rate": 1000, "backfill": "all"},
}


def pytest_collection_modifyitems(items):
    """The package's life begins where nobody has been; the others find what it leaves."""
    items.sort(key=lambda item: item.path.name != "test_package.py")


@pytest.fixture(scope="session")
def place():
    """A directory of the session's own, gone with it."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="wd-pid1-", dir="/tmp"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def package(place):
    """The .deb that CPack makes of the release build; WIREDESK_DEB: another one."""
    if given := os.environ.get("WIREDESK_DEB"):
        return pathlib.Path(given)
    if not (RELEASE / "wiredesk").exists():
        pytest.skip("build/release is not built: cmake --preset release")
    for program in ("cpack", "dpkg-shlibdeps", "dpkg"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    done = subprocess.run(
        ["cpack", "--config", RELEASE / "CPackConfig.cmake", "-B", place / "pack"],
        capture_output=True, text=True, check=False, cwd=RELEASE)
    assert done.returncode == 0, done.stdout + done.stderr
    return next((place / "pack").glob("wiredesk_*.deb"))


@pytest.fixture(scope="session")
def boot(place):
    """boot(cgroups) makes machines; all are powered off with the session."""
    made = []

    def start(cgroups="unified"):
        tree = os.environ.get("WIREDESK_TREE") or "/"  # tests/systemd/suites names another one
        each = machine_module.Machine(place / f"m{len(made)}", tree, cgroups)
        try:
            made.append(each.start())
        except machine_module.CannotBoot as why:
            pytest.skip(f"no real PID 1 here: {why}")
        return each

    yield start
    for each in made:
        each.stop()


@pytest.fixture(scope="session")
def machine(boot):
    return boot()


class Station:
    """wiredesk as its package installs it, with Redis and a publisher beside it."""

    def __init__(self, machine, web):
        self.machine, self.web = machine, web

    def configure(self, feeds, **sections):
        config = {"state": "/var/lib/wiredesk", **BRISK, **sections, "feeds": feeds}
        self.machine.write(CONFIG, yaml.safe_dump(config, sort_keys=False))

    def drop_in(self, text):
        """Replaces this test's lines of the unit; "" takes them away."""
        place = f"/etc/systemd/system/{UNIT}.d/test.conf"
        if text:
            self.machine.write(place, f"[Service]\n{text}\n")
        else:
            self.machine.path(place).unlink(missing_ok=True)
        self.machine.run("systemctl", "daemon-reload")

    def systemctl(self, verb, **more):
        return self.machine.run("systemctl", verb, UNIT, **more)

    def state(self, *names):
        return self.machine.show(UNIT, *names)

    def fresh(self):
        """As after a first installation: no state, no events, no drop-in, stopped."""
        self.systemctl("stop")
        self.machine.run("systemctl", "reset-failed", check=False)
        shutil.rmtree(self.machine.path("/var/lib/wiredesk"), ignore_errors=True)
        self.redis("FLUSHALL")
        self.drop_in("")
        self.web.forget()

    def redis(self, *words):
        return self.machine.run("redis-cli", *words).stdout.strip()

    def told(self):
        return int(self.redis("XLEN", "wiredesk:items"))

    def events(self, name=None):
        """The journal's records of this invocation, or those of one event."""
        matches = [f"WIREDESK_EVENT={name}"] if name else []
        invocation = self.state("InvocationID")["InvocationID"]
        return self.machine.journal(f"_SYSTEMD_INVOCATION_ID={invocation}", *matches)

    def wait(self, fact, what, seconds=60):
        try:
            return wait_until(fact, what, seconds)
        except AssertionError as error:
            said = self.machine.run("journalctl", "-n", "40", "--no-pager", "-u", UNIT).stdout
            raise AssertionError(f"{error}\n{said}") from None

    def wait_event(self, name, count=1):
        return self.wait(lambda: (found := self.events(name))[count - 1:] and found,
                         f"the journal has {name}")[count - 1]

    def print_journal(self):
        """For a test's end: pytest shows it when the test failed."""
        print(self.machine.run("journalctl", "-n", "60", "--no-pager", "-u", UNIT,
                               check=False).stdout)

    def metric(self, series):
        found = re.search(rf"^{re.escape(series)} (\S+)$", self.page("metrics"), re.MULTILINE)
        return float(found[1])

    def page(self, path):
        """What the loopback listener answers, whatever its status."""
        def ask():
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
            connection.request("GET", f"/{path}")
            text = connection.getresponse().read().decode()
            connection.close()
            return text
        return self.machine.in_its_network(ask)


def install(machine, package):
    """The package on a machine, with what it depends on and Redis as Debian runs it; nothing is
    fetched: what is not installed lies in apt's cache.  What apt said."""
    if machine.run("sh", "-c", "command -v apt-get", check=False).returncode:
        pytest.skip("this machine has no apt")
    shutil.copy(package, machine.path("/wiredesk.deb"))
    said = machine.run(*APT, "install", "/wiredesk.deb")
    if machine.run("sh", "-c", "command -v redis-server", check=False).returncode:
        pytest.skip("redis-server is not installed")
    machine.run("systemctl", "start", "redis-server.service")
    return said.stdout + said.stderr


@pytest.fixture(scope="session")
def shared_station(machine, package):
    install(machine, package)
    web = machine.in_its_network(FeedServer).start()
    yield Station(machine, web)
    web.stop()


@pytest.fixture
def station(shared_station):
    shared_station.fresh()
    yield shared_station
    shared_station.print_journal()

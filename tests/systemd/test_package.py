"""tests/systemd/test_package.py - the .deb's life: installed, upgraded, disabled, removed, purged."""
import re
import shutil
import subprocess

import pytest

from conftest import APT, CONFIG, Station, install
from feed_server import FeedServer
import stories

SIZE_AT_MOST = 2 * 1024 * 1024
LIBRARIES = ["libbrotli1", "libc6", "libcurl", "libdeflate0", "libhiredis", "libidn2", "libjansson",
             "libmicrohttpd", "libnettle", "libpsl", "libsqlite3", "libsystemd", "libutf8proc", "libuv1",
             "libxml2", "libyaml", "libzstd1", "zlib1g"]


def field(package, name):
    return subprocess.run(["dpkg-deb", "--field", package, name], capture_output=True, text=True,
                          check=True).stdout.strip()


def later(package, place, version, config=None):
    """The same package with a higher version, and perhaps another example configuration."""
    tree = place / f"later-{version}"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control = tree / "DEBIAN/control"
    text = re.sub(r"^Version: .*$", f"Version: {version}", control.read_text("utf-8"), flags=re.M)
    control.write_text(text, encoding="utf-8")
    if config:
        (tree / CONFIG.lstrip("/")).write_text(config, encoding="utf-8")
    made = place / f"wiredesk-{version}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, made], check=True,
                   capture_output=True)
    return made


@pytest.fixture(scope="module")
def life(machine, package):
    """A machine on which the package was installed for the first time; .said is what apt said."""
    said = install(machine, package)
    web = machine.in_its_network(FeedServer).start()
    station = Station(machine, web)
    station.said = said
    yield station
    web.stop()


@pytest.fixture(autouse=True)
def one_of_its_life(request):
    """Each test with a start counter of its own: the whole life has more starts than systemd lets
    pass in ten seconds, and a fast machine does it in less."""
    life = request.getfixturevalue("life") if "life" in request.fixturenames else None
    if life:
        life.machine.run("systemctl", "reset-failed", check=False)
    yield
    if life:
        life.print_journal()


def put(life, package, *options):
    shutil.copy(package, life.machine.path("/next.deb"))
    return life.machine.run("dpkg", "--force-unsafe-io", *options, "--install", "/next.deb")


def is_up(life):
    return life.wait(lambda: life.state("ActiveState")["ActiveState"] == "active", "it is up")


def on_the_wire(life, count):
    url = life.web.put("/wire", stories.rss(stories.stories("wire", count)))
    return {"wire": {"url": url, "interval": "1s", "allow_private": ["127.0.0.0/8"]}}


# The tests of this file are one story, in this order.


def test_it_is_small_and_names_what_it_needs(package):
    assert package.stat().st_size < SIZE_AT_MOST
    depends = field(package, "Depends")
    assert [library for library in LIBRARIES if library not in depends] == []
    assert "redis-server | valkey-server" in field(package, "Recommends")


def test_lintian_has_no_complaint(package):
    if shutil.which("lintian") is None:
        pytest.skip("lintian is not installed")
    run = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", package],
                         capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "")


def test_the_first_installation_starts_it_and_says_what_comes_next(life):
    assert is_up(life)
    assert "Next: sudo wiredesk feeds add " in life.said
    run = life.machine.run
    assert run("systemctl", "is-enabled", "wiredesk").stdout == "enabled\n"
    assert run("getent", "passwd", "wiredesk").stdout.split(":")[5] == "/var/lib/wiredesk"
    assert run("wiredesk", "check").returncode == 0
    assert run("dpkg", "--verify", "wiredesk").stdout == ""
    documents = re.findall(r"\S+/man\d/\S+", run("dpkg", "-L", "wiredesk").stdout)
    assert documents and all(page.endswith(".gz") for page in documents)


def test_named_feeds_are_read_after_a_reload(life):
    life.configure(on_the_wire(life, 3))
    life.machine.run("systemctl", "reload", "wiredesk")
    life.wait(lambda: life.told() == 3, "three stories are told")


def test_the_scripts_may_run_twice(life):
    for script in ("postinst configure 0.1.0", "postinst abort-remove", "prerm upgrade 9",
                   "postrm upgrade 9"):
        name, *words = script.split()
        life.machine.run(f"/var/lib/dpkg/info/wiredesk.{name}", *words)
    assert is_up(life)
    assert life.told() == 3


def test_an_upgrade_keeps_state_and_configuration(life, package, place):
    before = life.state("MainPID")
    mine = life.machine.path(CONFIG).read_text("utf-8")
    put(life, later(package, place, "0.1.1"))
    assert is_up(life)
    assert life.state("MainPID") != before, "the new program runs"
    assert life.machine.path(CONFIG).read_text("utf-8") == mine
    life.configure(on_the_wire(life, 5))
    life.machine.run("systemctl", "reload", "wiredesk")
    life.wait(lambda: life.told() == 5, "two more stories, and none twice")


def test_an_upgrade_with_another_example_leaves_the_operators_file(life, package, place):
    mine = life.machine.path(CONFIG).read_text("utf-8")
    put(life, later(package, place, "0.1.2", config="# another example\n"), "--force-confold")
    assert is_up(life)
    assert life.machine.path(CONFIG).read_text("utf-8") == mine
    assert life.machine.path(CONFIG + ".dpkg-dist").read_text("utf-8") == "# another example\n"


def test_a_broken_configuration_does_not_break_the_upgrade(life, package, place):
    mine = life.machine.path(CONFIG).read_text("utf-8")
    life.machine.write(CONFIG, "feeds: { a: 1 }\n")
    put(life, later(package, place, "0.1.3", config="# another example\n"), "--force-confold")
    status = life.machine.run("dpkg-query", "-W", "-f", "${db:Status-Abbrev}", "wiredesk").stdout
    assert status == "ii "
    life.machine.write(CONFIG, mine)
    life.machine.run("systemctl", "restart", "wiredesk")
    assert is_up(life)


def test_what_the_operator_disabled_stays_disabled(life, package, place):
    life.machine.run("systemctl", "disable", "--now", "wiredesk")
    put(life, later(package, place, "0.1.4", config="# another example\n"), "--force-confold")
    said = life.machine.run("systemctl", "is-enabled", "wiredesk", check=False).stdout
    assert said == "disabled\n"
    assert life.state("ActiveState")["ActiveState"] == "inactive"
    life.machine.run("systemctl", "enable", "--now", "wiredesk")


def test_removal_stops_it_and_keeps_state_and_configuration(life):
    life.machine.run("dpkg", "--remove", "wiredesk")
    assert life.state("ActiveState")["ActiveState"] == "inactive"
    assert not life.machine.path("/usr/bin/wiredesk").exists()
    assert life.machine.path(CONFIG).exists()
    assert any(life.machine.path("/var/lib/wiredesk").iterdir())


def test_installed_again_it_goes_on_where_it_was(life, package):
    put(life, package, "--force-confold")
    assert is_up(life)
    life.configure(on_the_wire(life, 6))
    life.machine.run("systemctl", "reload", "wiredesk")
    life.wait(lambda: life.told() == 6, "one more story, and none twice")


def test_purge_leaves_nothing(life):
    life.machine.run(*APT, "purge", "wiredesk")
    places = ["/etc", "/run/systemd", "/usr/bin", "/usr/lib/systemd", "/usr/lib/sysusers.d",
              "/usr/share/man", "/usr/share/doc", "/usr/share/bash-completion",
              "/var/lib/dpkg/info", "/var/lib/systemd", "/var/lib/wiredesk"]
    left = life.machine.run("find", *places, "-xdev", "-name", "*wiredesk*", check=False).stdout
    assert left == ""
    assert life.machine.run("systemctl", "is-enabled", "wiredesk", check=False).returncode != 0

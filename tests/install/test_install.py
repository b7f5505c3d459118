"""tests/install/test_install.py - `cmake --install` into a staged root: the places, the unit, its sandbox."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ["WIREDESK_BUILD"])
EXPOSURE_AT_MOST = 1.1  # redis-server has 1.2, chrony 3.7, unbound 9.6

PLACES = [
    "bin/wiredesk",
    "lib/systemd/system/wiredesk.service",
    "lib/sysusers.d/wiredesk.conf",
    "lib/systemd/catalog/wiredesk.catalog",
    "share/bash-completion/completions/wiredesk",
    "share/man/man1/wiredesk.1",
    "share/man/man5/wiredesk.yaml.5",
    "share/man/man8/wiredesk.8",
    "share/doc/wiredesk/schema/event-v1.schema.json",
    "share/doc/wiredesk/README.md",
    *(f"share/doc/wiredesk/grafana/{file.name}" for file in (ROOT / "docs/grafana").iterdir()),
    "share/doc/wiredesk/CHANGELOG.md",
    "share/doc/wiredesk/LICENSE",
    *(f"share/doc/wiredesk/{page.name}" for page in (ROOT / "docs").glob("*.md")),
]


def install(root):
    subprocess.run(
        ["cmake", "--install", BUILD],
        env={**os.environ, "DESTDIR": str(root)},
        check=True,
        capture_output=True,
    )


def cached(name):
    text = (BUILD / "CMakeCache.txt").read_text(encoding="utf-8")
    return re.search(rf"^{name}:\w+=(.*)$", text, re.MULTILINE).group(1)


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    """(root, prefix in it, /etc/wiredesk in it)"""
    root = tmp_path_factory.mktemp("root")
    install(root)
    prefix = root / cached("CMAKE_INSTALL_PREFIX").lstrip("/")
    etc = next(root.rglob("etc/wiredesk"))
    return root, prefix, etc


@pytest.fixture(scope="module")
def unit(staged, tmp_path_factory):
    """The unit as it would stand in /usr, its paths led into the staged root."""
    root, prefix, etc = staged
    text = (prefix / "lib/systemd/system/wiredesk.service").read_text(encoding="utf-8")
    for place in (prefix / "bin", etc):
        text = text.replace(f"/{place.relative_to(root)}/", f"{place}/")
    path = tmp_path_factory.mktemp("unit") / "wiredesk.service"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("place", PLACES)
def test_installs(staged, place):
    assert (staged[1] / place).is_file()


def test_nothing_is_installed_that_is_not_named_here(staged):
    root, prefix, etc = staged
    found = {str(p.relative_to(prefix)) for p in prefix.rglob("*") if p.is_file() and etc not in p.parents}
    assert found == set(PLACES)


def test_the_configuration_has_its_folders(staged):
    assert sorted(p.name for p in staged[2].iterdir()) == ["conf.d", "feeds.d", "wiredesk.yaml"]


def test_a_second_install_keeps_what_the_operator_wrote(tmp_path):
    install(tmp_path)
    config = next(tmp_path.rglob("etc/wiredesk")) / "wiredesk.yaml"
    config.write_text("feeds: {}\n", encoding="utf-8")
    install(tmp_path)
    assert config.read_text(encoding="utf-8") == "feeds: {}\n"


def check(staged, config):
    run = subprocess.run(
        [staged[1] / "bin/wiredesk", "check", "--config", config],
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stderr


def test_the_example_configuration_is_right(staged):
    assert check(staged, staged[2] / "wiredesk.yaml") == (0, "")


def test_so_is_everything_that_it_has_commented_out(staged, tmp_path):
    text = (staged[2] / "wiredesk.yaml").read_text(encoding="utf-8")
    text = re.sub(r"^( *)# ?( *[a-z][\w-]*: +\S|[a-z]+:$)", r"\1\2", text, flags=re.MULTILINE)
    assert "\nfeeds:\n  example-world:" in text and "\n  maxlen: 1000000" in text
    text = re.sub(r"^  password_file:.*\n", "", text, flags=re.MULTILINE)  # its file is not here
    (tmp_path / "wiredesk.yaml").write_text(text, encoding="utf-8")
    assert check(staged, tmp_path / "wiredesk.yaml") == (0, "")


def test_the_installed_program_runs(staged):
    run = subprocess.run(
        [staged[1] / "bin/wiredesk", "--version"], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout.split()[0]) == (0, "wiredesk")


def systemd_analyze(*arguments):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here")
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments], capture_output=True, text=True, check=False
    )


def test_systemd_has_nothing_to_say_about_the_unit(unit):
    run = systemd_analyze("verify", "--man=no", unit)
    said = [line for line in (run.stdout + run.stderr).splitlines() if "wiredesk" in line]
    assert (run.returncode, said) == (0, [])


def test_systemd_would_notice_a_broken_unit(unit, tmp_path):
    broken = tmp_path / "wiredesk.service"
    broken.write_text(unit.read_text().replace("WatchdogSec=30s", "WatchdogSec=often"))
    run = systemd_analyze("verify", "--man=no", broken)
    assert "Failed to parse" in run.stdout + run.stderr


def exposure(unit):
    run = systemd_analyze("security", "--offline=true", unit)
    return float(re.search(r"Overall exposure level.*: ([\d.]+)", run.stdout).group(1))


def test_the_sandbox_leaves_little_exposed(unit):
    assert exposure(unit) <= EXPOSURE_AT_MOST


def test_each_wall_of_the_sandbox_counts(unit, tmp_path):
    weaker = tmp_path / "wiredesk.service"
    text = unit.read_text()
    for wall in ("RestrictNamespaces=yes", "ProtectSystem=strict", "PrivateUsers=yes"):
        assert wall in text
        weaker.write_text(text.replace(wall, ""))
        assert exposure(weaker) > EXPOSURE_AT_MOST

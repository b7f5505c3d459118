"""tests/install/test_quickstart.py - a newcomer's first minute: the sample, its end, and nothing left behind."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "scripts/lib/quickstart.py"  # what scripts/quickstart runs after the build
WIREDESK = Path(os.environ["WIREDESK_BUILD"]) / "wiredesk"
PATIENCE_S = 60


def start(state, *arguments):
    return subprocess.Popen(
        [sys.executable, "-B", QUICKSTART, "--state", state, *arguments],
        env={**os.environ, "WIREDESK_BINARY": str(WIREDESK)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def processes_of(state):
    """Everything alive that was started for this state directory."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            words = (directory / "cmdline").read_bytes().decode(errors="replace")
            cwd = os.readlink(directory / "cwd")
        except OSError:
            continue
        if (str(state) in words or cwd.startswith(str(state))) and directory.name != str(os.getpid()):
            found.append(words.replace("\0", " "))
    return found


def nothing_is_left(state):
    until = time.monotonic() + PATIENCE_S
    while (left := processes_of(state)) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == []


def titles():
    stories = (ROOT / "scripts/sample/stories").glob("*.txt")
    return [re.search("^Title: (.+)$", story.read_text("utf-8"), re.MULTILINE)[1] for story in stories]


@pytest.fixture(name="state")
def state_directory(tmp_path):
    state = tmp_path / "q"
    yield state
    nothing_is_left(state)


def until_a_story(process):
    said = []
    for line in process.stdout:
        said.append(line)
        if any(title in line for title in titles()):
            return "".join(said)
    raise AssertionError("no story came:\n" + "".join(said))


def test_the_sample_ends_by_itself_with_a_summary(state):
    process = start(state, "--sample", "--for", "8")
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    assert any(title in said for title in titles()), said
    assert re.search(r"stopped after .*: \d+ new, .* 6 feeds, 0 failing; outbox 0", said), said


def test_ctrl_c_ends_it_cleanly(state):
    process = start(state, "--sample")
    said = until_a_story(process)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said + rest
    assert "stopped after" in rest


def test_nothing_outlives_it_even_when_it_is_killed(state):
    process = start(state, "--sample")
    until_a_story(process)
    process.kill()
    process.wait()
    nothing_is_left(state)
    again = start(state, "--sample", "--for", "2")
    said, _ = again.communicate(timeout=PATIENCE_S)
    assert again.returncode == 0, said


def test_a_wrong_configuration_is_said_and_nothing_starts(state, tmp_path):
    config = tmp_path / "mine.yaml"
    config.write_text("feeds:\n  one: { ulr: https://example.org/ }\n", encoding="utf-8")
    process = start(state, "--config", config)
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "mine.yaml:2:" in said

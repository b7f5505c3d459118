"""tests/install/test_documents.py - the documents' promises, tried: README's consumers, the man page, completion."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from redis_server import RedisServer  # noqa: E402  (lives beside the scenarios)

WIREDESK = Path(os.environ["WIREDESK_BUILD"]) / "wiredesk"
STREAM = "wiredesk:items"
EVENT = '{"data": {"item": {"headlines": [{"value": "%s"}]}}}'


def snippets(language):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(name="redis")
def redis_server(tmp_path):
    server = RedisServer(tmp_path).start()
    yield server
    server.stop()


def add(redis, title):
    fields = {"t": "item.new", "k": "c", "f": "example", "l": "en", "v": "1", "j": EVENT % title}
    redis.client().xadd(STREAM, fields)


def test_the_consumer_in_python_sees_every_story_that_comes(redis):
    (code,) = [snippet for snippet in snippets("python") if "xread" in snippet]
    assert "redis.Redis(decode_responses=True)" in code
    code = code.replace("redis.Redis(", f"redis.Redis(unix_socket_path={redis.socket_path!r}, ")
    # It says when it has found the stream's end; from there on nothing may be missed.
    code = code.replace("while True:", 'print("begins", flush=True)\nwhile True:')
    add(redis, "before it came")
    consumer = subprocess.Popen(
        [sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, text=True
    )
    try:
        assert consumer.stdout.readline() == "begins\n"
        for i in range(3):
            add(redis, f"story {i}")
        said = [consumer.stdout.readline() for _ in range(3)]
    finally:
        consumer.kill()
        consumer.wait()
    assert said == [f"item.new example story {i}\n" for i in range(3)]


def test_the_consumer_with_redis_cli_shows_the_newest(redis):
    (code,) = [snippet for snippet in snippets("sh") if "XREVRANGE" in snippet]
    (command,) = [line for line in code.splitlines() if "XREVRANGE" in line]
    for i in range(5):
        add(redis, f"story {i}")
    command = command.replace("redis-cli", f"redis-cli -s {redis.socket_path}")
    shown = subprocess.run(
        command.split(), capture_output=True, text=True, check=True
    ).stdout
    assert re.findall(r"story \d", shown) == ["story 4", "story 3", "story 2"]


def help_of(*verb):
    return subprocess.run(
        [WIREDESK, *verb, "--help"], capture_output=True, text=True, check=True
    ).stdout


def verbs():
    return re.findall(r"^  ([a-z]+) ", help_of(), re.MULTILINE)


def options(verb):
    usage = help_of(verb).split("\n\n")[0]
    return sorted(set(re.findall(r"--([a-z][a-z-]+)", usage)))


def test_the_man_page_has_every_verb_and_option():
    page = (ROOT / "docs/man/wiredesk.1").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^\.It Cm (\w+)(.*)$", page, re.MULTILINE))
    assert sorted(entries) == sorted(verbs())
    for verb in verbs():
        assert sorted(re.findall(r"Fl -([a-z-]+)", entries[verb])) == options(verb), verb


def complete(*words):
    """What bash would offer for the last word."""
    script = f"""
        PATH={WIREDESK.parent}:$PATH
        source {ROOT}/docs/completion/wiredesk.bash
        COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}
        _wiredesk 2>/dev/null; printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    return sorted(run.stdout.split())


def test_completion_offers_the_verbs():
    assert complete("wiredesk", "") == sorted([*verbs(), "--help", "--version"])
    assert complete("wiredesk", "che") == ["check"]


def test_completion_offers_a_verbs_options():
    assert complete("wiredesk", "check", "--") == sorted(
        [*(f"--{option}" for option in options("check")), "--help"]
    )

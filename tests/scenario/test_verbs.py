"""The verbs as a user meets them: help, parse, dedup, tail."""
import json
import os
import pty
import re
import select
import subprocess
import threading

import pytest

import events
import stories
from daemon import binary, environment, run

VERBS = ["run", "check", "parse", "dedup", "explain", "tail", "feeds", "test", "once", "outbox",
         "replay", "opml", "discover", "ctl", "config"]


def test_help_names_every_verb():
    for arguments in (["--help"], ["help"], ["-h"]):
        done = run(*arguments)
        assert done.returncode == 0 and not done.stderr
        for verb in VERBS:
            assert verb in done.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb):
    done = run(verb, "--help")
    assert done.returncode == 0 and not done.stderr
    assert done.stdout.startswith(f"usage: wiredesk {verb}")
    assert len(done.stdout.splitlines()) >= 4, "help that helps"
    assert all(len(line) <= 100 for line in done.stdout.splitlines())


def test_version():
    done = run("--version")
    assert done.returncode == 0 and done.stdout.startswith("wiredesk ")


@pytest.mark.parametrize("arguments", ["--help", "--version", "check --help", "parse -",
                                       "config dump --config w.yaml", "feeds list --config w.yaml",
                                       "opml export --config w.yaml"])
def test_what_cannot_be_printed_is_a_failure(place, arguments):
    (place / "w.yaml").write_text("redis: embedded\nfeeds: { a: 'https://a.example/' }\n")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([binary(), *arguments.split()], cwd=place,
                              input=stories.rss(stories.stories("f", 1)), stdout=full,
                              stderr=subprocess.PIPE, env=environment(), check=False)
    assert done.returncode == 1 and b"could not be written" in done.stderr


def test_a_closed_standard_stream_is_nobody_elses_file(place):
    """Without its own /dev/null the first file that is opened would be standard output."""
    path = place / "feed.xml"
    path.write_bytes(stories.rss(stories.stories("c", 3)))
    script = '"$0" parse "$1" <&- >&- 2>&-; exit $?'
    done = subprocess.run(["/bin/sh", "-c", script, binary(), path], env=environment(), check=False)
    assert done.returncode == 0
    assert path.read_bytes() == stories.rss(stories.stories("c", 3))


def test_parse_prints_one_document(place):
    path = place / "feed.xml"
    path.write_bytes(stories.rss(stories.stories("p", 3)))
    done = run("parse", "--url", "https://wire.example/feed", path)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [i["id"] for i in document["items"]] == [s["id"] for s in stories.stories("p", 3)]


def test_parse_shows_what_a_document_breaks_off_in(place):
    path = place / "feed.xml"
    path.write_bytes(stories.rss(stories.stories("q", 1)).split(b"</channel>")[0] + b"<item><title>ha")
    document = json.loads(run("parse", path).stdout)
    assert document["outcome"] == "truncated"
    assert [i.get("unfinished", False) for i in document["items"]] == [False, True]


def test_parse_reads_standard_input_in_batches(place):
    paths = []
    for n, make in enumerate((stories.rss, stories.atom, stories.json_feed)):
        paths.append(place / f"{n}")
        paths[-1].write_bytes(make(stories.stories(f"b{n}", n + 1)))
    paths.append(place / "missing")
    lines = "".join(json.dumps({"file": str(p)}) + "\n" for p in paths)
    done = run("parse", "--batch", stdin=lines.encode())
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [len(a.get("items", [])) for a in answers[:3]] == [1, 2, 3]
    assert answers[3].get("error")


def test_parse_refuses_with_a_reason(place):
    path = place / "page.html"
    path.write_text("<!doctype html><html><body>not a feed</body></html>")
    done = run("parse", path)
    assert done.returncode == 1 or json.loads(done.stdout).get("error")
    missing = run("parse", place / "none.xml")
    assert missing.returncode == 1 and "none.xml" in missing.stderr
    assert json.loads(missing.stdout)["error"] == "No such file or directory"


def test_dedup_is_the_desk_without_the_network():
    text = stories.text("one story", 150)
    rows = [("a", text), ("b", stories.text("another", 150)),
            ("c", "BREMEN (Example Agency) - " + text + " Sign up for our newsletter.")]
    lines = [json.dumps({"id": k, "title": stories.story(k, t)["title"], "content_text": t,
                         "feed": f"feed-{k}"}) for k, t in rows]
    done = run("dedup", stdin=("\n".join(lines) + "\n").encode())
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split("\t")[0] == "a"
    clusters = dict(line.split("\t")[:2] for line in done.stdout.splitlines())
    assert clusters["a"] == clusters["c"] != clusters["b"]


def test_progress_is_for_the_terminal_and_never_among_the_data():
    """A line that is written over, and taken away at the end."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([binary(), "dedup"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=theirs, env=environment())
    os.close(theirs)
    sent, shown = 0, ""
    reader = threading.Thread(target=lambda: answers.extend(process.stdout), daemon=True)
    answers = []
    reader.start()
    try:
        while shown.count("items") < 2:  # it is quiet for half a second
            item = json.dumps({"id": f"i{sent}", "content_text": stories.text(sent, 30)})
            process.stdin.write(item.encode() + b"\n")
            process.stdin.flush()
            sent += 1
            if select.select([ours], [], [], 0.005)[0]:
                shown += os.read(ours, 4096).decode()
        process.stdin.close()
        assert process.wait(timeout=60) == 0
        reader.join(60)
        shown += os.read(ours, 4096).decode()
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert re.fullmatch(r"(\r\x1b\[Kdedup: \d+ items)+\r\x1b\[K", shown), shown
    assert len(answers) == sent and all(a.startswith(b"i") for a in answers)


def test_tail_shows_what_a_subscriber_sees(desk, client, web):
    url = web.put("/f", stories.rss(stories.stories("tail", 1)))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.length(client) == 1, "the first item")
    tail = subprocess.Popen([binary(), "tail", "--config", str(daemon.config_path)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, env=environment())
    try:
        daemon.wait(lambda: client.execute_command("CLIENT", "LIST").count("name=") >= 3,
                    "tail is connected")
        web.put("/f", stories.rss(stories.stories("tail", 3)))
        daemon.wait(lambda: events.length(client) == 3, "two more items")
        titles = {s["title"] for s in stories.stories("tail", 3)[1:]}
        shown = ""
        while not all(t in shown for t in titles):
            line = tail.stdout.readline().decode()
            assert line, tail.stderr.read().decode()
            shown += line
        assert "\x1b" not in shown, "no colour where there is no terminal"
        assert "wire" in shown
    finally:
        tail.terminate()
        tail.communicate(timeout=30)
    assert tail.returncode in (0, -15)


def test_tail_json_is_the_event_itself(desk, client, web):
    url = web.put("/f", stories.rss(stories.stories("tail", 2)))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.length(client) == 2, "two items")
    done = run("tail", "--json", "--count", "2", "--config", daemon.config_path)
    assert done.returncode == 0, done.stderr
    shown = [json.loads(line) for line in done.stdout.splitlines()]
    assert shown == [e.json for e in events.read(client, events.ITEMS)]


def test_tail_shows_copies_with_their_reason(desk, client, web):
    text = stories.text("one story", 150)
    feeds = {f"paper-{n}": {"url": web.put(f"/{n}", stories.rss(
        [stories.story(f"copy-{n}", text + f" Paper {n} says goodbye.")])), "interval": "1s"}
        for n in range(2)}
    daemon = desk(feeds).start()
    daemon.wait(lambda: events.both_lengths(client) == 2, "a story and its copy")
    done = run("tail", "--copies", "--count", "2", "--config", daemon.config_path)
    assert done.returncode == 0, done.stderr
    copy, = events.read(client, events.COPIES)
    assert copy.feed in done.stdout and copy.title in done.stdout


def test_tail_waits_for_a_redis_that_is_away_and_says_so(desk, redis, client, web):
    url = web.put("/f", stories.rss(stories.stories("tail", 2)))
    daemon = desk({"wire": {"url": url, "interval": "1s"}}).start()
    daemon.wait(lambda: events.length(client) == 2, "two items")
    redis.kill()
    tail = subprocess.Popen([binary(), "tail", "--count", "2", "--config",
                             str(daemon.config_path)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment())
    try:
        said = tail.stderr.readline().decode()
        assert redis.socket_path in said, said
        redis.start()
        shown = tail.communicate(timeout=60)[0].decode()
    finally:
        tail.kill()
        tail.communicate()
    assert tail.returncode == 0
    assert all(s["title"] in shown for s in stories.stories("tail", 2))

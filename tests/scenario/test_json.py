"""--json on every verb: what programs read keeps its shape, and so does what went wrong.

The verbs are those that the program itself names; one without a row here fails.
"""
import json
import re
import subprocess

import pytest

import events
import stories
from corpus import PROJECT
from daemon import binary, environment, run

TEXT = stories.text("one story", 150)
ITEMS = "".join(json.dumps({"id": k, "title": "T", "content_text": TEXT + k}) + "\n"
                for k in ("a", "b")).encode()
CHECK = {"ok", "config", "feeds", "state", "stream", "repeated"}
FEED = {"feed", "url", "state", "next_poll_text"}
ORDER = {"ok", "text"}
WITH_CONFIG = ("run", "once", "check", "config", "tail", "feeds", "ctl", "outbox", "replay", "opml",
               "discover", "explain", "test")

# verb: (its arguments, the keys of each line, arguments that cannot work).  {place} has files,
# {item} is an item's id, {url} a feed.
VERBS = {
    "run": ("--dry-run", CHECK | {"probes"}, "--dry-run --config {place}/none.yaml"),
    "once": ("", {"feeds", "documents", "unchanged", "failing", "left_out", "new", "updated",
                  "copies", "waiting", "took_ms"}, "--config {place}/none.yaml"),
    "check": ("--probe", CHECK | {"probes"}, "--config {place}/none.yaml"),
    "config dump": ("", {"key", "value", "from"}, "--config {place}/none.yaml"),
    "tail": ("--count 1", {"id", "type", "streamid", "data"}, "--since yesterday"),
    "feeds list": ("", FEED, "none"),
    "feeds status": ("wire", FEED, "none"),
    "feeds due": ("--count 1", FEED, "--count many"),
    "feeds add": ("--allow-private 127.0.0.0/8 {url}", {
        "ok", "feed", "url", "title", "format", "items", "known", "taken_over"}, "{url}/none"),
    "feeds pause": ("wire", ORDER, "none"),
    "feeds resume": ("wire", ORDER, "none"),
    "feeds poll": ("other", ORDER, "none"),
    "feeds reset": ("third", ORDER, "none"),
    "ctl status": ("", ORDER | {"version", "pid", "since", "feeds", "failing", "outbox",
                                "redis_up"}, "much"),
    "ctl reload": ("", ORDER, "much"),
    "ctl loglevel": ("info", ORDER, "loud"),
    "outbox stat": ("", {"generation", "limit_bytes", "lanes"}, "much"),
    "replay": ("--since 1h", {"ok", "from", "since", "to", "redis", "dry_run", "copied", "there"},
               "--since then"),
    "opml import": ("{place}/new.opml", {"added", "known", "repeated", "unusable", "file"},
                    "{place}/none.opml"),
    "opml export": ("", {"feed", "url"}, "much"),
    "opml diff": ("{place}/list.opml", {"change", "feed", "url"}, "{place}/none.opml"),
    "discover": ("{url}", {"url", "title", "format", "items", "found"}, "{url}/none"),
    "parse": ("{place}/feed.xml", {"outcome", "format", "encoding", "feed", "items"}, "a b"),
    "dedup": ("--explain", {"id", "first", "verdict", "rule"}, "--window never"),
    "dedup compare": ("one two", {"a", "b", "longestRun", "numbers", "sameWords"}, "one"),
    "explain item": ("{item}", {"id", "feed", "firstSeen", "decision", "cluster"}, "none"),
    "explain feed": ("wire", FEED, "none"),
    "test": ("wire", {"url", "answers", "answer", "next_poll_text"}, "none"),
}
# These have an answer, with the exit status 1 all the same: a list differs.
MAY_FAIL = {"opml diff"}


def verbs_of_the_program():
    """'feeds list' and 'check', by what the program says of itself."""
    found = set()
    for verb in re.findall(r"^  ([a-z]+) ", run("--help").stdout, re.M):
        of_its_own = re.search(r"[Ii]t is one of ([a-z, ]+)", run(verb, "--json").stdout)
        if of_its_own:
            found |= {f"{verb} {each}" for each in re.findall(r"[a-z]+", of_its_own.group(1))}
            continue
        found.add(verb)
        found |= {f"{verb} {each}" for each in re.findall(
            rf"^ +wiredesk {verb} ([a-z]+) ", run(verb, "--help").stdout, re.M)}
    return found


def test_every_verb_has_its_shape_here_and_in_the_manual():
    assert verbs_of_the_program() == set(VERBS)
    manual = (PROJECT / "docs/man/wiredesk.1").read_text("utf-8")
    shapes = manual.split(".Sh OUTPUT FOR PROGRAMS")[1].split(".Sh ")[0]
    # The keys of one shape stand behind the names of all verbs that have it.
    described = {}
    for part in shapes.split(".It Cm ")[1:]:
        head, _, text = part.partition("\n")
        described.update({verb: text for verb in head.split(" , ")})
    assert set(described) == set(VERBS)
    for verb, (_, keys, _) in VERBS.items():
        if verb in ("run", "tail"):  # as check; as the schema has it
            continue
        missing = {k for k in keys if not re.search(rf"\b{k}\b", described[verb])}
        assert not missing, f"wiredesk(1) does not name them of {verb}"


@pytest.fixture(name="asked")
def one_desk_for_all(desk, web, client, place):
    """ask(verb, arguments): how it ended, its lines as objects."""
    feeds = {name: {"url": web.put(f"/{name}", stories.rss(stories.stories(name, 2))),
                    "interval": "1h"} for name in ("wire", "other", "third")}
    daemon = desk(feeds, control={"listen": "127.0.0.1:0"}).start()
    daemon.wait(lambda: events.length(client) == 6, "six items")
    listed = run("opml", "export", "--config", daemon.config_path).stdout
    (place / "list.opml").write_text(listed.replace("/wire", "/gone"))
    (place / "new.opml").write_text(listed.replace("/wire", "/added"))
    web.put("/added", stories.rss([]))
    (place / "feed.xml").write_bytes(stories.rss(stories.stories("p", 1)))
    item = events.read(client, events.ITEMS)[0].json["data"]["item"]["uri"]

    def ask(verb, arguments):
        words = verb.split()
        arguments = arguments.format(place=place, item=item, url=web.url("/wire")).split()
        config = ["--config", daemon.config_path]
        if words[0] not in WITH_CONFIG or "--config" in arguments:
            config = []
        done = run(*words, *arguments, *config, "--json", stdin=ITEMS)
        try:
            return done, [json.loads(line) for line in done.stdout.splitlines()]
        except json.JSONDecodeError:
            raise AssertionError(f"{verb}: no JSON: {done.stdout}") from None

    ask.daemon = daemon
    return ask


def test_every_verb_answers_in_its_shape(asked):
    for verb, (arguments, keys, _) in VERBS.items():
        if verb == "once":
            continue
        done, lines = asked(verb, arguments)
        assert done.returncode == 0 or verb in MAY_FAIL, (verb, done.stdout, done.stderr)
        assert lines and done.stderr == "", (verb, done.stderr)
        for line in lines:
            assert keys <= set(line), f"{verb}: {keys - set(line)} is missing in {line}"
    asked.daemon.stop()
    done, lines = asked("once", VERBS["once"][0])
    assert done.returncode == 0 and VERBS["once"][1] == set(lines[-1]), done.stdout


def test_every_verb_says_its_failure_in_one_object(asked):
    for verb, (_, _, wrong) in VERBS.items():
        done, lines = asked(verb, wrong)
        assert done.returncode in (1, 2), (verb, done.stdout)
        assert done.stderr == "", (verb, done.stderr)
        *_, said = lines
        assert said["ok"] is False and len(said["text"]) > 8, (verb, said)
        done, (said,) = asked(verb, "--no-such-option")
        assert done.returncode == 2 and "--no-such-option" in said["text"], (verb, said)
        assert said["verb"] in (verb, "ctl")


def test_without_it_a_failure_is_a_sentence_and_nothing_for_programs(asked):
    for verb, (_, _, wrong) in VERBS.items():
        words = [w.format(place=asked.daemon.directory, item="", url="https://127.0.0.1")
                 for w in wrong.split()]
        config = []
        if verb.split()[0] in WITH_CONFIG and "--config" not in words:
            config = ["--config", asked.daemon.config_path]
        done = run(*verb.split(), *words, *config, stdin=b"")
        assert done.returncode in (1, 2) and done.stdout == "", (verb, done.stdout)
        assert re.match(r"\S.*: .+\n", done.stderr), (verb, done.stderr)


def test_the_log_in_json_has_what_the_journal_has(desk, web):
    daemon = desk({"bad": {"url": web.put("/b", status=404)}})
    process = subprocess.Popen([binary(), "run", "--json", "--config", str(daemon.config_path)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, env=environment())
    said = {}
    try:
        while "fetch.error" not in said:
            line = json.loads(process.stderr.readline())
            said[line["event"]] = line
        process.terminate()
        out, rest = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    said.update({line["event"]: line for line in map(json.loads, rest.decode().splitlines())})
    assert out == b"" and "daemon.stopped" in said
    error = said["fetch.error"]
    assert error["feed"] == "bad" and error["status"] == "404" and error["level"] == "warning"
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", error["time"])
    assert len({line["run"] for line in said.values()}) == 1

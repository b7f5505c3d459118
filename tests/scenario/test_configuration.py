"""A wrong configuration: a clear line a mistake with file, line and column, exit 2, nothing started."""
import json
import os
import re
import subprocess

import pytest

from daemon import run

GOOD = """\
state: {state}
redis:
  url: unix://{state}/nowhere.sock
feeds:
  one: {{ url: "https://one.example/feed" }}
  two: {{ url: "https://two.example/feed", interval: 15m }}
"""

# name -> (what replaces what in GOOD, line, column or None, words the message must have)
BAD = {
    "unknown section": ("redis:\n", "rediss:\n", 2, 1, ["rediss", "redis"]),
    "unknown key": ("  url: unix", "  ulr: unix", 3, 3, ["ulr", "url"]),
    "unknown feed key": ("interval: 15m", "intervall: 15m", 6, 43, ["intervall", "interval"]),
    "number for a duration": ("interval: 15m", "interval: soon", 6, 53, ["soon"]),
    "list for a text": ("state: {state}", "state: [a, b]", 1, 8, ["state"]),
    "text for a section": ("redis:\n  url: unix://{state}/nowhere.sock\n", "redis: yes\n", 2, 1,
                           ["redis"]),
    "list of feeds": ("feeds:\n  one: {{", "feeds:\n  - one: {{", None, None, []),
    "duplicate slug": ("  two:", "  one:", 6, 3, ["one"]),
    "duplicate key": ("state: {state}\n", "state: {state}\nstate: {state}\n", 2, 1, ["state"]),
    "slug with a space": ("  two:", "  two three:", 6, 3, ["name"]),
    "no url": ('{{ url: "https://one.example/feed" }}', "{{ group: world }}", 5, None, ["url"]),
    "not a url": ('"https://one.example/feed"', '"one.example"', 5, 15, ["one.example"]),
    "ftp": ("https://one", "ftp://one", 5, 15, ["ftp"]),
    "out of range": ("feeds:", "schedule: {{ start_rate: -1 }}\nfeeds:", 4, 25, ["start_rate"]),
    "negative size": ("feeds:", "http: {{ max_body: -5MiB }}\nfeeds:", 4, 19, ["-5MiB"]),
    "bad network": ("feeds:", 'http: {{ allow_private: ["10.0.0.0/33"] }}\nfeeds:', 4, 25,
                    ["network"]),
    "bad choice": ("feeds:", "dedupe: {{ mode: supress }}\nfeeds:", 4, 17,
                   ["supress", "suppress"]),
    "alias": ("feeds:\n  one: {{", "feeds:\n  zero: *x\n  one: {{", 5, 9, []),
    "not yaml": ("feeds:\n", "feeds: {{\n", None, None, []),
    "tab": ("  url: unix", "\turl: unix", 3, None, []),
    "bad redis url": ("url: unix://{state}/nowhere.sock", "url: http://localhost", 3, 3,
                      ["redis.url", "redis://"]),
    "one stream for both": ("redis:\n", "redis:\n  copies_stream: wiredesk:items\n", 3, 3,
                            ["copies_stream"]),
    "floor above ceiling": ("feeds:", "schedule: {{ min_interval: 2h, max_interval: 1h }}\nfeeds:",
                            4, 13, ["min_interval"]),
    "too often for the public": ("interval: 15m", "interval: 10s", 6, 3, ["two", "60s"]),
}
ONE_LINE = re.compile(r"^(?:<[0-7]>)?(?P<file>[^:\n]+):(?P<line>\d+):(?P<column>\d+): (?P<what>.+)\n\Z")


def write(place, text):
    path = place / "wiredesk.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("verb", ["run", "check"])
@pytest.mark.parametrize("name", BAD)
def test_one_line_says_where_and_what(place, verb, name):
    old, new, line, column, words = BAD[name]
    assert old in GOOD
    path = write(place, GOOD.replace(old, new, 1).format(state=place / "state"))
    done = run(verb, "--config", path)
    assert done.returncode == 2, done.stderr
    said = ONE_LINE.match(done.stderr)
    assert said, done.stderr
    assert said["file"] == str(path)
    assert line in (None, int(said["line"])), done.stderr
    assert column in (None, int(said["column"])), done.stderr
    for word in words:
        assert word in said["what"], done.stderr
    assert not (place / "state").exists(), "something was started"


MANY = """\
state: {state}
redis: {{ url: "unix://{state}/nowhere.sock", maxln: 5 }}
feeds:
  one: {{ url: "ftp://one.example/feed" }}
  two: {{ url: "https://two.example/feed", interval: soon, token: "file:/nonexistent/token" }}
scedule: {{ start_rate: 2 }}
"""
MANY_PLACES = [(2, "maxln"), (4, "ftp://one.example"), (5, "interval"), (5, "/nonexistent/token"), (6, "scedule")]


def each_line(stderr):
    return [ONE_LINE.match(line) for line in stderr.splitlines(keepends=True)]


@pytest.mark.parametrize("verb", ["run", "check"])
def test_all_mistakes_are_told_at_once(place, verb):
    path = write(place, MANY.format(state=place / "state"))
    (place / "feeds.d").mkdir()
    (place / "feeds.d" / "10.yaml").mkdir()
    done = run(verb, "--config", path)
    assert done.returncode == 2, done.stderr
    said = each_line(done.stderr)
    assert all(said), done.stderr
    assert [int(m["line"]) for m in said] == [line for line, _ in MANY_PLACES] + [1], done.stderr
    for match, (_, word) in zip(said, MANY_PLACES):
        assert word in match["what"], done.stderr
    assert said[-1]["file"].endswith("feeds.d/10.yaml") and "directory" in said[-1]["what"]
    assert not (place / "state").exists(), "something was started"
    if verb == "check":
        report = json.loads(run("check", "--json", "--config", path).stdout)
        told = [f"{m['where']}: {m['text']}" for m in report["mistakes"]]
        assert told == done.stderr.splitlines() and report["more"] == 0 and not report["ok"]
        assert f"{report['where']}: {report['text']}" == told[0]


def test_very_many_mistakes_are_counted(place):
    feeds = "".join(f"  f{i}: nowhere\n" for i in range(100))
    path = write(place, f"feeds:\n{feeds}")
    *told, rest = run("check", "--config", path).stderr.splitlines(keepends=True)
    assert rest == "and 80 more\n"
    assert [int(ONE_LINE.match(line)["line"]) for line in told] == list(range(2, 22))


def test_a_refused_reload_logs_each_mistake(desk):
    daemon = desk({})
    daemon.start()
    good = daemon.config_path.read_text()
    lines = good.count("\n")
    daemon.config_path.write_text(good + "surprise: true\nproducer: a b\n")
    daemon.reload()
    daemon.wait_event("daemon.reload_failed", count=2)
    events = daemon.events("daemon.reload_failed")
    for i, (event, word) in enumerate(zip(events, ("surprise", "producer"))):
        assert f":{lines + 1 + i}:1: " in event.text and word in event.text
    said = run("ctl", "reload", "--json", "--config", daemon.config_path)
    assert said.returncode == 2, "it says where the socket is, or would, were it right"
    assert len(json.loads(said.stdout)["mistakes"]) == 2, "and is not silent of that"
    daemon.config_path.write_text(good)
    daemon.reload()
    daemon.wait_event("daemon.reload_ok")


@pytest.mark.parametrize("verb", ["run", "check"])
def test_a_missing_file(place, verb):
    done = run(verb, "--config", place / "none.yaml")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "none.yaml" in done.stderr
    assert "No such file" in done.stderr


@pytest.mark.parametrize("verb", ["run", "check"])
def test_an_unreadable_file(place, verb):
    path = place / "dir.yaml"
    path.mkdir()  # root reads every file, but nobody reads a directory
    done = run(verb, "--config", path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and str(path) in done.stderr
    assert "is a directory" in done.stderr


def test_a_state_directory_that_is_a_file(place):
    state = place / "state"
    state.touch()
    done = run("run", "--config", write(place, GOOD.format(state=state)))
    assert done.returncode == 1
    assert f"the state directory {state} cannot be made: Not a directory" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file(place):
    path = write(place, GOOD.format(state=place / "state"))
    path.chmod(0)
    done = run("run", "--config", path)
    assert done.returncode == 2 and "ermission" in done.stderr


def test_wrong_arguments(place):
    for arguments in (["run", "--nonsense"], ["run", "--config"], ["check", "a", "b", "c"],
                      ["nonsense"], []):
        done = run(*arguments, cwd=place)
        assert done.returncode == 2, arguments
        assert done.stderr.strip(), arguments


def test_check_says_what_it_found(place):
    path = write(place, GOOD.format(state=place / "state"))
    done = run("check", "--config", path)
    assert done.returncode == 0, done.stderr
    assert "2 feeds" in done.stdout
    assert not (place / "state").exists(), "check starts nothing"


def test_the_shipped_examples_are_right():
    from corpus import PROJECT  # pylint: disable=import-outside-toplevel
    examples = [p for p in PROJECT.rglob("*.yaml") if "build" not in p.parts
                and not any(part.startswith(".") for part in p.relative_to(PROJECT).parts)
                and p.parent.name != "feeds.d" and "wiredesk" in p.name]
    for path in examples:
        done = run("check", "--config", path)
        assert done.returncode == 0, f"{path}: {done.stderr}"


def test_a_dump_says_where_each_value_comes_from(desk, place):
    desk({"wire": {"url": "https://u:sesame@wire.example/f?k=sesame", "interval": "15m"}},
         schedule={"min_interval": "7m"})
    file = place / "desk0" / "wiredesk.yaml"
    said = run("config", "dump", "--config", file)
    assert said.returncode == 0, said
    line = re.search(r"^  min_interval: 7m +# (.*)$", said.stdout, re.M)
    assert line and line[1].startswith(f"{file}:"), said.stdout
    assert re.search(r"^  max_interval: 1d +# default$", said.stdout, re.M)
    again = place / "again.yaml"
    again.write_text(said.stdout)
    assert run("config", "dump", "--config", again).returncode == 0, "it is a configuration too"
    said = run("config", "dump", "--redact", "--json", "--config", file)
    assert "sesame" not in said.stdout
    rows = [json.loads(row) for row in said.stdout.splitlines()]
    assert {"feed": "wire", "key": "interval", "value": "15m"}.items() <= next(
        r for r in rows if r.get("feed") and r["key"] == "interval").items()
    assert run("config").returncode == 2


# Every key there is, none as by default.
EVERYTHING = """
state: {place}/state
log_level: debug
producer: harbour-desk
redis: {{ url: "redis://127.0.0.1:6399/3", stream: "a:items", copies_stream: "a:copies",
         channel: "a:items:live", copies_channel: "a:c", list: "a:list", maxlen: 5000, max_age: 30d, safe_replicas: 1,
         outbox_max: 64MiB, ca_file: {place}/ca.pem, cert_file: {place}/cert.pem,
         key_file: {place}/key.pem }}
http: {{ user_agent_contact: "https://harbour.example/bot?a=b#c", max_body: 4MiB,
        allow_private: [127.0.0.0/8, "fd00::/8"], connect_timeout: 7s, timeout: 1500ms,
        max_connections: 99, ca_file: {place}/ca.pem }}
schedule: {{ min_interval: 11m, max_interval: 36h, max_fetch_rate: 12.5, start_rate: 3,
            backfill: since:36h }}
dedupe: {{ mode: annotate, scope: group, window: 12h, max_items: 2000, image_after: 123 }}
control: {{ socket: {place}/c.sock, listen: "[::1]:9755" }}
websub: {{ enabled: yes, listen: "127.0.0.1:9756", url: "https://harbour.example/hub", lease: 90m }}
hosts:
  "*.Reddit.example": {{ parallel: 2, gap: 90s }}
  one.example: {{ gap: 0 }}
lists:
  subs: {{ url: "https://u:pw@lists.example/l.opml?k=1&m=2", interval: 20m, shrink: 12.5,
          user_agent: "it's me", allow_private: [10.0.0.0/8], headers: {{ X-Key: "file:secret" }},
          token: "file:secret", proxy: none, http2: off, connect_timeout: 2s, timeout: 20s }}
  more: {{ url: "https://more.example/", username: me, password: "file:secret" }}
groups:
  coast: {{ weight: 3, trust: low, websub: off, timeout: 9s }}
  "b: \\"x\\"": {{ http2: off, headers: {{ X-Key: "file:secret" }} }}
  "G & H": {{ paused: yes }}
defaults: {{ min_interval: 13m, timeout: 12s }}
feeds:
  all: {{ url: "https://all.example/?q=\\"x\\"", group: coast, interval: 15m, min_interval: 14m,
         max_interval: 2d, weight: 0.25, trust: high, paused: yes, user_agent: "a # b: c",
         allow_private: ["192.168.0.0/16"], headers: {{ Accept-Language: de, X-Key: "file:secret" }},
         token: "file:secret", proxy: "socks5h://proxy.example:1080", http2: off,
         connect_timeout: 3s, timeout: 250s, websub: on }}
  basic: {{ url: "https://basic.example/", username: "me, and \\"you\\"", password: "file:secret" }}
  plain: https://plain.example/feed
  again: {{ url: "https://again.example/", group: coast, weight: 1, timeout: 30s }}
"""


def test_a_dump_of_everything_is_read_again_the_same(place):
    """dump, check, dump: with every key, and lists of both kinds."""
    (place / "secret").write_text("sesame\n")
    (place / "one.yaml").write_text(EVERYTHING.format(place=place))
    lists = place / "state" / "lists"
    lists.mkdir(parents=True)
    lists.joinpath("subs.opml").write_text(
        '<opml><body><outline xmlUrl="https://fetched.example/"/></body></opml>')
    (place / "feeds.d").mkdir()
    (place / "feeds.d" / "mine.opml").write_text(
        '<opml><body><outline text="G &amp; H"><outline xmlUrl="https://mine.example/"/>'
        '</outline></body></opml>')

    def dumped(name, *arguments):
        done = run("config", "dump", "--config", place / name, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    rows = [json.loads(line) for line in dumped("one.yaml", "--json").splitlines()]
    kinds = ("feed", "list", "host")
    unset = {r["key"] for r in rows if r["from"] == "default" and not any(k in r for k in kinds)}
    assert unset == set(), "this test has every key"
    assert {r["list"] for r in rows if "list" in r} == {"subs", "more"}
    assert {r["host"] for r in rows if "host" in r} == {"*.Reddit.example", "one.example"}

    first = dumped("one.yaml")
    assert "\n  subs: {" in first and "\n#  fetched-example" in first and "sesame" not in first
    texts = [first]
    (place / "feeds.d" / "mine.opml").unlink()  # the dump has its feed
    for name in ("two.yaml", "three.yaml"):
        (place / name).write_text(texts[-1].replace('"***"', '"file:secret"'))
        checked = run("check", "--config", place / name)
        assert checked.returncode == 0, checked.stderr
        texts.append(dumped(name))
    bare = [[re.sub(r" +# \S+$", "", line) for line in text.splitlines()[1:]] for text in texts]
    assert bare[0] == bare[1] == bare[2]


def test_probes_say_what_a_start_would_meet(desk, redis, place):
    desk({}, control={"listen": "127.0.0.1:0"})
    file = place / "desk0" / "wiredesk.yaml"
    said = run("check", "--probe", "--config", file)
    assert said.returncode == 0 and "PONG" in said.stdout, said
    assert run("run", "--dry-run", "--config", file).stdout == said.stdout
    assert not (place / "desk0" / "state").exists(), "nothing was started"
    redis.kill()
    said = run("check", "--probe", "--json", "--config", file)
    assert said.returncode == 1
    report = json.loads(said.stdout)
    bad = [p for p in report["probes"] if not p["ok"]]
    assert not report["ok"] and [p["name"] for p in bad] == ["redis"], report
    file.write_text("redis: 7\n")
    report = json.loads(run("check", "--json", "--config", file).stdout)
    assert not report["ok"] and report["where"].startswith(str(file))


@pytest.mark.parametrize("state,ok,says", [
    ("new", True, "the start makes it"),
    ("not/there", False, "not is not there either"),
    ("file", False, "file is no directory"),
    ("file/below", False, "file/below"),
])
def test_a_state_that_cannot_become_one_is_bad(desk, place, state, ok, says):
    (place / "file").write_text("")
    desk({}, state=str(place / state), control={"listen": "127.0.0.1:0"})
    said = run("check", "--probe", "--json", "--config", place / "desk0" / "wiredesk.yaml")
    found, = [p for p in json.loads(said.stdout)["probes"] if p["name"] == "state"]
    assert found["ok"] == ok and says in found["text"], found


def test_feeds_that_share_an_address_are_noted(desk, place):
    a, b = "https://a.example/", "https://b.example/"
    desk({"one": {"url": a}, "two": {"url": b}, "three": {"url": a}, "four": {"url": a}})
    file = place / "desk0" / "wiredesk.yaml"
    said = run("check", "--config", file)
    assert said.returncode == 0, said
    assert [line.split()[1:6] for line in said.stdout.splitlines() if " note " in line] == [
        [name, "has", "the", "address", "of"] for name in ("one", "three")], said.stdout
    assert json.loads(run("check", "--json", "--config", file).stdout)["repeated"] == ["one", "three"]


def test_an_address_that_nobody_can_ask_is_named(desk, place):
    desk({})
    (place / "desk0" / "feeds.d").mkdir()
    (place / "desk0" / "feeds.d" / "list.opml").write_text(
        '<opml><body><outline xmlUrl="https://a.example/"/><outline xmlUrl="gopher://b.example/"/>'
        "</body></opml>")
    said = run("check", "--config", place / "desk0" / "wiredesk.yaml")
    assert said.returncode == 2 and "list.opml" in said.stderr, said
    assert "1 of its addresses is neither http nor https: 'gopher://b.example/'" in said.stderr


def test_a_newcomer_is_told_how_to_begin(place):
    said = run("run", cwd=place)
    assert said.returncode == 2 and "redis: embedded" in said.stderr, said
    first, second, third = [r[2:] for r in said.stderr.splitlines() if r.startswith("  ")]
    subprocess.run(first, shell=True, cwd=place, check=True)
    assert second.startswith("wiredesk feeds add ") and third == "wiredesk run", said
    said = run("check", cwd=place)
    assert said.returncode == 0 and "0 feeds" in said.stdout, said

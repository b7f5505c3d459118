"""`wiredesk explain item`: why a copy was a copy, beside a running daemon and after it."""
import json

import pytest

import events
import stories
from daemon import run

TEXT = stories.text("levee", 150)


@pytest.fixture(name="told")
def fixture_told(desk, client, web):
    """A story, its copy under another title, a stranger, and an update of the stranger."""
    first = stories.story("levee", TEXT, title="The levee held, engineers say")
    copy = stories.story("levee-copy", "By our correspondent. " + TEXT, title="Engineers: it held",
                         link="https://other.example/held")
    stranger = stories.story("stranger", stories.text("other", 90))
    one = web.put("/one", stories.rss([first]))
    two = web.put("/two", stories.rss([]))
    daemon = desk({"one": {"url": one, "interval": "1s"}, "two": {"url": two, "interval": "1s"}})
    daemon.start()
    daemon.wait(lambda: events.length(client) == 1, "the story")
    web.put("/two", stories.rss([copy, stranger]))
    daemon.wait(lambda: len(events.read_both(client)) == 3, "its copy and the stranger")
    web.put("/two", stories.rss([copy, {**stranger, "title": "A stranger, corrected"}]))
    daemon.wait(lambda: len(events.read_both(client)) == 4, "the update")
    items = {e.raw_id: e.item["uri"] for e in events.read_both(client)}
    return daemon, {"first": items[first["id"]], "copy": items[copy["id"]],
                    "stranger": items[stranger["id"]], "link": copy["link"]}


def explain(daemon, *words):
    done = run("explain", "item", "--config", daemon.config_path, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_copy_is_explained_while_the_daemon_runs_and_after(told):
    daemon, uri = told
    while_it_runs = explain(daemon, uri["copy"])
    assert uri["first"] in while_it_runs and "copy, decided" in while_it_runs
    assert "nearly the same words" in while_it_runs and "words in a row" in while_it_runs
    assert "The levee held, engineers say" in while_it_runs
    assert daemon.stop() == 0
    assert explain(daemon, uri["copy"].rsplit(":", 1)[1]) == while_it_runs
    assert explain(daemon, uri["link"]) == while_it_runs


def test_as_json_with_its_cluster(told):
    daemon, uri = told
    said = json.loads(explain(daemon, "--json", uri["copy"]))
    assert said["id"] == uri["copy"] and said["feed"] == "two"
    assert said["decision"]["verdict"] == "copy" and said["with"]["id"] == uri["first"]
    assert said["decision"]["coverOther"] > 0.9 and said["decision"]["longestRun"] > 100
    assert said["cluster"]["size"] == 2
    assert [i["id"] for i in said["cluster"]["items"]] == [uri["first"], uri["copy"]]


def test_an_update_says_what_changed(told):
    daemon, uri = told
    said = explain(daemon, uri["stranger"])
    assert "new, decided" in said and "nothing like it was met" in said
    assert "1 time, last" in said and "headline" in said and "A stranger, corrected" in said


def test_what_is_not_there_is_said(told, place):
    daemon, _ = told
    for words, code, text in (
            (["item", "--config", daemon.config_path, "urn:wiredesk:item:" + 24 * "0"], 1, "no item"),
            (["item", "--config", daemon.config_path, "nonsense"], 1, "no item"),
            (["item", "--config", daemon.config_path], 2, "id or link"),
            (["weather"], 2, "item, feed"), ([], 2, "item, feed")):
        done = run("explain", *words)
        assert done.returncode == code and text in done.stderr and not done.stdout, words
    empty = place / "empty.yaml"
    empty.write_text(f"state: {place}/none\nfeeds: {{}}\n")
    done = run("explain", "item", "--config", empty, "urn:wiredesk:item:" + 24 * "0")
    assert done.returncode == 1 and "no ledger" in done.stderr


def test_two_texts_are_compared_in_either_order(place):
    one, two = place / "one.txt", place / "two.html"
    one.write_text("The levee held\n\n" + TEXT)
    two.write_text("<p>By our correspondent.</p><p>" + TEXT + "</p>")
    done = run("dedup", "compare", one, two)
    assert done.returncode == 0, done.stderr
    assert '150 words, "The levee held"' in done.stdout and "100 % of A" in done.stdout
    assert "B after A  copy: nearly the same words" in done.stdout
    said = json.loads(run("dedup", "compare", "--json", one, two).stdout)
    assert said["a"]["verdictAfterOther"] == said["b"]["verdictAfterOther"] == "copy"
    assert said["longestRun"] >= 140 and said["a"]["cover"] == 1
    said = json.loads(run("dedup", "compare", "--json", one, "-",
                          stdin=stories.text("other", 90).encode()).stdout)
    assert said["b"]["verdictAfterOther"] == "new" and said["b"]["cover"] == 0
    same = json.dumps({"title": "Held", "url": "https://a.example/x", "content_text": TEXT})
    said = json.loads(run("dedup", "compare", "--json", same, same).stdout)
    assert said["b"]["rule"] == "same-canonical-link" and said["sameWords"]
    for words, code in ((["a"], 2), (["a", "b", "c"], 2), (["--loud", "a", "b"], 2), (["a", ""], 1)):
        assert run("dedup", "compare", *words).returncode == code, words

"""tests/systemd/test_journal.py - native fields, message ids and their catalog."""
import collections
import re

import pytest

from conftest import PROJECT
import stories

CATALOG = PROJECT / "systemd/wiredesk.catalog"
NATIVE = ("MESSAGE", "PRIORITY", "MESSAGE_ID", "WIREDESK_EVENT")


@pytest.fixture(name="busy")
def busy_station(station):
    good = station.web.put("/wire", stories.rss(stories.stories("wire", 3)))
    bad = station.web.put("/broken", status=404)
    station.configure({"wire": {"url": good, "interval": "1s"}, "broken": {"url": bad}})
    station.systemctl("start")
    station.wait(lambda: station.told() == 3, "three stories are told")
    station.wait_event("fetch.error")
    station.systemctl("reload")
    station.wait_event("daemon.reload_ok")
    station.systemctl("stop")
    return station


def own(station):
    """What the daemon itself said in its newest life."""
    return [record for record in station.events() if record.get("_COMM") == "wiredesk"]


def test_every_record_has_the_native_fields(busy):
    records = own(busy)
    assert len(records) >= 5
    for record in records:
        assert record["_TRANSPORT"] == "journal", record["MESSAGE"]  # not text on stderr
        assert [field for field in NATIVE if field not in record] == [], record
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", record["WIREDESK_EVENT"])
        assert record["_SYSTEMD_UNIT"] == "wiredesk.service"


def test_an_event_has_one_message_id_of_its_own(busy):
    ids = collections.defaultdict(set)
    for record in own(busy):
        ids[record["WIREDESK_EVENT"]].add(record["MESSAGE_ID"])
    assert all(len(found) == 1 for found in ids.values())
    assert len(set.union(*ids.values())) == len(ids)


def test_a_broken_feed_can_be_found_by_its_fields(busy):
    found = busy.machine.journal("-u", "wiredesk", "WIREDESK_EVENT=fetch.error",
                                 "WIREDESK_FEED=broken")
    record = found[-1]
    assert record["WIREDESK_STATUS"] == "404"
    assert record["WIREDESK_NEXT_POLL"]
    assert int(record["PRIORITY"]) <= 4


def test_a_life_has_its_landmarks_once_and_in_order(busy):
    landmarks = ("daemon.start", "daemon.ready", "daemon.reload_ok", "daemon.stop")
    said = [record["WIREDESK_EVENT"] for record in own(busy)]
    assert [event for event in said if event in landmarks] == list(landmarks)


def test_hostile_text_stays_in_its_field(station):
    forged = stories.story("x", title="a\nPRIORITY=0\nFORGED=1")
    url = station.web.put("/wire", stories.rss([forged]))
    bad = station.web.put("/bad", body="\x1b[31mnot a feed\nFORGED=1", content_type="text/plain")
    station.configure({"wire": {"url": url}, "bad": {"url": bad}})
    station.systemctl("start")
    station.wait(lambda: station.told() == 1, "the story is told")
    station.wait(lambda: len(station.web.requests("/bad")) >= 1, "the other is asked")
    station.systemctl("stop")
    assert station.machine.journal("FORGED=1") == []
    assert all("\x1b" not in record["MESSAGE"] for record in own(station))


def test_the_catalog_explains_every_event(busy):
    entries = dict(re.findall(r"^-- ([0-9a-f]{32})\n((?:.*\n)*?)(?=^-- |\Z)",
                              CATALOG.read_text("utf-8"), re.MULTILINE))
    seen = {record["MESSAGE_ID"]: record["WIREDESK_EVENT"] for record in own(busy)}
    assert {event for id_, event in seen.items() if id_ not in entries} == set()
    # The package's files are in journalctl's database: dpkg's trigger of systemd saw to that.
    record = next(r for r in own(busy) if r["WIREDESK_EVENT"] == "fetch.error")
    said = busy.machine.run("journalctl", "-x", "--no-pager", "-o", "short",
                            f"MESSAGE_ID={record['MESSAGE_ID']}").stdout
    assert "Subject: wiredesk: fetch.error" in said and "What to do: " in said

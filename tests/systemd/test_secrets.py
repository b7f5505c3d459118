"""tests/systemd/test_secrets.py - a credential arrives, and shows up nowhere."""
import json
import re

import pytest

import stories

CANARY = "c4n4ry-f0r-r3d15"
FEED_CANARY = "c4n4ry-0f-a-f33d"


@pytest.fixture(name="guarded")
def guarded_station(station):
    """Redis wants a password; wiredesk has it as a credential; a feed's URL holds another secret."""
    machine = station.machine
    machine.write("/etc/redis-password-of-test", CANARY + "\n", mode=0o600)
    machine.run("redis-cli", "CONFIG", "SET", "requirepass", CANARY)
    station.drop_in("LoadCredential=redis-password:/etc/redis-password-of-test")
    path = f"/wire?token={FEED_CANARY}"
    url = station.web.put(path, stories.rss(stories.stories("wire", 3)))
    broken = station.web.put(f"/broken?token={FEED_CANARY}", status=500)
    url = url.replace("http://", f"http://reader:{FEED_CANARY}@")
    station.configure({"wire": {"url": url}, "broken": {"url": broken}}, redis={
        "url": "redis://127.0.0.1:6379/0",
        "password_file": "/run/credentials/wiredesk.service/redis-password"})
    yield station
    machine.run("systemctl", "stop", "wiredesk")
    machine.run("redis-cli", "-a", CANARY, "CONFIG", "SET", "requirepass", "")


def redis(station, *words):
    return station.redis("--no-auth-warning", "-a", CANARY, *words)


def test_a_credential_arrives_and_never_shows(guarded):
    machine = guarded.machine
    guarded.systemctl("start")
    guarded.wait(lambda: redis(guarded, "XLEN", "wiredesk:items") == "3", "three stories are told")
    guarded.wait_event("fetch.error")
    pid = guarded.machine.pid_of("wiredesk.service")
    places = {
        "journal": json.dumps(machine.journal("-u", "wiredesk.service")),
        "status": machine.run("systemctl", "status", "wiredesk", check=False).stdout,
        "properties": machine.run("systemctl", "show", "wiredesk").stdout,
        "metrics": guarded.page("metrics"),
        "processes": machine.run("sh", "-c", "cat /proc/[0-9]*/cmdline",
                                 check=False).stdout,  # a minimal Debian has no ps
        "environment": open(f"/proc/{pid}/environ", "rb").read().decode(),
        "events": redis(guarded, "XRANGE", "wiredesk:items", "-", "+"),
    }
    for page in ("healthz", "feeds.json", ""):
        places[f"/{page}"] = guarded.page(page)
    for place, text in places.items():
        assert text, place
        for canary in (CANARY, FEED_CANARY):
            assert canary not in text, place


def test_the_credential_is_for_the_service_alone(guarded):
    guarded.systemctl("start")
    said = guarded.machine.run(
        "runuser", "-u", "nobody", "--", "cat",
        "/run/credentials/wiredesk.service/redis-password", check=False)
    assert said.returncode != 0 and "denied" in said.stderr


def test_a_wrong_password_is_said_in_words(guarded):
    guarded.machine.write("/etc/redis-password-of-test", "not-it\n", mode=0o600)
    guarded.systemctl("start", check=False)

    def complaint():
        return [record["MESSAGE"] for record in guarded.machine.journal("-u", "wiredesk.service")
                if re.search(r"redis.*password|WRONGPASS|NOAUTH", record["MESSAGE"], re.IGNORECASE)]
    guarded.wait(complaint, "a sentence about the password")
    assert all("not-it" not in sentence for sentence in complaint())

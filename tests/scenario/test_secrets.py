"""A feed's own request settings: what is secret reaches its own host, and nobody else at all."""
import http.client
import pathlib

import pytest

import events
import stories
from daemon import run
from feed_server import FeedServer

CANARY = "canary-0f4d2e"


@pytest.fixture
def hosts():
    server = FeedServer(["127.0.0.1", "127.0.0.2"]).start()
    yield server
    server.stop()


def page(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    body = connection.getresponse().read().decode()
    connection.close()
    return body


def configure(desk, hosts, place):
    """Feeds with every kind of secret: some work, one is sent away, one is refused."""
    secrets = place / "secrets"
    secrets.mkdir()
    for name in ("token", "password", "key"):
        (secrets / name).write_text(f"{CANARY}-{name}\n")
    url = hosts.put("/f", stories.rss(stories.stories("secret", 2)))
    away = hosts.put("/away", status=302,
                     headers=[f"Location: {hosts.url('/other', '127.0.0.2')}"])
    hosts.put("/other", stories.rss(stories.stories("other", 1)))
    refused = hosts.put("/refused", status=401)
    feeds = {
        "token": {"url": url, "token": "credential:token", "interval": "1s"},
        "basic": {"url": url + "?f=2", "username": "reader", "interval": "1s",
                  "password": f"file:{secrets}/password"},
        "away": {"url": away, "group": "keyed", "interval": "1s"},
        "refused": {"url": refused, "group": "keyed"},
        "userinfo": url.replace("//", f"//reader:{CANARY}@") + f"?token={CANARY}",
    }
    hosts.put("/f?f=2", stories.rss(stories.stories("basic", 1)))
    hosts.put(f"/f?token={CANARY}", stories.rss(stories.stories("userinfo", 1)))
    daemon = desk(feeds, log_level="debug", control={"listen": "127.0.0.1:0"},
                  groups={"keyed": {"headers": {"X-Api-Key": f"file:{secrets}/key",
                                                "Accept-Language": "de"}}})
    daemon.extra_environment["CREDENTIALS_DIRECTORY"] = str(secrets)
    return daemon


def test_secrets_are_sent_where_they_belong_and_shown_nowhere(desk, client, hosts, place):
    daemon = configure(desk, hosts, place).start()
    port = int(daemon.wait_event("control.listen").fields["PORT"])
    daemon.wait(lambda: events.length(client) == 5, "every feed that may be read was")
    daemon.wait_event("fetch.error", FEED="refused")

    def sent(path, address="127.0.0.1"):
        return [r for r in hosts.requests(path) if r.address == address][-1]
    assert sent("/f").header("Authorization") == f"Bearer {CANARY}-token"
    assert sent("/f?f=2").header("Authorization").startswith("Basic ")
    assert sent("/away").header("X-Api-Key") == f"{CANARY}-key"
    assert sent("/away").header("Accept-Language") == "de"
    for request in hosts.requests():
        if request.address == "127.0.0.2":
            assert CANARY not in "\n".join(request.raw_headers), request
            assert request.header("Accept-Language") is None

    shown = {"log": daemon.raw_log(), "metrics": page(port, "/metrics"),
             "health": page(port, "/healthz"),
             "ps": pathlib.Path(f"/proc/{daemon.pid}/cmdline").read_text("utf-8")}
    for stream in ("wiredesk:items", "wiredesk:copies"):
        shown[stream] = str(client.xrange(stream))
    environment = {"CREDENTIALS_DIRECTORY": daemon.extra_environment["CREDENTIALS_DIRECTORY"]}
    for verb in (["check"], ["feeds", "list"], ["feeds", "list", "--json"], ["feeds", "status"],
                 ["feeds", "status", "--json"], ["feeds", "due"],
                 ["config", "dump", "--redact"], ["config", "dump", "--redact", "--json"]):
        done = run(*verb, "--config", daemon.config_path, **environment)
        assert done.returncode == 0, done.stderr
        shown[" ".join(verb)] = done.stdout + done.stderr
    whole = run("config", "dump", "--config", daemon.config_path, **environment).stdout
    assert not any(f"{CANARY}-{name}" in whole for name in ("token", "password", "key"))
    for where, text in shown.items():
        assert text and CANARY not in text, where
    ledger = b"".join(p.read_bytes() for p in daemon.state.iterdir() if p.is_file())
    for name in ("token", "password", "key"):
        assert f"{CANARY}-{name}".encode() not in ledger, "what a file holds is stored nowhere else"
    assert f"reader:{CANARY}".encode() not in ledger, "nor is a password in an address"


def test_a_changed_secret_is_taken_over_by_a_reload(desk, client, hosts, place):
    daemon = configure(desk, hosts, place).start()
    daemon.wait(lambda: events.length(client) == 5, "all items")
    (place / "secrets" / "token").write_text("the-next-one\n")
    daemon.reload()
    daemon.wait_event("feed.changed", FEED="token")
    daemon.wait(lambda: hosts.requests("/f")[-1].header("Authorization") == "Bearer the-next-one",
                "the new token is used")
    (place / "secrets" / "token").unlink()
    daemon.reload()
    failed = daemon.wait_event("daemon.reload_failed")
    assert "secrets/token" in failed.text and daemon.alive()

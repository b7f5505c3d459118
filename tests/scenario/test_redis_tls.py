"""rediss://: works where the build has TLS to Redis, and is refused in one sentence where not."""
import subprocess

import pytest
import redis as redis_module

import events
import stories
from daemon import run
from redis_server import RedisServer, free_port

NO_TLS = "no TLS to Redis"


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture
def secured(place):
    """A Redis that speaks TLS only, its authority, and a stranger's."""
    for name in ("ca", "stranger"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", f"{place}/{name}.key", "-out", f"{place}/{name}.pem", "-days", "2",
                "-subj", f"/CN=desk test {name}")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            f"{place}/server.key", "-out", f"{place}/server.csr", "-subj", "/CN=redis")
    (place / "names").write_text("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", f"{place}/server.csr", "-CA", f"{place}/ca.pem", "-CAkey",
            f"{place}/ca.key", "-CAcreateserial", "-days", "2", "-extfile", f"{place}/names",
            "-out", f"{place}/server.pem")
    port = free_port()
    server = RedisServer(place / "secured", options=(
        "--tls-port", str(port), "--tls-cert-file", f"{place}/server.pem", "--tls-key-file",
        f"{place}/server.key", "--tls-ca-cert-file", f"{place}/ca.pem", "--tls-auth-clients", "no"))
    server.tls_port = port
    yield server.start()
    server.stop()


def has_tls(desk):
    return NO_TLS not in run("check", "--config", desk.config_path).stderr


def test_check_and_run_refuse_it_where_the_build_has_none(desk):
    daemon = desk({}, redis_url="rediss://localhost:1/0")
    checked = run("check", "--config", daemon.config_path)
    if checked.returncode == 0:
        pytest.skip("this build has TLS to Redis")
    assert checked.returncode == 2 and "redis.url" in checked.stderr and NO_TLS in checked.stderr
    assert len(checked.stderr.strip().splitlines()) == 1
    ran = run("run", "--config", daemon.config_path)
    assert ran.returncode == 2 and NO_TLS in ran.stderr


def test_hands_on_over_tls(desk, secured, web, place):
    url = web.put("/f", stories.rss(stories.stories("tls", 40)))
    daemon = desk({"wire": {"url": url, "interval": "1s"}},
                  redis={"url": f"rediss://localhost:{secured.tls_port}/0",
                         "ca_file": str(place / "ca.pem")})
    if not has_tls(daemon):
        pytest.skip("this build has no TLS to Redis")
    daemon.start()
    client = secured.client()
    daemon.wait(lambda: events.length(client) == 40, "40 items")
    client.client_kill_filter(_type="normal", skipme=True)
    web.put("/f", stories.rss(stories.stories("tls", 60)))
    daemon.wait(lambda: events.length(client) == 60, "60 items")
    assert daemon.stop() == 0


@pytest.mark.parametrize("wrong", ["stranger", "name", "missing", "plain"])
def test_what_is_wrong_is_one_sentence(desk, secured, web, place, wrong):
    host = "127.0.0.1" if wrong == "name" else "localhost"  # the certificate names localhost
    port = secured.tls_port
    if wrong == "plain":
        port = free_port()
        secured.client().config_set("port", port)
    authority = {"stranger": "stranger.pem", "missing": "nowhere.pem"}.get(wrong, "ca.pem")
    daemon = desk({"wire": {"url": web.put("/f", stories.rss(stories.stories("w", 3))),
                            "interval": "1s"}},
                  redis={"url": f"rediss://{host}:{port}/0", "ca_file": str(place / authority)})
    if not has_tls(daemon):
        pytest.skip("this build has no TLS to Redis")
    daemon.start(ready=False)
    said = daemon.wait_event("redis.lost")
    assert said.reason == "TLS", said
    assert "wait in the outbox" in said.text
    assert daemon.stop() == 0


def test_a_loss_has_its_right_name(desk, redis, client, web):
    """Whatever the build: the reason of a lost connection is what happened."""
    daemon = desk({}, redis_url=f"redis://127.0.0.1:{free_port()}/0").start(ready=False)
    assert daemon.wait_event("redis.lost").reason == "REFUSED"
    assert daemon.stop() == 0
    daemon = desk({"wire": {"url": web.put("/f", stories.rss(stories.stories("w", 3))),
                            "interval": "1s"}}).start()
    daemon.wait(lambda: events.length(client) == 3, "3 items")
    redis.kill()
    assert daemon.wait_event("redis.lost").reason == "CLOSED"
    assert daemon.stop() == 0


@pytest.mark.parametrize("url,reason", [("wrong:secret@", "WRONGPASS"), ("", "NOAUTH")])
def test_a_refused_user_is_one_sentence(desk, redis, client, url, reason):
    port = free_port()
    client.config_set("port", port)
    client.execute_command("ACL", "SETUSER", "default", "resetpass", ">other")
    daemon = desk({}, redis_url=f"redis://{url}127.0.0.1:{port}/0").start(ready=False)
    said = daemon.wait_event("redis.lost")
    assert said.reason == reason and said.level == 3, said
    assert daemon.stop() == 0
    redis_module.Redis(port=port, password="other").execute_command(
        "ACL", "SETUSER", "default", "nopass")


def test_a_database_that_is_not_there(desk, redis, client):
    port = free_port()
    client.config_set("port", port)
    daemon = desk({}, redis_url=f"redis://127.0.0.1:{port}/99").start(ready=False)
    said = daemon.wait_event("redis.lost")
    assert "DB" in said.text and said.level == 3, said
    assert daemon.stop() == 0

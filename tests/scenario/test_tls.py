"""Feeds over TLS: whom we trust, what a handshake costs the server, and HTTP/2."""
import os
import shutil
import ssl
import subprocess
import textwrap

import pytest

import stories
from feed_server import FeedServer, refused_url
from waiting import wait_until


def certificate(place, name, subject="IP:127.0.0.1"):
    """A self-signed one and its key in one file."""
    path, key = place / f"{name}.pem", place / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName={subject}", "-keyout", key, "-out", path],
                   capture_output=True, check=True)
    path.write_text(path.read_text() + key.read_text())
    return path


def context(pem):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    return tls


@pytest.fixture
def secure(place):
    server = FeedServer(tls=context(certificate(place, "good"))).start()
    yield server
    server.stop()


def feed(server, path, **more):
    url = server.put(path, stories.rss(stories.stories(path.strip("/"), 2)), **more)
    return {"url": url, "interval": "1s"}


@pytest.mark.parametrize("http2", ["auto", "off"])
def test_feeds_of_one_host_share_a_connection(desk, place, secure, http2):
    feeds = {f"f{n}": {**feed(secure, f"/f{n}"), "http2": http2} for n in range(3)}
    daemon = desk(feeds, http={"ca_file": str(place / "good.pem")}).start()
    daemon.wait(lambda: len(secure.requests()) >= 15, "five rounds")
    assert daemon.stop() == 0
    assert secure.connections <= 3, "each feed may have found the others' connection busy once"
    assert sum(r.status == 304 for r in secure.requests()) >= 9


def test_certificates_are_read_once_and_sessions_resumed(desk, place, secure):
    """Each answer closes its connection: every poll is a handshake."""
    wire = feed(secure, "/f", headers=["Connection: close"])
    trusted = place / "trusted.pem"
    shutil.copy(place / "good.pem", trusted)
    daemon = desk({"wire": wire}, http={"ca_file": str(trusted)}).start()
    daemon.wait(lambda: len(secure.requests()) >= 1, "a first poll")
    trusted.unlink()
    daemon.wait(lambda: len(secure.requests()) >= 4, "three more, without the file")
    assert daemon.stop() == 0
    assert not daemon.events("fetch.error")
    assert secure.connections >= 4
    assert all(r.resumed for r in secure.requests()[1:]), "a full handshake each time"


@pytest.mark.parametrize("subject,trusted", [("IP:127.0.0.1", "other"),
                                             ("DNS:elsewhere.example", "wrong")])
def test_who_cannot_be_trusted_is_not_asked(desk, place, subject, trusted):
    """Neither a certificate that nobody vouches for, nor one made out to somebody else."""
    certificate(place, "other")
    server = FeedServer(tls=context(certificate(place, "wrong", subject))).start()
    try:
        daemon = desk({"wire": feed(server, "/f")},
                      http={"ca_file": str(place / f"{trusted}.pem")}).start()
        assert daemon.wait_event("fetch.error", FEED="wire").reason == "tls"
        assert daemon.stop() == 0
        assert not server.requests()
    finally:
        server.stop()


def test_http2_where_it_is_offered(desk, place, web):
    haproxy = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
    if haproxy is None:
        pytest.skip("haproxy is missing: nobody here speaks HTTP/2")
    url, held = refused_url()
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    held.close()
    config = place / "haproxy.cfg"
    config.write_text(textwrap.dedent(f"""\
        defaults
            mode http
            timeout client 60s
            timeout server 60s
            timeout connect 10s
        frontend f
            bind 127.0.0.1:{port} ssl crt {certificate(place, "good")} alpn h2,http/1.1
            http-request set-header X-Version %[fc_http_major]
            http-request set-header X-Connection %[src_port]
            default_backend b
        backend b
            server s 127.0.0.1:{web.port}
        """))
    proxy = subprocess.Popen(["/usr/bin/setpriv", "--pdeathsig", "KILL", "--",
                              haproxy, "-db", "-f", config])
    try:
        feeds = {}
        for name, http2 in (("one", "auto"), ("two", "auto"), ("three", "off"), ("four", "off")):
            feeds[name] = {**feed(web, f"/{name}"), "url": f"https://127.0.0.1:{port}/{name}",
                           "http2": http2}
        daemon = desk(feeds, http={"ca_file": str(place / "good.pem")}).start()
        wait_until(lambda: len(web.requests()) >= 16, "some polls through the proxy", 60)
        assert daemon.stop() == 0
        for version, paths in (("2", ("/one", "/two")), ("1", ("/three", "/four"))):
            asked = [r for r in web.requests() if r.path in paths]
            assert {r.header("X-Version") for r in asked} == {version}
            assert len({r.header("X-Connection") for r in asked}) <= 2
    finally:
        proxy.terminate()
        proxy.wait(timeout=10)

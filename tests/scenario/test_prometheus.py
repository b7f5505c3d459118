"""A real Prometheus reads wiredesk, and every query of docs/grafana finds what it asks for."""
import json
import re
import shutil
import subprocess
import urllib.parse
import urllib.request

import pytest
import yaml

from corpus import PROJECT
from redis_server import free_port
from waiting import wait_until
import stories

GRAFANA = PROJECT / "docs/grafana"
STEP = "5s"  # stands for Grafana's $__rate_interval, at a scrape a second
OWN = re.compile(r"\b((?:wiredesk|process)_[a-z_]+)")
SELECTOR = re.compile(r"\b((?:wiredesk|process)_[a-z_]+|up)(\{[^}]*\})?")

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None or shutil.which("promtool") is None,
    reason="prometheus is not installed")


def promtool(*arguments, text=None):
    return subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True,
                          check=False, timeout=120, cwd=GRAFANA)


def dashboard():
    return json.loads((GRAFANA / "dashboard.json").read_text("utf-8"))


def dashboard_queries():
    panels = dashboard()["panels"]
    found = {f"{panel['title']}, {target['legendFormat'] or 'value'}": target["expr"]
             for panel in panels for target in panel.get("targets", [])}
    found.update({f"annotation {a['name']}": a["expr"] for a in dashboard()["annotations"]["list"]})
    return {name: expr.replace("$__rate_interval", STEP).replace("$instance", ".*")
            for name, expr in found.items()}


# What Grafana's own types (13.2: dashboard, stat and timeseries panels) do without in no panel.
OPTIONS = {
    "stat": {"reduceOptions", "orientation", "colorMode", "graphMode", "textMode", "justifyMode",
             "percentChangeColorMode", "showPercentChange", "wideLayout"},
    "timeseries": {"legend", "tooltip"},
}


def test_the_dashboard_is_whole_and_its_panels_do_not_overlap():
    panels, taken = dashboard()["panels"], set()
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        cells = {(place["x"] + x, place["y"] + y)
                 for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, f"{panel['title']} lies over another"
        taken |= cells
        if panel["type"] == "row":
            continue
        assert OPTIONS[panel["type"]] <= set(panel["options"]), panel["title"]
        if "legend" in panel["options"]:
            assert set(panel["options"]["legend"]) == {"calcs", "displayMode", "placement",
                                                       "showLegend"}, panel["title"]
        assert {"defaults", "overrides"} <= set(panel["fieldConfig"]), panel["title"]
        assert len({t["refId"] for t in panel["targets"]}) == len(panel["targets"])
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == panel["datasource"]["uid"] == "${datasource}"


def alert_rules():
    text = (GRAFANA / "alerts.yaml").read_text("utf-8")
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


class Prometheus:
    """A server of our own on a free port, with its data in a private directory."""

    def __init__(self, directory, target):
        self.base = f"http://127.0.0.1:{free_port()}"
        self.directory = directory
        directory.mkdir()
        (directory / "prometheus.yaml").write_text(yaml.safe_dump({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(GRAFANA / "alerts.yaml")],
            "scrape_configs": [{"job_name": "wiredesk", "static_configs": [{"targets": [target]}]}],
        }))
        self.log = open(directory / "log", "wb")
        self.process = subprocess.Popen(
            ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--", "prometheus",
             f"--config.file={directory}/prometheus.yaml", f"--storage.tsdb.path={directory}/data",
             f"--web.listen-address={self.base.removeprefix('http://')}"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def must_live(self, what):
        if self.process.poll() is not None:
            said = (self.directory / "log").read_text("utf-8", "replace")
            raise AssertionError(f"Prometheus ended while waiting: {what}\n{said[-2000:]}")

    def wait(self, fact, what):
        def holds():
            try:
                return fact()
            except OSError:  # not listening yet
                return None
        return wait_until(holds, what, watch=[self])

    def get(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.base}/api/v1/{path}?{query}", timeout=20) as answer:
            said = json.load(answer)
        assert said["status"] == "success", said
        return said["data"]

    def query(self, expression):
        return self.get("query", query=expression)["result"]

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


@pytest.fixture(name="scraped")
def scraped_daemon(desk, web, place):
    """(daemon, its /metrics, a Prometheus that has read it a few times while it worked)"""
    feeds = {f"wire-{n}": {"url": web.put(f"/{n}", stories.rss(stories.stories(n, 5))),
                           "interval": "1s"} for n in range(5)}
    feeds["copyist"] = {"url": web.put("/c", stories.rss(stories.stories(1, 5))), "interval": "1s"}
    feeds["broken"] = {"url": web.put("/b", status=404), "interval": "1s"}
    daemon = desk(feeds, control={"listen": "127.0.0.1:0"}).start()
    address = f"127.0.0.1:{daemon.wait_event('control.listen').fields['PORT']}"
    prometheus = Prometheus(place / "prometheus", address)
    try:
        prometheus.wait(lambda: prometheus.query("wiredesk_items_total"), "a first scrape")
        for n in range(5):
            web.put(f"/{n}", stories.rss(stories.stories(n, 9)))
        prometheus.wait(lambda: prometheus.query(
            f'sum(rate(wiredesk_items_total{{verdict="new"}}[{STEP}])) > 0'), "a rate of new items")
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=20) as answer:
            yield daemon, answer.read().decode(), prometheus
    finally:
        prometheus.stop()


def test_prometheus_reads_all_of_it(scraped):
    _, page, prometheus = scraped
    checked = promtool("check", "metrics", text=page)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    assert [row["value"][1] for row in prometheus.query('up{job="wiredesk"}')] == ["1"]
    served = {line.split("{")[0].split(" ")[0] for line in page.splitlines() if line[:1] != "#"}
    read = {row["metric"]["__name__"] for row in prometheus.query('{job="wiredesk"}')}
    assert served - read == set()

    queries = dashboard_queries()
    queries.update({rule["alert"]: rule["expr"] for rule in alert_rules()})
    assert len(queries) > 40
    problems = []
    for name, expression in queries.items():
        for metric in OWN.findall(expression):
            if metric not in served:
                problems.append(f"{name}: there is no {metric}")
        for metric, labels in SELECTOR.findall(expression):
            if not prometheus.query(metric + labels):
                problems.append(f"{name}: nothing has {metric}{labels}")
        prometheus.query(expression)  # a wrong one is an error, not an empty answer
    assert problems == []
    for name, expression in dashboard_queries().items():
        # A panel is never blank on a daemon that works; what shows only trouble may be.
        if not expression.endswith(" > 0"):
            assert prometheus.wait(lambda e=expression: prometheus.query(e), f"{name} has data")

    rules = prometheus.get("rules")["groups"][0]["rules"]
    assert len(rules) == len(alert_rules())
    assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []
    assert [rule["name"] for rule in rules if rule["state"] == "firing"] == []


def test_the_alert_rules_fire_when_they_should():
    checked = promtool("check", "rules", "alerts.yaml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tested = promtool("test", "rules", "alerts-test.yaml")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    in_tests = (GRAFANA / "alerts-test.yaml").read_text("utf-8")
    assert [r["alert"] for r in alert_rules() if r["alert"] not in in_tests] == []


def test_each_alert_says_what_to_do():
    for rule in alert_rules():
        assert set(rule["annotations"]) == {"summary", "action"}, rule["alert"]
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]


def test_the_dashboard_can_be_imported():
    board = dashboard()
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert board["uid"] == board["title"] == "wiredesk"
    for panel in panels:
        box = panel["gridPos"]
        assert 0 <= box["x"] and box["x"] + box["w"] <= 24, panel["title"]
        for target in panel.get("targets", []):
            assert target["datasource"]["uid"] == "${datasource}", panel["title"]
    taken = set()
    for panel in panels:
        box = panel["gridPos"]
        cells = {(x, y) for x in range(box["x"], box["x"] + box["w"])
                 for y in range(box["y"], box["y"] + box["h"])}
        assert not cells & taken, f"{panel['title']} lies on another panel"
        taken |= cells

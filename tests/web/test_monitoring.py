"""Scrape config, alert rules and dashboard of docs/operations/, in a real Prometheus over the real /metrics."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from monitoring import prometheus, promtool
from running import free_port
from web_service import tick

from web import probing
from web.metrics import GAUGES
from worker.counts import Counts
from worker.measures import COUNTERS, HISTOGRAMS

FOLDER = Path(__file__).parents[2] / "docs" / "operations"
OPERATIONS = FOLDER.parent / "operations.md"
TOKEN = "sixteen-characters-or-more"

DASHBOARD = json.loads((FOLDER / "grafana-dashboard.json").read_text(encoding="utf-8"))
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
RULES = (FOLDER / "alerts.yml").read_text(encoding="utf-8")
EXPRESSIONS = re.findall(r"expr: (.+)", RULES)
ALERTS = re.findall(r"- alert: (\w+)", RULES)


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=FOLDER)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_promtool_finds_nothing_wrong_and_every_rule_is_seen_quiet_and_firing():
    assert f"{len(ALERTS)} rules found" in run(promtool(), "check", "rules", "alerts.yml")
    run(promtool(), "check", "config", "--syntax-only", "prometheus.yml")
    run(promtool(), "test", "rules", "alerts-test.yml")
    tried = (FOLDER / "alerts-test.yml").read_text(encoding="utf-8")
    for alert in ALERTS:
        assert f'ALERTS{{alertname="{alert}", alertstate="firing"}}' in tried


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_says_what_to_do_and_where_more_is_said(alert):
    rule = RULES.split(f"- alert: {alert}\n")[1].split("- alert:")[0]
    assert re.search(r"\n +for: \d+m\n", rule)
    assert re.search(r"severity: (critical|warning)\n", rule)
    assert re.search(r"summary: \S", rule)
    assert re.search(r"description: \S", rule)
    assert f"runbook_url: docs/operations.md#{alert.lower()}\n" in rule
    assert f"#### {alert}\n" in OPERATIONS.read_text(encoding="utf-8")


def test_rules_and_dashboard_name_nothing_that_is_not_there():
    known = {*GAUGES, *COUNTERS, *(f"{name}{end}" for name in HISTOGRAMS for end in ("_bucket", "_sum", "_count"))}
    named = set(re.findall(r"seedwire_\w+", " ".join(QUERIES + EXPRESSIONS)))
    assert named - known == set()
    shown = {re.sub(r"_bucket$", "", name) for name in re.findall(r"seedwire_\w+", " ".join(QUERIES))}
    assert {*GAUGES, *COUNTERS, *HISTOGRAMS} - shown == {"seedwire_info"}


def test_the_dashboard_can_be_imported():
    """What Grafana's import needs: no datasource of ours in it, ids that are unique, panels that do not overlap."""
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    assert [variable["name"] for variable in DASHBOARD["templating"]["list"]] == ["datasource", "job"]
    for panel in DASHBOARD["panels"]:
        assert panel["type"] == "row" or panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@pytest.fixture
def watching(server, context, tmp_path, monkeypatch):
    """A Prometheus, as our example sets it up, that has scraped us twice; asked by a client."""
    program = prometheus()
    monkeypatch.setattr(probing, "FRESH", 0.0)
    serving = server.serve(context)
    serving.token = TOKEN
    tick(context.database, seconds_ago=-3600)  # however long it takes, none is missed
    fill(context.database)
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "alerts.yml").write_text(RULES)
    config = (FOLDER / "prometheus.yml").read_text(encoding="utf-8")
    for there, here in (
        ("127.0.0.1:8600", serving.url.removeprefix("http://")),
        ("/etc/prometheus/seedwire-token", str(tmp_path / "token")),
        ("interval: 15s", "interval: 1s"),
    ):
        assert there in config
        config = config.replace(there, here)
    (tmp_path / "prometheus.yml").write_text(config)
    port = free_port()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [program, f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
             f"--web.listen-address=127.0.0.1:{port}"],
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60) as client:
            wait(lambda: ask(client, 'count_over_time(up{job="seedwire"}[1m]) >= 2'), tmp_path / "log")
            yield client, tmp_path / "log"
    finally:
        process.terminate()
        process.wait(20)


def fill(database) -> None:
    counts = Counts()
    for name, counter in COUNTERS.items():
        counts.add(name, 3, **dict.fromkeys(counter.labels, counter.known[0] if counter.known else "desk"))
    for name, histogram in HISTOGRAMS.items():
        counts.observe(name, [0.2, 3.0], **({"webhook": "desk"} if histogram.by_webhook else {}))
    counts.flush(database, at_once=True)


def ask(client: httpx.Client, query: str) -> list[object]:
    try:
        answer = client.get("/query", params={"query": query})
    except httpx.TransportError:
        return []
    assert answer.status_code in {200, 503}, f"{query}: {answer.text}"  # 503 while it starts
    return answer.json()["data"]["result"] if answer.status_code == 200 else []


def wait(condition, log: Path) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


@pytest.mark.processes
def test_a_real_prometheus_scrapes_us_and_understands_rules_and_dashboard(watching):
    watching, log = watching

    def is_up() -> bool:  # on a busy machine a scrape may take longer than the second there is until the next
        (target,) = watching.get("/targets").json()["data"]["activeTargets"]
        return (target["health"], target["lastError"]) == ("up", "")

    wait(is_up, log)
    kinds = {one["metric"]: one["type"] for one in watching.get("/targets/metadata").json()["data"]}
    expected = (
        dict.fromkeys(GAUGES, "gauge") | dict.fromkeys(COUNTERS, "counter") | dict.fromkeys(HISTOGRAMS, "histogram")
    )
    assert {name: kind for name, kind in kinds.items() if name.startswith("seedwire_")} == expected
    for name in (*COUNTERS, *(f"{name}_bucket" for name in HISTOGRAMS)):
        wait(lambda name=name: ask(watching, name), log)
    for query in QUERIES:
        query = query.replace("$job", "seedwire").replace("$__rate_interval", "1m")
        ask(watching, query)
        if "seedwire_degraded" not in query and "push_feeds" not in query and "webhook" not in query:
            wait(lambda query=query: ask(watching, query), log)

    def all_is_well() -> bool:  # a rule may have been asked before the first scrape
        (group,) = watching.get("/rules").json()["data"]["groups"]
        assert [rule["name"] for rule in group["rules"]] == ALERTS
        return {(rule["health"], rule["state"]) for rule in group["rules"]} == {("ok", "inactive")}

    wait(all_is_well, log)

"""The scrape, read back by Prometheus' own parser."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from web_service import NOW, add_feed, tick

from feeds.feed import Feed
from store import state, tables
from store.views.figures import Backlog, Figures
from web.metrics import GAUGES, Reading, labels, render

ROOT = Path(__file__).parents[2]
EMPTY = Figures({}, {}, {}, {}, {}, {}, {}, 0, {})
IDLE = Backlog(0, 0, 0, None)


def scrape(serving) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = serving.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return parse(answer.text)


def parse(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples, name: str, **label: str) -> float | None:
    return samples.get((name, frozenset(label.items())))


def test_figures_come_from_what_is_stored(serving, database, report):
    report("A meets B")
    report("A signs with B")
    with database.write() as transaction:
        connection = transaction.connection
        add_feed(connection, Feed("https://feeds.example/broken.xml"), failures=3, problem="http-error")
        add_feed(connection, Feed("https://feeds.example/new.xml"))
        add_feed(connection, Feed("https://feeds.example/gone.xml"), active=False)
        state.add(connection, {("seedwire_polls_total", 'outcome="ok"'): 41})
        state.add(connection, {("seedwire_polls_total", 'outcome="ok"'): 1})
    samples = scrape(serving)
    assert value(samples, "seedwire_feeds", state="ok") == 2
    assert value(samples, "seedwire_feeds", state="failing") == 1
    assert value(samples, "seedwire_feeds", state="retrying") == 0
    assert value(samples, "seedwire_feeds", state="new") == 1
    assert value(samples, "seedwire_items", outcome="alerted") == 2
    assert value(samples, "seedwire_items", outcome="pending") == 0
    assert value(samples, "seedwire_events", type="bilateral_meeting") == 2
    assert value(samples, "seedwire_stories", type="bilateral_meeting") == 2
    assert value(samples, "seedwire_alerts", type="seedwire.alert.opened") == 2
    assert value(samples, "seedwire_deliveries", webhook="desk", state="pending") == 2
    assert value(samples, "seedwire_polls_total", outcome="ok") == 42


def test_ages_tell_how_far_behind_each_stage_is(serving, database):
    tick(database, seconds_ago=5)
    with database.write() as transaction:
        add_feed(
            transaction.connection,
            Feed("https://feeds.example/a.xml"),
            next_poll=datetime.now(UTC) - timedelta(seconds=90),
        )
    samples = scrape(serving)
    assert 90 <= value(samples, "seedwire_oldest_due_seconds", stage="poll") < 150
    assert value(samples, "seedwire_oldest_due_seconds", stage="classify") == 0
    assert 5 <= value(samples, "seedwire_tick_age_seconds") < 65
    assert value(samples, "seedwire_stalled", stage="poll") == 1
    assert value(samples, "seedwire_stalled", stage="classify") == 0


def test_before_the_first_tick_its_age_is_absent_rather_than_made_up(serving):
    assert value(scrape(serving), "seedwire_tick_age_seconds") is None


def test_a_refused_config_and_a_lost_broker_are_figures_too(serving, database):
    assert value(scrape(serving), "seedwire_config_problem") == 0
    with database.write() as transaction:
        state.put(transaction.connection, "config", {"problem": "seedwire.toml:3: feeds[0].url: …"}, NOW)
    serving.broker_up = False
    samples = scrape(serving)
    assert value(samples, "seedwire_config_problem") == 1
    assert value(samples, "seedwire_broker_up") == 0


def test_a_disabled_webhook_is_counted(serving, database):
    with database.write() as transaction:
        transaction.connection.execute(
            tables.webhooks.insert().values(
                name="desk", url="https://desk.example/hook", active=True, disabled=NOW, disabled_reason="410 Gone"
            )
        )
    assert value(scrape(serving), "seedwire_webhooks_disabled") == 1
    assert value(scrape(serving), "seedwire_webhooks_paused") == 0


@given(st.dictionaries(st.text(), st.integers(0, 10**6), max_size=5))
def test_whatever_a_label_holds_the_parser_reads_it_back(stored):
    figures = Figures({}, {}, {}, stored, {}, {}, {}, 0, {})
    samples = parse(render(Reading("1", figures, IDLE, config_problem=False, degraded=[], broker_up=True, stalled={})))
    assert {dict(label)["type"]: v for (name, label), v in samples.items() if name == "seedwire_events"} == stored


@given(st.dictionaries(st.tuples(st.text(), st.text()), st.floats(0, 1e9), max_size=5))
def test_a_counter_the_format_cannot_hold_never_spoils_the_scrape(counters):
    figures = Figures({}, {}, {}, {}, {}, {}, {}, 0, {**counters, ("seedwire_polls_total", ""): 7})
    samples = parse(render(Reading("1", figures, IDLE, config_problem=False, degraded=[], broker_up=True, stalled={})))
    assert value(samples, "seedwire_polls_total") == 7


def test_large_counts_keep_every_digit():
    figures = Figures({}, {}, {}, {}, {}, {}, {}, 0, {("seedwire_bytes_total", ""): 123_456_789_012})
    samples = parse(render(Reading("1", figures, IDLE, config_problem=False, degraded=[], broker_up=True, stalled={})))
    assert value(samples, "seedwire_bytes_total") == 123_456_789_012


def test_labels_escape_what_would_end_them():
    assert labels(feed='a"b\\c\nd') == r'feed="a\"b\\c\nd"'


COUNTERS = sorted(
    {n for f in (ROOT / "worker").rglob("*.py") for n in re.findall(r'counts\.add\(\s*"(\w+)"', f.read_text())}
)


@pytest.mark.parametrize("name", [*GAUGES, *COUNTERS])
def test_every_metric_is_documented(name):
    assert f"| `{name}` |" in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_no_metric_is_documented_that_does_not_exist():
    documented = re.findall(
        r"^\| `(seedwire_\w+)` \|", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.MULTILINE
    )
    assert set(documented) == {*GAUGES, *COUNTERS}

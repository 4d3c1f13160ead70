"""The scrape, read back by Prometheus' own parser."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from monitoring import promtool
from prometheus_client.parser import text_string_to_metric_families
from web_service import NOW, add_feed, tick

from feeds.feed import Feed
from store import state, tables
from store.views.figures import Backlog, Figures
from web import probing
from web.metrics import GAUGES, Reading, render
from worker.counts import Counts, written
from worker.measures import COUNTERS, HISTOGRAMS

ROOT = Path(__file__).parents[2]
EMPTY = Figures({}, {}, {}, {}, {}, (), 0, 0, {})
IDLE = Backlog(0, 0, 0, None)


@pytest.fixture
def serving(server, context, monkeypatch):
    """Every scrape is a new one: those of one second would share an answer."""
    monkeypatch.setattr(probing, "FRESH", 0.0)
    return server.serve(context)


def told(figures: Figures) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return parse(render(Reading("1", figures, IDLE, config_problem=False, degraded=[], broker_up=True, stalled={})))


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
    assert value(samples, "seedwire_due", stage="classify") == 0
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


@settings(deadline=None, max_examples=30)
@given(st.dictionaries(st.text(), st.integers(0, 10**6), max_size=5))
def test_whatever_a_label_holds_the_parser_reads_it_back(stored):
    samples = told(replace(EMPTY, held=stored))
    assert {
        dict(label)["webhook"]: v for (name, label), v in samples.items() if name == "seedwire_held_stories"
    } == stored


@settings(deadline=None, max_examples=30)
@given(st.dictionaries(st.tuples(st.text(), st.text()), st.floats(0, 1e9), max_size=5))
def test_a_counter_the_format_cannot_hold_never_spoils_the_scrape(counters):
    known = {("seedwire_items_total", ""): 7, ("seedwire_items_total", 'a="'): 8, ("seedwire_old_total", ""): 9}
    assert value(told(replace(EMPTY, counters={**counters, **known})), "seedwire_items_total") == 7


def test_large_counts_keep_every_digit():
    samples = told(replace(EMPTY, counters={("seedwire_poll_bytes_total", ""): 123_456_789_012}))
    assert value(samples, "seedwire_poll_bytes_total") == 123_456_789_012


def test_labels_escape_what_would_end_them():
    assert written({"feed": 'a"b\\c\nd'}) == r'feed="a\"b\\c\nd"'


def test_what_may_grow_is_there_from_the_start():
    """The first of its kind would not be seen to grow otherwise."""
    samples = told(replace(EMPTY, webhooks=("desk",)))
    assert value(samples, "seedwire_polls_total", outcome="failed") == 0
    assert value(samples, "seedwire_items_total") == 0
    assert value(samples, "seedwire_deliveries", webhook="desk", state="dead") == 0
    assert value(samples, "seedwire_poll_seconds_bucket", le="+Inf") == 0
    assert value(samples, "seedwire_attempt_seconds_bucket", webhook="desk", le="0.1") == 0


def test_buckets_add_up_over_all_that_count(database, serving):
    for values in ([0.05, 0.3, 7.0], [0.07, 999.0, -1.0]):
        counts = Counts()
        counts.observe("seedwire_alert_to_receipt_seconds", values, webhook="desk")
        counts.observe("seedwire_sight_to_classified_seconds", values)
        counts.flush(database, at_once=True)
    answer = serving.get("/metrics").text
    samples = parse(answer)
    for name, label in (
        ("seedwire_alert_to_receipt_seconds", {"webhook": "desk"}),
        ("seedwire_sight_to_classified_seconds", {}),
    ):
        found = {le: value(samples, f"{name}_bucket", le=le, **label) for le in ("0.1", "0.25", "0.5", "15", "+Inf")}
        assert found == {"0.1": 3, "0.25": 3, "0.5": 4, "15": 5, "+Inf": 6}
        assert value(samples, f"{name}_count", **label) == 6
        assert value(samples, f"{name}_sum", **label) == pytest.approx(0.05 + 0.3 + 7 + 0.07 + 999)
    order = re.findall(r'sight_to_classified_seconds_bucket{le="([^"]+)"}', answer)
    assert [float(le) for le in order] == sorted(float(le) for le in order)


def test_what_the_web_process_counts_is_told_too(context, serving):
    context.counts._flushed = 0.0
    context.counts.add("seedwire_auth_failures_total")
    assert value(scrape(serving), "seedwire_auth_failures_total") == 1


def test_prometheus_own_check_finds_nothing(serving, database, report):
    report("A meets B")
    tick(database)
    for name in COUNTERS:
        context_free = Counts()
        context_free.add(name, 2, **dict.fromkeys(COUNTERS[name].labels, "x"))
        context_free.flush(database, at_once=True)
    checked = subprocess.run(
        [promtool(), "check", "metrics"], input=serving.get("/metrics").text, capture_output=True, text=True, timeout=60
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_every_name_is_told_of_once(serving):
    described = re.findall(r"^# (?:HELP|TYPE) \w+", serving.get("/metrics").text, re.MULTILINE)
    assert len(described) == len(set(described)) == 2 * len([*GAUGES, *COUNTERS, *HISTOGRAMS])


def test_many_scrapes_of_a_second_are_one(server, context, monkeypatch):
    monkeypatch.setattr(probing, "FRESH", 3600.0)  # however long it takes to ask twice
    serving = server.serve(context)
    before = value(scrape(serving), "seedwire_items_total")
    with context.database.write() as transaction:
        state.add(transaction.connection, {("seedwire_items_total", ""): 5})
    assert value(scrape(serving), "seedwire_items_total") == before


DOCUMENTED = dict(
    re.findall(r"^\| `(seedwire_\w+)` \| ([^|]*)\|", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.MULTILINE)
)


def test_what_is_documented_is_what_there_is():
    assert set(DOCUMENTED) == {*GAUGES, *COUNTERS, *HISTOGRAMS}


@pytest.mark.parametrize("name", COUNTERS)
def test_labels_are_documented(name):
    assert set(re.findall(r"`(\w+)`(?=[:,;]| *$)", DOCUMENTED[name])) >= set(COUNTERS[name].labels)
    assert ("`webhook`" in DOCUMENTED[name]) == ("webhook" in COUNTERS[name].labels)


@pytest.mark.parametrize("name", HISTOGRAMS)
def test_a_histogram_by_webhook_is_documented_as_such(name):
    assert ("`webhook`" in DOCUMENTED[name]) == HISTOGRAMS[name].by_webhook


def test_nothing_is_counted_that_is_not_declared():
    with pytest.raises(KeyError):
        Counts().add("seedwire_surprises_total")

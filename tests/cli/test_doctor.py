"""What the doctor says of the work and of the webhooks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from feeds.url import parse_url
from store import pages, state, subscribing, tables
from store.deliveries import disable_webhook

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Result

    from worker.context import Context

    Run = Callable[..., Result]


def webhooks(run: Run, *options: str) -> list[tuple[str, str]]:
    return [(f["state"], f["detail"]) for f in run("doctor", "--json", *options).lines if f["what"] == "webhooks"]


def test_dead_deliveries_are_told_with_the_command_that_sends_them_again(run: Run, stored: Context) -> None:
    assert webhooks(run) == [("good", "none disabled, nothing dead")]
    with stored.database.write() as transaction:
        transaction.connection.execute(update(tables.deliveries).values(state="dead", note="500; given up"))
    again = "once it is well: `seedwire deliveries retry --dead --webhook desk`"
    assert webhooks(run) == [("warning", f'"desk": 1 dead (500; given up); {again}')]


def test_a_disabled_webhook_is_bad_and_no_reason_to_restart_a_worker(run: Run, stored: Context) -> None:
    with stored.database.write() as transaction:
        disable_webhook(transaction.connection, "desk", "410: wants no more", stored.now())
    again = "once it is well: `seedwire deliveries retry --disabled --webhook desk`"
    assert webhooks(run) == [("bad", f'"desk" is disabled: 410: wants no more; {again}')]
    assert webhooks(run, "--live") == []


def test_a_disabled_webhook_that_nothing_waits_for_can_be_enabled_too(run: Run, stored: Context) -> None:
    with stored.database.write() as transaction:
        transaction.connection.execute(tables.deliveries.delete())
        disable_webhook(transaction.connection, "desk", "410: wants no more", stored.now())
    again = "once it is well: `seedwire deliveries retry --disabled --webhook desk`"
    assert webhooks(run) == [("bad", f'"desk" is disabled: 410: wants no more; {again}')]
    assert run("deliveries", "retry", "--disabled", "--webhook", "other").code == 2
    assert webhooks(run)[0][0] == "bad"
    assert run("deliveries", "retry", "--disabled", "--webhook", "desk").code == 0
    assert webhooks(run) == [("good", "none disabled, nothing dead")]


def test_a_webhook_that_does_not_answer_is_told_and_needs_nobody(run: Run, stored: Context) -> None:
    since = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
    paused = {"failures": 7, "silent": 7, "failing_since": since, "paused_until": stored.now()}
    with stored.database.write() as transaction:
        transaction.connection.execute(update(tables.webhooks).values(paused))
        transaction.connection.execute(update(tables.deliveries).values(tries=5, note="timeout: not over within 5 s"))
    ((told, detail),) = webhooks(run)
    assert told == "warning"
    assert detail.startswith('"desk" does not answer since 2026-11-01 09:30 UTC (7 attempts: timeout: not over')


def work(run: Run) -> tuple[str, str]:
    (found,) = (f for f in run("doctor", "--json").lines if f["what"] in ("work", "tick"))
    return found["state"], found["detail"]


def test_whoever_polls_from_cron_hears_of_the_last_pass(run: Run, stored: Context) -> None:
    assert work(run) == ("warning", "nothing has run on this database yet: `seedwire up` starts it")
    assert run("poll").code == 0
    told, detail = work(run)
    assert (told, detail.partition(" last ran ")[0]) == ("good", "`seedwire poll`")


@pytest.mark.parametrize(
    ("pass_days_ago", "tick_days_ago", "told", "detail"),
    [
        (2, None, "warning", "`seedwire poll` last ran 2 d ago: does cron still start it?"),
        (2, 30, "warning", "`seedwire poll` last ran 2 d ago: does cron still start it?"),
        (0.5, 30, "good", "`seedwire poll` last ran 12.0 h ago"),
        # A pass by hand beside the service is no reason to take the service's death for a choice.
        (2, 2.5, "bad", "the last tick was 2160"),
    ],
)
def test_passes_count_where_nothing_ticks(
    run: Run, stored: Context, pass_days_ago: float, tick_days_ago: float | None, told: str, detail: str
) -> None:
    now = stored.now()
    with stored.database.write() as transaction:
        state.put(transaction.connection, "pass", {}, now - timedelta(days=pass_days_ago))
        if tick_days_ago:
            state.put(transaction.connection, "tick", {}, now - timedelta(days=tick_days_ago))
    found = [(f["state"], f["detail"]) for f in run("doctor", "--json").lines if f["what"] in ("work", "tick")]
    assert found[0][0] == told
    assert found[0][1].startswith(detail)


def test_what_became_of_pages_is_told_and_a_warning_where_none_was_read(run: Run, stored: Context) -> None:
    def told() -> list[tuple[str, str]]:
        return [(f["state"], f["detail"]) for f in run("doctor", "--json").lines if f["what"] == "pages"]

    assert told() == []
    now = stored.now()
    with stored.database.write() as transaction:
        for number in range(3):
            pages.want(
                transaction.connection, "x", parse_url(f"https://one.example/{number}"), now, allow_private=False
            )
        transaction.connection.execute(update(tables.pages).values(state="refused", reason="robots"))
    most = "3 refused (most often: robots; docs/feeds.md)"
    assert told() == [("warning", f"0 read for full text in the last day, {most}")]
    with stored.database.write() as transaction:
        pages.want(transaction.connection, "x", parse_url("https://one.example/read"), now, allow_private=False)
        transaction.connection.execute(
            update(tables.pages).where(tables.pages.c.state == "waiting").values(state="read", text="Text")
        )
    assert told() == [("good", f"1 read for full text in the last day, {most}")]


def test_hubs_that_do_not_reach_us_are_told_with_where_they_should(run: Run, stored: Context) -> None:
    def told() -> list[tuple[str, str]]:
        return [(f["state"], f["detail"]) for f in run("doctor", "--json").lines if f["what"] == "push"]

    config = stored.config.path
    config.write_text(config.read_text().replace("[service]", '[service]\npublic_url = "http://localhost:8600/"'))
    assert told() == []
    now, callback = stored.now(), "http://localhost:8600"
    with stored.database.write() as transaction:
        connection = transaction.connection
        connection.execute(update(tables.feeds).values(hubs="https://hub.example/", topic="https://paper.example/"))
        subscribing.keep_equal(connection, callback, now)
        connection.execute(update(tables.subscriptions).values(failures=1, problem="unconfirmed"))
    remedy = "is http://localhost:8600/websub/ reached from outside? `seedwire feeds list`"
    assert told() == [("warning", f"0 of 1 feeds that name a hub are pushed, 1 fail: {remedy}")]
    with stored.database.write() as transaction:
        transaction.connection.execute(update(tables.subscriptions).values(expires=now + timedelta(days=9, hours=1)))
    assert told() == [("good", "1 of 1 feeds that name a hub are pushed")]
    assert "active, ends in 9 d" in run("feeds", "list").out
    (line,) = run("feeds", "list", "--json").lines
    assert line["push"] == "active"
    assert line["push_until"].startswith(f"{now + timedelta(days=9, hours=1):%Y-%m-%dT%H}")

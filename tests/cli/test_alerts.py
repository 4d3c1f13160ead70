"""``seedwire alerts``: digests and messages about the service as a person sees them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from alerts.condition import Standing
from alerts.digest import Entry, build_digest
from alerts.pacing import Later, News
from alerts.service_alerts import build_service_degraded, build_webhook_disabled
from store import alerts, held, stories
from store.views.alerts import newest_alerts

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Result

    from worker.context import Context


def test_a_digest_and_messages_about_the_service_have_a_line_each(stored: Context, run: Callable[..., Result]) -> None:
    now = datetime.now(UTC) + timedelta(minutes=1)
    with stored.database.write() as transaction:
        connection = transaction.connection
        (opened,) = (listed.alert for listed in newest_alerts(connection, limit=None))
        story = stories.by_id(connection, [opened.story_id])[opened.story_id]
        (report, _), *_ = stories.reports_of(connection, story.id)
        entry = Entry(News(story.id, opens=True, changes=(), since=now), story, report)
        digest = build_digest("desk", [entry, entry], (), now, "urn:seedwire")
        alerts.save(connection, digest, ["desk"], stories_told=[story.id], now=now)
        disabled = build_webhook_disabled("far", "answer 410", now, "urn:seedwire")
        alerts.save(connection, disabled, ["desk"], now=now)
        trouble = Standing("offline", "no host answers since noon", now, now, told=True)
        alerts.save(connection, build_service_degraded([trouble], now, "urn:seedwire"), ["desk"], now=now)
    listed = run("alerts", "list").out
    assert re.search(r"alert\.digest +2 stories +- +1 pending +Kenyan president meets .* · Kenyan president", listed)
    assert re.search(r"webhook\.disabled +- +- +1 pending +far: answer 410", listed)
    assert re.search(r"service\.degraded +- +- +1 pending +no host answers since noon", listed)
    shown = run("alerts", "show", digest.id).out
    assert "1 report" in shown
    assert "Nobody: Kenyan president" in shown


def test_what_waits_for_its_turn_is_seen_in_the_list_of_webhooks(stored: Context, run: Callable[..., Result]) -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    waiting = [News(f"s{n}", opens=True, changes=(), since=noon) for n in range(3)]
    with stored.database.write() as transaction:
        held.keep(transaction.connection, "desk", [Later(news, noon + timedelta(minutes=5), "cap") for news in waiting])
    (told,) = run("webhooks", "list", "--json").lines
    assert (told["held"], told["held_until"][:16]) == (3, "2026-11-20T12:05")
    assert "3 stories to be told from 12:05 UTC on" in run("webhooks", "list").out

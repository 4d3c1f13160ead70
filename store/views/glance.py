"""The service at a glance: counts of the last day, feeds that need somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from store.feed_health import HEALTH
from store.feed_names import FEED_NAME
from store.tables import alerts, deliveries, feeds, items, stories
from store.views.stories import LIVING

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Select


@dataclass(frozen=True, slots=True)
class FeedProblem:
    """An active feed whose last poll failed or warned. ``health`` is a word of ``store.feed_health.HEALTH``."""

    id: str
    name: str
    url: str
    problem: str
    detail: str | None
    health: str
    failures: int
    succeeded: datetime | None
    next_poll: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """The service at a glance. ``items``, ``stories`` and ``alerts`` count those since a time, the rest what is now."""

    feeds: int
    failing_feeds: int
    items: int
    stories: int
    alerts: int
    waiting_deliveries: int
    dead_deliveries: int


def feed_problems(connection: Connection, *, limit: int) -> list[FeedProblem]:
    """Active feeds that failed or warned at their last poll, those that failed most often first."""
    rows = connection.execute(
        select(feeds, FEED_NAME, HEALTH.label("health"))
        .where(feeds.c.active, feeds.c.problem.is_not(None))
        .order_by(feeds.c.failures.desc(), feeds.c.url)
        .limit(limit)
    )
    return [
        FeedProblem(
            id=row.id,
            name=row.feed,
            url=row.url,
            problem=row.problem,
            detail=row.problem_detail,
            health=row.health,
            failures=row.failures,
            succeeded=row.succeeded,
            next_poll=row.next_poll,
        )
        for row in rows
    ]


def summary(connection: Connection, since: datetime) -> Summary:
    """Counts cheap enough for every page view: each is a range of an index or a small table."""
    number = select(func.count())
    feed_counts = connection.execute(
        select(func.count(), func.count(case((HEALTH == "failing", 1)))).where(feeds.c.active)
    ).one()
    waiting = dict(
        _pairs(
            connection,
            select(deliveries.c.state, func.count())
            .where(deliveries.c.state.in_(("pending", "dead")))
            .group_by(deliveries.c.state),
        )
    )
    return Summary(
        feeds=feed_counts[0],
        failing_feeds=feed_counts[1],
        items=connection.scalar(number.select_from(items).where(items.c.first_seen >= since)) or 0,
        stories=connection.scalar(number.select_from(stories).where(stories.c.opened >= since, LIVING)) or 0,
        alerts=connection.scalar(number.select_from(alerts).where(alerts.c.time >= since)) or 0,
        waiting_deliveries=waiting.get("pending", 0),
        dead_deliveries=waiting.get("dead", 0),
    )


def _pairs(connection: Connection, query: Select[str, int]) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in connection.execute(query)]

"""Counts over all that is stored and how far behind each stage is: what the metrics tell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from store import websub
from store.feed_health import HEALTH
from store.tables import alerts, counters, deliveries, events, feeds, items, service_state, stories, webhooks
from store.views.stories import LIVING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Select


@dataclass(frozen=True, slots=True)
class Backlog:
    """How long the longest due work of each stage has waited, in seconds, whether or not somebody is at it.

    0.0 where nothing waits. ``since_tick`` is None when no tick ever came. (Whether a stage is stuck: store.stalls.)
    """

    poll: float
    classify: float
    deliver: float
    since_tick: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over all that is stored; keys are the label values of the metrics they become."""

    feeds: Mapping[str, int]
    pushes: Mapping[str, int]
    items: Mapping[str, int]
    events: Mapping[str, int]
    stories: Mapping[str, int]
    alerts: Mapping[str, int]
    deliveries: Mapping[tuple[str, str], int]
    disabled_webhooks: int
    counters: Mapping[tuple[str, str], float]
    paused_webhooks: int = 0


def backlog(connection: Connection, now: datetime) -> Backlog:
    """How far behind each stage is."""

    def age(oldest: Select[datetime | None]) -> float | None:
        then = connection.scalar(oldest)
        return max(0.0, (now - then).total_seconds()) if then else None

    due_feed = select(func.min(feeds.c.next_poll)).where(feeds.c.active, feeds.c.next_poll <= now)
    pending_item = select(func.min(items.c.first_seen)).where(items.c.pending)
    paused = select(webhooks.c.name).where(webhooks.c.paused_until > now)
    due_delivery = select(func.min(deliveries.c.due)).where(
        deliveries.c.state == "pending", deliveries.c.due <= now, deliveries.c.webhook.not_in(paused)
    )
    return Backlog(
        poll=age(due_feed) or 0.0,
        classify=age(pending_item) or 0.0,
        deliver=age(due_delivery) or 0.0,
        since_tick=age(select(service_state.c.at).where(service_state.c.key == "tick")),
    )


def figures(connection: Connection, now: datetime) -> Figures:
    """Count everything once; the cost grows with the rows kept, so this is for scrapes, not for pages."""
    outcome = case((items.c.pending, "pending"), else_=func.coalesce(items.c.outcome, "none"))
    number = func.count()
    return Figures(
        feeds=dict(_pairs(connection, select(HEALTH, number).where(feeds.c.active).group_by(HEALTH))),
        pushes=Counter(word for word, _ in websub.states(connection, now).values()),
        items=dict(_pairs(connection, select(outcome, number).select_from(items).group_by(outcome))),
        events=dict(_pairs(connection, select(events.c.type, number).group_by(events.c.type))),
        stories=dict(_pairs(connection, select(stories.c.type, number).where(LIVING).group_by(stories.c.type))),
        alerts=dict(_pairs(connection, select(alerts.c.type, number).group_by(alerts.c.type))),
        deliveries={
            (row[0], row[1]): row[2]
            for row in connection.execute(
                select(deliveries.c.webhook, deliveries.c.state, number).group_by(
                    deliveries.c.webhook, deliveries.c.state
                )
            )
        },
        disabled_webhooks=connection.scalar(
            select(number).select_from(webhooks).where(webhooks.c.active, webhooks.c.disabled.is_not(None))
        )
        or 0,
        paused_webhooks=connection.scalar(
            select(number)
            .select_from(webhooks)
            .where(webhooks.c.active, webhooks.c.disabled.is_(None), webhooks.c.paused_until.is_not(None))
        )
        or 0,
        counters={(row.name, row.labels): row.value for row in connection.execute(select(counters))},
    )


def _pairs(connection: Connection, query: Select[str, int]) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in connection.execute(query)]

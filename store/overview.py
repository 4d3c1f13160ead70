"""What the page, the API and the metrics show: read-only views over many tables, none on the working path."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, or_, select

from store import websub
from store.feed_health import HEALTH
from store.tables import alerts, counters, deliveries, events, feeds, items, service_state, stories, webhooks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select

#: One that went into another is that other.
_LIVING = stories.c.merged_into.is_(None)


@dataclass(frozen=True, slots=True)
class StoryItem:
    """One item that reports a story. ``feed`` is the feed's name as shown to a person."""

    id: str
    title: str
    url: str | None
    published: datetime | None
    first_seen: datetime
    language: str | None
    feed_id: str
    feed: str
    feed_url: str | None


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story with all that reports it, the first report first. ``event`` is the merged event as stored."""

    id: str
    type: str
    status: str | None
    opened: datetime
    changed: datetime
    event: Mapping[str, Any]
    outlets: tuple[str, ...]
    items: tuple[StoryItem, ...]


@dataclass(frozen=True, slots=True)
class FeedProblem:
    """An active feed whose last poll failed or warned. ``health`` is a word of ``store.feed_health.HEALTH``."""

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


def newest_stories(
    connection: Connection, *, limit: int | None, before: tuple[datetime, str] | None = None
) -> list[StoryView]:
    """Stories newest first; ``before`` is the (opened, id) of the last one already shown."""
    query = select(stories).where(_LIVING).order_by(stories.c.opened.desc(), stories.c.id.desc()).limit(limit)
    if before:
        opened, story_id = before
        query = query.where(or_(stories.c.opened < opened, and_(stories.c.opened == opened, stories.c.id < story_id)))
    rows = connection.execute(query).all()
    reported = _items_of(connection, [row.id for row in rows])
    return [
        StoryView(
            id=row.id,
            type=row.type,
            status=row.status,
            opened=row.opened,
            changed=row.changed,
            event=row.event,
            outlets=tuple(sorted(row.outlets or ())),
            items=tuple(reported.get(row.id, ())),
        )
        for row in rows
    ]


def _items_of(connection: Connection, story_ids: Sequence[str]) -> dict[str, list[StoryItem]]:
    rows = connection.execute(
        select(
            events.c.story_id, items.c.id, items.c.title, items.c.url, items.c.published, items.c.first_seen,
            items.c.language, items.c.feed_id, feeds.c.name, feeds.c.title.label("feed_title"),
            feeds.c.url.label("feed_url"),
        )
        .join(items, items.c.id == events.c.item_id)
        .join(feeds, feeds.c.id == items.c.feed_id, isouter=True)
        .where(events.c.story_id.in_(story_ids))
        .distinct()
        .order_by(items.c.first_seen, items.c.id)
    )  # fmt: skip
    found: dict[str, list[StoryItem]] = defaultdict(list)
    for row in rows:
        found[row.story_id].append(
            StoryItem(
                id=row.id,
                title=row.title,
                url=row.url,
                published=row.published,
                first_seen=row.first_seen,
                language=row.language,
                feed_id=row.feed_id,
                feed=row.name or row.feed_title or row.feed_url or row.feed_id,
                feed_url=row.feed_url,
            )
        )
    return found


def feed_problems(connection: Connection, *, limit: int) -> list[FeedProblem]:
    """Active feeds that failed or warned at their last poll, those that failed most often first."""
    rows = connection.execute(
        select(feeds, HEALTH.label("health"))
        .where(feeds.c.active, feeds.c.problem.is_not(None))
        .order_by(feeds.c.failures.desc(), feeds.c.url)
        .limit(limit)
    )
    return [
        FeedProblem(
            name=row.name or row.title or row.url,
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
        stories=connection.scalar(number.select_from(stories).where(stories.c.opened >= since, _LIVING)) or 0,
        alerts=connection.scalar(number.select_from(alerts).where(alerts.c.time >= since)) or 0,
        waiting_deliveries=waiting.get("pending", 0),
        dead_deliveries=waiting.get("dead", 0),
    )


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
        stories=dict(_pairs(connection, select(stories.c.type, number).where(_LIVING).group_by(stories.c.type))),
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

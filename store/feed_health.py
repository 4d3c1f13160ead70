"""How every feed is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import and_, case, exists, func, literal, or_, select, true, tuple_

from feeds.advice import advice
from feeds.connectivity import OFFLINE
from feeds.feed import FAILING_AFTER
from store import feed_rhythm
from store.feed_names import FEED_NAME
from store.tables import feeds
from store.websub import states

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, Row

    from feeds.websub import PushState

#: The days over which items a day are counted, and those a feed's chart shows.
RHYTHM_DAYS = 7
CHART_DAYS = 14

#: ``resting`` (its publisher says it is gone; a look a day), ``failing``, ``retrying`` (failed once or twice, which the
#: next poll may mend), ``new`` (never polled), ``offline`` (nobody answers us, no fault of its own), ``warning`` (read,
#: but something is odd) or ``ok``; ``pushed`` is a source that pushes articles to us and is never polled. The one
#: meaning of these words, for lists, page and metrics.
HEALTH = case(
    (feeds.c.pushed, "pushed"),
    (and_(feeds.c.failures > 0, feeds.c.problem == "gone"), "resting"),
    (feeds.c.failures >= FAILING_AFTER, "failing"),
    (feeds.c.problem == OFFLINE, "offline"),
    (feeds.c.failures > 0, "retrying"),
    (feeds.c.polled.is_(None), "new"),
    (feeds.c.problem.is_not(None), "warning"),
    else_="ok",
)
#: The words of HEALTH, the worst first.
WORST_FIRST = ("failing", "resting", "retrying", "offline", "warning", "new", "ok", "pushed")

#: Why a feed is polled as often as it is: ``config`` (its own ``interval``), ``rhythm`` (adapted to how often it brings
#: something, and to what it asks for), ``default`` (nothing is known of its rhythm), ``push`` (rarer, since its hub
#: pushes), ``slowed`` (its publisher refused more), ``backoff`` (it fails), ``resting`` (it is gone), ``offline``,
#: ``first`` (its first poll is due).
Why = Literal["config", "rhythm", "default", "push", "slowed", "backoff", "resting", "offline", "first"]

_LISTED = or_(feeds.c.active, feeds.c.pushed)
#: The order of lists. Names are cut, so that a place in the list stays short.
_ORDER: tuple[ColumnElement[Any], ...] = (
    case({word: place for place, word in enumerate(WORST_FIRST)}, value=HEALTH, else_=len(WORST_FIRST)),
    -feeds.c.failures,
    func.lower(func.substr(FEED_NAME.element, 1, 24)),
    feeds.c.id,
)
#: A feed's place in lists: how bad, how often it failed (negative), the beginning of its name, its id.
Place = tuple[int, int, str, str]


@dataclass(frozen=True, slots=True)
class FeedFilters:
    """Which feeds: of one ``health``, with a tag, whose name, title or address has ``text`` in it (any case)."""

    health: str = ""
    tag: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """A row of ``feeds list``, its ``health`` one word of ``HEALTH``.

    ``moved_to`` is where its publisher's permanent redirects lead, ``moved_seen`` for how many polls in a row
    (``feeds.moving``). ``items_per_day`` is over the last seven days (UTC), since it was added if that is later.
    ``push`` is how it stands with pushes, ``None`` where the feed names no hub, ``push_until`` the time they are
    promised until.
    ``interval`` is the wait in force, in seconds, ``None`` before the first poll, and ``why`` where it comes from.
    ``advice`` is what a person can do about the problem.
    """

    id: str
    url: str
    name: str
    tags: tuple[str, ...]
    polled: datetime | None
    succeeded: datetime | None
    next_poll: datetime
    failures: int
    problem: str | None
    problem_detail: str | None
    moved_to: str | None
    moved_seen: int
    items_per_day: float
    health: str
    push: PushState | None = None
    push_until: datetime | None = None
    advice: str | None = None
    interval: float | None = None
    why: Why = "first"


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed as page and API show it: its health, and what it brought.

    ``title`` is what it is called, its address where nothing else is known. ``polling_until`` is set while somebody
    polls it. ``by_day`` are the items of each of the last CHART_DAYS days (UTC), today last; None for days before it
    was added.
    ``place`` is where the list goes on behind it.
    """

    health: FeedHealth
    title: str
    in_config: bool
    added: datetime
    changed: datetime | None
    polling_until: datetime | None
    by_day: tuple[tuple[date, int | None], ...]
    place: Place


def count_failing(connection: Connection) -> tuple[int, int]:
    """How many feeds of the config are failing, and how many there are."""
    row = connection.execute(
        select(func.count(case((HEALTH == "failing", 1))), func.count()).select_from(feeds).where(feeds.c.active)
    ).one()
    return row[0], row[1]


def count_by_health(connection: Connection) -> dict[str, int]:
    """How many feeds there are of each health, the worst first, none left out."""
    rows = connection.execute(select(HEALTH, func.count()).where(_LISTED).group_by(HEALTH))
    found = {row[0]: row[1] for row in rows}
    return {word: found.get(word, 0) for word in WORST_FIRST}


def list_feeds(connection: Connection, now: datetime) -> list[FeedHealth]:
    """Every feed of the config, the worst first."""
    return [row.health for row in feed_rows(connection, now, by_day=False) if row.health.health != "pushed"]


def feed_rows(
    connection: Connection,
    now: datetime,
    filters: FeedFilters | None = None,
    *,
    limit: int | None = None,
    after: Place | None = None,
    feed_id: str | None = None,
    by_day: bool = True,
) -> list[FeedRow]:
    """Feeds of the config and sources that push to us, the worst first, those behind ``after``. One by its id is given
    also where it left the config. Without ``by_day`` items are counted over the week alone, which for all feeds of a
    large store is much quicker."""
    query = select(feeds, HEALTH.label("health"), FEED_NAME, *_named_order()).order_by(*_ORDER)
    if feed_id is not None:
        query = query.where(feeds.c.id == feed_id)
    else:
        query = query.where(_LISTED, *_admitted(connection, filters or FeedFilters()))
    if after is not None:
        query = query.where(tuple_(*_ORDER) > tuple_(*map(literal, after)))
    rows = connection.execute(query.limit(limit)).all()
    some = [row.id for row in rows] if limit is not None or feed_id is not None else None
    pushes = states(connection, now, some)
    today = now.date()
    days = [today - timedelta(days=back) for back in reversed(range(CHART_DAYS))] if by_day else []
    week = datetime.combine(today - timedelta(days=RHYTHM_DAYS - 1), time(), UTC)
    first = datetime.combine(today - timedelta(days=CHART_DAYS - 1), time(), UTC)
    daily = feed_rhythm.items_by_day(connection, first, some) if by_day else {}
    weekly = feed_rhythm.sum_since(daily, week) if by_day else feed_rhythm.items_since(connection, week)
    return [
        _feed_row(
            row,
            now,
            by_day=tuple(
                (day, daily.get(row.id, {}).get(day.isoformat(), 0) if day >= row.added.date() else None)
                for day in days
            ),
            # Whole days, and today so far.
            per_day=weekly.get(row.id, 0) / max(1.0, (now - max(week, row.added)) / timedelta(days=1)),
            push=pushes.get(row.id, (None, None)),
        )
        for row in rows
    ]


def _named_order() -> list[ColumnElement[Any]]:
    return [column.label(f"place_{number}") for number, column in enumerate(_ORDER)]


def _admitted(connection: Connection, filters: FeedFilters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.health:
        wanted.append(HEALTH.in_([filters.health]))
    if filters.tag:
        wanted.append(exists().where(tags_of(connection).c.value == filters.tag))
    if filters.text:
        searched = (feeds.c.name, feeds.c.title, feeds.c.url)
        wanted.append(or_(*(func.lower(column).contains(filters.text.lower(), autoescape=True) for column in searched)))
    return wanted


def tags_of(connection: Connection) -> Any:
    """The tags of a feed as rows with one column, ``value``."""
    elements = func.json_each if connection.dialect.name == "sqlite" else func.jsonb_array_elements_text
    return elements(feeds.c.tags).table_valued("value", name="tag")


def all_tags(connection: Connection, *, limit: int) -> list[str]:
    """The tags of feeds, those that most feeds have before others."""
    tag = tags_of(connection)
    rows = connection.execute(
        select(tag.c.value, func.count())
        .select_from(feeds.join(tag, true()))
        .where(_LISTED)
        .group_by(tag.c.value)
        .order_by(func.count().desc(), tag.c.value)
        .limit(limit)
    )
    return [row[0] for row in rows]


def _feed_row(
    row: Row[Any],
    now: datetime,
    *,
    by_day: tuple[tuple[date, int | None], ...],
    per_day: float,
    push: tuple[PushState | None, datetime | None],
) -> FeedRow:
    interval, why = _interval(row, now)
    health = FeedHealth(
        id=row.id,
        url=row.url,
        name=row.name or row.title or "",
        tags=tuple(row.tags),
        polled=row.polled,
        succeeded=row.succeeded,
        next_poll=row.next_poll,
        failures=row.failures,
        problem=row.problem,
        problem_detail=row.problem_detail,
        moved_to=row.moved_to,
        moved_seen=row.moved_seen,
        items_per_day=round(per_day, 2),
        health=row.health,
        push=push[0],
        push_until=push[1],
        advice=advice(row.problem),
        interval=interval,
        why=why,
    )
    return FeedRow(
        health=health,
        title=row.feed,
        in_config=row.active,
        added=row.added,
        changed=row.changed,
        polling_until=row.lease_until if row.lease_until and row.lease_until > now and row.lease_owner else None,
        by_day=by_day,
        place=(row.place_0, row.place_1, row.place_2, row.place_3),
    )


def _interval(row: Row[Any], now: datetime) -> tuple[float | None, Why]:
    """The wait in force, in seconds, and why, from what a poll left behind (feeds.poll)."""
    if row.polled is None:
        return None, "first"
    wait = max(0.0, (row.next_poll - row.polled).total_seconds())
    if row.problem == "gone" and row.failures:
        return wait, "resting"
    if row.problem == OFFLINE:
        return wait, "offline"
    if row.failures:
        return wait, "backoff"
    if row.interval_seconds is not None and row.interval_seconds >= row.floor_seconds:
        return wait, "config"
    if row.push_until is not None and row.push_until > now and wait > 1.2 * (row.wait_seconds or 0.0):
        return wait, "push"
    if row.floor_seconds > (row.wait_seconds or 0.0):
        return wait, "slowed"
    return wait, "rhythm" if row.wait_seconds else "default"

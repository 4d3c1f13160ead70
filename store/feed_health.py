"""How every configured feed is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, select

from feeds.connectivity import OFFLINE
from feeds.feed import FAILING_AFTER
from store.tables import feeds, items
from store.websub import states

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from feeds.websub import PushState

#: The days over which items a day are counted.
RHYTHM_DAYS = 7

#: ``resting`` (its publisher says it is gone; a look a day), ``failing``, ``retrying`` (failed once or twice, which the
#: next poll may mend), ``new`` (never polled), ``offline`` (nobody answers us, no fault of its own), ``warning`` (read,
#: but something is odd) or ``ok``: the one meaning of these words, for lists, page and metrics.
HEALTH = case(
    (and_(feeds.c.failures > 0, feeds.c.problem == "gone"), "resting"),
    (feeds.c.failures >= FAILING_AFTER, "failing"),
    (feeds.c.problem == OFFLINE, "offline"),
    (feeds.c.failures > 0, "retrying"),
    (feeds.c.polled.is_(None), "new"),
    (feeds.c.problem.is_not(None), "warning"),
    else_="ok",
)


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """A row of ``feeds list``, its ``health`` one word of ``HEALTH``.

    ``moved_to`` is where its publisher's permanent redirects lead, ``moved_seen`` for how many polls in a row
    (``feeds.moving``). ``items_per_day`` is over the last week, or since the feed was added if that is less. ``push``
    is how it stands with pushes, ``None`` where the feed names no hub, ``push_until`` the time they are promised until.
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


def count_failing(connection: Connection) -> tuple[int, int]:
    """How many feeds of the config are failing, and how many there are."""
    row = connection.execute(
        select(func.count(case((HEALTH == "failing", 1))), func.count()).select_from(feeds).where(feeds.c.active)
    ).one()
    return row[0], row[1]


def list_feeds(connection: Connection, now: datetime) -> list[FeedHealth]:
    """Every feed of the config, failing ones first."""
    pushes = states(connection, now)
    week = now - timedelta(days=RHYTHM_DAYS)
    rows = connection.execute(
        select(feeds, HEALTH.label("health"), func.count(items.c.id).label("recent"))
        .outerjoin(items, and_(items.c.feed_id == feeds.c.id, items.c.first_seen >= week, ~items.c.baseline))
        .where(feeds.c.active)
        .group_by(feeds.c.id)
        .order_by(feeds.c.failures.desc(), feeds.c.name, feeds.c.url)
    )
    return [
        FeedHealth(
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
            items_per_day=round(row.recent / max(1.0, (now - max(week, row.added)) / timedelta(days=1)), 2),
            health=row.health,
            push=pushes.get(row.id, (None, None))[0],
            push_until=pushes.get(row.id, (None, None))[1],
        )
        for row in rows
    ]

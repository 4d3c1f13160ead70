"""How every configured feed is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from store.tables import feeds, items

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

#: The days over which items a day are counted.
RHYTHM_DAYS = 7


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """A row of ``feeds list``. ``items_per_day`` is over the last week, or since the feed was added if that is less."""

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
    items_per_day: float

    @property
    def health(self) -> str:
        """``new``, ``ok``, ``warning`` (it works, but something is odd) or ``failing``."""
        if self.polled is None:
            return "new"
        if self.failures:
            return "failing"
        return "warning" if self.problem else "ok"


def list_feeds(connection: Connection, now: datetime) -> list[FeedHealth]:
    """Every feed of the config, failing ones first."""
    week = now - timedelta(days=RHYTHM_DAYS)
    rows = connection.execute(
        select(feeds, func.count(items.c.id).label("recent"))
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
            items_per_day=round(row.recent / max(1.0, (now - max(week, row.added)) / timedelta(days=1)), 2),
        )
        for row in rows
    ]

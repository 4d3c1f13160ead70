"""Why there is no story yet: only asked while there is none, since it counts every item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from alerts.outcomes import ItemOutcome
from store.tables import feeds, items

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Quiet:
    """``baseline`` items report an event, but were there before their feed's first poll; ``pending`` ones wait to be
    read. ``readable_feeds`` are the active ones that were ever read, ``polled_feeds`` those it was tried with.
    """

    items: int
    pending: int
    baseline: int
    polled_feeds: int
    readable_feeds: int


def read_quiet(connection: Connection) -> Quiet:
    baseline = items.c.outcome == ItemOutcome.FIRST_POLL_BASELINE.value
    stored = connection.execute(
        select(func.count(), func.count(case((items.c.pending, 1))), func.count(case((baseline, 1)))).select_from(items)
    ).one()
    polled = connection.execute(
        select(func.count(feeds.c.polled), func.count(feeds.c.succeeded)).where(feeds.c.active)
    ).one()
    return Quiet(*stored, *polled)

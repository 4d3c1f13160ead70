"""Ids as a person types them: the start of one is enough where no other id starts so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, union

from store.errors import AmbiguousId, NotFound
from store.tables import alerts, deliveries, digest_stories, items, stories

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection


def item_id(connection: Connection, start: str) -> str:
    """The whole id of an item. Raises NotFound, AmbiguousId."""
    return _whole(connection, "item", start, items.c.id)


def alert_id(connection: Connection, start: str) -> str:
    """The whole id of an alert, or of a story it is about. Raises NotFound, AmbiguousId."""
    return _whole(connection, "alert", start, alerts.c.id, alerts.c.story_id, digest_stories.c.story_id)


def story_id(connection: Connection, start: str) -> str:
    """The whole id of a story. Raises NotFound, AmbiguousId."""
    return _whole(connection, "story", start, stories.c.id)


def delivery_id(connection: Connection, start: str) -> str:
    """The whole id of a delivery. Raises NotFound, AmbiguousId."""
    return _whole(connection, "delivery", start, deliveries.c.id)


def _whole(connection: Connection, what: str, start: str, *columns: Column[str]) -> str:
    queries = [select(column).where(column.startswith(start, autoescape=True)).limit(20) for column in columns]
    query = union(*(q.subquery().select() for q in queries))
    found: list[str] = list(connection.execute(query).scalars()) if start else []
    found = [one for one in found if one.startswith(start)]
    if start in found:
        return start
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    listed = f"`seedwire {many} list` shows the ids"
    if not found:
        raise NotFound(f"no {what} {start!r}; {listed}")
    if len(found) > 1:
        raise AmbiguousId(f"more than one {what} starts with {start!r}; give more of it, {listed}")
    return found[0]

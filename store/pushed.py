"""Sources that push articles to us: each has a row among the feeds, which no config names and nobody polls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from feeds.feed import feed_id
from feeds.identity import identify_pushed, select
from store import polls
from store.database import insert, serialize
from store.tables import feeds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from feeds.entry import Entry
    from feeds.identity import NewEntry

#: ``new``; ``updated``: known, and not as it was; ``known``: as it was, or as it has been before.
State = Literal["new", "updated", "known"]

_LOCK = 0x5EED_0006


def keep_source(connection: Connection, name: str, now: datetime) -> str:
    """The id of the feed that a source's articles belong to; its row is made when the first comes."""
    address = f"push:{name}"
    row = {
        "id": feed_id(address), "url": address, "host": "", "name": name, "tags": [], "fulltext": False,
        "allow_private": False, "first_poll": "alert", "active": False, "pushed": True, "added": now, "failures": 0,
        "baseline_done": True, "next_poll": now, "claims": 0,
    }  # fmt: skip
    connection.execute(insert(connection, feeds).on_conflict_do_nothing(), row)
    return feed_id(address)


def save_articles(
    connection: Connection, articles: Sequence[tuple[str, Entry]], now: datetime
) -> list[tuple[str, State]]:
    """Store articles, each with the id of its feed, in this order; returns the item of each and what it was."""
    serialize(connection, _LOCK)
    given = [identify_pushed(feed, entry) for feed, entry in articles]
    wanted: dict[str, list[str]] = {}
    for one in given:
        wanted.setdefault(one.feed_id, []).extend(one.keys[0])
    stored = polls.known_keys(connection, wanted, now)
    known = dict(stored.items)
    found: list[tuple[str, list[NewEntry], list[NewEntry], dict[str, str]]] = []
    told: list[tuple[str, State]] = []
    for one in given:
        selection = select(one, known)
        known |= selection.seen
        state: State = "new" if selection.new else "updated" if selection.updated else "known"
        told.append((selection.seen[one.keys[0][0]], state))
        found.append((one.feed_id, list(selection.new), list(selection.updated), dict(selection.seen)))
    polls.save_entries(connection, found, now, fresh=stored.fresh)
    return told

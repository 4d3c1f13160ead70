"""Sources that push articles to us: each has a row among the feeds, which no config names and nobody polls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from feeds.feed import feed_id
from feeds.identity import NewEntry, pushed_key
from feeds.item import Item
from store import polls
from store.database import insert, serialize
from store.tables import feeds, items

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from feeds.entry import Entry

#: ``new``; ``updated``: not as it is stored; ``known``: as it is stored, or deleted for its age.
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
    given = [(feed, pushed_key(feed, entry), entry) for feed, entry in articles]
    wanted: dict[str, dict[str, str]] = {}
    for feed, key, _ in given:
        wanted.setdefault(feed, {})[key] = key
    remembered = polls.known_keys(connection, wanted, now)
    known = set(remembered.items)
    stored = select(*(items.c[name] for name in ("id", "title", "text", "url", "published")))
    says = {row.id: tuple(row[1:]) for row in connection.execute(stored.where(items.c.id.in_(known)))}
    new: dict[str, list[NewEntry]] = {feed: [] for feed in wanted}
    updated: dict[str, list[NewEntry]] = {feed: [] for feed in wanted}
    told: list[tuple[str, State]] = []
    for feed, key, entry in given:
        item = Item(key, entry.title, entry.text, entry.link, entry.published, entry.language, feed)
        said = (item.title, item.text, item.url, item.published)
        # Of an item that was deleted for its age only the key is left, and nothing of it can change.
        state: State = "new" if key not in known else "known" if says.get(key, said) == said else "updated"
        if state != "known":
            (new if state == "new" else updated)[feed].append(NewEntry(item, (key,)))
            known.add(key)
            says[key] = said
        told.append((key, state))
    found = [(feed, new[feed], updated[feed], keys) for feed, keys in wanted.items()]
    polls.save_entries(connection, found, now, fresh=remembered.fresh)
    return told

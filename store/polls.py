"""What polls brought: which identities are known, and everything a poll writes, for many feeds in one step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, case, exists, func, or_, select, text, update

from feeds import moving
from feeds.feed import FeedState
from store.bulk import given_rows, insert_rows, update_rows
from store.database import insert_for
from store.feeds import host_of
from store.items import told_nothing_clearly
from store.tables import UtcTime, entry_keys, events, feeds, items

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select
    from sqlalchemy.dialects import postgresql, sqlite

    from feeds.feed import Feed
    from feeds.identity import NewEntry
    from feeds.poll import Poll

_STATE = tuple(FeedState.__dataclass_fields__)
_state_values = attrgetter(*_STATE)
_SAVED = [feeds.c[name] for name in (*_STATE, "host", "next_poll", "lease_owner", "lease_until", "claims", "id")]
_NEW = [
    items.c[name]
    for name in (
        "id", "feed_id", "url", "title", "text", "published", "language", "first_seen",
        "baseline", "pending", "near_miss", "claims",
    )
]  # fmt: skip
#: An identity's time is refreshed once a day: otherwise every poll would rewrite every row.
_REFRESH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """What is known of the keys that were asked for: the item of each, and those that need no writing again soon."""

    items: Mapping[str, str]
    fresh: Collection[str]


def known_keys(connection: Connection, wanted: Mapping[str, Iterable[str]], now: datetime) -> KnownKeys:
    """Which of these identities each feed has shown before, and the items they belong to. ``wanted`` is by feed id."""
    pairs = [(feed_id, key) for feed_id, keys in wanted.items() for key in keys]
    if not pairs:
        return KnownKeys({}, ())
    given = {"rows": json.dumps(pairs), "stale": now - _REFRESH}
    rows = connection.execute(_known_keys(connection.dialect.name), given).all()
    return KnownKeys({key: item_id for key, item_id, _ in rows}, {key for key, _, fresh in rows if fresh})


@cache
def _known_keys(dialect: str) -> Select[str, str, bool]:
    asked = given_rows(dialect, entry_keys.c.feed_id, entry_keys.c.key)
    return (
        select(entry_keys.c.key, entry_keys.c.item_id, entry_keys.c.seen > bindparam("stale", type_=UtcTime))
        .select_from(asked)
        .join(entry_keys, and_(entry_keys.c.feed_id == asked.c.feed_id, entry_keys.c.key == asked.c.key))
    )


def save_polls(
    connection: Connection,
    polls: Sequence[tuple[Feed, Poll]],
    *,
    owner: str,
    now: datetime,
    fresh: Collection[str] = (),
    rest: timedelta | None = None,
) -> set[str]:
    """Write what polls brought, their validators and their next times in one step; returns the ids of the feeds that
    this was done for. The others were taken over by another worker, which will have read the same documents.

    ``fresh`` are identities known to be stored as they are. For as long as ``rest`` says no worker asks the host again,
    unless the feed may be on a network of our own.
    """
    ids = [feed.id for feed, _ in polls]
    mine = select(feeds.c.id).where(feeds.c.id.in_(ids), feeds.c.lease_owner == owner).with_for_update()
    kept = set(connection.scalars(mine))
    saved = [(feed, poll) for feed, poll in polls if feed.id in kept]
    if not saved:
        return kept
    rested = now + rest if rest else None
    update_rows(
        connection,
        _SAVED,
        [
            (
                *_state_values(poll.state), host_of(moving.address(feed, poll.state)), poll.next_poll,
                None, None if feed.allow_private else rested, 0, feed.id,
            )
            for feed, poll in saved
        ],
    )  # fmt: skip
    found = [feed.id for feed, poll in saved if poll.new]
    if found:  # what a poll finds the hub has left out: it is not to be relied on until it pushes again
        relied = (feeds.c.id.in_(found), feeds.c.push_until.is_not(None))
        connection.execute(update(feeds).where(*relied).values(push_until=None))
    save_entries(connection, [(feed.id, poll.new, poll.updated, poll.seen) for feed, poll in saved], now, fresh=fresh)
    return kept


def save_entries(
    connection: Connection,
    found: Iterable[tuple[str, Sequence[NewEntry], Sequence[NewEntry], Mapping[str, str]]],
    now: datetime,
    *,
    fresh: Collection[str] = (),
) -> None:
    """Write new and updated items of feeds, and every identity that was seen but those that are ``fresh``."""
    new: list[tuple[object, ...]] = []
    updated: list[dict[str, object]] = []
    keys: list[tuple[str, str, str]] = []
    for feed_id, added, edited, seen in found:
        new += [
            (
                n.item.id, feed_id, n.item.url, n.item.title, n.item.text, n.item.published, n.item.language, now,
                n.baseline, True, False, 0,
            )
            for n in added
        ]  # fmt: skip
        updated += [
            {
                "item_id": u.item.id, "title": u.item.title, "text": u.item.text, "url": u.item.url,
                "published": u.item.published,
            }
            for u in edited
        ]  # fmt: skip
        named = dict(seen) | {key: n.item.id for n in added for key in n.keys}
        keys += [(feed_id, key, item_id) for key, item_id in named.items() if key not in fresh]
    insert_rows(connection, _NEW, new)
    if updated:
        shown = {name: bindparam(name, type_=items.c[name].type) for name in ("title", "url", "published")}
        # What an edit adds may be what was missing: an item that reported nothing clearly so far is read again.
        # One that a story shows waits too: who classifies passes the edit on, under the lock that stories need.
        differs = or_(*(items.c[name].is_distinct_from(value) for name, value in shown.items()))
        in_story = exists().where(events.c.item_id == items.c.id, events.c.story_id.is_not(None))
        again = case((or_(told_nothing_clearly(), and_(differs, in_story)), True), else_=items.c.pending)
        # Whoever is classifying the old text will find the lease gone, and the item is claimed again.
        changes: dict[str, object] = {"pending": again, "lease_owner": None, "lease_until": None, **shown}
        # A teaser takes no article's place: what its page told stays, and so do the places of the evidence in it.
        teaser = bindparam("text", type_=items.c.text.type)
        article = and_(items.c.page_id.is_not(None), func.length(items.c.text) > func.length(teaser))
        changes["text"] = case((article, items.c.text), else_=teaser)
        connection.execute(update(items).where(items.c.id == bindparam("item_id")).values(changes), updated)
    if keys:
        _save_keys(connection, sorted(keys), now)


def _save_keys(connection: Connection, keys: Sequence[tuple[str, str, str]], now: datetime) -> None:
    given = {"rows": json.dumps(keys), "now": now, "stale": now - _REFRESH}
    connection.execute(_save_keys_statement(connection.dialect.name), given)


@cache
def _save_keys_statement(dialect: str) -> sqlite.Insert | postgresql.Insert:
    given = given_rows(dialect, entry_keys.c.feed_id, entry_keys.c.key, entry_keys.c.item_id)
    now = bindparam("now", type_=UtcTime)
    rows = select(given, now).where(text("true"))  # or SQLite takes ON CONFLICT for a join
    statement = insert_for(dialect, entry_keys).from_select(["feed_id", "key", "item_id", "seen"], rows)
    stale = or_(
        entry_keys.c.seen < bindparam("stale", type_=UtcTime), entry_keys.c.item_id != statement.excluded.item_id
    )
    return statement.on_conflict_do_update(
        index_elements=["feed_id", "key"],
        set_={"seen": statement.excluded.seen, "item_id": statement.excluded.item_id},
        where=stale,
    )

"""Feeds: kept equal to the config, claimed when due, saved together with what a poll brought."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import case, func, or_, select, update

from alerts.outcomes import ItemOutcome
from feeds.feed import Feed, FeedState, FirstPoll
from store.database import insert, serialize
from store.tables import entry_keys, feeds, items

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from feeds.item import Item

_CLAIM_LOCK = 0x5EED_0001
NOTHING_REPORTED = ItemOutcome.BELOW_THRESHOLD.value
_STATE_COLUMNS = tuple(feeds.c[name] for name in FeedState.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class ClaimedFeed:
    """A feed this worker may poll until its lease runs out.

    ``claims`` counts how often it was claimed, this time too, since a poll of it was last brought to an end.
    """

    feed: Feed
    state: FeedState
    claims: int


@dataclass(frozen=True, slots=True)
class StoredItem:
    """A new item on its way into the store, with every identity its entry goes by."""

    item: Item
    keys: tuple[str, ...]
    baseline: bool


def sync(connection: Connection, configured: Sequence[Feed], now: datetime) -> tuple[int, int]:
    """Make the table say what the config says; return how many feeds were added (or came back) and taken out.

    A new feed is due at once. A feed taken out keeps its rows, so that one put back does not flood.
    """
    serialize(connection, _CLAIM_LOCK)
    wanted = {feed.id: feed for feed in configured}
    known = {row.id: row for row in connection.execute(select(feeds))}
    added = 0
    for feed_id, feed in wanted.items():
        row = known.get(feed_id)
        if row is None:
            values = _config_values(feed) | {
                "id": feed_id, "added": now, "next_poll": now, "failures": 0, "baseline_done": False, "claims": 0,
            }  # fmt: skip
            connection.execute(insert(connection, feeds).values(values).on_conflict_do_nothing())
            added += 1
        elif _feed(row) != feed or not row.active:
            changes = _config_values(feed)
            if feed.interval and row.interval_seconds != changes["interval_seconds"]:
                changes["next_poll"] = min(row.next_poll, now + feed.interval)
            added += not row.active
            connection.execute(update(feeds).where(feeds.c.id == feed_id).values(changes))
    gone = [feed_id for feed_id, row in known.items() if row.active and feed_id not in wanted]
    if gone:
        connection.execute(update(feeds).where(feeds.c.id.in_(gone)).values(active=False))
    return added, len(gone)


def claim_due(
    connection: Connection, now: datetime, *, limit: int, per_host: int, owner: str, lease: timedelta
) -> list[ClaimedFeed]:
    """Lease up to ``limit`` due feeds, at most ``per_host`` at once of one host over all workers.

    Hosts take turns: every host's most overdue feed comes before any host's second one, so that a host with a
    thousand feeds starves nobody.
    """
    serialize(connection, _CLAIM_LOCK)
    busy = (
        select(feeds.c.host, func.count().label("busy"))
        .where(feeds.c.lease_until > now)
        .group_by(feeds.c.host)
        .subquery()
    )
    free = or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= now)
    rank = func.row_number().over(partition_by=feeds.c.host, order_by=(feeds.c.next_poll, feeds.c.id))
    due = (
        select(feeds.c.id, feeds.c.host, feeds.c.next_poll, rank.label("rank"))
        .where(feeds.c.active, feeds.c.next_poll <= now, free)
        .subquery()
    )
    chosen = (
        select(feeds.c.id)
        .join(due, due.c.id == feeds.c.id)
        .outerjoin(busy, busy.c.host == due.c.host)
        .where(due.c.rank + func.coalesce(busy.c.busy, 0) <= per_host)
        .order_by(due.c.rank, due.c.next_poll)
        .limit(limit)
        .with_for_update(skip_locked=True, of=feeds)
    )
    ids = list(connection.execute(chosen).scalars())
    if not ids:
        return []
    rows = connection.execute(
        update(feeds)
        .where(feeds.c.id.in_(ids))
        .values(lease_owner=owner, lease_until=now + lease, claims=feeds.c.claims + 1)
        .returning(*feeds.c)
    )
    return [ClaimedFeed(_feed(row), _state(row), row.claims) for row in rows]


def count_due(connection: Connection, now: datetime) -> int:
    free = or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= now)
    return (
        connection.scalar(select(func.count()).select_from(feeds).where(feeds.c.active, feeds.c.next_poll <= now, free))
        or 0
    )


def known_keys(connection: Connection, feed_id: str, keys: Iterable[str]) -> dict[str, str]:
    """Which of these identities this feed has shown before, and the item each belongs to."""
    wanted = list(keys)
    found: dict[str, str] = {}
    for start in range(0, len(wanted), 500):  # SQLite bounds the variables of one statement
        part = wanted[start : start + 500]
        rows = connection.execute(
            select(entry_keys.c.key, entry_keys.c.item_id).where(
                entry_keys.c.feed_id == feed_id, entry_keys.c.key.in_(part)
            )
        )
        found.update((row.key, row.item_id) for row in rows)
    return found


def save_poll(
    connection: Connection,
    feed: Feed,
    *,
    owner: str,
    state: FeedState,
    next_poll: datetime,
    new: Sequence[StoredItem],
    updated: Sequence[StoredItem],
    seen: Mapping[str, str],
    now: datetime,
) -> bool:
    """Write what a poll brought, its validators and its next time in one step; False when the lease was lost.

    Another worker that took the feed over will have read the same document: then nothing is written here.
    """
    kept = connection.execute(
        update(feeds)
        .where(feeds.c.id == feed.id, feeds.c.lease_owner == owner)
        .values(**asdict(state), next_poll=next_poll, lease_owner=None, lease_until=None, claims=0)
    )
    if kept.rowcount != 1:
        return False
    if new:
        rows = [
            {
                "id": n.item.id, "feed_id": feed.id, "url": n.item.url, "title": n.item.title, "text": n.item.text,
                "published": n.item.published, "language": n.item.language, "first_seen": now, "claims": 0,
                "baseline": n.baseline, "pending": True, "near_miss": False,
            }
            for n in new
        ]  # fmt: skip
        connection.execute(insert(connection, items).on_conflict_do_nothing(), rows)
    for entry in updated:
        # What an edit adds may be what was missing: an item that reported nothing so far is read again.
        again = case((items.c.outcome == NOTHING_REPORTED, True), else_=items.c.pending)
        connection.execute(
            update(items)
            .where(items.c.id == entry.item.id)
            .values(
                title=entry.item.title,
                text=entry.item.text,
                url=entry.item.url,
                published=entry.item.published,
                pending=again,
                # Whoever is classifying the old text will find the lease gone, and the item is claimed again.
                lease_owner=None,
                lease_until=None,
            )
        )
    keys = dict(seen) | {key: n.item.id for n in new for key in n.keys}
    if keys:
        statement = insert(connection, entry_keys)
        # The time is only refreshed once a day: otherwise every poll would rewrite every row.
        statement = statement.on_conflict_do_update(
            index_elements=["feed_id", "key"],
            set_={"seen": statement.excluded.seen, "item_id": statement.excluded.item_id},
            where=or_(entry_keys.c.seen < now - timedelta(days=1), entry_keys.c.item_id != statement.excluded.item_id),
        )
        connection.execute(
            statement, [{"feed_id": feed.id, "key": k, "item_id": v, "seen": now} for k, v in sorted(keys.items())]
        )
    return True


def renew(connection: Connection, feed_ids: Sequence[str], owner: str, until: datetime) -> None:
    """Hold on to feeds whose fetching or reading takes long: a lease that ran out would have them polled twice."""
    connection.execute(
        update(feeds).where(feeds.c.id.in_(feed_ids), feeds.c.lease_owner == owner).values(lease_until=until)
    )


def make_due(connection: Connection, now: datetime) -> None:
    """Every active feed is due now: for a pass that a person asks for."""
    connection.execute(update(feeds).where(feeds.c.active, feeds.c.next_poll > now).values(next_poll=now))


def _config_values(feed: Feed) -> dict[str, object]:
    return {
        "url": feed.url,
        "host": (urlsplit(feed.url).hostname or "").lower(),
        "name": feed.name,
        "tags": list(feed.tags),
        "interval_seconds": feed.interval.total_seconds() if feed.interval else None,
        "fulltext": feed.fulltext,
        "allow_private": feed.allow_private,
        "first_poll": _write_first_poll(feed.first_poll),
        "active": True,
    }


def _feed(row: Row[tuple[object, ...]]) -> Feed:
    return Feed(
        url=row.url,
        name=row.name,
        tags=tuple(row.tags),
        interval=timedelta(seconds=row.interval_seconds) if row.interval_seconds else None,
        fulltext=row.fulltext,
        allow_private=row.allow_private,
        first_poll=_read_first_poll(row.first_poll),
    )


def _state(row: Row[tuple[object, ...]]) -> FeedState:
    return FeedState(**{column.name: getattr(row, column.name) for column in _STATE_COLUMNS})


def _write_first_poll(first_poll: FirstPoll) -> str:
    return f"{first_poll.total_seconds():.0f}" if isinstance(first_poll, timedelta) else first_poll


def _read_first_poll(stored: str) -> FirstPoll:
    if stored == "alert":
        return "alert"
    return timedelta(seconds=int(stored)) if stored.isdigit() else "baseline"

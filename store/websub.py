"""Subscriptions at hubs (WebSub): what hubs say of them, and how they stand. What is asked is in store.subscribing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, delete, select, update

from feeds.entry import Entry
from feeds.websub import PushState, Subscription, granted, renew_at, retry_at
from store.feeds import read_feed, read_state
from store.tables import feeds, items, subscriptions

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from feeds.feed import Feed, FeedState

#: How long a subscription that was given back is remembered: the hub may ask again whether it is so.
_AFTER_GOODBYE = timedelta(hours=1)
#: A feed whose hub merely says that there is something is polled at once, but not more often than this.
_PING_SPACING = timedelta(seconds=10)
_FIELDS = tuple(subscriptions.c[name] for name in Subscription.__dataclass_fields__)


def find(connection: Connection, feed_id: str, token: str) -> Subscription | None:
    row = connection.execute(
        select(subscriptions).where(subscriptions.c.token == token, subscriptions.c.feed_id == feed_id)
    ).one_or_none()
    return read_subscription(row) if row else None


def feed_of(connection: Connection, one: Subscription) -> tuple[Feed, FeedState] | None:
    """The feed and what is remembered of it; None where it has left the config."""
    row = connection.execute(select(feeds).where(feeds.c.id == one.feed_id, feeds.c.active)).one_or_none()
    return (read_feed(row), read_state(row)) if row else None


def save_confirmed(
    connection: Connection, one: Subscription, lease_seconds: str | None, now: datetime, rng: random.Random
) -> None:
    """The hub asked back whether it was we who asked for this."""
    values: dict[str, object] = {"confirmed": now, "failures": 0, "problem": None, "problem_detail": None}
    if one.wanted:
        lease = granted(lease_seconds)
        values |= {"expires": now + lease, "due": renew_at(now, lease, rng)}
        connection.execute(
            update(feeds)
            .where(feeds.c.id == one.feed_id, feeds.c.push_until > now)  # renewed while it was relied on
            .values(push_until=now + lease)
        )
    else:
        values |= {"expires": None, "due": now + _AFTER_GOODBYE}
    connection.execute(update(subscriptions).where(subscriptions.c.token == one.token).values(values))


def save_denied(connection: Connection, one: Subscription, reason: str, now: datetime, rng: random.Random) -> None:
    """The hub does not push this feed, or not any more (5.2)."""
    if not one.wanted:
        connection.execute(delete(subscriptions).where(subscriptions.c.token == one.token))
        return
    connection.execute(update(subscriptions).where(subscriptions.c.token == one.token).values(expires=None))
    resume_polling(connection, [one.feed_id], now)
    with_no_lease = replace(one, expires=None)
    again = retry_at(now, one.failures + 1, rng, denied=True)
    save_failed(connection, with_no_lease, now, "denied", reason or "the hub gave no reason", again)


def save_pushed(connection: Connection, one: Subscription, now: datetime, *, brought: bool) -> None:
    """A push came that could be read: from here on this feed's hub is relied on for as long as it has promised."""
    connection.execute(update(subscriptions).where(subscriptions.c.token == one.token).values(pushed=now))
    changes: dict[str, object] = {"push_until": one.expires} if one.is_active(now) else {}
    if brought:
        changes["changed"] = now
    if changes:
        connection.execute(update(feeds).where(feeds.c.id == one.feed_id).values(changes))


def make_due(connection: Connection, feed_id: str, now: datetime) -> None:
    """Poll a feed of which its hub says that there is something new. One that is failing keeps to its own wait."""
    polled = connection.scalar(select(feeds.c.polled).where(feeds.c.id == feed_id))
    at = max(now, polled + _PING_SPACING) if polled else now
    connection.execute(
        update(feeds)
        .where(feeds.c.id == feed_id, feeds.c.active, feeds.c.failures == 0, feeds.c.next_poll > at)
        .values(next_poll=at)
    )


def resume_polling(connection: Connection, feed_ids: Sequence[str], now: datetime) -> None:
    """Poll those feeds again as if they had no hub, those that are due late because they had one at once."""
    for start in range(0, len(feed_ids), 500):
        part = feed_ids[start : start + 500]
        connection.execute(
            update(feeds)
            .where(feeds.c.id.in_(part), feeds.c.push_until.is_not(None), feeds.c.failures == 0)
            .values(
                # Not emptied: the wait before the next poll was a relaxed one, and that is told by it.
                push_until=case((feeds.c.push_until > now, now), else_=feeds.c.push_until),
                next_poll=case((feeds.c.next_poll > now, now), else_=feeds.c.next_poll),
            )
        )


def save_failed(
    connection: Connection, one: Subscription, now: datetime, problem: str, detail: str, retry: datetime
) -> None:
    """A request came to nothing; the next is due at ``retry``, at the feed's next hub where it names several."""
    hub = one.hub
    if one.wanted and not one.is_active(now):
        named = connection.scalar(select(feeds.c.hubs).where(feeds.c.id == one.feed_id)) or ""
        hubs = named.split()
        if hub in hubs:
            hub = hubs[(hubs.index(hub) + 1) % len(hubs)]
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.token == one.token)
        .values(
            hub=hub,
            failures=one.failures + 1,
            problem=problem,
            problem_detail=detail[:500],
            asked=None,
            # Not later than the lease ends: then polling is to know.
            due=min(retry, one.expires) if one.expires and one.expires > now else retry,
            lease_owner=None,
            lease_until=None,
        )
    )


def states(
    connection: Connection, now: datetime, among: Sequence[str] | None = None
) -> Mapping[str, tuple[PushState, datetime | None]]:
    """How it stands with pushes of every active feed that names a hub, and until when they are promised. ``among``
    are the ids of feeds that are asked about, ``None`` for all."""
    named = select(feeds.c.id).where(feeds.c.active, feeds.c.hubs.is_not(None))
    asked = select(subscriptions).where(subscriptions.c.wanted)
    if among is not None:
        named, asked = named.where(feeds.c.id.in_(among)), asked.where(subscriptions.c.feed_id.in_(among))
    found: dict[str, tuple[PushState, datetime | None]] = dict.fromkeys(connection.scalars(named), ("offered", None))
    for row in connection.execute(asked):
        one = read_subscription(row)
        if one.feed_id in found:
            found[one.feed_id] = (one.state(now), one.expires if one.is_active(now) else None)
    return found


def newest_entries(connection: Connection, feed_id: str, limit: int) -> tuple[Entry, ...]:
    """Address, title and time of a feed's newest items."""
    rows = connection.execute(
        select(items.c.url, items.c.title, items.c.published)
        .where(items.c.feed_id == feed_id)
        .order_by(items.c.first_seen.desc(), items.c.id.desc())
        .limit(limit)
    )
    return tuple(Entry(link=row.url, title=row.title, published=row.published) for row in rows)


def read_subscription(row: Row[Any]) -> Subscription:
    return Subscription(**{column.name: getattr(row, column.name) for column in _FIELDS})

"""Subscriptions at hubs (WebSub): kept equal to what feeds offer, claimed when due, changed by what hubs say."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, delete, func, or_, select, update

from feeds.entry import Entry
from feeds.websub import CONFIRM_WITHIN, PushState, Subscription, granted, renew_at, retry_at
from store import state
from store.database import serialize
from store.feeds import read_feed, read_state
from store.tables import feeds, items, subscriptions

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from feeds.feed import Feed, FeedState

_LOCK = 0x5EED_0004
_COMPARED = "push"
#: How often subscriptions are compared with what feeds offer.
COMPARE_EVERY = timedelta(seconds=5)
#: Requests to give a subscription back before it is left to end by itself.
_MOST_GOODBYES = 3
#: How long a subscription that was given back is remembered: the hub may ask again whether it is so.
_AFTER_GOODBYE = timedelta(hours=1)
#: A feed whose hub merely says that there is something is polled at once, but not more often than this.
_PING_SPACING = timedelta(seconds=10)
_FIELDS = tuple(subscriptions.c[name] for name in Subscription.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class ClaimedSubscription:
    """One about which its hub is to be asked now, by this worker until its lease runs out."""

    subscription: Subscription
    allow_private: bool


# --- what is wanted --------------------------------------------------------------------------------------------


def is_due(connection: Connection, now: datetime, *, offered: bool) -> bool:
    """Whether there is something to do. ``offered`` says whether pushes are wanted at all."""
    if connection.scalar(select(func.count()).select_from(_due(now).subquery())):
        return True
    compared = state.get(connection, _COMPARED)
    if compared is not None and now - compared.at < COMPARE_EVERY:
        return False
    return offered or bool(connection.scalar(select(func.count()).where(subscriptions.c.wanted)))


def differs(connection: Connection, callback: str) -> bool:
    """Whether ``keep_equal`` would change anything."""
    return any(_differences(connection, callback))


def keep_equal(connection: Connection, callback: str, now: datetime) -> tuple[int, int]:
    """Have one wanted subscription for every active feed that names a hub, at a hub and for a topic that it names.

    ``callback`` is the address under which hubs reach us, "" where they are not to. Returns how many were added and
    how many are not wanted any more.
    """
    serialize(connection, _LOCK)
    offers, gone = _differences(connection, callback)
    for row in gone:
        # One that the hub has never confirmed, or that is over, needs no goodbye.
        if row.expires is None or row.expires <= now:
            connection.execute(delete(subscriptions).where(subscriptions.c.token == row.token))
        else:
            connection.execute(
                update(subscriptions)
                .where(subscriptions.c.token == row.token)
                .values(wanted=False, due=now, failures=0, problem=None, problem_detail=None, asked=None)
            )
    resume_polling(connection, [row.feed_id for row in gone], now)
    rows = [
        {
            "token": secrets.token_urlsafe(32), "secret": secrets.token_urlsafe(32), "feed_id": feed_id,
            "hub": hubs[0], "topic": topic, "callback": callback, "wanted": True, "created": now, "due": now,
            "failures": 0,
        }
        for feed_id, (hubs, topic) in offers.items()
    ]  # fmt: skip
    if rows:
        connection.execute(subscriptions.insert(), rows)
    state.put(connection, _COMPARED, {}, now)
    return len(rows), len(gone)


def compared(connection: Connection, now: datetime) -> None:
    """Note that subscriptions were found to be as they should."""
    state.put(connection, _COMPARED, {}, now)


def _differences(
    connection: Connection, callback: str
) -> tuple[dict[str, tuple[list[str], str]], Sequence[Row[tuple[Any, ...]]]]:
    """What feeds offer and nobody has subscribed to, and the subscriptions that nobody offers any more."""
    offers: dict[str, tuple[list[str], str]] = {}
    if callback:
        rows = connection.execute(
            select(feeds.c.id, feeds.c.hubs, feeds.c.topic).where(feeds.c.active, feeds.c.hubs.is_not(None))
        )
        offers = {row.id: (row.hubs.split(), row.topic) for row in rows if row.hubs and row.topic}
    gone = []
    for row in connection.execute(select(subscriptions).where(subscriptions.c.wanted)):
        hubs, topic = offers.get(row.feed_id, ([], ""))
        if row.hub in hubs and row.topic == topic and row.callback == callback:
            del offers[row.feed_id]
        else:
            gone.append(row)
    return offers, gone


# --- asking hubs -----------------------------------------------------------------------------------------------


def claim_due(
    connection: Connection,
    now: datetime,
    *,
    limit: int,
    per_hub: int,
    owner: str,
    lease: timedelta,
    rng: random.Random,
) -> list[ClaimedSubscription]:
    """Lease up to ``limit`` that are due, at most ``per_hub`` at once of one hub over all workers.

    What is over is put away on the way: leases that ended, requests that no hub came back to, goodbyes that were said.
    """
    serialize(connection, _LOCK)
    for row in connection.execute(_due(now)).all():
        _put_away(connection, _subscription(row), now, rng)
    busy = (
        select(subscriptions.c.hub, func.count().label("busy"))
        .where(subscriptions.c.lease_until > now)
        .group_by(subscriptions.c.hub)
        .subquery()
    )
    rank = func.row_number().over(
        partition_by=subscriptions.c.hub, order_by=(subscriptions.c.due, subscriptions.c.token)
    )
    due = _due(now).add_columns(rank.label("rank")).subquery()
    rows = connection.execute(
        select(due, feeds.c.allow_private)
        .outerjoin(busy, busy.c.hub == due.c.hub)
        .join(feeds, feeds.c.id == due.c.feed_id)
        .where(due.c.rank + func.coalesce(busy.c.busy, 0) <= per_hub)
        .order_by(due.c.rank, due.c.due)
        .limit(limit)
    ).all()
    tokens = [row.token for row in rows]
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.token.in_(tokens))
        # Before the hub is asked: it may ask back before it answers.
        .values(lease_owner=owner, lease_until=now + lease, asked=now)
    )
    return [ClaimedSubscription(_subscription(row), row.allow_private) for row in rows]


def _put_away(connection: Connection, one: Subscription, now: datetime, rng: random.Random) -> None:
    ended = one.expires is None or one.expires <= now
    if not one.wanted and (ended or one.failures >= _MOST_GOODBYES):
        connection.execute(delete(subscriptions).where(subscriptions.c.token == one.token))
        return
    if one.expires is not None and ended:
        connection.execute(update(subscriptions).where(subscriptions.c.token == one.token).values(expires=None))
        resume_polling(connection, [one.feed_id], now)
    if one.is_unconfirmed:
        minutes = CONFIRM_WITHIN / timedelta(minutes=1)
        detail = f"the hub took the request and did not ask back within {minutes:g} minutes"
        _fail(connection, one, now, "unconfirmed", detail, retry_at(now, one.failures + 1, rng))


def _due(now: datetime) -> Any:
    free = or_(subscriptions.c.lease_until.is_(None), subscriptions.c.lease_until <= now)
    return select(subscriptions).where(subscriptions.c.due <= now, free)


def save_accepted(connection: Connection, one: Subscription, owner: str, now: datetime) -> None:
    """The hub has taken the request and is to ask back; it may have done so already."""
    waiting = or_(subscriptions.c.confirmed.is_(None), subscriptions.c.confirmed < subscriptions.c.asked)
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.token == one.token, subscriptions.c.lease_owner == owner)
        .values(
            lease_owner=None,
            lease_until=None,
            due=case((waiting, now + CONFIRM_WITHIN), else_=subscriptions.c.due),
        )
    )


def save_refused(
    connection: Connection,
    one: Subscription,
    owner: str,
    now: datetime,
    *,
    problem: str,
    detail: str,
    retry: datetime,
) -> None:
    """The hub refused, or did not answer. Where it has asked back all the same, that counts."""
    kept = connection.execute(
        select(subscriptions).where(subscriptions.c.token == one.token, subscriptions.c.lease_owner == owner)
    ).one_or_none()
    if kept is None:
        return
    fresh = _subscription(kept)
    if fresh.is_unconfirmed:
        _fail(connection, fresh, now, problem, detail, retry)
    else:
        connection.execute(
            update(subscriptions).where(subscriptions.c.token == one.token).values(lease_owner=None, lease_until=None)
        )


def _fail(connection: Connection, one: Subscription, now: datetime, problem: str, detail: str, retry: datetime) -> None:
    hub = one.hub
    if one.wanted and not one.is_active(now):
        named = connection.scalar(select(feeds.c.hubs).where(feeds.c.id == one.feed_id)) or ""
        hubs = named.split()
        if hub in hubs:  # the next one, where the feed names several
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


# --- what hubs say ---------------------------------------------------------------------------------------------


def find(connection: Connection, feed_id: str, token: str) -> Subscription | None:
    row = connection.execute(
        select(subscriptions).where(subscriptions.c.token == token, subscriptions.c.feed_id == feed_id)
    ).one_or_none()
    return _subscription(row) if row else None


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
    with_no_lease = Subscription(
        one.token, one.feed_id, one.hub, one.topic, one.callback, one.secret, failures=one.failures
    )
    again = retry_at(now, one.failures + 1, rng, denied=True)
    _fail(connection, with_no_lease, now, "denied", reason or "the hub gave no reason", again)


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


# --- what is shown ---------------------------------------------------------------------------------------------


def states(connection: Connection, now: datetime) -> Mapping[str, tuple[PushState, datetime | None]]:
    """How it stands with pushes of every active feed that names a hub, and until when they are promised."""
    offering = connection.scalars(select(feeds.c.id).where(feeds.c.active, feeds.c.hubs.is_not(None)))
    found: dict[str, tuple[PushState, datetime | None]] = dict.fromkeys(offering, ("offered", None))
    for row in connection.execute(select(subscriptions).where(subscriptions.c.wanted)):
        one = _subscription(row)
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


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(**{column.name: getattr(row, column.name) for column in _FIELDS})

"""Which subscriptions are wanted at hubs (WebSub), and about which a hub is to be asked now."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, delete, func, or_, select, update

from feeds.websub import CONFIRM_WITHIN, Subscription, retry_at
from store import state
from store.database import serialize
from store.tables import feeds, subscriptions
from store.websub import read_subscription, resume_polling, save_failed

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

_LOCK = 0x5EED_0004
_COMPARED = "push"
#: How often subscriptions are compared with what feeds offer.
COMPARE_EVERY = timedelta(seconds=5)
#: Requests to give a subscription back before it is left to end by itself.
_MOST_GOODBYES = 3


@dataclass(frozen=True, slots=True)
class ClaimedSubscription:
    """One about which its hub is to be asked now, by this worker until its lease runs out."""

    subscription: Subscription
    allow_private: bool


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
        _put_away(connection, read_subscription(row), now, rng)
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
    return [ClaimedSubscription(read_subscription(row), row.allow_private) for row in rows]


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
        save_failed(connection, one, now, "unconfirmed", detail, retry_at(now, one.failures + 1, rng))


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
    fresh = read_subscription(kept)
    if fresh.is_unconfirmed:
        save_failed(connection, fresh, now, problem, detail, retry)
    else:
        connection.execute(
            update(subscriptions).where(subscriptions.c.token == one.token).values(lease_owner=None, lease_until=None)
        )

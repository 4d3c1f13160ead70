"""Feeds: kept equal to the config, and claimed when they are due (``store.polls`` saves what came of it)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from sqlalchemy import String, and_, bindparam, func, or_, select, update

from feeds.feed import Feed, FeedState, FirstPoll
from store.database import insert, serialize
from store.errors import NotFound
from store.tables import UtcTime, feeds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row


_CLAIM_LOCK = 0x5EED_0001
#: As many due feeds are looked at in one go to find those of hosts that are free; and so many times at most a claim.
_WINDOW, _LOOKS = 400, 8
#: A feed that was in hand this often when its worker died may be why: it is polled alone.
SUSPECT = 2
#: Whoever asks for a poll gets none sooner after the last one than this.
_AGAIN = timedelta(seconds=30)
#: Problems by which a publisher says how long to wait.
_WAITS_AS_ASKED = frozenset({"too-many-requests", "unavailable"})
_CONFIG_COLUMNS = tuple(
    feeds.c[name] for name in ("url", "name", "tags", "interval_seconds", "fulltext", "allow_private", "first_poll")
)
_STATE_COLUMNS = tuple(feeds.c[name] for name in FeedState.__dataclass_fields__)
#: What a claim reads, in the order of :class:`ClaimedFeed`.
_CLAIMED = (*_CONFIG_COLUMNS, *_STATE_COLUMNS, feeds.c.host, feeds.c.next_poll, feeds.c.claims, feeds.c.push_until)

# Statements that every look at what is due needs, made once: making one takes longer than running it.
_NOW, _OWNER = bindparam("now", type_=UtcTime), bindparam("owner", type_=String)
_FREE = or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= _NOW)
_DUE = and_(feeds.c.active, feeds.c.next_poll <= _NOW, _FREE)
_ANY_DUE = select(feeds.c.id).where(_DUE).limit(1)
_COUNT_DUE = select(func.count()).select_from(feeds).where(_DUE)
#: The hosts that are left alone now: another worker is at them, or they rest.
_OTHERS = or_(feeds.c.lease_owner.is_(None), feeds.c.lease_owner != _OWNER)
_TAKEN = select(feeds.c.host).where(feeds.c.lease_until > _NOW, _OTHERS)
_TAKEN_ONCE = _TAKEN.distinct()
_DUE_LONGEST = (
    select(feeds.c.id, feeds.c.host)
    .where(_DUE, feeds.c.claims < SUSPECT)
    .where(feeds.c.host.not_in(bindparam("without", expanding=True)))
    .where(feeds.c.id.not_in(bindparam("chosen", expanding=True)))
    .order_by(feeds.c.next_poll)
    .limit(_WINDOW)
)
_SUSPECTED = (
    select(feeds.c.id)
    .where(_DUE, feeds.c.claims >= SUSPECT, feeds.c.host.not_in(_TAKEN))
    .order_by(feeds.c.next_poll)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_LEASE = (
    update(feeds)
    .where(feeds.c.id.in_(bindparam("ids", expanding=True)))
    .values(lease_owner=_OWNER, lease_until=bindparam("until", type_=UtcTime), claims=feeds.c.claims + 1)
    .returning(*_CLAIMED)
)


@dataclass(frozen=True, slots=True)
class ClaimedFeed:
    """A feed this worker may poll until its lease runs out.

    ``host`` is where it is asked for, ``due`` since when it has been due. ``claims`` counts how often it was claimed,
    this time too, since a poll of it was last brought to an end. Up to ``push_until`` a hub that has proved to push
    what is new has promised to (``store.websub``).
    """

    feed: Feed
    state: FeedState
    host: str
    due: datetime
    claims: int
    push_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PollNow:
    """What came of asking for a poll: the feed is ``due`` at ``next_poll``, somebody is ``polling`` it, or its
    publisher has ``asked-to-wait`` until then."""

    outcome: Literal["due", "polling", "asked-to-wait"]
    next_poll: datetime


def sync(connection: Connection, configured: Sequence[Feed], now: datetime) -> tuple[int, int]:
    """Make the table say what the config says; return how many feeds were added (or came back) and taken out.

    A new feed is due at once. A feed taken out keeps its rows, so that one put back does not flood.
    """
    serialize(connection, _CLAIM_LOCK)
    wanted = {feed.id: feed for feed in configured}
    known = {row.id: row for row in connection.execute(select(feeds))}
    new = [
        {"id": feed_id, "added": now, "next_poll": now, "failures": 0, "baseline_done": False, "claims": 0}
        | _config_values(feed)
        for feed_id, feed in wanted.items()
        if feed_id not in known
    ]
    if new:
        connection.execute(insert(connection, feeds).on_conflict_do_nothing(), new)
    added = len(new)
    for feed_id, row in known.items():
        feed = wanted.get(feed_id)
        if feed is not None and (read_feed(row) != feed or not row.active):
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
    connection: Connection,
    now: datetime,
    *,
    limit: int,
    per_host: int,
    owner: str,
    lease: timedelta,
    room: Mapping[str, int] | None = None,
) -> list[ClaimedFeed]:
    """Lease up to ``limit`` due feeds of hosts that no other worker is at: one worker at a time has a host's feeds, and
    sees to it how many of them it asks for at once. It gets no more than ``per_host`` of one, or than ``room`` says for
    hosts whose feeds it has in hand already.

    Hosts take turns: every host's most overdue feed comes before any host's second one, so that a host with a
    thousand feeds starves nobody. The cost does not grow with the number of due feeds: they are looked at in the order
    in which they are due, a window at a time, leaving out hosts that have got their share.
    """
    serialize(connection, _CLAIM_LOCK)
    left = dict(room or {})
    taken = list(connection.scalars(_TAKEN_ONCE, {"now": now, "owner": owner}))
    chosen: list[str] = []
    for _ in range(_LOOKS):
        full = [host for host, count in left.items() if count <= 0]
        rows = _look(connection, now, [*taken, *full], chosen)
        before = len(chosen)
        for feed_id, host in _in_turns(rows):
            if left.setdefault(host, per_host) > 0 and len(chosen) < limit:
                chosen.append(feed_id)
                left[host] -= 1
        if len(chosen) >= limit or len(rows) < _WINDOW or len(chosen) == before:
            break
    return _lease(connection, now, owner, lease, chosen)


def claim_suspect(connection: Connection, now: datetime, *, owner: str, lease: timedelta) -> ClaimedFeed | None:
    """Lease one due feed that may have ended the workers that had it in hand."""
    serialize(connection, _CLAIM_LOCK)
    chosen = connection.scalar(_SUSPECTED, {"now": now, "owner": owner})
    return _lease(connection, now, owner, lease, [chosen])[0] if chosen else None


def _look(
    connection: Connection, now: datetime, without: Sequence[str], chosen: Sequence[str]
) -> list[tuple[str, str]]:
    """Ids and hosts of the feeds that have been due longest, of hosts but those ``without``."""
    rows = connection.execute(_DUE_LONGEST, {"now": now, "without": without, "chosen": chosen})
    return [(feed_id, host) for feed_id, host in rows]


def _in_turns(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The rows so that every host's first comes before any host's second."""
    turns: Counter[str] = Counter()
    ranked = []
    for feed_id, host in rows:
        ranked.append((turns[host], feed_id, host))
        turns[host] += 1
    return [(feed_id, host) for _, feed_id, host in sorted(ranked, key=lambda one: one[0])]


def _lease(
    connection: Connection, now: datetime, owner: str, lease: timedelta, ids: Sequence[str]
) -> list[ClaimedFeed]:
    if not ids:
        return []
    rows = connection.execute(_LEASE, {"ids": ids, "owner": owner, "until": now + lease})
    order = {feed_id: position for position, feed_id in enumerate(ids)}
    claimed = [ClaimedFeed(_feed(*row[:7]), FeedState(*row[7:-4]), *row[-4:]) for row in rows]
    return sorted(claimed, key=lambda one: order[one.feed.id])


def count_due(connection: Connection, now: datetime) -> int:
    return connection.scalar(_COUNT_DUE, {"now": now}) or 0


def any_due(connection: Connection, now: datetime) -> bool:
    return connection.scalar(_ANY_DUE, {"now": now}) is not None


def release(connection: Connection, feed_ids: Sequence[str], owner: str) -> None:
    """Give feeds back that were claimed and not begun."""
    connection.execute(
        update(feeds)
        .where(feeds.c.id.in_(feed_ids), feeds.c.lease_owner == owner)
        .values(lease_owner=None, lease_until=None, claims=feeds.c.claims - 1)
    )


def renew(connection: Connection, feed_ids: Sequence[str], owner: str, until: datetime) -> None:
    """Hold on to feeds whose fetching or reading takes long: a lease that ran out would have them polled twice."""
    connection.execute(
        update(feeds).where(feeds.c.id.in_(feed_ids), feeds.c.lease_owner == owner).values(lease_until=until)
    )


def make_due(connection: Connection, now: datetime) -> None:
    """Every active feed is due now: for a pass that a person asks for."""
    connection.execute(update(feeds).where(feeds.c.active, feeds.c.next_poll > now).values(next_poll=now))


def poll_now(connection: Connection, feed_id: str, now: datetime) -> PollNow:
    """Make one feed due because a person asks. How its host is spared stays with who polls (``worker.steps.poll``).

    A feed that was polled a moment ago is due when the moment is over, and one that is due or being polled stays as
    it is, so a repeat changes nothing. What its publisher asked to be left alone for is kept to. Raises NotFound.
    """
    row = connection.execute(select(feeds).where(feeds.c.id == feed_id, feeds.c.active)).one_or_none()
    if row is None:
        raise NotFound(f"no feed {feed_id!r} in the config; `seedwire feeds list` shows them")
    if row.lease_owner and row.lease_until and row.lease_until > now:
        return PollNow("polling", row.next_poll)
    if row.failures and row.problem in _WAITS_AS_ASKED and row.next_poll > now:
        return PollNow("asked-to-wait", row.next_poll)
    at = max(now, row.polled + _AGAIN) if row.polled else now
    if row.next_poll <= at:
        return PollNow("due", row.next_poll)
    connection.execute(update(feeds).where(feeds.c.id == feed_id, feeds.c.next_poll > at).values(next_poll=at))
    return PollNow("due", at)


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _config_values(feed: Feed) -> dict[str, object]:
    return {
        "url": feed.url,
        "host": host_of(feed.url),
        "name": feed.name,
        "tags": list(feed.tags),
        "interval_seconds": feed.interval.total_seconds() if feed.interval else None,
        "fulltext": feed.fulltext,
        "allow_private": feed.allow_private,
        "first_poll": _write_first_poll(feed.first_poll),
        "active": True,
    }


def read_feed(row: Row[Any]) -> Feed:
    return _feed(*(getattr(row, column.name) for column in _CONFIG_COLUMNS))


def read_state(row: Row[Any]) -> FeedState:
    return FeedState(*(getattr(row, column.name) for column in _STATE_COLUMNS))


def _feed(
    url: str,
    name: str,
    tags: Sequence[str],
    interval: float | None,
    fulltext: bool,
    allow_private: bool,
    first_poll: str,
) -> Feed:
    wait = timedelta(seconds=interval) if interval else None
    return Feed(url, name, tuple(tags), wait, fulltext, allow_private, _read_first_poll(first_poll))


def _write_first_poll(first_poll: FirstPoll) -> str:
    return f"{first_poll.total_seconds():.0f}" if isinstance(first_poll, timedelta) else first_poll


def _read_first_poll(stored: str) -> FirstPoll:
    if stored == "alert":
        return "alert"
    return timedelta(seconds=int(stored)) if stored.isdigit() else "baseline"

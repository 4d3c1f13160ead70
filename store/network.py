"""Whether anybody answers us: judged from what the hosts polled last did, remembered for all processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select, update

from feeds.connectivity import NO_ANSWER, OFFLINE, hosts_needed, is_offline
from store import state
from store.tables import feeds

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from feeds.feed import FeedState

#: Where it is remembered, by whether feeds may be on a network of our own.
_KEYS = {False: "network", True: "network-private"}
_SILENT = (*sorted(NO_ANSWER), OFFLINE)
#: A feed that failed so often in a row says nothing of the network: it would be silent anyway.
_LONG_FAILING = 2


class Polled(NamedTuple):
    """A poll: of which host, whether anything came back from there, and what was remembered of the feed before."""

    host: str
    answered: bool
    before: FeedState


def judge(connection: Connection, polled: Sequence[Polled], now: datetime, *, private: bool = False) -> bool:
    """Whether we are offline, after these polls: whether the silent ones among them are nobody's fault.

    ``private``: these are feeds that may be on a network of our own (``allow_private``). What answers there says
    nothing of the world outside, nor the other way round, so each kind is judged by itself; but where nobody outside
    ever answered, there is no outage to be told of, and all are judged together.

    A feed that was silent at its last poll too, while others have answered since, is to blame itself, and so is one
    that has been failing for long: from such nothing is concluded. Dead hosts that are polled together would be taken
    for an outage again and again otherwise, and never be told of.

    The first answer after an outage makes every feed due that waited for its end.
    """
    kind: ColumnElement[bool] = feeds.c.active & (feeds.c.allow_private == private)
    if any(one.answered for one in polled):
        known = state.get(connection, _KEYS[private])
        if known is not None and known.value.get("offline"):
            state.put(connection, _KEYS[private], {"offline": False}, now)
            connection.execute(
                update(feeds).where(kind, feeds.c.problem == OFFLINE, feeds.c.next_poll > now).values(next_poll=now)
            )
        return False
    since = _since(connection, private=private)
    if not polled:
        return since is not None
    if not private and not _count_hosts(connection, kind & feeds.c.succeeded.is_not(None)):
        kind = feeds.c.active
    hosts = _count_hosts(connection, kind)
    last_answer = connection.scalar(select(func.max(feeds.c.polled)).where(kind, _ANSWERED))
    if since is not None and (hosts < 2 or (last_answer is not None and last_answer > since)):
        state.put(connection, _KEYS[private], {"offline": False}, now)
        since = None
    telling = {one.host for one in polled if not _is_to_blame(one.before, last_answer)}
    if not telling:
        return since is not None
    if (fewer := _count_hosts(connection, kind & _TELLING)) >= 2:  # else all there are have to do
        kind, hosts = kind & _TELLING, fewer
    latest = [False] * len(telling)
    if len(latest) < hosts_needed(hosts):
        latest += _before(connection, kind, telling, hosts_needed(hosts))
    offline = is_offline(latest, hosts)
    if offline and since is None:
        state.put(connection, _KEYS[private], {"offline": True}, now)
    return offline


def offline_since(connection: Connection) -> datetime | None:
    """When the network went, ``None`` while it is there."""
    return min(filter(None, (_since(connection, private=private) for private in _KEYS)), default=None)


def _since(connection: Connection, *, private: bool) -> datetime | None:
    known = state.get(connection, _KEYS[private])
    if known is None or not known.value.get("offline"):
        return None
    # Those that were silent may have left the config: then nothing would ever say that it is over.
    silent = feeds.c.active & (feeds.c.allow_private == private) & feeds.c.problem.in_(_SILENT)
    return known.at if connection.scalar(select(feeds.c.id).where(silent).limit(1)) else None


_ANSWERED = feeds.c.problem.is_(None) | feeds.c.problem.not_in(_SILENT)
_TELLING = _ANSWERED | (feeds.c.failures < _LONG_FAILING)


def _is_to_blame(before: FeedState, last_answer: datetime | None) -> bool:
    if before.problem not in _SILENT:
        return False
    answered_since = last_answer is not None and before.polled is not None and last_answer > before.polled
    return answered_since or before.failures >= _LONG_FAILING


def _count_hosts(connection: Connection, which: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count(feeds.c.host.distinct())).where(which)) or 0


def _before(connection: Connection, which: ColumnElement[bool], without: Collection[str], most: int) -> list[bool]:
    """Of the hosts polled last before, whether each answered, the latest first."""
    rows = connection.execute(
        select(feeds.c.host, feeds.c.problem)
        .where(which, feeds.c.polled.is_not(None), feeds.c.host.not_in(without))
        .order_by(feeds.c.polled.desc())
    )
    found: dict[str, bool] = {}
    for host, problem in rows:
        found.setdefault(host, problem not in _SILENT)
        if len(found) == most:
            break
    return list(found.values())

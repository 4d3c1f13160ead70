"""Whether anybody answers us: judged from what the hosts polled last did, remembered for all processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from feeds.connectivity import NO_ANSWER, OFFLINE, hosts_needed, is_offline
from store import state
from store.tables import feeds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_KEY = "network"


def judge(connection: Connection, answered: Mapping[str, bool], now: datetime) -> bool:
    """Whether we are offline, after polls of hosts that ``answered`` or did not (a host with both answered).

    The first answer after an outage makes every feed due that waited for its end.
    """
    if not answered:
        return False
    known = state.get(connection, _KEY)
    was_offline = known is not None and bool(known.value.get("offline"))
    if any(answered.values()):
        if was_offline:
            state.put(connection, _KEY, {"offline": False}, now)
            connection.execute(
                update(feeds).where(feeds.c.active, feeds.c.problem == OFFLINE, feeds.c.next_poll > now)
                .values(next_poll=now)
            )  # fmt: skip
        return False
    hosts = connection.scalar(select(func.count(feeds.c.host.distinct())).where(feeds.c.active)) or 0
    latest = [False] * len(answered)
    if len(latest) < hosts_needed(hosts):
        latest += _before(connection, set(answered), hosts_needed(hosts))
    offline = is_offline(latest, hosts)
    if offline and not was_offline:
        state.put(connection, _KEY, {"offline": True}, now)
    return offline


def offline_since(connection: Connection) -> datetime | None:
    """When the network went, ``None`` while it is there."""
    known = state.get(connection, _KEY)
    return known.at if known is not None and known.value.get("offline") else None


def _before(connection: Connection, without: set[str], most: int) -> list[bool]:
    """Of the hosts polled last before, whether each answered, the latest first."""
    rows = connection.execute(
        select(feeds.c.host, feeds.c.problem)
        .where(feeds.c.active, feeds.c.polled.is_not(None), feeds.c.host.not_in(without))
        .order_by(feeds.c.polled.desc())
    )
    found: dict[str, bool] = {}
    for host, problem in rows:
        found.setdefault(host, problem not in NO_ANSWER and problem != OFFLINE)
        if len(found) == most:
            break
    return list(found.values())

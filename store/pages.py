"""Pages to read: asked for with an item's outcome, read host by host under a lease, remembered when they refuse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import delete, exists, func, or_, select, update

from feeds.page import Teaser, identity, origin
from store.database import insert
from store.ids import derive
from store.tables import items, page_hosts, pages

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from feeds.url import Url

WAITING, READ, REFUSED = "waiting", "read", "refused"
#: A page that could not be asked for within this time is given up: its news is old by then.
WAITS_AT_MOST = timedelta(hours=12)
#: What was read and what refused is remembered this long.
REMEMBERED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ClaimedHost:
    """A host whose pages this worker may read, one after another, until its lease runs out.

    ``robots`` is the robots.txt that counts until ``robots_until``, both ``None`` where none was read yet.
    """

    origin: str
    robots: str | None
    robots_until: datetime | None
    refusals: int


@dataclass(frozen=True, slots=True)
class PageToRead:
    """A page of a claimed host, with what feeds gave of its article. ``claims`` counts how often it was begun, this
    time too, without an end; ``tries`` how often it did not come; ``hops`` how often it sent us on."""

    id: str
    url: str
    allow_private: bool
    tries: int
    hops: int
    claims: int
    teasers: tuple[Teaser, ...]


def want(connection: Connection, item_id: str, url: Url, now: datetime, *, allow_private: bool) -> str | None:
    """Ask for an item's page, once however many items carry it; returns its text where it was read already.

    A page that has refused stays refused.
    """
    # A feed that may not reach private networks must not see what one that may has read there.
    page_id = derive("page", identity(url), str(allow_private))
    connection.execute(update(items).where(items.c.id == item_id).values(page_id=page_id))
    site = origin(url)
    _know_host(connection, site, now)
    new = {
        "id": page_id, "url": str(url), "origin": site, "allow_private": allow_private, "state": WAITING,
        "added": now, "due": now, "tries": 0, "hops": 0, "claims": 0,
    }  # fmt: skip
    connection.execute(insert(connection, pages).values(new).on_conflict_do_nothing())
    # Locked: who reads the page at this moment gives its text to this item too, or this sees that it was read.
    asked = select(pages.c.state, pages.c.text).where(pages.c.id == page_id).with_for_update(read=True)
    row = connection.execute(asked).one()
    return row.text if row.state == READ else None


def count_due(connection: Connection, now: datetime) -> int:
    """Pages that may be asked for now."""
    due = (
        select(func.count())
        .select_from(pages.join(page_hosts, page_hosts.c.origin == pages.c.origin))
        .where(pages.c.state == WAITING, pages.c.due <= now, page_hosts.c.next_page <= now, _free(now))
    )
    return connection.scalar(due) or 0


def claim_hosts(connection: Connection, now: datetime, *, most: int, owner: str, lease: timedelta) -> list[ClaimedHost]:
    """Lease hosts that have pages due, those that waited longest first, so that workers have ``most`` between them;
    of one host's origins (http and https, other ports) one at a time."""
    busy = [_host(o) for o in connection.scalars(select(page_hosts.c.origin).where(page_hosts.c.lease_until > now))]
    due = exists().where(pages.c.origin == page_hosts.c.origin, pages.c.state == WAITING, pages.c.due <= now)
    candidates = (
        select(page_hosts.c.origin)
        .where(page_hosts.c.next_page <= now, _free(now), due)
        .order_by(page_hosts.c.next_page, page_hosts.c.origin)
        .limit(4 * most)
        .with_for_update(skip_locked=True)
    )
    found: list[str] = []
    for site in connection.scalars(candidates):
        if len(busy) < most and _host(site) not in busy:
            busy.append(_host(site))
            found.append(site)
    if not found:
        return []
    rows = connection.execute(
        update(page_hosts)
        .where(page_hosts.c.origin.in_(found))
        .values(lease_owner=owner, lease_until=now + lease)
        .returning(*page_hosts.c)
    )
    return [ClaimedHost(row.origin, row.robots, row.robots_until, row.refusals) for row in rows]


def hold(connection: Connection, site: str, owner: str, until: datetime) -> bool:
    """Keep a host for longer; False when the lease was lost, and nothing more is to be written for it."""
    kept = connection.execute(
        update(page_hosts)
        .where(page_hosts.c.origin == site, page_hosts.c.lease_owner == owner)
        .values(lease_until=until)
    )
    return kept.rowcount == 1


def next_page(connection: Connection, site: str, now: datetime) -> PageToRead | None:
    """The page of a host held that waits longest; counts the claim."""
    row = connection.execute(
        select(pages)
        .where(pages.c.origin == site, pages.c.state == WAITING, pages.c.due <= now)
        .order_by(pages.c.added, pages.c.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    connection.execute(update(pages).where(pages.c.id == row.id).values(claims=pages.c.claims + 1))
    teasers = _teasers(connection, row.id)
    return PageToRead(row.id, row.url, row.allow_private, row.tries, row.hops, row.claims + 1, teasers)


def save_text(connection: Connection, page_id: str, text: str) -> tuple[Teaser, ...]:
    """The page was read: items that ask for it from now on get this text at once; returns those that did before, also
    while it was being read."""
    connection.execute(update(pages).where(pages.c.id == page_id).values(state=READ, reason=None, text=text, claims=0))
    return _teasers(connection, page_id)


def save_move(connection: Connection, page: PageToRead, url: Url, now: datetime) -> None:
    """The page sends us on: it is due where it now is, at the turn of that host."""
    site = origin(url)
    _know_host(connection, site, now)
    moved = {"url": str(url), "origin": site, "hops": page.hops + 1, "claims": 0, "due": now}
    connection.execute(update(pages).where(pages.c.id == page.id).values(moved))


def save_refusal(connection: Connection, page: PageToRead, reason: str, *, again: datetime | None) -> None:
    """No article came; ``again`` is when it is asked for once more, ``None`` for never."""
    values: dict[str, object] = {"reason": reason, "tries": page.tries + 1, "claims": 0}
    values |= {"state": REFUSED} if again is None else {"due": again}
    connection.execute(update(pages).where(pages.c.id == page.id).values(values))


def release(connection: Connection, host: ClaimedHost, owner: str, next_page_at: datetime) -> None:
    """Let a host go until its next turn, with what is known of it now."""
    connection.execute(
        update(page_hosts)
        .where(page_hosts.c.origin == host.origin, page_hosts.c.lease_owner == owner)
        .values(
            robots=host.robots, robots_until=host.robots_until, refusals=host.refusals, next_page=next_page_at,
            lease_owner=None, lease_until=None,
        )
    )  # fmt: skip


def give_up_late(connection: Connection, now: datetime) -> int:
    """Give up pages that waited too long for their host; returns how many."""
    late = update(pages).where(pages.c.state == WAITING, pages.c.added < now - WAITS_AT_MOST)
    return connection.execute(late.values(state=REFUSED, reason="too-late")).rowcount


def outcomes(connection: Connection, since: datetime) -> dict[str, int]:
    """How many of the pages asked for since then were ``read``, and how many refused, by reason."""
    outcome = func.coalesce(pages.c.reason, pages.c.state)
    rows = connection.execute(
        select(outcome, func.count()).where(pages.c.added >= since, pages.c.state != WAITING).group_by(outcome)
    )
    return {row[0]: row[1] for row in rows}


def forget(connection: Connection, now: datetime) -> None:
    """Delete what was remembered long enough."""
    connection.execute(delete(pages).where(pages.c.added < now - REMEMBERED))
    connection.execute(delete(page_hosts).where(page_hosts.c.next_page < now - REMEMBERED, _free(now)))


def _teasers(connection: Connection, page_id: str) -> tuple[Teaser, ...]:
    length = func.length(items.c.text).label("length")
    carried = select(items.c.id, items.c.title, length).where(items.c.page_id == page_id)
    return tuple(Teaser(row.id, row.title, row.length) for row in connection.execute(carried))


def _know_host(connection: Connection, site: str, now: datetime) -> None:
    values = {"origin": site, "refusals": 0, "next_page": now}
    connection.execute(insert(connection, page_hosts).values(values).on_conflict_do_nothing())


def _host(site: str) -> str | None:
    return urlsplit(site).hostname


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(page_hosts.c.lease_until.is_(None), page_hosts.c.lease_until <= now)

"""Items: claimed while they wait to be classified, then kept with their scores and the reason of their outcome."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, not_, or_, select, update

from alerts.outcomes import ItemOutcome
from feeds.item import Item
from store.feed_names import FEED_NAME
from store.tables import events, feeds, items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from sqlalchemy import ColumnElement, Connection, Row

    from classifiers.feedback import Correction


#: The columns that ``read_item`` makes an item of.
ITEM_COLUMNS = tuple(items.c[name] for name in ("id", "title", "text", "url", "published", "language", "feed_id"))
_OF_FEED = (FEED_NAME, *(feeds.c[name] for name in ("id", "url", "tags", "fulltext", "allow_private")))
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PendingItem:
    """An item this worker may classify until its lease runs out, with what its feed says of itself.

    ``claims`` counts how often it was claimed, this time too, without an outcome so far. ``fulltext`` says whether its
    page may be asked for: its feed's config wants that, and it was not asked for yet. ``again``: it had an outcome
    before, of another text. ``told``: that outcome stands, and the edit is for those who show the item alone.
    """

    item: Item
    baseline: bool
    first_seen: datetime
    feed_title: str
    feed_url: str
    feed_tags: tuple[str, ...]
    claims: int
    fulltext: bool = False
    allow_private: bool = False
    again: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item; ``near_miss``: it came close to a threshold."""

    scores: dict[str, float]
    outcome: str
    near_miss: bool


@dataclass(frozen=True, slots=True)
class SeenItem:
    """An item and when a poll first brought it."""

    item: Item
    first_seen: datetime


def claim_pending(
    connection: Connection, now: datetime, *, limit: int, owner: str, lease: timedelta
) -> list[PendingItem]:
    """Lease up to ``limit`` items that wait to be classified, the oldest first."""
    chosen = (
        select(items.c.id)
        .where(*_waiting(now))
        .order_by(items.c.first_seen, items.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    rows = connection.execute(
        update(items)
        .where(items.c.id.in_(select(chosen.c.id)))
        .values(lease_owner=owner, lease_until=now + lease, claims=items.c.claims + 1)
        .returning(
            *ITEM_COLUMNS,
            *(items.c[name] for name in ("baseline", "first_seen", "claims", "page_id", "outcome")),
            and_(items.c.outcome.is_not(None), not_(told_nothing_clearly())).label("told"),
        )
    ).all()
    wanted = select(*_OF_FEED).where(feeds.c.id.in_({row.feed_id for row in rows}))
    by_id = {row.id: row for row in connection.execute(wanted)} if rows else {}
    claimed = [_pending(row, by_id.get(row.feed_id)) for row in rows]
    return sorted(claimed, key=lambda one: (one.first_seen, one.item.published or _LONG_AGO, one.item.id))


def release(connection: Connection, item_ids: Sequence[str], owner: str) -> None:
    """Give items back that were claimed and not begun."""
    if not item_ids:
        return
    connection.execute(
        update(items)
        .where(items.c.id.in_(item_ids), items.c.lease_owner == owner)
        .values(lease_owner=None, lease_until=None, claims=items.c.claims - 1)
    )


def count_pending(connection: Connection, now: datetime) -> int:
    return connection.scalar(select(func.count()).select_from(items).where(*_waiting(now))) or 0


def any_pending(connection: Connection, now: datetime) -> bool:
    return connection.scalar(select(items.c.id).where(*_waiting(now)).limit(1)) is not None


def _waiting(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """It waits to be classified, and nobody is at it."""
    return items.c.pending, or_(items.c.lease_until.is_(None), items.c.lease_until <= now)


def save_outcomes(connection: Connection, outcomes: Mapping[str, Outcome], owner: str) -> set[str]:
    """Take items out of waiting and write what became of them, by item id; returns those for which that was done.
    Somebody else has decided the others meanwhile, or their text was edited."""
    mine = select(items.c.id).where(items.c.id.in_(outcomes), items.c.pending, items.c.lease_owner == owner)
    kept = connection.scalars(mine.with_for_update()).all()
    # Most items score nothing at all and end alike: those are one statement.
    alike: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
    for item_id in kept:
        one = outcomes[item_id]
        alike[one.outcome, one.near_miss, *one.scores.items()].append(item_id)
    decided = update(items).values(pending=False, lease_owner=None, lease_until=None, claims=0)
    for ids in alike.values():
        if len(ids) > 1:
            connection.execute(decided.where(items.c.id.in_(ids)).values(_outcome_values(outcomes[ids[0]])))
    single = [ids[0] for ids in alike.values() if len(ids) == 1]
    if single:
        named: dict[str, Any] = {name: bindparam(name) for name in ("scores", "outcome", "near_miss")}
        connection.execute(
            decided.where(items.c.id == bindparam("item_id")).values(named),
            [{"item_id": item_id, **_outcome_values(outcomes[item_id])} for item_id in single],
        )
    return set(kept)


def _outcome_values(one: Outcome) -> dict[str, object]:
    return {"scores": one.scores, "outcome": one.outcome, "near_miss": one.near_miss}


def begin_outcome(connection: Connection, item_id: str, owner: str, language: str | None = None) -> bool:
    """Take an item out of waiting; False when somebody else has decided it meanwhile and nothing is to be written.

    ``language`` is what it was read in, None to keep what its feed says.
    """
    done = connection.execute(
        update(items)
        .where(items.c.id == item_id, items.c.pending, items.c.lease_owner == owner)
        .values(pending=False, lease_owner=None, lease_until=None, claims=0)
        .values({"language": language} if language else {})
    )
    return done.rowcount == 1


def save_outcome(
    connection: Connection, item_id: str, *, scores: Mapping[str, float], outcome: str, near_miss: bool
) -> None:
    connection.execute(
        update(items).where(items.c.id == item_id).values(scores=dict(scores), outcome=outcome, near_miss=near_miss)
    )


def told_nothing_clearly() -> ColumnElement[bool]:
    """Whether an item reported nothing by itself: it is to be read again when there is more of it to read. With a near
    miss, one of a known story was too faint to be news alone."""
    faint = and_(items.c.outcome == ItemOutcome.SAME_STORY.value, items.c.near_miss)
    return or_(items.c.outcome == ItemOutcome.BELOW_THRESHOLD.value, faint)


def give_text(connection: Connection, item_ids: Sequence[str], text: str) -> int:
    """Put the text of its page in the place of an item's own, which reported nothing, to be classified again; returns
    for how many. What was told meanwhile, an edit having added it, stays as it was told."""
    done = connection.execute(
        update(items)
        .where(items.c.id.in_(item_ids), told_nothing_clearly())
        .values(text=text, pending=True, lease_owner=None, lease_until=None, claims=0)
    )
    return done.rowcount


def count_seen_since(connection: Connection, start: datetime) -> int:
    """How many items were first seen at ``start`` or later."""
    return connection.scalar(select(func.count()).select_from(items).where(items.c.first_seen >= start)) or 0


def seen_since(connection: Connection, start: datetime, *, limit: int, after: SeenItem | None = None) -> list[SeenItem]:
    """Items first seen at ``start`` or later, newest first: the next ``limit`` after ``after``."""
    query = select(items).where(items.c.first_seen >= start)
    if after is not None:
        seen, item_id = after.first_seen, after.item.id
        older = and_(items.c.first_seen == seen, items.c.id < item_id)
        query = query.where(items.c.first_seen <= seen, or_(items.c.first_seen < seen, older))
    # Backwards along the index (first_seen, id).
    query = query.order_by(items.c.first_seen.desc(), items.c.id.desc()).limit(limit)
    return [SeenItem(read_item(row), row.first_seen) for row in connection.execute(query)]


def corrections(connection: Connection) -> list[Correction]:
    """Every item that a person has labelled, in the order they were seen."""
    # Loaded for those who learn from them.
    from classifiers.feedback import Correction

    labelled = select(items).where(items.c.label.is_not(None)).order_by(items.c.first_seen, items.c.id)
    rows = connection.execute(labelled).all()
    belongs = _stories_of(connection, [row.id for row in rows])
    return [Correction(read_item(row), row.label, belongs.get(row.id, ())) for row in rows]


def _pending(row: Row[Any], feed: Row[Any] | None) -> PendingItem:
    return PendingItem(
        item=read_item(row),
        baseline=row.baseline,
        first_seen=row.first_seen,
        feed_title=feed.feed if feed else "",
        feed_url=feed.url if feed else "",
        feed_tags=tuple(feed.tags) if feed else (),
        claims=row.claims,
        fulltext=bool(feed and feed.fulltext) and row.page_id is None,
        allow_private=bool(feed and feed.allow_private),
        again=row.outcome is not None,
        told=bool(row.told),
    )


def read_item(row: Row[*tuple[Any, ...]]) -> Item:
    """The item in a row that has its columns (``ITEM_COLUMNS``)."""
    return Item(
        id=row.id, title=row.title, text=row.text, url=row.url, published=row.published,
        language=row.language, feed_id=row.feed_id,
    )  # fmt: skip


def _stories_of(connection: Connection, item_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(item_ids), 500):
        rows = connection.execute(
            select(events.c.item_id, events.c.story_id)
            .where(events.c.item_id.in_(item_ids[start : start + 500]), events.c.story_id.is_not(None))
            .order_by(events.c.number)
        )
        for row in rows:
            stories = found.get(row.item_id, ())
            if row.story_id not in stories:
                found[row.item_id] = (*stories, row.story_id)
    return found

"""Items with what became of them: lists by what is asked for, and one with all that is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, and_, or_, select, text, type_coerce, union_all

from store.alerts import ids_about
from store.errors import NotFound
from store.feed_names import FEED_NAME
from store.items import ITEM_COLUMNS, read_item
from store.tables import alerts, events, feeds, items
from store.views import corrections

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, TextClause

    from feeds.item import Item
    from store.views.corrections import Said

#: What an item has for an outcome in filters and answers until it is classified.
WAITING = "waiting"
#: What ``label`` may ask for beside a label itself.
ANY_LABEL = "any"
#: Items whose titles are looked through for words, the newest, where nothing else that is asked for leaves few of them.
LOOKED_THROUGH = 50_000

_LISTED = tuple(
    items.c[name]
    for name in (
        "id", "url", "title", "published", "first_seen", "language", "feed_id", "scores", "outcome", "pending",
        "near_miss", "label", "baseline",
    )
)  # fmt: skip
_FEED = (FEED_NAME, feeds.c.url.label("feed_url"))


@dataclass(frozen=True, slots=True)
class ItemFilters:
    """What is asked of items; what is empty asks nothing.

    ``types``: it reports one of them, or as a near miss came close to one. ``feed`` is an id, a name or an address.
    Each word of ``text`` occurs in the title (see ``LOOKED_THROUGH``). ``label`` is what a person said it is, or
    ``any``.
    """

    outcomes: tuple[str, ...] = ()
    near_misses: bool = False
    types: tuple[str, ...] = ()
    feed: str = ""
    text: str = ""
    label: str = ""
    since: datetime | None = None

    def __bool__(self) -> bool:
        return self != _ALL


_ALL = ItemFilters()


@dataclass(frozen=True, slots=True)
class ListedItem:
    """A row of a list of items; ``outcome`` is None until it is classified, ``types`` are those it reports."""

    id: str
    url: str | None
    title: str
    published: datetime | None
    first_seen: datetime
    language: str | None
    feed_id: str
    feed: str
    feed_url: str | None
    scores: Mapping[str, float]
    outcome: str | None
    near_miss: bool
    label: str | None
    types: tuple[str, ...]
    stories: tuple[str, ...]
    said: Said | None


@dataclass(frozen=True, slots=True)
class ItemEvent:
    """One report of an item, as it was decided; ``event`` is as stored, its evidence inside."""

    event: Mapping[str, Any]
    story_id: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemAlert:
    """An alert about a story of an item."""

    id: str
    type: str
    time: datetime
    story_id: str | None


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One item with all that is known of it."""

    listed: ListedItem
    item: Item
    events: tuple[ItemEvent, ...]
    alerts: tuple[ItemAlert, ...]


def list_items(
    connection: Connection,
    *,
    limit: int | None,
    before: tuple[datetime, str] | None = None,
    filters: ItemFilters = _ALL,
    close: Mapping[str, float] | None = None,
) -> list[ListedItem]:
    """Items, newest first; ``before`` is the (first_seen, id) of the last one already shown.

    ``close`` gives the score from which a near miss came close to each type.
    """
    query = select(*_LISTED, *_FEED).join(feeds, feeds.c.id == items.c.feed_id, isouter=True)
    query = query.where(*_asked(connection, filters, close or {}))
    if before:
        seen, item_id = before
        # The first condition alone bounds the range of the index.
        older = or_(items.c.first_seen < seen, and_(items.c.first_seen == seen, items.c.id < item_id))
        query = query.where(items.c.first_seen <= seen, older)
    query = query.order_by(items.c.first_seen.desc(), items.c.id.desc()).limit(limit)
    return _listed(connection, connection.execute(query).all())


def show_item(connection: Connection, item_id: str) -> ShownItem:
    """Raises NotFound."""
    query = select(*_LISTED, *_FEED, items.c.text).join(feeds, feeds.c.id == items.c.feed_id, isouter=True)
    row = connection.execute(query.where(items.c.id == item_id)).one_or_none()
    if row is None:
        raise NotFound(f"no item {item_id!r}; `seedwire items list` shows the ids")
    reported = connection.execute(select(events).where(events.c.item_id == item_id).order_by(events.c.number)).all()
    [listed] = _listed(connection, [row])
    return ShownItem(
        listed=listed,
        item=read_item(row),
        events=tuple(ItemEvent(one.event, one.story_id, tuple(one.reasons or ())) for one in reported),
        alerts=tuple(_alerts_about(connection, listed.stories)),
    )


def texts(connection: Connection, item_ids: Sequence[str]) -> dict[str, Item]:
    """The items themselves, to be read again."""
    rows = connection.execute(select(*ITEM_COLUMNS).where(items.c.id.in_(item_ids)))
    return {row.id: read_item(row) for row in rows}


def _asked(
    connection: Connection, filters: ItemFilters, close: Mapping[str, float]
) -> list[ColumnElement[bool] | TextClause]:
    asked: list[ColumnElement[bool] | TextClause] = []
    if filters.near_misses:
        # In these words, or SQLite does not see that its index of near misses is asked for.
        asked.append(text("items.near_miss"))
    if filters.outcomes:
        decided = [outcome for outcome in filters.outcomes if outcome != WAITING]
        ways = [and_(~items.c.pending, items.c.outcome.in_(decided))] if decided else []
        asked.append(or_(*ways, *([items.c.pending] if WAITING in filters.outcomes else ())))
    if filters.types:
        asked.append(or_(*(_is_of(kind, close.get(kind), filters.near_misses) for kind in filters.types)))
    if filters.feed:
        named = or_(feeds.c.id == filters.feed, feeds.c.name == filters.feed, feeds.c.url == filters.feed)
        asked.append(items.c.feed_id.in_(connection.scalars(select(feeds.c.id).where(named).limit(100)).all()))
    asked += [items.c.title.icontains(word, autoescape=True) for word in filters.text.split()]
    if filters.text and not (filters.near_misses or filters.types or filters.feed or filters.label):
        newest = select(items.c.first_seen).order_by(items.c.first_seen.desc())
        oldest = connection.scalar(newest.offset(LOOKED_THROUGH - 1).limit(1))
        asked += [items.c.first_seen >= oldest] if oldest else []
    if filters.label:
        # Said twice: the index of labelled items is only used where its own condition is asked.
        asked.append(items.c.label.is_not(None))
        if filters.label != ANY_LABEL:
            asked.append(items.c.label == filters.label)
    if filters.since:
        asked.append(items.c.first_seen >= filters.since)
    return asked


def _is_of(kind: str, close: float | None, near_misses: bool) -> ColumnElement[bool]:
    # Both are begun at the few that they are: asked of each item, they would have all items read.
    reports = select(events.c.item_id).where(events.c.type == kind)
    if close is None:
        return items.c.id.in_(reports)
    near = items.alias("near")
    came_close = type_coerce(near.c.scores, JSON)[kind].as_float() >= close
    closely = select(near.c.id).where(text("near.near_miss"), came_close)
    if near_misses:
        return and_(items.c.id.in_(closely), items.c.id.not_in(reports))
    return items.c.id.in_(union_all(reports, closely))


def _listed(connection: Connection, rows: Sequence[Any]) -> list[ListedItem]:
    ids = [row.id for row in rows]
    said: dict[str, Said] = {}
    types: dict[str, dict[str, None]] = {}
    belongs: dict[str, dict[str, None]] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        said |= corrections.of_items(connection, part)
        reported = select(events.c.item_id, events.c.type, events.c.story_id).order_by(events.c.number)
        for row in connection.execute(reported.where(events.c.item_id.in_(part))):
            types.setdefault(row.item_id, {})[row.type] = None
            if row.story_id:
                belongs.setdefault(row.item_id, {})[row.story_id] = None
    return [
        ListedItem(
            id=row.id,
            url=row.url,
            title=row.title,
            published=row.published,
            first_seen=row.first_seen,
            language=row.language,
            feed_id=row.feed_id,
            feed=row.feed or row.feed_id,
            feed_url=row.feed_url,
            scores=row.scores or {},
            outcome=None if row.pending else row.outcome,
            near_miss=row.near_miss,
            label=row.label,
            types=tuple(types.get(row.id, ())),
            stories=tuple(belongs.get(row.id, ())),
            said=said.get(row.id),
        )
        for row in rows
    ]


def _alerts_about(connection: Connection, story_ids: Sequence[str]) -> list[ItemAlert]:
    """The alerts that these stories opened or changed, with the digests that told of them; newest first, at most 50."""
    query = select(alerts.c.id, alerts.c.type, alerts.c.time, alerts.c.story_id)
    query = query.where(alerts.c.id.in_(ids_about(connection, story_ids)))
    rows = connection.execute(query.order_by(alerts.c.time.desc(), alerts.c.id).limit(50))
    return [ItemAlert(row.id, row.type, row.time, row.story_id) for row in rows]

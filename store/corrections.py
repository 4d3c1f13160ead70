"""What people said of items and stories: a journal that any entry can be taken back from.

An item's label is what the last correction in force says of it; where none is, it is what it was before the first one.
So taking one back leaves everything as if it had never been made, whatever was said after it. A correction of a story
is one entry for all the items it had at that moment, and is taken back as one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from store import state
from store.database import serialize
from store.errors import NotFound
from store.tables import corrected_items, corrections, items

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

_LOCK = 0x5EED_0005
#: The key under which it is kept when corrections were learned from last (store.state).
LEARNED = "corrections-learned"


@dataclass(frozen=True, slots=True)
class Correction:
    """One entry of the journal. ``before`` has every item it is of, and the label each had then.

    ``story_id`` is set when it was said of a story, ``undone`` once it was taken back.
    """

    id: int
    at: datetime
    by: str
    label: str
    story_id: str | None
    undone: datetime | None
    undone_by: str | None
    before: Mapping[str, str | None]


def record(
    connection: Connection,
    item_ids: Collection[str],
    label: str,
    *,
    by: str,
    now: datetime,
    story_id: str | None = None,
) -> Correction:
    """Say ``label`` of items, in the caller's transaction. Where the last that was said, of the same story or item, is
    in force and says just this of all of them, nothing is written and it is returned.

    Raises NotFound for an item that is not stored.
    """
    serialize(connection, _LOCK)
    wanted = sorted(set(item_ids))
    labels = _labels(connection, wanted)
    missing = [item_id for item_id in wanted if item_id not in labels]
    if missing or not wanted:
        raise NotFound(f"no item {''.join(missing[:1])!r}; `seedwire items list` shows the ids")
    last = _last_of(connection, wanted, story_id)
    # Somebody may have said otherwise of one of them since: then this is said anew.
    still = set(labels.values()) == {label}
    if last and still and not last.undone and last.story_id == story_id and last.before.keys() == set(wanted):
        return last
    number = (connection.scalar(select(func.max(corrections.c.id))) or 0) + 1
    connection.execute(corrections.insert().values(id=number, at=now, by=by[:128], label=label, story_id=story_id))
    connection.execute(
        corrected_items.insert(),
        [{"correction_id": number, "item_id": item_id, "before": labels[item_id]} for item_id in wanted],
    )
    connection.execute(update(items).where(items.c.id.in_(wanted)).values(label=label))
    return Correction(number, now, by[:128], label, story_id, None, None, labels)


def undo(connection: Connection, number: int, *, by: str, now: datetime) -> Correction:
    """Take a correction back, in the caller's transaction. One that was taken back is returned as it is.

    Raises NotFound.
    """
    serialize(connection, _LOCK)
    known = by_id(connection, number)
    if known.undone:
        return known
    connection.execute(update(corrections).where(corrections.c.id == number).values(undone=now, undone_by=by[:128]))
    for item_id, label in _restored(connection, list(known.before)).items():
        connection.execute(update(items).where(items.c.id == item_id).values(label=label))
    return by_id(connection, number)


def by_id(connection: Connection, number: int) -> Correction:
    """Raises NotFound."""
    found = _read(connection, [number])
    if not found:
        raise NotFound(f"no correction {number}; `GET /api/v1/corrections` lists them")
    return found[0]


def last_of_item(connection: Connection, item_id: str) -> Correction | None:
    """The last correction that was made of an item, by itself or with its story; it may have been taken back."""
    mine = select(func.max(corrected_items.c.correction_id)).where(corrected_items.c.item_id == item_id)
    number = connection.scalar(mine)
    return by_id(connection, number) if number else None


def last_of_story(connection: Connection, story_id: str) -> Correction | None:
    """The last correction that was made of a story as such; it may have been taken back."""
    number = connection.scalar(select(func.max(corrections.c.id)).where(corrections.c.story_id == story_id))
    return by_id(connection, number) if number else None


def newest(
    connection: Connection, *, limit: int, before: int | None = None, in_force: bool | None = None
) -> list[Correction]:
    """The journal, newest first; ``before`` is the id of the last one already shown."""
    query = select(corrections.c.id).order_by(corrections.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(corrections.c.id < before)
    if in_force is not None:
        query = query.where(corrections.c.undone.is_(None) if in_force else corrections.c.undone.is_not(None))
    return _read(connection, connection.scalars(query).all())


def save_learned(connection: Connection, now: datetime) -> None:
    """Remember that a model was written that has learned from what is labelled now."""
    state.put(connection, LEARNED, {}, now)


def waiting(connection: Connection) -> int:
    """How many items are labelled otherwise than when a model last learned from corrections."""
    learned = state.get(connection, LEARNED)
    if learned is None:
        return connection.scalar(select(func.count()).select_from(items).where(items.c.label.is_not(None))) or 0
    changed = (
        select(corrected_items.c.item_id)
        .join(corrections, corrections.c.id == corrected_items.c.correction_id)
        .where((corrections.c.at > learned.at) | (corrections.c.undone > learned.at))
        .distinct()
    )
    item_ids = list(connection.scalars(changed))
    then, now = _restored(connection, item_ids, learned.at), _labels(connection, item_ids)
    return sum(then.get(item_id) != label for item_id, label in now.items())


def _last_of(connection: Connection, item_ids: Sequence[str], story_id: str | None) -> Correction | None:
    return last_of_story(connection, story_id) if story_id else last_of_item(connection, item_ids[0])


def _labels(connection: Connection, item_ids: Sequence[str]) -> dict[str, str | None]:
    query = select(items.c.id, items.c.label).with_for_update()
    return {
        row.id: row.label
        for start in range(0, len(item_ids), 500)
        for row in connection.execute(query.where(items.c.id.in_(item_ids[start : start + 500])))
    }


def _restored(connection: Connection, item_ids: Sequence[str], at: datetime | None = None) -> dict[str, str | None]:
    """The label that the journal gives each of these items, now or at a time."""
    told: dict[str, str | None] = {}
    query = (
        select(corrected_items.c.item_id, corrected_items.c.before, corrections)
        .join(corrections, corrections.c.id == corrected_items.c.correction_id)
        .order_by(corrections.c.id)
    )
    for start in range(0, len(item_ids), 500):
        for row in connection.execute(query.where(corrected_items.c.item_id.in_(item_ids[start : start + 500]))):
            told.setdefault(row.item_id, row.before)  # what it was before anything was said
            made = at is None or row.at <= at
            taken_back = row.undone is not None and (at is None or row.undone <= at)
            if made and not taken_back:
                told[row.item_id] = row.label
    return told


def _read(connection: Connection, numbers: Sequence[int]) -> list[Correction]:
    """In the order that is asked for."""
    if not numbers:
        return []
    rows = {row.id: row for row in connection.execute(select(corrections).where(corrections.c.id.in_(numbers)))}
    of: dict[int, dict[str, str | None]] = defaultdict(dict)
    query = select(corrected_items).where(corrected_items.c.correction_id.in_(numbers))
    for row in connection.execute(query.order_by(corrected_items.c.item_id)):
        of[row.correction_id][row.item_id] = row.before
    return [_correction(rows[number], of[number]) for number in numbers if number in rows]


def _correction(row: Row[Any], before: Mapping[str, str | None]) -> Correction:
    return Correction(row.id, row.at, row.by, row.label, row.story_id, row.undone, row.undone_by, before)

"""Where patterns matched of late: the sentences that stored events keep as their evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from store.tables import events, items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

#: So many of a type's newest events are looked at, however many there are.
LOOKED_AT = 300
_EXAMPLES = 3
#: An example is cut there.
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that a pattern matched, with the item it stands in."""

    text: str
    item_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Matched:
    """Of the newest events (or near misses) of a type how many were looked at, in how many of them each pattern is
    named as evidence (or stands), and the newest sentences (or headlines) in which it does."""

    looked_at: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An item that came close to a threshold."""

    item_id: str
    title: str
    text: str
    scores: Mapping[str, float]


def near_misses(connection: Connection, since: datetime, *, limit: int) -> list[NearMiss]:
    """The newest items that came close to a threshold: a range of the index of these few."""
    rows = connection.execute(
        select(items.c.id, items.c.title, items.c.text, items.c.scores)
        # In these words, or SQLite does not see that the index of near misses holds them.
        .where(text("items.near_miss"), items.c.first_seen >= since)
        .order_by(items.c.first_seen.desc(), items.c.id.desc())
        .limit(limit)
    )
    return [NearMiss(row.id, row.title, row.text, row.scores or {}) for row in rows]


def matched(connection: Connection, types: Sequence[str], since: datetime) -> dict[str, Matched]:
    """What matched since then, by type: a range of the index on (type, at) each, cut at LOOKED_AT."""
    return {name: _matched(connection, name, since) for name in types}


def _matched(connection: Connection, event_type: str, since: datetime) -> Matched:
    rows = connection.execute(
        select(events.c.item_id, events.c.event, items.c.title)
        .outerjoin(items, items.c.id == events.c.item_id)
        .where(events.c.type == event_type, events.c.at >= since)
        .order_by(events.c.at.desc())
        .limit(LOOKED_AT)
    ).all()
    counts: Counter[str] = Counter()
    examples: dict[str, list[Example]] = defaultdict(list)
    for row in rows:
        here: set[str] = set()
        for passage in row.event.get("evidence") or ():
            here.update(passage["patterns"])
            for pattern in passage["patterns"]:
                add_example(examples[pattern], passage["text"], row.item_id, row.title or "")
        counts.update(here)
    return Matched(len(rows), counts, dict(examples))


def add_example(shown: list[Example], text: str, item_id: str, title: str) -> None:
    """Add a sentence to those shown, if it is another one and there is room."""
    text = text[:_LONGEST]
    if text and len(shown) < _EXAMPLES and all(one.text != text for one in shown):
        shown.append(Example(text, item_id, title))

"""What was said of stories and items, as pages show it beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from store.tables import corrected_items, corrections

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Said:
    """The last correction in force: of a story as such, or of an item, by itself or (``story_id``) with its story."""

    id: int
    label: str
    by: str
    at: datetime
    story_id: str | None


_KEPT = (corrections.c.id, corrections.c.label, corrections.c.by, corrections.c.at, corrections.c.story_id)


def of_stories(connection: Connection, story_ids: Sequence[str]) -> dict[str, Said]:
    query = select(*_KEPT).where(corrections.c.story_id.in_(story_ids), corrections.c.undone.is_(None))
    return {row.story_id: _said(row) for row in connection.execute(query.order_by(corrections.c.id)).all()}


def of_items(connection: Connection, item_ids: Sequence[str]) -> dict[str, Said]:
    query = (
        select(corrected_items.c.item_id, *_KEPT)
        .join(corrections, corrections.c.id == corrected_items.c.correction_id)
        .where(corrected_items.c.item_id.in_(item_ids), corrections.c.undone.is_(None))
    )
    return {row.item_id: _said(row) for row in connection.execute(query.order_by(corrections.c.id))}


def _said(row: Any) -> Said:
    return Said(row.id, row.label, row.by, row.at, row.story_id)

"""What changed of stories since somebody last asked, by the numbers their changes have (``stories.revision``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from store.tables import stories

if TYPE_CHECKING:
    from sqlalchemy import Connection


#: Made once: it is asked with every list.
_LAST = select(func.max(stories.c.revision))


@dataclass(frozen=True, slots=True)
class Change:
    """The last change of one story. ``first_revision`` is the number of its opening, ``merged_into`` the story it is
    part of by now."""

    story_id: str
    revision: int
    first_revision: int
    merged_into: str | None


def last_revision(connection: Connection) -> int:
    """The highest number given out so far, 0 where there is no story: what is read after it holds all up to it."""
    return connection.scalar(_LAST) or 0


def changes_since(connection: Connection, revision: int, *, limit: int) -> list[Change]:
    """Stories that changed after ``revision``, in the order of their last changes."""
    columns = stories.c
    rows = connection.execute(
        select(columns.id, columns.revision, columns.first_revision, columns.merged_into)
        .where(columns.revision > revision)
        .order_by(columns.revision)
        .limit(limit)
    )
    return [Change(row.id, row.revision, row.first_revision, row.merged_into) for row in rows]

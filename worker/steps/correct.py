"""What a person says of an item or a story: that it was decided rightly or wrongly, or what it should have been.

The one way for page, API and command line. It feeds learning (``seedwire learn --with-feedback``) and is shown with the
story from here on; it calls nobody, and what was sent stays sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from classifiers.feedback import NONE
from store import corrections, stories
from store.errors import NotFound
from store.tables import events, items
from store.tables import stories as story_rows
from worker import logs
from worker.hints import Hint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from store.corrections import Correction
    from store.database import Transaction
    from worker.context import Context

log = logs.get(__name__)

RIGHT, WRONG = "right", "wrong"


class BadLabel(ValueError):
    """What was said means nothing here; the message says what may be."""


def correct_item(context: Context, item_id: str, said: str, who: str) -> Correction:
    """Say what an item is: a type, ``none``, ``right`` (as it was decided) or ``wrong`` (none of what was decided).

    Said again, it changes nothing. Raises NotFound, BadLabel, ModelError.
    """
    with context.database.write() as transaction:
        connection = transaction.connection
        stories.begin_matching(connection)
        known = connection.execute(select(items.c.outcome).where(items.c.id == item_id)).one_or_none()
        if known is None:
            raise NotFound(f"no item {item_id!r}; `seedwire items list` shows the ids")
        if known.outcome is None and said in (RIGHT, WRONG):
            raise BadLabel(f"this item is not decided yet: say what it is, one of {', '.join(_labels(context))}")
        decided = connection.scalars(select(events.c.type).where(events.c.item_id == item_id).distinct()).all()
        label = _label(context, said, sorted(decided), "item")
        made = corrections.record(connection, [item_id], label, by=who, now=context.now())
        _touch(context, transaction, made)
    log.info("item corrected", item=item_id, label=label, by=who, correction=made.id)
    return made


def correct_story(context: Context, story_id: str, said: str, who: str) -> Correction:
    """Say what a story is, and so all its items at this moment: one entry, taken back as one.

    Of a story that went into another, it is said of that other. Raises NotFound, BadLabel, ModelError.
    """
    with context.database.write() as transaction:
        connection = transaction.connection
        stories.begin_matching(connection)
        row = _living(connection, story_id)
        label = _label(context, said, [row[1]], "story")
        of = connection.scalars(select(events.c.item_id).where(events.c.story_id == row[0]).distinct()).all()
        made = corrections.record(connection, of, label, by=who, now=context.now(), story_id=row[0])
        _touch(context, transaction, made)
    log.info("story corrected", story=row[0], label=label, by=who, correction=made.id, items=len(made.before))
    return made


def undo(context: Context, number: int, who: str) -> Correction:
    """Take a correction back: everything is as if it had not been made. Again, it changes nothing. Raises NotFound."""
    with context.database.write() as transaction:
        connection = transaction.connection
        stories.begin_matching(connection)
        undone = corrections.undo(connection, number, by=who, now=context.now())
        _touch(context, transaction, undone)
    log.info("correction undone", correction=number, by=who, items=len(undone.before))
    return undone


def undo_of_item(context: Context, item_id: str, who: str) -> Correction:
    """Take back the last that was said of an item, for its story where it was said of that. Raises NotFound."""
    with context.database.read() as connection:
        last = corrections.last_of_item(connection, item_id)
    if last is None:
        raise NotFound(f"nothing was said of item {item_id!r}")
    return undo(context, last.id, who)


def undo_of_story(context: Context, story_id: str, who: str) -> Correction:
    """Take back the last that was said of a story as such. Raises NotFound."""
    with context.database.read() as connection:
        last = corrections.last_of_story(connection, _living(connection, story_id)[0])
    if last is None:
        raise NotFound(f"nothing was said of story {story_id!r}")
    return undo(context, last.id, who)


def _label(context: Context, said: str, decided: Sequence[str], what: str) -> str:
    known = _labels(context)
    if said == RIGHT and len(decided) > 1:
        raise BadLabel(f"this {what} reports {' and '.join(decided)}: say which is right")
    if said == RIGHT:
        return decided[0] if decided else NONE
    if said == WRONG and not decided:
        raise BadLabel(f"nothing was decided of this {what}: say what it should have been, one of {', '.join(known)}")
    if said == WRONG:
        return NONE
    if said not in known:
        raise BadLabel(f"{said!r} is no event type; expected one of {', '.join((*known, RIGHT, WRONG))}")
    return said


def _labels(context: Context) -> tuple[str, ...]:
    return (*context.model.types, NONE)


def _living(connection: Connection, story_id: str) -> tuple[str, str]:
    """Id and type of a story, or of the one it went into."""
    query = select(story_rows.c.id, story_rows.c.type, story_rows.c.merged_into)
    row = connection.execute(query.where(story_rows.c.id == story_id)).one_or_none()
    if row is not None and row.merged_into:
        row = connection.execute(query.where(story_rows.c.id == row.merged_into)).one_or_none()
    if row is None:
        raise NotFound(f"no story {story_id!r}; `seedwire stories list` shows the ids")
    return row.id, row.type


def _touch(context: Context, transaction: Transaction, of: Correction) -> None:
    """Open pages show what was said: of the story, and of those that the items report."""
    connection, item_ids = transaction.connection, of.before.keys()
    shown = select(events.c.story_id).where(events.c.item_id.in_(item_ids), events.c.story_id.is_not(None)).distinct()
    stories.touch(connection, sorted({*connection.scalars(shown), *([of.story_id] if of.story_id else ())}))
    context.hint_after(transaction, Hint("stories"))

"""What a person says of stories: that two are one, or that one is two. Each in the caller's transaction, after
``stories.begin_matching``; later reports are found by it as by any other story."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from alerts.errors import StoryError
from alerts.matching import story_keys, unite
from alerts.splitting import split as parted
from store import held, stories
from store.errors import NotFound
from store.tables import events
from store.tables import stories as story_rows
from store.tables import story_keys as key_rows

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

    from alerts.story import Story


def merge(connection: Connection, story_id: str, into_id: str, now: datetime) -> Story:
    """Let one story go into another, and every report that would join it from now on too; returns the whole.

    Merging what is one already changes nothing. Raises NotFound, StoryError.
    """
    story, into = living(connection, story_id), living(connection, into_id)
    if story.id == into.id:
        if story_id == into_id:
            raise StoryError(f"story {story_id} cannot be merged into itself")
        return into
    if story.id != story_id:
        raise StoryError(f"story {story_id} is part of story {story.id} already; split it off first, or merge that one")
    whole, went = unite(into, story)
    stories.save(connection, whole, story_keys(whole), now)
    stories.save_union(connection, went, whole, [f"a person merged story {went.id} into this one"], now)
    return whole


def split(
    connection: Connection, story_id: str, item_ids: Collection[str], now: datetime, *, as_told: bool = True
) -> tuple[Story, Story]:
    """Take items out of a story; returns what is left of it, and the story they make. Raises NotFound, StoryError.

    ``as_told``: whoever heard of the old story counts as having heard of the new one. Whoever is still to hear that
    the old one opened is to hear so of both.
    """
    story = living(connection, story_id)
    reports = [report for report, _ in stories.reports_of(connection, story.id)]
    rest, new = parted(story, reports, item_ids)
    if not as_told:
        new = replace(new, split_from=None)
    # What the old story is found by may be theirs.
    connection.execute(delete(key_rows).where(key_rows.c.story_id == story.id))
    for one in (rest, new):
        stories.save(connection, one, story_keys(one), now)
    connection.execute(
        update(story_rows).where(story_rows.c.id.in_(new.merged)).values(merged_into=new.id, changed=now)
    )
    stories.touch(connection, new.merged)
    for item_id, number in new.reports:
        connection.execute(
            update(events)
            .where(events.c.item_id == item_id, events.c.number == number)
            .values(story_id=new.id, reasons=[f"a person split it off from story {story.id}"])
        )
    if as_told:
        held.copy_openings(connection, story.id, new.id)
    return rest, new


def living(connection: Connection, story_id: str) -> Story:
    """The story with this id, or the one it went into. Raises NotFound."""
    found = stories.by_id(connection, [story_id])
    if story_id not in found:
        raise NotFound(f"no story {story_id!r}; `seedwire stories list` shows the ids")
    story = found[story_id]
    return found[story.into] if story.into else story

"""What changed, read from the database and put into words for those who listen.

The streams that ask for the same in the same form are one audience: what changed is read once, sorted by one query for
each set of filters, and put into words once for each form; the streams share the bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from sqlalchemy import Connection

from store.story_search import StoryFilters
from store.views.changes import Change, changes_since, last_revision
from store.views.stories import StoryView, newest_marks, views_of
from web.live import wording
from worker import logs

log = logs.get(__name__)

#: Changes read at once. Who missed more than that is told to read the list anew.
MOST_AT_ONCE = 200


class Form(Protocol):
    """How one kind of stream tells of stories; equal to those that say the same."""

    def __hash__(self) -> int: ...

    def story(self, view: StoryView, *, opened: bool) -> str:
        """The data of the event ``story``; ``opened`` where its readers have not heard of it before."""

    def glance(self, connection: Connection) -> str:
        """The data of the event ``glance``, "" for none."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Those who are told the same in the same words."""

    filters: StoryFilters
    form: Form


@dataclass(frozen=True, slots=True)
class News:
    """All changes up to ``told``, to those who heard what was before and to those who begin; ``more`` wait."""

    told: int
    more: bool
    to: Mapping[Audience, bytes]
    to_new: Mapping[tuple[Audience, int | None], bytes]
    glances: Mapping[Form, str]


def read_news(
    connection: Connection,
    told: int | None,
    audiences: Sequence[Audience],
    joining: Collection[tuple[Audience, int | None]],
    forms: Iterable[Form],
) -> News:
    """What is new to ``audiences``, who have heard of all up to ``told`` (None to begin with what happens next), and to
    those of ``joining``, each with the number it resumes after; and the glance of each of ``forms``."""
    if told is None:
        told = last_revision(connection)
    changes = changes_since(connection, told, limit=MOST_AT_ONCE)
    to = _worded(connection, changes, told, audiences)
    told = changes[-1].revision if changes else told
    more = len(changes) == MOST_AT_ONCE
    # Who begins does so where everybody is, and where that is while there is more nobody knows.
    to_new = {} if more else _beginnings(connection, told, joining)
    return News(told, more, to, to_new, {form: form.glance(connection) for form in forms})


def _beginnings(
    connection: Connection, told: int, joining: Collection[tuple[Audience, int | None]]
) -> dict[tuple[Audience, int | None], bytes]:
    """What each of those who begin has missed up to ``told``."""
    found = {}
    for after in {after for _, after in joining}:
        audiences = [audience for audience, its in joining if its == after]
        missed: Mapping[Audience, bytes] = {}
        beginning = wording.heartbeat(told)
        if after is not None and after != told:
            changes = changes_since(connection, after, limit=MOST_AT_ONCE + 1)
            if after > told or len(changes) > MOST_AT_ONCE:
                beginning = wording.reset(told)
            else:
                changes = [change for change in changes if change.revision <= told]
                missed = _worded(connection, changes, after, audiences)
        for audience in audiences:
            found[audience, after] = missed.get(audience, b"") + beginning
    return found


def _worded(
    connection: Connection, changes: Sequence[Change], since: int, audiences: Collection[Audience]
) -> dict[Audience, bytes]:
    """What these changes are to each audience that has heard of all up to ``since``; nothing for some."""
    if not changes or not audiences:
        return {}
    living = [change.story_id for change in changes if change.merged_into is None]
    admitted = {
        filters: {mark.id for mark in newest_marks(connection, limit=None, filters=filters, ids=living)}
        for filters in {audience.filters for audience in audiences}
    }
    views = {view.id: view for view in views_of(connection, sorted(set().union(*admitted.values())))}

    @cache
    def worded(form: Form, change: Change) -> bytes:
        view = views.get(change.story_id)
        if view is None or view.revision != change.revision:
            return b""  # it has changed again meanwhile, which is told next
        try:
            data = form.story(view, opened=change.first_revision > since)
        except Exception:  # one odd story must not hold up the others
            log.exception("story could not be told", story=view.id)
            return b""
        return wording.event("story", data, change.revision)

    def piece(audience: Audience, change: Change) -> bytes:
        if change.story_id in admitted[audience.filters]:
            return worded(audience.form, change)
        # Of a story that opened since and is not among those asked for nobody has heard.
        if change.merged_into is None and change.first_revision > since:
            return b""
        return wording.gone(change.story_id, change.merged_into, change.revision)

    pieces = {audience: b"".join(piece(audience, change) for change in changes) for audience in audiences}
    return {audience: told for audience, told in pieces.items() if told}

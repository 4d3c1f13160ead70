"""One reader for all open streams of a process.

The streams that ask for the same in the same form are one audience: what changed is read once, sorted by one query for
each set of filters, and put into words once for each form; the streams share the bytes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from store.database import Database
from store.errors import StoreError
from store.story_search import StoryFilters
from store.views.changes import Change, changes_since, last_revision
from store.views.stories import StoryView, newest_marks, views_of
from web.live import wording
from web.live.wire import hear
from worker import logs
from worker.outage import Outage

log = logs.get(__name__)

#: Streams that one process serves at once.
MOST_STREAMS = 1000
#: Pieces of news that wait for a reader before it is let go; it resumes where it was.
MOST_WAITING = 64
#: Changes read at once. Who missed more than that is told to read the list anew.
MOST_AT_ONCE = 200
#: Seconds between two looks at the database when nobody says that there is news.
LOOK_EVERY = 1.0
#: Seconds between two rounds at least, so that a burst is told in few of them.
PAUSE = 0.05
#: Seconds between two signs of life, and between two counts of what stands in the page's header.
HEARTBEAT, GLANCE_EVERY = 15.0, 5.0


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


class Stream:
    """What waits for one reader. ``after`` is the number up to which it has heard everything, None to begin now."""

    __slots__ = ("_news", "_waiting", "after", "audience", "ended")

    def __init__(self, audience: Audience, after: int | None) -> None:
        self.audience = audience
        self.after = after
        self.ended = False
        self._waiting: list[bytes] = []
        self._news = asyncio.Event()

    def put(self, piece: bytes) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self.end()
        elif not self.ended:
            self._waiting.append(piece)
            self._news.set()

    def end(self) -> None:
        self.ended = True
        self._waiting.clear()
        self._news.set()

    async def next(self) -> bytes:
        """What to send next; empty when the stream has ended."""
        await self._news.wait()
        pieces = b"".join(self._waiting)
        self._waiting.clear()
        if not self.ended:
            self._news.clear()
        return pieces


@dataclass(frozen=True, slots=True)
class _News:
    """All changes up to ``told``, to those who heard what was before and to those who begin; ``more`` wait."""

    told: int
    more: bool
    to: Mapping[Audience, bytes]
    to_new: Mapping[tuple[Audience, int | None], bytes]
    glances: Mapping[Form, str]


class Hub:
    """``broker_url`` is where to hear of changes, None to ask the database alone. It works while anybody listens.

    What it holds is touched on the event loop alone; ``_read`` and what it calls run in a thread and hold nothing.
    """

    def __init__(self, database: Callable[[], Database], broker_url: str | None = None) -> None:
        self._database = database
        self._broker_url = broker_url
        self._closed = False
        self._joining: set[Stream] = set()
        self._streams: dict[Audience, set[Stream]] = {}
        self._glances: Mapping[Form, str] = {}
        self._work: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._outage = Outage("database")

    @property
    def streams(self) -> int:
        """How many are open."""
        return len(self._joining) + sum(map(len, self._streams.values()))

    @property
    def is_full(self) -> bool:
        return self._closed or self.streams >= MOST_STREAMS

    def join(self, audience: Audience, after: int | None) -> Stream:
        stream = Stream(audience, after)
        self._joining.add(stream)
        if self._closed:
            stream.end()
        elif self._work is None:
            self._work = asyncio.create_task(self._run())
        self._wake.set()
        return stream

    def leave(self, stream: Stream) -> None:
        self._joining.discard(stream)
        members = self._streams.get(stream.audience, set())
        members.discard(stream)
        if not members:
            self._streams.pop(stream.audience, None)
        if not self.streams and self._work is not None:
            self._work.cancel()
            self._work = None

    def close(self) -> None:
        """End every stream; their clients open them anew, at whichever process takes this one's place."""
        self._closed = True
        for stream in self._all():
            stream.end()

    def _all(self) -> Iterator[Stream]:
        yield from self._joining
        for members in self._streams.values():
            yield from members

    async def _run(self) -> None:
        hearing = asyncio.create_task(hear(self._broker_url, self._wake.set)) if self._broker_url else None
        try:
            await self._tell()
        except Exception:
            log.exception("live streams failed and are opened anew")
            self._work = None
            for stream in self._all():
                stream.end()
        finally:
            if hearing:
                hearing.cancel()

    async def _tell(self) -> None:
        told: int | None = None
        beat = count = 0.0
        while True:
            self._wake.clear()
            joining, now, more = list(self._joining), time.monotonic(), False
            forms = {audience.form for audience in self._streams} if now >= count else set()
            try:
                news = await asyncio.to_thread(
                    self._read, told, list(self._streams), {(one.audience, one.after) for one in joining}, forms
                )
                self._outage.up()
            except (StoreError, SQLAlchemyError) as error:
                self._outage.down(str(error).splitlines()[0])
            else:
                told, more = news.told, news.more
                for audience, pieces in news.to.items():
                    self._put(audience, pieces)
                if forms:
                    count = now + GLANCE_EVERY
                    self._put_glances(news.glances)
                for stream in joining:
                    self._begin(stream, news)
            if told is not None and now >= beat:
                beat = now + HEARTBEAT
                for audience in self._streams:
                    self._put(audience, wording.heartbeat(told))
            await asyncio.sleep(PAUSE)
            if not more:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), LOOK_EVERY)

    def _put(self, audience: Audience, pieces: bytes) -> None:
        for stream in self._streams.get(audience, ()):
            stream.put(pieces)

    def _put_glances(self, glances: Mapping[Form, str]) -> None:
        for audience in self._streams:
            glance = glances.get(audience.form, "")
            if glance and glance != self._glances.get(audience.form):
                self._put(audience, wording.event("glance", glance))
        self._glances = glances

    def _begin(self, stream: Stream, news: _News) -> None:
        """From here on the stream hears what its audience does."""
        beginning = news.to_new.get((stream.audience, stream.after))
        if beginning is None or stream not in self._joining:
            return
        self._joining.remove(stream)
        self._streams.setdefault(stream.audience, set()).add(stream)
        stream.put(beginning)

    def _read(
        self,
        told: int | None,
        audiences: Sequence[Audience],
        joining: Collection[tuple[Audience, int | None]],
        forms: Iterable[Form],
    ) -> _News:
        with self._database().read() as connection:
            if told is None:
                told = last_revision(connection)
            changes = changes_since(connection, told, limit=MOST_AT_ONCE)
            to = _worded(connection, changes, told, audiences)
            told = changes[-1].revision if changes else told
            more = len(changes) == MOST_AT_ONCE
            # Who begins does so where everybody is, and where that is while there is more nobody knows.
            to_new = {} if more else _beginnings(connection, told, joining)
            return _News(told, more, to, to_new, {form: form.glance(connection) for form in forms})


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

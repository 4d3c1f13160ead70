"""One reader for all open streams of a process: what they are told is in web.live.news."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from store.database import Database
from store.errors import StoreError
from web.live import wording
from web.live.news import Audience, Form, News, read_news
from web.live.wire import hear
from worker import logs
from worker.outage import Outage

log = logs.get(__name__)

#: Streams that one process serves at once.
MOST_STREAMS = 1000
#: Pieces of news that wait for a reader before it is let go; it resumes where it was.
MOST_WAITING = 64
#: Seconds between two looks at the database when nobody says that there is news.
LOOK_EVERY = 1.0
#: Seconds between two rounds at least, so that a burst is told in few of them.
PAUSE = 0.05
#: Seconds between two signs of life, and between two counts of what stands in the page's header.
HEARTBEAT, GLANCE_EVERY = 15.0, 5.0


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


class Hub:
    """``broker_url`` is where to hear of changes, None to ask the database alone. It works while anybody listens.

    What it holds is touched on the event loop alone; ``_read`` runs in a thread and holds nothing.
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
        return self.streams >= MOST_STREAMS

    def join(self, audience: Audience, after: int | None) -> Stream:
        """A stream that has ended already where all have: whoever opens it is told when to come again, and does, where
        a refusal would make browsers give up."""
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
            beginning = {(one.audience, one.after) for one in joining}
            ask = partial(read_news, told=told, audiences=list(self._streams), joining=beginning, forms=forms)
            try:
                news = await asyncio.to_thread(self._read, ask)
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

    def _begin(self, stream: Stream, news: News) -> None:
        """From here on the stream hears what its audience does."""
        beginning = news.to_new.get((stream.audience, stream.after))
        if beginning is None or stream not in self._joining:
            return
        self._joining.remove(stream)
        self._streams.setdefault(stream.audience, set()).add(stream)
        stream.put(beginning)

    def _read(self, ask: Callable[[Connection], News]) -> News:
        with self._database().read() as connection:
            return ask(connection)

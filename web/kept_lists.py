"""Lists of stories as they were last answered, for as long as no story changes: programs ask for the same list again
and again, and finding, writing and compressing it takes ten times as long as sending it."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from store.errors import StoreError
from store.views.changes import last_revision

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from store.database import Database

#: What tells of stories alone, the same to whoever may ask.
PATHS = frozenset({"/api/v1/stories"})
#: Lists kept, and how large one may be, in bytes.
MOST, LARGEST = 100, 500_000
#: In seconds: what retention removes changes no revision.
LONGEST = 60.0

Key = tuple[str, bytes, bool]


@dataclass(frozen=True, slots=True)
class _Kept:
    revision: int
    at: float
    start: Message
    body: bytes


class KeptLists:
    """ASGI middleware outside of compression."""

    def __init__(self, app: ASGIApp, database: Callable[[], Database]) -> None:
        self._app = app
        self._database = database
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._looking = asyncio.Lock()
        self._next: asyncio.Future[int] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in PATHS:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            revision = await self._last_revision()
        except (StoreError, SQLAlchemyError):
            await self._app(scope, receive, send)  # which knows what to say of it
            return
        key = (scope["path"], scope["query_string"], "gzip" in headers.get("accept-encoding", ""))
        kept = self._kept.get(key)
        if kept is None or kept.revision != revision or time.monotonic() - kept.at > LONGEST:
            # The revision was read before the list: a change in between makes it the older one, and it is made again.
            await self._app(scope, receive, self._keeping(key, revision, send))
            return
        self._kept.move_to_end(key)
        told = Headers(raw=kept.start["headers"])
        if told["etag"] in headers.get("if-none-match", ""):
            unchanged = [(name.encode(), told[name].encode()) for name in ("etag", "cache-control")]
            await send({"type": "http.response.start", "status": 304, "headers": unchanged})
            await send({"type": "http.response.body", "body": b""})
            return
        await send({**kept.start, "headers": list(kept.start["headers"])})
        await send({"type": "http.response.body", "body": kept.body})

    async def _last_revision(self) -> int:
        """As of now or later: who comes before a look at the database begins shares it."""
        if self._next is None:
            self._next = asyncio.ensure_future(self._look())
        return await asyncio.shield(self._next)

    async def _look(self) -> int:
        async with self._looking:
            self._next = None
            return await run_in_threadpool(self._read)

    def _read(self) -> int:
        with self._database().read() as connection:
            return last_revision(connection)

    def _keeping(self, key: Key, revision: int, send: Send) -> Send:
        start: Message = {}

        async def keep(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = {**message, "headers": list(message["headers"])}
            elif message.get("more_body"):
                start["status"] = 0  # not the whole in one piece
            elif start["status"] == 200 and len(message["body"]) <= LARGEST:
                self._kept[key] = _Kept(revision, time.monotonic(), start, message["body"])
                while len(self._kept) > MOST:
                    self._kept.popitem(last=False)
            await send(message)

        return keep

"""The answer that does not end: what the hub has for one reader, sent as it comes."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Header, Query
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from web.live import wording
from web.live.hub import Hub, Stream
from web.live.news import Audience
from worker import logs

log = logs.get(__name__)

_LARGEST = 2**63 - 1

#: How long a reader may take nothing of what it was sent, in seconds.
PATIENCE = 30.0

#: Where to begin: behind the number that the header, else the parameter names; None for now.
After = Annotated[
    int | None,
    Query(ge=0, le=_LARGEST, description="Begin behind the change of this number; without it, with what happens next"),
]
LastEventId = Annotated[
    int | None,
    Header(ge=0, le=_LARGEST, description="What a client that lost the stream saw last; goes before `after`"),
]


class EventStream(Response):
    """``text/event-stream`` for as long as client and process are there."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, audience: Audience, after: int | None, status_code: int = 200) -> None:
        super().__init__(status_code=status_code, headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._hub, self._audience, self._after = hub, audience, after
        if hub.is_full:
            raise HTTPException(503, "Too many streams are open here; try again in a minute.", {"retry-after": "60"})

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        stream = self._hub.join(self._audience, self._after)
        watching = asyncio.create_task(_end_when_left(stream, receive))
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            pieces = wording.OPENING
            while pieces:
                async with asyncio.timeout(PATIENCE):
                    await send({"type": "http.response.body", "body": pieces, "more_body": True})
                pieces = await stream.next()
            async with asyncio.timeout(PATIENCE):
                await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            log.info("a stream was ended: its reader takes nothing", streams=self._hub.streams - 1)
        finally:
            watching.cancel()
            self._hub.leave(stream)


async def _end_when_left(stream: Stream, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()

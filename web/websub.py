"""``/websub/{feed}``: where hubs ask back and deliver (https://www.w3.org/TR/websub/, sections 5.2, 5.3 and 7).

Open to everybody, since hubs have no token of ours: each subscription has an address of its own that nobody can guess,
what is delivered there is signed, and who calls another address learns nothing and makes us read nothing.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response

from feeds.websub import Subscription
from web.guard import OPEN_BELOW
from web.problem import answers
from worker.context import Context
from worker.steps import websub
from worker.steps.websub import Delivery

LONGEST_CHALLENGE = 4_096
#: Deliveries read and stored at once, and how many more may wait for their turn.
AT_ONCE, WAITING = 4, 32
#: Calls a subscription's hub may make in a row, and how many more a second after that.
BURST, A_SECOND = 60, 1.0

_FEED, _TOKEN = re.compile(r"[0-9a-f]{16}"), re.compile(r"[A-Za-z0-9_-]{43}")
_NOTHING_HERE = "There is no such subscription."


router = APIRouter(tags=["push"])

_TOKEN_PARAMETER = {
    "name": "token",
    "in": "query",
    "required": True,
    "description": "What makes the address of a subscription one that nobody guesses",
    "schema": {"type": "string"},
}
_OPEN: dict[str, Any] = {"security": [], "parameters": [_TOKEN_PARAMETER]}


@router.get(
    OPEN_BELOW + "{feed}",
    response_class=PlainTextResponse,
    responses=answers(404, 429, 503),
    openapi_extra=_OPEN,
    summary="A WebSub hub asks back whether it was we who subscribed, or says that it will not push",
)
async def confirm_push(feed: str, request: Request) -> Response:
    return await _callback(request)(feed, request)


@router.post(
    OPEN_BELOW + "{feed}",
    response_class=PlainTextResponse,
    responses=answers(404, 408, 410, 413, 429, 503),
    openapi_extra=_OPEN,
    summary="A WebSub hub delivers what a feed published, signed with the subscription's secret",
)
async def push(feed: str, request: Request) -> Response:
    return await _callback(request)(feed, request)


def _callback(request: Request) -> Callback:
    callback: Callback = request.app.state.push
    return callback


class Callback:
    """What hubs reach; one a process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._calls: dict[str, tuple[float, float]] = {}

    async def __call__(self, feed_id: str, request: Request) -> Response:
        token = request.query_params.get("token", "")
        # Before anything else is read: a body is only taken from who knows a subscription's address.
        like_ours = _FEED.fullmatch(feed_id) and _TOKEN.fullmatch(token)
        one = await run_in_threadpool(websub.find, self._context, feed_id, token) if like_ours else None
        if one is None:
            raise HTTPException(404, _NOTHING_HERE)
        if not self._may_call(one.token):
            raise HTTPException(429, "That is too much at once; polls make up for what is left out.", _later(60))
        if request.method == "GET":
            return await run_in_threadpool(self._ask_back, one, request)
        if not one.wanted:
            raise HTTPException(410, "This subscription has been given up.")
        if one.confirmed is None:
            raise HTTPException(404, "This subscription has not been confirmed yet.")
        if self._waiting >= WAITING:
            raise HTTPException(503, "Too many deliveries at once.", _later(5))
        self._waiting += 1
        try:
            async with self._turn:
                return await self._take(one, request)
        finally:
            self._waiting -= 1

    def _ask_back(self, one: Subscription, request: Request) -> Response:
        asked = request.query_params
        mode, topic = asked.get("hub.mode", ""), asked.get("hub.topic", "")
        if mode == "denied":
            if websub.deny(self._context, one, topic, asked.get("hub.reason", "")):
                return PlainTextResponse("")
            raise HTTPException(404, "This subscription is of another topic.")
        challenge = asked.get("hub.challenge", "")
        if not 0 < len(challenge) <= LONGEST_CHALLENGE:
            raise HTTPException(404, "A hub that asks back sends hub.mode, hub.topic and hub.challenge.")
        if not websub.confirm(self._context, one, mode, topic, asked.get("hub.lease_seconds")):
            raise HTTPException(404, "Nobody asked for this.")
        return PlainTextResponse(challenge)

    async def _take(self, one: Subscription, request: Request) -> Response:
        limits = self._context.config.polling
        try:
            async with asyncio.timeout(limits.timeout.total_seconds()):
                body = await _read(request, limits.max_bytes)
        except TimeoutError:
            raise HTTPException(408, "The delivery took longer than a poll may.") from None
        except ClientDisconnect:
            return Response(status_code=400)
        headers = request.headers
        delivery = Delivery(
            body=body,
            signature=headers.get("x-hub-signature"),
            links=", ".join(headers.getlist("link")),
            content_type=headers.get("content-type"),
            content_encoding=headers.get("content-encoding"),
            content_language=headers.get("content-language"),
        )
        await run_in_threadpool(websub.take, self._context, one, delivery)
        # Also for what was ignored (7.1): who tries signatures learns nothing.
        return Response(status_code=200)

    def _may_call(self, token: str) -> bool:
        now = time.monotonic()
        left, at = self._calls.get(token, (float(BURST), now))
        left = min(BURST, left + (now - at) * A_SECOND)
        self._calls[token] = (max(left - 1, 0.0), now)
        return left >= 1


async def _read(request: Request, most: int) -> bytes:
    too_large = HTTPException(413, f"A delivery has at most {most:,} bytes.")
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced[:15]) > most:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise too_large
    return bytes(body)


def _later(seconds: int) -> dict[str, str]:
    return {"retry-after": str(seconds)}

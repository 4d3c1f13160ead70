"""No request's body is read beyond a bound: what is larger is answered 413 before the rest of it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from web.guard import OPEN_BELOW
from web.problem import ProblemResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: The largest body taken, in bytes. What hubs push has a bound of its own (web.websub).
MOST_BYTES = 8_000_000
TOO_LARGE = f"A request has at most {MOST_BYTES:,} bytes; send it in parts."


class BodyLimit:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(OPEN_BELOW):
            await self.app(scope, receive, send)
            return
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        if announced.isdigit() and int(announced[:15]) > MOST_BYTES:
            await ProblemResponse(413, TOO_LARGE)(scope, receive, send)
            return
        read = 0

        async def receive_bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BYTES:
                raise HTTPException(413, TOO_LARGE)
            return message

        await self.app(scope, receive_bounded, send)

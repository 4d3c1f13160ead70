"""A request's id: in every line of the log that it causes, in its answer's headers, and its trace's."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import structlog
from starlette.datastructures import MutableHeaders

from web.access import NOBODY
from worker import logs, tracing

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logs.get(__name__)

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
#: Asked so often, by machines, that traces of them would hide the others.
_UNTRACED = ("/healthz", "/readyz", "/metrics", "/static/")

#: What never ends is only got.
ENDLESS = ("/stream", "/live")


class Requests:
    """ASGI middleware inside of the guard, where HEAD becomes a GET of which only the head is sent.

    What may change something is told in a line of the log with who asked for it; what only reads, where debugging is
    on. Of the address only the path: a query may hold secrets.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, began, status = uuid.uuid4().hex, time.time(), 500
        if scope["method"] == "HEAD" and not scope["path"].endswith(ENDLESS):
            scope = {**scope, "method": "GET"}  # the server sends no body for it (RFC 9110, section 9.3.2)

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                _tell(scope, status, began)
        if tracing.is_on() and not scope["path"].startswith(_UNTRACED):
            _trace(scope, request, status, began)


def _tell(scope: Scope, status: int, began: float) -> None:
    who = scope.get("state", {}).get("principal", NOBODY).name
    say = log.debug if scope["method"] in _READING and status < 500 else log.info
    say(
        "request",
        method=scope["method"], path=scope["path"], status=status, who=who, ms=round((time.time() - began) * 1_000),
    )  # fmt: skip


def _trace(scope: Scope, request: str, status: int, began: float) -> None:
    route = _route(scope)
    tracing.record(
        f"{scope['method']} {route}" if route else scope["method"], request,
        began=began, error=str(status) if status >= 500 else "",
        attributes={"http.request.method": scope["method"], "http.route": route, "http.response.status_code": status},
    )  # fmt: skip


def _route(scope: Scope) -> str | None:
    """``/api/v1/stories/{story_id}``; None where nothing of ours was asked for. The route itself knows the end of it
    alone, without what it was included under."""
    ending: str | None = getattr(scope.get("route"), "path", None)
    if ending is None:
        return None
    return "/".join(scope["path"].split("/")[: -ending.count("/")]) + ending

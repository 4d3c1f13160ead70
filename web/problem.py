"""The one shape of an error: RFC 9457 problem details (``application/problem+json``)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.exceptions import HTTPException
    from starlette.requests import Request


class ProblemResponse(JSONResponse):
    """``{"type": "about:blank", "title": "Not Found", "status": 404, "detail": "…"}``; ``detail`` says what to do."""

    media_type = "application/problem+json"

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
        super().__init__(body, status_code=status, headers=headers)


def on_http_exception(_request: Request, error: HTTPException) -> ProblemResponse:
    """What a wrong path, method or parameter gets."""
    return ProblemResponse(error.status_code, error.detail, error.headers)

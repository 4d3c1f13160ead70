"""The one shape of an error: RFC 9457 problem details (``application/problem+json``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Match

from web.requests import ENDLESS

#: The tags of a body that may be one thing or a list of them: ways to read it, not places in it.
ONE, SOME = "<one>", "<some>"
# What the library says in words of its own.
_PLAINER = {"model_attributes_type": "Input should be an object"}


class Mistake(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(description="The parameter or the place in the body, such as `query.limit`")
    detail: str


class Problem(BaseModel):
    """What was wrong and what to do (RFC 9457)."""

    type: str = "about:blank"
    title: str = Field(description="The phrase of the status")
    status: int
    detail: str = Field(description="What was wrong and what to do")
    errors: list[Mistake] | None = Field(default=None, description="Each thing that is wrong, for status 422")


class ProblemResponse(JSONResponse):
    """``{"type": "about:blank", "title": "Not Found", "status": 404, "detail": "…"}``; ``detail`` says what to do."""

    media_type = "application/problem+json"

    def __init__(
        self,
        status: int,
        detail: str,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mistake] | None = None,
    ) -> None:
        body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
        if errors:
            body["errors"] = [error.model_dump() for error in errors]
        super().__init__(body, status_code=status, headers=headers)


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that may answer with these errors, for the description of the API."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def on_http_exception(request: Request, error: Exception) -> ProblemResponse:
    """What a wrong path or method gets, and what handlers raise."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    detail = error.detail
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # The router tells the methods of the first route at this path; a path has one a handler. Below a mount the path
        # is another, and what is mounted has told its own.
        if "app_root_path" not in request.scope:
            headers["Allow"] = ", ".join(sorted(_methods(request)))
        detail = f"this address takes {headers['Allow']}"
    elif detail == HTTPStatus.NOT_FOUND.phrase:
        detail = "there is nothing at this address"
    return ProblemResponse(error.status_code, detail, headers)


def _methods(request: Request) -> set[str]:
    """What the path of this request takes."""
    routes = iter_route_contexts(request.app.routes)
    here = (route for route in routes if route.matches(request.scope)[0] is Match.PARTIAL)
    methods = {method for route in here for method in route.methods or ()}
    if "GET" in methods and not request.scope["path"].endswith(ENDLESS):
        methods.add("HEAD")
    return methods


def on_not_found(_request: Request, error: Exception) -> ProblemResponse:
    """What the store says of an id that names nothing."""
    return ProblemResponse(404, str(error))


def on_no_model(_request: Request, error: Exception) -> ProblemResponse:
    """There is no model that could say what an item means."""
    return ProblemResponse(503, str(error))


def on_conflict(_request: Request, error: Exception) -> ProblemResponse:
    """What cannot be done as things are."""
    return ProblemResponse(409, str(error))


def on_bad_label(request: Request, error: Exception) -> ProblemResponse:
    """A label that means nothing here: a mistake in the body."""
    return on_invalid(request, RequestValidationError([{"loc": ("body", "label"), "msg": str(error)}]))


def on_invalid(_request: Request, error: Exception) -> ProblemResponse:
    """What a wrong parameter or body gets: 422, each mistake named. What was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    mistakes = [
        Mistake(where=".".join(str(part) for part in one["loc"] if part not in (ONE, SOME)), detail=_detail(one))
        for one in error.errors()
    ]
    detail = "; ".join(f"{mistake.where}: {mistake.detail}" for mistake in mistakes[:3])
    return ProblemResponse(422, detail or "The request is not understood.", errors=mistakes)


def _detail(mistake: Mapping[str, Any]) -> str:
    if isinstance(mistake.get("input"), bytes):  # a body that is not announced as JSON is not read as such
        return "Send it as content-type: application/json"
    return _PLAINER.get(mistake.get("type", ""), str(mistake["msg"]).removeprefix("Value error, "))

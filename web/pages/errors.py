"""Mistakes told to people: a page where a browser asks for a page, the problem itself where a program asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from web.pages.rendering import bare_page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from web.problem import ProblemResponse

Handler = Callable[["Request", Exception], "ProblemResponse"]

#: Below this, whoever asks is a program.
_PROGRAMS = "/api/"


def for_people(handler: Handler) -> Callable[[Request, Exception], Response]:
    """The handler of an exception whose answer is a page for those who want one."""

    def answer(request: Request, error: Exception) -> Response:
        return as_asked(request, handler(request, error))

    return answer


def as_asked(request: Request, problem: ProblemResponse) -> Response:
    """The problem as a page for those who want one, else as it is."""
    if not wants_page(request):
        return problem
    told = json.loads(bytes(problem.body))
    headers = {name: value for name, value in problem.headers.items() if not name.startswith("content-")}
    shown = {"title": told["title"], "detail": told["detail"]}
    return bare_page(request, "error.html", problem.status_code, headers, **shown)


def wants_page(request: Request) -> bool:
    """Whether a browser asks for a page: only these take text/html by name."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return not path.startswith(_PROGRAMS) and "text/html" in request.headers.get("accept", "")

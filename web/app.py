"""The web application: routes, and what they share."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from store import condition, overview, state
from store.errors import StoreError
from store.stalls import stalls
from web import api, health, metrics, page, websub
from web.guard import Guard
from web.openapi import describe
from web.problem import ProblemResponse, on_http_exception
from worker import logs

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from starlette.requests import Request

    from store.database import Database
    from worker.context import Context

log = logs.get(__name__)

#: The key under which the config's state is kept (store.state), and in it the problem of a refused change.
CONFIG_KEY = "config"


def create_app(
    database: Database,
    *,
    token: Callable[[], str | None],
    ping_broker: Callable[[], bool],
    context: Context | None = None,
) -> Guard:
    """The ASGI application.

    ``token`` gives the API token in force, None for none; ``ping_broker`` tells whether the broker answers, within a
    second or two; ``context`` is what hubs' deliveries are stored with. Handlers are plain functions: Starlette runs
    them in threads, where the database may block.
    """

    def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    def readyz(_request: Request) -> Response:
        checks = health.check_all(database, ping_broker)
        ok = all(check.ok for check in checks)
        body = {
            "status": "ok" if ok else "failing",
            "checks": [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in checks],
        }
        return JSONResponse(body, status_code=200 if ok else 503)

    def dashboard(_request: Request) -> Response:
        with database.read() as connection:
            return HTMLResponse(page.render(connection, _config_problem(connection), datetime.now(UTC)))

    def scrape(_request: Request) -> Response:
        now = datetime.now(UTC)
        with database.read() as connection:
            reading = metrics.Reading(
                version=_version(),
                figures=overview.figures(connection, now),
                backlog=overview.backlog(connection, now),
                config_problem=_config_problem(connection) is not None,
                degraded=[trouble.reason for trouble in condition.told(connection)],
                broker_up=ping_broker(),
                stalled={check.name: not check.ok for check in health.check_stages(stalls(connection, now))},
            )
        return Response(metrics.render(reading), media_type=metrics.CONTENT_TYPE)

    def stories(request: Request) -> Response:
        limit = api.parse_limit(request.query_params.get("limit"))
        before = api.parse_cursor(request.query_params.get("cursor"))
        with database.read() as connection:
            # One more than asked for tells whether there is a next page.
            views = overview.newest_stories(connection, limit=limit + 1, before=before)
        following = api.write_cursor(views[limit - 1]) if len(views) > limit else None
        return JSONResponse({"stories": [api.story_to_dict(view) for view in views[:limit]], "next": following})

    def openapi(_request: Request) -> Response:
        return JSONResponse(describe(_version()))

    app = Starlette(
        routes=[
            Route("/", dashboard),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", scrape),
            Route("/api/v1/stories", stories),
            Route("/api/v1/openapi.json", openapi),
            websub.route(context),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        exception_handlers={
            HTTPException: on_http_exception,  # type: ignore[dict-item]  # a handler takes its own exception
            StoreError: _on_store_error,
            SQLAlchemyError: _on_store_error,
            Exception: _on_mistake,
        },
    )
    # Outside of everything, so that no answer goes out without its headers, not even that to a mistake of ours.
    return Guard(app, token)


def _config_problem(connection: Connection) -> str | None:
    fact = state.get(connection, CONFIG_KEY)
    problem = fact.value.get("problem") if fact else None
    return str(problem) if problem else None


def _on_store_error(request: Request, error: Exception) -> Response:
    log.error("request failed", path=request.url.path, error=str(error).splitlines()[0])
    return ProblemResponse(
        503, "The database does not answer, or its tables are missing. /readyz and the log say more."
    )


def _on_mistake(_request: Request, _error: Exception) -> Response:
    return ProblemResponse(500, "This is a mistake in Seedwire, not in the request. The log says where.")


def _version() -> str:
    try:
        return version("seedwire")
    except PackageNotFoundError:
        return "unknown"

"""The web application: which handlers there are, and what becomes of their mistakes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from alerts.errors import StoryError
from classifiers.errors import ModelError
from store.errors import NotFound, StoreError
from web import health, metrics, openapi, websub
from web.api import activity as api_activity
from web.api import alert_feeds as api_alert_feeds
from web.api import alerts as api_alerts
from web.api import articles as api_articles
from web.api import corrections as api_corrections
from web.api import deliveries as api_deliveries
from web.api import feeds as api_feeds
from web.api import items as api_items
from web.api import patterns as api_patterns
from web.api import status as api_status
from web.api import stories as api_stories
from web.api import story as api_story
from web.api import stream as api_stream
from web.api import webhooks as api_webhooks
from web.body_limit import BodyLimit
from web.credentials import Credentials
from web.guard import Guard
from web.kept_lists import KeptLists
from web.live.hub import Hub
from web.pages import activity as activity_page
from web.pages import corrections as corrections_page
from web.pages import feeds as feeds_page
from web.pages import items as items_page
from web.pages import live as live_page
from web.pages import login as login_page
from web.pages import patterns as patterns_page
from web.pages import stories as stories_page
from web.pages import story as story_page
from web.pages import webhooks as webhooks_page
from web.pages.errors import for_people
from web.problem import (
    ProblemResponse,
    on_bad_label,
    on_conflict,
    on_http_exception,
    on_invalid,
    on_no_model,
    on_not_found,
)
from web.requests import Requests
from web.site import Site, our_version
from worker import logs
from worker.context import Context
from worker.steps.correct import BadLabel

log = logs.get(__name__)

_API = (
    api_stories,
    api_story,
    api_status,
    api_patterns,
    api_activity,
    api_articles,
    api_corrections,
    api_items,
    api_feeds,
    api_stream,
    api_alerts,
    api_alert_feeds,
    api_webhooks,
    api_deliveries,
)
_PAGES = (
    patterns_page,
    activity_page,
    corrections_page,
    items_page,
    feeds_page,
    login_page,
    live_page,
    stories_page,
    story_page,
    webhooks_page,
)


def create_app(
    context: Context,
    *,
    token: Callable[[], str | None],
    ping_broker: Callable[[], bool],
    hub: Hub | None = None,
) -> Guard:
    """The ASGI application.

    ``context`` is what the work is done with; ``token`` gives the API token in force, None for none; ``ping_broker``
    tells whether the broker answers, within a second or two; ``hub`` feeds the streams. Handlers are plain functions:
    they are run in threads, where the database may block.
    """
    app = FastAPI(
        title="Seedwire",
        version=our_version(),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.add_exception_handler(HTTPException, for_people(on_http_exception))
    app.add_exception_handler(RequestValidationError, for_people(on_invalid))
    app.add_exception_handler(NotFound, for_people(on_not_found))
    app.add_exception_handler(BadLabel, for_people(on_bad_label))
    app.add_exception_handler(ModelError, for_people(on_no_model))
    app.add_exception_handler(StoryError, for_people(on_conflict))
    app.add_exception_handler(StoreError, for_people(_on_store_error))
    app.add_exception_handler(SQLAlchemyError, for_people(_on_store_error))
    app.add_exception_handler(Exception, for_people(_on_mistake))
    app.state.site = Site(context, ping_broker, hub or Hub(lambda: context.database))
    app.state.credentials = Credentials(context, token)
    app.state.push = websub.Callback(context)
    app.state.health = health.Health(lambda: context.database, ping_broker)
    app.state.scrape = metrics.Scrape(context, app.state.health, lambda: app.state.site.hub.streams)
    api = APIRouter(prefix="/api/v1")
    for resource in _API:
        api.include_router(resource.router)
    app.include_router(api)
    for page in _PAGES:
        app.include_router(page.router, include_in_schema=False)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(websub.router)
    app.mount("/static", _Kept(directory=Path(__file__).parent / "static"))
    openapi.complete(app)
    # Not what streams, which it would hold back; the better levels cost more time than they save on the way.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=4)
    app.add_middleware(KeptLists, database=lambda: context.database)
    app.add_middleware(Requests)
    # Outside of everything, so that no answer goes out without its headers, not even that to a mistake of ours.
    return Guard(BodyLimit(app), app.state.credentials, context)


class _Kept(StaticFiles):
    """Browsers keep a file, and ask each time whether it is still the same."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response


def _on_store_error(request: Request, error: Exception) -> ProblemResponse:
    log.error("request failed", path=request.url.path, error=str(error).splitlines()[0])
    return ProblemResponse(
        503, "The database does not answer, or its tables are missing. /readyz and the log say more."
    )


def _on_mistake(_request: Request, _error: Exception) -> ProblemResponse:
    return ProblemResponse(500, "This is a mistake in Seedwire, not in the request. The log says where.")

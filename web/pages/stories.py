"""``/``: stories as cards, and what needs a look."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from store.quiet import read_quiet
from store.views.glance import feed_problems
from store.views.stories import newest_stories
from store.webhook_health import list_webhooks
from web.pages.rendering import page
from web.site import Reading

STORIES_SHOWN = 50
PROBLEMS_SHOWN = 20

router = APIRouter()


@router.get("/")
def stories(request: Request, connection: Reading) -> HTMLResponse:
    shown = newest_stories(connection, limit=STORIES_SHOWN)
    return page(
        request,
        connection,
        "stories.html",
        stories=shown,
        quiet=None if shown else read_quiet(connection),
        problems=feed_problems(connection, limit=PROBLEMS_SHOWN),
        webhooks=[webhook for webhook in list_webhooks(connection) if not webhook.is_well],
    )

"""``/``: stories as cards, found by what they are; and what needs a look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select

from classifiers.gazetteer import country_name
from store.feed_names import FEED_NAME
from store.quiet import read_quiet
from store.story_search import in_use
from store.tables import feeds
from store.views.changes import last_revision
from store.views.glance import feed_problems
from store.views.stories import newest_marks
from store.webhook_health import list_webhooks
from web.access import principal_of
from web.api.paging import Cursor, parse_cursor, write_cursor
from web.pages.rendering import page, words
from web.pages.story_cards import cards_of
from web.site import AtHand, Reading, Site
from web.story_filters import Asked, to_query

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.story_search import StoryFilters

STORIES_SHOWN = 20
PROBLEMS_SHOWN = 20
#: Feeds to choose from; any other is asked for by its own page's link.
FEEDS_OFFERED = 200

router = APIRouter()


@router.get("/")
def stories(request: Request, site: AtHand, connection: Reading, filters: Asked, cursor: Cursor = "") -> HTMLResponse:
    before = parse_cursor(cursor)
    revision = last_revision(connection)
    marks = newest_marks(connection, limit=STORIES_SHOWN + 1, before=before, filters=filters)
    shown = marks[:STORIES_SHOWN]
    root, may_write = request.scope.get("root_path", ""), principal_of(request).may_write
    cards = cards_of(site.cards, connection, shown, root=root, may_write=may_write)
    asked = to_query(filters)
    older = write_cursor(shown[-1].opened, shown[-1].id) if len(marks) > STORIES_SHOWN else None
    return page(
        request,
        connection,
        "stories.html",
        cards=cards,
        revision=revision,
        filters=filters,
        fields=_fields(site, connection, filters),
        chips=[(_called(connection, name, value), _address(asked, but=(name, value))) for name, value in asked],
        first=_address(asked) if before else None,
        older=_address([*asked, ("cursor", older)]) if older else None,
        quiet=None if shown else read_quiet(connection),
        **site.around.get("first page", lambda: _beside(connection)),
    )


def _fields(site: Site, connection: Connection, filters: StoryFilters) -> list[dict[str, Any]]:
    """The form's lists to choose from: of what the newest stories have, and what is asked for."""
    offered = site.choices.get("", lambda: _choices(connection))
    asked_for = (
        ("type", "Type", filters.types), ("status", "Status", filters.statuses), ("country", "Side", filters.countries),
        ("feed", "Feed", filters.feeds),
    )  # fmt: skip
    fields = []
    for name, label, asked in asked_for:
        options = offered[name]
        if asked and all(value != asked[0] for _, value in options):
            options = [(_called(connection, name, asked[0]), asked[0]), *options]
        # Of several values that the address asks for, the list holds the first and the form keeps the others.
        fields.append(
            {"name": name, "label": label, "chosen": asked[0] if asked else "", "kept": asked[1:], "options": options}
        )
    return fields


def _choices(connection: Connection) -> dict[str, list[tuple[str, str]]]:
    used = in_use(connection)
    names = _feed_names(connection, used["feed"][:FEEDS_OFFERED])
    return {
        "type": sorted((words(one), one) for one in used["type"]),
        "status": sorted((words(one), one) for one in used["status"]),
        "country": sorted((country_name(one), one) for one in used["country"]),
        "feed": sorted(((name, one) for one, name in names.items()), key=lambda option: option[0].casefold()),
    }


def _beside(connection: Connection) -> dict[str, Any]:
    """What needs a look."""
    return {
        "problems": feed_problems(connection, limit=PROBLEMS_SHOWN),
        "webhooks": [webhook for webhook in list_webhooks(connection) if not webhook.is_well],
    }


def _feed_names(connection: Connection, ids: list[str]) -> dict[str, str]:
    rows = connection.execute(select(feeds.c.id, FEED_NAME).where(feeds.c.id.in_(ids)))
    return {row.id: row.feed for row in rows}


def _called(connection: Connection, name: str, value: str) -> str:
    if name == "country":
        return country_name(value)
    if name == "feed":
        return _feed_names(connection, [value]).get(value, value)
    if name == "q":
        return f"“{value}”"
    return {"min_score": f"score from {value}", "tag": f"tag {value}"}.get(name, words(value))


def _address(asked: list[tuple[str, str]], but: tuple[str, str] | None = None) -> str:
    query = urlencode([one for one in asked if one != but])
    return "/?" + query if query else "/"

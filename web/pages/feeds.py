"""``/feeds``: how every feed is doing; ``/feeds/{id}``: one of them, with what it brought."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from alerts.outcomes import ItemOutcome
from store.feed_health import CHART_DAYS, all_tags, count_by_health, feed_rows
from store.views.feeds import items_of, stories_of
from web.access import may_write
from web.api.feeds import Asked, feed_cursor, feed_place
from web.api.paging import Cursor, Identity
from web.pages.chart import Chart, Series, columns
from web.pages.rendering import page, see
from web.site import AtHand, Reading
from worker.poll_now import poll_now

if TYPE_CHECKING:
    from store.feed_health import FeedRow

FEEDS_SHOWN = 50
ITEMS_SHOWN = 50
STORIES_SHOWN = 20
TAGS_OFFERED = 200

#: Each health as people say it, and the class of its badge.
HEALTH_WORDS = {
    "failing": ("failing", "bad"),
    "resting": ("gone", "bad"),
    "retrying": ("retrying", "warn"),
    "offline": ("out of reach", "warn"),
    "warning": ("read with a warning", "warn"),
    "new": ("not polled yet", "info"),
    "ok": ("well", "good"),
    "pushed": ("pushes to us", "info"),
}

#: Why a feed is polled as often as it is (store.feed_health.Why).
WHY_WORDS = {
    "config": "as the config says",
    "rhythm": "adapted to its rhythm and to what it asks for",
    "default": "the usual wait: nothing is known of its rhythm yet",
    "push": "rarer, since its hub pushes what is new",
    "slowed": "slowed down, since its publisher refused more",
    "backoff": "longer with every failure, a day at most",
    "resting": "a look a day, since its publisher says it is gone",
    "offline": "soon again, since nobody answers us",
    "first": "its first poll is due",
}

#: How it stands with pushes (docs/feeds.md, "Push").
PUSH_WORDS = {
    None: "names no hub",
    "offered": "offered; not subscribed yet (needs service.public_url)",
    "new": "its hub is about to be asked",
    "asked": "its hub was asked and has not asked back yet",
    "active": "its hub pushes",
    "failing": "its hub does not answer; it is asked again",
    "denied": "its hub said no; it is asked again later",
}

#: What is told after somebody asked for a poll.
POLL_WORDS = {
    "due": ("good", "It is due. Its host's pauses are kept to, so it may take a few seconds."),
    "polling": ("good", "It is being polled right now."),
    "asked-to-wait": ("", "Its publisher asked to be left alone for a while, and that is kept to."),
}

router = APIRouter()


@router.get("/feeds")
def feeds(request: Request, connection: Reading, asked: Asked, cursor: Cursor = "") -> HTMLResponse:
    now = datetime.now(UTC)
    # One more than shown tells whether there is a next page.
    rows = feed_rows(connection, now, asked, limit=FEEDS_SHOWN + 1, after=feed_place(cursor))
    chosen = {"health": asked.health, "tag": asked.tag, "q": asked.text, "cursor": ""}

    def address(**other: str) -> str:
        """This list with other choices; an empty one leaves the choice away."""
        query = urlencode({name: value for name, value in (chosen | other).items() if value})
        return f"/feeds?{query}" if query else "/feeds"

    return page(
        request,
        connection,
        "feeds.html",
        rows=rows[:FEEDS_SHOWN],
        next=address(cursor=feed_cursor(rows[FEEDS_SHOWN - 1])) if len(rows) > FEEDS_SHOWN else None,
        first=address() if cursor else None,
        counts=count_by_health(connection),
        tags=all_tags(connection, limit=TAGS_OFFERED),
        asked=asked,
        address=address,
        rhythm=rhythm,
        health_words=HEALTH_WORDS,
        why_words=WHY_WORDS,
        push_words=PUSH_WORDS,
    )


@router.get("/feeds/{feed_id}")
def feed(
    request: Request,
    connection: Reading,
    feed_id: Identity,
    told: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    found = feed_rows(connection, datetime.now(UTC), feed_id=feed_id)
    if not found:
        raise HTTPException(404, f"No feed {feed_id!r}. /feeds lists them all.")
    return page(
        request,
        connection,
        "feed.html",
        row=found[0],
        chart=rhythm(found[0], width=CHART_DAYS * 16, height=64),
        items=items_of(connection, feed_id, limit=ITEMS_SHOWN),
        stories=stories_of(connection, feed_id, limit=STORIES_SHOWN),
        outcome=_outcome,
        told=POLL_WORDS.get(told),
        health_words=HEALTH_WORDS,
        why_words=WHY_WORDS,
        push_words=PUSH_WORDS,
    )


@router.post("/feeds/{feed_id}/poll", dependencies=[Depends(may_write)])
def poll(request: Request, site: AtHand, feed_id: Identity) -> RedirectResponse:
    return see(request, f"/feeds/{feed_id}?told={poll_now(site.context, feed_id).outcome}")


def rhythm(row: FeedRow, *, width: int = CHART_DAYS * 7, height: int = 26) -> Chart:
    """The items a feed brought on each of the last days."""
    counts = Series("items", tuple(count for _, count in row.by_day))
    return columns([counts], [f"{day.day} {day:%B}" for day, _ in row.by_day], width=width, height=height)


def _outcome(word: str) -> str:
    """An item's outcome in a sentence."""
    try:
        return ItemOutcome(word).sentence
    except ValueError:
        return word

"""``/api/v1/feeds``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from store.feed_health import FeedFilters, FeedRow, Place, Why, all_tags, count_by_health, feed_rows
from store.views.feeds import items_of, stories_of
from web.access import may_write
from web.api.moments import iso
from web.api.paging import DEFAULT_PAGE, Cursor, Identity, Limit, parse_place, write_place
from web.problem import answers
from web.site import AtHand, Reading
from worker.config.opml import to_opml
from worker.poll_now import poll_now

#: Of one feed so many of its newest items and stories are told.
ITEMS_TOLD = 50
STORIES_TOLD = 20
TAGS_TOLD = 200

router = APIRouter(prefix="/feeds", tags=["feeds"])

Health = Literal["failing", "resting", "retrying", "offline", "warning", "new", "ok", "pushed"]
Push = Literal["active", "asked", "denied", "failing", "new", "offered"]


def _asked(
    health: Annotated[Literal[Health, ""], Query(description="Only those of this health")] = "",
    tag: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="Only those with this tag")] = "",
    q: Annotated[
        str, Query(max_length=200, pattern=r"^[^\x00]*$", description="Only those with this in name, title or address")
    ] = "",
) -> FeedFilters:
    return FeedFilters(health, tag, q.strip())


#: What a list of feeds was asked for; page and API take the same parameters.
Asked = Annotated[FeedFilters, Depends(_asked)]


class FeedProblem(BaseModel):
    """What is wrong with a feed, and what to do about it."""

    reason: str = Field(description="A word for programs (docs/feeds.md, Failures and warnings)")
    detail: str | None
    advice: str | None


class FeedInterval(BaseModel):
    """How often it is polled, and why."""

    seconds: float | None = Field(description="The wait in force; null before the first poll")
    why: Why


class FeedDay(BaseModel):
    """The items of a day (UTC)."""

    date: str
    items: int | None = Field(description="Null for days before the feed was added")


class Feed(BaseModel):
    """A feed and how it is doing."""

    id: str
    url: str
    name: str = Field(description="What it is called, its address where nothing else is known")
    tags: list[str]
    health: Health
    problem: FeedProblem | None
    failures: int = Field(description="Failed polls in a row; 410 (gone) counts as three")
    added: datetime
    polled: datetime | None
    succeeded: datetime | None
    changed: datetime | None = Field(description="The last poll that brought something new")
    next_poll: datetime | None = Field(description="Null where it is not polled: it pushes, or has left the config")
    polling: bool = Field(description="It is being polled right now")
    interval: FeedInterval
    push: Push | None = Field(description="How it stands with pushes (WebSub); null where it names no hub")
    push_until: datetime | None
    moved_to: str | None = Field(description="Where permanent redirects lead")
    moved_seen: int = Field(description="For how many polls in a row they did")
    items_per_day: float = Field(description="Over the last seven days")
    days: list[FeedDay] = Field(description="The last 14 days, today last")


class FeedPage(BaseModel):
    """A page of feeds."""

    feeds: list[Feed]
    counts: dict[Health, int] = Field(description="How many feeds there are of each health, whatever was asked for")
    tags: list[str] = Field(description="The tags there are, 200 at most")
    next: str | None = Field(description="The cursor of the next page; null on the last one")


class ItemOfFeed(BaseModel):
    """An item as its feed tells it."""

    id: str
    title: str
    url: str | None
    published: datetime | None
    first_seen: datetime
    outcome: str | None = Field(description="Why it led to an alert or did not; null while it waits to be read")
    near_miss: bool


class StoryOfFeed(BaseModel):
    """A story that a feed told of."""

    id: str
    title: str = Field(description="This feed's own headline")
    type: str
    status: str | None
    items: int = Field(description="How many items report it in all")
    told: datetime = Field(description="When this feed first told of it")


class FeedDetail(Feed):
    """A feed with its newest items and stories."""

    in_config: bool
    items: list[ItemOfFeed]
    stories: list[StoryOfFeed]


class Polled(BaseModel):
    """What came of asking for a poll."""

    outcome: Literal["due", "polling", "asked-to-wait"] = Field(
        description="`asked-to-wait`: its publisher asked to be left alone, which is kept to"
    )
    next_poll: datetime


@router.get(
    "", response_model=FeedPage, responses=answers(401, 403, 422, 503), summary="Feeds with their health, worst first"
)
def feeds(connection: Reading, asked: Asked, limit: Limit = DEFAULT_PAGE, cursor: Cursor = "") -> Response:
    now = datetime.now(UTC)
    # One more than asked for tells whether there is a next page.
    rows = feed_rows(connection, now, asked, limit=limit + 1, after=feed_place(cursor))
    following = feed_cursor(rows[limit - 1]) if len(rows) > limit else None
    return JSONResponse(
        {
            "feeds": [feed_to_dict(row) for row in rows[:limit]],
            "counts": count_by_health(connection),
            "tags": all_tags(connection, limit=TAGS_TOLD),
            "next": following,
        }
    )


@router.get(
    ".opml",
    response_class=Response,
    responses={
        200: {"content": {"text/x-opml": {"schema": {"type": "string"}}}, "description": "OPML 2.0, tags as folders"},
        **answers(401, 403, 503),
    },
    summary="The configured feeds for other readers",
)
def opml(site: AtHand) -> Response:
    document = to_opml(site.context.config.feeds, datetime.now(UTC))
    headers = {"content-disposition": 'attachment; filename="seedwire-feeds.opml"'}
    return Response(document, media_type="text/x-opml", headers=headers)


@router.get(
    "/{feed_id}",
    response_model=FeedDetail,
    responses=answers(401, 403, 404, 422, 503),
    summary="One feed with its newest items and the stories it told of",
)
def feed(connection: Reading, feed_id: Identity) -> Response:
    found = feed_rows(connection, datetime.now(UTC), feed_id=feed_id)
    if not found:
        raise HTTPException(404, f"No feed {feed_id!r}. GET /api/v1/feeds lists them all.")
    told = [
        {
            "id": item.id,
            "title": item.title,
            "url": item.url,
            "published": iso(item.published),
            "first_seen": iso(item.first_seen),
            "outcome": item.outcome,
            "near_miss": item.near_miss,
        }
        for item in items_of(connection, feed_id, limit=ITEMS_TOLD)
    ]
    stories = [
        {
            "id": story.id,
            "title": story.title,
            "type": story.type,
            "status": story.status,
            "items": story.items,
            "told": iso(story.told),
        }
        for story in stories_of(connection, feed_id, limit=STORIES_TOLD)
    ]
    return JSONResponse(feed_to_dict(found[0]) | {"in_config": found[0].in_config, "items": told, "stories": stories})


@router.post(
    "/{feed_id}/poll",
    response_model=Polled,
    responses=answers(401, 403, 404, 422, 503),
    dependencies=[Depends(may_write)],
    summary="Poll a feed now, as far as its host's pauses allow",
)
def poll(site: AtHand, feed_id: Identity) -> Response:
    told = poll_now(site.context, feed_id)
    return JSONResponse({"outcome": told.outcome, "next_poll": iso(told.next_poll)})


def feed_cursor(row: FeedRow) -> str:
    """The place behind a row of the list."""
    return write_place(*row.place)


def feed_place(cursor: str) -> Place | None:
    """Where a list of feeds goes on. Raises RequestValidationError."""
    return parse_place(cursor, int, int, str, str)


def feed_to_dict(row: FeedRow) -> dict[str, object]:
    """A feed as JSON: what :class:`Feed` describes."""
    feed = row.health
    polled = feed.health != "pushed" and row.in_config
    return {
        "id": feed.id,
        "url": feed.url,
        "name": row.title,
        "tags": list(feed.tags),
        "health": feed.health,
        "problem": {"reason": feed.problem, "detail": feed.problem_detail, "advice": feed.advice}
        if feed.problem
        else None,
        "failures": feed.failures,
        "added": iso(row.added),
        "polled": iso(feed.polled),
        "succeeded": iso(feed.succeeded),
        "changed": iso(row.changed),
        "next_poll": iso(feed.next_poll) if polled else None,
        "polling": row.polling_until is not None,
        "interval": {"seconds": feed.interval, "why": feed.why},
        "push": feed.push,
        "push_until": iso(feed.push_until),
        "moved_to": feed.moved_to,
        "moved_seen": feed.moved_seen,
        "items_per_day": feed.items_per_day,
        "days": [{"date": day.isoformat(), "items": count} for day, count in row.by_day],
    }

"""``/api/v1/stories``: found by what they are."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, Field

from store.views.corrections import Said
from store.views.stories import StoryMark, StoryView, newest_marks
from web.api.events import Event, Evidence, happened
from web.api.moments import iso
from web.api.paging import DEFAULT_PAGE, Cursor, Limit, parse_cursor, write_cursor
from web.problem import answers
from web.site import AtHand
from web.story_filters import Asked

router = APIRouter(prefix="/stories", tags=["stories"])

#: An answer may be kept, and is asked about each time.
_KEPT = {"cache-control": "private, no-cache"}


class FeedOfItem(BaseModel):
    """The feed that brought an item."""

    id: str
    title: str = Field(description="Its name as people see it")
    url: str | None


class ReportingItem(BaseModel):
    """One item that reports a story."""

    id: str
    url: str | None
    title: str
    published: datetime | None
    language: str | None
    feed: FeedOfItem


class StoryFacts(BaseModel):
    """A story's own facts; what happened is its `event`."""

    id: str
    opened: datetime
    changed: datetime
    revision: int = Field(description="Grows with every change to what is told of any story")
    items: int
    outlets: int


class Correction(BaseModel):
    """What a person last said of it; learning listens to it."""

    id: int
    label: str = Field(description="A type of event, or `none`")
    by: str
    at: datetime


class Story(BaseModel):
    """A story in the words of the webhook body's `data` (docs/webhooks.md)."""

    story: StoryFacts
    event: Event
    evidence: list[Evidence]
    items: list[ReportingItem]
    correction: Correction | None


class StoryPage(BaseModel):
    """A page of stories."""

    stories: list[Story]
    next: str | None = Field(description="The cursor of the next page; null on the last one")


@router.get(
    "",
    response_model=StoryPage,
    responses={**answers(401, 403, 422, 503), 304: {"description": "As it was in the answer with this `ETag`"}},
    summary="Stories, the newest first",
)
def stories(
    site: AtHand,
    filters: Asked,
    limit: Limit = DEFAULT_PAGE,
    cursor: Cursor = "",
    if_none_match: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    before = parse_cursor(cursor)
    with site.database.read() as connection:
        # One more than asked for tells whether there is a next page.
        marks = newest_marks(connection, limit=limit + 1, before=before, filters=filters)
        shown, more = marks[:limit], len(marks) > limit
        tag = _tag(shown, more)
        if tag in if_none_match:
            return Response(status_code=304, headers={"etag": tag, **_KEPT})
        told = site.told.of(connection, shown, lambda view: _encoded(story_to_dict(view)))
    following = write_cursor(shown[-1].opened, shown[-1].id) if more else None
    body = b'{"stories":[%s],"next":%s}' % (b",".join(told), _encoded(following))
    return Response(body, media_type="application/json", headers={"etag": tag, **_KEPT})


def story_to_dict(view: StoryView) -> dict[str, Any]:
    """A story as JSON: what :class:`Story` describes, made without it, which is many times as fast."""
    return {
        "story": {
            "id": view.id,
            "opened": view.opened.isoformat(),
            "changed": view.changed.isoformat(),
            "revision": view.revision,
            "items": len(view.items),
            "outlets": len(view.outlets),
        },
        **happened(view.event),
        "items": [
            {
                "id": item.id,
                "url": item.url,
                "title": item.title,
                "published": iso(item.published),
                "language": item.language,
                "feed": {"id": item.feed_id, "title": item.feed, "url": item.feed_url},
            }
            for item in view.items
        ],
        "correction": view.said and correction_to_dict(view.said),
    }


def correction_to_dict(said: Said) -> dict[str, Any]:
    """What :class:`Correction` describes."""
    return {"id": said.id, "label": said.label, "by": said.by, "at": said.at.isoformat()}


def _encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _tag(marks: list[StoryMark], more: bool) -> str:
    """The same for as long as the answer is."""
    told = ",".join(f"{mark.id}.{mark.revision}" for mark in marks) + str(more)
    return f'"{hashlib.blake2b(told.encode(), digest_size=12).hexdigest()}"'

"""``/api/v1/stories``: found by what they are, read with every report and why it joined, merged, split."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from alerts.errors import StoryError
from classifiers.event_json import event_with_evidence
from store.views.one_story import OneStory, StoryReport, living_id, one_story
from store.views.stories import StoryMark, StoryView, newest_marks
from web.access import may_write, principal_of
from web.api.events import Event, Evidence
from web.api.paging import DEFAULT_PAGE, Cursor, Identity, Limit, parse_cursor, write_cursor
from web.problem import ProblemResponse, answers
from web.site import AtHand, Reading
from web.story_filters import Asked
from worker.steps.edit_story import merge_stories, split_story

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


class Report(BaseModel):
    """One report in its story."""

    item: str
    title: str
    url: str | None
    outlet: str
    feed: FeedOfItem
    published: datetime | None
    first_seen: datetime
    language: str | None
    reasons: list[str] = Field(description="Why it opened the story or joined it")
    gained: list[str] = Field(description="What the story gained by it: `status planned->held`, `outlet dawn.com`")
    event: Event
    evidence: list[Evidence]


class AttemptTold(BaseModel):
    """One try; code 0 means that there was no answer."""

    at: datetime
    code: int
    latency_ms: float
    error: str | None


class DeliveryTold(BaseModel):
    """An alert on its way to one webhook."""

    id: str
    webhook: str
    state: str = Field(description="`pending`, `delivered`, `dead` or `disabled`")
    note: str | None
    due: datetime | None = Field(description="The next attempt, while there is to be one")
    finished: datetime | None
    attempts: list[AttemptTold]


class AlertTold(BaseModel):
    """An alert about the story, by itself or in a digest."""

    id: str
    type: str
    time: datetime
    deliveries: list[DeliveryTold]


class HeldBack(BaseModel):
    """What a webhook is told later."""

    webhook: str
    opens: bool = Field(description="It has not heard of the story at all")
    changes: list[str]
    why: str = Field(description="`quiet`: its quiet period; `cap`: its messages of this hour")
    due: datetime


class WholeStory(Story):
    """A story with every report and why it joined, and all that was told of it."""

    reports: list[Report] = Field(description="In order of arrival, 300 at most")
    alerts: list[AlertTold]
    held: list[HeldBack]
    merged: list[str] = Field(description="Stories that went into this one: their ids go on to work")
    apart: list[str] = Field(description="Stories that a person keeps apart from it")
    split_from: str | None


class Merging(BaseModel):
    """Which story it is one with."""

    into: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$", description="The id of that story")]


class Splitting(BaseModel):
    """Which items report another event."""

    items: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]],
        Field(min_length=1, max_length=500, description="Their ids"),
    ]
    alert: bool = Field(default=False, description="Tell the webhooks that the new story opened")


class Merged(BaseModel):
    """The whole."""

    id: str
    items: int


class Split(BaseModel):
    """What is left of the story, and the one that was split off."""

    id: str
    items: int
    new: Merged


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


@router.get(
    "/{story_id}",
    response_model=WholeStory,
    responses=answers(401, 403, 404, 422, 503),
    summary="One story with its reports, alerts and deliveries",
)
def story(connection: Reading, story_id: Identity) -> Response:
    """The id of a story that went into another gives that other."""
    return JSONResponse(whole_story_to_dict(one_story(connection, living_id(connection, story_id))))


@router.post(
    "/{story_id}/merge",
    response_model=Merged,
    responses=answers(401, 403, 404, 409, 422, 503),
    dependencies=[Depends(may_write)],
    summary="Say that a story is the same event as another",
)
def merge(request: Request, site: AtHand, story_id: Identity, merging: Merging) -> Response:
    """Its reports, and all that would join it from now on, go there. Nobody is called for it. Splitting the items off
    again undoes it."""
    try:
        whole = merge_stories(site.context, story_id, merging.into, principal_of(request).name)
    except StoryError as error:
        return ProblemResponse(409, str(error))
    return JSONResponse({"id": whole.id, "items": whole.items})


@router.post(
    "/{story_id}/split",
    response_model=Split,
    responses=answers(401, 403, 404, 409, 422, 503),
    dependencies=[Depends(may_write)],
    summary="Say that items of a story report another event",
)
def split(request: Request, site: AtHand, story_id: Identity, splitting: Splitting) -> Response:
    """They become a story of their own, and the two are not joined again. Merging the new one undoes it."""
    who = principal_of(request).name
    try:
        rest, new = split_story(site.context, story_id, splitting.items, alert=splitting.alert, who=who)
    except StoryError as error:
        return ProblemResponse(409, str(error))
    return JSONResponse({"id": rest.id, "items": rest.items, "new": {"id": new.id, "items": new.items}})


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
        **_happened(view.event),
        "items": [
            {
                "id": item.id,
                "url": item.url,
                "title": item.title,
                "published": _iso(item.published),
                "language": item.language,
                "feed": {"id": item.feed_id, "title": item.feed, "url": item.feed_url},
            }
            for item in view.items
        ],
        "correction": view.said and {
            "id": view.said.id, "label": view.said.label, "by": view.said.by, "at": view.said.at.isoformat(),
        },
    }  # fmt: skip


def whole_story_to_dict(one: OneStory) -> dict[str, Any]:
    """What :class:`WholeStory` describes."""
    delivered: dict[str, list[dict[str, Any]]] = {}
    for delivery in one.deliveries:
        told = {
            "id": delivery.id, "webhook": delivery.webhook, "state": delivery.state, "note": delivery.note,
            "due": _iso(delivery.due), "finished": _iso(delivery.finished),
            "attempts": [
                {"at": a.at.isoformat(), "code": a.code, "latency_ms": a.latency_ms, "error": a.error}
                for a in delivery.attempts
            ],
        }  # fmt: skip
        delivered.setdefault(delivery.alert, []).append(told)
    return story_to_dict(one.view) | {
        "reports": [_report_to_dict(report) for report in one.reports],
        "alerts": [
            {
                "id": listed.alert.id, "type": listed.alert.type, "time": listed.alert.time.isoformat(),
                "deliveries": delivered.get(listed.alert.id, []),
            }
            for listed in one.alerts
        ],
        "held": [
            {"webhook": w.webhook, "opens": w.opens, "changes": list(w.changes), "why": w.why, "due": _iso(w.due)}
            for w in one.waiting
        ],
        "merged": list(one.merged),
        "apart": sorted(one.story.apart),
        "split_from": one.story.split_from,
    }  # fmt: skip


def _report_to_dict(one: StoryReport) -> dict[str, Any]:
    report = one.report
    return {
        "item": report.item_id, "title": report.title, "url": report.url, "outlet": report.outlet,
        "feed": {"id": report.feed_id, "title": report.feed_title, "url": report.feed_url or None},
        "published": _iso(report.published), "first_seen": report.seen.isoformat(), "language": report.language,
        "reasons": list(one.reasons), "gained": list(one.gained), **_happened(event_with_evidence(report.event)),
    }  # fmt: skip


def _happened(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event, and beside it what proves it."""
    return {
        "event": {name: value for name, value in event.items() if name != "evidence"},
        "evidence": event.get("evidence", []),
    }


def _encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _tag(marks: list[StoryMark], more: bool) -> str:
    """The same for as long as the answer is."""
    told = ",".join(f"{mark.id}.{mark.revision}" for mark in marks) + str(more)
    return f'"{hashlib.blake2b(told.encode(), digest_size=12).hexdigest()}"'

"""``/api/v1/stories/{id}``: one story with every report and why it joined; merged, split."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.responses import Response

from classifiers.event_json import event_with_evidence
from store.stories import by_id
from store.views.one_story import OneStory, StoryReport, living_id, near, one_story
from web.access import may_write, principal_of
from web.api.events import Event, Evidence, happened
from web.api.moments import iso
from web.api.paging import Identity
from web.api.stories import FeedOfItem, Story, story_to_dict
from web.problem import answers
from web.site import AtHand, Reading
from worker.steps.edit_story import merge_stories, split_story

router = APIRouter(prefix="/stories/{story_id}", tags=["stories"])


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
    opened: bool = Field(description="Whether it opened the story, or one that is part of it now")
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
    came_with: dict[str, list[str]] = Field(
        description="The items that each of `merged` brought: to split them off takes the two apart again"
    )
    apart: list[str] = Field(description="Stories that a person keeps apart from it")
    split_from: str | None


class NearStory(BaseModel):
    """A story that another could be one with."""

    id: str
    title: str | None = Field(description="The headline of its first report")
    opened: datetime
    items: int
    reasons: list[str] = Field(description="What speaks for their being one")
    apart: bool = Field(description="A person keeps them apart")


class NearStories(BaseModel):
    """What a story could be merged with."""

    stories: list[NearStory] = Field(description="The nearest first, five at most")


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
    response_model=WholeStory,
    responses=answers(401, 403, 404, 422, 503),
    summary="One story with its reports, alerts and deliveries",
)
def story(connection: Reading, story_id: Identity) -> Response:
    """The id of a story that went into another gives that other."""
    return JSONResponse(whole_story_to_dict(one_story(connection, living_id(connection, story_id))))


@router.get(
    "/near",
    response_model=NearStories,
    responses=answers(401, 403, 404, 422, 503),
    summary="The stories of its type that it could be one with",
)
def near_stories(connection: Reading, story_id: Identity) -> Response:
    [story] = by_id(connection, [living_id(connection, story_id)]).values()
    told = [
        {
            "id": other.view.id,
            "title": other.view.items[0].title if other.view.items else None,
            "opened": iso(other.view.opened),
            "items": len(other.view.items),
            "reasons": list(other.reasons),
            "apart": other.apart,
        }
        for other in near(connection, story)
    ]
    return JSONResponse({"stories": told})


@router.post(
    "/merge",
    response_model=Merged,
    responses=answers(401, 403, 404, 409, 422, 503),
    dependencies=[Depends(may_write)],
    summary="Say that a story is the same event as another",
)
def merge(request: Request, site: AtHand, story_id: Identity, merging: Merging) -> Response:
    """Its reports, and all that would join it from now on, go there. Nobody is called for it. Splitting the items off
    again undoes it."""
    whole = merge_stories(site.context, story_id, merging.into, principal_of(request).name)
    return JSONResponse({"id": whole.id, "items": whole.items})


@router.post(
    "/split",
    response_model=Split,
    responses=answers(401, 403, 404, 409, 422, 503),
    dependencies=[Depends(may_write)],
    summary="Say that items of a story report another event",
)
def split(request: Request, site: AtHand, story_id: Identity, splitting: Splitting) -> Response:
    """They become a story of their own, and the two are not joined again. Merging the new one undoes it."""
    who = principal_of(request).name
    rest, new = split_story(site.context, story_id, splitting.items, alert=splitting.alert, who=who)
    return JSONResponse({"id": rest.id, "items": rest.items, "new": {"id": new.id, "items": new.items}})


def whole_story_to_dict(one: OneStory) -> dict[str, Any]:
    """What :class:`WholeStory` describes."""
    delivered: dict[str, list[dict[str, Any]]] = {}
    for delivery in one.deliveries:
        told = {
            "id": delivery.id, "webhook": delivery.webhook, "state": delivery.state, "note": delivery.note,
            "due": iso(delivery.due), "finished": iso(delivery.finished),
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
            {"webhook": w.webhook, "opens": w.opens, "changes": list(w.changes), "why": w.why, "due": iso(w.due)}
            for w in one.waiting
        ],
        "merged": list(one.merged),
        "came_with": {went: list(items) for went, items in one.merged.items()},
        "apart": sorted(one.story.apart),
        "split_from": one.story.split_from,
    }  # fmt: skip


def _report_to_dict(one: StoryReport) -> dict[str, Any]:
    report = one.report
    return {
        "item": report.item_id, "title": report.title, "url": report.url, "outlet": report.outlet,
        "feed": {"id": report.feed_id, "title": report.feed_title, "url": report.feed_url or None},
        "published": iso(report.published), "first_seen": report.seen.isoformat(), "language": report.language,
        "opened": one.opened, "reasons": list(one.reasons), "gained": list(one.gained),
        **happened(event_with_evidence(report.event)),
    }  # fmt: skip

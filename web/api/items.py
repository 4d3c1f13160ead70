"""``/api/v1/items``: what was read, how it scored, and why it led to an alert or did not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from alerts.outcomes import ItemOutcome
from classifiers.event_json import verdict_to_dict
from classifiers.shortfall import Shortfall
from store.views.items import ListedItem, list_items, show_item
from web.api.articles import Judged
from web.api.moments import iso
from web.api.paging import DEFAULT_PAGE, Cursor, Identity, Limit, parse_cursor, write_cursor
from web.api.stories import Correction, FeedOfItem, correction_to_dict
from web.item_explained import explained
from web.item_filters import Asked, close_to
from web.problem import answers
from web.site import AtHand, Reading

router = APIRouter(prefix="/items", tags=["items"])


class CorrectionOfItem(Correction):
    """What was said of an item, by itself or with its story."""

    story: str | None = Field(description="The story it was said of; null where it was said of the item alone")


class Item(BaseModel):
    """An item and what became of it."""

    id: str
    url: str | None
    title: str
    published: datetime | None
    first_seen: datetime
    language: str | None
    feed: FeedOfItem
    scores: dict[str, float] = Field(description="0 to 1 by type; empty while it waits")
    outcome: str | None = Field(
        description="The one named reason why it led to an alert or did not; null while it waits"
    )
    near_miss: bool
    types: list[str] = Field(description="The types of event that it reports")
    label: str | None = Field(description="What a person said it is: a type or `none`")
    correction: CorrectionOfItem | None = Field(description="What a person last said of it; null where nobody did")
    stories: list[str]


class ItemPage(BaseModel):
    """A page of items."""

    items: list[Item]
    next: str | None = Field(description="The cursor of the next page; null on the last one")


class NearestSentence(BaseModel):
    """The sentence that came closest: `title[start:end]` or `text[start:end]`, as `source` says."""

    text: str
    source: str
    start: int
    end: int
    score: float = Field(description="What it would score alone")
    patterns: list[str]


class Missing(BaseModel):
    """Why an item does not report a type that it is not far from."""

    type: str
    score: float
    threshold: float
    missing: list[str] = Field(description="In plain words")
    speaks_for: list[str]
    speaks_against: list[str]
    nearest: NearestSentence | None


class ReportOfItem(BaseModel):
    """A report as it was decided."""

    event: dict[str, Any]
    story: str | None
    reasons: list[str] = Field(description="Why it belongs to the story")


class AlertOfItem(BaseModel):
    """An alert about a story of the item."""

    id: str
    type: str
    time: datetime
    story: str | None


class WholeItem(Item):
    """An item with all that is known of it."""

    text: str
    why: str = Field(description="The outcome as a sentence")
    events: list[ReportOfItem]
    alerts: list[AlertOfItem]
    now: Judged = Field(description="What the model in force says of it now")
    shortfalls: list[Missing] = Field(description="What is missing to the types that it is not far from")


@router.get("", response_model=ItemPage, responses=answers(401, 403, 422, 503), summary="Items, the newest first")
def items(
    site: AtHand, connection: Reading, asked: Asked, limit: Limit = DEFAULT_PAGE, cursor: Cursor = ""
) -> Response:
    found = list_items(
        connection,
        limit=limit + 1,
        before=parse_cursor(cursor),
        filters=asked,
        close=close_to(site.context) if asked.types else None,
    )
    following = write_cursor(found[limit - 1].first_seen, found[limit - 1].id) if len(found) > limit else None
    return JSONResponse({"items": [item_to_dict(one) for one in found[:limit]], "next": following})


@router.get(
    "/{item_id}",
    response_model=WholeItem,
    response_model_exclude_unset=True,
    responses=answers(401, 403, 404, 422, 503),
    summary="One item, and why it was decided so",
)
def item(site: AtHand, connection: Reading, item_id: Identity) -> Response:
    shown = show_item(connection, item_id)
    said = explained(site.context, shown.item)
    return JSONResponse(
        item_to_dict(shown.listed)
        | {
            "text": shown.item.text,
            "why": why(shown.listed),
            "events": [
                {"event": one.event, "story": one.story_id, "reasons": list(one.reasons)} for one in shown.events
            ],
            "alerts": [
                {"id": one.id, "type": one.type, "time": one.time.isoformat(), "story": one.story_id}
                for one in shown.alerts
            ],
            "now": verdict_to_dict(item_id, said.verdict),
            "shortfalls": [_missing(one) for one in said.shortfalls],
        }
    )


def why(listed: ListedItem) -> str:
    """The outcome of an item as a sentence."""
    return ItemOutcome(listed.outcome).sentence if listed.outcome else "It waits to be classified."


def item_to_dict(one: ListedItem) -> dict[str, object]:
    return {
        "id": one.id,
        "url": one.url,
        "title": one.title,
        "published": iso(one.published),
        "first_seen": one.first_seen.isoformat(),
        "language": one.language,
        "feed": {"id": one.feed_id, "title": one.feed, "url": one.feed_url},
        "scores": {kind: round(score, 4) for kind, score in one.scores.items()},
        "outcome": one.outcome,
        "near_miss": one.near_miss,
        "types": list(one.types),
        "label": one.label,
        "correction": one.said and correction_to_dict(one.said) | {"story": one.said.story_id},
        "stories": list(one.stories),
    }


def _missing(one: Shortfall) -> dict[str, object]:
    near = one.nearest
    return {
        "type": one.type,
        "score": round(one.score, 4),
        "threshold": one.threshold,
        "missing": list(one.missing),
        "speaks_for": list(one.speaks_for),
        "speaks_against": list(one.speaks_against),
        "nearest": near
        and {
            "text": near.text, "source": near.source, "start": near.start, "end": near.end,
            "score": round(near.score, 4), "patterns": list(near.patterns),
        },
    }  # fmt: skip

"""``/api/v1/patterns``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from web.api.moments import iso
from web.patterns import DAYS, learned
from web.problem import answers
from web.site import AtHand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifiers.overview import TypeOverview, Weighed
    from store.views.patterns import Matched

router = APIRouter(prefix="/patterns", tags=["patterns"])

Most = Annotated[int, Query(ge=1, le=200, description="How many each way, for each type")]
Part = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="Only patterns with this in them")]


class PatternExample(BaseModel):
    """A stored sentence that a pattern matched."""

    text: str
    item: str = Field(description="The item's id")


class Pattern(BaseModel):
    """What was learned to speak for a type (weight above zero) or against it."""

    pattern: str
    weight: float
    classes: list[str] = Field(description="Some of the words that each class in it stands for")
    matched: int | None = Field(
        description="How many of the newest events (near misses, where it speaks against) have it; null for the "
        "wording of a whole item, which is not counted"
    )
    examples: list[PatternExample]


class Seeds(BaseModel):
    """What a type was learned from."""

    examples: int
    others: int


class LearnedType(BaseModel):
    """What was learned of a type of event."""

    type: str
    way: Literal["patterns", "likeness"]
    threshold: float
    seeds: Seeds | None = Field(description="Null where the model does not tell")
    patterns: int = Field(description="How many there are in all")
    found: int = Field(description="How many of these were asked for")
    events: int = Field(description=f"How many of its newest events of the last {DAYS} days were looked at")
    near_misses: int = Field(description="How many of its newest near misses were")
    speaks_for: list[Pattern]
    speaks_against: list[Pattern]


class Patterns(BaseModel):
    """The model in force."""

    model: str = Field(description="`shipped`, or the name of the file that the config names")
    learned: datetime | None = Field(description="When that file was written")
    problem: str | None = Field(description="Why there is none, or why it is still the one before")
    types: list[LearnedType]


@router.get(
    "",
    response_model=Patterns,
    responses=answers(401, 403, 422, 503),
    summary="What was learned of each type, with where it matched of late",
)
def patterns(site: AtHand, limit: Most = 30, q: Part = "") -> Response:
    found = learned(site, most=limit, text=q.strip())
    return JSONResponse(
        {
            "model": found.source or "shipped",
            "learned": iso(found.learned),
            "problem": found.problem,
            "types": [_type(one, found.in_events[one.type], found.in_near_misses[one.type]) for one in found.types],
        }
    )


def _type(one: TypeOverview, events: Matched, missed: Matched) -> Mapping[str, object]:
    seeds = {"examples": one.taught.examples, "others": one.taught.others} if one.taught else None
    return {
        "type": one.type,
        "way": one.way,
        "threshold": one.threshold,
        "seeds": seeds,
        "patterns": one.patterns,
        "found": one.found,
        "events": events.looked_at,
        "near_misses": missed.looked_at,
        "speaks_for": [_pattern(row, events) for row in one.speaks_for],
        "speaks_against": [_pattern(row, missed) for row in one.speaks_against],
    }


def _pattern(row: Weighed, where: Matched) -> Mapping[str, object]:
    return {
        "pattern": row.pattern,
        "weight": row.weight,
        "classes": list(row.classes),
        "matched": None if row.is_wording else where.counts.get(row.pattern, 0),
        "examples": [{"text": one.text, "item": one.item_id} for one in where.examples.get(row.pattern, ())],
    }

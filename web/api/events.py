"""An event and what proves it, as every answer writes them: the ``event`` of the webhook body (docs/webhooks.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field


class Person(BaseModel):
    """Somebody who took part; what the text does not tell is null."""

    name: str
    role: str | None
    country: str | None


class Organization(BaseModel):
    name: str
    country: str | None


class Place(BaseModel):
    name: str
    country: str | None


class Amount(BaseModel):
    """A figure the text states."""

    text: str
    value: float | None
    unit: str | None
    about: str | None


class Event(BaseModel):
    """What happened, as far as it is told."""

    type: str
    score: float = Field(description="How sure the classifier is, 0 to 1")
    status: str | None
    countries: list[str] = Field(description="The sides (ISO 3166-1 alpha-2), not the place")
    people: list[Person]
    organizations: list[Organization]
    place: Place | None
    occasion: str | None
    date: date | None
    topics: list[str]
    commodities: list[str]
    amounts: list[Amount]
    plover: str | None = Field(description="The PLOVER root code")


class Evidence(BaseModel):
    """A passage that speaks for the event: characters `start` to `end` of the item's title or text."""

    text: str
    source: Literal["title", "text"]
    start: int
    end: int
    score: float = Field(description="What the passage would have alone")
    patterns: list[str] = Field(description="What fired in it, strongest first")


def happened(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event, and beside it what proves it."""
    return {
        "event": {name: value for name, value in event.items() if name != "evidence"},
        "evidence": event.get("evidence", []),
    }

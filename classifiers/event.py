"""The values that walk on from this room: what an item reports, and the sentences that prove it.

Field by field this is the ``event`` and ``evidence`` of the webhook body (docs/webhooks.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that speaks for the event.

    ``item.title[start:end]`` or ``item.text[start:end]``, as ``source`` says, is exactly ``text``.
    ``score`` is what the passage would have alone; ``patterns`` names what fired in it, strongest first.
    """

    text: str
    start: int
    end: int
    score: float
    patterns: tuple[str, ...] = ()
    source: Literal["title", "text"] = "text"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who took part. ``country`` is an ISO 3166-1 alpha-2 code; what the text does not tell is None."""

    name: str
    role: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    name: str
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure the text states: ``$1 billion`` is value 1e9, unit ``USD``, about "bilateral trade"."""

    text: str
    value: float | None = None
    unit: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One report of one event in one item.

    ``status`` is one of ``held planned cancelled denied`` for meetings and ``signed agreed negotiating delivered
    cancelled denied`` for deals; a type learned by a user has None unless its seeds teach statuses. ``countries``
    are the sides (not the place), ISO 3166-1 alpha-2, in order of mention. ``plover`` is the PLOVER root code.
    """

    type: str
    score: float
    status: str | None = None
    countries: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    organizations: tuple[Organization, ...] = ()
    place: Place | None = None
    occasion: str | None = None
    date: date | None = None
    topics: tuple[str, ...] = ()
    commodities: tuple[str, ...] = ()
    amounts: tuple[Amount, ...] = ()
    plover: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody whom a text itself introduces with role and country: "Japan's prime minister Fumio Kishida".

    ``role`` is one of data/roles.tsv, or one of them after "former". ``words`` is the sentence that says so; the same
    in other words is the same sighting.
    """

    name: str
    role: str
    country: str
    words: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model says of one item.

    ``scores`` has every type the model knows, each in 0..1. ``events`` has one event for each report whose type is
    over its threshold (two reports of one type on a page are two events); ``faint`` are those not far below it, which
    prove nothing alone. ``thresholds`` are the model's, so that a near miss can be told from a miss. ``language`` is
    what the text was taken for; ``reason`` is None when it was scored, else why it was not (``unsupported-language``,
    ``no-text``). ``sightings`` are the people it introduces, each once; an item that no type has a use for is not read,
    and gives none.
    """

    scores: Mapping[str, float]
    events: tuple[Event, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    language: str | None = None
    reason: str | None = None
    sightings: tuple[Sighting, ...] = ()
    faint: tuple[Event, ...] = ()

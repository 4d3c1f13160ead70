"""Invented reports of events that are surely events, each between another pair of countries: any number, from a seed.

``python -m benchmarks chaos`` and ``… latency`` publish them. What the shipped model says of each is asked beforehand,
so that what has to arrive is known.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from classifiers.model import Model
from feeds.item import Item

if TYPE_CHECKING:
    from collections.abc import Iterator

_COUNTRIES = Path(__file__).parents[1] / "classifiers" / "data" / "countries.tsv"
#: {a} and {b} are countries, {city} is the capital of {a}.
_TEMPLATES = (
    (
        "{a}'s president meets {b}'s prime minister in {city}",
        "The president of {a} held talks with the prime minister of {b} in {city} on {day}. The two leaders discussed "
        "trade in {good} between {a} and {b}, a statement said.",
    ),
    (
        "{a}'s foreign minister holds talks with {b}'s foreign minister",
        "The foreign minister of {a} met the foreign minister of {b} in {city} on {day}. They spoke about {good}, "
        "students and flights between {a} and {b}.",
    ),
    (
        "Presidents of {a} and {b} hold talks in {city}",
        "The president of {a} received the president of {b} for talks in {city} on {day}. They agreed to ease the "
        "trade in {good}, officials said.",
    ),
    (
        "{b}'s prime minister meets {a}'s president in {city}",
        "The prime minister of {b} met the president of {a} on {day} during a visit to {city}. The talks were about "
        "{good} and visas, the government of {b} said.",
    ),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_GOODS = ("coffee", "tea", "machinery", "timber", "cotton", "rice", "tractors", "medicine", "glass", "paper", "fish")


@dataclass(frozen=True, slots=True)
class Event:
    """``sides`` are what an alert about it has to name."""

    number: int
    sides: frozenset[str]
    title: str
    text: str


def events(count: int, seed: int) -> list[Event]:
    """So many events, no two between the same two countries. Raises ValueError where the model tells too few."""
    model, found = Model.load(None), []
    for event in _candidates(random.Random(f"news {seed}")):
        if len(found) == count:
            return found
        told = model.classify(Item("", event.title, event.text)).events
        if len(told) == 1 and frozenset(told[0].countries) == event.sides:
            found.append(Event(len(found), event.sides, event.title, event.text))
    if len(found) < count:
        raise ValueError(f"only {len(found)} invented events are told for sure; ask for fewer")
    return found


def _candidates(rng: random.Random) -> Iterator[Event]:
    rows = [line.split("\t") for line in _COUNTRIES.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    countries = [(code, *(one.split("|")[0] for one in (names, capitals))) for code, names, _, capitals, _ in rows]
    pairs = list(combinations((one for one in countries if one[2]), 2))
    rng.shuffle(pairs)
    for pair in pairs:
        (code, name, city), (other_code, other, _) = rng.sample(pair, 2)
        words = {"a": name, "b": other, "city": city, "day": rng.choice(_DAYS), "good": rng.choice(_GOODS)}
        title, text = rng.choice(_TEMPLATES)
        yield Event(0, frozenset({code, other_code}), title.format(**words), text.format(**words))

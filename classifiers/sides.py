"""Who took part: the states, the people who acted for them, and the companies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifiers.event import Organization, Person
from classifiers.reading import ACTORS, Mention

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.reading import Sentence

_KIND_WEIGHT: Final = {
    "LEADER": 3.0,
    "MINISTER": 3.0,
    "OFFICIAL": 2.0,
    "STATE": 2.0,
    "NATION": 0.8,
    "PLACE": 0.1,
    "OUTSIDE": 0.4,
}
_LINKING: Final = frozenset(
    ("MEET", "HOST", "VISIT", "CALLON", "COUNTERPART", "TIES", "BUY", "SUPPLY", "DEAL", "SIGN", "NEGOTIATE")
)
#: Roles that speak about a meeting rather than take part in it.
_BYSTANDERS: Final = frozenset(
    ("spokesman", "secretary-general", "chief executive", "chairman", "executive", "candidate")
)
_MOST_PEOPLE: Final = 6


def sides(sentences: Sequence[Sentence], most: int = 2) -> tuple[str, ...]:
    """The states that act in the sentences, strongest first claims, in order of mention; at most ``most``.

    A state counts by who stands for it (a leader more than an adjective), by how early, and more where a word such as
    "met" or "deal" links it to another state. A place is a side only where it is visited.
    """
    weights: dict[str, float] = {}
    order: dict[str, int] = {}
    for position, sentence in enumerate(sentences):
        zone = 3.0 if sentence.zone == "title" else 2.0 if position <= 1 else 1.0 if sentence.zone == "lead" else 0.4
        classes = sentence.classes
        present = {m.country for m in sentence.mentions if m.country and m.kind in ACTORS}
        link = 1.8 if len(present) == 2 and classes & _LINKING else 1.0
        seen: set[tuple[str, str]] = set()
        for mention in sentence.mentions:
            country = mention.country
            if not country or (country, mention.kind) in seen:
                continue
            seen.add((country, mention.kind))
            weight = _KIND_WEIGHT.get(mention.kind, 0.0)
            if mention.kind == "PLACE":
                weight = 1.2 if "VISIT" in classes or "HOST" in classes else weight
            elif mention.kind in ACTORS:
                weight *= link
            weights[country] = weights.get(country, 0.0) + zone * weight
            order.setdefault(country, len(order))
    ranked = sorted(weights, key=lambda c: (-weights[c], order[c]))
    chosen = [c for c in ranked[:most] if weights[c] >= 1.0 and weights[c] >= 0.12 * weights[ranked[0]]]
    return tuple(sorted(chosen, key=lambda c: order[c]))


def people(sentences: Sequence[Sentence], countries: tuple[str, ...]) -> tuple[Person, ...]:
    """The named people who act for the sides, in order of mention, each once with the fullest name and role given."""
    found: dict[str, Person] = {}
    for sentence in sentences:
        for mention in sentence.mentions:
            if not mention.name or mention.kind not in ("LEADER", "MINISTER", "OFFICIAL") or mention.former:
                continue
            if mention.country not in countries or mention.role in _BYSTANDERS:
                continue
            key = mention.name.split()[-1].lower()
            known = found.get(key)
            if known is None:
                if len(found) < _MOST_PEOPLE:
                    found[key] = Person(mention.name, mention.role, mention.country)
                continue
            name = max(known.name, mention.name, key=len)
            role = known.role if known.role not in (None, "leader") else mention.role or known.role
            found[key] = Person(name, role, known.country or mention.country)
    return tuple(found.values())


def organizations(sentences: Sequence[Sentence]) -> tuple[Organization, ...]:
    """The companies named, in order of mention; a nation just before the name ("Russia's Gazprom") is its country."""
    found: dict[str, Organization] = {}
    for sentence in sentences:
        before: Mention | None = None
        for unit in sentence.units:
            if isinstance(unit, Mention):
                if unit.kind == "FIRM" and unit.name and len(found) < _MOST_PEOPLE:
                    adjacent = (
                        before is not None and unit.start - before.end <= 3 and before.kind in ("NATION", "STATE")
                    )
                    country = before.country if adjacent and before is not None else None
                    known = found.get(unit.name.lower())
                    if known is None or (known.country is None and country):
                        found[unit.name.lower()] = Organization(unit.name, country)
                before = unit
    return tuple(found.values())

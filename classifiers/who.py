"""Who is who now: the people that the stream and corrections tell of, laid over the table of plain facts.

A text introduces people ("Russian President Vladimir Putin"): that is a sighting. Sightings, added up by the store, and
corrections become known people (classifiers/known_people.py); a snapshot of them is what the reader looks names up in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final, Literal

from classifiers.gazetteer import FORMER, Name, Names, Rank, names, phrase_table, roles, words

if TYPE_CHECKING:
    from collections.abc import Set

Source = Literal["table", "stream", "correction"]
#: ``known`` in office; ``former`` no longer; ``unsure`` seen too little, or too often as something else; ``forgotten``
#: by a correction.
Standing = Literal["known", "former", "unsure", "forgotten"]

HALF_LIFE: Final = timedelta(days=10)
_LANDMARK: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sighted:
    """All that was said of one name in one role of one country, added up over ``feeds`` feeds.

    ``weight`` is the sum of weight_at() over the sightings.
    """

    name: str
    role: str
    country: str
    count: int
    weight: float
    feeds: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class OfficeCorrection:
    """What a person said: ``name`` holds ``role`` of ``country``, or with both None is not to be known at all."""

    name: str
    role: str | None
    country: str | None
    at: datetime


def weight_at(time: datetime) -> float:
    """What a sighting at that time adds. It grows instead of fading, so that a sum only ever needs adding to."""
    # Beyond a thousand half-lives (in 2053) a float ends, and all weigh alike.
    return float(2.0 ** min((time - _LANDMARK) / HALF_LIFE, 1000.0))


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person, the office held, and what that rests on.

    ``sightings`` and ``feeds`` count who said so. From the year ``since`` news is read so; older news goes by the
    table. ``spellings`` are full names; ``surnames`` what stands for the person in a headline, with "?" where only next
    to the country's name.
    """

    name: str
    role: str
    country: str
    source: Source
    standing: Standing
    sightings: int = 0
    feeds: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    since: int = 0
    spellings: tuple[str, ...] = ()
    surnames: tuple[str, ...] = ()

    @property
    def used(self) -> bool:
        """Whether reading goes by it; what the table says itself needs no entry, but for new spellings."""
        return self.standing in ("known", "former") and (self.source != "table" or len(self.spellings) > 1)


@dataclass(frozen=True)
class Who:
    """A snapshot of the known people, for the reader. Immutable; safe to share between threads."""

    people: tuple[KnownPerson, ...] = field(default=(), repr=False)

    @cached_property
    def surnames(self) -> frozenset[str]:
        """Surnames of one word, as written, that only the stream or a correction tells of."""
        return frozenset(s.removesuffix("?") for p in self.people if p.used for s in p.surnames)

    @cached_property
    def names(self) -> Names:
        """The table of all names, with what is known better put first and who is forgotten left out."""
        table = names()
        changed: dict[tuple[str, ...], tuple[Name, ...]] = {}

        def entries(phrase: tuple[str, ...]) -> tuple[Name, ...]:
            if phrase in changed:
                return changed[phrase]
            return next((found for row, found in table.get(phrase[0], ()) if row == phrase), ())

        for person in self.people:
            if person.standing == "forgotten":
                for phrase, _ in _tabled().get(person.name, ()):
                    kept = tuple(n for n in entries(phrase) if n.kind != "person" or n.label != person.name)
                    changed[phrase] = kept
            elif person.used:
                name = _name_of(person)
                for phrase, entry in _tabled().get(person.name, ()):
                    changed[phrase] = (name._replace(weak=entry.weak), *entries(phrase))
                for spelling in person.spellings:
                    phrase = words(spelling)
                    changed[phrase] = (name, *entries(phrase))
                for surname in person.surnames:
                    phrase = words(surname.removesuffix("?"))
                    changed[phrase] = (name._replace(weak=surname.endswith("?")), *entries(phrase))
        firsts = {phrase[0] for phrase in changed}
        for first in firsts:
            for phrase, found in table.get(first, ()):
                changed.setdefault(phrase, found)
        rows = phrase_table((phrase, found) for phrase, found in changed.items() if found)
        return table | {first: rows.get(first, []) for first in firsts}

    @cached_property
    def names_in_capitals(self) -> Names:
        """The same for text that is all capitals."""
        return phrase_table(
            (tuple(word.upper() for word in phrase), found) for row in self.names.values() for phrase, found in row
        )

    def leaders_among(self, present: Set[str]) -> int:
        """How many learned surnames are among the words of an item, in small letters."""
        return len(self._small & present)

    @cached_property
    def _small(self) -> frozenset[str]:
        return frozenset(surname.lower() for surname in self.surnames)


def canonical_role(said: str) -> str | None:
    """The name of a role as the table of roles has it ("PM" is prime minister); None for what is none."""
    former = said.lower().startswith((FORMER, "ex-"))
    key = words(said[len("ex-") if said.lower().startswith("ex-") else len(FORMER) if former else 0 :].lower())
    found = next((role.name for phrase, role in roles().get(key[0], ()) if phrase == key), None) if key else None
    return FORMER + found if found and former else found


def rank_of(role: str) -> Rank:
    """Whether a role speaks for a state; a former one does not."""
    return "outside" if role.startswith(FORMER) else _ranks().get(role, "minister")


@cache
def _ranks() -> dict[str, Rank]:
    return {role.name: role.rank for row in roles().values() for _, role in row}


@cache
def _tabled() -> dict[str, list[tuple[tuple[str, ...], Name]]]:
    """The table's people by label: every spelling, full or not, and its entry."""
    found: dict[str, list[tuple[tuple[str, ...], Name]]] = {}
    for row in names().values():
        for phrase, entries in row:
            for label in dict.fromkeys(entry.label for entry in entries if entry.kind == "person"):
                found.setdefault(label, []).append((phrase, next(e for e in entries if e.label == label)))
    return found


def _name_of(person: KnownPerson) -> Name:
    role = person.role if person.standing == "known" else FORMER + person.role.removeprefix(FORMER)
    return Name("person", person.name, person.country, role, rank_of(role), person.since)

"""From what was said of people to who holds which office: the rules, and nothing but the rules.

- Three sightings from two feeds make a person known, or ten from one; what the table says is known from the start.
- What was said lately counts more: a sighting counts half after ten days. The office said most lately is the person's.
- Of two people in an office that one holds at a time, the one who is named twice as much lately holds it, and the other
  is former, but for somebody who is just coming in. So a change of government is followed within days of the first
  reports, and nobody has to say that it happened.
- A surname shared by two people stands for the one who is named twice as much lately, else for nobody; the same for a
  full name that two countries claim.
- Spellings that differ little are one person. A correction beats everything.

Rejected: believing the newest holder at once, which an acting minister's week or one mistaken outlet would upset.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from classifiers.gazetteer import FORMER, names
from classifiers.office_holder import OfficeHolder, plain_office
from classifiers.person_names import FAMILY_FIRST, are_alike, folded, given_names, headline_forms, surname_of
from classifiers.who import KnownPerson, OfficeCorrection, Sighted, rank_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

#: Offices that several hold at a time, beside everything that is "deputy", "vice" or a mere official.
_SHARED: Final = frozenset(
    ("leader", "minister", "minister of state", "federal minister", "secretary", "cabinet minister")
)
_SHARED_BEGINNINGS: Final = ("deputy", "vice", "assistant", "under", "state secretary", "presidential")


def known_people(
    sighted: Iterable[Sighted], corrections: Iterable[OfficeCorrection], now: datetime
) -> tuple[KnownPerson, ...]:
    """Everybody of whom the table (those in office), the stream or a correction tells, the most named first."""
    people = _gather(sighted, now.year)
    forgotten = _correct(people, corrections)
    found = _merge_surnames(list(people.values()))
    for person in found:
        person.settle()
    found = _fill_offices(found)
    _part_namesakes(found)
    known = [p for p in found if p.standing in ("known", "former")]
    _give_surnames(known)
    found.sort(key=lambda p: (-p.weight, -p.count, p.country, p.name))
    return tuple(person.frozen() for person in found) + forgotten


def _gather(sighted: Iterable[Sighted], year: int) -> dict[tuple[str, str], OfficeHolder]:
    """The people in office by the table, and those of the stream, by country and name."""
    people: dict[tuple[str, str], OfficeHolder] = {}
    spelled: dict[tuple[str, str], str] = {}
    past: set[tuple[str, str]] = set()
    for row in names().values():
        for phrase, found in row:
            for name in found:
                if name.kind != "person":
                    continue
                country = name.country or ""
                key = country, folded(name.label)
                if year > name.until:
                    past.add(key)
                elif name.since <= year:
                    if key not in people:
                        people[key] = OfficeHolder(name.label, country, tabled=name)
                    spelled.setdefault((country, folded(" ".join(phrase))), key[1])
    for said in sighted:
        plain = folded(said.name)
        key = (said.country, spelled.get((said.country, plain), plain))
        person = people.setdefault(key, OfficeHolder(said.name, said.country, past=key in past))
        person.add(said)
        if not person.sure:
            person.name = max(person.names, key=lambda name: (person.names[name], name))
    return people


def _correct(
    people: dict[tuple[str, str], OfficeHolder], corrections: Iterable[OfficeCorrection]
) -> tuple[KnownPerson, ...]:
    """Put corrections in force; returns those who are to be forgotten."""
    forgotten: list[KnownPerson] = []
    for correction in corrections:
        name = folded(correction.name)
        same = [key for key in people if key[1] == name]
        if correction.role is None or correction.country is None:
            gone = [people.pop(key) for key in same]
            label = _labels().get(name, correction.name)
            role, country = next(((p.tabled.role or "", p.country) for p in gone if p.tabled), ("", ""))
            forgotten.append(KnownPerson(label, role, country, "correction", "forgotten"))
            continue
        for key in same:
            if key[0] != correction.country:
                del people[key]
        label = _labels().get(name, correction.name)
        person = people.setdefault((correction.country, name), OfficeHolder(label, correction.country))
        person.correction = correction
    return tuple(forgotten)


@cache
def _labels() -> dict[str, str]:
    """The table's people, whenever in office, as they are compared and as they are written."""
    found = (n for row in names().values() for _, entries in row for n in entries)
    return {folded(n.label): n.label for n in found if n.kind == "person"}


def _merge_surnames(people: list[OfficeHolder]) -> list[OfficeHolder]:
    """ "Norwegian PM Nordby" speaks for the Nordby of Norway of whom most is said in full."""
    full: dict[tuple[str, str], OfficeHolder] = {}
    for person in sorted(people, key=lambda p: p.weight):
        if " " in person.name:
            full[person.country, folded(surname_of(person.name, person.country))] = person
    kept = []
    for person in people:
        whole = full.get((person.country, folded(person.name)))
        if " " in person.name or person.sure or whole is None:
            kept.append(person)
        else:
            whole.absorb(person)
    return kept


def _fill_offices(people: list[OfficeHolder]) -> list[OfficeHolder]:
    """One holder for each office that one holds at a time; spellings of the holder are the holder."""
    offices: dict[tuple[str, str], list[OfficeHolder]] = {}
    for person in people:
        offices.setdefault((person.country, plain_office(person.role.removeprefix(FORMER))), []).append(person)
    gone: set[int] = set()
    for (_, office), rivals in offices.items():
        rivals.sort(key=lambda p: (p.correction is None, p.standing != "known", -p.weight, not p.sure, p.name))
        for number, holder in enumerate(rivals):
            if id(holder) in gone or holder.standing == "unsure":
                continue
            for other in rivals[number + 1 :]:
                if id(other) in gone or (holder.sure and other.sure) or not are_alike(holder.name, other.name):
                    continue
                kept, dropped = (other, holder) if other.sure else (holder, other)
                kept.absorb(dropped)
                kept.settle()
                gone.add(id(dropped))
                if dropped is holder:
                    break
        left = [p for p in rivals if id(p) not in gone and p.standing == "known"]
        if left and _held_alone(office):
            holder = max(left, key=lambda p: (p.correction is not None, p.weight, p.sure))
            for other in left:
                if other is not holder and holder.beats(other) and not other.comes_after(holder):
                    other.standing, other.since = "former", max(other.since, holder.since)
    return [person for person in people if id(person) not in gone]


def _part_namesakes(people: list[OfficeHolder]) -> None:
    """A full name that two countries claim is the clearly stronger one's, or nobody's."""
    by_name: dict[str, list[OfficeHolder]] = {}
    for person in people:
        if person.standing in ("known", "former"):
            by_name.setdefault(folded(person.name), []).append(person)
    for namesakes in by_name.values():
        first = max(namesakes, key=lambda p: (p.correction is not None, p.weight))
        clear = all(other is first or first.beats(other) for other in namesakes)
        for person in namesakes:
            if len(namesakes) > 1 and not (clear and person is first) and not person.sure:
                person.standing = "unsure"


def _give_surnames(people: list[OfficeHolder]) -> None:
    """A surname stands for one of those who have it: who holds an office before who did, then the clearly stronger."""
    bearers: dict[str, list[OfficeHolder]] = {}
    for person in people:
        bearers.setdefault(folded(surname_of(person.name, person.country)), []).append(person)
    given = given_names() | {folded(person.name.split()[0]) for person in people if person.country not in FAMILY_FIRST}
    for bearing in bearers.values():
        first = max(bearing, key=lambda p: (p.standing == "known", p.correction is not None, p.weight))
        others = [p for p in bearing if p is not first and (p.standing == "known" or first.standing == "former")]
        if all(first.beats(other) for other in others):
            surname = surname_of(first.name, first.country)
            first.surnames = headline_forms(surname, folded(surname) in given and " " in first.name)


def _held_alone(role: str) -> bool:
    return (
        rank_of(role) in ("leader", "minister")
        and role not in _SHARED
        and not role.startswith(_SHARED_BEGINNINGS)
        and not role.endswith("adviser")
    )

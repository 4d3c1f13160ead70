"""Bare surnames that are also words or many people's: read only once it is known that two states met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifiers.gazetteer import Name, names
from classifiers.reading import Mention, Word
from classifiers.roles import RANK_KIND

if TYPE_CHECKING:
    from classifiers.reading import Sentence


def restore(sentence: Sentence, text: str, year: int | None) -> bool:
    """Read "Straw" in "Straw in Tehran for talks" as the minister of that name in ``year``; whether any was found.

    Elsewhere such names are left alone (reader.py); a headline about a meeting that names one state only is short of
    the other, and a person in office by that name is the best reading there is. Where two states had one at the time,
    nothing is.
    """
    found = False
    for index, unit in enumerate(sentence.units):
        if not isinstance(unit, Word) or unit.classes:
            continue
        written = text[unit.start : unit.end]
        if not written[:1].isupper() or written.isupper():
            continue
        person = _in_office(written, year)
        if person:
            sentence.units[index] = Mention(
                RANK_KIND[person.rank], unit.start, unit.end, person.country, person.label, person.role
            )
            found = True
    return found


def _in_office(surname: str, year: int | None) -> Name | None:
    people = [
        name
        for phrase, entries in names().get(surname, [])
        if len(phrase) == 1
        for name in entries
        if name.kind == "person" and name.in_office(year)
    ]
    return people[0] if people and len({name.country for name in people}) == 1 else None

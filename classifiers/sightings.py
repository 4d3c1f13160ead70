"""Whom a text itself introduces by name, role and country."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifiers.event import Sighting
from classifiers.gazetteer import FORMER
from classifiers.reading import Mention
from classifiers.wordsets import word_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifiers.reading import Reading

#: Roles that name no office: who is introduced so is somebody else tomorrow.
_NO_OFFICE: Final = word_set("counterpart delegation delegate official diplomat negotiator representative aide")
_SPEAKING: Final = ("LEADER", "MINISTER", "OFFICIAL")
#: A longer name is a row of capitalised words that are no name.
_LONGEST_NAME: Final = 60


def sightings(reading: Reading) -> Iterator[Sighting]:
    """Everybody whom the text introduces with name, role and country; former holders as "former ROLE"."""
    for sentence in reading.sentences:
        for unit in sentence.units:
            if not isinstance(unit, Mention) or not unit.told or not unit.name or not unit.role:
                continue
            if unit.role in _NO_OFFICE or len(unit.name) > _LONGEST_NAME:
                continue
            if unit.former:
                yield Sighting(unit.name, FORMER + unit.role, unit.told, sentence.words)
            elif unit.kind in _SPEAKING:
                yield Sighting(unit.name, unit.role, unit.told, sentence.words)

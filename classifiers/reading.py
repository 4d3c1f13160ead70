"""What reading a text gives: sentences as rows of words and mentions, names abstracted to what they stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

MentionKind = Literal["LEADER", "MINISTER", "OFFICIAL", "OUTSIDE", "STATE", "NATION", "PLACE", "BODY", "FIRM"]
Zone = Literal["title", "lead", "body"]
Source = Literal["title", "text"]

#: Kinds that can act for a state.
ACTORS: Final = frozenset(("LEADER", "MINISTER", "OFFICIAL", "STATE"))
#: Kinds that name a state that may take part.
SIDED: Final = ACTORS | {"NATION"}


@dataclass(slots=True)
class Mention:
    """A name or role in the text: ``text[start:end]``; "Russian President Vladimir Putin" is one LEADER of RU.

    ``name`` is the full name of a person, body, place or firm, ``role`` a person's office or a firm's trade.
    ``possessive`` tells "Japan's", ``capital`` a seat of government. ``former`` people act for no state.
    ``told`` is set where the text itself introduces somebody by role and name: the country it says with them, or "".
    """

    kind: MentionKind
    start: int
    end: int
    country: str | None = None
    name: str | None = None
    role: str | None = None
    possessive: bool = False
    capital: bool = False
    former: bool = False
    told: str | None = None


@dataclass(slots=True)
class Word:
    """A word: its stem (or DAY, MONTH, YEAR, NUM, MONEY, QTY), the classes it belongs to, and where it stands."""

    stem: str
    classes: tuple[str, ...]
    start: int
    end: int


Unit = Mention | Word


@dataclass(slots=True)
class Sentence:
    """``source`` and offsets say where it stands, ``words`` is what is written there, ``units`` what it says."""

    source: Source
    zone: Zone
    start: int
    end: int
    words: str
    units: list[Unit]

    @property
    def mentions(self) -> list[Mention]:
        return [unit for unit in self.units if isinstance(unit, Mention)]

    @property
    def classes(self) -> set[str]:
        return {name for unit in self.units if isinstance(unit, Word) for name in unit.classes}


@dataclass(slots=True)
class Reading:
    """An article as read: its sentences in order, the title's first."""

    sentences: list[Sentence] = field(default_factory=list)

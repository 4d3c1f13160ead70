"""Whether the name of a country or a capital acts for a state, or tells where something happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifiers.gazetteer import capital_of
from classifiers.plain_words import DASHES
from classifiers.reading import Word
from classifiers.wordsets import word_set

if TYPE_CHECKING:
    from classifiers.gazetteer import Name
    from classifiers.reading import Mention, MentionKind, Unit
    from classifiers.tokens import Token

_PLACE_BEFORE: Final = word_set("in at near outside across through inside around via")
_TOWARDS: Final = word_set("to from for visit reach leave arrive")
_STATE_NOUNS: Final = word_set("side government authorities administration")


def read_capital(owner: Mention) -> None:
    """ "The Kazakh capital" is Astana."""
    seat = capital_of(owner.country or "")
    if seat and owner.kind in ("NATION", "STATE", "PLACE") and not owner.role:
        owner.kind, owner.name, owner.capital = "PLACE", seat, True


def geographic_kind(name: Name, units: list[Unit], following: str, capitals: bool) -> MentionKind:
    """Does the name act, or is it where something happens? "Met in Astana" is not Kazakhstan's meeting."""
    if name.kind == "nation":
        # "The Chinese side", "the Indian government" act as the state itself.
        return "STATE" if following.lower() in _STATE_NOUNS else "NATION"
    last = units[-1] if units else None
    before = last.stem if isinstance(last, Word) else ""
    capital = name.kind == "capital"
    dateline = capital and not units and not capitals and following in (",", ":", "(", " -", " –", " —")
    towards = capital and before in _TOWARDS
    seat = name.kind == "capital" and before == "capital"
    return "PLACE" if name.kind == "city" or before in _PLACE_BEFORE or towards or dateline or seat else "STATE"


def following_mark(tokens: list[Token], i: int) -> str:
    """The token at ``i``; a mark that stands apart keeps a space before it ("Beijing -" is not "Beijing-Moscow")."""
    if i >= len(tokens):
        return ""
    word, begin, _ = tokens[i]
    return f" {word}" if word in DASHES and begin > tokens[i - 1][2] else word

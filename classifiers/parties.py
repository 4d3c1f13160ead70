"""Which companies are the parties of a deal, known ones and others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifiers.event import Organization
from classifiers.lexicon import stem_set
from classifiers.reading import Mention, Word
from classifiers.wordsets import LITTLE, word_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from classifiers.reading import Sentence, Unit

_MOST: Final = 12
_DEALING: Final = frozenset(("SIGN", "BUY", "SUPPLY", "NEGOTIATE"))
_OF_A_DEAL: Final = _DEALING | {"DEAL"}
#: "A deal with Ebico": who stands after these deals too.
_WITH: Final = word_set("with between")
_TO: Final = word_set("to from")
_JOINING: Final = frozenset((",", "and", "&"))
_VERBS: Final = stem_set("agrees agreed partners teams joins chooses picks taps appoints links")
_HELPING: Final = stem_set("has have is will also today on")
#: Begin headlines, but are nobody's name.
_NO_NAMES: Final = stem_set(
    "government firms utility utilities officials ministers state city county council oil gas power energy exclusive "
    "update report sources new first two three four major giant court parliament house city deal breaking plant "
    "minister ministry japanese partners group company companies consortium developer operator supplier it they he she "
    "we i this that these those there one both under after before when while as but if in at on by for from to with "
    "north south east west northern southern eastern western central upper lower"
)


def organizations(sentences: Iterable[tuple[Sentence, str]]) -> tuple[Organization, ...]:
    """The companies that deal, in order of mention, from sentences and the text each stands in.

    Known names count wherever they stand. An unknown name counts where it signs, buys or supplies, or where somebody
    does so with it. A nation just before a name ("Russia's Gazprom") is its country.
    """
    found: dict[str, Organization] = {}
    for sentence, text in sentences:
        dealing = bool(sentence.classes & _OF_A_DEAL)
        names = _names(sentence, text) if dealing else {}
        before: Mention | None = None
        for index, unit in enumerate(sentence.units):
            written = unit.name if isinstance(unit, Mention) and unit.kind == "FIRM" else names.get(index)
            if written and len(found) < _MOST:
                owned = before is not None and (
                    unit.start - before.end <= 1 or (before.possessive and unit.start - before.end <= 3)
                )
                adjacent = owned and before is not None and before.kind in ("NATION", "STATE")
                if before is not None and _is_one_name(before, unit, text):
                    if before.name and before.kind == "FIRM":
                        found.pop(before.name.lower(), None)
                    written = text[before.start : unit.end]
                country = before.country if adjacent and before is not None else None
                key = _key(written, found)
                known = found.get(key)
                if known is None or (known.country is None and country):
                    found[key] = Organization(known.name if known else written, country)
            if isinstance(unit, Mention):
                before = unit
    return tuple(found.values())


def _is_one_name(before: Mention, unit: Unit, text: str) -> bool:
    """ "Kenya Power Company", "Enel Green Power": read as two names, written as one."""
    whole = isinstance(unit, Mention) and unit.name == text[unit.start : unit.end] and " " in unit.name
    joined = text[before.end : unit.start] == " " and not before.possessive and before.kind in ("STATE", "FIRM")
    return whole and joined and text[before.start].isupper()


def _key(name: str, found: dict[str, Organization]) -> str:
    """The key of the same company found before ("Ebico" of "Ebico Ltd"), else the name in small letters."""
    lower = name.lower()
    for known in found:
        if known == lower or known.startswith(lower + " ") or lower.startswith(known + " "):
            return known
    return lower


def _names(sentence: Sentence, text: str) -> dict[int, str]:
    """Unknown names that deal, by the position of their first word."""
    units = sentence.units
    piece = text[sentence.start : sentence.end]
    words = [word for word in piece.split() if word[0].isalpha() and len(word) > 3]
    if piece.isupper() or sum(word[0].isupper() for word in words) > 0.6 * len(words):
        # Where every word is a capital, a name cannot be told from what it does.
        return {}
    found: dict[int, str] = {}
    index = 0
    dealers = {i for i, unit in enumerate(units) if isinstance(unit, Mention) and unit.kind == "FIRM"}
    while index < len(units):
        stop = _end_of_name(units, index, text)
        if stop > index:
            if _is_party(units, index, stop, dealers, text):
                found[index] = " ".join(text[units[index].start : units[stop - 1].end].split())
                dealers.add(stop - 1)
            index = stop
        else:
            index += 1
    return found


def _end_of_name(units: Sequence[Unit], start: int, text: str) -> int:
    """Where a run of unknown capitalised words that begins at ``start`` ends; ``start`` where none begins."""
    end = start
    while end < len(units) and end - start < 5:
        unit = units[end]
        if not isinstance(unit, Word) or not text[unit.start].isupper() or unit.stem in LITTLE or unit.stem.isupper():
            break
        if (unit.classes and end == start) or unit.stem in _NO_NAMES or "\n" in text[unit.start : unit.end]:
            break
        if end > start and unit.start - units[end - 1].end > 1:
            break
        end += 1
    return end


def _is_party(units: Sequence[Unit], start: int, stop: int, dealers: set[int], text: str) -> bool:
    before = units[start - 1] if start else None
    # "Supplies to Gujarat", "gas from Pande": one plain word is rather a place or a field.
    company = stop - start > 1 or text[units[start].start : units[start].end].isupper()
    if isinstance(before, Word):
        if before.stem in _WITH:
            return True
        if before.stem in _TO and any(
            isinstance(unit, Word) and _DEALING.intersection(unit.classes)
            for unit in units[max(0, start - 7) : start - 1]
        ):
            return company
        if before.stem in _JOINING and start - 2 in dealers:
            return True
        if company and "SUPPLY" in before.classes:
            return True
    after = stop
    while after < len(units) and _is_helping(units[after]):
        after += 1
    verb = units[after] if after < len(units) else None
    if not isinstance(verb, Word):
        return False
    if _DEALING.intersection(verb.classes) or verb.stem in _VERBS:
        return True
    joint = verb.stem in _JOINING and after + 1 in dealers
    return joint or (verb.stem in ("in", "to") and after + 1 < len(units) and _deals(units[after + 1]))


def _is_helping(unit: Unit) -> bool:
    return isinstance(unit, Word) and unit.stem in _HELPING


def _deals(unit: Unit) -> bool:
    return isinstance(unit, Word) and bool(_DEALING.intersection(unit.classes))

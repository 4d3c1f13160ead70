"""Patterns: what a sentence says, as short lines a person can read, weigh and edit.

====================================  ===============================================================================
``sign``, ``deal_with``               a word; two or three words in a row, names as LEADER, STATE …, classes as ‹SIGN›
``title: sign``                       the same, in the title
``‹SIGN› + ‹LNG› + FIRM``             found in one sentence, in any order
``LEADER[A] ‹MEET› LEADER[B]``        a word of the class stands between two mentions of different states
``STATE[A]&STATE[B] ‹MEET›``          two mentions joined by "and", a comma or a dash, the class after (or before) them
``… (‹PLAN›)``                        the link stands in a sentence of that mood
``sides: 2``                          how many states act in title and lead together
====================================  ===============================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from classifiers.families import ENERGY_FIRM, FAMILIES
from classifiers.reading import ACTORS, Mention, Word
from classifiers.wordsets import word_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classifiers.reading import Reading, Sentence

#: Classes that turn what a sentence says: whether it happened, is to happen, or does not.
MOODS: Final = frozenset(("PLAN", "CANCEL", "DENY", "SEEK", "PHONE", "PASTREF", "ALLIES", "OPINION"))
_SIDED: Final = ACTORS | {"NATION"}
_COUNTS: Final = ("0", "1", "2", "3", "many")
_JOINING: Final = frozenset((",", "-", "and"))
_LINKED: Final = frozenset(("LEADER", "MINISTER", "OFFICIAL", "STATE", "PLACE", "NATION", "FIRM", "OUTSIDE", "BODY"))
#: How many units apart two mentions may stand and still be linked.
_REACH: Final = 14
_STOP: Final = word_set("the a of to in on for and with at by from as be have that it his he she they")


@dataclass(slots=True)
class Patterns:
    """The patterns of an article: of title and lead together, and of each of its sentences as if it were all there is.

    ``single`` is empty for an article of one sentence, which is its own head.
    """

    head: set[str]
    single: list[tuple[Sentence, set[str]]]


def find_patterns(reading: Reading) -> Patterns:
    """Every pattern of an article; each sentence is looked at once."""
    parts = [(sentence, sentence_patterns(sentence)) for sentence in reading.sentences]
    top = [(sentence, found) for sentence, found in parts if sentence.zone != "body"]
    head: set[str] = set().union(*(found for _, found in top))
    head |= _together([sentence for sentence, _ in top])
    if len(parts) < 2:
        return Patterns(head, [])
    return Patterns(head, [(sentence, found | _together([sentence])) for sentence, found in parts])


def _together(sentences: list[Sentence]) -> set[str]:
    """What sentences say only together: how many states act, and what none of them names."""
    titled = bool(sentences) and sentences[0].zone == "title"
    sides: set[str] = set()
    title_sides: set[str] = set()
    in_title: set[str] = set()
    below: set[str] = set()
    for sentence in sentences:
        title = sentence.zone == "title"
        classes = in_title if title else below
        for unit in sentence.units:
            if isinstance(unit, Word):
                classes.update(unit.classes)
            elif unit.kind == "FIRM" and unit.role:
                classes.add(ENERGY_FIRM)
            elif unit.country and unit.kind in _SIDED:
                sides.add(unit.country)
                if title:
                    title_sides.add(unit.country)
    count, title_count = _COUNTS[min(len(sides), 4)], _COUNTS[min(len(title_sides), 4)]
    found = {f"sides: {count}"}
    if titled:
        found.add(f"title sides: {title_count}")
    for name, family in FAMILIES.items():
        if in_title & family:
            named = f"title names {name}"
        elif not below & family:
            named = f"nothing names {name}"
        elif titled:
            named = f"only the lead names {name}"
        else:
            continue
        # Two states named and no meeting is a quarrel; a meeting and one state is at home: neither half tells alone.
        found.update((named, f"{named}, sides: {count}"))
        if titled:
            found.add(f"{named}, title sides: {title_count}")
    return found


def sentence_patterns(sentence: Sentence) -> set[str]:
    """The patterns of one sentence; in a title each of its words and links also counts as the title's."""
    found: set[str] = set()
    add = found.add
    title = sentence.zone == "title"
    symbols: list[str] = []
    present: dict[str, None] = {}
    for unit in sentence.units:
        if isinstance(unit, Word):
            if unit.classes:
                symbols.append(f"‹{unit.classes[0]}›")
                for name in unit.classes:
                    present[name] = None
            else:
                symbols.append(unit.stem)
                if unit.stem in ("MONEY", "QTY"):
                    present[unit.stem] = None
            if unit.stem not in _STOP:
                add(unit.stem)
                if title:
                    add(f"title: {unit.stem}")
        else:
            symbols.append(unit.kind)
            present[unit.kind] = None
            if unit.kind == "FIRM" and unit.role:
                present[ENERGY_FIRM] = None
    _sequences(symbols, found, title)
    sides = {u.country for u in sentence.units if isinstance(u, Mention) and u.country and u.kind in ACTORS}
    present[
        "one side" if len(sides) == 1 else "two sides" if len(sides) == 2 else "no side" if not sides else "many sides"
    ] = None
    if any(
        isinstance(u, Mention) and u.kind == "PLACE" and u.country and u.country not in sides for u in sentence.units
    ):
        present["place abroad" if sides else "place"] = None
    together = [f"‹{name}›" if name.isupper() and name not in _LINKED else name for name in sorted(present)]
    for position, one in enumerate(together):
        for other in together[position + 1 :]:
            add(f"{one} + {other}")
            if title:
                add(f"title: {one} + {other}")
    _links(sentence, [m for m in MOODS if m in present], found, title)
    return found


def _sequences(symbols: list[str], found: set[str], title: bool) -> None:
    row = ["^", *symbols, "$"]
    found.update(map(" ".join, pairwise(row)))
    found.update(map(" ".join, zip(row, row[1:], row[2:], strict=False)))
    if title:
        found.update(f"title: {a} {b}" for a, b in pairwise(row))


def _links(sentence: Sentence, moods: Iterable[str], found: set[str], title: bool) -> None:
    """Which class of words links which two mentions, and whether they are of one state or of two."""
    units = sentence.units
    previous = -1
    linked: set[str] = set()
    for position, unit in enumerate(units):
        if not isinstance(unit, Mention):
            continue
        if previous >= 0 and position - previous <= _REACH:
            left = units[previous]
            assert isinstance(left, Mention)
            a, b = _sided(left, unit)
            between = units[previous + 1 : position]
            classes = {c for u in between if isinstance(u, Word) for c in u.classes}
            coarse_a, coarse_b = _coarse(a), _coarse(b)
            for name in classes:
                linked.add(f"{a} ‹{name}› {b}")
                linked.add(f"{coarse_a} ‹{name}› {coarse_b}")
            if len(between) <= 2 and any(isinstance(u, Word) and u.stem in _JOINING for u in between):
                pair, coarse = f"{a}&{b}", f"{coarse_a}&{coarse_b}"
                for name in _classes_near(units[position + 1 : position + 6]):
                    linked.add(f"{pair} ‹{name}›")
                    linked.add(f"{coarse} ‹{name}›")
                for name in _classes_near(units[max(0, previous - 4) : previous]):
                    linked.add(f"‹{name}› {pair}")
                    linked.add(f"‹{name}› {coarse}")
        previous = position
    found |= linked
    for mood in moods:
        found.update(f"{link} (‹{mood}›)" for link in linked if link.startswith(("ACTOR", "‹")) and "ACTOR" in link)
    if title:
        found.update(f"title: {link}" for link in linked)


def _classes_near(units: list[Mention | Word]) -> set[str]:
    return {c for u in units if isinstance(u, Word) for c in u.classes}


def _sided(left: Mention, right: Mention) -> tuple[str, str]:
    """Both mentions' kinds, marked [A] and [B] when their states differ, [A] twice when it is one, bare when "
    "unknown."""
    if left.country and right.country:
        return f"{left.kind}[A]", f"{right.kind}[{'A' if left.country == right.country else 'B'}]"
    return left.kind, right.kind


def _coarse(sided: str) -> str:
    kind, bracket, side = sided.partition("[")
    return ("ACTOR" if kind in ACTORS else kind) + bracket + side

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
from functools import cached_property, lru_cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Final

from classifiers.families import ENERGY_FIRM, FAMILIES
from classifiers.reading import ACTORS, SIDED, Mention, Word
from classifiers.wordsets import word_set

if TYPE_CHECKING:
    from classifiers.reading import Reading, Sentence, Unit

#: Classes that turn what a sentence says: whether it happened, is to happen, or does not.
MOODS: Final = frozenset(("PLAN", "CANCEL", "DENY", "SEEK", "PHONE", "PASTREF", "ALLIES", "OPINION"))
#: How patterns begin that tell of what is missing.
NOTHING: Final = "nothing"
_FIGURES: Final = frozenset(("MONEY", "QTY"))
_SIDES: Final = ("no side", "one side", "two sides", "many sides")
_COUNTS: Final = ("0", "1", "2", "3", "many")
_JOINING: Final = frozenset((",", "-", "and"))
_LINKED: Final = frozenset(("LEADER", "MINISTER", "OFFICIAL", "STATE", "PLACE", "NATION", "FIRM", "OUTSIDE", "BODY"))
#: How many units apart two mentions may stand and still be linked.
_REACH: Final = 14
_STOP: Final = word_set("the a of to in on for and with at by from as be have that it his he she they")


@dataclass(frozen=True, slots=True)
class _Part:
    """One sentence: its patterns, the families of classes it names, and the states it names as acting."""

    sentence: Sentence
    found: set[str]
    families: frozenset[str]
    sides: frozenset[str]


@dataclass(frozen=True)
class Patterns:
    """The patterns of an article: of title and lead together, and of each of its sentences as if it were all there is.

    ``single`` is empty for an article of one sentence, which is its own head.
    """

    head: set[str]
    _parts: list[_Part]

    @cached_property
    def single(self) -> list[tuple[Sentence, set[str]]]:
        if len(self._parts) < 2:
            return []
        return [(part.sentence, part.found | _together([part])) for part in self._parts]

    @property
    def below_title(self) -> int:
        """How many sentences there are beside the title's."""
        return sum(part.sentence.zone != "title" for part in self._parts)


def find_patterns(reading: Reading) -> Patterns:
    """Every pattern of an article; each sentence is looked at once."""
    parts = [_part(sentence) for sentence in reading.sentences]
    top = [part for part in parts if part.sentence.zone != "body"]
    return Patterns(set().union(_together(top), *(part.found for part in top)), parts)


def _together(parts: list[_Part]) -> frozenset[str]:
    """What sentences say only together: how many states act, and what none of them names."""
    nothing: frozenset[str] = frozenset()
    titles = [part for part in parts if part.sentence.zone == "title"]
    texts = [part for part in parts if part.sentence.zone != "title"]
    count = _COUNTS[min(len(nothing.union(*(part.sides for part in parts))), 4)]
    title_count = ""
    if parts and parts[0].sentence.zone == "title":
        title_count = _COUNTS[min(len(nothing.union(*(part.sides for part in titles))), 4)]
    in_title, below = (nothing.union(*(part.families for part in some)) for some in (titles, texts))
    return _summary(count, title_count, in_title, below)


@lru_cache(maxsize=1024)
def _summary(count: str, title_count: str, in_title: frozenset[str], below: frozenset[str]) -> frozenset[str]:
    """``count`` states act, ``title_count`` of them in the title if there is one; each half names these families."""
    found = {f"sides: {count}"}
    if title_count:
        found.add(f"title sides: {title_count}")
    for name in FAMILIES:
        if name in in_title:
            named = f"title names {name}"
        elif name not in below:
            named = f"{NOTHING} names {name}"
        elif title_count:
            named = f"only the lead names {name}"
        else:
            continue
        # Two states named and no meeting is a quarrel; a meeting and one state is at home: neither half tells alone.
        found.update((named, f"{named}, sides: {count}"))
        if title_count:
            found.add(f"{named}, title sides: {title_count}")
    return frozenset(found)


def _part(sentence: Sentence) -> _Part:
    """The patterns of one sentence; in a title each of its words and links also counts as the title's."""
    title = sentence.zone == "title"
    stems: list[str] = []
    symbols = ["^"]
    present: dict[str, None] = {}
    mentions: list[Mention] = []
    for unit in sentence.units:
        if isinstance(unit, Word):
            stem = unit.stem
            stems.append(stem)
            if unit.classes:
                symbols.append(f"‹{unit.classes[0]}›")
                for name in unit.classes:
                    present[name] = None
            else:
                symbols.append(stem)
                if stem in _FIGURES:
                    present[stem] = None
        else:
            mentions.append(unit)
            symbols.append(unit.kind)
            present[unit.kind] = None
            if unit.kind == "FIRM" and unit.role:
                present[ENERGY_FIRM] = None
    symbols.append("$")
    families = frozenset(name for name, family in FAMILIES.items() if not family.isdisjoint(present))
    acting = {unit.country for unit in mentions if unit.country and unit.kind in ACTORS}
    present[_SIDES[min(len(acting), 3)]] = None
    if any(unit.kind == "PLACE" and unit.country and unit.country not in acting for unit in mentions):
        present["place abroad" if acting else "place"] = None
    found = set(stems) - _STOP
    found.update(map(" ".join, pairwise(symbols)))
    together = [f"‹{name}›" if name.isupper() and name not in _LINKED else name for name in sorted(present)]
    found.update(map(" + ".join, combinations(together, 2)))
    linked = _links(sentence.units) if len(mentions) > 1 else set()
    found |= linked
    if title:
        found.update([f"title: {pattern}" for pattern in found])
    found.update(map(" ".join, zip(symbols, symbols[1:], symbols[2:], strict=False)))
    for mood in MOODS & present.keys():
        found.update(f"{link} (‹{mood}›)" for link in linked if link.startswith(("ACTOR", "‹")) and "ACTOR" in link)
    sides = frozenset(unit.country for unit in mentions if unit.country and unit.kind in SIDED)
    return _Part(sentence, found, families, sides)


def _links(units: list[Unit]) -> set[str]:
    """Which class of words links which two mentions, and whether they are of one state or of two."""
    left: Mention | None = None
    previous = 0
    linked: set[str] = set()
    for position, unit in enumerate(units):
        if isinstance(unit, Word):
            continue
        if left is not None and position - previous <= _REACH:
            a, b = _sided(left, unit)
            coarse_a, coarse_b = _coarse(a), _coarse(b)
            between = [u for u in units[previous + 1 : position] if isinstance(u, Word)]
            for name in {name for word in between for name in word.classes}:
                linked.add(f"{a} ‹{name}› {b}")
                linked.add(f"{coarse_a} ‹{name}› {coarse_b}")
            if len(between) <= 2 and any(word.stem in _JOINING for word in between):
                pair, coarse = f"{a}&{b}", f"{coarse_a}&{coarse_b}"
                for name in _classes_near(units[position + 1 : position + 6]):
                    linked.add(f"{pair} ‹{name}›")
                    linked.add(f"{coarse} ‹{name}›")
                for name in _classes_near(units[max(0, previous - 4) : previous]):
                    linked.add(f"‹{name}› {pair}")
                    linked.add(f"‹{name}› {coarse}")
        previous, left = position, unit
    return linked


def _classes_near(units: list[Unit]) -> set[str]:
    return {c for u in units if isinstance(u, Word) for c in u.classes}


def _sided(left: Mention, right: Mention) -> tuple[str, str]:
    """Both mentions' kinds, marked [A] and [B] when their states differ, [A] twice where it is one, bare if unknown."""
    if left.country and right.country:
        return f"{left.kind}[A]", f"{right.kind}[{'A' if left.country == right.country else 'B'}]"
    return left.kind, right.kind


def _coarse(sided: str) -> str:
    kind, bracket, side = sided.partition("[")
    return ("ACTOR" if kind in ACTORS else kind) + bracket + side

"""Where in a quoted sentence the words stand that its patterns matched, to be shown marked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from classifiers.lexicon import stem
from classifiers.reader import Reader
from classifiers.reading import SIDED, Mention
from classifiers.wordsets import LITTLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from classifiers.reading import Unit

_CLASS: Final = re.compile(r"‹([^›…]+?)(?: …)?›")
_KIND: Final = re.compile(r"\b(LEADER|MINISTER|OFFICIAL|OUTSIDE|STATE|NATION|PLACE|BODY|FIRM)\b")
_SIDES: Final = re.compile(r"\bsides?\b")
#: Patterns that tell of counts and places rather than of words.
_TOLD: Final = re.compile(r"\+|:|\bsides?\b|‹|\b(?:names|nothing)\b")
_WORD: Final = re.compile(r"[^\W\d_]+")


def matched_words(
    text: str, patterns: Iterable[str], countries: Sequence[str] = (), names: Iterable[str] = ()
) -> list[tuple[int, int]]:
    """The parts ``text[start:end]`` that the patterns of this passage are about, in order, none touching another.

    Words of a class or a stem that a pattern names, mentions of a kind that it names, and for patterns that count sides
    the mentions of these ``countries``. ``names`` (of people, places, figures …) are marked wherever they are written.
    """
    classes, kinds, stems, sides = set[str](), set[str](), set[str](), False
    for pattern in patterns:
        bare = pattern.removeprefix("title: ")
        classes.update(_CLASS.findall(bare))
        kinds.update(_KIND.findall(_CLASS.sub(" ", bare)))
        sides = sides or bool(_SIDES.search(bare))
        if not _TOLD.search(bare):
            stems.update(map(stem, _WORD.findall(bare)))

    def matches(unit: Unit) -> bool:
        if isinstance(unit, Mention):
            return unit.kind in kinds or (sides and unit.kind in SIDED and unit.country in countries)
        return not classes.isdisjoint(unit.classes) or (unit.stem in stems and unit.stem not in LITTLE)

    units = Reader().read("text", "lead", text, 0, len(text)).units
    found = [(unit.start, unit.end) for unit in units if matches(unit)]
    for name in filter(None, names):
        found += [match.span() for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)]
    return _joined(text, sorted(found))


def _joined(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and (start <= joined[-1][1] or text[joined[-1][1] : start].isspace()):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined

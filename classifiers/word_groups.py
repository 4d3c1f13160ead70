"""Groups of words of like meaning, so that what is known of "urges" is known of "exhorts" too.

data/word_groups.txt has the 30,000 commonest words, commonest first, a line a word, with the most typical word of its
group: "exhorts insisted". ``python -m classifiers.meanings`` makes it from the vectors of the words; it is apart from
them, for reading it takes a hundredth of a second and needs no numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from classifiers.gazetteer import DATA

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = DATA / "word_groups.txt"
#: So many of the commonest words ("the", "after", "would") mean more by themselves than by their group.
_LITTLE: Final = 150


@dataclass(frozen=True, slots=True)
class WordGroups:
    """``named["urges"]`` is "~insisted", the group by its most typical word; ``little`` are the commonest words."""

    named: Mapping[str, str]
    little: frozenset[str]


@cache
def word_groups() -> WordGroups:
    cells = FILE.read_text(encoding="utf-8").split()
    words = cells[::2]
    tagged = {typical: f"~{typical}" for typical in set(cells[1::2])}
    return WordGroups(
        dict(zip(words, map(tagged.__getitem__, cells[1::2]), strict=True)), frozenset(islice(words, _LITTLE))
    )

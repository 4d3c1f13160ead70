"""Companies that no table has, told by how their names end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifiers.lexicon import classes, stem
from classifiers.reading import Mention, Word
from classifiers.wordsets import LITTLE, word_set

if TYPE_CHECKING:
    from classifiers.reading import Unit
    from classifiers.tokens import Token

_ENDINGS: Final = word_set(
    "corp corporation inc ltd limited plc llc ag sa nv co company group holdings energy petroleum oil gas power "
    "electric "
    "renewables resources solar refinery lng utilities partners capital industries technologies"
)


def read_firm(tokens: list[Token], i: int, units: list[Unit], headline: bool) -> int:
    """Read capitalised words from token ``i`` that end in "Corp", "Energy", "Oil" and the like into ``units``.

    Returns how many tokens they are; 0 where there is no such name.
    """
    single = classes()[0]
    stop = i
    while stop < len(tokens) and stop - i < 5 and tokens[stop][0][0].isupper():
        stop += 1
    for last in range(stop - 1, i, -1):
        ending = tokens[last][0].lower()
        if ending not in _ENDINGS:
            continue
        inner = [t[0].lower() for t in tokens[i:last]]
        if headline and any(w in LITTLE or (w in single and w not in _ENDINGS) for w in inner):
            continue
        written = " ".join(t[0] for t in tokens[i : last + 1])
        units.append(Mention("FIRM", tokens[i][1], tokens[last][2], None, written))
        # The last word of the name still tells what the firm is about.
        if ending in single:
            units.append(Word(stem(ending), single[ending], tokens[last][1], tokens[last][2]))
        return last + 1 - i
    return 0

"""What is read alike wherever it stands and whoever is named before: plain words, marks and figures."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from classifiers.gazetteer import roles
from classifiers.lexicon import classes, stem
from classifiers.reading import Word
from classifiers.wordsets import CURRENCIES, DAYS, MONTHS, QUANTITIES, SCALES, word_set

if TYPE_CHECKING:
    from classifiers.reading import Unit
    from classifiers.tokens import Token

SIGNS: Final = frozenset("$€£¥")
DASHES: Final = frozenset("-–—")
#: Months that are something else when written small.
MONTHS_AND_WORDS: Final = word_set("may march mar jun sep")
_MOST_REMEMBERED: Final = 1 << 14


class _Plain(NamedTuple):
    """What a word is unless one of ``seconds`` follows, with which it begins a phrase; no stem is no unit at all."""

    stem: str
    classes: tuple[str, ...] = ()
    seconds: frozenset[str] = frozenset()


class _PlainWords(dict[str, _Plain | None]):
    """Words and marks that are read alike wherever they stand; None for what must be looked at closely.

    That is names, roles and figures. Most words of a text are met again soon.
    """

    def __missing__(self, word: str) -> _Plain | None:
        found = self._look_up(word)
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[word] = found
        return found

    @staticmethod
    def _look_up(word: str) -> _Plain | None:
        first = word[0]
        if not first.isalpha():
            if first.isdigit() or first in SIGNS or (first in "'’" and len(word) > 1):
                return None
            return _Plain("," if first == "," else "-" if first in DASHES else "")
        lower = word.lower()
        if first.isupper() or lower in ("bp", "capital"):
            return None
        single, several = classes()
        phrases = [phrase for phrase, _ in (*roles().get(lower, ()), *several.get(lower, ()))]
        if any(len(phrase) == 1 for phrase in phrases):
            return None
        if lower in DAYS:
            return None if phrases else _Plain("DAY")
        if lower in MONTHS and lower not in MONTHS_AND_WORDS:
            return None if phrases else _Plain("MONTH")
        return _Plain(stem(lower), single.get(lower, ()), frozenset(phrase[1] for phrase in phrases))


def may_go_on(tokens: list[Token], i: int, seconds: frozenset[str]) -> bool:
    """Whether the token after ``i`` is one of ``seconds``, or a hyphen that may stand before one."""
    if i + 1 >= len(tokens):
        return False
    following = tokens[i + 1][0]
    return following in DASHES or following.lower() in seconds


@cache
def plain_words() -> _PlainWords:
    """The one table of them; it fills as words are met."""
    return _PlainWords()


def read_number(tokens: list[Token], i: int, units: list[Unit]) -> int:
    """Read the figure at token ``i``, with its scale and currency, into ``units``; returns how many tokens it took."""
    word, begin, _ = tokens[i]
    money = word[0] in SIGNS
    stop = i + 1
    while stop < len(tokens) and (tokens[stop][0][0].isdigit() or tokens[stop][0].lower() in SCALES):
        stop += 1
    following = tokens[stop][0].lower() if stop < len(tokens) else ""
    kind = "NUM"
    if money or following in CURRENCIES:
        kind = "MONEY"
        stop += following in CURRENCIES
    elif following in QUANTITIES:
        kind = "QTY"
    elif len(word) == 4 and word[:2] in ("19", "20"):
        kind = "YEAR"
    units.append(Word(kind, (), begin, tokens[stop - 1][2]))
    return stop - i

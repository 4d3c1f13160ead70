"""The gate: is an item worth reading? A weight a word, added up, so that most ordinary news costs next to nothing.

Reading an item takes half a millisecond, looking at which words it has a twentieth of that. The gate of a type is a
linear model over the words alone; its cut is set so low that what reading would report passes (classifiers/learn.py).

Rejected: a list of words that must occur (too many sports meets and power plays pass), and an Aho-Corasick automaton
(a set of words is as fast here, and needs no compiled package).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from math import fsum
from typing import TYPE_CHECKING, Final

from classifiers.gazetteer import energy_firms, names, roles, words
from classifiers.lexicon import classes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Set

_WORD: Final = re.compile(r"[^\W\d_]+")
#: Nearly all English news can be written in this code page. A table of its 256 characters (small letters for letters,
#: spaces for the rest) gives the words of _WORD in half the time.
_NARROW: Final = "cp1252"
_SMALL_LETTERS: Final = "".join(
    small if _WORD.fullmatch(small := code.to_bytes().decode(_NARROW, "replace").lower()) else " "
    for code in range(256)
).encode(_NARROW)
#: Characters of a text that are looked at together: in a long article the words of other matters would outweigh those
#: of the passage that counts, so that each stretch is asked for itself.
_STRETCH: Final = 1200
#: A set has no order, and a sum that comes to 0 must not depend on which of its words was added first.
_ROUNDING: Final = 1e-9
_STATES: Final = frozenset(("country", "nation", "capital"))
#: Shorter country words ("us", "uk") are more often something else when written small.
_LEAST_COUNTRY: Final = 4


def vocabulary(title: str, text: str) -> set[str]:
    """The distinct words, in small letters, of a title and the first stretch of a text."""
    return _distinct_words(f"{title} {text[:_STRETCH]}")


def stretches(title: str, text: str, most: int) -> Iterator[set[str]]:
    """The distinct words of each stretch of an item, those of the title with the first; ``most`` characters in all."""
    yield vocabulary(title, text)
    for start in range(_STRETCH, min(len(text), most), _STRETCH):
        yield _distinct_words(text[start : start + _STRETCH])


def _distinct_words(text: str) -> set[str]:
    try:
        return set(text.encode(_NARROW).translate(_SMALL_LETTERS).decode(_NARROW).split())
    except UnicodeEncodeError:
        return set(_WORD.findall(text.lower()))


@cache
def signs() -> Mapping[str, tuple[str, ...]]:
    """What a word may stand for: classes of words as ‹SIGN›, and #state, #leader, #role, #firm for names."""
    found: dict[str, dict[str, None]] = {}
    single, several = classes()
    for word, named in single.items():
        found[word] = dict.fromkeys(f"‹{name}›" for name in named)
    for first, phrases in several.items():
        found.setdefault(first, {}).update((f"‹{name} …›", None) for _, named in phrases for name in named)
    for first in roles():
        found.setdefault(first, {})["#role"] = None
    for firm in energy_firms():
        found.setdefault(words(firm)[0].lower(), {})["#firm"] = None
    for written, row in names().items():
        first = written.lower()
        for phrase, entries in row:
            kind = entries[0].kind
            if kind == "person":
                if len(phrase) == 1:
                    found.setdefault(first, {})["#leader"] = None
            elif kind in _STATES and len(first) >= _LEAST_COUNTRY:
                found.setdefault(first, {})["#state"] = None
    return {word: tuple(stands) for word, stands in found.items()}


def gate_features(present: Set[str]) -> list[str]:
    """What the gate counts: each word that stands for nothing else, and each thing a word stands for, once a word."""
    table = signs()
    known = present & table.keys()
    return [*(present - known), *(sign for word in known for sign in table[word])]


@dataclass(frozen=True)
class Gate:
    """Opens where ``bias`` and the ``weights`` of what gate_features() counts come to 0 or more."""

    bias: float
    weights: Mapping[str, float]

    @cached_property
    def _by_word(self) -> dict[str, float]:
        table = signs()
        found = {word: weight for word, weight in self.weights.items() if word[0] not in "‹#" and word not in table}
        worth = {stands: fsum(self.weights.get(sign, 0.0) for sign in stands) for stands in set(table.values())}
        found.update((word, worth[stands]) for word, stands in table.items() if worth[stands])
        return found

    def opens(self, present: Set[str], leaders: int = 0) -> bool:
        """Whether an item of these words is worth reading; ``leaders`` of them are learned surnames of leaders."""
        known = leaders * self.weights.get("#leader", 0.0) if leaders else 0.0
        return self.bias + known + sum(filter(None, map(self._by_word.get, present))) >= -_ROUNDING


#: Lets everything pass: for types of a few examples, whose words say too little.
OPEN: Final = Gate(0.0, {})

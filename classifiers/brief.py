"""The gist of an item, to compare it with a handful of others: words of title and lead, and how they are put."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from classifiers.gazetteer import names
from classifiers.word_groups import word_groups

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD: Final = re.compile(r"[^\W\d_]+")
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|\n+")
#: Characters of the two sentences that are taken for a lead, and of the one that is looked at word by word.
_LEAD: Final = 400
_FIRST: Final = 300
_OPENING: Final = 200
#: What a brief tells beside its words, in the order of Brief.facts.
FACTS: Final = ("number in title", "number", "share or money", "country", "person's name", "casualties")
_NUMBER: Final = re.compile(r"\d")
_SHARE: Final = re.compile(r"[$€£%]|percent|per cent")
_PERSON: Final = re.compile(r"\b[A-Z][a-z]+ [A-Z][a-z]+")
_CASUALTY: Final = re.compile(r"kill|dead|died|injur|wound", re.IGNORECASE)
_LEAST_COUNTRY: Final = 4
#: Names of states tell nothing of what happened there.
_STATE: Final = "#state"
#: Words of the lead whose signs are taken.
_SIGNED: Final = 45


@dataclass(frozen=True, slots=True)
class Brief:
    """``title`` and ``lead`` are words in small letters. ``signs`` are words and pairs as they stand, ``title urges``,
    ``lead to_resign``, and as their groups of like meaning, ``lead to_~quit``; ``facts`` are 0 or 1 for each of FACTS.
    """

    title: tuple[str, ...]
    lead: tuple[str, ...]
    signs: frozenset[str]
    facts: tuple[float, ...]


@lru_cache(maxsize=4)
def make_brief(title: str, text: str) -> Brief:
    """The brief of an item; an item without a title is told by its first sentence. Remembered for a moment."""
    parts = _SENTENCE.split(text[: 4 * _LEAD].strip(), maxsplit=2)
    lead = words(" ".join(parts[:2])[:_LEAD])
    top = words(title) or words(parts[0][:_FIRST])
    signs = {*_signs("title", top), *_signs("lead", lead[:_SIGNED])}
    return Brief(tuple(top), tuple(lead), frozenset(signs), _facts(title, text))


def _signs(part: str, words: list[str]) -> Iterator[str]:
    known, states = word_groups(), country_words()
    said = [_STATE if word in states else word for word in words]
    groups = [word if word == _STATE else known.named.get(word, "~") for word in said]
    mixed = [word if word in known.little else group for word, group in zip(said, groups, strict=True)]
    for word, group in zip(said, groups, strict=True):
        yield f"{part} {word}"
        yield f"{part} {group}"
    for row in (said, mixed):
        for a, b in pairwise(("^", *row, "$")):
            yield f"{part} {a}_{b}"


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _facts(title: str, text: str) -> tuple[float, ...]:
    opening = f"{title} {text[:_OPENING]}"
    found = (
        _NUMBER.search(title),
        _NUMBER.search(opening),
        _SHARE.search(opening),
        not country_words().isdisjoint(words(opening)),
        _PERSON.search(opening),
        _CASUALTY.search(opening),
    )
    return tuple(float(bool(one)) for one in found)


@cache
def country_words() -> frozenset[str]:
    """Names of countries, nations and capitals of one word, in small letters."""
    return frozenset(
        phrase[0].lower()
        for row in names().values()
        for phrase, found in row
        if len(phrase) == 1 and found[0].kind in ("country", "nation", "capital") and len(phrase[0]) >= _LEAST_COUNTRY
    )

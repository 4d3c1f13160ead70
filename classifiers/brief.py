"""The gist of an item, to compare it with a handful of others: words of title and lead, and how they are put."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

from classifiers.gazetteer import names

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


@dataclass(frozen=True, slots=True)
class Brief:
    """``title`` and ``lead`` are words in small letters. ``signs`` are words and pairs as they stand, ``title urges``,
    ``lead to_resign``; ``facts`` are 0 or 1 for each of FACTS.
    """

    title: tuple[str, ...]
    lead: tuple[str, ...]
    signs: frozenset[str]
    facts: tuple[float, ...]


def make_brief(title: str, text: str) -> Brief:
    """The brief of an item; an item without a title is told by its first sentence."""
    parts = _SENTENCE.split(text[: 4 * _LEAD].strip(), maxsplit=2)
    lead = words(" ".join(parts[:2])[:_LEAD])
    first = words(parts[0][:_FIRST])
    top = words(title) or first
    signs = {f"title {word}" for word in top}
    signs.update(f"title {a}_{b}" for a, b in pairwise(("^", *top)))
    signs.update(f"lead {word}" for word in first)
    signs.update(f"lead {a}_{b}" for a, b in pairwise(first))
    return Brief(tuple(top), tuple(lead), frozenset(signs), _facts(title, text))


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _facts(title: str, text: str) -> tuple[float, ...]:
    opening = f"{title} {text[:_OPENING]}"
    found = (
        _NUMBER.search(title),
        _NUMBER.search(opening),
        _SHARE.search(opening),
        not _country_words().isdisjoint(words(opening)),
        _PERSON.search(opening),
        _CASUALTY.search(opening),
    )
    return tuple(float(bool(one)) for one in found)


@cache
def _country_words() -> frozenset[str]:
    return frozenset(
        phrase[0].lower()
        for row in names().values()
        for phrase, found in row
        if len(phrase) == 1 and found[0].kind in ("country", "nation", "capital") and len(phrase[0]) >= _LEAST_COUNTRY
    )

"""When two names mean the same: people, organizations, places, occasions."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classifiers.event import Person

_WORD = re.compile(r"[^\W_]+")


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Too common to tell people apart, or no name at all.
_WEAK = _listed("""
    al el bin ibn ben abu abd ul ur e de da di do dos la le van von der den and mr mrs ms dr sir sheikh shaikh syed
    sayyed hon general gen lt col haji senator muhamad mohamad mohamed muhamed muhammad mohammad ahmad ahmed khan
    prime minister president premier king queen prince princess crown emir sultan chancellor foreign chairman
""")
_LEGAL = _listed("""
    ltd limited inc co corp corporation company plc llc ag gmbh sa spa ojsc pjsc jsc oao pao asa nv bv group holding
    holdings the of and
""")
_GATHERING = _listed("the of a in on at and summit session meeting conference forum council sidelines")


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """Case, accents and the spellings that transliteration leaves open (y/i, doubled letters) folded away."""
    plain = unicodedata.normalize("NFKD", text[:200]).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"([^\W\d])\1+", r"\1", plain.replace("y", "i").replace("’", "'"))


@lru_cache(maxsize=20_000)
def person_words(name: str) -> frozenset[str]:
    """The words of a name that tell who it is: all but titles, particles and the commonest given names."""
    every = [w for w in _WORD.findall(fold(name)) if len(w) > 1]
    return frozenset(w for w in every if w not in _FOLDED_WEAK) or frozenset(every)


def same_person(one: Person, other: Person) -> bool:
    """Whether two mentions can be one person: a telling word in common, and no two different countries."""
    if one.country and other.country and one.country != other.country:
        return False
    a, b = person_words(one.name), person_words(other.name)
    shared = a & b
    if not shared or min(len(a), len(b)) < 2 or len(shared) > 1:
        return bool(shared)
    # One word of two or more: Shahbaz and Shehbaz Sharif are one spelling apart, Nawaz and Shehbaz Sharif are brothers.
    return bool({w[0] for w in a - shared} & {w[0] for w in b - shared})


@lru_cache(maxsize=20_000)
def organization_words(name: str) -> frozenset[str]:
    every = frozenset(_WORD.findall(fold(name)))
    return every - _FOLDED_LEGAL or every


def same_organization(one: str, other: str) -> bool:
    """Whether one name's telling words are all in the other's, or one is the other's initials."""
    a, b = organization_words(one), organization_words(other)
    return bool(a and b and (a <= b or b <= a)) or _initials(one, other) or _initials(other, one)


def same_place(one: str, other: str) -> bool:
    a, b = frozenset(_WORD.findall(fold(one))), frozenset(_WORD.findall(fold(other)))
    return bool(a and b and (a <= b or b <= a))


def same_occasion(one: str, other: str) -> bool:
    """Whether two texts name one gathering: "SCO summit", "Shanghai Cooperation Organization heads of state"."""
    a, b = _gathering(one), _gathering(other)
    if not a or not b:
        return False
    return len(a & b) >= max(1, min(len(a), len(b)) / 2) or _initials(one, other) or _initials(other, one)


def _gathering(text: str) -> frozenset[str]:
    return frozenset(w.replace("isation", "ization") for w in _WORD.findall(fold(text))) - _FOLDED_GATHERING


def _initials(short: str, long: str) -> bool:
    """Whether an acronym in ``short`` spells the first letters of neighbouring words of ``long``."""
    letters = "".join(w[0].lower() for w in _WORD.findall(long) if w.lower() not in {"of", "the", "and", "for"})
    return any(w.isupper() and len(w) >= 3 and w.lower() in letters for w in _WORD.findall(short))


_FOLDED_WEAK = frozenset(map(fold, _WEAK))
_FOLDED_LEGAL = frozenset(map(fold, _LEGAL))
_FOLDED_GATHERING = frozenset(map(fold, _GATHERING))

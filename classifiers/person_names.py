"""How people are called: names compared, spelled in two ways, and cut down to what a headline calls somebody."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import Final

from classifiers.gazetteer import names, roles
from classifiers.lexicon import classes
from classifiers.wordsets import DAYS, LITTLE, MONTHS, word_set

#: Full names at least so alike, in the same office of the same country, are one person spelled in two ways.
_ALIKE: Final = 0.85
#: Where the family name comes first.
FAMILY_FIRST: Final = word_set("CN TW HK MO KP KR")
#: Surnames of so many people that a headline means a politician only where the country is named too.
_COMMON: Final = word_set(
    "Abdullah Ahmad Ahmed Ali Anderson Brown Chen Clark Davis Diaz Fernandez Garcia Gomez Gonzalez Hamid Hasan "
    "Hassan Hernandez Hossain Hussain Hussein Ibrahim Johnson Jones Karim Khan Kumar Lopez Martin Martinez Miller "
    "Mohamed Mohammed Moore Muhammad Nguyen Park Patel Perez Rahman Ramirez Rodriguez Sanchez Santos Sharma Silva "
    "Singh Smith Taylor Thomas Thompson Torres Wang White Williams Wilson Wong Wright Yang Zhang Zhao"
)
#: Surnames that a title in capitals has as words.
_WORDS: Final = word_set(
    "Ash Ball Banks Bell Best Bird Black Bond Brook Brooks Bush Carter Cash Chance Church Cook Cross Day Dean Early "
    "Fall Field Fields Fish Fisher Ford Forest Fox Free Frost Gates Gold Golden Good Grant Gray Green Grey Hall "
    "Hand Hardy Hart Hill Hills Holiday Home House Hunt Hunter Judge Key Keys King Knight Lake Lamb Land Law Light "
    "Little Long Lord Love Major Marsh Mason May Mills Moon Nail New North Page Parks Peace Pope Power Powers Price "
    "Prince Queen Read Rice Rich Rivers Rock Rose Rule Sands Say Sharp Short Small South Speaker Spring Star Stern "
    "Stone Storm Street Strong Summer Sun Swift Tank Temple Train Waters Weeks Wells West White Winter Wise Wolf "
    "Wood Woods Young"
)


#: Small letters for letters, spaces for marks.
_PLAIN_ASCII: Final = "".join(char.lower() if char.isalnum() else " " for char in map(chr, range(128)))


@lru_cache(maxsize=1 << 15)
def folded(name: str) -> str:
    """A name as it is compared: without case, accents and marks."""
    if name.isascii():
        return " ".join(name.translate(_PLAIN_ASCII).split())
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split())


def are_alike(one: str, other: str) -> bool:
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, folded(one), folded(other))
    return matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def surname_of(name: str, country: str) -> str:
    """What headlines call a person: the last word, in China and Korea the first."""
    parts = name.split()
    surname = parts[0] if country in FAMILY_FIRST else parts[-1]
    return surname[3:] if surname[:3].lower() in ("al-", "el-") else surname


def headline_forms(surname: str, given: bool) -> tuple[str, ...]:
    """The surname, with "?" where it needs the country's name beside it; nothing where it is a word or a place."""
    lower = surname.lower()
    taken = any(len(phrase) == 1 and n.kind != "person" for phrase, found in names().get(surname, ()) for n in found)
    known = lower in classes()[0] or lower in roles() or lower in LITTLE or lower in DAYS or lower in MONTHS
    if taken or known or surname in _WORDS or len(surname) < 2 or not surname[0].isupper():
        return ()
    return (surname + "?",) if given or surname in _COMMON or len(surname) <= 3 else (surname,)


@cache
def given_names() -> frozenset[str]:
    found = (n for row in names().values() for _, entries in row for n in entries)
    labels = {n.label for n in found if n.kind == "person" and n.country not in FAMILY_FIRST}
    return frozenset({folded(label.split()[0]) for label in labels if " " in label})

"""Families of word classes. That a text names nothing of a family often says more than any word it has.

They are also the gate: a type whose every example names a family need not look at an item that names nothing of it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from classifiers.gazetteer import energy_firms, words
from classifiers.lexicon import classes

#: The class of a company that deals in energy, beside those of data/lexicon.tsv.
ENERGY_FIRM: Final = "ENERGY FIRM"
FAMILIES: Final = {
    "energy": frozenset(
        (
            *("OIL", "GAS", "LNG", "LPG", "COAL", "NUCLEAR", "POWER", "RENEWABLE", "HYDROGEN", "STORAGE", "ENERGY"),
            ENERGY_FIRM,
        )
    ),
    "a deal": frozenset(("DEAL", "SIGN", "BUY", "SUPPLY", "NEGOTIATE")),
    "a meeting": frozenset(("MEET", "HOST", "VISIT", "CALLON", "TRAVELTALK")),
    "contact": frozenset(
        ("MEET", "HOST", "VISIT", "CALLON", "TRAVELTALK", "READOUT", "COUNTERPART", "TIES", "TELL", "GATHERING")
    ),
}
_WORD: Final = re.compile(r"[^\W\d_]+")


@cache
def _family_words() -> dict[str, frozenset[str]]:
    """For each family the words of its classes, of a phrase its first: a little too many, never too few."""
    single, several = classes()
    firms = frozenset(words(firm)[0].lower() for firm in energy_firms())
    found = {}
    for name, members in FAMILIES.items():
        own = {word for word, named in single.items() if not members.isdisjoint(named)}
        own |= {phrase[0] for row in several.values() for phrase, named in row if not members.isdisjoint(named)}
        found[name] = frozenset(own | firms if ENERGY_FIRM in members else own)
    return found


def named_families(title: str, text: str) -> set[str]:
    """The families that a text may name, by its words alone: cheap, and never missing one that reading would find."""
    present = set(_WORD.findall(title.lower()))
    present.update(_WORD.findall(text.lower()))
    return {name for name, own in _family_words().items() if not own.isdisjoint(present)}

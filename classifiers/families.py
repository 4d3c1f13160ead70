"""Families of word classes. That a text names nothing of a family often says more than any word it has."""

from __future__ import annotations

from typing import Final

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

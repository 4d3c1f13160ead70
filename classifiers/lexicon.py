"""Words: their stems, and the classes of words that mean alike (data/lexicon.tsv).

A class lets one example with "inks" speak for "signs". Which classes matter for a type, and whether for or against,
is learned; the table only says what belongs together.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from classifiers.gazetteer import DATA, Phrases, phrase_table, words

_IRREGULAR: Final = {
    "met": "meet", "held": "hold", "sold": "sell", "bought": "buy", "struck": "strike", "won": "win", "sought": "seek",
    "told": "tell", "said": "say", "says": "say", "was": "be", "were": "be", "is": "be", "are": "be", "been": "be",
    "has": "have", "had": "have", "sat": "sit", "flew": "fly", "flown": "fly", "took": "take", "taken": "take",
    "gave": "give", "given": "give", "made": "make", "went": "go", "gone": "go", "came": "come", "saw": "see",
    "seen": "see", "spoke": "speak", "spoken": "speak",
    "sent": "send", "built": "build", "paid": "pay", "left": "leave",
    "won't": "will", "an": "a", "her": "his", "their": "his", "its": "his", "talks": "talks", "ties": "ties",
    "news": "news", "sees": "see", "did": "do", "does": "do", "done": "do", "rose": "rise", "fell": "fall",
    "began": "begin", "begun": "begin", "brought": "bring", "kept": "keep", "got": "get", "led": "lead",
}  # fmt: skip


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The stem of a word in small letters; not always a word, but the same for its forms. Long words are cut."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.isascii():
        return word[:24]
    for ending, least in (("ing", 6), ("ed", 5)):
        if word.endswith(ending) and len(word) >= least:
            root = word[: -len(ending)]
            if root[-1] == root[-2] and root[-1] not in "lsz":
                return root[:-1]
            if root.endswith(_LOSES_E) and not root.endswith(_KEEPS):
                return root + "e"
            return root[:24]
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word[:24]


def stem_set(words: str) -> frozenset[str]:
    """The stems of some words, given as one string."""
    return frozenset(map(stem, words.split()))


_LOSES_E: Final = ("v", "c", "z", "u", "rg", "dg", "at", "ir", "ur", "is", "os", "as", "us", "in", "ag", "id")
_KEEPS: Final = ("ain", "eat", "oin", "aid", "ein")

#: Classes by word, and the phrases of several words by their first; all in small letters.
Classes = tuple[dict[str, tuple[str, ...]], Phrases[tuple[str, ...]]]


@cache
def classes() -> Classes:
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line in (DATA / "lexicon.tsv").read_text(encoding="utf-8").splitlines():
        name, tab, phrases = line.partition("\t")
        if tab and not line.startswith("#"):
            for phrase in phrases.split("|"):
                split = words(phrase)
                found[split] = (*found.get(split, ()), name)
    single = {split[0]: tuple(dict.fromkeys(named)) for split, named in found.items() if len(split) == 1}
    return single, phrase_table((s, tuple(dict.fromkeys(n))) for s, n in found.items() if len(s) > 1)

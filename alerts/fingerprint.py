"""Fingerprints of a report's words: small, equal on every machine, comparable without the text.

A fingerprint is a bottom-k sketch (Broder 1997): each word and each pair of neighbouring words is hashed, and the
``WORDS`` and ``PAIRS`` smallest hashes are kept. What two texts share among their smallest hashes estimates what they
share in all. SimHash was tried in thought and rejected: it compares wholes, and a headline with one sentence is to be
found inside an article of forty.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

#: Hashes kept of single words and of neighbouring pairs; 128 numbers a report at most.
WORDS = 96
PAIRS = 32
#: Below this many comparable words a text says too little to agree or disagree with another.
ENOUGH_WORDS = 8
#: The same for neighbouring pairs; headlines are often cast in one mould.
ENOUGH_PAIRS = 12
#: Only this much of a text is read, in characters: what a story is about stands at the front.
READ = 6_000

_WORD = re.compile(r"[^\W_]+", re.UNICODE)


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_STOP = _listed("""
    a about above after again against all also although am among an and any are around as at be became because been
    before being between both but by can could did do does doing down during each early either else even ever every few
    first for from further had has have having he her here hers him his how however i if in into is it its itself just
    last late later less made make many may me might more most much must my near never new next no nor not now of off
    often on once one only or other our out over own per same she should since so some still such than that the their
    them then there these they this those through to today together tomorrow too two under until up upon us very was we
    were what when where which while who whom whose why will with within without would yesterday yet you your
    s t re ve ll d m
    monday tuesday wednesday thursday friday saturday sunday
    said says say saying told tell tells added noted according statement reported report reports news agency press
    mr mrs ms dr sir excellency photo file image updated update read also
    meet meets met meeting meetings talk talks held hold holds holding discuss discussed discusses discussion
    president minister prime foreign leader leaders premier chancellor king secretary ministry government official
    officials country countries nation nations state states side sides bilateral relations ties cooperation relationship
    visit visits visited delegation
    deal deals agreement agreements sign signs signed agree agreed agrees energy
""")


def words(text: str) -> list[str]:
    """The words of ``text`` that tell one piece of news from another: folded, in order, common ones left out."""
    folded = unicodedata.normalize("NFKD", text[:READ]).casefold()
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    return [_stem(w) for w in _WORD.findall(plain) if w not in _STOP and (len(w) > 1 or w.isdigit())]


@lru_cache(maxsize=256)  # one report is looked up by, compared by and kept by the same one
def fingerprint(title: str, text: str) -> tuple[int, ...]:
    """The sketch of title and text: at most ``WORDS + PAIRS`` positive integers below 2**32, ascending.

    Even numbers stand for words, odd ones for pairs of neighbours. An empty text gives an empty tuple.
    """
    heard = words(title) + words(text)
    single = {_hash(w) & ~1 for w in heard}
    paired = {_hash(f"{a} {b}") | 1 for a, b in pairwise(heard)}
    return tuple(sorted(sorted(single)[:WORDS] + sorted(paired)[:PAIRS]))


def similarity(one: tuple[int, ...], other: tuple[int, ...]) -> float | None:
    """How much of the shorter text's words the other has too, 0..1; None when there are too few words to tell."""
    return _overlap(_part(one, 0), _part(other, 0), WORDS, ENOUGH_WORDS)


def copied(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether one text is the other's copy or excerpt: most of its neighbouring pairs of words are the other's too."""
    share = _overlap(_part(one, 1), _part(other, 1), PAIRS, ENOUGH_PAIRS)
    return share is not None and share >= 0.6


def telling(sketch: tuple[int, ...], count: int) -> tuple[int, ...]:
    """The ``count`` smallest word hashes: alike texts share some of them, so they serve as keys to look up by."""
    return _part(sketch, 0)[:count]


def _overlap(one: tuple[int, ...], other: tuple[int, ...], limit: int, enough: int) -> float | None:
    # A full sketch knows only the hashes up to its largest; beyond it the other's hashes prove nothing.
    reach = min(part[-1] if len(part) >= limit else 1 << 32 for part in (one, other)) if one and other else 0
    a = {h for h in one if h <= reach}
    b = {h for h in other if h <= reach}
    smaller = min(len(a), len(b))
    return len(a & b) / smaller if smaller >= enough else None


@lru_cache(maxsize=2_000)  # a story's sketches are compared with those of each report of its sides
def _part(sketch: tuple[int, ...], parity: int) -> tuple[int, ...]:
    return tuple(h for h in sketch if h & 1 == parity)


@lru_cache(maxsize=50_000)
def _hash(token: str) -> int:
    return int.from_bytes(hashlib.blake2b(token.encode(), digest_size=4).digest(), "big")


def _stem(word: str) -> str:
    """Plural and third person folded together; more would join what should stay apart."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word

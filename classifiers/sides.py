"""Which states took part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifiers.lexicon import stem_set
from classifiers.reading import ACTORS, Mention, Word
from classifiers.wordsets import LITTLE, word_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.reading import Sentence, Unit

_KIND_WEIGHT: Final = {
    "LEADER": 3.0,
    "MINISTER": 3.0,
    "OFFICIAL": 2.0,
    "STATE": 2.0,
    "NATION": 0.8,
    "PLACE": 0.1,
    "OUTSIDE": 0.4,
}
_LINKING: Final = frozenset(
    ("MEET", "HOST", "VISIT", "CALLON", "COUNTERPART", "TIES", "BUY", "SUPPLY", "DEAL", "SIGN", "NEGOTIATE")
)
#: "Talks on Libya", "a pact against Russia", "a row over Gaza": what it is about takes no part in it.
_ABOUT: Final = word_set("on over about against amid despite")
#: "US-brokered talks", "talks mediated by Egypt", "a row with Paris-based banks".
_BETWEEN: Final = stem_set("brokered mediated sponsored backed led based facilitated occupied")
_JOINING: Final = frozenset((",", "and", "-"))
_DEALING: Final = frozenset(("SIGN", "BUY", "SUPPLY", "NEGOTIATE", "READOUT", "PLAN", "SEEK", "DENY", "CANCEL", "MEET"))
_TRADERS: Final = stem_set(
    "company firm giant major group producer utility developer refiner trader supplier maker operator"
)
_ARTICLE: Final = frozenset(("the", "a"))
_BY: Final = frozenset(("by",))


def sides(sentences: Sequence[Sentence], most: int = 2, deal: bool = False, hosts: bool = True) -> tuple[str, ...]:
    """The states that act in the sentences, strongest first claims, in order of mention; at most ``most``.

    A state counts by who stands for it (a leader more than an adjective), by how early, and more where a word such as
    "met" or "deal" links it to another state. A place is a side only where it is visited. In a ``deal`` of companies
    a state must act itself: neither "Germany's RWE" nor "a US wind farm" makes it a party.
    """
    weights: dict[str, float] = {}
    order: dict[str, int] = {}
    visited: dict[str, float] = {}
    for position, sentence in enumerate(sentences):
        zone = 3.0 if sentence.zone == "title" else 2.0 if position <= 1 else 1.0 if sentence.zone == "lead" else 0.4
        classes = sentence.classes
        aside = _aside(sentence.units)
        acting = [m for i, m in enumerate(sentence.units) if isinstance(m, Mention) and i not in aside]
        present = {m.country for m in acting if m.country and m.kind in ACTORS}
        link = 1.8 if len(present) == 2 and classes & _LINKING else 1.0
        seen: set[tuple[str, str]] = set()
        for index, mention in enumerate(sentence.units):
            if not isinstance(mention, Mention):
                continue
            country = mention.country
            if not country or (country, mention.kind) in seen:
                continue
            if index in aside:
                weights[country] = weights.get(country, 0.0) + 0.1 * zone
                order.setdefault(country, len(order))
                continue
            seen.add((country, mention.kind))
            weight = _KIND_WEIGHT.get(mention.kind, 0.0)
            if deal and mention.kind in ("STATE", "NATION", "PLACE", "OUTSIDE"):
                weight *= _share_in_a_deal(sentence.units, index)
            if mention.kind == "PLACE":
                visited[country] = max(visited.get(country, 0.0), zone * (2.0 if mention.capital else 1.0))
                weight = 1.2 if "VISIT" in classes or "HOST" in classes else weight
            elif mention.kind in ACTORS:
                weight *= link
            weights[country] = weights.get(country, 0.0) + zone * weight
            order.setdefault(country, len(order))
    ranked = sorted(weights, key=lambda c: (-weights[c], order[c]))
    least = 2.1 if deal else 1.0
    chosen = [c for c in ranked[:most] if weights[c] >= least and weights[c] >= 0.12 * weights[ranked[0]]]
    receiving = [c for c in visited if c not in chosen]
    if len(chosen) == 1 and hosts and not deal and receiving:
        # Somebody of one state in the capital of another came to see its government.
        chosen.append(max(receiving, key=lambda c: visited[c]))
    return tuple(sorted(chosen, key=lambda c: order[c]))


def _share_in_a_deal(units: Sequence[Unit], index: int) -> float:
    """How much a state named at ``index`` is a party: not at all where it tells whose company or what kind of plant."""
    mention = units[index]
    assert isinstance(mention, Mention)
    if mention.kind == "PLACE" or _is_listed_place(units, index):
        return 0.0
    following = units[index + 1 : index + 4]
    for unit in following:
        if isinstance(unit, Mention):
            if unit.kind == "FIRM":
                return 0.0
            break
        if "CORPORATE" in unit.classes or unit.stem in _TRADERS:
            return 0.0
        if _DEALING.intersection(unit.classes) or unit.stem in _JOINING:
            break
    if not any(isinstance(unit, Mention) and unit.kind == "FIRM" for unit in units):
        return 1.0
    close = following[0] if following and following[0].start - mention.end <= 1 else None
    attribute = isinstance(close, Word) and not _DEALING.intersection(close.classes) and close.stem not in LITTLE
    return 0.3 if mention.kind == "NATION" or attribute else 1.0


def _is_listed_place(units: Sequence[Unit], index: int) -> bool:
    """ "Farms in Spain, Portugal and Italy": places all three."""
    while index >= 2 and _is_stem(units[index - 1], _JOINING | _ARTICLE):
        index -= 1 if _is_stem(units[index - 1], _ARTICLE) else 2
        unit = units[index]
        if isinstance(unit, Mention) and unit.kind == "PLACE":
            return True
    return False


def _aside(units: Sequence[Unit]) -> set[int]:
    """Which of the units are states that are talked about, or that brokered the talks, by position."""
    found: set[int] = set()
    for index, mention in enumerate(units):
        if not isinstance(mention, Mention) or mention.kind not in ("STATE", "NATION", "PLACE"):
            continue
        before = index - 1
        while before >= 0 and isinstance(word := units[before], Word) and word.stem in _ARTICLE:
            before -= 1
        led_by = units[before] if before >= 0 else None
        following = units[index + 1] if index + 1 < len(units) else None
        joined = _is_stem(led_by, _JOINING) and before - 1 in found
        brokered = _is_stem(led_by, _BY) and before > 0 and _is_stem(units[before - 1], _BETWEEN)
        close = following is not None and following.start - mention.end <= 1
        if _is_stem(led_by, _ABOUT) or joined or brokered or (close and _is_stem(following, _BETWEEN)):
            found.add(index)
    return found


def _is_stem(unit: Unit | None, stems: frozenset[str]) -> bool:
    return isinstance(unit, Word) and unit.stem in stems

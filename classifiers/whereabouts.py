"""Where it happens, and what brought them together."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from classifiers.event import Place
from classifiers.expressions import Expression
from classifiers.gazetteer import bodies, is_country
from classifiers.lexicon import stem_set
from classifiers.reading import Mention, Word
from classifiers.wordsets import LITTLE, word_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from classifiers.reading import Sentence, Unit

_HAPPENING: Final = frozenset(("MEET", "HOST", "VISIT", "CALLON", "GATHERING", "TRAVELTALK", "SIGN", "DEAL"))
_SIDES_OF: Final = ("sideline", "margin", "fringe")
_SIDELINES: Final = Expression(
    r"\b(?:sidelines?|margins?|fringes)\s+of\s+(?:the\s+|an?\s+)?([^.;:,–—\n]{3,90}?)"
    r"(?=\s+(?:in|on|at|where|which|when|as|that|this|held|with|and)\b|[.;:,–—\n]|$)",
)
#: What a dateline says of the place of an event, beside a place told in the sentence itself.
_DATELINE: Final = 0.25
_GOING: Final = frozenset(("VISIT", "TRAVELTALK"))
_VISITING: Final = _GOING | {"MEET", "GATHERING"}
_FIGHTING: Final = frozenset(("PEACE", "MILITARY", "NUCLEAR"))
#: "US-brokered talks", "the Venezuela operation", "Taiwan tensions".
_NOT_THERE: Final = stem_set(
    "brokered mediated backed led based operation tensions conflict crisis policy deal issue question"
)
#: "Interest in Greenland", "the situation in Gaza".
_TOPICS: Final = stem_set(
    "interest situation conflict crisis operation developments role influence investment fighting elections "
    "sources officials analysts residents"
)
_ROUND_ABOUT: Final = word_set("from around across through via outside inside near")
_PEOPLE: Final = frozenset(("LEADER", "MINISTER", "OFFICIAL"))
_GATHERED: Final = re.compile(r"\b(summit|session|conference|forum|assembly) of\b", re.IGNORECASE)
_GATHERINGS: Final = ("summit", "conference", "forum", "session", "assembly", "council", "meeting", "week", "talks")
_GATHERING_WORD: Final = re.compile(rf"\b({'|'.join(_GATHERINGS)})\b", re.IGNORECASE)


@cache
def _body() -> re.Pattern[str]:
    spellings = sorted(bodies(), key=len, reverse=True)
    return re.compile(r"(?<!\w)(" + "|".join(map(re.escape, spellings)) + r")(?!\w)")


def place(sentences: Sequence[Sentence], planned: bool = False) -> Place | None:
    """Where it happens: the place named in a sentence of the event; a city before a country, early before late.

    A country that is visited is such a place too. A dateline alone tells nothing of what is only ``planned``.
    """
    best: tuple[float, Place] | None = None
    for position, sentence in enumerate(sentences):
        classes = sentence.classes
        happening = 2.0 if classes & _HAPPENING else 0.4 if position <= 1 else 0.3
        units = sentence.units
        if sentence.zone == "body" and not any(m.kind in _PEOPLE for m in sentence.mentions):
            continue
        past = False
        for index, mention in enumerate(units):
            if isinstance(mention, Word):
                # What follows "their last meeting" was the place of that one.
                past = past or "PASTREF" in mention.classes
                continue
            share = _share_of_a_place(units, index, sentence)
            if not share or (mention.name is None):
                continue
            if planned and share == _DATELINE:
                continue
            ended = any(isinstance(u, Word) and "PASTREF" in u.classes for u in units[index + 1 : index + 3])
            whole_country = not mention.capital and is_country(mention.name)
            weight = happening * share * (0.6 if whole_country else 1.0) / (1 + 0.15 * position)
            weight *= (0.5 if sentence.zone == "body" else 1.0) * (0.1 if past or ended else 1.0)
            if best is None or weight > best[0] + 1e-9:
                best = (weight, Place(mention.name, mention.country))
    return best[1] if best and best[0] >= 0.3 else None


def unknown_place(sentence: Sentence, text: str) -> Place | None:
    """A place that no table knows: "met in Faro on Monday". Its country stays unknown."""
    units = sentence.units
    doing = (unit for unit in units if isinstance(unit, Word) and _HAPPENING.intersection(unit.classes))
    if not any(text[unit.start].islower() for unit in doing):
        return None  # Nothing happens, or every word of a headline has a capital.
    for index, unit in enumerate(units[1:], 1):
        before = units[index - 1]
        if not isinstance(before, Word) or before.stem != "in" or unit.start - before.end != 1:
            continue
        stop = index
        while stop < len(units) and _is_unknown_name(units[stop], text):
            if stop > index and units[stop].start - units[stop - 1].end != 1:
                break
            stop += 1
        following = units[stop] if stop < len(units) else None
        # "In Faro on Monday", "in Faro, Lisbon said": but not "in Faro Oil shares".
        ends = following is None or following.start - units[stop - 1].end > 1 or _is_function_word(following)
        if 0 < stop - index <= 3 and ends and text[units[stop - 1].end : units[stop - 1].end + 1] not in ("'", "’"):
            return Place(text[unit.start : units[stop - 1].end], None)
    return None


def _is_unknown_name(unit: Unit, text: str) -> bool:
    return isinstance(unit, Word) and not unit.classes and text[unit.start].isupper() and not unit.stem.isupper()


def _is_function_word(unit: Unit) -> bool:
    return isinstance(unit, Word) and (unit.stem in LITTLE or unit.stem == "DAY")


def _share_of_a_place(units: Sequence[Unit], index: int, sentence: Sentence) -> float:
    """How much the mention at ``index`` looks like where it happens, 0 to 1."""
    mention = units[index]
    if not isinstance(mention, Mention) or mention.kind not in ("PLACE", "STATE"):
        return 0.0
    before = [unit if isinstance(unit, Word) else None for unit in reversed(units[max(0, index - 3) : index])]
    after = units[index + 1] if index + 1 < len(units) else None
    close = after is not None and after.start - mention.end <= 1
    if close and isinstance(after, Word) and (after.stem in _NOT_THERE or _FIGHTING.intersection(after.classes)):
        return 0.0
    if mention.kind == "PLACE":
        if index == 0 and sentence.zone != "title":
            here = any(isinstance(u, Word) and u.stem == "here" for u in units)
            return 1.0 if here else _DATELINE
        beside = units[index + 2] if index + 2 < len(units) else None
        if _is_joint(after) and (index == 0 or (isinstance(beside, Mention) and beside.kind == "STATE")):
            return 0.0  # "Tehran, Kabul talk", "progress in Iran, Iraq talks": they stand for their governments.
        preposition = before[0].stem if before and before[0] else ""
        if preposition in _ROUND_ABOUT:
            return 0.2
        topic = before[1] if len(before) > 1 else None
        if preposition == "in" and topic and (topic.stem in _TOPICS or _FIGHTING.intersection(topic.classes)):
            return 0.1
        return 1.0
    if close and isinstance(after, Word) and _VISITING.intersection(after.classes):
        # "His China visit", "the Paris talks"; but not "fresh from China trip", nor "Moscow-Kyiv talks".
        led_by = before[0].stem if before and before[0] else ""
        over = led_by in ("from", "after") and "VISIT" in after.classes
        alone = bool(led_by) and led_by not in (",", "-", "and") and not over
        return 1.0 if alone and (mention.capital or "VISIT" in after.classes) else 0.0
    if mention.capital and isinstance(after, Word) and after.stem == "MONTH":
        return _DATELINE  # "Islamabad, Nov 9"
    if not before or before[0] is None:
        return 0.0
    if mention.capital and before[0].stem == "capital":
        return 1.0
    if _GOING.intersection(before[0].classes):
        return 1.0
    if before[0].stem in ("to", "for", "in", "of"):
        return 1.0 if any(word and _GOING.intersection(word.classes) for word in before[1:]) else 0.0
    return 0.0


def _is_joint(unit: Unit | None) -> bool:
    return isinstance(unit, Word) and unit.stem in (",", "-", "and")


def occasion(passages: Sequence[str]) -> str | None:
    """What brought them together: what they met on the sidelines of, else a named summit; None where not told."""
    for passage in _with_any(passages, _SIDES_OF):
        found = _SIDELINES.search(passage)
        if found:
            return _occasion_name(found[1])
    for passage in _with_any(passages, _GATHERINGS):
        gathered = _GATHERED.search(passage)
        body = _body().search(passage, gathered.end()) if gathered else None
        if gathered and body and body.start() - gathered.end() < 40:
            return f"{bodies()[body[1]]} {gathered[1].lower()}"
        body = _body().search(passage)
        if body:
            following = passage[body.end() : body.end() + 60]
            gathering = _GATHERING_WORD.match(following.lstrip(" )’s'")) or re.match(
                r"[^.;,]{0,40}?\b(summit|session|conference|forum|assembly)\b", following
            )
            if gathering:
                return f"{bodies()[body[1]]} {gathering[1].lower()}"
    return None


def _with_any(passages: Sequence[str], words: Sequence[str]) -> Iterator[str]:
    """The passages that have any of the words in them, in any case: only there is a longer expression worth a try."""
    for passage in passages:
        lower = passage.lower()
        if any(word in lower for word in words):
            yield passage


def _occasion_name(phrase: str) -> str:
    phrase = re.sub(r"\s*\([^)]*\)?", "", phrase).strip(" ’'\"")
    body = _body().search(phrase)
    if not body:
        return phrase
    gathering = _GATHERING_WORD.search(phrase, body.end()) or _GATHERING_WORD.search(phrase)
    name = bodies()[body[1]]
    return f"{name} {gathering[1].lower()}" if gathering and gathering[1].lower() not in name.lower() else name

"""Which sentences prove an event to a reader: the one that names both sides and what they did, then what adds facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from classifiers import dates, whereabouts
from classifiers.event import Evidence
from classifiers.families import FAMILIES
from classifiers.patterns import NOTHING
from classifiers.reading import SIDED
from classifiers.scoring import sigmoid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from classifiers.event import Event
    from classifiers.model import Kind
    from classifiers.reading import Sentence

_MOST: Final = 5
#: The words that name the event itself, where they are known; of other types the margin alone tells what names it.
_TRIGGERS: Final = {"bilateral_meeting": FAMILIES["a meeting"], "energy_deal": FAMILIES["a deal"]}


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A sentence with its patterns, and the margin of the type if it were all there is."""

    sentence: Sentence
    patterns: set[str]
    margin: float


def loudest(passages: Sequence[Passage], least: int = 1) -> list[Passage]:
    """What speaks for the type by itself, the loudest first; ``least`` of them whatever they say."""
    ranked = sorted(passages, key=lambda p: (-p.margin, p.sentence.source != "title", p.sentence.start))[:_MOST]
    return [passage for number, passage in enumerate(ranked) if number < least or passage.margin >= 0]


def evidence(event: Event, kind: Kind, passages: Sequence[Passage], published: date | None) -> tuple[Evidence, ...]:
    """The passages to show for an event whose other details are known: one at least, five at most.

    First the one that names most of its sides and what they did; then whatever tells most that was not told yet of
    place, date, occasion, figures and people; then what speaks for the type by itself.
    """
    facts = {passage: _facts(event, passage, published) for passage in passages}
    first = max(facts, key=lambda p: (_tells_who_did_what(event, p.sentence), len(facts[p]), p.margin))
    chosen, told = [first], set(facts[first])
    while len(chosen) < _MOST:
        richest = max(facts, key=lambda passage: len(facts[passage] - told))
        if facts[richest] <= told:
            break
        chosen.append(richest)
        told |= facts[richest]
    chosen += [passage for passage in loudest(passages, 0) if passage not in chosen]
    return tuple(_quote(kind, passage) for passage in chosen[:_MOST])


def _tells_who_did_what(event: Event, sentence: Sentence) -> int:
    """How many of the sides it names, two at most, and whether it names what they did."""
    named = {m.country for m in sentence.mentions if m.kind in SIDED and m.country in event.countries}
    parties = {m.name for m in sentence.mentions} & {party.name for party in event.organizations}
    classes = sentence.classes
    did = bool(classes & _TRIGGERS.get(event.type, frozenset())) and "PASTREF" not in classes
    return min(len(named) + len(parties), 2) + did


def _facts(event: Event, passage: Passage, published: date | None) -> set[str]:
    """Which details of the event the passage states."""
    words = passage.sentence.words
    names = {mention.name for mention in passage.sentence.mentions}
    facts = {person.name for person in event.people if person.name in names}
    facts |= {party.name for party in event.organizations if party.name in words}
    facts |= {amount.text for amount in event.amounts if amount.text in words}
    place = event.place
    if place and (place.name in names or (place.country is None and place.name in words)):
        facts.add("place")
    if event.date and event.date == dates.event_date((words,), published, event.status == "planned"):
        facts.add("date")
    if event.occasion and event.occasion == whereabouts.occasion((words,)):
        facts.add("occasion")
    return facts


def _quote(kind: Kind, passage: Passage) -> Evidence:
    place = passage.sentence
    reasons = kind.sentence_reasons(place.words, passage.patterns, 12)
    # What a sentence does not name may speak for the type too, but cannot be seen in it.
    fired = tuple(pattern for pattern, weight in reasons if weight > 0 and not pattern.startswith(NOTHING))[:5]
    return Evidence(place.words, place.start, place.end, sigmoid(passage.margin), fired, place.source)

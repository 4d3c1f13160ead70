"""Corrections as seeds: what people said of stored items is learned beside a folder's own seeds.

Learning from a correction may cost what was told right before. So one learns both ways, and what became of the
folder's own seeds when left out is compared.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifiers.errors import FeedbackError
from classifiers.language import detect
from classifiers.seed import Seed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.learn import LeftOut, TypeReport
    from feeds.item import Item

#: The ``kind`` of a seed that is a correction.
KIND: Final = "correction"
#: The answer that says: no event of any type.
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says an item really is: an event type, or ``none``. ``stories`` are those it was counted to."""

    item: Item
    label: str
    stories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unused:
    """A correction that is not learned from, and why."""

    id: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of a folder's own seeds were told right when left out, for one type.

    ``ordinary`` is the share of ordinary news over the threshold.
    """

    examples: int
    found: int
    others: int
    alarms: int
    ordinary: float

    @property
    def mistakes(self) -> int:
        return self.examples - self.found + self.alarms


@dataclass(frozen=True, slots=True)
class TypeChange:
    """What the corrections did to one type.

    ``before`` and ``after`` count the folder's own seeds; ``missed`` and ``alarmed`` are the corrections that were
    decided wrongly when left out.
    """

    type: str
    before: Tally
    after: Tally
    missed: tuple[LeftOut, ...]
    alarmed: tuple[LeftOut, ...]

    @property
    def worse(self) -> bool:
        return self.after.mistakes > self.before.mistakes


@dataclass(frozen=True, slots=True)
class Feedback:
    """What became of the stored corrections: those learned, those not, and what they did to each type."""

    used: tuple[Seed, ...]
    unused: tuple[Unused, ...]
    changes: tuple[TypeChange, ...]

    @property
    def worse(self) -> tuple[str, ...]:
        return tuple(change.type for change in self.changes if change.worse)


def as_seeds(seeds: Sequence[Seed], corrections: Sequence[Correction]) -> tuple[tuple[Seed, ...], tuple[Unused, ...]]:
    """The corrections that can be learned beside ``seeds``, and those that cannot.

    A type is an example of it, ``none`` a counter-example. Two answers to one story, or to the same words, cancel
    each other: neither is learned. The same words twice are learned once.

    Raises FeedbackError for corrections whose type no seed teaches.
    """
    _check_types(seeds, corrections)
    unused: dict[str, str] = {}
    for correction in corrections:
        item = correction.item
        language = detect(item.title, item.text, item.language)
        if language != "en":
            unused[item.id] = f"only English is learned, this was taken for {language!r}" if language else "no text"
    usable = [c for c in corrections if c.item.id not in unused]
    unused |= _contradictions(usable) | _already_said(seeds, usable)
    first_with: dict[str, str] = {}
    for correction in usable:
        if correction.item.id not in unused:
            first = first_with.setdefault(_words(correction.item), correction.item.id)
            if first != correction.item.id:
                unused[correction.item.id] = f"the same words as item {first}"
    learned = tuple(_seed(c) for c in usable if c.item.id not in unused)
    return learned, tuple(Unused(c.item.id, c.label, unused[c.item.id]) for c in corrections if c.item.id in unused)


def compare(
    before: Sequence[TypeReport], after: Sequence[TypeReport], corrections: Sequence[Seed]
) -> tuple[TypeChange, ...]:
    """What each type lost and won: both reports are of learning, without and with ``corrections``."""
    without = {report.type: report for report in before}
    return tuple(_change(without[report.type], report, frozenset(corrections)) for report in after)


def _change(before: TypeReport, after: TypeReport, corrections: frozenset[Seed]) -> TypeChange:
    missed = tuple(row for row in after.missed if row.seed in corrections)
    alarmed = tuple(row for row in after.alarmed if row.seed in corrections)
    own_missed, own_alarms = len(after.missed) - len(missed), len(after.alarmed) - len(alarmed)
    return TypeChange(
        type=after.type,
        before=Tally(before.examples, before.found, before.others, before.alarms, before.ordinary),
        after=Tally(before.examples, before.examples - own_missed, before.others, own_alarms, after.ordinary),
        missed=missed,
        alarmed=alarmed,
    )


def _check_types(seeds: Sequence[Seed], corrections: Sequence[Correction]) -> None:
    known = {kind for seed in seeds for kind in seed.events if detect(seed.title, seed.text, seed.language) == "en"}
    unknown: dict[str, list[str]] = defaultdict(list)
    for correction in corrections:
        if correction.label != NONE and correction.label not in known:
            unknown[correction.label].append(correction.item.id)
    if unknown:
        raise FeedbackError(
            "\n".join(
                f'no seed teaches "{kind}", which {len(ids)} stored correction(s) name (item {ids[0]}); '
                f"add seeds of it, or label them anew: seedwire items label {ids[0][:12]} "
                + "|".join((*sorted(known), NONE))
                for kind, ids in sorted(unknown.items())
            )
        )


def _contradictions(corrections: Sequence[Correction]) -> dict[str, str]:
    """By id, the corrections whose story, or whose words, somebody answered differently."""
    told: dict[tuple[str, str], list[Correction]] = defaultdict(list)
    for correction in corrections:
        told["the same words", _words(correction.item)].append(correction)
        for story in correction.stories:
            told[f"story {story}", ""].append(correction)
    found = {}
    for (what, _), together in told.items():
        for one in together:
            other = next((c for c in together if c.label != one.label), None)
            if other is not None:
                found[one.item.id] = f"contradicts item {other.item.id} ({other.label}): {what}"
    return found


def _already_said(seeds: Sequence[Seed], corrections: Sequence[Correction]) -> dict[str, str]:
    """By id, the corrections of words that a seed has too. Learned twice, one would be left out and the other tell."""
    written = {_words(seed): seed for seed in seeds}
    found = {}
    for correction in corrections:
        seed = written.get(_words(correction.item))
        if seed is not None:
            agrees = correction.label in (seed.events or (NONE,))
            says = "already a seed" if agrees else f"contradicts a seed ({', '.join(seed.events) or NONE})"
            found[correction.item.id] = f"{says}: {seed.path}:{seed.line}"
    return found


def _words(said: Item | Seed) -> str:
    return " ".join(f"{said.title}\n{said.text}".casefold().split())


def _seed(correction: Correction) -> Seed:
    item = correction.item
    return Seed(
        title=item.title,
        text=item.text,
        events=() if correction.label == NONE else (correction.label,),
        published=item.published.date() if item.published else None,
        kind=KIND,
        path=Path(item.id),
    )

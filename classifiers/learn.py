"""Learning: seeds in, a model out, and how far what was learned can be trusted.

A type of many examples is learned by the patterns that its sentences show (classifiers/learn_patterns.py), one of a
handful by their likeness to each other (classifiers/learn_likeness.py). Both are calibrated on ordinary news.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING, Final

from classifiers.background import load_background
from classifiers.errors import LearnError
from classifiers.language import detect
from classifiers.learn_likeness import Ordinary, compare_examples
from classifiers.learn_patterns import UNDONE, read_corpus, weigh
from classifiers.likeness import prior
from classifiers.model import Model, Taught
from classifiers.scoring import sigmoid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.fit import Floats
    from classifiers.likeness import Likeness
    from classifiers.scoring import TypeWeights
    from classifiers.seed import Seed

#: Fewer examples than this are compared, not weighed.
_HANDFUL: Final = 30


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How one seed scored when it was not learned from."""

    seed: Seed
    score: float


@dataclass(frozen=True, slots=True)
class TypeReport:
    """What was learned of a type, and how far it can be trusted.

    ``found`` of ``examples`` seeds were recognised when left out, ``alarms`` of ``others`` raised a false alarm;
    ``missed`` and ``alarmed`` are these mistakes, the worst first; ``confused`` the kinds of look-alikes among the
    latter, most first.
    ``ordinary`` is the share of ordinary news over the threshold.
    """

    type: str
    threshold: float
    examples: int
    found: int
    others: int
    alarms: int
    ordinary: float
    strongest_for: tuple[tuple[str, float], ...]
    strongest_against: tuple[tuple[str, float], ...]
    confused: tuple[tuple[str, int], ...]
    missed: tuple[LeftOut, ...]
    alarmed: tuple[LeftOut, ...]
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """``unread`` are the seeds that were not learned from, because they are not taken for English."""

    model: Model
    report: tuple[TypeReport, ...]
    unread: tuple[Seed, ...] = ()


def learn(seeds: Sequence[Seed]) -> Learned:
    """Learn every type the seeds name. Deterministic. Raises LearnError when there is nothing to learn."""
    english = [detect(s.title, s.text, s.language) == "en" for s in seeds]
    usable = tuple(compress(seeds, english))
    if seeds and not usable:
        raise LearnError("no seed is English; only English is learned")
    types = sorted({event for seed in usable for event in seed.events})
    if not types:
        raise LearnError('no event type: no seed names one; give some seeds events = ["my_type"] in their front matter')
    background = load_background()
    taught = {name: sum(name in s.events and s.status not in UNDONE for s in usable) for name in types}
    corpus = read_corpus(usable, background) if max(taught.values()) >= _HANDFUL else None
    ordinary = Ordinary.of(background, prior().signs) if min(taught.values()) < _HANDFUL else None
    kinds: dict[str, TypeWeights | Likeness] = {}
    reports = []
    for name in types:
        if not taught[name]:
            raise LearnError(f"{name}: every example is cancelled or denied; add at least one that took place")
        if taught[name] >= _HANDFUL and corpus:
            weighed = weigh(name, corpus)
            ranked = sorted(weighed.weights.weighed().items(), key=lambda row: (-row[1], row[0]))
            kinds[name] = weighed.weights
            judged = _left_out(usable, weighed.left_out, weighed.judged.tolist())
            reports.append(_report(name, weighed.weights.threshold, judged, weighed.ordinary, ranked))
        elif ordinary:
            mine = [s for s in usable if name in s.events and s.status not in UNDONE]
            others = [s for s in usable if name not in s.events]
            compared = compare_examples(_articles(mine), _articles(others), ordinary)
            kinds[name] = compared.likeness
            judged = _left_out([*mine, *others], compared.left_out, [True] * (len(mine) + len(others)))
            reports.append(
                _report(name, compared.likeness.threshold, judged, compared.ordinary, compared.likeness.weighed_words())
            )
    seen = {name: Taught(taught[name], sum(name not in s.events for s in usable)) for name in types}
    return Learned(Model(kinds, seen), tuple(reports), tuple(compress(seeds, map(not_, english))))


def _articles(seeds: Sequence[Seed]) -> list[tuple[str, str]]:
    return [(seed.title, seed.text) for seed in seeds]


def _left_out(seeds: Sequence[Seed], margins: Floats, judged: Sequence[bool]) -> list[LeftOut]:
    return [
        LeftOut(seed, sigmoid(float(margin)))
        for seed, margin, counts in zip(seeds, margins, judged, strict=True)
        if counts
    ]


def _report(
    name: str, threshold: float, rows: list[LeftOut], ordinary: float, ranked: Sequence[tuple[str, float]]
) -> TypeReport:
    mine = [row for row in rows if name in row.seed.events]
    others = [row for row in rows if name not in row.seed.events]
    missed = sorted((r for r in mine if r.score < threshold), key=lambda r: r.score)
    alarms = [row for row in others if row.score >= threshold]
    confused = Counter(row.seed.kind or "no kind given" for row in alarms).most_common(8)
    return TypeReport(
        type=name,
        threshold=threshold,
        examples=len(mine),
        found=len(mine) - len(missed),
        others=len(others),
        alarms=len(alarms),
        ordinary=ordinary,
        strongest_for=tuple(ranked[:20]),
        strongest_against=tuple(r for r in reversed(ranked) if r[1] < 0)[:20],
        confused=tuple(confused),
        missed=tuple(missed),
        alarmed=tuple(sorted(alarms, key=lambda row: -row.score)),
        advice=_advice(name, len(mine), len(missed), len(others), confused),
    )


def _advice(name: str, mine: int, missed: int, others: int, confused: list[tuple[str, int]]) -> tuple[str, ...]:
    advice = []
    if mine < 5:
        advice.append(
            f"{mine} example(s) of {name}: add some from other outlets, countries and wordings; five is a start"
        )
    if others < 10:
        advice.append(f"few counter-examples: add look-alikes that are not {name}, with events = []")
    if missed * 4 > mine >= 5:
        advice.append(
            f"{missed} of {mine} examples were not recognised when left out: add more that are worded like them"
        )
    advice.extend(
        f'taken for {name} by mistake: "{kind}" ({count}); add counter-examples' for kind, count in confused[:3]
    )
    return tuple(advice)

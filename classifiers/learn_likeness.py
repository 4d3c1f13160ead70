"""Learning by likeness: a type from a handful of articles, and from counter-examples where there are some."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from classifiers.background import pattern_hash
from classifiers.brief import Brief, make_brief
from classifiers.errors import LearnError
from classifiers.fit import Floats, dot, minimise
from classifiers.learn_contrast import heed, judge_left_out, likest
from classifiers.lexicon import stem
from classifiers.likeness import STOP, Likeness, directions, prior
from classifiers.scoring import sigmoid
from classifiers.word_groups import word_groups
from classifiers.wordsets import DAYS, MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from classifiers.background import Background, Bags

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|\n+")
#: How much the examples and all of ordinary news count in finding the topic, and the ridge.
_EXAMPLES: Final = 100.0
_REST: Final = 300.0
_RIDGE: Final = 0.1
#: What share of ordinary news an item must leave behind to be looked at closely.
_ABOUT: Final = 0.6
#: A key word stands in two examples, and in their share of them five times as often as in ordinary news.
_KEYED: Final = 2
_OFTENER: Final = 5
#: A sign that so many of the examples have is the kind's own.
_OWN: Final = 0.4
#: At most this share of ordinary news may reach the threshold.
_FALSE_ALARMS: Final = 0.004


@dataclass(frozen=True, slots=True)
class Ordinary:
    """Ordinary news as a handful of examples is set against it: briefs, their directions, and how common stems are."""

    briefs: list[Brief]
    topics: Floats
    stems: Bags
    common: Floats

    @classmethod
    def of(cls, background: Background, signs: Iterable[str]) -> Ordinary:
        briefs = background.briefs.restore(signs)
        topics = np.array([_topic_row(brief) for brief in briefs])
        bags = background.patterns
        common = np.bincount(np.concatenate(bags.rows), minlength=len(bags.hashes)).astype(np.float64)
        return cls(briefs, topics, bags, common)

    def share(self, word: str) -> float:
        """The share of ordinary items that have a stem."""
        place = int(np.searchsorted(self.stems.hashes, pattern_hash(word)))
        found = place < len(self.stems.hashes) and self.stems.hashes[place] == pattern_hash(word)
        return (1 + (float(self.common[place]) if found else 0.0)) / len(self.briefs)


def learn_likeness(articles: Sequence[tuple[str, str]], ordinary: Ordinary) -> Likeness:
    """What the title and text of a few articles say of their kind; the threshold is the usual one."""
    told = [_short_forms(title, text) for title, text in articles]
    if not told:
        raise LearnError("no example to learn from")
    topic, bias = _find_topic(np.array([_topic_row(brief) for forms in told for brief in forms]), ordinary.topics)
    keys = _keys([forms[0] for forms in told], ordinary)
    centre = np.mean([directions(forms[0])[1] for forms in told], axis=0)
    length = float(np.linalg.norm(centre)) or 1.0
    having = Counter(sign for forms in told for sign in frozenset().union(*(brief.signs for brief in forms)))
    own = {sign for sign, count in having.items() if count >= _OWN * len(told) and "~" not in sign}
    return Likeness(
        topic=_rounded(topic),
        bias=round(bias, 4),
        floor=round(float(np.quantile(bias + dot(ordinary.topics, topic), _ABOUT)), 4),
        centre=_rounded(centre / length),
        keys={word: round(worth, 4) for word, worth in sorted(keys.items())},
        facts=_rounded(np.mean([forms[0].facts for forms in told], axis=0)),
        own=frozenset(own | _topical_signs([forms[0] for forms in told], keys)),
        threshold=0.5,
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """What was learned of a type, each example's margin when it was left out and then each other's, and the share of
    ordinary news over the cut."""

    likeness: Likeness
    left_out: Floats
    ordinary: float


def compare_examples(
    examples: Sequence[tuple[str, str]], others: Sequence[tuple[str, str]], ordinary: Ordinary
) -> Compared:
    """Learn from examples (title, text) and set the threshold; ``others`` are not of the type."""
    alike = learn_likeness(examples, ordinary)
    teaching = likest(alike, others)
    against = [make_brief(*others[place]) for place in teaching]
    told = [make_brief(*example) for example in examples]
    margins = [-math.inf]
    cut = prior().cut
    without = without_each(examples, ordinary)
    if against:
        left_out = [known.margin(brief) for known, brief in zip(without, told, strict=True)] if without else None
        cut = prior().contrast.place_cut(
            math.fsum(left_out) / len(left_out) if left_out else None,
            math.fsum(alike.margin(brief) for brief in against) / len(against),
        )
    if without:
        margins = [
            heed(known, [*told[:out], *told[out + 1 :]], against).margin(told[out]) for out, known in enumerate(without)
        ]
    margins += judge_left_out(alike, told, others, teaching).tolist()
    learned, share = _with_threshold(heed(alike, told, against), cut, ordinary)
    return Compared(learned, np.array(margins), share)


def without_each(examples: Sequence[tuple[str, str]], ordinary: Ordinary) -> list[Likeness]:
    """What is learned without the first example, without the second and so on; nothing from a single one."""
    if len(examples) < 2:
        return []
    return [learn_likeness([*examples[:out], *examples[out + 1 :]], ordinary) for out in range(len(examples))]


def _with_threshold(learned: Likeness, cut: float, ordinary: Ordinary) -> tuple[Likeness, float]:
    """The same with the threshold at the cut, or higher where ordinary news would often reach it.

    The number is the share of ordinary news that does.
    """
    usual = np.array([learned.margin(brief) if learned.near(brief) else -math.inf for brief in ordinary.briefs])
    cut = max(cut, float(np.quantile(usual, 1 - _FALSE_ALARMS)))
    return replace(learned, threshold=round(sigmoid(cut), 4)), float((usual >= cut).mean())


def _short_forms(title: str, text: str) -> tuple[Brief, Brief, Brief]:
    """An article as feeds would give it: title and lead, the title alone, the first sentence alone."""
    first = next((part for part in _SENTENCE.split(text) if part.strip()), title)
    return make_brief(title, text), make_brief(title or first, ""), make_brief("", first)


def _topic_row(brief: Brief) -> Floats:
    title, whole = directions(brief)
    return np.concatenate([whole, title]).astype(np.float64)


def _find_topic(examples: Floats, ordinary: Floats) -> tuple[Floats, float]:
    """Weights of the directions that tell the examples from ordinary news, by logistic regression."""
    rows = np.vstack([examples, ordinary])
    labels = np.concatenate([np.ones(len(examples)), np.zeros(len(ordinary))])
    counted = np.where(labels == 1, _EXAMPLES / len(examples), _REST / len(ordinary))

    def loss(point: Floats) -> tuple[float, Floats]:
        margin = dot(rows, point[:-1]) + point[-1]
        residual = counted * (1 / (1 + np.exp(-np.clip(margin, -35, 35))) - labels)
        value = dot(counted, np.logaddexp(0, margin) - labels * margin) + _RIDGE / 2 * dot(point[:-1], point[:-1])
        return float(value), np.append(dot(rows.T, residual) + _RIDGE * point[:-1], residual.sum())

    found = minimise(loss, np.zeros(rows.shape[1] + 1), 60)
    return found[:-1], float(found[-1])


def _keys(leads: Sequence[Brief], ordinary: Ordinary) -> dict[str, float]:
    """Stems that mark the examples, with what each is worth: how much oftener than usual, and in how many."""
    stems = [{stem(w) for w in (*brief.title, *brief.lead) if w not in STOP | DAYS | MONTHS} for brief in leads]
    titled = Counter(s for brief in leads for s in {stem(w) for w in brief.title})
    counts = Counter(s for found in stems for s in found)
    keys = {}
    for word, count in counts.items():
        share, usual = count / len(leads), ordinary.share(word)
        if count >= min(_KEYED, len(leads)) and share > _OFTENER * usual:
            keys[word] = share * math.log(share / usual) * (1 + titled[word] / len(leads))
    return keys


def _topical_signs(leads: Sequence[Brief], keys: Mapping[str, float]) -> set[str]:
    """The groups of meaning of the key words: they tell what it is about, as the topic does, not what happened."""
    group = word_groups().named
    keyed = {word for brief in leads for word in (*brief.title, *brief.lead) if stem(word) in keys}
    return {f"{part} {group[word]}" for word in keyed & group.keys() for part in ("title", "lead")}


def _rounded(numbers: Floats) -> tuple[float, ...]:
    return tuple(round(float(n), 4) for n in numbers)

"""Learning by likeness: a type from a handful of articles, and from many kinds of event what likeness proves.

``python -m classifiers.learn_likeness classifiers/kinds`` makes data/likeness.json again: from each kind's five
articles what they say of the kind is learned as a user's would be, and one logistic regression over all kinds tells
from MEASURES and signs which of the kind's other items are of it. Signs that one kind alone has are left out: they
tell of that kind and not of how news is put.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from classifiers.background import load_background, pattern_hash
from classifiers.brief import Brief, make_brief
from classifiers.errors import LearnError
from classifiers.fit import Floats, dot, minimise
from classifiers.learn_contrast import heed, judge_left_out, likest
from classifiers.lexicon import stem
from classifiers.likeness import FILE, MEASURES, STOP, Likeness, Prior, directions, prior
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
#: Learning what likeness proves: every how many items of ordinary news are looked at, what each counts, what a sign
#: counts beside a measure, the ridge, and how many kinds must have a sign.
_EVERY: Final = 6
_ORDINARY: Final = 0.3
_A_KIND: Final = 40.0
_SIGN: Final = 0.6
_PRIOR_RIDGE: Final = 1.0
_KINDS: Final = 2
_FOLDS: Final = 5
#: Lighter signs are left out.
_WEIGHTY: Final = 0.03
#: At most this share of ordinary news may reach the threshold.
_FALSE_ALARMS: Final = 0.004
_CUTS: Final = np.arange(-2.5, 1.5, 0.05)


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
    against = [others[place] for place in teaching]
    learned = heed(alike, short_forms(examples), against, ordinary.briefs)
    margins = [-math.inf]
    if len(examples) > 1:
        rest = [[e for n, e in enumerate(examples) if n != out] for out in range(len(examples))]
        without = [heed(learn_likeness(kept, ordinary), short_forms(kept), against, ordinary.briefs) for kept in rest]
        margins = [known.margin(make_brief(*out)) for known, out in zip(without, examples, strict=True)]
    margins += judge_left_out(alike, short_forms(examples), others, teaching, ordinary.briefs).tolist()
    learned, share = with_threshold(learned, ordinary)
    return Compared(learned, np.array(margins), share)


def with_threshold(learned: Likeness, ordinary: Ordinary) -> tuple[Likeness, float]:
    """The same with the cut that served other kinds best, or a higher one where ordinary news would often reach it.

    The number is the share of ordinary news that does.
    """
    usual = np.array([learned.margin(brief) if learned.near(brief) else -math.inf for brief in ordinary.briefs])
    cut = max(prior().cut, float(np.quantile(usual, 1 - _FALSE_ALARMS)))
    return replace(learned, threshold=round(sigmoid(cut), 4)), float((usual >= cut).mean())


def short_forms(articles: Sequence[tuple[str, str]]) -> list[Brief]:
    """Articles as feeds would give them: each as title and lead, as the title alone, and as the first sentence."""
    return [brief for article in articles for brief in _short_forms(*article)]


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


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind as the prior sees it: measures and signs of its own items (``labels``) and of ordinary news."""

    measured: Floats
    signs: list[frozenset[str]]
    labels: Floats
    usual: Floats
    usual_signs: list[frozenset[str]]


def learn_prior(folder: Path) -> Prior:
    """What likeness proves, from the kinds in a folder: JSON Lines of title, text, label and use (seed or test)."""
    return _with_cut(_read_kinds(folder))


def _read_kinds(folder: Path) -> list[_Kind]:
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise LearnError(f"{folder}: no kinds of event there (*.jsonl)")
    texts = [[json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] for file in files]
    tested = [make_brief(row["title"], row["text"]) for rows in texts for row in rows if row["use"] == "test"]
    ordinary = Ordinary.of(load_background(), sorted(frozenset().union(*(brief.signs for brief in tested))))
    return [_kind(rows, ordinary) for rows in texts]


def _with_cut(kinds: Sequence[_Kind]) -> Prior:
    """The prior with the cut that serves kinds best which it was not learned from."""
    folds = [_fit_prior([k for n, k in enumerate(kinds) if n % _FOLDS != fold]) for fold in range(_FOLDS)]
    margins = [_margins(folds[number % _FOLDS], kind) for number, kind in enumerate(kinds)]
    reached = [float(np.mean([_f1(cut, *row) for row in margins])) for cut in _CUTS]
    return replace(_fit_prior(kinds), cut=round(float(_CUTS[int(np.argmax(reached))]), 2))


def _kind(rows: list[dict[str, object]], ordinary: Ordinary) -> _Kind:
    articles = [(str(row["title"]), str(row["text"])) for row in rows if row["use"] == "seed"]
    learned = learn_likeness(articles, ordinary)
    own = [row for row in rows if row["use"] == "test"]
    briefs = [make_brief(str(row["title"]), str(row["text"])) for row in own]
    usual = ordinary.briefs[::_EVERY]
    return _Kind(
        measured=np.array([learned.measure(b, *directions(b)) for b in briefs]),
        signs=[b.signs - learned.own for b in briefs],
        labels=np.array([float(str(row["label"])) for row in own]),
        usual=np.array([learned.measure(b, *directions(b)) for b in usual]),
        usual_signs=[b.signs - learned.own for b in usual],
    )


def _fit_prior(kinds: Sequence[_Kind]) -> Prior:
    having = Counter(sign for kind in kinds for sign in frozenset().union(*kind.signs))
    names = sorted(sign for sign, count in having.items() if count >= _KINDS)
    column = {sign: i for i, sign in enumerate(names)}
    measured = np.vstack([rows for kind in kinds for rows in (kind.measured, kind.usual)])
    usual, spread = measured.mean(axis=0), measured.std(axis=0) + 1e-6
    dense = (measured - usual) / spread
    signs = [signs for kind in kinds for rows in (kind.signs, kind.usual_signs) for signs in rows]
    owners = np.array([i for i, row in enumerate(signs) for s in row if s in column], dtype=np.int64)
    columns = np.array([column[s] for row in signs for s in sorted(row) if s in column], dtype=np.int64)
    labels = np.concatenate([np.concatenate([kind.labels, np.zeros(len(kind.usual))]) for kind in kinds])
    counted = np.concatenate(
        [
            np.concatenate([np.full(len(k.labels), _A_KIND / len(k.labels)), np.full(len(k.usual), _ORDINARY)])
            for k in kinds
        ]
    )
    count, width = dense.shape

    def loss(point: Floats) -> tuple[float, Floats]:
        of_measures, of_signs = point[:width], point[width:-1]
        margin = dot(dense, of_measures) + np.bincount(owners, _SIGN * of_signs[columns], count) + point[-1]
        residual = counted * (1 / (1 + np.exp(-np.clip(margin, -35, 35))) - labels)
        value = dot(counted, np.logaddexp(0, margin) - labels * margin) + _PRIOR_RIDGE / 2 * dot(point[:-1], point[:-1])
        slope = [
            dot(dense.T, residual),
            np.bincount(columns, _SIGN * residual[owners], len(names)),
            np.array([residual.sum()]),
        ]
        return float(value), np.concatenate(slope) + _PRIOR_RIDGE * np.append(point[:-1], 0.0)

    found = minimise(loss, np.zeros(width + len(names) + 1), 120)
    measures = {
        name: (round(float(usual[i]), 4), round(float(spread[i]), 4), round(float(found[i]), 4))
        for i, name in enumerate(MEASURES)
    }
    weights = {name: round(float(found[width + i]) * _SIGN, 4) for i, name in enumerate(names)}
    return Prior(round(float(found[-1]), 4), 0.0, measures, {s: w for s, w in weights.items() if abs(w) >= _WEIGHTY})


def _margins(known: Prior, kind: _Kind) -> tuple[Floats, Floats, Floats]:
    usual, spread, weight = known.scaling

    def of(measured: Floats, signs: list[frozenset[str]]) -> Floats:
        said = np.array([math.fsum(known.signs.get(s, 0.0) for s in row) for row in signs])
        margins: Floats = known.bias + dot((measured - usual) / spread, weight.astype(np.float64)) + said
        return margins

    return of(kind.measured, kind.signs), kind.labels, of(kind.usual, kind.usual_signs)


def _f1(cut: float, margins: Floats, labels: Floats, usual: Floats) -> float:
    over = margins >= cut
    right = float(over @ labels)
    return 2 * right / max(1.0, float(over.sum()) + float((usual >= cut).sum()) + float(labels.sum()))


def save_prior(known: Prior, target: Path = FILE) -> None:
    signs = dict(sorted(known.signs.items(), key=lambda row: (row[1], row[0])))
    stored = {"bias": known.bias, "cut": known.cut, "measures": known.measures, "signs": signs}
    target.write_text(json.dumps(stored, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    save_prior(learn_prior(Path(sys.argv[1])))

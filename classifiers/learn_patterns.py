"""Learning by patterns: a type from some dozens of examples or more, by the weights of what they say.

Each type is told from everything that is not it: the other seeds, the counter-examples, and ordinary news
(classifiers/background.py). Seeds of a cancelled or denied event teach neither yes nor no: whether an event took
place is its status, not its type.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from classifiers.background import Background, pattern_hash
from classifiers.errors import LearnError
from classifiers.fit import Fit, Floats, Ints, Rows, fit_logistic, left_out, margins
from classifiers.learn_gate import learn_gate
from classifiers.learn_wording import Wording
from classifiers.patterns import find_patterns
from classifiers.reader import read
from classifiers.scoring import LEAD, MOST, TypeWeights, scale, sigmoid

if TYPE_CHECKING:
    from classifiers.gate import Gate
    from classifiers.seed import Seed

#: The ridge shares weight among patterns that say the same.
_RIDGE: Final = 3e-5
#: Patterns that tell who acts on whom are few and carry most of what is meant: the ridge restrains them less.
_STRUCTURAL: Final = 2.5
_ROUNDS: Final = 120
_FOLD_ROUNDS: Final = 60
_FOLDS: Final = 5
#: With this many seeds or fewer, leave-one-out is literal; above it, one fold in five is left out at a time.
_LITERAL: Final = 40
#: An ordinary item counts for less than an example: there are many, and some do report the event.
_ORDINARY: Final = 0.5
#: A sentence of a counter-example is one too, but says less; so does the sentence that carries an example's event.
_SENTENCE: Final = 0.3
_CARRIER: Final = 0.5
#: The share of ordinary news, highest scores first, that is taken for real events rather than for negatives.
_TRIM: Final = 0.002
#: Thresholds whose F1 differs by less than this are as good as each other.
_TIE: Final = 0.01
#: Lighter patterns decide nothing, and there are three of them for each that does.
_WEIGHTY: Final = 0.1
#: At most this share of the rest may reach the threshold.
_FALSE_ALARMS: Final = 0.003
#: Statuses that say the event did not take place.
UNDONE: Final = frozenset(("cancelled", "denied"))


@dataclass(frozen=True, slots=True)
class Corpus:
    """Seeds, their sentences one by one, and ordinary news over one vocabulary, in this order.

    ``owner[i]`` is the seed of row i, -1 for ordinary news. The first ``len(seeds)`` rows are whole seeds.
    """

    seeds: tuple[Seed, ...]
    vocabulary: list[str]
    rows: list[list[int]]
    scales: Floats
    owner: Ints
    trust: Floats
    background: Background
    wording: Wording


def seed_patterns(seed: Seed) -> tuple[set[str], list[set[str]]]:
    """The patterns of a seed as a whole, and of each of its sentences alone."""
    year = seed.published.year if seed.published else None
    reading = read(seed.title, seed.text, (0, len(seed.text)), year, LEAD, MOST)
    found = find_patterns(reading)
    return found.head, [single for _, single in found.single]


def read_corpus(seeds: tuple[Seed, ...], background: Background) -> Corpus:
    ordinary = background.patterns
    wholes, windows, owner = [], [], []
    for number, seed in enumerate(seeds):
        whole, parts = seed_patterns(seed)
        wholes.append(whole)
        windows.extend(parts)
        owner.extend([number] * len(parts))
    counts = Counter(p for found in wholes for p in found)
    least = 2 if len(seeds) > _LITERAL else 1
    position = {int(h): i for i, h in enumerate(ordinary.hashes)}
    spread = np.bincount(np.concatenate(ordinary.rows), minlength=len(ordinary.hashes))
    vocabulary: list[str] = []
    column_of: dict[str, int] = {}
    ordinary_column: dict[int, int] = {}
    for pattern in sorted(counts):
        place = position.get(pattern_hash(pattern))
        shared = int(spread[place]) if place is not None else 0
        if counts[pattern] < least or counts[pattern] + shared < least + 1:
            continue
        column_of[pattern] = len(vocabulary)
        if place is not None:
            ordinary_column[place] = len(vocabulary)
        vocabulary.append(pattern)
    rows = [sorted(column_of[p] for p in found if p in column_of) for found in (*wholes, *windows)]
    rows += [sorted(ordinary_column[c] for c in row.tolist() if c in ordinary_column) for row in ordinary.rows]
    sizes = [len(found) for found in (*wholes, *windows)] + ordinary.sizes.tolist()
    owners = np.array([*range(len(seeds)), *owner, *([-1] * len(ordinary.rows))], dtype=np.int64)
    trust = np.array([_STRUCTURAL if "[B]" in p or "sides" in p else 1.0 for p in vocabulary])
    wording = Wording.of(seeds, background.briefs.signs)
    return Corpus(seeds, vocabulary, rows, np.array([scale(n) for n in sizes]), owners, trust, background, wording)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What was learned of a type, each seed's margin when it was left out, and the share of ordinary news over the cut.

    ``judged`` are the seeds that teach.
    """

    weights: TypeWeights
    left_out: Floats
    judged: npt.NDArray[np.bool_]
    ordinary: float


def weigh(name: str, corpus: Corpus) -> Weighed:
    """Fit twice: the first fit tells which sentence of each example carries the event, the second learns from it.

    Raises LearnError when no example took place.
    """
    count = len(corpus.seeds)
    of_type = np.array([float(name in s.events) for s in corpus.seeds])
    undone = np.array([name in s.events and s.status in UNDONE for s in corpus.seeds])
    if not of_type[~undone].any():
        raise LearnError(f"{name}: every example is cancelled or denied; add at least one that took place")
    owned = corpus.owner >= 0
    ordinary = ~owned
    windows = owned.copy()
    windows[:count] = False
    labels = np.where(owned, of_type[corpus.owner], 0.0)
    counted = np.where(owned, np.where(undone[corpus.owner], 0.0, 1.0), _ORDINARY)
    counted[windows & (labels == 1)] = 0.0
    counted[windows & (labels == 0) & (counted > 0)] = _SENTENCE
    # A handful of examples must not drown in thousands of others.
    positive = counted[labels == 1].sum()
    emphasis = max(1.0, 0.12 * (counted.sum() - positive) / positive)
    counted[labels == 1] *= emphasis
    matrix = Rows.of(corpus.rows, len(corpus.vocabulary))
    first = margins(
        matrix,
        fit_logistic(matrix, labels, counted, _RIDGE, corpus.scales, corpus.trust, _FOLD_ROUNDS),
        corpus.scales,
    )
    counted[ordinary & (first > np.quantile(first[ordinary], 1 - _TRIM))] = 0.0
    for row in _carriers(first, windows & (labels == 1) & ~undone[corpus.owner], corpus.owner):
        counted[row] = _CARRIER * emphasis
    fold_of = np.arange(count) % (count if count <= _LITERAL else _FOLDS)
    whole = ~windows
    wording = corpus.wording.fit(labels[whole], counted[whole])

    def judge(kept: Floats) -> Floats:
        fit = fit_logistic(matrix, labels, kept, _RIDGE, corpus.scales, corpus.trust, _FOLD_ROUNDS)
        return margins(matrix, fit, corpus.scales)

    def judge_wording(kept: Floats) -> Floats:
        return corpus.wording.margins(corpus.wording.fit(labels[whole], kept))

    unseen = left_out(fold_of, corpus.owner, labels, counted, judge)
    unseen += left_out(fold_of, corpus.owner[whole], labels[whole], counted[whole], judge_wording)
    fit = fit_logistic(matrix, labels, counted, _RIDGE, corpus.scales, corpus.trust, _ROUNDS)
    every = margins(matrix, fit, corpus.scales)[whole] + corpus.wording.margins(wording)
    usual = every[count:]
    floor = float(np.quantile(usual, 1 - _FALSE_ALARMS))
    judged = counted[:count] > 0
    cut = max(_best_cut(unseen[judged], of_type[judged]), floor)
    found = of_type.astype(bool) & ~undone & (unseen >= cut)
    gate = learn_gate(corpus.seeds, of_type, found, undone, corpus.background.words)
    weights = replace(
        _weights(fit, cut, corpus.vocabulary, gate),
        signs=corpus.wording.weights(wording),
        signs_bias=round(wording.bias, 4),
    )
    return Weighed(weights, unseen, judged, float((usual >= cut).mean()))


def _carriers(found: Floats, eligible: npt.NDArray[np.bool_], owner: Ints) -> list[int]:
    """Of each seed's eligible sentences the one with the highest margin."""
    best: dict[int, int] = {}
    for row in np.flatnonzero(eligible).tolist():
        seed = int(owner[row])
        if seed not in best or found[row] > found[best[seed]]:
            best[seed] = row
    return sorted(best.values())


def _best_cut(found: Floats, labels: Floats) -> float:
    """The middle of the margins whose F1 on what was left out is as good as the best, within a hundredth of it.

    The curve is flat there: its very top is an accident of a few seeds, its middle is not.
    """
    finite = np.isfinite(found)
    order = np.argsort(-found[finite], kind="stable")
    ranked, truth = found[finite][order], labels[finite][order]
    if not truth.any():
        return 0.0
    hits = np.cumsum(truth)
    alarms = np.arange(1, len(ranked) + 1) - hits
    f1 = 2 * hits / (hits + alarms + labels.sum())
    good = np.flatnonzero(f1 >= (1 - _TIE) * f1.max())
    following = ranked[good[-1] + 1] if good[-1] + 1 < len(ranked) else ranked[good[-1]] - 1.0
    return float((ranked[good[0]] + following) / 2)


def _weights(fit: Fit, cut: float, vocabulary: list[str], gate: Gate) -> TypeWeights:
    chosen = np.flatnonzero(np.abs(fit.weights) >= _WEIGHTY)
    return TypeWeights(
        bias=round(fit.bias, 4),
        threshold=round(sigmoid(cut), 4),
        weights={vocabulary[i]: round(float(fit.weights[i]), 3) for i in chosen},
        gate=gate,
    )

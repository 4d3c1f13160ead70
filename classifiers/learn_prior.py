"""Learning what likeness proves, whatever the kind, from many kinds of event; and what counter-examples prove.

``python -m classifiers.learn_prior classifiers/kinds`` makes data/likeness.json again: from each kind's five articles
what they say of the kind is learned as a user's would be, and one logistic regression over all kinds tells from
MEASURES and signs which of the kind's other items are of it. Signs that one kind alone has are left out: they tell of
that kind and not of how news is put. A second, small one weighs what counter-examples say beside the margins of the
first, each kind's from the other kinds (stacking; Wolpert 1992).
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from classifiers.background import load_background
from classifiers.brief import Brief, make_brief
from classifiers.errors import LearnError
from classifiers.fit import Floats, Ints, dot, minimise
from classifiers.learn_contrast import log_odds
from classifiers.learn_likeness import Ordinary, learn_likeness, without_each
from classifiers.likeness import FILE, MEASURES, Contrast, Likeness, Prior, contrast_signs, contrast_size, directions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: A kind is set against every so many items of ordinary news, each kind against others, so that nothing is learned of a
#: few by heart. Those from the first on teach nothing: benchmarks/kinds.py judges by them.
_EVERY: Final = 6
#: What an item of ordinary news counts and what all of a kind's own, what a sign counts beside a measure, the ridge,
#: and how many kinds must have a sign.
_ORDINARY: Final = 1.0
_A_KIND: Final = 40.0
_SIGN: Final = 0.6
_RIDGE: Final = 3.0
_KINDS: Final = 2
_FOLDS: Final = 5
#: Lighter signs are left out.
_WEIGHTY: Final = 0.03
_CUTS: Final = np.arange(-2.5, 1.5, 0.05)
#: Before counter-examples have been learned from.
_NO_CONTRAST: Final = Contrast(0.0, 0.0, 0.0, (0.0, 0.0), (0.0, 0.0))


@dataclass(frozen=True, slots=True)
class _Items:
    """Items as the prior sees them: their measures, and their signs."""

    measured: Floats
    signs: list[frozenset[str]]

    @classmethod
    def of(cls, learned: Likeness, briefs: Sequence[Brief]) -> _Items:
        measured = np.zeros((len(briefs), len(MEASURES)))
        for row, brief in enumerate(briefs):
            measured[row] = learned.measure(brief, *directions(brief))
        return cls(measured, [brief.signs - learned.own for brief in briefs])


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its own items with their ``labels``, ordinary news, each example by what the rest say of it, the
    counter-examples, and what these say of the title and the lead of its own items and of ordinary news."""

    own: _Items
    labels: Floats
    usual: _Items
    examples: tuple[_Items, ...]
    others: _Items
    said: Floats

    @property
    def counted(self) -> Floats:
        own, usual = len(self.labels), len(self.usual.signs)
        return np.concatenate([np.full(own, _A_KIND / own), np.full(usual, _ORDINARY)])

    @property
    def truth(self) -> Floats:
        return np.concatenate([self.labels, np.zeros(len(self.usual.signs))])


def learn_prior(kinds: Sequence[Kind]) -> Prior:
    """What likeness proves, from kinds of event that show it."""
    folds = [_fit_prior([k for n, k in enumerate(kinds) if n % _FOLDS != fold]) for fold in range(_FOLDS)]
    # Each kind by what the others prove.
    known = [folds[number % _FOLDS] for number in range(len(kinds))]
    margins = [
        np.concatenate([_margins(k, kind.own), _margins(k, kind.usual)]) for k, kind in zip(known, kinds, strict=True)
    ]
    fitted = _fit_prior(kinds)
    return replace(fitted, cut=_best_cut(kinds, margins), contrast=_fit_contrast(kinds, known, margins))


def read_kinds(folder: Path) -> list[Kind]:
    """The kinds of a folder, by file name: JSON Lines of title, text, label and use (seed, counter or test).

    Raises LearnError where there are none.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise LearnError(f"{folder}: no kinds of event there (*.jsonl)")
    rows = [[json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] for file in files]
    briefs = [[make_brief(row["title"], row["text"]) for row in kind if row["use"] == "test"] for kind in rows]
    signs = sorted(frozenset().union(*(brief.signs for own in briefs for brief in own)))
    ordinary = Ordinary.of(load_background(), signs)
    return [
        _kind(kind, own, ordinary, ordinary.briefs[1 + number % (_EVERY - 1) :: _EVERY])
        for number, (kind, own) in enumerate(zip(rows, briefs, strict=True))
    ]


def _kind(rows: list[dict[str, str]], own: list[Brief], ordinary: Ordinary, usual: list[Brief]) -> Kind:
    examples, others = (
        [(row["title"], row["text"]) for row in rows if row["use"] == use] for use in ("seed", "counter")
    )
    learned = learn_likeness(examples, ordinary)
    told = [make_brief(*example) for example in examples]
    against = [brief for brief in (make_brief(*other) for other in others) if learned.near(brief)]
    odds = log_odds(told, against) if against else {}
    left_out = zip(without_each(examples, ordinary), told, strict=True)
    return Kind(
        own=_Items.of(learned, own),
        labels=np.array([float(row["label"]) for row in rows if row["use"] == "test"]),
        usual=_Items.of(learned, usual),
        examples=tuple(_Items.of(rest, [brief]) for rest, brief in left_out),
        others=_Items.of(learned, against),
        said=np.array([_said(odds, brief) for brief in (*own, *usual)]),
    )


def _said(odds: Mapping[str, float], brief: Brief) -> list[float]:
    return [
        math.fsum(odds.get(sign, 0.0) for sign in contrast_signs(part, words)) / contrast_size(part, len(words))
        for part, words in (("title", brief.title), ("lead", brief.lead))
    ]


def _fit_prior(kinds: Sequence[Kind]) -> Prior:
    having = Counter(sign for kind in kinds for sign in frozenset().union(*kind.own.signs))
    names = sorted(sign for sign, count in having.items() if count >= _KINDS)
    column = {sign: i for i, sign in enumerate(names)}
    items = [rows for kind in kinds for rows in (kind.own, kind.usual)]
    measured = np.vstack([rows.measured for rows in items])
    usual, spread = measured.mean(axis=0), measured.std(axis=0) + 1e-6
    signs = [signs for rows in items for signs in rows.signs]
    owners = np.array([i for i, row in enumerate(signs) for s in row if s in column], dtype=np.int64)
    columns = np.array([column[s] for row in signs for s in sorted(row) if s in column], dtype=np.int64)
    labels, counted = (np.concatenate(rows) for rows in zip(*((k.truth, k.counted) for k in kinds), strict=True))
    weights, bias = _logistic((measured - usual) / spread, labels, counted, (owners, columns, len(names)))
    measures = {
        name: (round(float(usual[i]), 4), round(float(spread[i]), 4), round(float(weights[i]), 4))
        for i, name in enumerate(MEASURES)
    }
    said = {name: round(float(weights[len(MEASURES) + i]) * _SIGN, 4) for i, name in enumerate(names)}
    return Prior(bias, 0.0, measures, {s: w for s, w in said.items() if abs(w) >= _WEIGHTY}, _NO_CONTRAST)


def _logistic(dense: Floats, labels: Floats, counted: Floats, signs: tuple[Ints, Ints, int]) -> tuple[Floats, float]:
    """Weights of the columns of ``dense`` and of signs (which row has which, of how many), and the bias."""
    owners, columns, many = signs
    count, width = dense.shape

    def loss(point: Floats) -> tuple[float, Floats]:
        of_measures, of_signs = point[:width], point[width:-1]
        margin = dot(dense, of_measures) + np.bincount(owners, _SIGN * of_signs[columns], count) + point[-1]
        residual = counted * (1 / (1 + np.exp(-np.clip(margin, -35, 35))) - labels)
        value = dot(counted, np.logaddexp(0, margin) - labels * margin) + _RIDGE / 2 * dot(point[:-1], point[:-1])
        slope = [
            dot(dense.T, residual),
            np.bincount(columns, _SIGN * residual[owners], many),
            np.array([residual.sum()]),
        ]
        return float(value), np.concatenate(slope) + _RIDGE * np.append(point[:-1], 0.0)

    found = minimise(loss, np.zeros(width + many + 1), 120)
    return found[:-1], round(float(found[-1]), 4)


def _fit_contrast(kinds: Sequence[Kind], known: Sequence[Prior], margins: Sequence[Floats]) -> Contrast:
    """What counter-examples prove beside the margins of each kind by what the others prove."""
    heard = [
        (kind, k, margin)
        for kind, k, margin in zip(kinds, known, margins, strict=True)
        if kind.others.signs and kind.examples
    ]
    if not heard:
        return _NO_CONTRAST
    kinds = [kind for kind, _, _ in heard]
    means = np.array(
        [
            [np.mean([_margins(k, one)[0] for one in kind.examples]), _margins(k, kind.others).mean()]
            for kind, k, _ in heard
        ]
    )
    usual = means.mean(axis=0)
    rows = [
        np.column_stack([margin, kind.said, np.tile(mean - usual, (len(margin), 1))])
        for (kind, _, margin), mean in zip(heard, means, strict=True)
    ]
    dense = np.vstack(rows)
    spread = dense.std(axis=0) + 1e-6
    labels, counted = (np.concatenate(rows) for rows in zip(*((k.truth, k.counted) for k in kinds), strict=True))
    nothing = np.zeros(0, dtype=np.int64)
    weights, _ = _logistic(dense / spread, labels, counted, (nothing, nothing, 0))
    # Beside a margin that weighs one.
    weights = weights / spread
    weights = np.round(weights / weights[0], 4)
    cut = _best_cut(kinds, [dot(row, weights) for row in rows])
    examples, others = ((round(float(u), 4), -float(w)) for u, w in zip(usual, weights[3:], strict=True))
    return Contrast(cut, float(weights[1]), float(weights[2]), examples, others)


def _margins(known: Prior, items: _Items) -> Floats:
    usual, spread, weight = known.scaling
    said = np.array([math.fsum(known.signs.get(s, 0.0) for s in row) for row in items.signs])
    margins: Floats = known.bias + dot((items.measured - usual) / spread, weight.astype(np.float64)) + said
    return margins


def _best_cut(kinds: Sequence[Kind], margins: Sequence[Floats]) -> float:
    """The cut that serves these kinds best in the mean."""
    reached = [
        float(np.mean([_f1(margin >= cut, kind.truth) for kind, margin in zip(kinds, margins, strict=True)]))
        for cut in _CUTS
    ]
    return round(float(_CUTS[int(np.argmax(reached))]), 2)


def _f1(over: npt.NDArray[np.bool_], truth: Floats) -> float:
    return 2 * float(over @ truth) / max(1.0, float(over.sum()) + float(truth.sum()))


def save_prior(known: Prior, target: Path = FILE) -> None:
    signs = dict(sorted(known.signs.items(), key=lambda row: (row[1], row[0])))
    stored = {
        "bias": known.bias,
        "cut": known.cut,
        "contrast": asdict(known.contrast),
        "measures": known.measures,
        "signs": signs,
    }
    target.write_text(json.dumps(stored, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    save_prior(learn_prior(read_kinds(Path(sys.argv[1]))))

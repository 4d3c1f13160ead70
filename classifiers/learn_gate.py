"""Learning a gate: which words tell an item worth reading from ordinary news (classifiers/gate.py)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from classifiers.background import pattern_hash
from classifiers.fit import Fit, Floats, Rows, fit_logistic, left_out, margins
from classifiers.gate import OPEN, Gate, gate_features, vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.background import Bags
    from classifiers.seed import Seed

_RIDGE: Final = 1e-4
_ROUNDS: Final = 60
_FOLDS: Final = 5
#: A word weighs little: an article has hundreds of them.
_SCALE: Final = 0.3
#: A word must occur in so many seeds to be looked at.
_LEAST: Final = 3
#: The share of wanted examples that the gate may lose when it has not seen them.
_LOST: Final = 0.006
#: Fewer wanted examples than this do not show how low the cut must be.
_ENOUGH: Final = 60


def learn_gate(
    seeds: Sequence[Seed], labels: Floats, wanted: npt.NDArray[np.bool_], ignored: npt.NDArray[np.bool_], ordinary: Bags
) -> Gate:
    """A gate that nearly all ``wanted`` seeds pass. ``ignored`` seeds teach nothing; all three are one a seed."""
    if wanted.sum() < _ENOUGH:
        return OPEN
    features = [gate_features(vocabulary(seed.title, seed.text)) for seed in seeds]
    counts = Counter(name for found in features for name in set(found))
    names = sorted(name for name, count in counts.items() if count >= _LEAST)
    column = {name: i for i, name in enumerate(names)}
    known = {int(h): i for i, h in enumerate(ordinary.hashes)}
    ordinary_column = {known[h]: i for i, h in enumerate(map(pattern_hash, names)) if h in known}
    rows = [sorted(column[name] for name in found if name in column) for found in features]
    rows += [sorted(ordinary_column[c] for c in row.tolist() if c in ordinary_column) for row in ordinary.rows]
    matrix = Rows.of(rows, len(names))
    rest = len(ordinary.rows)
    truth = np.concatenate([labels, np.zeros(rest)])
    counted = np.concatenate([np.where(ignored, 0.0, 1.0), np.ones(rest)])
    scales, trust = np.full(len(rows), _SCALE), np.ones(len(names))

    def fitted(weights: Floats) -> Fit:
        return fit_logistic(matrix, truth, weights, _RIDGE, scales, trust, _ROUNDS)

    fold_of = np.arange(len(seeds)) % _FOLDS
    owner = np.concatenate([np.arange(len(seeds)), np.full(rest, -1)])
    unseen = left_out(fold_of, owner, truth, counted, lambda kept: margins(matrix, fitted(kept), scales))
    fit = fitted(counted)
    cut = float(np.quantile(unseen[wanted], _LOST))
    chosen = np.flatnonzero(np.abs(fit.weights) >= 0.02)
    weights = {names[i]: round(float(fit.weights[i]) * _SCALE, 3) for i in chosen}
    return Gate(round(fit.bias - cut, 3), weights)

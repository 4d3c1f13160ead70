"""Fitting the weights: logistic regression with an elastic net, by accelerated proximal gradient (FISTA).

Written out because it is forty lines and its one rival, scikit-learn, is a hundred megabytes to install. See Beck and
Teboulle (2009), "A fast iterative shrinkage-thresholding algorithm". Deterministic: no sampling, fixed order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """A sparse 0/1 matrix, one row an example: ``columns[starts[i]:starts[i + 1]]`` are the patterns of row i."""

    starts: Ints
    columns: Ints
    width: int

    @classmethod
    def of(cls, examples: list[list[int]], width: int) -> Rows:
        starts = np.zeros(len(examples) + 1, dtype=np.int64)
        np.cumsum([len(e) for e in examples], out=starts[1:])
        columns = np.fromiter((c for e in examples for c in e), dtype=np.int64, count=int(starts[-1]))
        return cls(starts, columns, width)

    @property
    def owners(self) -> Ints:
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


@dataclass(frozen=True, slots=True)
class Fit:
    weights: Floats
    bias: float


def fit_logistic(
    rows: Rows,
    labels: Floats,
    importance: Floats,
    l1: float,
    l2: float,
    scale: Floats,
    trust: Floats,
    rounds: int = 300,
) -> Fit:
    """Minimise ``sum(importance * log-loss) / sum(importance) + l1 * |w| + l2 / 2 * w²``; the bias is free.

    ``scale`` (one a row) multiplies a row's patterns: long texts would shout otherwise. ``trust`` (one a pattern) does
    the same for a pattern, so that the net restrains it less; the weights returned are of the pattern as it is.
    """
    owners, columns = rows.owners, rows.columns
    count = len(labels)
    share = importance / importance.sum()
    values = scale[owners] * trust[columns]
    # The Lipschitz constant of the smooth part by power iteration.
    vector = np.ones(rows.width + 1)
    norm = 1.0
    for _ in range(20):
        product = share * (np.bincount(owners, values * vector[columns], count) + vector[-1])
        vector = np.append(np.bincount(columns, values * product[owners], rows.width), product.sum())
        norm = float(np.linalg.norm(vector)) or 1.0
        vector /= norm
    step = 1.0 / (0.25 * norm * 1.05 + l2)
    weights = np.zeros(rows.width + 1)
    ahead, momentum = weights.copy(), 1.0
    for _ in range(rounds):
        margin = np.bincount(owners, values * ahead[columns], count) + ahead[-1]
        residual = share * (1.0 / (1.0 + np.exp(-np.clip(margin, -35, 35))) - labels)
        slope = np.append(np.bincount(columns, values * residual[owners], rows.width), residual.sum())
        slope[:-1] += l2 * ahead[:-1]
        moved = ahead - step * slope
        moved[:-1] = np.sign(moved[:-1]) * np.maximum(np.abs(moved[:-1]) - step * l1, 0.0)
        following = (1.0 + (1.0 + 4.0 * momentum * momentum) ** 0.5) / 2.0
        ahead = moved + (momentum - 1.0) / following * (moved - weights)
        weights, momentum = moved, following
    return Fit(weights[:-1] * trust, float(weights[-1]))


def margins(rows: Rows, fit: Fit, scale: Floats) -> Floats:
    values = scale[rows.owners] * fit.weights[rows.columns]
    sums: Floats = np.bincount(rows.owners, values, len(rows.starts) - 1).astype(np.float64)
    return sums + fit.bias

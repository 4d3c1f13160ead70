"""Fitting the weights: logistic regression with a ridge, by L-BFGS.

Written out because it is sixty lines and its one rival, scikit-learn, is a hundred megabytes to install. See Nocedal
and Wright, "Numerical Optimization", algorithm 7.4. Deterministic: no sampling, fixed order.

Rejected: an elastic net by accelerated proximal gradient. Five times as many passes over the examples, and the weights
that the lasso leaves out are those that are dropped for their smallness anyway.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Pairs of steps and changes of slope that are remembered.
_MEMORY = 8
#: A slope this small beside the first one is flat.
_FLAT = 1e-4


@dataclass(frozen=True, slots=True)
class Rows:
    """A sparse matrix of counts, one row an example: ``columns[starts[i]:starts[i + 1]]`` are the patterns of row i."""

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
    ridge: float,
    scale: Floats,
    trust: Floats,
    rounds: int = 80,
) -> Fit:
    """Minimise ``sum(importance * log-loss) / sum(importance) + ridge / 2 * w²``; the bias is free.

    ``scale`` (one a row) multiplies a row's patterns: long texts would shout otherwise. ``trust`` (one a pattern) does
    the same for a pattern, so that the ridge restrains it less; the weights returned are of the pattern as it is.
    """
    counted = importance > 0
    kept = counted[rows.owners]
    owners, columns = rows.owners[kept], rows.columns[kept]
    values = scale[owners] * trust[columns]
    share = importance / importance.sum()
    count = len(labels)

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = np.bincount(owners, values * weights[columns], count) + weights[-1]
        # log(1 + exp(margin)) - label * margin, without overflow.
        losses = np.logaddexp(0.0, margin) - labels * margin
        residual = share * (1.0 / (1.0 + np.exp(-np.clip(margin, -35, 35))) - labels)
        slope = np.append(np.bincount(columns, values * residual[owners], rows.width), residual.sum())
        slope[:-1] += ridge * weights[:-1]
        return float(dot(share, losses) + ridge / 2 * dot(weights[:-1], weights[:-1])), slope

    weights = minimise(loss, np.zeros(rows.width + 1), rounds)
    return Fit(weights[:-1] * trust, float(weights[-1]))


def margins(rows: Rows, fit: Fit, scale: Floats) -> Floats:
    values = scale[rows.owners] * fit.weights[rows.columns]
    sums: Floats = np.bincount(rows.owners, values, len(rows.starts) - 1).astype(np.float64)
    return sums + fit.bias


def left_out(fold_of: Ints, owner: Ints, labels: Floats, counted: Floats, judge: Callable[[Floats], Floats]) -> Floats:
    """Each seed's margin from a fit that saw nothing of its fold; minus infinity where no example was left to fit.

    ``fold_of`` is one a seed, the rest one a row: the seed that it belongs to (-1 for none), its label, and what it
    counts. ``judge`` fits rows that count so, and gives the margin of every row; the first rows are the seeds.
    """
    found = np.full(len(fold_of), -np.inf)
    for fold in range(int(fold_of.max()) + 1):
        out = fold_of == fold
        kept = np.where((owner >= 0) & (fold_of[owner] == fold), 0.0, counted)
        if (labels * kept).any():
            found[out] = judge(kept)[: len(fold_of)][out]
    return found


def minimise(loss: Callable[[Floats], tuple[float, Floats]], point: Floats, rounds: int) -> Floats:
    """The minimum of a smooth convex function, or what ``rounds`` steps from ``point`` towards it reach.

    ``loss`` gives the value and the slope at a point.
    """
    value, slope = loss(point)
    flat = _FLAT * _length(slope)
    history: deque[tuple[Floats, Floats]] = deque(maxlen=_MEMORY)
    for _ in range(rounds):
        direction = -_curved(slope, history)
        downhill = dot(slope, direction)
        # Without a history the slope's own length says nothing of how far to go.
        step = 1.0 if history else 1.0 / max(_length(slope), 1e-12)
        for _ in range(30):
            following, following_slope = loss(point + step * direction)
            if following <= value + 1e-4 * step * downhill:
                break
            step /= 2
        else:
            break
        moved, changed = step * direction, following_slope - slope
        if dot(moved, changed) > 1e-14:
            history.append((moved, changed))
        point, value, slope = point + moved, following, following_slope
        if _length(slope) <= flat:
            break
    return point


def _curved(slope: Floats, history: deque[tuple[Floats, Floats]]) -> Floats:
    """The slope divided by the curvature that the last steps have shown (the two-loop recursion)."""
    result = slope.copy()
    shares = []
    for moved, changed in reversed(history):
        share = dot(moved, result) / dot(moved, changed)
        shares.append(share)
        result -= share * changed
    if history:
        moved, changed = history[-1]
        result *= dot(moved, changed) / dot(changed, changed)
    for (moved, changed), share in zip(history, reversed(shares), strict=True):
        result += moved * (share - dot(changed, result) / dot(moved, changed))
    return result


def dot(left: Floats, right: Floats) -> Floats:
    """``left @ right`` for a vector ``right``, in one thread.

    Where the threads of ``@`` wait for a core they cost a hundred times the sum, and they add in any order.
    """
    found: Floats = np.einsum("...i,i", left, right)
    return found


def _length(vector: Floats) -> float:
    return float(np.sqrt(dot(vector, vector)))

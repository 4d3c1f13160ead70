"""A second opinion beside the patterns: how title and lead are worded, whoever and whatever they name.

Patterns abstract from names and put words into classes; wording keeps the words themselves, and groups of words of like
meaning. Both err, seldom on the same items: fitted apart and added up they decide better than either, and better than
one fit over all they count (an ensemble; Dietterich 2000).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from classifiers.background import pattern_hash
from classifiers.brief import make_brief
from classifiers.fit import Fit, Floats, Rows, fit_logistic, margins
from classifiers.scoring import wording_scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.background import Bags
    from classifiers.seed import Seed

_RIDGE: Final = 2e-5
_ROUNDS: Final = 30
#: A sign that fewer seeds have is left out, and one that weighs less.
_SHARED: Final = 5
_WEIGHTY: Final = 0.1
#: What the second opinion counts beside the first.
_SHARE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Wording:
    """The signs of seeds and then of ordinary news, over one vocabulary."""

    vocabulary: list[str]
    rows: Rows
    scales: Floats

    @classmethod
    def of(cls, seeds: Sequence[Seed], ordinary: Bags) -> Wording:
        told = [make_brief(seed.title, seed.text).signs for seed in seeds]
        counts = Counter(sign for signs in told for sign in signs)
        vocabulary = sorted(sign for sign, count in counts.items() if count >= min(_SHARED, len(seeds)))
        column = {sign: i for i, sign in enumerate(vocabulary)}
        hashed = {pattern_hash(sign): i for sign, i in column.items()}
        columns = [hashed.get(int(h), -1) for h in ordinary.hashes]
        rows = [sorted(column[s] for s in signs if s in column) for signs in told]
        rows += [sorted({columns[c] for c in row.tolist()} - {-1}) for row in ordinary.rows]
        sizes = [len(signs) for signs in told] + ordinary.sizes.tolist()
        return cls(vocabulary, Rows.of(rows, len(vocabulary)), np.array([wording_scale(n) for n in sizes]))

    def fit(self, labels: Floats, counted: Floats) -> Fit:
        """Weights and bias, as they count beside those of the patterns."""
        trust = np.ones(len(self.vocabulary))
        found = fit_logistic(self.rows, labels, counted, _RIDGE, self.scales, trust, _ROUNDS)
        return Fit(found.weights * _SHARE, found.bias * _SHARE)

    def margins(self, fit: Fit) -> Floats:
        return margins(self.rows, fit, self.scales)

    def weights(self, fit: Fit) -> dict[str, float]:
        return {
            self.vocabulary[i]: round(float(fit.weights[i]), 3) for i in np.flatnonzero(np.abs(fit.weights) >= _WEIGHTY)
        }

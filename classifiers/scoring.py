"""From patterns to a score: the weights of one type, and how a text longer than a headline is weighed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, Final

from classifiers.gate import OPEN, Gate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from classifiers.brief import Brief

#: Characters of text that count as an item's lead; what stands further down must insist (see insistence()).
LEAD: Final = 700
#: Characters of an article that are read at all.
MOST: Final = 12_000
#: From so many sentences on, an article is also judged by its sentences one by one.
ARTICLE: Final = 5
#: A row of patterns is scaled so that a long lead does not shout down a headline.
_SCALE: Final = 1.55
_SHORT: Final = 60
_FEW_SIGNS: Final = 40


def scale(patterns: int) -> float:
    """What one pattern of a row of so many weighs."""
    return _SCALE / math.sqrt(max(patterns, _SHORT))


def wording_scale(signs: int) -> float:
    """What one sign of so many weighs."""
    return 1 / math.sqrt(max(signs, _FEW_SIGNS))


def sigmoid(margin: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-35.0, min(35.0, margin))))


@dataclass(frozen=True, slots=True)
class TypeWeights:
    """What was learned of one type: weights by pattern, and the score from which it is reported.

    ``signs`` weigh the wording of title and lead (classifiers/brief.py), with a bias of their own. An item whose words
    do not open the ``gate`` is not read for this type.
    """

    bias: float
    threshold: float
    weights: Mapping[str, float]
    gate: Gate = OPEN
    signs: Mapping[str, float] = field(default_factory=dict)
    signs_bias: float = 0.0

    def to_json(self) -> dict[str, object]:
        """As it is kept in a model: patterns and words by weight, so that a person can read and edit them."""
        return {
            "bias": self.bias,
            "threshold": self.threshold,
            "gate": {"bias": self.gate.bias, "words": _by_weight(self.gate.weights)},
            "patterns": _by_weight(self.weights),
            "wording": {"bias": self.signs_bias, "signs": _by_weight(self.signs)},
        }

    def weighed(self) -> dict[str, float]:
        """Every pattern and sign with its weight."""
        return {**self.weights, **self.signs}

    def margin(self, patterns: Set[str]) -> float:
        weights = self.weights
        # Summed exactly: a set has no order, and a score must not depend on the process that worked it out.
        total = math.fsum(filter(None, map(weights.get, patterns)))
        return self.bias + scale(len(patterns)) * total

    def wording(self, brief: Brief) -> float:
        """What the wording of title and lead adds to the margin of their patterns."""
        total = math.fsum(filter(None, map(self.signs.get, brief.signs)))
        return self.signs_bias + wording_scale(len(brief.signs)) * total

    def wording_reasons(self, brief: Brief, most: int = 5) -> list[tuple[str, float]]:
        """The signs that speak loudest, for or against, with what each adds to the margin."""
        factor = wording_scale(len(brief.signs))
        rows = [(s, self.signs[s] * factor) for s in brief.signs & self.signs.keys()]
        return nsmallest(most, rows, key=lambda row: (-abs(row[1]), row[0]))

    def sentence_margin(self, _words: str, patterns: Set[str]) -> float:
        """What a sentence alone says of the type."""
        return self.margin(patterns)

    def sentence_reasons(self, _words: str, patterns: Set[str], most: int = 5) -> list[tuple[str, float]]:
        """Why it says so: what speaks loudest, for or against."""
        return self.strongest(patterns, most)

    def strongest(self, patterns: Set[str], most: int = 5) -> list[tuple[str, float]]:
        """The patterns that speak loudest, for or against, with what each adds to the margin."""
        factor = scale(len(patterns))
        rows = [(p, self.weights[p] * factor) for p in patterns & self.weights.keys()]
        return nsmallest(most, rows, key=lambda row: (-abs(row[1]), row[0]))


def load_weights(stored: Mapping[str, Any]) -> TypeWeights:
    """What to_json() gave. Raises KeyError, TypeError or ValueError where it is something else."""
    return TypeWeights(
        bias=float(stored["bias"]),
        threshold=float(stored["threshold"]),
        weights=_numbers(stored["patterns"]),
        gate=Gate(float(stored["gate"]["bias"]), _numbers(stored["gate"]["words"])),
        signs=_numbers(stored["wording"]["signs"]),
        signs_bias=float(stored["wording"]["bias"]),
    )


def _numbers(rows: Mapping[str, Any]) -> dict[str, float]:
    return dict(zip(rows, map(float, rows.values()), strict=True))


def _by_weight(weights: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(weights.items(), key=lambda row: (-row[1], row[0])))


def insistence(margins: Sequence[float]) -> float:
    """What an article's sentences say one by one: the loudest and the next, for one alone may be a passing mention.

    Only where there are ARTICLE sentences or more; a short item is judged as a whole.
    """
    first, second = sorted(margins, reverse=True)[:2]
    return 0.6 * first + 0.4 * second

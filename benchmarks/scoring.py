"""How benchmarks count: hits, false alarms and misses, and the threshold that would have been best in hindsight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(slots=True)
class Counts:
    """``right`` was found and is so, ``extra`` was found and is not so, ``missed`` is so and was not found."""

    right: int = 0
    extra: int = 0
    missed: int = 0

    def add(self, right: int = 0, extra: int = 0, missed: int = 0) -> None:
        self.right += right
        self.extra += extra
        self.missed += missed

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.extra)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.extra + self.missed)

    def __str__(self) -> str:
        return f"F1 {self.f1:.3f}   precision {self.precision:.3f}   recall {self.recall:.3f}"


@dataclass(slots=True)
class Share:
    """How many of so many are right."""

    right: int = 0
    of: int = 0

    def add(self, right: bool) -> None:
        self.right += right
        self.of += 1

    def __str__(self) -> str:
        return f"{self.right / max(1, self.of):.2f} of {self.of}"


def count(decided: Sequence[bool], truth: Sequence[bool]) -> Counts:
    """Compare decisions with labels, one for one."""
    pairs = list(zip(decided, truth, strict=True))
    right = sum(d and t for d, t in pairs)
    return Counts(right, sum(decided) - right, sum(truth) - right)


def best_in_hindsight(scores: Sequence[float], truth: Sequence[bool]) -> Counts:
    """The counts at the threshold with the highest F1: what nobody can know beforehand. Equal scores stay together."""
    ranked = sorted(zip(scores, truth, strict=True), key=lambda row: -row[0])
    best, right, positives = Counts(missed=sum(truth)), 0, sum(truth)
    for place, (score, true) in enumerate(ranked, 1):
        right += true
        if place < len(ranked) and ranked[place][0] == score:
            continue
        here = Counts(right, place - right, positives - right)
        if here.f1 > best.f1:
            best = here
    return best

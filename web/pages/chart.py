"""Charts as the server draws them: where each bar of an inline SVG stands (``templates/chart.html`` writes them).

No colour is said here: bars carry classes of the stylesheet, so that they are dark or light with the page. What a chart
shows is also told in words, and the larger ones have their figures in a table beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Classes of the series, in their order; what comes after the last shares its colour.
COLOURS = ("s1", "s2", "s3")
_GAP = 0.2
_LEAST = 1.5


@dataclass(frozen=True, slots=True)
class Series:
    """Figures over time under one name; None where nothing is known."""

    name: str
    counts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a column. ``kind`` is its class, ``tip`` what a pointer over it is told."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    tip: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars within ``width`` by ``height``; ``most`` is what a column of full height stands for, ``total`` the sum of
    all, ``unknown`` the width of what is not known, at the left."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    most: int
    total: int
    unknown: float
    legend: tuple[tuple[str, str], ...]


def columns(series: Sequence[Series], labels: Sequence[str], *, width: int = 720, height: int = 120) -> Chart:
    """A column for each label, the series on top of each other in their order."""
    stacks = list(zip(*(one.counts for one in series), strict=True))
    sums = [sum(filter(None, stack)) for stack in stacks]
    most = max(sums, default=0)
    step = width / max(len(labels), 1)
    bars = []
    for place, (stack, label) in enumerate(zip(stacks, labels, strict=True)):
        y = float(height)
        for number, count in enumerate(stack):
            if count:
                # What is there is seen, however little it is beside the most.
                tall = min(max(count / most * height, _LEAST), y)
                y -= tall
                bars.append(
                    Bar(
                        x=round((place + _GAP / 2) * step, 2),
                        y=round(y, 2),
                        width=round((1 - _GAP) * step, 2),
                        height=round(tall, 2),
                        kind=COLOURS[min(number, len(COLOURS) - 1)],
                        tip=f"{label}: {count} {series[number].name}",
                    )
                )
    known = next((place for place, stack in enumerate(stacks) if any(c is not None for c in stack)), len(stacks))
    return Chart(
        width=width,
        height=height,
        bars=tuple(bars),
        most=most,
        total=sum(sums),
        unknown=round(known * step, 2),
        legend=tuple((one.name, COLOURS[min(number, len(COLOURS) - 1)]) for number, one in enumerate(series)),
    )

"""Two models on the same items: what the new one would newly alert on, and what no longer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from classifiers.brief import make_brief
from classifiers.patterns import find_patterns
from classifiers.reader import read
from classifiers.scoring import LEAD, MOST, TypeWeights

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from classifiers.event import Event, Verdict
    from classifiers.model import Model
    from classifiers.who import Who
    from feeds.item import Item

#: So many changes are listed for each type and direction, the newest; the others are only counted.
LISTED: Final = 1000
_TITLE: Final = 200
#: Scores that differ by less are the same: then the threshold has moved.
_SAME: Final = 0.005
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """An item that the two models decide differently for one type.

    ``time`` is when it was first seen or published, None where nobody knows. Scores and thresholds are None for a
    model that does not know the type. ``reason`` is the pattern whose weight moved the score most.
    """

    id: str
    title: str
    time: datetime | None
    type: str
    change: Literal["newly", "no longer"]
    old_score: float | None
    new_score: float | None
    old_threshold: float | None
    new_threshold: float | None
    reason: str


@dataclass(slots=True)
class TypeCount:
    """How many items the models would alert on: ``old`` and ``new`` of them, ``both`` of them in agreement.

    ``known_to`` says which of the two knows the type. Among ``both``, ``status`` and ``sides`` count the items whose
    events differ in these.
    """

    type: str
    known_to: Literal["both", "old", "new"]
    old: int = 0
    new: int = 0
    both: int = 0
    newly: int = 0
    no_longer: int = 0
    status: int = 0
    sides: int = 0


@dataclass(slots=True)
class Backtest:
    """What two models say of the same items; ``not_scored`` of these are not English or hold no word.

    ``changes`` are the newest of each type and direction, newest first.
    """

    items: int = 0
    not_scored: int = 0
    types: list[TypeCount] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def backtest(old: Model, new: Model, items: Iterable[tuple[datetime | None, Item]], who: Who | None = None) -> Backtest:
    """Let both models decide every item; each comes with its time, in any order. Holds no more than one of them.

    ``who`` tells both of people beyond the table of plain facts.
    """
    done = Backtest()
    for kind in sorted({*old.types, *new.types}):
        in_both = kind in old.types and kind in new.types
        done.types.append(TypeCount(kind, "both" if in_both else "old" if kind in old.types else "new"))
    listed: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for time, item in items:
        before, after = old.classify(item, who), new.classify(item, who)
        done.items += 1
        done.not_scored += after.reason is not None
        for count in done.types:
            direction = _count(count, _reports(before, count.type), _reports(after, count.type))
            if direction:
                changes = listed[count.type, direction]
                changes.append(_change(old, new, item, time, count.type, direction, before, after, who))
                if len(changes) >= 2 * LISTED:
                    del _newest_first(changes)[LISTED:]
    for changes in listed.values():
        done.changes += _newest_first(changes)[:LISTED]
    _newest_first(done.changes)
    return done


def _reports(verdict: Verdict, kind: str) -> list[Event]:
    return [event for event in verdict.events if event.type == kind]


def _count(count: TypeCount, before: list[Event], after: list[Event]) -> Literal["newly", "no longer"] | None:
    count.old += bool(before)
    count.new += bool(after)
    if before and after:
        count.both += 1
        count.status += [event.status for event in before] != [event.status for event in after]
        count.sides += [event.countries for event in before] != [event.countries for event in after]
        return None
    if after:
        count.newly += 1
        return "newly"
    if before:
        count.no_longer += 1
        return "no longer"
    return None


def _newest_first(changes: list[Change]) -> list[Change]:
    changes.sort(key=lambda change: change.time or _LONG_AGO, reverse=True)
    return changes


def _change(
    old: Model, new: Model, item: Item, time: datetime | None, kind: str,
    direction: Literal["newly", "no longer"], before: Verdict, after: Verdict, who: Who | None,
) -> Change:  # fmt: skip
    scores = before.scores.get(kind), after.scores.get(kind)
    thresholds = old.thresholds.get(kind), new.thresholds.get(kind)
    return Change(
        id=item.id,
        title=" ".join((item.title or item.text[:_TITLE]).split())[:_TITLE],
        time=time,
        type=kind,
        change=direction,
        old_score=scores[0],
        new_score=scores[1],
        old_threshold=thresholds[0],
        new_threshold=thresholds[1],
        reason=_reason(old, new, item, kind, direction, *scores, who),
    )


def _reason(
    old: Model, new: Model, item: Item, kind: str, direction: str, before: float | None, after: float | None,
    who: Who | None,
) -> str:  # fmt: skip
    if after is None:
        return "the new model does not know the type"
    if before is not None and abs(after - before) < _SAME:
        return "the threshold alone"
    if after == 0.0:
        return "none of the words it needs is named"
    was, now = _weights(old, kind), _weights(new, kind)
    year = item.published.year if item.published else None
    found = find_patterns(read(item.title, item.text, (0, len(item.text)), year, LEAD, MOST, who))
    present = found.head.union(make_brief(item.title, item.text).signs, *(patterns for _, patterns in found.single))
    present &= was.keys() | now.keys()
    sign = 1 if direction == "newly" else -1
    moved = [(sign * (now.get(p, 0.0) - was.get(p, 0.0)), p) for p in sorted(present)]
    most, pattern = max(moved, default=(0.0, ""), key=lambda row: row[0])
    if most <= 0:
        return "no single pattern"
    return f"{pattern} ({was.get(pattern, 0.0):+.2f} -> {now.get(pattern, 0.0):+.2f})"


def _weights(model: Model, kind: str) -> Mapping[str, float]:
    """By pattern and sign; a type that is told by likeness weighs none."""
    learned = model.weights(kind) if kind in model.types else None
    return learned.weighed() if isinstance(learned, TypeWeights) else {}

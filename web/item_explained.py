"""What the model in force says of an item now, kept for a while: reading one again costs milliseconds."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING

from classifiers.errors import ClassifierError
from classifiers.shortfall import Shortfall, shortfalls
from feeds.item import Item
from store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from classifiers.event import Verdict
    from classifiers.model import Model
    from classifiers.who import Who
    from worker.context import Context

#: How long one page may explain, in seconds; what is left is explained on the item's own page.
BUDGET = 0.06


@dataclass(frozen=True, slots=True)
class Explained:
    """A verdict, and of each type that is not reported but not far off, why."""

    verdict: Verdict
    shortfalls: tuple[Shortfall, ...]


def explained(context: Context, item: Item) -> Explained:
    """Raises ModelError while there is no model."""
    return _explained(context.model, context.who, item)


def warm_up(context: Context) -> None:
    """Load what explaining needs, so that nobody's first page waits for it; what is wrong is said where it matters."""
    with suppress(ClassifierError, StoreError):
        explained(context, Item("", "The president of Kenya meets the prime minister of Jordan", ""))


def explain_some(context: Context, items: Iterable[Item]) -> Mapping[str, Explained]:
    """As many of these as the budget allows, by id."""
    model, who, until = context.model, context.who, perf_counter() + BUDGET
    found: dict[str, Explained] = {}
    for item in items:
        if perf_counter() > until:
            break
        found[item.id] = _explained(model, who, item)
    return found


@lru_cache(maxsize=512)
def _explained(model: Model, who: Who, item: Item) -> Explained:
    return Explained(model.classify(item, who), shortfalls(model, item, who))

"""The learned patterns with where they matched of late: what the page shows and the API tells."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from classifiers.errors import ModelError
from classifiers.overview import TypeOverview, found_in, overview
from store.views.patterns import Example, Matched, NearMiss, add_example, matched, near_misses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifiers.model import Model
    from web.site import Site

#: Matches of so many days are counted.
DAYS = 30
#: So many of the newest near misses are read again for what speaks against a type: some milliseconds each.
NEAR_MISSES = 60


@dataclass(frozen=True, slots=True)
class Learned:
    """The model in force. ``source`` is its file, None for the shipped one; ``learned`` when that was written.

    ``problem`` says why there is none, or why it is still the one before. What speaks for a type stands in events as
    their evidence; what speaks against it is looked for in the near misses.
    """

    source: str | None
    learned: datetime | None
    problem: str | None
    types: tuple[TypeOverview, ...]
    in_events: Mapping[str, Matched]
    in_near_misses: Mapping[str, Matched]


def learned(site: Site, *, most: int, text: str = "") -> Learned:
    """Read the model, which takes a moment the first time, and what matched. Raises DatabaseUnreachable."""
    path = site.context.config.service.model
    source = path.name if path else None
    try:
        model = site.context.model
    except ModelError as error:
        return Learned(source, None, str(error), (), {}, {})

    def look() -> tuple[Mapping[str, Matched], Mapping[str, Matched]]:
        since = datetime.now(UTC) - timedelta(days=DAYS)
        with site.database.read() as connection:
            told = matched(connection, model.types, since)
            close = near_misses(connection, since, limit=NEAR_MISSES)
        return told, _in_near_misses(model, close)

    written = datetime.fromtimestamp(path.stat().st_mtime, UTC) if path and path.exists() else None
    problem = f"{source} is gone; what was read from it is still in force." if path and not written else None
    in_events, in_near_misses = site.patterns.get(model.types, look)
    types = tuple(overview(model, most=most, text=text))
    return Learned(source, written, problem, types, in_events, in_near_misses)


def _in_near_misses(model: Model, close: Sequence[NearMiss]) -> Mapping[str, Matched]:
    """What stands in the titles and leads of near misses, by the type each came closest to."""
    by_type: dict[str, list[NearMiss]] = {name: [] for name in model.types}
    for one in close:
        scored = [name for name in model.types if one.scores.get(name)]
        if scored:
            by_type[max(scored, key=lambda name: one.scores[name] / model.thresholds[name])].append(one)
    found = {}
    for name, missed in by_type.items():
        counts: Counter[str] = Counter()
        examples: defaultdict[str, list[Example]] = defaultdict(list)
        for one in missed:
            here = found_in(one.title, one.text)
            counts.update(here)
            for pattern in here:
                add_example(examples[pattern], one.title or one.text, one.item_id, one.title)
        found[name] = Matched(len(missed), counts, dict(examples))
    return found

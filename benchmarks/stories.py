"""Stories: do reports of one event from many outlets become one story, in any order of arrival, at a flat cost?

Items go through the shipped model, the decider and a real SQLite store. Without a file it reads the items written for
this project; a file has the same lines: ``{"id", "outlet", "feed", "url", "title", "text", "published", "cluster"}``,
where ``cluster`` names the real event, and is null for an item that reports none.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from alerts.matching import in_order
from alerts.story import Report, outlet_of
from classifiers.event import Event, Person, Place
from classifiers.model import Model
from feeds.item import Item
from store import migrate
from store.database import Database
from store.tables import events
from worker.steps.find_story import find_story, join_known_story

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

AUTHORED = Path(__file__).with_name("stories.jsonl")
SHUFFLES = 3
#: Of how many stories the cost of one more report is told.
CHECKPOINTS = (0, 1_000, 5_000, 10_000, 20_000)
_COUNTRIES = ("AE", "AU", "BR", "DE", "EG", "FR", "GB", "IN", "IQ", "IR", "IT", "JP", "KE", "KR", "PL", "RU", "TR")


@dataclass(frozen=True, slots=True)
class Told:
    """An item as labelled, and what the model says it reports (in the order in which it is to be decided); ``echoes``
    are reports too faint to be news by themselves, of an item that has no others."""

    id: str
    cluster: str | None
    published: datetime | None
    reports: tuple[Report, ...]
    echoes: tuple[Report, ...] = ()


def run(file: str | None = None) -> None:
    told = read(Path(file) if file else AUTHORED)
    labelled = [t for t in told if t.cluster]
    silent = sum(not t.reports for t in labelled)
    alarms = sum(bool(t.reports) for t in told if not t.cluster)
    clusters = len({t.cluster for t in labelled})
    print(f"{len(told)} items, {clusters} events; in {silent} items no report was seen, {alarms} false alarms")
    first: dict[str, frozenset[str]] | None = None
    for name, order in _orders([t for t in told if t.reports or t.echoes]):
        stories = grouped(order)
        first = first or stories
        found = [t for t in labelled if t.id in stories]
        missed = {t.id: frozenset({f"missed {t.id}"}) for t in labelled if t.id not in stories}
        print(f"{name:<12} {_scores(found, stories)}   with the {len(missed)} missed items", end=" ")
        print(f"{_f1(*b_cubed(labelled, stories | missed)):.3f}   {_mixed(found, stories)}", end="   ")
        same = [{i: of for i, of in outcome.items() if i in stories and i in first} for outcome in (first, stories)]
        print(f"like the first order {_f1(*_between(*same)):.3f}")
    cost()


def read(path: Path) -> list[Told]:
    model, told = Model.load(), []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        published = datetime.fromisoformat(row["published"]).astimezone(UTC) if row.get("published") else None
        item = Item(id=row["id"], title=row["title"], text=row["text"], url=row.get("url"), published=published)
        verdict = model.classify(item)
        reports = in_order(_report(row, item, number, event) for number, event in enumerate(verdict.events))
        echoes = [_report(row, item, number, event) for number, event in enumerate(verdict.faint)]
        told.append(Told(item.id, row.get("cluster"), published, tuple(reports), () if reports else tuple(echoes)))
    return told


def grouped(order: Sequence[Told]) -> dict[str, frozenset[str]]:
    """The stories each item is in after all have arrived in this order, a minute apart."""
    start = max((t.published for t in order if t.published), default=datetime(2026, 1, 1, tzinfo=UTC))
    by_time = all(a.published and b.published and a.published <= b.published for a, b in pairwise(order))
    with _database() as database, database.write() as transaction:
        connection = transaction.connection
        for number, told in enumerate(order):
            seen = told.published if by_time and told.published else start
            for report in told.reports:
                arrived = replace(report, seen=seen + timedelta(minutes=number + 1))
                find_story(connection, arrived, arrived.seen)
            for report in told.echoes:
                arrived = replace(report, seen=seen + timedelta(minutes=number + 1))
                join_known_story(connection, arrived, arrived.seen)
        return _stories_of(connection)


def b_cubed(items: Sequence[Told], stories: Mapping[str, frozenset[str]]) -> tuple[float, float]:
    """Precision and recall (Bagga and Baldwin 1998); items that share any story are together."""
    clusters = {t.id: t.cluster for t in items}
    members: dict[str, set[str]] = {}
    for item, of in stories.items():
        for story in of:
            members.setdefault(story, set()).add(item)
    sizes = Counter(clusters.values())
    precision = recall = 0.0
    for item, cluster in clusters.items():
        together = set().union(*(members[s] for s in stories[item]))
        right = sum(clusters.get(other) == cluster for other in together)
        precision += right / len(together)
        recall += right / sizes[cluster]
    return precision / max(1, len(clusters)), recall / max(1, len(clusters))


def cost() -> None:
    """What one more report costs as stories accumulate; a third of all are about one pair of countries."""
    rng, spent, window = random.Random(5), 0.0, 500
    with _database() as database:
        for number in range(CHECKPOINTS[-1] + window):
            report = _invented(rng, number)
            start = time.process_time()
            with database.write() as transaction:
                find_story(transaction.connection, report, report.seen)
            spent += time.process_time() - start
            if (number + 1) % window == 0:
                if (before := number + 1 - window) in CHECKPOINTS:
                    print(f"after {before:>6,} stories: {spent / window * 1e3:.2f} ms of CPU for one more report")
                spent = 0.0


def _invented(rng: random.Random, number: int) -> Report:
    """A meeting like no other before it."""
    codes = ("US", "CN") if rng.random() < 1 / 3 else rng.sample(_COUNTRIES, 2)
    names = ["".join(rng.choices("aeiouklmnprstvz", k=7)).title() for _ in range(4)]
    when = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=10 * number)
    words = " ".join("".join(rng.choices("abcdefghij", k=4)) for _ in range(120))
    event = Event(
        "bilateral_meeting", 0.9, "held", tuple(codes), date=when.date(),
        people=(Person(" ".join(names[:2]), None, codes[0]), Person(" ".join(names[2:]), None, codes[1])),
        place=Place(rng.choice(names), rng.choice(_COUNTRIES)),
    )  # fmt: skip
    return Report(
        f"item{number}", 0, "feed", "feed", "", f"outlet{rng.randrange(50)}.example", None, " ".join(names), words,
        "en", when, when, event,
    )  # fmt: skip


def _orders(told: Sequence[Told]) -> Iterator[tuple[str, list[Told]]]:
    by_time = sorted(told, key=lambda t: (t.published is None, t.published, t.id))
    yield "as published", by_time
    yield "in reverse", by_time[::-1]
    for seed in range(1, SHUFFLES + 1):
        yield f"shuffled ({seed})", random.Random(seed).sample(by_time, len(by_time))


def _between(first: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> tuple[float, float]:
    """B-cubed of one outcome taken for the truth about another: 1 where the order of arrival changed nothing."""
    as_truth = [Told(item, "\x1f".join(sorted(of)), None, ()) for item, of in first.items()]
    return b_cubed(as_truth, other)


def _scores(items: Sequence[Told], stories: Mapping[str, frozenset[str]]) -> str:
    precision, recall = b_cubed(items, stories)
    return f"B-cubed F1 {_f1(precision, recall):.3f}   precision {precision:.3f}   recall {recall:.3f}"


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / max(1e-9, precision + recall)


def _mixed(items: Sequence[Told], stories: Mapping[str, frozenset[str]]) -> str:
    """How many stories hold reports of several events, and how many of those events between different countries."""
    sides = sides_of(items)
    held: dict[str, set[str]] = {}
    for item in items:
        for story in stories[item.id]:
            held.setdefault(story, set()).add(item.cluster or "")
    mixed = [clusters for clusters in held.values() if len(clusters) > 1]
    other = sum(any(sides[a] != sides[b] for a, b in combinations(clusters, 2)) for clusters in mixed)
    return f"{len(mixed)} stories of several events, {other} of other sides"


def sides_of(items: Sequence[Told]) -> dict[str, frozenset[str]]:
    """The sides of each event: those that most of its reports name."""
    said: dict[str, Counter[frozenset[str]]] = {}
    for item in items:
        for report in item.reports:
            said.setdefault(item.cluster or "", Counter())[frozenset(report.event.countries)] += 1
    return {cluster: max(counts, key=lambda s: (len(s) > 1, counts[s])) for cluster, counts in said.items()}


def _report(row: Mapping[str, Any], item: Item, number: int, event: Event) -> Report:
    when = item.published or datetime(2026, 1, 1, tzinfo=UTC)
    feed = row.get("feed") or row["outlet"]
    outlet = outlet_of(item.url, feed)
    return Report(
        item.id, number, feed, feed, feed, outlet, item.url, item.title, item.text, "en", item.published, when, event
    )


def _stories_of(connection: Connection) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(events.c.item_id, events.c.story_id)):
        found.setdefault(row.item_id, set()).add(row.story_id)
    return {item: frozenset(of) for item, of in found.items()}


@contextmanager
def _database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/stories.db")
        migrate.upgrade(database)
        yield database
        database.close()

"""What the demonstration's newsroom prints: the seed reports and ordinary news, and in which paper each appears."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import cycle, islice, zip_longest
from typing import TYPE_CHECKING, Literal

from classifiers.seed import Seed, read_seeds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

#: Ordinary items in the papers from the start, and how many run between the reports.
BACK_CATALOGUE = 12
IN_BETWEEN = 6


@dataclass(frozen=True, slots=True)
class Paper:
    """One outlet of the newsroom. ``host`` is where its articles pretend to be (RFC 2606 keeps the name unused)."""

    name: str
    slug: str
    form: Literal["rss", "atom"]

    @property
    def host(self) -> str:
        return f"{self.slug}.example"


@dataclass(frozen=True, slots=True)
class Article:
    title: str
    text: str
    published: datetime
    url: str


PAPERS = (
    Paper("Indus Herald", "indus-herald", "rss"),
    Paper("Steppe Wire", "steppe-wire", "atom"),
    Paper("Gulf Courier", "gulf-courier", "rss"),
    Paper("Delta Dispatch", "delta-dispatch", "atom"),
)

#: The six seed reports, by how their files' names start and end, in order of appearance, each with its paper.
REPORTS: Mapping[tuple[str, str], Paper] = {
    ("004_", ""): PAPERS[2],
    ("000_", ""): PAPERS[1],
    ("002_", "-2"): PAPERS[3],
    ("001_", ""): PAPERS[0],
    ("003_", ""): PAPERS[1],
    ("002_", "-1"): PAPERS[2],
}

#: The alerts that should come of them, one line each.
EXPECTED = (
    "Pakistan and Russia, October 2023: Kakar meets Putin (Gulf Courier)",
    "Pakistan and Russia, Astana, July 2024: Sharif meets Putin (Steppe Wire, then Indus Herald and Gulf Courier)",
    "Pakistan and Bangladesh, Jeddah, January 2026: Dar meets Hossain (Delta Dispatch)",
    "Pakistan and Russia, Beijing, September 2025: Sharif meets Putin again (Steppe Wire)",
)


def article(paper: Paper, title: str, text: str, when: datetime) -> Article:
    """An article of this paper, at an address made of its headline."""
    words = "-".join(re.findall(r"[a-z0-9]+", title.lower())[:8]) or "untitled"
    mark = hashlib.sha256(f"{paper.slug}\x1f{title}\x1f{text}".encode("utf-8", "replace")).hexdigest()[:8]
    return Article(title, text, when, f"https://{paper.host}/{words}-{mark}")


def back_catalogue(seeds: Iterable[Seed], now: datetime) -> Iterator[tuple[Paper, Article]]:
    """What stands in the papers before the demonstration: ordinary news, and one meeting that is old news by then."""
    seeds = list(seeds)
    old_news = [s for s in _bundled(seeds) if s.events and s.status == "held"][:1]
    for paper, seed in zip(cycle(PAPERS), [*old_news, *islice(_ordinary(seeds), BACK_CATALOGUE)], strict=False):
        yield paper, article(paper, seed.title, seed.text, published(seed) or now)


def programme(seeds: Iterable[Seed]) -> list[tuple[Paper, Seed]]:
    """What is published while one watches: the reports, with ordinary news between them."""
    seeds = list(seeds)
    reports = [(paper, seed) for name, paper in REPORTS.items() if (seed := _named(seeds, *name))]
    between = islice(_ordinary(seeds), BACK_CATALOGUE, BACK_CATALOGUE + IN_BETWEEN)
    fillers = list(zip(cycle(reversed(PAPERS)), between, strict=False))
    return [one for both in zip_longest(fillers, reports) for one in both if one]


def read(folder: Path) -> tuple[Seed, ...]:
    """The seeds to print. Raises SeedError."""
    return read_seeds(folder)


def published(seed: Seed) -> datetime | None:
    """Noon of the day the seed says it appeared."""
    return datetime.combine(seed.published, time(12), UTC) if seed.published else None


def _named(seeds: Iterable[Seed], start: str, end: str) -> Seed | None:
    return next((s for s in seeds if s.path.stem.startswith(start) and s.path.stem.endswith(end)), None)


def _bundled(seeds: Iterable[Seed]) -> Iterator[Seed]:
    return (s for s in seeds if s.path.suffix == ".jsonl")


def _ordinary(seeds: Iterable[Seed]) -> Iterator[Seed]:
    """Counter-examples, the first of each kind, from each bundle in turn, so that they are of many sorts."""
    bundles: dict[Path, dict[str | None, Seed]] = {}
    for seed in _bundled(seeds):
        if not seed.events and seed.text:
            bundles.setdefault(seed.path, {}).setdefault(seed.kind, seed)
    return (seed for row in zip_longest(*(kinds.values() for kinds in bundles.values())) for seed in row if seed)

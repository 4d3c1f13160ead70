"""The original articles, read by the shipped model: one story for one real-world event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from sample_reports import NOON, report
from test_matching import grouped

from alerts.matching import in_order
from classifiers.model import Model
from feeds.item import Item

if TYPE_CHECKING:
    from pathlib import Path

    from alerts.story import Report

TRUE_DAYS = {"000": "2024-07-03", "001": "2024-07-03", "002": "2026-01-11", "003": "2025-09-02", "004": "2023-10-18"}


@pytest.mark.parametrize("published", ["true", "now", "missing"])
def test_the_originals_are_four_stories(shared: Path, published: str) -> None:
    """Each comes through a feed of its own; the second article on the page of 002 is a report of its own."""
    model = Model.load()
    told: dict[str, list[Report]] = {}
    for path in sorted((shared / "seeds").glob("*.txt")):
        name, text = path.name[:3], path.read_text()
        noon = datetime.fromisoformat(f"{TRUE_DAYS[name]}T12:00:00").replace(tzinfo=UTC)
        when = {"true": noon, "now": NOON, "missing": None}[published]
        title = text.split("\n", 1)[0][:120]
        events = model.classify(Item(name, title, text, published=when)).events
        told[name] = in_order(
            replace(
                report(name, index=i, outlet=f"{name}.example", title=title, text=text, published=when), event=event
            )
            for i, event in enumerate(events)
        )
    for order in permutations(told):
        stories = grouped([one for name in order for one in told[name]])
        items = sorted(sorted({item for item, _ in story}) for story in stories)
        assert items == [["000", "001", "002"], ["002"], ["003"], ["004"]], order

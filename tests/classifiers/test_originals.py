"""The five published articles the first two kinds of event were asked for with, each as docs/patterns.md says."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classifiers.model import Model
from classifiers.seed import read_seeds
from feeds.item import Item

if TYPE_CHECKING:
    from classifiers.event import Event

SEEDS = Path(__file__).parents[2] / "seeds"
TYPES_BY_ARTICLE = {
    "000_18e65c65d39eccbd": ["bilateral_meeting"],
    "001_e34a3a4c6ee7f15a": ["bilateral_meeting"],
    "002_aa659e2ed3b67d25": ["bilateral_meeting", "energy_deal", "bilateral_meeting"],
    "003_8f86a8b9e05079b2": ["bilateral_meeting"],
    "004_7fa5399bea6e4732": ["bilateral_meeting", "energy_deal"],
}


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load()


def events_of(model: Model, shared: Path, name: str, title_first: bool = False) -> tuple[Event, ...]:
    text = (shared / "seeds" / f"{name}.txt").read_text(encoding="utf-8")
    title = ""
    if title_first:
        title, _, text = text.partition("\n")
    return model.classify(Item(id=name, title=title, text=text)).events


def names(event: Event) -> set[str]:
    return {person.name for person in event.people}


@pytest.mark.parametrize("title_first", [False, True], ids=["no title", "first line as title"])
@pytest.mark.parametrize("name", TYPES_BY_ARTICLE)
def test_each_original_reports_what_its_row_says(model: Model, shared: Path, name: str, title_first: bool) -> None:
    events = events_of(model, shared, name, title_first)
    assert [event.type for event in events] == TYPES_BY_ARTICLE[name]
    for event in events:
        if event.type == "bilateral_meeting":
            assert event.status == "held"
            assert "PK" in event.countries
            assert len(event.countries) == 2


def test_000_is_sharif_and_putin_in_astana(model: Model, shared: Path) -> None:
    (event,) = events_of(model, shared, "000_18e65c65d39eccbd")
    assert set(event.countries) == {"PK", "RU"}
    assert {"Shehbaz Sharif", "Vladimir Putin", "Ishaq Dar"} <= names(event)
    assert event.place is not None
    assert (event.place.name, event.place.country) == ("Astana", "KZ")
    assert event.occasion is not None
    assert "Shanghai Cooperation Organization" in event.occasion
    assert any(a.value == 1e9 and a.unit == "USD" for a in event.amounts)


def test_001_has_the_day_of_its_dateline(model: Model, shared: Path) -> None:
    (event,) = events_of(model, shared, "001_e34a3a4c6ee7f15a")
    assert set(event.countries) == {"PK", "RU"}
    assert event.date == date(2024, 7, 3)
    assert event.place is not None
    assert event.place.name == "Astana"
    assert any(a.value == 1e9 for a in event.amounts)
    assert "oil" in event.commodities


def test_002_carries_two_articles(model: Model, shared: Path) -> None:
    first, energy, second = events_of(model, shared, "002_aa659e2ed3b67d25")
    assert set(first.countries) == {"PK", "RU"}
    assert first.date == date(2024, 7, 3)
    assert first.place is not None
    assert first.place.name == "Astana"
    assert set(energy.countries) == {"PK", "RU"}
    assert {"oil", "lpg"} <= set(energy.commodities)
    assert set(second.countries) == {"PK", "BD"}
    assert names(second) == {"Ishaq Dar", "Touhid Hossain"}
    assert {p.role for p in second.people} == {"foreign minister", "adviser on foreign affairs"}
    assert second.place is not None
    assert (second.place.name, second.place.country) == ("Jeddah", "SA")
    assert second.date == date(2026, 1, 11)
    assert second.amounts == ()


def test_003_is_a_tuesday_in_beijing(model: Model, shared: Path) -> None:
    (event,) = events_of(model, shared, "003_8f86a8b9e05079b2")
    assert set(event.countries) == {"PK", "RU"}
    assert {"Shehbaz Sharif", "Vladimir Putin"} <= names(event)
    assert event.place is not None
    assert (event.place.name, event.place.country) == ("Beijing", "CN")
    assert event.date == date(2025, 9, 2)
    assert {"agriculture", "energy", "transport"} <= set(event.topics)


def test_004_has_the_figures_of_the_purchase(model: Model, shared: Path) -> None:
    meeting, purchase = events_of(model, shared, "004_7fa5399bea6e4732")
    assert set(meeting.countries) == {"PK", "RU"}
    assert {"Anwaar ul Haq Kakar", "Vladimir Putin"} <= names(meeting)
    assert set(purchase.countries) == {"PK", "RU"}
    assert purchase.status == "delivered"
    figures = {(a.value, a.unit) for a in purchase.amounts}
    assert {(100_000, "tonnes"), (101_000, "tonnes"), (10, "percent"), (30, "percent")} <= figures
    assert {"oil", "lpg"} <= set(purchase.commodities)


@pytest.mark.parametrize("seed", [s for s in read_seeds(SEEDS) if s.path.suffix == ".md"], ids=lambda s: s.path.stem)
def test_our_retellings_are_classified_as_they_say(model: Model, seed: object) -> None:
    from classifiers.seed import Seed

    assert isinstance(seed, Seed)
    verdict = model.classify(Item(id=seed.path.stem, title=seed.title, text=seed.text))
    assert [event.type for event in verdict.events] == list(seed.events)


def test_the_three_accounts_of_one_meeting_agree(model: Model) -> None:
    accounts = [s for s in read_seeds(SEEDS) if s.path.name.startswith(("000_", "001_")) or s.path.stem.endswith("-1")]
    assert len(accounts) == 3
    seen = set()
    for seed in accounts:
        verdict = model.classify(Item(id=seed.path.stem, title=seed.title, text=seed.text))
        event = next(e for e in verdict.events if e.type == "bilateral_meeting")
        assert event.place is not None
        seen.add((frozenset(event.countries), event.place.name))
        assert {"Shehbaz Sharif", "Vladimir Putin"} <= names(event)
    assert seen == {(frozenset({"PK", "RU"}), "Astana")}

"""The sentences an analyst is shown for an event: first who did what with whom, then what adds facts."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classifiers.model import Model
from classifiers.seed import read_seeds
from feeds.item import Item

if TYPE_CHECKING:
    from classifiers.event import Event
    from classifiers.seed import Seed

MODEL = Model.load()
SEEDS = {seed.title: seed for seed in read_seeds(Path(__file__).parents[2] / "seeds")}


def told(title: str, kind: str) -> tuple[Seed, Event]:
    seed = next(seed for name, seed in SEEDS.items() if name.startswith(title))
    published = datetime.combine(seed.published, time(12), UTC) if seed.published else None
    verdict = MODEL.classify(Item(id="1", title=seed.title, text=seed.text, published=published))
    return seed, next(event for event in verdict.events if event.type == kind)


@pytest.mark.parametrize(
    ("title", "kind", "first"),
    [
        ("Shehbaz Sharif tells Putin in Astana", "bilateral_meeting",
         "ASTANA: Prime Minister Shehbaz Sharif held a bilateral meeting with Russian President Vladimir Putin"),
        ("Prime Minister Shehbaz Sharif, President Putin discuss", "bilateral_meeting",
         "ASTANA, July 3, 2024 - Pakistan's Prime Minister Shehbaz Sharif met Russian President Vladimir Putin"),
        ("Kakar and Putin hold talks", "bilateral_meeting",
         "Pakistan's Prime Minister Anwaar ul Haq Kakar held a meeting with Russian President Vladimir Putin"),
        ("Foreign ministers of Pakistan and Bangladesh", "bilateral_meeting",
         "ISLAMABAD: Pakistan's Foreign Minister Ishaq Dar met Bangladesh's Adviser on Foreign Affairs"),
        ("Albania's Rama to make first trip to Belgrade", "bilateral_meeting",
         "TIRANA – Prime Minister Edi Rama will meet his Serbian colleague Aleksandar Vucic in Belgrade"),
        ("Sharif meets Putin in Astana", "energy_deal",
         "Last year Pakistan started buying discounted Russian crude oil under a deal agreed between"),
        ("Germany's EnBW signs first LNG contract", "energy_deal",
         "FRANKFURT – German utility EnBW has signed a contract with Abu Dhabi's ADNOC"),
        ("Dutch greenhouses tap Shell's residual heat", "energy_deal", "ROTTERDAM — Surplus warmth"),
    ],
)  # fmt: skip
def test_the_first_passage_names_both_sides_and_what_they_did(title: str, kind: str, first: str) -> None:
    _, event = told(title, kind)
    assert event.evidence[0].text.startswith(first)
    assert event.evidence[0].patterns


@pytest.mark.parametrize(
    ("title", "kind", "facts"),
    [
        ("Shehbaz Sharif tells Putin in Astana", "bilateral_meeting",
         ("Wednesday", "Shanghai Cooperation", "one billion dollars", "Ishaq Dar")),
        ("Prime Minister Shehbaz Sharif, President Putin discuss", "bilateral_meeting",
         ("July 3", "the Kazakh capital", "Shanghai Cooperation", "$1 billion")),
        ("Kakar and Putin hold talks", "energy_deal", ("100,000 tonnes", "101,000 tonnes", "Karachi", "June 11")),
        ("Dutch greenhouses tap Shell's residual heat", "energy_deal", ("70 megawatts", "fifteen years")),
    ],
)  # fmt: skip
def test_further_passages_add_place_date_and_figures(title: str, kind: str, facts: tuple[str, ...]) -> None:
    seed, event = told(title, kind)
    said = " ".join(evidence.text for evidence in event.evidence)
    assert [fact for fact in facts if fact not in said] == []
    for evidence in event.evidence:
        assert (seed.title if evidence.source == "title" else seed.text)[evidence.start : evidence.end] == evidence.text


def test_no_passage_is_quoted_twice_and_none_says_only_what_was_told() -> None:
    for title, kind in (("Shehbaz Sharif tells", "bilateral_meeting"), ("Kakar and Putin", "bilateral_meeting")):
        _, event = told(title, kind)
        assert len({evidence.text for evidence in event.evidence}) == len(event.evidence) <= 5
        for evidence in event.evidence[1:]:
            assert evidence.score >= 0.5 or any(
                fact in evidence.text for fact in ("tonnes", "percent", "dollars", "SCO")
            )

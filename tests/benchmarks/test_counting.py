"""The benchmarks count right, on invented rows."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.scoring import Counts, Share, best_in_hindsight, count
from benchmarks.structure import Judged

MEETING: dict[str, Any] = {
    "type": "bilateral_meeting",
    "status": "held",
    "countries": ["FR", "KE"],
    "people": [
        {"name": "Anna Beispiel", "role": "president", "country": "FR", "main": True},
        {"name": "Otieno", "role": "foreign minister", "country": "KE", "main": True},
    ],
    "place": {"name": "Nairobi", "country": "KE"},
    "date": "2020-02-03",
    "alt": {"status": ["planned"], "place": [{"name": "Kenya", "country": "KE"}]},
}
DEAL: dict[str, Any] = {
    "type": "energy_deal",
    "status": "signed",
    "countries": ["KE"],
    "parties": [
        {"name": "Kenya", "country": "KE"},
        {"name": "Beispiel Energie AG", "country": "DE", "aka": ["BEAG"]},
        {"name": "a consortium", "country": None, "generic": True},
        {"name": "Muster Bank", "country": "DE", "optional": True},
    ],
    "commodities": ["gas"],
    "amounts": [
        {"text": "30 to 50 tonnes", "value": 50, "unit": "tonnes", "min": 30},
        {"text": "$2 million", "value": 2e6, "unit": "USD"},
        {"text": "7 years", "value": 7, "unit": "years", "optional": True},
    ],
    "alt": {"commodities": [["gas", "lng"]]},
}


def told(**parts: Any) -> dict[str, Any]:
    empty = {"people": [], "organizations": [], "place": None, "date": None, "commodities": [], "amounts": []}
    return {"status": None, "countries": [], **empty, **parts}


def judged(label: dict[str, Any], **parts: Any) -> Judged:
    found = Judged()
    found.judge(label, told(**parts))
    return found


def test_decisions_are_compared_one_for_one() -> None:
    counts = count([True, True, False, False], [True, False, True, False])
    assert counts == Counts(right=1, extra=1, missed=1)
    assert (counts.precision, counts.recall, counts.f1) == (0.5, 0.5, 0.5)
    assert count([False], [False]).f1 == 0.0


def test_the_best_threshold_in_hindsight_keeps_equal_scores_together() -> None:
    assert best_in_hindsight([0.9, 0.8, 0.1], [True, True, False]) == Counts(2, 0, 0)
    assert best_in_hindsight([0.5, 0.5, 0.5], [True, False, False]) == Counts(1, 2, 0)
    assert best_in_hindsight([0.5], [False]) == Counts()


def test_a_meeting_is_right_in_any_of_the_ways_a_reader_could_tell_it() -> None:
    people = [{"name": "A. Beispiel", "role": "president", "country": "FR"}]
    found = judged(
        MEETING, status="planned", countries=["KE", "FR"], people=people, place={"name": "Kenya", "country": "KE"}
    )
    assert found.shares["status"] == Share(1, 1)
    assert found.shares["sides, both right"] == Share(1, 1)
    assert found.counts["people (name, country)"] == Counts(1, 0, 1)
    assert found.shares["roles of the people found"] == Share(1, 1)
    assert found.counts["place"] == Counts(1, 0, 0)
    assert found.shares["date, where one is told"] == Share(0, 1)


@pytest.mark.parametrize(
    ("place", "counts"),
    [
        (None, Counts(0, 0, 1)),
        ({"name": "Paris", "country": "FR"}, Counts(0, 1, 1)),
        ({"name": "Nairobi", "country": "UG"}, Counts(0, 1, 1)),
        ({"name": "Nairobi", "country": None}, Counts(1, 0, 0)),
    ],
)
def test_a_wrong_place_is_both_invented_and_missed(place: dict[str, Any] | None, counts: Counts) -> None:
    assert judged(MEETING, place=place).counts["place"] == counts


def test_a_place_that_nobody_told_is_right_when_none_is_given() -> None:
    found = judged(MEETING | {"place": None, "alt": {}}, place=None)
    assert found.shares["place, or none told"] == Share(1, 1)
    assert found.counts["place"] == Counts()


def test_parties_count_by_any_spelling_and_states_by_their_country() -> None:
    names = [{"name": "BEAG", "country": None}, {"name": "Muster Bank", "country": "DE"}, {"name": "Erfunden SA"}]
    found = judged(DEAL, status="agreed", countries=["KE"], organizations=names)
    assert found.counts["parties"] == Counts(right=2, extra=1, missed=0)
    assert found.shares["status"] == Share(0, 1)
    assert found.shares["status, signed and agreed as one"] == Share(1, 1)
    # A company is not found by the country it is from.
    assert judged(DEAL, countries=["DE"]).counts["parties"] == Counts(missed=2)


def test_figures_count_by_value_and_the_optional_ones_neither_way() -> None:
    amounts = [{"value": 30, "unit": "tonnes"}, {"value": 2e6, "unit": "EUR"}, {"value": 7, "unit": "years"}]
    found = judged(DEAL, amounts=[*amounts, {"value": 9, "unit": None}])
    assert found.counts["amounts"] == Counts(right=1, extra=1, missed=1)
    assert found.shares["units of the amounts found"] == Share(0, 1)


def test_the_energy_kind_is_compared_with_the_nearest_reading() -> None:
    found = judged(DEAL, commodities=["gas", "lng", "oil"])
    assert found.counts["energy kind"] == Counts(right=2, extra=1, missed=0)
    assert found.shares["energy kind, exactly"] == Share(0, 1)
    assert judged(DEAL, commodities=["gas", "lng"]).shares["energy kind, exactly"] == Share(1, 1)

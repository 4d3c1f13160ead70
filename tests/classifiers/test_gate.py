"""The gate: what is worth reading passes, whatever else the article is about, and most other news does not."""

from __future__ import annotations

import pytest

from classifiers.gate import OPEN, Gate, stretches, vocabulary
from classifiers.model import Model
from classifiers.scoring import TypeWeights


def gate_of(event_type: str) -> Gate:
    kind = Model.load().weights(event_type)
    assert isinstance(kind, TypeWeights)
    return kind.gate


@pytest.mark.parametrize(
    ("event_type", "title", "opens"),
    [
        ("bilateral_meeting", "Norwegian and Kenyan ministers hold talks in Oslo", True),
        ("bilateral_meeting", "Xi, Lula meet in Beijing", True),
        ("bilateral_meeting", "Striker scores twice as club wins the cup final", False),
        ("energy_deal", "Qatar signs LNG supply contract with Thai firm", True),
        ("energy_deal", "Singer cancels third concert of her tour", False),
    ],
)
def test_the_shipped_gates(event_type: str, title: str, opens: bool) -> None:
    assert gate_of(event_type).opens(vocabulary(title, "")) is opens


def test_a_passage_far_down_opens_the_gate_by_itself() -> None:
    dull = "The garden show drew visitors who admired roses, tulips and old apple trees. " * 60
    passage = "Qatar signed a contract to supply liquefied natural gas to a Thai firm for fifteen years. "
    gate = gate_of("energy_deal")
    assert not any(gate.opens(words) for words in stretches("Spring in the park", dull, 12_000))
    assert any(gate.opens(words) for words in stretches("Spring in the park", dull + passage * 3, 12_000))


def test_no_more_than_asked_for_is_looked_at() -> None:
    assert len(list(stretches("t", "word " * 10_000, 12_000))) == 10


def test_weights_of_signs_count_once_a_word_that_has_them() -> None:
    gate = Gate(-1.0, {"#state": 0.6, "visits": 0.1})
    assert not gate.opens({"norway"})
    assert gate.opens({"norway", "kenya"})
    assert OPEN.opens(set())

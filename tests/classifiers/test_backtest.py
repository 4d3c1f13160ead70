"""Two models on the same items: what changes, by type, newest first, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from classifiers import backtest as module
from classifiers.backtest import backtest
from classifiers.model import Model
from classifiers.scoring import TypeWeights
from feeds.item import Item

if TYPE_CHECKING:
    import pytest

NOW = datetime(2026, 11, 1, tzinfo=UTC)
#: Says yes to whatever speaks of a rate.
RATE = TypeWeights(bias=-4.0, threshold=0.5, weights={"rate": 30.0, "rain": -1.0})
LOOSE = Model({"rate": RATE})
ITEMS = [
    (NOW - timedelta(hours=2), Item(id="rain", title="Rain expected in the north", text="Showers are on the way.")),
    (NOW - timedelta(hours=1), Item(id="bank", title="Norway's central bank raises interest rates", text="")),
    (None, Item(id="old", title="Bank of England raises rates to 4%", text="It was the first rise in a year.")),
    (NOW, Item(id="ru", title="Дождь", text="В понедельник ожидается дождь.")),
]


def test_the_same_model_changes_nothing() -> None:
    done = backtest(LOOSE, LOOSE, ITEMS)
    assert (done.items, done.not_scored, done.changes) == (4, 1, [])
    (count,) = done.types
    assert (count.known_to, count.old, count.new, count.both, count.newly, count.no_longer) == ("both", 2, 2, 2, 0, 0)
    assert (count.status, count.sides) == (0, 0)


def test_what_newly_alerts_and_what_no_longer_does_is_listed_with_the_reason() -> None:
    newly = backtest(Model({"rate": replace(RATE, threshold=0.99)}), LOOSE, ITEMS)
    assert [(c.id, c.change, c.reason) for c in newly.changes] == [
        ("bank", "newly", "the threshold alone"),
        ("old", "newly", "the threshold alone"),
    ]
    assert newly.types[0].newly == 2
    assert (newly.changes[0].old_threshold, newly.changes[0].new_threshold) == (0.99, 0.5)
    deaf = Model({"rate": replace(RATE, weights={"rate": 10.0, "interest": 1.0})})
    gone = backtest(LOOSE, deaf, ITEMS)
    assert [(c.id, c.change, c.reason) for c in gone.changes] == [
        ("bank", "no longer", "rate (+30.00 -> +10.00)"),
        ("old", "no longer", "rate (+30.00 -> +10.00)"),
    ]
    assert [f"{c.old_score:.2f} {c.new_score:.2f}" for c in gone.changes] == ["0.88 0.14", "0.88 0.12"]
    assert gone.types[0].no_longer == 2


def test_a_type_that_one_model_knows_is_shown_as_such() -> None:
    both, one = Model({"rate": RATE, "more": RATE}), LOOSE
    added = backtest(one, both, ITEMS)
    assert [(c.type, c.known_to, c.newly) for c in added.types] == [("more", "new", 2), ("rate", "both", 0)]
    assert (added.changes[0].old_score, added.changes[0].old_threshold) == (None, None)
    assert added.changes[0].reason == "rate (+0.00 -> +30.00)"
    taken = backtest(both, one, ITEMS)
    assert [(c.type, c.known_to, c.no_longer) for c in taken.types] == [("more", "old", 2), ("rate", "both", 0)]
    assert taken.changes[0].reason == "the new model does not know the type"


def test_the_newest_changes_are_kept_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LISTED", 3)
    many = [(NOW - timedelta(hours=n % 7), replace(ITEMS[1][1], id=str(n))) for n in range(20)]
    done = backtest(Model({}), LOOSE, many)
    assert done.types[0].newly == 20
    assert [change.id for change in done.changes] == ["0", "7", "14"]

"""The second opinion: how title and lead are worded."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from classifiers.brief import make_brief
from classifiers.model import Model
from classifiers.scoring import TypeWeights, load_weights
from feeds.item import Item

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def meetings() -> TypeWeights:
    kind = Model.load().weights("bilateral_meeting")
    assert isinstance(kind, TypeWeights)
    return kind


def test_wording_tells_meetings_from_other_news(meetings: TypeWeights) -> None:
    meeting = meetings.wording(make_brief("Norwegian and Kenyan leaders meet in Oslo", "They held talks on trade."))
    other = meetings.wording(make_brief("Ten recipes for a quick summer salad", "Our cooks have tried them all."))
    assert meeting > 0 > other


def test_reasons_add_up_to_the_opinion(meetings: TypeWeights) -> None:
    brief = make_brief("Norwegian and Kenyan leaders meet in Oslo", "They held talks on trade.")
    reasons = meetings.wording_reasons(brief, 10_000)
    told = meetings.signs_bias + math.fsum(share for _, share in reasons)
    assert math.isclose(told, meetings.wording(brief), abs_tol=1e-9)


def test_the_score_holds_both_opinions(meetings: TypeWeights) -> None:
    item = Item(id="1", title="Norwegian and Kenyan leaders meet in Oslo", text="They held talks on trade.")
    heard = Model({"bilateral_meeting": meetings}).classify(item).scores["bilateral_meeting"]
    alone = Model({"bilateral_meeting": replace(meetings, signs={})}).classify(item).scores["bilateral_meeting"]
    assert heard > alone


def test_a_report_far_down_is_not_silenced_by_the_title(meetings: TypeWeights) -> None:
    title = "Morning briefing: rain, trains and a salad"
    dull = "The weather stays wet in the north. Trains run late again. A cook shares a salad. Rents are up. "
    report = (
        "Norwegian Prime Minister Jonas Gahr Stoere met Kenyan President William Ruto in Nairobi on Monday. "
        "The two leaders held talks on trade and agreed to deepen ties between Norway and Kenya. "
        "Stoere and Ruto signed a climate accord after their meeting in Nairobi. "
    )
    model = Model({"bilateral_meeting": meetings})
    brief = make_brief(title, dull * 8 + report)
    assert meetings.wording(brief) < 0
    (event,) = model.classify(Item(id="1", title=title, text=dull * 8 + report)).events
    assert set(event.countries) == {"KE", "NO"}


def test_what_wording_weighs_is_kept(meetings: TypeWeights, tmp_path: Path) -> None:
    Model({"bilateral_meeting": meetings}).save(tmp_path / "model.json")
    assert Model.load(tmp_path / "model.json").weights("bilateral_meeting") == meetings
    assert load_weights(meetings.to_json()) == meetings

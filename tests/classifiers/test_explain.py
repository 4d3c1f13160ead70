"""What `classify --explain` tells a person of the decision on one item."""

from __future__ import annotations

import re
from dataclasses import replace

from classifiers.explain import explain
from classifiers.model import Model
from classifiers.scoring import TypeWeights, sigmoid
from feeds.item import Item

#: A type that any sentence with two leaders is near to; "urges" in a title speaks against it.
KIND = TypeWeights(
    bias=-2.0,
    threshold=0.5,
    weights={"LEADER[A] ‹MEET› LEADER[B]": 10.0, "LEADER + two sides": 6.0},
    signs={"title meets": 9.0, "title urges": -9.0},
    signs_bias=0.25,
)
HEAD = re.compile(r"decided by title and lead: patterns ([+-]\d+\.\d\d), wording ([+-]\d+\.\d\d)")


def explained(title: str, text: str = "", kind: TypeWeights = KIND) -> str:
    return explain(Model({"meeting": kind}), Item(id="1", title=title, text=text))


def test_an_event_names_the_wording_that_counted_apart_from_its_patterns() -> None:
    lines = explained("Putin meets Xi in Samarkand")
    found = HEAD.search(lines)
    assert found
    (event,) = Model({"meeting": KIND}).classify(Item(id="1", title="Putin meets Xi in Samarkand", text="")).events
    assert abs(sigmoid(float(found[1]) + float(found[2])) - event.score) < 0.01
    assert re.search(r"wording that spoke for it: +title meets \+1\.42\n", lines)
    assert re.search(r"wording that spoke against it: nothing\n", lines)


def test_the_patterns_of_evidence_come_with_their_weights() -> None:
    lines = explained("Putin meets Xi in Samarkand")
    assert re.search(r"\n +\+2\.00  LEADER\[A\] ‹MEET› LEADER\[B\]\n +\+1\.20  LEADER \+ two sides", lines)


def test_an_event_told_further_down_claims_no_wording() -> None:
    text = "Rain is expected in the north. Prices rose a little. " * 8 + "Putin met Xi. Then Putin met Xi again. " * 2
    lines = explained("Notes of the day", text, replace(KIND, signs={"title notes": 0.1}))
    assert "REPORTED" in lines
    assert not HEAD.search(lines)
    assert "how title and lead are worded did not count" in lines


def test_a_near_miss_says_which_reasons_are_wording() -> None:
    lines = explained("Putin urges Xi to meet")
    assert "not reported" in lines
    assert "spoke for it:     LEADER + two sides\n" in lines
    assert lines.endswith("spoke against it: wording: title urges")

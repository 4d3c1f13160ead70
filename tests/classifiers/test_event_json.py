"""The JSON form of events is the webhook's, and reads back to the same event."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from classifiers.event import Amount, Event, Evidence, Organization, Person, Place
from classifiers.event_json import event_from_dict, event_to_dict, evidence_from_dict, evidence_to_dict

words = st.text(min_size=1, max_size=12)
maybe = st.none() | words
scores = st.integers(0, 10_000).map(lambda n: n / 10_000)
events = st.builds(
    Event,
    type=words,
    score=scores,
    status=maybe,
    countries=st.lists(words, max_size=3).map(tuple),
    people=st.lists(st.builds(Person, words, maybe, maybe), max_size=3).map(tuple),
    organizations=st.lists(st.builds(Organization, words, maybe), max_size=2).map(tuple),
    place=st.none() | st.builds(Place, words, maybe),
    occasion=maybe,
    date=st.none() | st.dates(),
    topics=st.lists(words, max_size=2).map(tuple),
    commodities=st.lists(words, max_size=2).map(tuple),
    amounts=st.lists(
        st.builds(Amount, words, st.none() | st.floats(allow_nan=False, allow_infinity=False), maybe, maybe), max_size=2
    ).map(tuple),
    plover=maybe,
)
evidences = st.builds(
    Evidence,
    text=words,
    start=st.integers(0, 99),
    end=st.integers(0, 99),
    score=scores,
    patterns=st.lists(words, max_size=3).map(tuple),
    source=st.sampled_from(["title", "text"]),
)


@given(event=events)
def test_an_event_reads_back_to_itself(event: Event) -> None:
    assert event_from_dict(json.loads(json.dumps(event_to_dict(event)))) == event


@given(evidence=evidences)
def test_evidence_reads_back_to_itself(evidence: Evidence) -> None:
    assert evidence_from_dict(json.loads(json.dumps(evidence_to_dict(evidence)))) == evidence


def test_the_keys_are_the_webhooks() -> None:
    event = Event("bilateral_meeting", 0.97, amounts=(Amount("$1 billion", 1e9, "USD", "bilateral trade"),))
    row = event_to_dict(event)
    assert list(row) == [
        "type", "score", "status", "countries", "people", "organizations", "place", "occasion", "date", "topics",
        "commodities", "amounts", "plover",
    ]  # fmt: skip
    assert json.dumps(row["amounts"]) == (
        '[{"text": "$1 billion", "value": 1000000000, "unit": "USD", "about": "bilateral trade"}]'
    )

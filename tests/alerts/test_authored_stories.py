"""The reports written for the benchmark, read by the shipped model: the same stories in whatever order they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_matching import Memory

from benchmarks.stories import AUTHORED, Told, b_cubed, read

if TYPE_CHECKING:
    from random import Random


@pytest.fixture(scope="module")
def told() -> list[Told]:
    return [one for one in read(AUTHORED) if one.reports]


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_any_order_of_arrival_ends_in_the_same_stories(told: list[Told], random: Random) -> None:
    order = random.sample(told, len(told))
    last = max(one.published for one in told if one.published)
    memory = Memory()
    for number, one in enumerate(order):
        for said in one.reports:
            memory.tell(replace(said, seen=last + timedelta(minutes=number)))
    stories: dict[str, frozenset[str]] = {}
    for story in memory.stories.values():
        for item, _ in story.reports:
            stories[item] = stories.get(item, frozenset()) | {story.id}
    assert b_cubed([one for one in told if one.cluster], stories) == (1.0, 1.0)

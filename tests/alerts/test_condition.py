"""When the service says that it is in trouble, and when that it is not any more."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.condition import CALM, Judgement, Standing, Trouble, judge

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
STEP = timedelta(seconds=15)
LATE = Trouble("poll-late", "the longest due feed has waited 20 min", timedelta(minutes=5))
CONFIG = Trouble("config-refused", "seedwire.toml line 3", timedelta(minutes=1))


class Watch:
    """Judges every fifteen seconds."""

    def __init__(self) -> None:
        self.now, self.judged = NOON, NOON
        self.known: dict[str, Standing] = {}
        self.said: list[tuple[str, list[str]]] = []

    def see(self, *troubles: Trouble, **span: float) -> Judgement:
        until = self.now + timedelta(**span)
        while True:
            judgement = judge(self.known, troubles, self.now, self.judged)
            self.known, self.judged = {s.reason: s for s in judgement.standing}, self.now
            if judgement.news:
                self.said.append((judgement.news, [s.reason for s in judgement.about]))
            if self.now >= until:
                return judgement
            self.now += STEP


def test_a_trouble_is_told_once_when_it_lasts_and_once_when_it_is_over() -> None:
    watch = Watch()
    watch.see(LATE, minutes=4)
    assert watch.said == []
    watch.see(LATE, hours=5)
    assert watch.said == [("degraded", ["poll-late"])]
    watch.see(minutes=4)
    assert len(watch.said) == 1
    watch.see(hours=1)
    assert watch.said[1:] == [("recovered", ["poll-late"])]


def test_what_passes_quickly_is_not_told() -> None:
    watch = Watch()
    for _ in range(10):
        watch.see(LATE, minutes=3)
        watch.see(minutes=1)
    assert watch.said == []


def test_what_comes_and_goes_is_one_trouble() -> None:
    watch = Watch()
    watch.see(LATE, minutes=6)
    for _ in range(20):
        watch.see(minutes=3)
        watch.see(LATE, minutes=3)
    assert watch.said == [("degraded", ["poll-late"])]


def test_a_further_trouble_is_told_with_the_first_and_the_end_of_both_once() -> None:
    watch = Watch()
    watch.see(LATE, minutes=6)
    watch.see(LATE, CONFIG, minutes=6)
    watch.see(CONFIG, minutes=20)
    watch.see(minutes=20)
    assert watch.said == [
        ("degraded", ["poll-late"]),
        ("degraded", ["poll-late", "config-refused"]),
        ("recovered", ["config-refused"]),
    ]


def test_after_a_sleep_what_is_late_gets_its_time_first() -> None:
    watch = Watch()
    watch.see(LATE, minutes=4)
    watch.now += timedelta(hours=8)
    watch.see(LATE, minutes=4)
    assert watch.said == []
    watch.see(LATE, minutes=2)
    assert watch.said == [("degraded", ["poll-late"])]


@given(st.lists(st.tuples(st.sets(st.sampled_from([LATE, CONFIG])), st.integers(0, 1200), st.integers(-90, 90))))
def test_in_any_course_degraded_comes_first_and_recovered_ends_it(
    course: list[tuple[set[Trouble], int, int]],
) -> None:
    watch = Watch()
    for troubles, seconds, jump in course:
        watch.see(*sorted(troubles, key=lambda t: t.reason), seconds=seconds)
        watch.now += timedelta(minutes=jump)
    watch.see(minutes=95 * max(len(course), 1) + CALM.total_seconds() / 60 + 1)
    words = [word for word, _ in watch.said]
    assert words[:1] in ([], ["degraded"])
    assert words[-1:] in ([], ["recovered"])
    assert ("recovered", "recovered") not in set(itertools.pairwise(words))
    assert watch.known == {}

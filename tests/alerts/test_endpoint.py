"""When an endpoint is paused, probed, and given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from alerts.delivery import LONGEST_WAIT, Outcome
from alerts.endpoint import FIRST_PAUSE, GIVEN_UP_AFTER, LONGEST_PAUSE, OPENS_AFTER, Endpoint, after

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SILENCE, REFUSAL, SUCCESS = Outcome(0, error="timeout: no answer"), Outcome(400), Outcome(204)


def failed(times: int, outcome: Outcome = SILENCE, endpoint: Endpoint = Endpoint()) -> Endpoint:  # noqa: B008 - frozen
    for _ in range(times):
        endpoint = after(endpoint, outcome, NOW, Random(1))
    return endpoint


def pause(endpoint: Endpoint, now: datetime = NOW) -> timedelta:
    assert endpoint.paused_until is not None
    return endpoint.paused_until - now


@pytest.mark.parametrize("outcome", [SILENCE, Outcome(500), Outcome(599), Outcome(429)])
def test_several_attempts_in_a_row_without_a_usable_answer_pause_an_endpoint(outcome: Outcome) -> None:
    assert failed(OPENS_AFTER - 1, outcome).paused_until is None
    assert FIRST_PAUSE * 0.9 <= pause(failed(OPENS_AFTER, outcome)) <= FIRST_PAUSE * 1.1


def test_an_endpoint_that_refuses_messages_is_there() -> None:
    assert failed(50, REFUSAL).paused_until is None
    assert failed(1, SILENCE, failed(1, REFUSAL, failed(OPENS_AFTER - 1))).paused_until is None


def test_pauses_double_up_to_the_longest_and_differ_by_chance() -> None:
    endpoint, now = failed(OPENS_AFTER), NOW
    for probe in range(1, 30):
        assert endpoint.paused_until is not None
        now = endpoint.paused_until
        endpoint = after(endpoint, SILENCE, now, Random(probe))
        wanted = min(FIRST_PAUSE * 2**probe, LONGEST_PAUSE)
        assert wanted * 0.9 <= pause(endpoint, now) <= wanted * 1.1
    assert len({pause(after(failed(OPENS_AFTER - 1), SILENCE, NOW, Random(seed))) for seed in range(20)}) > 10


def test_what_was_under_way_when_it_was_paused_does_not_lengthen_the_pause() -> None:
    endpoint = failed(OPENS_AFTER)
    late = failed(10, SILENCE, endpoint)
    assert late.paused_until == endpoint.paused_until
    assert late.failures == OPENS_AFTER + 10
    assert after(late, SUCCESS, NOW, Random(1)) == Endpoint()


@pytest.mark.parametrize("code", [429, 503])
def test_a_receiver_that_asks_for_time_is_given_it_for_all_deliveries(code: int) -> None:
    assert pause(failed(1, Outcome(code, retry_after="90"))) == timedelta(seconds=90)
    assert pause(failed(1, Outcome(code, retry_after="999999999"))) == LONGEST_WAIT
    assert failed(1, Outcome(code, retry_after="0")).paused_until is None


def test_an_endpoint_is_given_up_after_days_of_failure_alone() -> None:
    begun = failed(9)
    assert begun.failing_since == NOW
    later = NOW + GIVEN_UP_AFTER
    assert not begun.is_given_up(later)
    endpoint = after(begun, SILENCE, later - timedelta(seconds=1), Random(1))
    assert not endpoint.is_given_up(later - timedelta(seconds=1))
    assert endpoint.is_given_up(later)
    assert not after(endpoint, SUCCESS, later, Random(1)).is_given_up(later)

"""The chaos run counts right: what is lost, what came again, and which repeats a kill explains."""

from __future__ import annotations

import pytest

from benchmarks.chaos_ledger import UNREAD, UNWRITTEN, Account, Receipt, account


def receipt(
    message: str, at: float, way: str = "ok", about: str = "FR-KE", body: str = "b", took: float = 0.0
) -> Receipt:
    return Receipt(message, way, at, at + took, about, body)


def of(
    *receipts: Receipt, kills: tuple[tuple[float, str], ...] = (), expected: tuple[str, ...] = ("FR-KE",)
) -> Account:
    return account(expected, receipts, kills)


def test_all_is_well_when_each_alert_was_taken_once_after_any_number_of_failures() -> None:
    result = of(receipt("m", 1, "500"), receipt("m", 2, "closed in the answer"), receipt("m", 3))
    assert result.is_clean
    assert (result.expected, result.taken, result.attempts, result.last) == (1, 1, 3, 3)
    assert result.failed == {"500": 1, "closed in the answer": 1}


def test_an_alert_whose_every_attempt_failed_is_lost_and_so_is_one_that_never_came() -> None:
    result = of(receipt("m", 1, "500"), expected=("FR-KE", "JP-PE"))
    assert result.lost == ["FR-KE", "JP-PE"]
    assert not result.is_clean


def test_an_answer_that_came_too_late_for_anybody_was_taken_and_its_repeat_is_none() -> None:
    result = of(receipt("m", 1, "late", took=5), receipt("m", 7))
    assert result.is_clean
    assert result.repeats == []


@pytest.mark.parametrize(
    ("killed", "what", "explained"),
    [
        (10.1, "courier", True),
        (10.0 + UNWRITTEN, "whole machine", True),
        (9.9, "supervisor", True),  # what was under way when it died reached us all the same
        (10.1, "poller", False),
        (10.1 + UNWRITTEN, "courier", False),
        (9.9 - UNREAD, "courier", False),
    ],
)
def test_a_repeat_is_explained_by_a_kill_between_our_answer_and_its_being_written_down(
    killed: float, what: str, explained: bool
) -> None:
    result = of(receipt("m", 10), receipt("m", 30), kills=((killed, what),))
    assert len(result.repeats) == 1
    assert (result.unexplained == []) is explained
    assert result.is_clean is explained


def test_a_kill_after_the_repeat_does_not_explain_it() -> None:
    assert not of(receipt("m", 10), receipt("m", 10.5), kills=((11.0, "courier"),)).is_clean


def test_each_further_repeat_needs_a_kill_of_its_own() -> None:
    result = of(receipt("m", 10), receipt("m", 30), receipt("m", 50), kills=((10.1, "courier"),))
    assert [bool(one.kill) for one in result.repeats] == [True, False]


def test_one_event_under_two_ids_was_told_twice_and_a_copy_that_opens_another_event_is_unexpected() -> None:
    result = of(receipt("m", 1), receipt("n", 2), receipt("o", 3, about="JP-PE"))
    assert result.twice == ["FR-KE"]
    assert result.unexpected == ["JP-PE"]


def test_a_body_that_changes_between_attempts_is_seen_even_where_the_first_failed() -> None:
    assert of(receipt("m", 1, "500", body="b"), receipt("m", 2, body="c")).changed == ["m"]


def test_messages_that_open_no_story_are_expected_by_nobody_and_may_not_be_repeated_either() -> None:
    assert of(receipt("m", 1), receipt("service", 2, about="")).is_clean
    assert not of(receipt("m", 1), receipt("service", 2, about=""), receipt("service", 9, about="")).is_clean

"""What follows from each answer to an attempt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.delivery import LONGEST_WAIT, Next, Outcome, after_attempt, excerpt, request
from alerts.service_alerts import build_webhook_test
from alerts.verification import verify
from alerts.webhook import Webhook

if TYPE_CHECKING:
    from alerts.alert import Alert

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOOK = Webhook(name="desk", url="https://desk.example/hook", secrets=(b"n" * 24, b"o" * 24))


def after(outcome: Outcome, attempts: int = 1, hook: Webhook = HOOK) -> Next:
    return after_attempt(hook, outcome, attempts, NOW, Random(1))


def wait(following: Next) -> timedelta:
    assert following.due is not None
    return following.due - NOW


@given(st.integers(200, 299))
def test_2xx_is_delivered(code: int) -> None:
    assert after(Outcome(code)).state == "delivered"


@given(
    st.integers(0, 999).filter(lambda c: not 200 <= c <= 299 and c != 410),
    st.integers(1, 20),
    st.text(max_size=40) | st.none(),
    st.text(max_size=40) | st.none(),
    st.randoms(use_true_random=False),
)
def test_anything_else_waits_its_turn_and_dies_when_the_schedule_is_used_up(
    code: int, attempts: int, retry_after: str | None, date: str | None, rng: Random
) -> None:
    following = after_attempt(HOOK, Outcome(code, retry_after, date), attempts, NOW, rng)
    assert not following.disable_webhook
    if attempts > len(HOOK.retry_schedule):
        assert (following.state, following.due) == ("dead", None)
        return
    assert following.state == "pending"
    planned = HOOK.retry_schedule[attempts - 1]
    assert planned * 0.9 <= wait(following) <= max(planned, LONGEST_WAIT) * 1.1


def test_the_standard_schedule_gives_ten_attempts_over_about_three_days() -> None:
    following, now, attempts = after(Outcome(500)), NOW, 1
    while following.state == "pending":
        assert following.due is not None
        now, attempts = following.due, attempts + 1
        following = after_attempt(HOOK, Outcome(0, error="timed out"), attempts, now, Random(attempts))
    assert attempts == 10
    assert timedelta(hours=60) < now - NOW < timedelta(hours=90)


def test_without_a_schedule_there_is_one_attempt() -> None:
    once = Webhook(name="x", url="https://x.example", secrets=(b"k" * 24,), retry_schedule=())
    assert after(Outcome(500), hook=once).state == "dead"


def test_410_disables_the_webhook() -> None:
    following = after(Outcome(410))
    assert (following.state, following.disable_webhook, following.due) == ("disabled", True, None)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_says_what_to_do(code: int) -> None:
    following = after(Outcome(code))
    assert following.state == "pending"
    assert "address in the config" in following.note


@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_in_seconds_is_honoured(code: int) -> None:
    assert timedelta(seconds=120) <= wait(after(Outcome(code, retry_after="120"))) <= timedelta(seconds=132)


def test_retry_after_never_hurries_the_schedule() -> None:
    assert wait(after(Outcome(503, retry_after="0"), attempts=2)) >= timedelta(minutes=4)


def test_retry_after_is_capped() -> None:
    assert wait(after(Outcome(503, retry_after="99999999"))) <= LONGEST_WAIT * 1.1


def test_retry_after_as_a_date_is_relative_to_the_servers_clock() -> None:
    wrong_clock = NOW - timedelta(days=400)
    outcome = Outcome(
        429,
        retry_after=format_datetime(wrong_clock + timedelta(minutes=10), usegmt=True),
        date=format_datetime(wrong_clock, usegmt=True),
    )
    assert timedelta(minutes=10) <= wait(after(outcome)) <= timedelta(minutes=11)


def test_retry_after_of_other_answers_is_not_heeded() -> None:
    assert wait(after(Outcome(500, retry_after="3600"))) < timedelta(seconds=6)


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_header_breaks_the_decision(retry_after: str, date: str) -> None:
    assert after(Outcome(503, retry_after, date)).state == "pending"


def test_two_deliveries_do_not_come_back_in_step() -> None:
    waits = {wait(after_attempt(HOOK, Outcome(500), 3, NOW, Random(seed))) for seed in range(20)}
    assert len(waits) > 10


def test_every_attempt_has_the_same_id_and_body_and_its_own_time_and_signatures() -> None:
    alert: Alert = build_webhook_test("desk", NOW, "https://seedwire.example")
    first, second = request(HOOK, alert, NOW), request(HOOK, alert, NOW + timedelta(minutes=5))
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == alert.id
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.headers["content-type"] == "application/cloudevents+json"
    for secret in HOOK.secrets:
        assert verify([secret], second.headers, second.body, NOW + timedelta(minutes=5)) == alert.id
    assert "nnnn" not in repr(HOOK)


@given(st.binary(max_size=5000))
def test_an_excerpt_is_one_short_printable_line(answer: bytes) -> None:
    line = excerpt(answer)
    assert len(line) <= 200
    assert line.isprintable()


def test_an_excerpt_keeps_what_a_person_can_read() -> None:
    assert excerpt(b"\x1b[31mno\x00 such\r\n\t hook\xff") == "[31mno such hook�"


def test_a_note_that_is_kept_tells_no_remaining_time() -> None:
    for outcome in (Outcome(500), Outcome(429, retry_after="3600"), Outcome(0, error="refused: nothing there")):
        following = after(outcome)
        assert following.due is not None
        assert "next attempt" not in following.note
    assert after(Outcome(500), attempts=99).note == "answer 500; given up after 99 attempts"

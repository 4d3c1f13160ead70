"""What is asked of a hub and what it may be believed, without one: signatures, leases, waits, other topics."""

from __future__ import annotations

import hashlib
import hmac
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from feeds import schedule
from feeds.feed import Feed, PollingLimits
from feeds.websub import (
    LEASE,
    LONGEST_LEASE,
    Subscription,
    granted,
    is_signed,
    names_other_topic,
    renew_at,
    retry_at,
)

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ONE = Subscription(
    token="tok/en",
    feed_id="0123abcd",
    hub="https://hub.example/",
    topic="https://paper.example/feed?a=1&b=ü",
    callback="https://seedwire.example.org/below",
    secret="s" * 43,
)
BODY = b"<rss/>"


def signature(method: str, secret: str = ONE.secret, body: bytes = BODY) -> str:
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_every_method_of_the_recommendation_is_checked(method: str) -> None:
    assert is_signed(signature(method), ONE.secret, BODY)
    assert is_signed(signature(method).upper(), ONE.secret, BODY)
    assert not is_signed(signature(method), ONE.secret, BODY + b" ")
    assert not is_signed(signature(method, "another"), ONE.secret, BODY)


@pytest.mark.parametrize(
    "header",
    [None, "", "sha256", "sha256=", "sha256=é", "=", signature("md5"), signature("sha224"), signature("sha256")[:-1],
     signature("sha256").partition("=")[2], signature("sha256") + "0", "__class__=x", "sha256=" + "0" * 64],
)  # fmt: skip
def test_nothing_else_is_a_signature(header: str | None) -> None:
    assert not is_signed(header, ONE.secret, BODY)


def test_the_published_example_of_hmac_sha1_holds() -> None:
    # RFC 2202, test case 2.
    assert is_signed("sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", "Jefe", b"what do ya want for nothing?")


def test_the_request_says_what_is_wanted_and_where() -> None:
    form = {name: values[0] for name, values in parse_qs(ONE.request().decode("ascii")).items()}
    assert form == {
        "hub.callback": "https://seedwire.example.org/below/websub/0123abcd?token=tok%2Fen",
        "hub.mode": "subscribe",
        "hub.topic": ONE.topic,
        "hub.lease_seconds": "864000",
        "hub.secret": ONE.secret,
    }
    assert parse_qs(urlsplit(form["hub.callback"]).query) == {"token": [ONE.token]}
    goodbye = {name: values[0] for name, values in parse_qs(replace(ONE, wanted=False).request().decode()).items()}
    assert goodbye == {name: form[name] for name in ("hub.callback", "hub.topic")} | {"hub.mode": "unsubscribe"}
    assert len(ONE.secret.encode()) < 200


def test_secrets_are_not_shown() -> None:
    assert ONE.secret not in repr(ONE)
    assert ONE.token not in repr(ONE)


@pytest.mark.parametrize(
    ("told", "lease"),
    [("3600", timedelta(hours=1)), ("1", timedelta(seconds=1)), (None, LEASE), ("", LEASE), ("0", LEASE), ("-5", LEASE),
     ("1e9", LEASE), ("soon", LEASE), ("٣", LEASE), ("99999999999", LONGEST_LEASE), ("9" * 400, LEASE)],
)  # fmt: skip
def test_a_lease_is_what_the_hub_says_within_reason(told: str | None, lease: timedelta) -> None:
    assert granted(told) == lease


def test_renewals_come_well_before_the_end_and_not_all_at_once() -> None:
    times = {renew_at(NOW, timedelta(days=10), random.Random(seed)) for seed in range(100)}
    assert min(times) >= NOW + timedelta(days=7)
    assert max(times) <= NOW + timedelta(days=8.5)
    assert max(times) - min(times) > timedelta(days=1)
    assert renew_at(NOW, timedelta(seconds=1), random.Random(0)) >= NOW + timedelta(seconds=2)


def test_waits_after_failures_double_to_a_day_and_after_a_no_to_a_week() -> None:
    def waits(*, denied: bool) -> list[timedelta]:
        return [retry_at(NOW, n, random.Random(n), denied=denied) - NOW for n in range(1, 2000)]

    failed, denied = waits(denied=False), waits(denied=True)
    assert timedelta(seconds=30) <= failed[0] <= timedelta(seconds=36)
    assert timedelta(days=1) <= failed[-1] <= timedelta(days=1.2)
    assert timedelta(days=1) <= denied[0] <= timedelta(days=1.2)
    assert timedelta(days=7) <= denied[-1] <= timedelta(days=8.4)


def test_a_hub_is_left_alone_for_as_long_as_it_asks_up_to_a_day() -> None:
    asked = retry_at(NOW, 1, random.Random(0), retry_after=timedelta(hours=1))
    assert timedelta(hours=1) <= asked - NOW <= timedelta(hours=1.2)
    assert retry_at(NOW, 1, random.Random(0), retry_after=timedelta(days=400)) - NOW <= timedelta(days=1.2)


@pytest.mark.parametrize(
    ("told", "other"),
    [(None, False), ("http://paper.example/feed/?a=1&b=ü", True), ("https://paper.example/feed?a=1", True),
     ("https://elsewhere.example/feed?a=1", True), ("javascript:1", True)],
)  # fmt: skip
def test_a_delivery_that_names_another_topic_is_known_by_it(told: str | None, other: bool) -> None:
    assert names_other_topic(ONE, told) is other


def test_what_is_asked_back_must_have_been_asked() -> None:
    asked = replace(ONE, asked=NOW)
    assert asked.may_confirm("subscribe", ONE.topic, NOW)
    assert not ONE.may_confirm("subscribe", ONE.topic, NOW)
    assert not asked.may_confirm("unsubscribe", ONE.topic, NOW)
    assert not asked.may_confirm("subscribe", "https://elsewhere.example/", NOW)
    assert not asked.may_confirm("subscribe", ONE.topic, NOW + timedelta(hours=1, seconds=1))
    assert replace(asked, wanted=False).may_confirm("unsubscribe", ONE.topic, NOW)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "new"),
        ({"asked": NOW}, "asked"),
        ({"asked": NOW, "confirmed": NOW, "expires": NOW + timedelta(days=1)}, "active"),
        ({"asked": NOW, "expires": NOW + timedelta(days=1), "failures": 1, "problem": "timeout"}, "active"),
        ({"expires": NOW, "failures": 1, "problem": "timeout"}, "failing"),
        ({"failures": 1, "problem": "denied"}, "denied"),
    ],
)
def test_its_state_is_one_word(changes: dict[str, object], state: str) -> None:
    assert replace(ONE, **changes).state(NOW) == state


@pytest.mark.parametrize(
    ("wait", "relaxed"),
    [(timedelta(minutes=10), timedelta(hours=1)), (timedelta(hours=2), timedelta(hours=6)),
     (timedelta(hours=7), timedelta(hours=7))],
)  # fmt: skip
def test_polls_become_six_times_rarer_and_not_rarer_than_the_longest_wait(wait: timedelta, relaxed: timedelta) -> None:
    limits = PollingLimits()
    assert schedule.relaxed(Feed("https://paper.example/"), limits, wait) == relaxed
    own = Feed("https://paper.example/", interval=wait)
    assert schedule.relaxed(own, limits, wait) == wait

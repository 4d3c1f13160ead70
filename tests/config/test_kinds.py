from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.config.addresses import CONTACT, DATABASE_URL, HTTP_URL, LISTEN, REDIS_URL, Address, redis_client_url
from worker.config.errors import BadValue
from worker.config.keys import KEYS
from worker.config.kinds import (
    BOOLEAN,
    COUNTRY,
    FIRST_POLL,
    SHARE,
    choice,
    duration,
    format_duration,
    integer,
    list_of,
    parse_duration,
    size,
    text,
)
from worker.config.signing import SIGNING_SECRETS

ANY_DURATION = duration(timedelta(), timedelta(days=10_000))
ANY_SIZE = size(0, 10**12)
KEY_24 = "whsec_" + "A" * 32
KEY_64 = "whsec_" + "A" * 86 + "=="


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (ANY_DURATION, "250ms", timedelta(milliseconds=250)),
        (ANY_DURATION, "20s", timedelta(seconds=20)),
        (ANY_DURATION, "0.5s", timedelta(milliseconds=500)),
        (ANY_DURATION, "10m", timedelta(minutes=10)),
        (ANY_DURATION, "1h30m", timedelta(minutes=90)),
        (ANY_DURATION, "24h", timedelta(days=1)),
        (ANY_DURATION, "90d", timedelta(days=90)),
        (ANY_DURATION, "2w", timedelta(days=14)),
        (ANY_DURATION, "0s", timedelta()),
        (ANY_SIZE, "15MB", 15_000_000),
        (ANY_SIZE, "15 MB", 15_000_000),
        (ANY_SIZE, "15MiB", 15 * 2**20),
        (ANY_SIZE, "1kB", 1000),
        (ANY_SIZE, "512B", 512),
        (ANY_SIZE, 4096, 4096),
        (FIRST_POLL, "baseline", "baseline"),
        (FIRST_POLL, "alert", "alert"),
        (FIRST_POLL, "24h", timedelta(days=1)),
        (COUNTRY, "PK", "PK"),
        (COUNTRY, "ru", "RU"),
        (COUNTRY, "EU", "EU"),
        (BOOLEAN, True, True),
        (BOOLEAN, False, False),
        (SHARE, 0, 0.0),
        (SHARE, 0.85, 0.85),
        (SHARE, 1, 1.0),
        (integer(1, 100), 1, 1),
        (integer(1, 100), 100, 100),
        (choice("console", "json"), "json", "json"),
        (text(), "Überblick 新闻", "Überblick 新闻"),
        (list_of(COUNTRY), ["PK", "RU"], ("PK", "RU")),
        (list_of(ANY_DURATION, distinct=False), ["5s", "5s"], (timedelta(seconds=5),) * 2),
        (list_of(COUNTRY), [], ()),
        (LISTEN, "127.0.0.1:8600", Address("127.0.0.1", 8600)),
        (LISTEN, "[::1]:8600", Address("::1", 8600)),
        (LISTEN, "LocalHost:80", Address("localhost", 80)),
        (LISTEN, "0.0.0.0:65535", Address("0.0.0.0", 65535)),
        (HTTP_URL, "http://en.kremlin.ru/feed", "http://en.kremlin.ru/feed"),
        (HTTP_URL, "https://a.example:8443/x?y=%20z", "https://a.example:8443/x?y=%20z"),
        (HTTP_URL, "http://[::1]:8080/feed", "http://[::1]:8080/feed"),
        (DATABASE_URL, "", ""),
        (DATABASE_URL, "sqlite:///data/x.db", "sqlite:///data/x.db"),
        (DATABASE_URL, "sqlite:////var/lib/x.db", "sqlite:////var/lib/x.db"),
        (DATABASE_URL, "postgresql://u:p@db/seedwire", "postgresql://u:p@db/seedwire"),
        (DATABASE_URL, "postgresql+psycopg://db/seedwire", "postgresql+psycopg://db/seedwire"),
        (DATABASE_URL, "postgres://db/seedwire", "postgresql://db/seedwire"),
        (DATABASE_URL, "postgresql:///seedwire?host=/run/pg", "postgresql:///seedwire?host=/run/pg"),
        (REDIS_URL, "", ""),
        (REDIS_URL, "redis://redis:6379/0", "redis://redis:6379/0"),
        (REDIS_URL, "rediss://:p@redis/1", "rediss://:p@redis/1"),
        (REDIS_URL, "redis+socket:///run/redis.sock", "redis+socket:///run/redis.sock"),
        (CONTACT, "", ""),
        (CONTACT, "https://example.org/bot", "https://example.org/bot"),
        (CONTACT, "desk@example.org", "desk@example.org"),
        (CONTACT, "mailto:desk@example.org", "mailto:desk@example.org"),
        (SIGNING_SECRETS, KEY_24, (bytes(24),)),
        (SIGNING_SECRETS, KEY_64, (bytes(64),)),
        (SIGNING_SECRETS, [KEY_64, KEY_24], (bytes(64), bytes(24))),
        (SIGNING_SECRETS, f"{KEY_64}\n{KEY_24}\n", (bytes(64), bytes(24))),
    ],
)
def test_good_values(kind, value, expected) -> None:
    assert kind.parse(value) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((ANY_DURATION, value) for value in ("", "10", "10 m", "m", "-5s", "5x", "30m1h", "5m5m", "1e3s", "١s", "s5")),
        *((ANY_DURATION, value) for value in (10, 1.5, True, None, ["5s"], "999999999w")),
        *((duration(timedelta(seconds=1), timedelta(seconds=9)), value) for value in ("999ms", "10s")),
        *((ANY_SIZE, value) for value in ("", "15", "15mb", "MB", "-1MB", "1.5MB", True, 1.5, None, -1)),
        *((size(1000, 2000), value) for value in ("999B", "3kB", 2001)),
        *((FIRST_POLL, value) for value in ("", "Baseline", "never", 24, True, None)),
        *((COUNTRY, value) for value in ("UK", "XX", "PAK", "P", "", 92, None, "ЅА")),
        *((BOOLEAN, value) for value in (1, 0, "true", "yes", None)),
        *((SHARE, value) for value in (-0.1, 1.1, True, "0.5", float("nan"), float("inf"))),
        *((integer(1, 100), value) for value in (0, 101, 1.0, True, "2")),
        *((choice("console", "json"), value) for value in ("JSON", "", 1)),
        *((text(), value) for value in (1, None, "two\nlines", "bell\x07", "x" * 501, "\u202eevil")),
        *((list_of(COUNTRY), value) for value in ("PK", ["PK", "PK"], ["PK", "pk"], [1], {"PK": 1}, None)),
        (list_of(COUNTRY, longest=1), ["PK", "RU"]),
        *((LISTEN, value) for value in ("8600", ":8600", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", 8600)),
        *((LISTEN, value) for value in ("::1:8600", "[::g]:8600", "256.0.0.1:80", "a b:80", "http://x:80", "")),
        *((HTTP_URL, value) for value in ("", "x.example/rss", "ftp://x.example", "file:///etc/passwd", "feed://x")),
        *((HTTP_URL, value) for value in ("http://", "https:///path", "http://x.example:port/", "http://x:99999/")),
        *((HTTP_URL, value) for value in ("http://u:p@x.example/", "http://u@x.example/", "http://x.example\\@y/")),
        *((HTTP_URL, value) for value in ("http://x.example/a b", "http://x.example/\n", "http://[::1/", 1, None)),
        (HTTP_URL, "http://x.example/" + "a" * 2000),
        *((DATABASE_URL, value) for value in ("mysql://x/y", "sqlite://", "sqlite:///", "sqlite:///:memory:", "x.db")),
        *((REDIS_URL, value) for value in ("redis:", "redis://", "redis+socket://x/y", "redis+socket://", "amqp://x")),
        *((CONTACT, value) for value in ("us", "a@b", "desk@example.org\r\nX: y", "ftp://x.example", 1)),
        *(
            (SIGNING_SECRETS, value)
            for value in ("", [], "whsec_", "whsec_abc", "whsec_" + "A" * 31, "whsk_" + "A" * 32, "A" * 32)
        ),
        *(
            (SIGNING_SECRETS, value)
            for value in ("whsec_" + "A" * 28, "whsec_" + "A" * 88, [1], None, [KEY_24, KEY_24])
        ),
        (SIGNING_SECRETS, "whsec_" + "-_" * 16),
    ],
)
def test_bad_values(kind, value) -> None:
    with pytest.raises(BadValue):
        kind.parse(value)


#: In no fixed text of ours, so that a reason which shows it took it from the value.
MARK = "☂"
PREFIXES = ["", "https://", "https://x.example/", "postgresql://", "sqlite:///", "redis://", "whsec_", "1h"]
PREFIXES += ["slack://", "mailto://", "tgram://1/"]
MARKED_TEXT = st.builds(
    lambda start, before, after: f"{start}{before}{MARK}{after}",
    st.sampled_from(PREFIXES),
    st.text(st.characters(codec="utf-8")),
    st.text(st.characters(codec="utf-8")),
)


@settings(deadline=None)  # the first address for people loads Apprise
@given(MARKED_TEXT)
def test_a_reason_never_quotes_the_value(value: str) -> None:
    for key in KEYS:
        for one in (value, [value]):
            reason = ""
            try:
                key.kind.parse(one)
            except BadValue as wrong:
                reason = str(wrong)
            assert MARK not in reason


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_no_value_makes_a_parser_fail_otherwise(value: object) -> None:
    for key in KEYS:
        with contextlib.suppress(BadValue):
            key.kind.parse(value)


@given(st.timedeltas(timedelta(), timedelta(days=9999)))
def test_a_duration_survives_being_written_and_read(value: timedelta) -> None:
    value -= timedelta(microseconds=value.microseconds % 1000)
    assert parse_duration(format_duration(value)) == value


@pytest.mark.parametrize(
    ("seconds", "written"), [(0, "0s"), (0.25, "250ms"), (60, "1m"), (5400, "1h30m"), (86400, "1d"), (7776000, "90d")]
)
def test_durations_are_written_as_a_person_would(seconds: float, written: str) -> None:
    assert format_duration(timedelta(seconds=seconds)) == written


@given(st.ip_addresses(), st.integers(1, 65535))
def test_an_address_survives_being_written_and_read(host, port: int) -> None:
    address = Address(str(host), port)
    assert LISTEN.parse(str(address)) == address
    assert address.is_loopback == host.is_loopback


def test_only_loopback_is_taken_for_it() -> None:
    assert Address("localhost", 1).is_loopback
    assert not Address("localhost.example", 1).is_loopback


def test_redis_py_and_celery_spell_sockets_differently() -> None:
    assert redis_client_url("redis+socket:///run/r.sock") == "unix:///run/r.sock"
    assert redis_client_url("redis://x/redis+socket://") == "redis://x/redis+socket://"

"""Dates in the many ways feeds write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.dates import parse_date


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-07-03", datetime(2024, 7, 3, tzinfo=UTC)),
        ("2024-07-03T12:30:00Z", datetime(2024, 7, 3, 12, 30, tzinfo=UTC)),
        ("2024-07-03 12:30:00+05:00", datetime(2024, 7, 3, 7, 30, tzinfo=UTC)),
        ("Wed, 03 Jul 2024 12:30:00 +0500", datetime(2024, 7, 3, 7, 30, tzinfo=UTC)),
        ("Wed, 3 Jul 2024 12:30:00 EST", datetime(2024, 7, 3, 17, 30, tzinfo=UTC)),
        ("Qua, 03 Jul 2024 12:30:00 -0300", datetime(2024, 7, 3, 15, 30, tzinfo=UTC)),
        ("Seg, 12 Fev 2018 10:00:00 -0200", datetime(2018, 2, 12, 12, tzinfo=UTC)),
        ("3 de julho de 2024 12:30", datetime(2024, 7, 3, 12, 30, tzinfo=UTC)),
        ("Mi, 03 Dez 2024 12:30:00 +0100", datetime(2024, 12, 3, 11, 30, tzinfo=UTC)),
        ("July 3, 2024", datetime(2024, 7, 3, tzinfo=UTC)),
        ("3 июля 2024, 12:30", datetime(2024, 7, 3, 12, 30, tzinfo=UTC)),
        ("", None),
        ("soon", None),
        ("99 Foo 2024", None),
        ("32 July 2024", None),
        ("Wed, 03 Jul 99999 12:00:00 GMT", None),
        ("0000-00-00T00:00:00Z", None),
    ],
)
def test_reads_dates(written: str, meant: datetime | None) -> None:
    assert parse_date(written) == meant


@given(st.text(max_size=80))
def test_any_text_is_a_time_in_utc_or_none(written: str) -> None:
    moment = parse_date(written)
    assert moment is None or moment.utcoffset() == timedelta(0)

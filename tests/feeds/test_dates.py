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
        ("Thu, 01 Jan 04 19:48:21 GMT", datetime(2004, 1, 1, 19, 48, 21, tzinfo=UTC)),
        ("Thu, 01 Jan 99 19:48 EST", datetime(1999, 1, 2, 0, 48, tzinfo=UTC)),
        ("Wed, 03 Jul 2024 12:30:00 MSK", datetime(2024, 7, 3, 9, 30, tzinfo=UTC)),
        ("Wed, 03 Jul 2024 12:30:00 CEST", datetime(2024, 7, 3, 10, 30, tzinfo=UTC)),
        ("Wed, 03 Jul 2024 12:30:00 IST", datetime(2024, 7, 3, 7, tzinfo=UTC)),
        ("Wed, 03 Jul 2024 12:30:00 Etc/GMT", datetime(2024, 7, 3, 12, 30, tzinfo=UTC)),
        ("Wed, 03 Jul 2024 12:30:00 GMT-05:00", datetime(2024, 7, 3, 17, 30, tzinfo=UTC)),
        ("Wed Jul 03 2024 12:30:00 GMT-0700 (MST)", datetime(2024, 7, 3, 19, 30, tzinfo=UTC)),
        ("Wed, 03 Jul 2024 12:30:00 --0700", datetime(2024, 7, 3, 19, 30, tzinfo=UTC)),
        ("Wed, 03 Jul 2024 24:00:00 GMT", datetime(2024, 7, 4, tzinfo=UTC)),
        ("2024-07-03T24:00:00Z", datetime(2024, 7, 4, tzinfo=UTC)),
        ("2024-07-03T12:30:00.987Z", datetime(2024, 7, 3, 12, 30, tzinfo=UTC)),
        ("2024-07-03T12:30Z", datetime(2024, 7, 3, 12, 30, tzinfo=UTC)),
        ("2024-07-03 12:30:00 -0500", datetime(2024, 7, 3, 17, 30, tzinfo=UTC)),
        ("2024-W27-3", datetime(2024, 7, 3, tzinfo=UTC)),
        ("2024-185", datetime(2024, 7, 3, tzinfo=UTC)),
        ("20240703T123000Z", datetime(2024, 7, 3, 12, 30, tzinfo=UTC)),
        ("2024-07", datetime(2024, 7, 1, tzinfo=UTC)),
        ("2024", datetime(2024, 1, 1, tzinfo=UTC)),
        ("Wed Jul  3 12:30:00 2024", datetime(2024, 7, 3, 12, 30, tzinfo=UTC)),
        ("Wednesday, July 3, 2024 03:04 PM", datetime(2024, 7, 3, 15, 4, tzinfo=UTC)),
        ("July 3, 2024, 12:04 a.m.", datetime(2024, 7, 3, 0, 4, tzinfo=UTC)),
        ("03.07.2024 12:30", datetime(2024, 7, 3, 12, 30, tzinfo=UTC)),
        ("03/07/2024", datetime(2024, 7, 3, tzinfo=UTC)),
        ("07/23/2024", datetime(2024, 7, 23, tzinfo=UTC)),
        ("7/3/2024 3:04:05 PM", datetime(2024, 7, 3, 15, 4, 5, tzinfo=UTC)),
        ("mar, 03 dic 2024 12:30:00 +0100", datetime(2024, 12, 3, 11, 30, tzinfo=UTC)),
        ("2004-július-13T9:15-05:00", datetime(2004, 7, 13, 14, 15, tzinfo=UTC)),
        ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", datetime(2004, 7, 11, 17, tzinfo=UTC)),
        ("2004년 05월 28일  01:31:15", datetime(2004, 5, 27, 16, 31, 15, tzinfo=UTC)),
        ("2024年7月3日 12:30", datetime(2024, 7, 3, 12, 30, tzinfo=UTC)),
        ("Fri, 2006/09/15 08:19:53 EDT", datetime(2006, 9, 15, 12, 19, 53, tzinfo=UTC)),
        ("Mon, 2 Jan 15:04:05 GMT", None),
        ("2013-xx-27", None),
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

"""A received message is what one of our secrets signed, lately; where it is not, what exactly is wrong."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Reference

from alerts.errors import SignatureError
from alerts.signing import signed_headers
from alerts.verification import problems, signed_by, verify

NOW = datetime(2026, 11, 20, 12, 30, 15, tzinfo=UTC)
KEY, OTHER = b"k" * 24, b"o" * 24
BODY = '{"a":"Präsident","b":[1,2.50]}'.encode()
keys = st.binary(min_size=24, max_size=64)


@given(key=keys, body=st.text())
def test_we_accept_what_the_reference_library_signs(key: bytes, body: str) -> None:
    headers = {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(NOW.timestamp())),
        "Webhook-Signature": Reference(base64.b64encode(key).decode()).sign("msg_1", NOW, body),
    }
    assert verify([key], headers, body.encode(), NOW) == "msg_1"


@given(signing=st.lists(keys, min_size=1, max_size=3), held=st.lists(keys, min_size=1, max_size=3), body=st.binary())
def test_any_shared_secret_is_enough_and_none_is_not(signing: list[bytes], held: list[bytes], body: bytes) -> None:
    headers = signed_headers(signing, "msg_1", NOW, body)
    assert len(headers["webhook-signature"].split(" ")) == len(signing)
    if set(signing) & set(held):
        assert verify(held, headers, body, NOW) == "msg_1"
    else:
        with pytest.raises(SignatureError):
            verify(held, headers, body, NOW)


@given(body=st.binary(min_size=1), at=st.integers(0), bit=st.integers(0, 7))
def test_one_changed_bit_of_the_body_is_noticed(body: bytes, at: int, bit: int) -> None:
    key = b"k" * 24
    headers = signed_headers([key], "msg_1", NOW, body)
    changed = bytearray(body)
    changed[at % len(body)] ^= 1 << bit
    with pytest.raises(SignatureError):
        verify([key], headers, bytes(changed), NOW)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("webhook-id", "msg_2"),
        ("webhook-timestamp", str(int(NOW.timestamp()) + 1)),
        ("webhook-timestamp", "soon"),
        ("webhook-timestamp", "٣" * 10),
        ("webhook-timestamp", "9" * 5000),
        ("webhook-signature", ""),
        ("webhook-signature", "v1"),
        ("webhook-signature", "v1,ä"),
        ("webhook-signature", "v1a,AAAA"),
    ],
)
def test_a_changed_header_is_refused(header: str, value: str) -> None:
    headers = signed_headers([b"k" * 24], "msg_1", NOW, b"{}")
    with pytest.raises(SignatureError):
        verify([b"k" * 24], headers | {header: value}, b"{}", NOW)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(missing: str) -> None:
    headers = signed_headers([b"k" * 24], "msg_1", NOW, b"{}")
    del headers[missing]
    with pytest.raises(SignatureError, match=missing):
        verify([b"k" * 24], headers, b"{}", NOW)


@pytest.mark.parametrize("off", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_an_old_message_cannot_be_played_again(off: timedelta) -> None:
    headers = signed_headers([b"k" * 24], "msg_1", NOW, b"{}")
    with pytest.raises(SignatureError, match="timestamp"):
        verify([b"k" * 24], headers, b"{}", NOW + off)


def test_a_version_other_than_v1_is_not_taken_for_it() -> None:
    headers = signed_headers([b"k" * 24], "msg_1", NOW, b"{}")
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v2,")
    with pytest.raises(SignatureError):
        verify([b"k" * 24], headers, b"{}", NOW)


def told(body: bytes, sent: bytes | None = None, headers: dict[str, str] | None = None) -> list[str]:
    headers = headers or signed_headers([OTHER, KEY], "msg_1", NOW, BODY)
    return list(problems([KEY], headers, body, NOW, sent))


def test_nothing_is_wrong_with_what_was_signed() -> None:
    assert told(BODY) == told(BODY, BODY) == []
    assert signed_by([b"x" * 24, KEY], signed_headers([OTHER, KEY], "msg_1", NOW, BODY), BODY) == [1]


def test_age_and_signature_are_told_apart() -> None:
    headers = signed_headers([KEY], "msg_1", NOW - timedelta(minutes=37), BODY)
    assert told(BODY, headers=headers) == [
        "webhook-timestamp is too old: 37 minutes before this clock, and 5 minutes are allowed"
    ]
    assert len(told(b"{}", headers=headers)) == 2
    (ahead,) = told(BODY, headers=signed_headers([KEY], "msg_1", NOW + timedelta(hours=3), BODY))
    assert ahead == "webhook-timestamp is too new: 3 hours ahead of this clock, and 5 minutes are allowed"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (json.dumps(json.loads(BODY)).encode(), "its JSON was parsed and written again"),
        (json.dumps(json.loads(BODY), indent=2).encode() + b"\n", "its JSON was parsed and written again"),
        (BODY + b"\n", "a line end was added to it"),
        (BODY + b"\r\n", "a line end was added to it"),
        (b"\xef\xbb\xbf" + BODY, "a byte order mark was added to it"),
    ],
)
def test_the_usual_ways_to_spoil_a_body_are_named(body: bytes, what: str) -> None:
    sent = json.dumps(json.loads(BODY), ensure_ascii=False, separators=(",", ":")).encode()
    headers = signed_headers([KEY], "msg_1", NOW, sent if "JSON" in what else BODY)
    (said,) = told(body, headers=headers)
    assert said.startswith(f"the body was altered on the way: {what}")


def test_what_was_sent_tells_an_altered_body_from_a_wrong_secret() -> None:
    other = signed_headers([OTHER], "msg_1", NOW, BODY)
    assert told(BODY, headers=other)[0].startswith("no signature fits: another secret signed it, or body or webhook-id")
    assert told(BODY, BODY, other) == ["another secret signed it: the body is what was sent"]
    (altered,) = told(BODY.replace(b"2.50", b"2.51"), BODY)
    assert altered == (
        "the body was altered on the way: it differs from what was sent from byte 28 on ('0]}' was sent, '1]}' came)"
    )
    (cut,) = told(BODY[:-1], BODY)
    assert cut.endswith("('}' was sent, nothing more came)")
    assert told(BODY[:-1], BODY, other)[0].endswith("came), and another secret signed it")


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        ("v1a,AAAA", "holds no signature of version v1"),
        ("v1,g0hM9SsE", "was cut or changed on the way"),
        ("v1,g0hM9SsE OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "was cut or changed on the way"),
    ],
)
def test_a_spoilt_signature_is_not_taken_for_a_wrong_secret(signature: str, said: str) -> None:
    headers = signed_headers([KEY], "msg_1", NOW, BODY) | {"webhook-signature": signature}
    assert said in told(BODY, headers=headers)[0]


def test_every_missing_header_is_named_at_once() -> None:
    assert list(problems([KEY], {"Webhook-Id": "msg_1"}, BODY, NOW)) == [
        "header webhook-timestamp, webhook-signature is missing"
    ]


@given(body=st.binary(max_size=200), signature=st.text(max_size=80), timestamp=st.text(max_size=14), sent=st.binary())
def test_no_message_breaks_the_check(body: bytes, signature: str, timestamp: str, sent: bytes) -> None:
    headers = {"webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}
    assert list(problems([KEY], headers, body, NOW, sent))


def test_a_deeply_nested_body_is_only_refused() -> None:
    assert told(b"[" * 100_000)

"""Standard Webhooks signatures: ours are what others accept, and we accept only what was signed, lately."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Reference

from alerts.errors import SecretError, SignatureError
from alerts.signing import new_secret, parse_secret, signed_headers, verify

NOW = datetime(2026, 11, 20, 12, 30, 15, tzinfo=UTC)
keys = st.binary(min_size=24, max_size=64)


def test_the_vector_of_the_specification() -> None:
    headers = signed_headers(
        [parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(key=keys, data=st.dictionaries(st.text(), st.text() | st.integers()))
def test_the_reference_library_accepts_what_we_sign(key: bytes, data: dict[str, object]) -> None:
    body = json.dumps(data, ensure_ascii=False).encode()
    # Its clock cannot be set, so this is signed now.
    headers = signed_headers([key], "msg_1", datetime.now(UTC), body)
    assert Reference(base64.b64encode(key).decode()).verify(body, headers) == data


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


@given(keys)
def test_a_secret_is_read_with_and_without_its_prefix(key: bytes) -> None:
    written = base64.b64encode(key).decode()
    assert parse_secret(f"whsec_{written}") == parse_secret(written) == parse_secret(f" whsec_{written}\n") == key


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", "whsec_not base64!", "whsec_" + "A" * 92, "hunter2é"])
def test_what_is_no_secret_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(SecretError) as refused:
        parse_secret(secret)
    shown = secret.removeprefix("whsec_")
    assert not shown or shown not in str(refused.value)


def test_fresh_secrets_are_usable_and_differ() -> None:
    assert len(parse_secret(new_secret())) == 32
    assert new_secret() != new_secret()


def test_nothing_is_sent_unsigned() -> None:
    with pytest.raises(SecretError):
        signed_headers([], "msg_1", NOW, b"{}")

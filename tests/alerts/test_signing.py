"""Standard Webhooks signatures: ours are what others accept."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Reference

from alerts.errors import SecretError
from alerts.signing import new_secret, parse_secret, signed_headers

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


@given(keys)
def test_a_secret_is_read(key: bytes) -> None:
    written = f"whsec_{base64.b64encode(key).decode()}"
    assert parse_secret(written) == parse_secret(f" {written}\n") == key


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("", "does not start with whsec_"),
        ("hunter2é", "does not start with whsec_"),
        ("A" * 32, "does not start with whsec_, which stands in front of the base64"),
        ("whsk_" + "A" * 32, "does not start with whsec_"),
        ("whsec_", "0 bytes where 24 to 64 are needed"),
        ("whsec_AAAA", "3 bytes where 24 to 64 are needed"),
        ("whsec_" + "A" * 92, "69 bytes where 24 to 64 are needed"),
        ("whsec_not base64!", "what follows whsec_ is not base64"),
        ("whsec_" + "A" * 31, "what follows whsec_ is not base64"),
    ],
)
def test_what_is_no_secret_is_refused_without_being_shown(secret: str, said: str) -> None:
    with pytest.raises(SecretError) as refused:
        parse_secret(secret)
    assert said in str(refused.value)
    shown = secret.removeprefix("whsec_")
    assert not shown or shown not in str(refused.value)


def test_fresh_secrets_are_usable_and_differ() -> None:
    assert len(parse_secret(new_secret())) == 32
    assert new_secret() != new_secret()


def test_nothing_is_sent_unsigned() -> None:
    with pytest.raises(SecretError):
        signed_headers([], "msg_1", NOW, b"{}")

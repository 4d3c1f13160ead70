"""Standard Webhooks 1.0: signing what is sent, and checking what is received.

The symmetric scheme (``v1``): HMAC-SHA256 over ``id.timestamp.body``. See the "Signature scheme" section of
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets as random
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.errors import SecretError, SignatureError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

PREFIX = "whsec_"
#: Bounds of a key in bytes (the spec's "between 24 bytes and 64 bytes").
SHORTEST, LONGEST = 24, 64
#: How far a message's timestamp may be from the receiver's clock.
TOLERANCE = timedelta(minutes=5)


def parse_secret(text: str) -> bytes:
    """The key that ``whsec_<base64>`` stands for; the prefix may be missing. Raises SecretError."""
    wanted = f"a signing secret is {PREFIX} and the base64 of {SHORTEST} to {LONGEST} bytes"
    try:
        key = base64.b64decode(text.strip().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise SecretError(f"{wanted}; this one is not base64") from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise SecretError(f"{wanted}; this one has {len(key)}")
    return key


def new_secret() -> str:
    """A fresh random secret in its written form."""
    return PREFIX + base64.b64encode(random.token_bytes(32)).decode()


def signed_headers(secrets: Sequence[bytes], message_id: str, sent: datetime, body: bytes) -> dict[str, str]:
    """The three headers. Every secret signs, so a receiver may hold any of them while keys rotate.

    ``sent`` is the time of this attempt, aware; an id holds no full stop, which parts the signed fields.
    """
    if not secrets:
        raise SecretError("nothing to sign with: give at least one signing secret")
    if "." in message_id or sent.tzinfo is None:
        raise ValueError("a message id has no full stop and a time has a zone")
    timestamp = str(int(sent.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{_mac(key, message_id, timestamp, body)}" for key in secrets),
    }


def verify(
    secrets: Sequence[bytes],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """The id of a message that one of our secrets signed, not long ago. Raises SignatureError.

    Header names are compared without regard to case; ``body`` is what came over the wire, unparsed.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, timestamp = given["webhook-id"], given["webhook-timestamp"]
        signatures = given["webhook-signature"].split()
    except KeyError as missing:
        raise SignatureError(f"header {missing.args[0]} is missing") from None
    # Digits of any script would pass int(); more of them than a clock needs would cost time.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise SignatureError("webhook-timestamp is not a whole number of seconds")
    if abs(now.timestamp() - int(timestamp)) > tolerance.total_seconds():
        raise SignatureError("webhook-timestamp is too far from this clock")
    wanted = [_mac(key, message_id, timestamp, body).encode() for key in secrets]
    for signature in signatures:
        version, _, mac = signature.partition(",")
        # All are compared in constant time, so that timing tells nothing of a key.
        fits = [hmac.compare_digest(mac.encode(), one) for one in wanted]
        if version == "v1" and any(fits):
            return message_id
    raise SignatureError("no signature fits: another secret, or the body was changed on the way")


def _mac(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()

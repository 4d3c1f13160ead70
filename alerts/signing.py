"""Standard Webhooks 1.0: signing secrets, and the headers that sign what is sent.

The symmetric scheme (``v1``): HMAC-SHA256 over ``id.timestamp.body``. See the "Signature scheme" section of
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets as random
from typing import TYPE_CHECKING

from alerts.errors import SecretError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

PREFIX = "whsec_"
#: Bounds of a key in bytes (the spec's "between 24 bytes and 64 bytes").
SHORTEST, LONGEST = 24, 64


def parse_secret(text: str) -> bytes:
    """The key that ``whsec_<base64>`` stands for. Raises SecretError, whose message never shows the text."""
    written = text.strip()
    if not written.startswith(PREFIX):
        raise SecretError(f"it does not start with {PREFIX}, which stands in front of the base64")
    try:
        key = base64.b64decode(written.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise SecretError(f"what follows {PREFIX} is not base64") from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise SecretError(f"it decodes to {len(key)} bytes where {SHORTEST} to {LONGEST} are needed")
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
        "webhook-signature": " ".join(f"v1,{mac(key, message_id, timestamp, body)}" for key in secrets),
    }


def mac(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """What stands behind ``v1,`` in a signature by this key."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()

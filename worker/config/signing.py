"""Signing secrets of webhooks, as Standard Webhooks 1.0 writes them: ``whsec_`` and base64 of 24 to 64 bytes."""

from __future__ import annotations

import base64
import binascii

from worker.config.errors import BadValue
from worker.config.kinds import Kind, parse_each

_PREFIX = "whsec_"


def _decode(secret: object) -> bytes:
    if not isinstance(secret, str):
        raise BadValue
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        what = f"what follows {_PREFIX}" if secret.startswith(_PREFIX) else "it"
        raise BadValue(f"{what} is not base64") from None
    if not 24 <= len(key) <= 64:
        raise BadValue(f"it decodes to {len(key)} bytes where 24 to 64 are needed")
    return key


def _parse_secrets(value: object) -> tuple[bytes, ...]:
    """One secret or several, the newest first, in a list or parted by white space."""
    secrets = value.split() if isinstance(value, str) else value
    if not isinstance(secrets, list) or not secrets:
        raise BadValue
    if len(secrets) > 10:
        raise BadValue("more than ten secrets are of no use to a receiver")
    keys = parse_each(secrets, _decode) if len(secrets) > 1 else (_decode(secrets[0]),)
    if len(set(keys)) < len(keys):
        raise BadValue("a secret is there twice")
    return keys


_ONE = {"type": "string", "pattern": r"^\s*((whsec_)?[A-Za-z0-9+/]+={0,2}\s*)+$"}
SIGNING_SECRETS = Kind(
    'a signing secret "whsec_" + base64 of 24 to 64 random bytes (make one: echo whsec_$(openssl rand -base64 32))',
    _parse_secrets,
    {"anyOf": [_ONE, {"type": "array", "items": _ONE, "minItems": 1, "maxItems": 10}]},
)

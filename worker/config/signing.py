"""Signing secrets of webhooks, as Standard Webhooks 1.0 writes them: ``whsec_`` and base64 of 24 to 64 bytes."""

from __future__ import annotations

from alerts.errors import SecretError
from alerts.signing import parse_secret
from worker.config.errors import BadValue
from worker.config.kinds import Kind, parse_each

#: More secrets than this are of no use to a receiver.
MOST_SECRETS = 10


def _decode(secret: object) -> bytes:
    if not isinstance(secret, str):
        raise BadValue
    try:
        return parse_secret(secret)
    except SecretError as wrong:
        raise BadValue(str(wrong)) from None


def _parse_secrets(value: object) -> tuple[bytes, ...]:
    """One secret or several, the newest first, in a list or parted by white space."""
    secrets = value.split() if isinstance(value, str) else value
    if not isinstance(secrets, list) or not secrets:
        raise BadValue
    if len(secrets) > MOST_SECRETS:
        raise BadValue("more than ten secrets are of no use to a receiver")
    keys = parse_each(secrets, _decode) if len(secrets) > 1 else (_decode(secrets[0]),)
    if len(set(keys)) < len(keys):
        raise BadValue("a secret is there twice")
    return keys


_ONE = {"type": "string", "pattern": r"^\s*(whsec_[A-Za-z0-9+/]+={0,2}\s*)+$"}
SIGNING_SECRETS = Kind(
    'a signing secret "whsec_" + base64 of 24 to 64 random bytes (make one: echo whsec_$(openssl rand -base64 32))',
    _parse_secrets,
    {"anyOf": [_ONE, {"type": "array", "items": _ONE, "minItems": 1, "maxItems": MOST_SECRETS}]},
)

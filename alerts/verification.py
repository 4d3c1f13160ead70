"""Standard Webhooks 1.0 from the receiver's side: whether a message is what one of our secrets signed, and why not.

The symmetric scheme (``v1``); see the "Signature scheme" and "Verifying webhook authenticity" sections of
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from alerts.errors import SignatureError
from alerts.signing import mac

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
#: How far a message's timestamp may be from the receiver's clock.
TOLERANCE = timedelta(minutes=5)
_BOM = b"\xef\xbb\xbf"


def verify(secrets: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The id of a message that one of our secrets signed, not long ago. Raises SignatureError.

    Header names are compared without regard to case; ``body`` is what came over the wire, unparsed.
    """
    for problem in problems(secrets, headers, body, now):
        raise SignatureError(problem)
    return _lower(headers)["webhook-id"]


def problems(
    secrets: Sequence[bytes],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    sent: bytes | None = None,
    tolerance: timedelta | None = TOLERANCE,
) -> Iterator[str]:
    """What is wrong with a message, a line each; nothing when all is well.

    ``sent`` is the body that was sent under its id, where that is known: it tells an altered body from a wrong secret.
    Without a ``tolerance`` a message may be of any age.
    """
    given = _lower(headers)
    missing = [name for name in HEADERS if not given.get(name)]
    if missing:
        yield f"header {', '.join(missing)} is missing"
        return
    timestamp = given["webhook-timestamp"]
    # Digits of any script would pass int(); more of them than a clock needs would cost time.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        yield "webhook-timestamp is not a whole number of seconds"
        return
    late = now - _EPOCH - timedelta(seconds=int(timestamp))
    if tolerance is not None and abs(late) > tolerance:
        too = f"old: {_span(late)} before" if late > timedelta() else f"new: {_span(-late)} ahead of"
        yield f"webhook-timestamp is too {too} this clock, and {_span(tolerance)} are allowed"
    if not signed_by(secrets, given, body):
        yield _why_unfit(secrets, given, body, sent)


def signed_by(secrets: Sequence[bytes], headers: Mapping[str, str], body: bytes) -> list[int]:
    """Which of the secrets signed the message, whenever that was. ``headers`` have their names in lower case."""
    message_id, timestamp, signature = (headers.get(name, "") for name in HEADERS)
    given = [one.removeprefix("v1,").encode() for one in signature.split() if one.startswith("v1,")]
    wanted = [mac(key, message_id, timestamp, body).encode() for key in secrets]
    # All are compared in constant time, so that timing tells nothing of a key.
    fits = [[hmac.compare_digest(ours, theirs) for theirs in given] for ours in wanted]
    return [number for number, one in enumerate(fits) if any(one)]


def _why_unfit(secrets: Sequence[bytes], headers: Mapping[str, str], body: bytes, sent: bytes | None) -> str:
    signatures = [one.partition(",") for one in headers["webhook-signature"].split()]
    values = [value for version, _, value in signatures if version == "v1"]
    if not values:
        return "webhook-signature holds no signature of version v1; expected v1,<base64>"
    if not any(_is_mac(value) for value in values):
        return "webhook-signature was cut or changed on the way: v1, is followed by the base64 of 32 bytes"
    for what, before in _before(body):
        if signed_by(secrets, headers, before):
            return f"the body was altered on the way: {what}; check the bytes as they came, before any parsing"
    if sent is None:
        return "no signature fits: another secret signed it, or body or webhook-id were altered on the way"
    if sent == body:
        return "another secret signed it: the body is what was sent"
    at = next((n for n, (a, b) in enumerate(zip(sent, body, strict=False)) if a != b), min(len(sent), len(body)))
    altered = f"the body was altered on the way: it differs from what was sent from byte {at} on"
    also = "" if signed_by(secrets, headers, sent) else ", and another secret signed it"
    return f"{altered} ({_shown(sent, at)} was sent, {_shown(body, at)} came){also}"


def _before(body: bytes) -> Iterator[tuple[str, bytes]]:
    """What a body may have been before it was altered in the usual ways."""
    yield "a line end was added to it", body.rstrip(b"\r\n")
    yield "a byte order mark was added to it", body.removeprefix(_BOM)
    try:
        again = json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":"))
        yield "its JSON was parsed and written again", again.encode("utf-8", "replace")
    except (ValueError, RecursionError):
        pass


def _is_mac(value: str) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def _shown(body: bytes, at: int) -> str:
    return repr(body[at : at + 12].decode("utf-8", "replace")) if at < len(body) else "nothing more"


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

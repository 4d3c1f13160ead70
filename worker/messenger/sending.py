"""One attempt to tell people of an alert."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from alerts import delivery
from alerts.delivery import Outcome
from alerts.markup import fit
from alerts.message import message_of
from classifiers.gazetteer import country_name

if TYPE_CHECKING:
    from alerts.alert import Alert
    from alerts.message import Mood
    from alerts.webhook import Webhook
    from feeds.door import Door
    from worker.messenger.transport import Attempt

_TYPES: dict[Mood, str] = {"news": "info", "trouble": "warning", "relief": "success"}
#: What of an address may be a secret: anything between its marks that is no short word.
_PIECE = re.compile(r"[^/:@?&=,#\s]{6,}")
#: What an answer may hold that opens something: matrix answers a log-in with a token.
_TOKEN = re.compile(r'("\w*(?:token|secret|password|key)"\s*:\s*")[^"]*', re.IGNORECASE)


def send(door: Door, webhook: Webhook, alert: Alert) -> tuple[Outcome, bytes]:
    """Send ``alert`` as a message, once; what came of it, and the start of an answer that refused it.

    Blocks for the webhook's ``timeout`` at most. Raises nothing for what the medium or the network does; what it
    gives back holds nothing of the webhook's address.
    """
    from worker.messenger import media, transport

    try:
        medium = media.medium(webhook.url)
    except media.NoMedium as problem:
        return Outcome(0, error=f"config: {problem}"), b""
    message = message_of(alert, country_name)
    medium.tie(alert.story_id, next((part.url for part in message.parts if part.url), None))
    title, body = fit(
        message,
        medium.markup,
        most=medium.most,
        most_title=medium.most_title,
        finish=medium.finish,
    )
    failure = ""
    with transport.attempt(door, allow_private=webhook.allow_private, seconds=webhook.timeout.total_seconds()) as one:
        try:
            sent = medium.plugin.notify(
                title=title,
                body=body,
                notify_type=_TYPES[message.mood],
                body_format=medium.format,
                overflow="upstream",
            )
        except Exception as error:  # noqa: BLE001 - a plugin's surprise ends an attempt, not the courier
            sent, failure = False, f"{medium.plugin.service_name} failed ({type(error).__name__})"
    return _outcome(one, sent, failure or f"{medium.plugin.service_name} did not take the message", webhook.url)


def _outcome(one: Attempt, sent: bool, failure: str, url: str) -> tuple[Outcome, bytes]:
    answer = one.answer
    if sent:
        return Outcome(answer.status if answer and 200 <= answer.status <= 299 else 200), b""
    if one.error is not None:
        # Where a connection was tried is no secret, and what a person looks for.
        host = urlsplit(one.error.url).hostname or one.error.url
        return Outcome(0, error=_without(url, f"{one.error.reason}: {one.error.told}", but=host)), b""
    if answer is None:
        return Outcome(0, error=failure), b""
    body = _without(url, answer.body[:2_000].decode("utf-8", "replace")).encode()
    if 200 <= answer.status <= 299:
        # Refused in the words of an answer that was a success to HTTP.
        return Outcome(0, error=f"{failure}: {delivery.excerpt(body)}"), body
    headers = answer.headers
    return Outcome(answer.status, headers.get("retry-after"), headers.get("date")), body


def _without(url: str, text: str, *, but: str = "") -> str:
    """``text`` without any piece of ``url`` and without tokens of its own."""
    text = _TOKEN.sub(r"\1…", text)
    for piece in sorted({*_PIECE.findall(url), *_PIECE.findall(unquote(url))} - {but}, key=len, reverse=True):
        text = text.replace(piece, "…")
    return text

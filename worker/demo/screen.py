"""A received alert as lines for a terminal: what happened, between whom, and the sentences that prove it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from worker.demo.catcher import Received

#: Passages and outlets shown of an alert; the message may hold more.
MOST_PASSAGES = 2
MOST_OUTLETS = 5
#: Columns that the first line of any alert needs, and sides named in it.
NARROWEST = 70
MOST_SIDES = 3
_LABEL = 9
_STATUS_COLOURS = {
    "held": "green", "signed": "green", "delivered": "green", "agreed": "green",
    "planned": "yellow", "negotiating": "yellow", "cancelled": "red", "denied": "red",
}  # fmt: skip


def render(received: Received, width: int = 100) -> str:
    """The alert in lines of at most ``width`` columns (``NARROWEST`` if that is more), styled for a terminal.

    ``click.echo`` takes the style off for a pipe. Everything shown came from outside and must not move the cursor, so
    control characters are dropped.
    """
    width = max(width, NARROWEST)
    body = received.body
    data = _object(body, "data")
    rule = click.style("─" * width, dim=True)
    if not data.get("event"):
        return "\n".join([rule, click.style(_plain(body.get("type")), bold=True), *_signed(received, width), ""])
    return "\n".join([rule, *_story(data, str(body.get("type")), width), *_signed(received, width), ""])


def _story(data: Mapping[str, Any], kind: str, width: int) -> Iterator[str]:
    event = _object(data, "event")
    items = [item for item in data.get("items") or [] if isinstance(item, dict)]
    status = _plain(event.get("status"))
    head = f"{_plain(event.get('type')).replace('_', ' ')} {status}".strip().upper()[:34]
    sides = " – ".join(_plain(c) for c in (event.get("countries") or [])[:MOST_SIDES])
    score = event.get("score")
    yield "  ".join(
        part
        for part in (
            click.style(head, bold=True, fg=_STATUS_COLOURS.get(status)),
            click.style(sides, bold=True),
            click.style(f"score {score:.2f}" if isinstance(score, int | float) else "", dim=True),
            click.style("update", fg="cyan") if kind.endswith(".updated") else "",
        )
        if click.unstyle(part)
    )
    title = _plain(items[0].get("title")) if items else ""
    for line in textwrap.wrap(title, width):
        yield click.style(line, bold=True)
    yield from _row("new", "; ".join(_plain(c) for c in data.get("changes") or []), width)
    yield from _row("who", "; ".join(map(_person, event.get("people") or [])), width)
    yield from _row("parties", "; ".join(_plain(o.get("name")) for o in event.get("organizations") or []), width)
    where = [_place(_object(event, "place")), _plain(event.get("occasion"))]
    yield from _row("where", "; ".join(filter(None, where)), width)
    yield from _row("when", _plain(event.get("date")), width)
    what = [*map(_amount, event.get("amounts") or []), *map(_plain, event.get("commodities") or [])]
    yield from _row("what", "; ".join(filter(None, what)), width)
    for passage in (data.get("evidence") or [])[:MOST_PASSAGES]:
        quoted = _plain(passage.get("text"))
        yield from _row("proof", quoted and f"“{quoted}”", width, fg="cyan")
        patterns = ", ".join(_plain(p) for p in (passage.get("patterns") or [])[:3])
        yield from _row("", patterns, width, dim=True)
    outlets = list(dict.fromkeys(_plain(_object(item, "feed").get("title")) for item in items))
    yield from _row("outlets", ", ".join(outlets[:MOST_OUTLETS]), width)


def _signed(received: Received, width: int) -> Iterator[str]:
    mark = click.style("signature verified", fg="green")
    repeats = f", came {received.times} times" if received.times > 1 else ""
    label = click.style("webhook".ljust(_LABEL), dim=True)
    yield f"{label}{_plain(received.id)[: width // 2]}  {mark}{repeats}"


def _row(label: str, text: str, width: int, **style: Any) -> Iterator[str]:
    for number, line in enumerate(textwrap.wrap(text, width - _LABEL)):
        shown = label if number == 0 else ""
        yield click.style(shown.ljust(_LABEL), dim=True) + (click.style(line, **style) if style else line)


def _person(person: Mapping[str, Any]) -> str:
    about = ", ".join(filter(None, (_plain(person.get("role")), _plain(person.get("country")))))
    return _plain(person.get("name")) + (f" ({about})" if about else "")


def _place(place: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, (_plain(place.get("name")), _plain(place.get("country")))))


def _amount(amount: Mapping[str, Any]) -> str:
    about = _plain(amount.get("about"))
    return _plain(amount.get("text")) + (f" ({about})" if about else "")


def _object(parent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _plain(value: object) -> str:
    """One line of what can be printed; an absent value is an empty line."""
    text = "" if value is None else str(value)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())

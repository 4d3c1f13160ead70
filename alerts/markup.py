"""A message in the markup that a medium reads, and no longer than it takes.

Its texts are harmless already (``alerts.harmless``), so that markup only adds: escapes are left where a medium would
read a character as its own.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

from alerts.harmless import shorten

if TYPE_CHECKING:
    from collections.abc import Callable

    from alerts.message import Message, Part


class Plain:
    """No markup: an address stands in its own line, and a reader's program makes the link."""

    line = "\n"
    block = "\n\n"

    def text(self, text: str) -> str:
        return text

    def strong(self, text: str) -> str:
        return text

    def quote(self, text: str) -> str:
        return f"“{text}”"

    def link(self, text: str, url: str) -> str:
        return f"{text}\n{url}"


class Markdown(Plain):
    """CommonMark, of which each medium's own dialect is made. ``paragraphs``: where a single line break is lost."""

    def __init__(self, *, paragraphs: bool = False) -> None:
        self.line = "\n\n" if paragraphs else "\n"

    def strong(self, text: str) -> str:
        return f"**{text}**"

    def quote(self, text: str) -> str:
        return f"> {text}"

    def link(self, text: str, url: str) -> str:
        return f"[{text}]({url})"


class Html(Plain):
    line = "<br>"
    block = "<br><br>"

    def text(self, text: str) -> str:
        return escape(text)

    def strong(self, text: str) -> str:
        return f"<b>{escape(text)}</b>"

    def quote(self, text: str) -> str:
        return f"<blockquote>{escape(text)}</blockquote>"

    def link(self, text: str, url: str) -> str:
        return f'<a href="{escape(url)}">{escape(text)}</a>'


def render(message: Message, markup: Plain, *, titled: bool) -> str:
    """The whole message; its title too, unless the medium shows that apart (``titled``)."""
    facts, quotes, links = (
        [_part(part, markup) for part in message.parts if part.kind == kind] for kind in ("fact", "quote", "link")
    )
    if message.left_out:
        links.append(markup.text(f"and {message.left_out} more"))
    head = [] if titled else [markup.strong(message.title)]
    blocks = [head, facts, *([quote] for quote in quotes), links]
    return markup.block.join(markup.line.join(lines) for lines in blocks if lines)


def fit(
    message: Message, markup: Plain, *, most: int, most_title: int, finish: Callable[[str], str] = str
) -> tuple[str, str]:
    """Title and body for a medium that takes ``most`` bytes of body after it has been through ``finish``, and
    ``most_title`` of title; 0 for none, and the title goes into the body.

    Whole parts are left out, never a piece of a link: first the passages that prove it, then all links but the first,
    then facts, the last first; at the very end the headline is shortened.
    """
    titled = most_title > 0
    if titled:
        message = replace(message, title=shorten(message.title, most_title))
    while True:
        body = render(message, markup, titled=titled) or markup.text(message.title)
        over = len(finish(body).encode("utf-8", "replace")) - most
        if over <= 0:
            return (message.title if titled else ""), body
        if message.parts or message.left_out:
            message = _without_one(message)
        elif message.title:
            message = replace(message, title=shorten(message.title, max(len(message.title.encode()) - over, 0)))
        else:
            return "", ""


def _part(part: Part, markup: Plain) -> str:
    if part.kind == "quote":
        return markup.quote(part.text)
    if part.url:
        return markup.link(part.text, part.url)
    return markup.strong(f"{part.label}:") + " " + markup.text(part.text) if part.label else markup.text(part.text)


def _without_one(message: Message) -> Message:
    places: dict[str, list[int]] = {"quote": [], "link": [], "fact": []}
    for place, part in enumerate(message.parts):
        places[part.kind].append(place)
    quotes, links, facts = places.values()
    gone = (quotes or links[1:] or facts or links or [-1])[-1]
    if gone < 0:
        return replace(message, left_out=0)
    parts = message.parts[:gone] + message.parts[gone + 1 :]
    more = message.parts[gone].kind == "link" and bool(parts)
    return replace(message, parts=parts, left_out=message.left_out + more if parts else 0)

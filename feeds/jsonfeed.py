"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/). Lenient with types, as its section on ids asks."""

from __future__ import annotations

import json
from typing import cast

from feeds.dates import parse_date
from feeds.entry import Entry
from feeds.fields import absolute, language_tag
from feeds.text import html_to_text, title_to_text

JSONValue = None | bool | int | float | str | list["JSONValue"] | dict[str, "JSONValue"]


_TEXTS = ("content_html", "content_text", "summary")


class NotJSONFeed(ValueError):
    """The document is not JSON, or JSON that is no feed."""


def load(body: bytes) -> dict[str, JSONValue]:
    """The document's top object. Raises ``NotJSONFeed``."""
    try:
        text = body.decode("utf-8-sig", "replace")
        document = cast("JSONValue", json.loads(text, strict=False))
    except (ValueError, RecursionError) as error:
        raise NotJSONFeed(f"not JSON ({' '.join(str(error).split())[:100]})") from error
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise NotJSONFeed("JSON without a list of items, so not a JSON Feed")
    return document


def version(document: dict[str, JSONValue]) -> str:
    return "json11" if "1.1" in text_of(document.get("version")) else "json10"


def entries(document: dict[str, JSONValue], url: str, at_most: int, tags: int) -> list[Entry]:
    """The first entries, so many at most and with so many tags in their texts."""
    items = document.get("items")
    assert isinstance(items, list)
    found: list[Entry] = []
    for item in items[:at_most]:
        if isinstance(item, dict):
            tags -= sum(text_of(item.get(key)).count("<") for key in _TEXTS)
            if tags < 0 and found:
                break
            found.append(_entry(item, document, url))
    return found


def hubs(document: dict[str, JSONValue]) -> tuple[str, ...]:
    """Where it can be subscribed to by WebSub, as written."""
    named = document.get("hubs")
    listed = [hub for hub in named if isinstance(hub, dict)] if isinstance(named, list) else []
    return tuple(text_of(hub.get("url")) for hub in listed if text_of(hub.get("type")).lower() == "websub")


def _entry(item: dict[str, JSONValue], document: dict[str, JSONValue], url: str) -> Entry:
    link = text_of(item.get("url")) or text_of(item.get("external_url"))
    written = [html_to_text(text_of(item.get(key))) for key in _TEXTS]
    return Entry(
        guid=text_of(item.get("id")) or None,
        link=absolute(url, link),
        title=title_to_text(text_of(item.get("title"))),
        text=max(written, key=len),
        published=parse_date(text_of(item.get("date_published"))),
        updated=parse_date(text_of(item.get("date_modified"))),
        language=language_tag(item.get("language")) or language_tag(document.get("language")),
    )


def text_of(value: JSONValue) -> str:
    """A string or number as a string, anything else as nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()

"""Alerts as a feed that readers follow: RSS 2.0, Atom 1.0 (RFC 4287) and JSON Feed 1.1.

What an entry says is what a person is told of the alert in a chat or by e-mail (``alerts.message``).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from alerts.markup import Html, render
from alerts.message import message_of
from classifiers.gazetteer import country_name
from worker.steps.alerting import SOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.alert import Alert

TITLE = "Seedwire alerts"
DESCRIPTION = "News that Seedwire watches for, an entry for each event, with the sentences that prove it."
JSON_FEED = "https://jsonfeed.org/version/1.1"
ATOM = "http://www.w3.org/2005/Atom"

#: What XML 1.0 has no place for, whatever a feed put into a title.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert. ``url`` is its story's page, ``report`` the first report's, ``html`` is safe to show."""

    id: str
    title: str
    url: str
    report: str | None
    time: datetime
    html: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """``home`` is the page that people see, ``own`` the address of this feed."""

    home: str
    own: str
    entries: Sequence[Entry]

    @property
    def updated(self) -> datetime:
        return max((entry.time for entry in self.entries), default=_NEVER)


def entry_of(alert: Alert, base: str) -> Entry:
    """``alert`` opened or updated a story; ``base`` is where the pages are, without a slash at its end."""
    message = message_of(alert, country_name)
    event = json.loads(alert.body)["data"]["event"]
    categories = (event["type"], event.get("status"), *event["countries"], *event["commodities"])
    return Entry(
        id=f"{SOURCE}:{alert.id}",
        title=_clean(message.title),
        url=f"{base}/stories/{alert.story_id}",
        report=next((part.url for part in message.parts if part.url), None),
        time=alert.time,
        html=_clean(render(message, Html(), titled=True)),
        categories=tuple(dict.fromkeys(_clean(one) for one in categories if one)),
    )


def rss(feed: Feed) -> bytes:
    ElementTree.register_namespace("atom", ATOM)
    root = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(root, "channel")
    _add(channel, "title", TITLE)
    _add(channel, "link", feed.home)
    _add(channel, "description", DESCRIPTION)
    _add(channel, "language", "en")
    _add(channel, f"{{{ATOM}}}link", href=feed.own, rel="self", type="application/rss+xml")
    if feed.entries:
        _add(channel, "lastBuildDate", format_datetime(feed.updated, usegmt=True))
    for entry in feed.entries:
        item = ElementTree.SubElement(channel, "item")
        _add(item, "title", entry.title)
        _add(item, "link", entry.url)
        _add(item, "description", entry.html)
        _add(item, "guid", entry.id, isPermaLink="false")
        _add(item, "pubDate", format_datetime(entry.time, usegmt=True))
        for category in entry.categories:
            _add(item, "category", category)
        if entry.report:
            _add(item, f"{{{ATOM}}}link", href=entry.report, rel="related")
    return _written(root)


def atom(feed: Feed) -> bytes:
    root = ElementTree.Element("feed", xmlns=ATOM)
    _add(root, "id", f"{SOURCE}:alerts")
    _add(root, "title", TITLE)
    _add(root, "subtitle", DESCRIPTION)
    _add(root, "updated", feed.updated.isoformat())
    _add(root, "link", href=feed.home, rel="alternate", type="text/html")
    _add(root, "link", href=feed.own, rel="self", type="application/atom+xml")
    _add(ElementTree.SubElement(root, "author"), "name", "Seedwire")
    for entry in feed.entries:
        element = ElementTree.SubElement(root, "entry")
        _add(element, "id", entry.id)
        _add(element, "title", entry.title)
        _add(element, "published", entry.time.isoformat())
        _add(element, "updated", entry.time.isoformat())
        _add(element, "link", href=entry.url, rel="alternate", type="text/html")
        if entry.report:
            _add(element, "link", href=entry.report, rel="related")
        for category in entry.categories:
            _add(element, "category", term=category)
        _add(element, "content", entry.html, type="html")
    return _written(root)


def json_feed(feed: Feed) -> bytes:
    items = [
        {
            "id": entry.id,
            "url": entry.url,
            **({"external_url": entry.report} if entry.report else {}),
            "title": entry.title,
            "content_html": entry.html,
            "date_published": entry.time.isoformat(),
            "tags": list(entry.categories),
        }
        for entry in feed.entries
    ]
    document = {
        "version": JSON_FEED,
        "title": TITLE,
        "description": DESCRIPTION,
        "home_page_url": feed.home,
        "feed_url": feed.own,
        "language": "en",
        "items": items,
    }
    return json.dumps(document, ensure_ascii=False).encode()


def _add(parent: ElementTree.Element, name: str, text: str | None = None, /, **attributes: str) -> None:
    element = ElementTree.SubElement(parent, name, {key: _clean(value) for key, value in attributes.items()})
    element.text = None if text is None else _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _written(root: ElementTree.Element) -> bytes:
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))

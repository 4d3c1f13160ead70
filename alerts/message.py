"""An alert as a message to a person: what happened, who, where, when, the proof, and where to read it.

Built from the alert's body, so that it says what a program would have been told. ``alerts.markup`` puts it into what
a medium reads and takes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from alerts.alert import (
    DIGEST,
    FEED_FAILING,
    FEED_RECOVERED,
    OPENED,
    SERVICE_DEGRADED,
    SERVICE_RECOVERED,
    UPDATED,
    WEBHOOK_DISABLED,
    WEBHOOK_TEST,
)
from alerts.harmless import harmless, safe_url, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from alerts.alert import Alert

#: More than this is read on the page and not on a phone.
MOST_QUOTES, MOST_LINKS, MOST_NAMES, MOST_STORIES = 3, 5, 6, 20
#: In bytes.
LONGEST_QUOTE, LONGEST_LINK = 600, 160

Mood = Literal["news", "trouble", "relief"]


@dataclass(frozen=True, slots=True)
class Part:
    """A line of a message. A fact may have a ``label``; a link without ``url`` is a report that has no address."""

    kind: Literal["fact", "quote", "link"]
    text: str
    label: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """``title`` and every text in ``parts`` is harmless already. ``left_out`` counts links that are not there."""

    title: str
    parts: tuple[Part, ...]
    mood: Mood = "news"
    left_out: int = 0


def message_of(alert: Alert, country: Callable[[str], str] = str) -> Message:
    """``country`` names a country in words by its two-letter code."""
    data: Mapping[str, Any] = json.loads(alert.body)["data"]
    if alert.type in {OPENED, UPDATED}:
        return _of_story(data, country)
    if alert.type == DIGEST:
        return _of_digest(data, country)
    title, parts = _of_service(alert.type, data)
    mood: Mood = "trouble" if alert.type in {FEED_FAILING, WEBHOOK_DISABLED, SERVICE_DEGRADED} else "news"
    if alert.type in {FEED_RECOVERED, SERVICE_RECOVERED}:
        mood = "relief"
    return Message(harmless(title), tuple(part for part in parts if part.text), mood)


def _of_story(data: Mapping[str, Any], country: Callable[[str], str]) -> Message:
    event, story, items, changes = data["event"], data["story"], data["items"], data.get("changes")
    shown = items[-1:] + items[:-1] if changes else items  # an update is about the newest
    headline = _headline(shown[0], event, country) if shown else _kind(event, country)
    told = [_report(item, headline) for item in shown[:MOST_LINKS]]
    proof = [text for one in data["evidence"] if (text := harmless(one["text"])) not in {"", headline}]
    quotes = [Part("quote", shorten(text, LONGEST_QUOTE)) for text in proof[:MOST_QUOTES]]
    outlets, reports = story["outlets"], max(story["items"], len(items))
    facts = [
        Part("fact", "; ".join(_change(change) for change in changes or ()), "Changed"),
        Part("fact", " · ".join(_summary(event, country))),
        Part("fact", _listed(_who(event, country)), "Who"),
        Part("fact", " · ".join(_where(event, country)), "Where"),
        Part("fact", _day(event.get("date")), "When"),
        Part("fact", _listed(_amounts(event), "; "), "Amounts"),
        Part("fact", _listed(harmless(word) for word in (*event["commodities"], *event["topics"])), "About"),
        Part("fact", f"{_count(outlets, 'outlet')}, {_count(reports, 'report')}", "Reported by"),
    ]
    parts = (*(fact for fact in facts if fact.text), *quotes, *told)
    return Message(f"Update: {headline}" if changes else headline, parts, left_out=reports - len(told))


def _of_digest(data: Mapping[str, Any], country: Callable[[str], str]) -> Message:
    stories = data["stories"]
    told = []
    for one in stories[:MOST_STORIES]:
        event, item = one["event"], one.get("item") or {}
        headline = _headline(item, event, country)
        news = "new" if one.get("opened") else "; ".join(_change(change) for change in one.get("changes") or ())
        about = " · ".join((*_summary(event, country), _count(one["story"]["outlets"], "outlet"), news))
        told.append(Part("link", f"{shorten(headline, LONGEST_LINK)} ({about})", url=safe_url(item.get("url"))))
    every = len(stories) + (data.get("omitted") or {}).get("stories", 0)
    title = f"{_count(data['alerts'], 'alert')} about {_count(every, 'story', 'stories')}"
    return Message(title, tuple(told), left_out=every - len(told))


def _of_service(kind: str, data: Mapping[str, Any]) -> tuple[str, list[Part]]:
    if kind == WEBHOOK_TEST:
        return "Seedwire: a test", [Part("fact", "Messages of this webhook arrive here.")]
    if kind == WEBHOOK_DISABLED:
        reason = Part("fact", harmless(data["reason"]), "Why")
        return f"Webhook disabled: {data['webhook']['name']}", [
            reason,
            Part("fact", harmless(data["command"]), "Enable"),
        ]
    if kind == SERVICE_DEGRADED:
        return "Seedwire is degraded", [Part("fact", harmless(one["detail"])) for one in data["reasons"]]
    if kind == SERVICE_RECOVERED:
        return "Seedwire works again", [Part("fact", harmless(one["detail"]), "Over") for one in data["reasons"]]
    feed = data.get("feed") or {}
    name = feed.get("title") or feed.get("url") or ""
    parts = [
        Part("fact", harmless(data.get("detail") or data.get("problem") or ""), "Problem"),
        Part("fact", f"{_count(data['failures'], 'poll')} in a row" if "failures" in data else "", "Failed"),
        Part("link", shorten(harmless(name), LONGEST_LINK), url=safe_url(feed.get("url"))),
    ]
    verb = {FEED_FAILING: "Feed failing", FEED_RECOVERED: "Feed readable again"}.get(kind, kind)
    return f"{verb}: {name}" if name else verb, parts


def _headline(item: Mapping[str, Any], event: Mapping[str, Any], country: Callable[[str], str]) -> str:
    return harmless(item.get("title") or "") or _kind(event, country)


def _kind(event: Mapping[str, Any], country: Callable[[str], str]) -> str:
    sides = _listed(country(code) for code in event["countries"])
    return harmless(event["type"].replace("_", " ")).capitalize() + (f": {sides}" if sides else "")


def _summary(event: Mapping[str, Any], country: Callable[[str], str]) -> Iterator[str]:
    yield harmless(event["type"].replace("_", " ")).capitalize()
    if event.get("status"):
        yield harmless(event["status"])
    if event["countries"]:
        yield _listed(country(code) for code in event["countries"])


def _who(event: Mapping[str, Any], country: Callable[[str], str]) -> Iterator[str]:
    for person in event["people"]:
        about = ", ".join(filter(None, (person.get("role"), person.get("country") and country(person["country"]))))
        yield harmless(f"{person['name']} ({about})" if about else person["name"])
    for organization in event["organizations"]:
        yield harmless(organization["name"])


def _where(event: Mapping[str, Any], country: Callable[[str], str]) -> Iterator[str]:
    place = event.get("place")
    if place:
        names = (place.get("name"), place.get("country") and country(place["country"]))
        yield harmless(", ".join(dict.fromkeys(filter(None, names))))
    if event.get("occasion"):
        yield harmless(event["occasion"])


def _amounts(event: Mapping[str, Any]) -> Iterator[str]:
    for amount in event["amounts"]:
        yield harmless(f"{amount['text']} ({amount['about']})" if amount.get("about") else amount["text"])


def _report(item: Mapping[str, Any], headline: str) -> Part:
    """A link says the outlet, and the title where it is another than the message's own."""
    outlet, title = harmless(item["feed"]["title"] or ""), harmless(item["title"] or "")
    words = outlet or title if title == headline else ": ".join(filter(None, (outlet, title)))
    return Part("link", shorten(words, LONGEST_LINK) or "report", url=safe_url(item.get("url")))


def _change(change: str) -> str:
    return harmless(change.replace("->", " → "))


def _day(written: str | None) -> str:
    try:
        day = date.fromisoformat(written or "")
    except ValueError:
        return harmless(written or "")
    return f"{day.day} {day:%B %Y}"


def _listed(words: Iterable[str], mark: str = ", ") -> str:
    every = [word for word in dict.fromkeys(words) if word]
    return mark.join(every[:MOST_NAMES]) + (f" and {len(every) - MOST_NAMES} more" if len(every) > MOST_NAMES else "")


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"

"""Alerts: what a webhook is sent, as CloudEvents 1.0 in structured JSON (docs/webhooks.md shows every field)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, overload

from classifiers.event_json import event_to_dict, evidence_to_dict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alerts.story import Report, Story
    from classifiers.event import Event, Evidence

OPENED = "seedwire.alert.opened"
UPDATED = "seedwire.alert.updated"
FEED_FAILING = "seedwire.feed.failing"
FEED_RECOVERED = "seedwire.feed.recovered"
WEBHOOK_TEST = "seedwire.webhook.test"

CONTENT_TYPE = "application/cloudevents+json"

#: A body is never longer, in bytes (Standard Webhooks advises receivers to expect less than 20 KB).
LARGEST_BODY = 20_000
MOST_ITEMS = 20
MOST_EVIDENCE = 8
#: Entries of each list of an event; characters of a title, of a passage of evidence, of any other text.
MOST_ENTRIES = 12
LONGEST_TITLE, LONGEST_PASSAGE, LONGEST_TEXT, LONGEST_URL = 300, 1_000, 200, 1_000


@dataclass(frozen=True, slots=True)
class Alert:
    """A message to webhooks. ``id`` is also the ``webhook-id``: equal for an equal cause, on every retry and machine.

    ``story_id`` is empty when it is about the service and not about an event.
    """

    id: str
    type: str
    story_id: str
    time: datetime
    body: bytes = field(repr=False)


def build_opened(story: Story, reports: Sequence[Report], now: datetime, source: str, *, late_by: str = "") -> Alert:
    """The alert that a story opened. ``reports`` are those it has so far; ``source`` is a URI of this installation.

    ``late_by`` is the item whose report made a webhook's filters admit a story they had refused when it opened: what
    that webhook is sent differs from what the others had, so it has an id of its own.
    """
    alert_id = _id(story.id, "opened", late_by) if late_by else _id(story.id, "opened")
    return _about_story(alert_id, OPENED, story, reports, {}, now, source)


def build_updated(story: Story, reports: Sequence[Report], changes: Sequence[str], now: datetime, source: str) -> Alert:
    """The alert that a story gained something: ``changes`` as ``alerts.matching.decide`` told them, in the body too."""
    item_id, index = story.reports[-1]
    alert_id = _id(story.id, "updated", item_id, str(index), *changes)
    return _about_story(alert_id, UPDATED, story, reports, {"changes": list(changes)}, now, source)


def build_webhook_test(webhook_name: str, now: datetime, source: str) -> Alert:
    """A message that only shows that messages arrive; each has an id of its own."""
    message = (
        f"A test for the webhook {_cut(webhook_name, LONGEST_TEXT)!r}: it arrived, and its signature can be checked."
    )
    alert_id = _id("webhook-test", webhook_name, now.isoformat())
    return _about_service(alert_id, WEBHOOK_TEST, webhook_name, {"message": message}, now, source)


def build_feed_failing(
    feed_id: str, title: str, url: str, *, problem: str, detail: str, failures: int, since: datetime, source: str
) -> Alert:
    """A feed has failed ``failures`` polls in a row, the last at ``since``; once per run of failures."""
    data: dict[str, object] = {"feed": _feed(feed_id, title, url)}
    data |= {"problem": problem, "detail": _cut(detail, LONGEST_TITLE), "failures": failures}
    return _about_service(_id(FEED_FAILING, feed_id, since.isoformat()), FEED_FAILING, feed_id, data, since, source)


def build_feed_recovered(feed_id: str, title: str, url: str, now: datetime, source: str) -> Alert:
    """A feed that was told as failing has been read again."""
    data: dict[str, object] = {"feed": _feed(feed_id, title, url)}
    return _about_service(_id(FEED_RECOVERED, feed_id, now.isoformat()), FEED_RECOVERED, feed_id, data, now, source)


def _about_story(
    alert_id: str,
    alert_type: str,
    story: Story,
    reports: Sequence[Report],
    more: Mapping[str, object],
    now: datetime,
    source: str,
) -> Alert:
    told = [_item(report) for report in _one_an_item(reports)]
    proof = _proof(story, reports)
    items, evidence = told[:MOST_ITEMS], proof[:MOST_EVIDENCE]
    event = _event(story.event)
    while True:
        data: dict[str, object] = {
            "story": {
                "id": story.id,
                "opened": _time(story.opened),
                "items": max(story.items, len(told)),
                "outlets": len(story.outlets),
            },
            "event": event,
            "evidence": evidence,
            "items": items,
            **more,
        }
        dropped = {"items": len(told) - len(items), "evidence": len(proof) - len(evidence)}
        if any(dropped.values()):
            data["omitted"] = dropped
        body = _body(alert_id, alert_type, story.id, data, now, source)
        if len(body) <= LARGEST_BODY or not (items or evidence):
            return Alert(alert_id, alert_type, story.id, now, body)
        # One of each is worth more than many of either.
        if len(items) > max(len(evidence), 1):
            items = items[:-1]
        elif len(evidence) > 1:
            evidence = evidence[:-1]
        else:
            items, evidence = items[: len(items) - 1], evidence if items else []


def _about_service(
    alert_id: str, alert_type: str, subject: str, data: Mapping[str, object], now: datetime, source: str
) -> Alert:
    return Alert(alert_id, alert_type, "", now, _body(alert_id, alert_type, subject, data, now, source))


def _body(
    alert_id: str, alert_type: str, subject: str, data: Mapping[str, object], now: datetime, source: str
) -> bytes:
    envelope = {
        "specversion": "1.0",
        "id": alert_id,
        "source": source,
        "type": alert_type,
        "time": _time(now),
        "subject": subject,
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _proof(story: Story, reports: Sequence[Report]) -> list[dict[str, object]]:
    """Passages that prove the event: the first of each report, the strongest first, then the second of each.

    The same sentence in two papers counts once.
    """
    found: list[tuple[bool, int, float, str | None, Evidence]] = [
        (report.event.type != story.event.type, place, -evidence.score, report.item_id, evidence)
        for report in reports
        for place, evidence in enumerate(report.event.evidence)
    ] or [(False, place, 0.0, None, evidence) for place, evidence in enumerate(story.event.evidence)]
    found.sort(key=lambda one: one[:3])
    seen: set[str] = set()
    proof: list[dict[str, object]] = []
    for *_, item_id, evidence in found:
        words = " ".join(evidence.text.casefold().split())
        if words in seen:
            continue
        seen.add(words)
        passage = evidence.text[:LONGEST_PASSAGE]
        bounded = replace(
            evidence,
            text=passage,
            end=evidence.start + len(passage),
            patterns=tuple(_cut(p, LONGEST_TEXT) for p in evidence.patterns[:MOST_ENTRIES]),
        )
        proof.append(dict(evidence_to_dict(bounded)) | ({"item": item_id} if item_id else {}))
    return proof


def _one_an_item(reports: Sequence[Report]) -> list[Report]:
    return list({report.item_id: report for report in reversed(reports)}.values())[::-1]


def _item(report: Report) -> dict[str, object]:
    return {
        "id": report.item_id,
        "url": report.url if report.url and len(report.url) <= LONGEST_URL else None,
        "title": _cut(report.title, LONGEST_TITLE),
        "published": _time(report.published) if report.published else None,
        "language": report.language,
        "feed": _feed(report.feed_id, report.feed_title, report.feed_url),
    }


def _feed(feed_id: str, title: str, url: str) -> dict[str, object]:
    return {"id": feed_id, "title": _cut(title, LONGEST_TITLE), "url": url[:LONGEST_URL]}


def _event(event: Event) -> dict[str, object]:
    """The event in half a body at most, however long its lists and names are."""
    for entries in (MOST_ENTRIES, MOST_ENTRIES // 2, MOST_ENTRIES // 4):
        told = event_to_dict(_bounded(event, entries))
        if len(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")) <= LARGEST_BODY // 2:
            return told
    return event_to_dict(_bounded(event, 1))


def _bounded(event: Event, entries: int) -> Event:
    return replace(
        event,
        countries=event.countries[:entries],
        people=tuple(replace(p, name=_cut(p.name), role=_cut(p.role)) for p in event.people[:entries]),
        organizations=tuple(replace(o, name=_cut(o.name)) for o in event.organizations[:entries]),
        place=replace(event.place, name=_cut(event.place.name)) if event.place else None,
        occasion=_cut(event.occasion),
        topics=tuple(_cut(t) for t in event.topics[:entries]),
        commodities=event.commodities[:entries],
        amounts=tuple(
            replace(a, text=_cut(a.text), unit=_cut(a.unit), about=_cut(a.about)) for a in event.amounts[:entries]
        ),
        evidence=(),
    )


@overload
def _cut(text: str, most: int = ...) -> str: ...
@overload
def _cut(text: None, most: int = ...) -> None: ...
@overload
def _cut(text: str | None, most: int = ...) -> str | None: ...
def _cut(text: str | None, most: int = LONGEST_TEXT) -> str | None:
    return text if text is None or len(text) <= most else text[: most - 1] + "…"


def _time(moment: datetime) -> str:
    """RFC 3339 in UTC, as CloudEvents wants it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _id(*cause: str) -> str:
    return "msg_" + hashlib.sha256("\x1f".join(cause).encode("utf-8", "surrogatepass")).hexdigest()[:24]

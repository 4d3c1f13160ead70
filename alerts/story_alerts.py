"""Alerts about one story: that it opened, or that it gained something worth knowing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from alerts.alert import (
    LARGEST_BODY,
    LONGEST_TEXT,
    LONGEST_TITLE,
    LONGEST_URL,
    OPENED,
    UPDATED,
    cut,
    derive_id,
    feed_data,
    json_bytes,
    make,
    rfc3339,
)
from classifiers.event_json import event_to_dict, evidence_to_dict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.alert import Alert
    from alerts.story import Report, Story
    from classifiers.event import Event, Evidence

MOST_ITEMS = 20
MOST_EVIDENCE = 8
#: Entries of each list of an event; characters of a passage of evidence.
MOST_ENTRIES = 12
MOST_CHANGES = 20
LONGEST_PASSAGE = 1_000


def build_opened(story: Story, reports: Sequence[Report], now: datetime, source: str, *, cause: str = "") -> Alert:
    """The alert that a story opened. ``reports`` are those it has so far; ``source`` is a URI of this installation.

    ``cause`` is why a webhook is told later than others (the report that made its filters admit the story, or what
    was held back for it): what it is sent differs from what they had, so it has an id of its own.
    """
    alert_id = derive_id(story.id, "opened", cause) if cause else derive_id(story.id, "opened")
    return _about_story(alert_id, OPENED, story, reports, now, source)


def build_updated(
    story: Story, reports: Sequence[Report], changes: Sequence[str], now: datetime, source: str, *, cause: str = ""
) -> Alert:
    """The alert that a story gained something: ``changes`` as ``alerts.matching.decide`` told them, in the body too.

    ``cause`` is by default the newest report.
    """
    why = (cause,) if cause else tuple(map(str, story.reports[-1]))
    alert_id = derive_id(story.id, "updated", *why, *changes)
    return _about_story(alert_id, UPDATED, story, reports, now, source, changes=changes)


def _about_story(
    alert_id: str,
    alert_type: str,
    story: Story,
    reports: Sequence[Report],
    now: datetime,
    source: str,
    *,
    changes: Sequence[str] = (),
) -> Alert:
    told = [item_data(report) for report in _one_an_item(reports)]
    proof = _proof(story, reports, newest_first=bool(changes))
    event = event_data(story.event, LARGEST_BODY // 2)
    items, evidence = min(len(told), MOST_ITEMS), min(len(proof), MOST_EVIDENCE)
    while True:
        data: dict[str, object] = {"story": story_data(story, len(told)), "event": event, "evidence": proof[:evidence]}
        # The report that opened the story, and the newest: they are what the alert is about.
        data["items"] = told[:1] * bool(items) + told[1:][max(len(told) - items, 0) :]
        if changes:
            data["changes"] = [cut(change) for change in changes[:MOST_CHANGES]]
        dropped = {"items": len(told) - items, "evidence": len(proof) - evidence}
        if any(dropped.values()):
            data["omitted"] = dropped
        alert = make(alert_id, alert_type, story.id, data, now, source, story_id=story.id)
        if len(alert.body) <= LARGEST_BODY or not (items or evidence):
            return alert
        # One of each is worth more than many of either.
        if items > max(evidence, 1):
            items -= 1
        elif evidence > 1:
            evidence -= 1
        elif items:
            items -= 1
        else:
            evidence = 0


def told_items(alert: Alert) -> list[tuple[str, datetime | None]]:
    """The ids of the items whose reports an alert about a story tells of, and when they were published, the newest
    last; none of another alert."""
    if alert.type not in (OPENED, UPDATED):
        return []
    items = json.loads(alert.body).get("data", {}).get("items", ())
    return [(one["id"], datetime.fromisoformat(one["published"]) if one.get("published") else None) for one in items]


def story_data(story: Story, items: int = 0) -> dict[str, object]:
    return {
        "id": story.id,
        "opened": rfc3339(story.opened),
        "items": max(story.items, items),
        "outlets": len(story.outlets),
        **({"merged": list(story.merged)} if story.merged else {}),
    }


def _proof(story: Story, reports: Sequence[Report], *, newest_first: bool) -> list[dict[str, object]]:
    """Passages that prove the event: the first of each report, the strongest first, then the second of each.

    ``newest_first``: before all others the first passage of the newest report. The same sentence in two papers
    counts once.
    """
    found: list[tuple[bool, int, float, str | None, Evidence]] = [
        (report.event.type != story.event.type, place, -evidence.score, report.item_id, evidence)
        for report in reports
        for place, evidence in enumerate(report.event.evidence)
    ] or [(False, place, 0.0, None, evidence) for place, evidence in enumerate(story.event.evidence)]
    found.sort(key=lambda one: one[:3])
    if newest_first and reports:
        found.sort(key=lambda one: (one[3] != reports[-1].item_id) or one[1] > 0)
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
            patterns=tuple(cut(p, LONGEST_TEXT) for p in evidence.patterns[:MOST_ENTRIES]),
        )
        proof.append(dict(evidence_to_dict(bounded)) | ({"item": item_id} if item_id else {}))
    return proof


def _one_an_item(reports: Sequence[Report]) -> list[Report]:
    return list({report.item_id: report for report in reversed(reports)}.values())[::-1]


def item_data(report: Report) -> dict[str, object]:
    return {
        "id": report.item_id,
        "url": report.url if report.url and len(report.url) <= LONGEST_URL else None,
        "title": cut(report.title, LONGEST_TITLE),
        "published": rfc3339(report.published) if report.published else None,
        "language": report.language,
        "feed": feed_data(report.feed_id, report.feed_title, report.feed_url),
    }


def event_data(event: Event, largest: int) -> dict[str, object]:
    """The event in at most ``largest`` bytes where that can be had by leaving entries of its lists out, else with one
    entry a list; without any when ``largest`` is 0."""
    for entries in (MOST_ENTRIES, MOST_ENTRIES // 2, MOST_ENTRIES // 4):
        told = event_to_dict(_bounded(event, entries))
        if len(json_bytes(told)) <= largest:
            return told
    return event_to_dict(_bounded(event, 1 if largest else 0))


def _bounded(event: Event, entries: int) -> Event:
    return replace(
        event,
        countries=event.countries[: max(entries, 2)],
        people=tuple(replace(p, name=cut(p.name), role=cut(p.role)) for p in event.people[:entries]),
        organizations=tuple(replace(o, name=cut(o.name)) for o in event.organizations[:entries]),
        place=replace(event.place, name=cut(event.place.name)) if event.place else None,
        occasion=cut(event.occasion),
        topics=tuple(cut(t) for t in event.topics[:entries]),
        commodities=event.commodities[:entries],
        amounts=tuple(
            replace(a, text=cut(a.text), unit=cut(a.unit), about=cut(a.about)) for a in event.amounts[:entries]
        ),
        evidence=(),
    )

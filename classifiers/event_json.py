"""Events as the webhook body and ``classify --jsonl`` write them (docs/webhooks.md)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from classifiers.event import Amount, Event, Evidence, Organization, Person, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifiers.event import Verdict


def verdict_to_dict(item_id: str, verdict: Verdict) -> dict[str, object]:
    """What a model says of one item, as ``classify --jsonl`` writes it."""
    said: dict[str, object] = {
        "id": item_id,
        "scores": {kind: round(score, 4) for kind, score in verdict.scores.items()},
        "events": [event_with_evidence(event) for event in verdict.events],
    }
    if verdict.language:
        said["language"] = verdict.language
    if verdict.reason:
        said["reason"] = verdict.reason
    return said


def event_to_dict(event: Event) -> dict[str, object]:
    """The ``event`` object of the webhook body; its evidence goes beside it, see evidence_to_dict."""
    return {
        "type": event.type,
        "score": round(event.score, 4),
        "status": event.status,
        "countries": list(event.countries),
        "people": [{"name": p.name, "role": p.role, "country": p.country} for p in event.people],
        "organizations": [{"name": o.name, "country": o.country} for o in event.organizations],
        "place": {"name": event.place.name, "country": event.place.country} if event.place else None,
        "occasion": event.occasion,
        "date": event.date.isoformat() if event.date else None,
        "topics": list(event.topics),
        "commodities": list(event.commodities),
        "amounts": [
            {"text": a.text, "value": _number(a.value), "unit": a.unit, "about": a.about} for a in event.amounts
        ],
        "plover": event.plover,
    }


def event_with_evidence(event: Event) -> dict[str, object]:
    """The ``event`` object with its evidence inside, as ``classify --jsonl`` writes it and the store keeps it."""
    return event_to_dict(event) | {"evidence": [evidence_to_dict(e) for e in event.evidence]}


def evidence_to_dict(evidence: Evidence) -> dict[str, object]:
    return {
        "text": evidence.text,
        "source": evidence.source,
        "start": evidence.start,
        "end": evidence.end,
        "score": round(evidence.score, 4),
        "patterns": list(evidence.patterns),
    }


def event_from_dict(row: Mapping[str, Any]) -> Event:
    """Read back what event_to_dict wrote; ``evidence`` is taken where it stands inside. Raises KeyError, ValueError."""
    place = row["place"]
    return Event(
        type=row["type"],
        score=row["score"],
        status=row["status"],
        countries=tuple(row["countries"]),
        people=tuple(Person(p["name"], p["role"], p["country"]) for p in row["people"]),
        organizations=tuple(Organization(o["name"], o["country"]) for o in row["organizations"]),
        place=Place(place["name"], place["country"]) if place else None,
        occasion=row["occasion"],
        date=date.fromisoformat(row["date"]) if row["date"] else None,
        topics=tuple(row["topics"]),
        commodities=tuple(row["commodities"]),
        amounts=tuple(Amount(a["text"], a["value"], a["unit"], a["about"]) for a in row["amounts"]),
        plover=row["plover"],
        evidence=tuple(evidence_from_dict(e) for e in row.get("evidence", ())),
    )


def evidence_from_dict(row: Mapping[str, Any]) -> Evidence:
    return Evidence(
        text=row["text"],
        start=row["start"],
        end=row["end"],
        score=row["score"],
        patterns=tuple(row["patterns"]),
        source=row["source"],
    )


def _number(value: float | None) -> float | int | None:
    """Whole numbers are written as such: 1000000000, not 1000000000.0."""
    return int(value) if value is not None and value == int(value) else value

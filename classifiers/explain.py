"""Why an item was, or was not, taken for an event, as lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifiers.brief import make_brief
from classifiers.patterns import find_patterns
from classifiers.reader import read
from classifiers.scoring import LEAD, MOST, TypeWeights, sigmoid

if TYPE_CHECKING:
    from classifiers.event import Event
    from classifiers.model import Model
    from classifiers.who import Who
    from feeds.item import Item

_WIDTH = 100


def explain(model: Model, item: Item, who: Who | None = None) -> str:
    """The scores, and for each type the sentences and patterns that decided; for a near miss what was missing."""
    verdict = model.classify(item, who)
    lines = [_short(item.title or item.text) or "(no text)"]
    if verdict.reason == "no-text":
        return "\n".join([*lines, "  not scored: there is no word in it"])
    if verdict.reason:
        return "\n".join([*lines, f"  not scored: taken for language {verdict.language!r}; only English is scored"])
    for name in model.types:
        score, threshold = verdict.scores[name], verdict.thresholds[name]
        events = [event for event in verdict.events if event.type == name]
        decision = "REPORTED" if events else "near miss" if score >= threshold / 3 else "not reported"
        lines.append(f"  {name}: {score:.2f} against threshold {threshold:.2f} - {decision}")
        for event in events:
            lines.extend(_event(event))
        if not events and score >= threshold / 10:
            lines.extend(_missing(model, item, name, who))
    return "\n".join(lines)


def _event(event: Event) -> list[str]:
    place = f" in {event.place.name}" if event.place else ""
    when = f" on {event.date.isoformat()}" if event.date else ""
    lines = [f"    {event.status or 'reported'}: {' and '.join(event.countries) or 'sides unknown'}{place}{when}"]
    if event.people:
        lines.append(
            "    people: " + ", ".join(f"{p.name} ({p.role or '?'}, {p.country or '?'})" for p in event.people)
        )
    for evidence in event.evidence:
        lines.append(
            f"    {evidence.score:.2f}  {evidence.source} {evidence.start}-{evidence.end}: {_short(evidence.text)}"
        )
        lines.extend(f"            {pattern}" for pattern in evidence.patterns)
    return lines


def _missing(model: Model, item: Item, name: str, who: Who | None) -> list[str]:
    kind = model.weights(name)
    year = item.published.year if item.published else None
    found = find_patterns(read(item.title, item.text, (0, len(item.text)), year, LEAD, MOST, who))
    strongest = kind.sentence_reasons(f"{item.title}. {item.text}", found.head, 40)
    if isinstance(kind, TypeWeights):
        strongest = sorted(
            [*strongest, *kind.wording_reasons(make_brief(item.title, item.text), 40)], key=lambda row: -abs(row[1])
        )
    lines = ["    spoke for it:     " + _list([p for p, w in strongest if w > 0][:4])]
    lines.append("    spoke against it: " + _list([p for p, w in strongest if w < 0][:4]))
    told = [
        (kind.sentence_margin(words, patterns), words)
        for sentence, patterns in found.single
        for words in [(item.title if sentence.source == "title" else item.text)[sentence.start : sentence.end]]
    ]
    if told:
        margin, words = max(told)
        lines.append(f"    nearest sentence: {sigmoid(margin):.2f}  {_short(words)}")
    return lines


def _list(patterns: list[str]) -> str:
    return "; ".join(patterns) or "nothing"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _WIDTH else flat[: _WIDTH - 1] + "…"

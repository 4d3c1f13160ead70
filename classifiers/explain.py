"""Why an item was, or was not, taken for an event, as lines for a terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from classifiers.scoring import TypeWeights, sigmoid
from classifiers.shortfall import WORTH_EXPLAINING, read_again, shortfall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.event import Event
    from classifiers.model import Kind, Model
    from classifiers.shortfall import ArticleRead, Shortfall
    from classifiers.who import Who
    from feeds.item import Item

_WIDTH: Final = 100
#: Reasons looked through, and shown for and against.
_LOOKED_AT: Final = 40
_SHOWN: Final = 4


def explain(model: Model, item: Item, who: Who | None = None) -> str:
    """The scores, and for each type the sentences and patterns that decided; for a near miss what was missing."""
    verdict = model.classify(item, who)
    lines = [_short(item.title or item.text) or "(no text)"]
    if verdict.reason == "no-text":
        return "\n".join([*lines, "  not scored: there is no word in it"])
    if verdict.reason:
        return "\n".join([*lines, f"  not scored: taken for language {verdict.language!r}; only English is scored"])
    found = read_again(item, who)
    for name in model.types:
        kind, score, threshold = model.weights(name), verdict.scores[name], verdict.thresholds[name]
        events = [event for event in verdict.events if event.type == name]
        decision = "REPORTED" if events else "near miss" if score >= threshold / 3 else "not reported"
        lines.append(f"  {name}: {score:.2f} against threshold {threshold:.2f} - {decision}")
        for event in events:
            lines.extend(_event(event, kind, _article_of(event, found)))
        if not events and score >= WORTH_EXPLAINING * threshold:
            lines.extend(_missing(shortfall(name, kind, score, item, found)))
    return "\n".join(lines)


def _article_of(event: Event, found: list[ArticleRead]) -> ArticleRead:
    quoted = event.evidence[0]
    if quoted.source == "title":
        return found[0]
    return next((article for article in found if article.span[0] <= quoted.start < article.span[1]), found[0])


def _event(event: Event, kind: Kind, article: ArticleRead) -> list[str]:
    place = f" in {event.place.name}" if event.place else ""
    when = f" on {event.date.isoformat()}" if event.date else ""
    lines = [f"    {event.status or 'reported'}: {' and '.join(event.countries) or 'sides unknown'}{place}{when}"]
    if event.people:
        lines.append(
            "    people: " + ", ".join(f"{p.name} ({p.role or '?'}, {p.country or '?'})" for p in event.people)
        )
    if isinstance(kind, TypeWeights):
        lines.extend(_wording(event, kind, article))
    single = {(s.source, s.start): found for s, found in article.patterns.single}
    for evidence in event.evidence:
        lines.append(
            f"    {evidence.score:.2f}  {evidence.source} {evidence.start}-{evidence.end}: {_short(evidence.text)}"
        )
        patterns = single.get((evidence.source, evidence.start), article.patterns.head)
        weights = dict(kind.sentence_reasons(evidence.text, patterns, _LOOKED_AT))
        lines.extend(f"            {weights.get(pattern, 0.0):+.2f}  {pattern}" for pattern in evidence.patterns)
    return lines


def _wording(event: Event, kind: TypeWeights, article: ArticleRead) -> list[str]:
    """What the second opinion, on how title and lead are worded, had to do with the score of an event."""
    patterns, wording = kind.margin(article.patterns.head), kind.wording(article.brief)
    if not math.isclose(event.score, sigmoid(patterns + wording), abs_tol=1e-6):
        return ["    decided by the sentences one by one; how title and lead are worded did not count"]
    lines = [f"    decided by title and lead: patterns {patterns:+.2f}, wording {wording:+.2f}"]
    reasons = kind.wording_reasons(article.brief, _LOOKED_AT) if kind.signs else []
    for said, sign in (("for", 1), ("against", -1)):
        rows = [f"{name} {weight:+.2f}" for name, weight in reasons if sign * weight > 0]
        lines.append(f"    wording that spoke {said + ' it:':<11} " + _list(rows[:_SHOWN]))
    return lines


def _missing(short: Shortfall) -> list[str]:
    lines = [f"    missing:          {' '.join(short.missing)}"]
    lines.append("    spoke for it:     " + _list(short.speaks_for))
    lines.append("    spoke against it: " + _list(short.speaks_against))
    if short.nearest:
        lines.append(f"    nearest sentence: {short.nearest.score:.2f}  {_short(short.nearest.text)}")
    return lines


def _list(patterns: Sequence[str]) -> str:
    return "; ".join(patterns) or "nothing"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _WIDTH else flat[: _WIDTH - 1] + "…"

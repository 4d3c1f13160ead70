"""The story decider: which story a report belongs to, and what the story is after it.

It decides and does nothing else. The caller looks up candidates by ``lookup_keys`` among stories not older than
``look_back``, decides, and saves the story with its ``story_keys``; all reports of one item are decided
``in_order``. What each likeness is worth stands in ``alerts.agreement``, what becomes of values in ``alerts.merging``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from alerts.agreement import ENOUGH, Agreement, agreement, report_time, sides
from alerts.fingerprint import fingerprint, telling
from alerts.merging import add_background, gained, merge
from alerts.names import organization_words, person_words
from alerts.story import Story

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alerts.story import Report
    from classifiers.event import Event

#: Reports whose fingerprints a story keeps; more would be near to one of them.
MOST_PRINTS = 6
#: Bounds of what a story can be found by.
MOST_SIDES, MOST_NAMES, MOST_WORDS, MOST_ITEMS = 5, 12, 10, 8
#: How long before a report's time its story may have had its last report.
REACH = timedelta(days=45)
#: The same for a report that does not tell its time: a republished article may be years old.
LONG_REACH = timedelta(days=5 * 365)

#: A passage that starts within this many characters of a long text stands at its front.
FRONT = 300
LONG_TEXT = 700


@dataclass(frozen=True, slots=True)
class Decision:
    """``story`` is the story after the report. ``reasons`` say why it was opened or joined; ``changes`` name what it
    gained ("status planned->held", "place", "outlet dawn.com"), empty when it was opened or nothing is worth telling.
    """

    story: Story
    opened: bool
    reasons: tuple[str, ...]
    changes: tuple[str, ...] = ()


def in_order(reports: Iterable[Report]) -> list[Report]:
    """The reports of one item with what it is mainly about first, so that what it says in passing finds its story."""
    return sorted(reports, key=lambda r: (_in_passing(r), r.event.status == "delivered", r.index))


def lookup_keys(report: Report) -> frozenset[str]:
    """The strings under which a report's story may be filed."""
    return _keys(report.event, [report.item_id], [fingerprint(report.title, report.text)])


def story_keys(story: Story) -> frozenset[str]:
    """The strings under which a story is to be filed; those given for it earlier stay good."""
    newest = list(dict.fromkeys(item_id for item_id, _ in reversed(story.reports)))[:MOST_ITEMS]
    return _keys(story.event, newest, story.prints)


def look_back(report: Report) -> datetime:
    """Stories whose last report is older than this need not be compared with the report."""
    times = [report.published] if report.published else [report.seen - LONG_REACH]
    if report.event.date:
        times.append(datetime.combine(report.event.date, time(), UTC))
    return min(times) - REACH


def decide(report: Report, candidates: Sequence[Story]) -> Decision:
    """Join the report to the candidate it agrees with best, or open a story with it."""
    mine = (report.item_id, report.index)
    for story in candidates:
        if mine in story.reports:
            return Decision(story, opened=False, reasons=("this report is in the story already",))
    main = [story for story in candidates if _carries(story, report)] if _in_passing(report) else []
    if main:
        story = min(main, key=lambda s: (s.first, s.id))
        reason = f"mentioned in passing by an item about a {story.event.type} of the same sides"
        event = add_background(story.event, report.event)
        return Decision(_with(story, report, event, mere_copy=True), opened=False, reasons=(reason,))
    compared = [(agreement(report, s), s) for s in candidates if s.event.type == report.event.type]
    compared.sort(key=lambda pair: (-pair[0].points, pair[1].first, pair[1].id))
    if compared and compared[0][0].points >= ENOUGH:
        found, story = compared[0]
        return _join(report, story, found)
    return Decision(_open(report), opened=True, reasons=_why_new(compared))


def _join(report: Report, story: Story, found: Agreement) -> Decision:
    event = merge(story, report)
    changes = gained(story.event, event)
    if report.outlet not in story.outlets and not found.mere_copy:
        changes = (*changes, f"outlet {report.outlet}")
    after = _with(story, report, event, mere_copy=found.mere_copy)
    return Decision(after, opened=False, reasons=tuple(found.speaks_for), changes=changes)


def _open(report: Report) -> Story:
    when = report_time(report)
    parties = sorted(sides(report.event)) or sorted(o.name for o in report.event.organizations)
    identity = "\x1f".join([report.event.type, *parties, report.item_id, str(report.index)])
    return Story(
        id=hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        event=report.event,
        opened=report.seen,
        first=when,
        last=when,
        outlets=frozenset({report.outlet}),
        reports=((report.item_id, report.index),),
        prints=(fingerprint(report.title, report.text),),
    )


def _with(story: Story, report: Report, event: Event, *, mere_copy: bool) -> Story:
    when = report_time(report)
    prints = story.prints
    if not mere_copy and len(prints) < MOST_PRINTS:
        prints = (*prints, fingerprint(report.title, report.text))
    return replace(
        story,
        event=event,
        first=min(story.first, when),
        last=max(story.last, when),
        outlets=story.outlets | {report.outlet},
        reports=(*story.reports, (report.item_id, report.index)),
        prints=prints,
    )


def _why_new(compared: Sequence[tuple[Agreement, Story]]) -> tuple[str, ...]:
    if not compared:
        return ("no known story shares its sides, people or words",)
    nearest, story = compared[0]
    against = nearest.speaks_against or ["too little agrees"]
    return tuple(f"not story {story.id}: {why}" for why in against)


def _in_passing(report: Report) -> bool:
    """Whether the item tells this event only deep in its text, behind what it is mainly about."""
    if len(report.text) <= LONG_TEXT or not report.event.evidence:
        return False
    return not any(e.source == "title" or e.start < FRONT for e in report.event.evidence)


def _carries(story: Story, report: Report) -> bool:
    """Whether the report's own item is in the story, told there as an event of another kind between the same sides."""
    if story.event.type == report.event.type or all(item != report.item_id for item, _ in story.reports):
        return False
    a, b = sides(story.event), sides(report.event)
    return not a or not b or a <= b or b <= a


def _keys(event: Event, item_ids: Iterable[str], prints: Iterable[tuple[int, ...]]) -> frozenset[str]:
    kind = event.type
    keys = {f"item:{item_id}" for item_id in item_ids}
    keys |= {f"{kind}:pair:{a}-{b}" for a, b in combinations(sorted(sides(event))[:MOST_SIDES], 2)}
    people = sorted({word for p in event.people for word in person_words(p.name)})
    keys |= {f"{kind}:who:{word}" for word in people[:MOST_NAMES]}
    firms = sorted({min(organization_words(o.name), default="") for o in event.organizations})
    keys |= {f"{kind}:firm:{word}" for word in firms[:MOST_NAMES] if word}
    keys |= {f"{kind}:word:{h:x}" for sketch in prints for h in telling(sketch, MOST_WORDS)}
    return frozenset(keys)

"""The story decider: which story a report belongs to, and what the story is after it.

It decides and does nothing else. The caller looks up candidates by ``lookup_keys`` among stories not older than
``look_back``, with the stories that these went into, decides, and saves the story with its ``story_keys``; all reports
of one item are decided ``in_order``. What each likeness is worth stands in ``alerts.agreement``, what becomes of values
in ``alerts.merging``.

The first report of an event may be a headline, and two headlines may open two stories. So a report that agrees with
both, and makes them agree with each other, unites them: whichever order reports come in, they end together.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from alerts.agreement import ENOUGH, Agreement, agreement, sides
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
MOST_SIDES, MOST_NAMES, MOST_WORDS = 5, 12, 10
#: How long before a report's time its story may have had its last report.
REACH = timedelta(days=45)
#: The same for a report that does not tell its time: a republished article may be years old.
LONG_REACH = timedelta(days=5 * 365)

#: A passage that starts within this many characters of a long text stands at its front.
FRONT = 300
LONG_TEXT = 700


@dataclass(frozen=True, slots=True)
class Decision:
    """``story`` is the story after the report. ``reasons`` say why it was opened or joined, none where the report was
    in it before; ``changes`` name what it gained ("status planned->held", "place", "outlet dawn.com", "story
    9b2f64d1c07e5a38"), empty when it was opened or nothing is worth telling. ``united`` are stories that were found to
    be the same and went into it, with the reasons.
    """

    story: Story
    opened: bool
    reasons: tuple[str, ...]
    changes: tuple[str, ...] = ()
    united: tuple[tuple[Story, tuple[str, ...]], ...] = ()


def in_order(reports: Iterable[Report]) -> list[Report]:
    """The reports of one item with what it is mainly about first, so that what it says in passing finds its story."""
    return sorted(reports, key=lambda r: (_in_passing(r), r.event.status == "delivered", r.index))


def lookup_keys(report: Report) -> frozenset[str]:
    """The strings under which a report's story may be filed; that of another report of its item is known by the item.

    What names two sides can only belong with the same two, or with what does not name two: people and words, which
    many stories share, are then looked up among the latter alone.
    """
    alone = story_of(report)
    many = _named(alone)
    lone = {f"lone:{key}" for key in many}
    return _by_parties(alone.event) | (lone if _paired(alone.event) else many | lone)


def story_keys(story: Story) -> frozenset[str]:
    """The strings under which a story is to be filed; those given for it earlier stay good."""
    many = _named(story)
    return _by_parties(story.event) | (many if _paired(story.event) else {f"lone:{key}" for key in many})


def look_back(report: Report) -> datetime:
    """Stories whose last report is older than this need not be compared with the report."""
    times = [report.published] if report.published else [report.seen - LONG_REACH]
    if report.event.date:
        times.append(datetime.combine(report.event.date, time(), UTC))
    return min(times) - REACH


def about_when(report: Report) -> datetime:
    """The time near which its story's reports are looked for first."""
    return report.published or report.seen


def decide(report: Report, candidates: Sequence[Story]) -> Decision:
    """Join the report to the candidate it agrees with best, or open a story with it."""
    mine = (report.item_id, report.index)
    living = {story.id: story for story in candidates if story.into is None}
    for story in living.values():
        if mine in story.reports:
            return Decision(story, opened=False, reasons=())
    main = [story for story in living.values() if _carries(story, report)] if _in_passing(report) else []
    if main:
        story = min(main, key=lambda s: (s.first, s.id))
        reason = f"mentioned in passing by an item about a {story.event.type} of the same sides"
        return replace(join(story, report), reasons=(reason,))
    compared = _compared(report, candidates)
    fitting = [(found, living[s.into or s.id]) for found, s in compared if found.points >= ENOUGH]
    if not fitting:
        return Decision(story_of(report), opened=True, reasons=_why_new(compared))
    found, story = fitting[0]
    decision = replace(join(story, report, copy=found.mere_copy), reasons=tuple(found.speaks_for))
    return _united(decision, list({s.id: s for _, s in fitting[1:] if s.id != story.id}.values()))


#: How the reasons of an echo begin.
FAINT = "too faint to be news by itself"


def echo(report: Report, candidates: Sequence[Story]) -> Decision | None:
    """The story of a report that is too faint to be news by itself, None where there is none.

    The story counts it among its reports and learns nothing from it.
    """
    compared = _compared(report, candidates)
    if not compared or compared[0][0].points < ENOUGH:
        return None
    found, story = compared[0]
    living = next(s for s in candidates if s.id == (story.into or story.id))
    if (report.item_id, report.index) in living.reports:
        return Decision(living, opened=False, reasons=())
    reasons = (f"{FAINT} ({report.event.score:.2f})", *found.speaks_for)
    return Decision(_with(living, story_of(report), living.event, prints=False), opened=False, reasons=reasons)


def join(story: Story, report: Report, *, copy: bool = False) -> Decision:
    """The story with a report that belongs to it; a report of another type adds its facts as background, silently.

    ``copy``: the story holds nearly the same text already.
    """
    alone = story_of(report)
    if report.event.type != story.event.type:
        event = add_background(story.event, report.event)
        return Decision(_with(story, alone, event, prints=False), opened=False, reasons=())
    event = merge(story, alone)
    changes = gained(story.event, event)
    if report.outlet not in story.outlets and not copy:
        changes = (*changes, f"outlet {report.outlet}")
    return Decision(_with(story, alone, event, prints=not copy), opened=False, reasons=(), changes=changes)


def story_of(report: Report) -> Story:
    """The story that the report opens where it belongs to none."""
    when = report.published or report.seen
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


def unite(story: Story, other: Story) -> tuple[Story, Story]:
    """``story`` with all that ``other`` holds, and ``other`` as it is kept: pointing to it."""
    same_type = story.event.type == other.event.type
    event = merge(story, other) if same_type else add_background(story.event, other.event)
    whole = _with(story, other, event, prints=same_type)
    apart = (story.apart | other.apart) - {story.id, other.id}
    whole = replace(whole, merged=(*story.merged, other.id, *other.merged), apart=apart)
    return whole, replace(other, into=story.id, reports=(), merged=(), apart=frozenset())


def _compared(report: Report, candidates: Sequence[Story]) -> list[tuple[Agreement, Story]]:
    """The candidates of the report's type, that which it agrees with best first."""
    alone = story_of(report)
    compared = [(agreement(alone, s), s) for s in candidates if s.event.type == report.event.type]
    return sorted(compared, key=lambda pair: (-pair[0].points, pair[1].first, pair[1].id))


def _united(decision: Decision, others: Sequence[Story]) -> Decision:
    """The decision with those of the other stories united that agree with the story as it is now."""
    story, united, changes = decision.story, list(decision.united), list(decision.changes)
    for other in others:
        if other.id in story.apart or story.id in other.apart:
            continue
        found = agreement(other, story)
        if found.points < ENOUGH:
            continue
        # Who was told first stays: the earlier story's id is known to more of those who were told.
        older, younger = sorted((story, other), key=lambda s: (s.opened, s.id))
        story, went = unite(older, younger)
        united.append((went, tuple(found.speaks_for)))
        changes.append(f"story {went.id}")
    return replace(decision, story=story, united=tuple(united), changes=tuple(changes))


def _with(story: Story, other: Story, event: Event, *, prints: bool) -> Story:
    """The story with the other's reports; with its prints too, where these say more of what is reported."""
    kept = dict.fromkeys((*story.prints, *other.prints)) if prints else story.prints
    return replace(
        story,
        event=event,
        first=min(story.first, other.first),
        last=max(story.last, other.last),
        outlets=story.outlets | other.outlets,
        reports=(*story.reports, *other.reports),
        prints=tuple(kept)[:MOST_PRINTS],
    )


_ALONE, _OTHER = "no known story shares its sides, people or words", "not story "


def has_opened(reasons: Sequence[str]) -> bool:
    """Whether these are the reasons of a report that opened its story."""
    return bool(reasons) and reasons[0].startswith((_ALONE, _OTHER))


def _why_new(compared: Sequence[tuple[Agreement, Story]]) -> tuple[str, ...]:
    if not compared:
        return (_ALONE,)
    nearest, story = compared[0]
    against = nearest.speaks_against or ["too little agrees"]
    return tuple(f"{_OTHER}{story.id}: {why}" for why in against)


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


def _paired(event: Event) -> bool:
    return len(sides(event)) > 1


def _by_parties(event: Event) -> frozenset[str]:
    kind = event.type
    firms = sorted({min(organization_words(o.name), default="") for o in event.organizations} - {""})
    pairs = combinations(sorted(sides(event))[:MOST_SIDES], 2)
    return frozenset(
        [f"{kind}:pair:{a}-{b}" for a, b in pairs] + [f"{kind}:firm:{word}" for word in firms[:MOST_NAMES]]
    )


def _named(story: Story) -> frozenset[str]:
    kind = story.event.type
    people = sorted({word for p in story.event.people for word in person_words(p.name)})
    words = {h for sketch in story.prints for h in telling(sketch, MOST_WORDS)}
    return frozenset([f"{kind}:who:{word}" for word in people[:MOST_NAMES]] + [f"{kind}:word:{h:x}" for h in words])

"""One event out of several reports of it: what was told stays, gaps are filled, lists united, the status moves on.

Merging the same report twice changes nothing, so a task that runs twice does no harm.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from alerts.agreement import AHEAD, reckoned, sides
from alerts.names import fold, person_words, same_organization, same_person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from alerts.story import Story
    from classifiers.event import Amount, Event, Organization, Person

#: Entries kept in each list of a story's event.
MOST_ENTRIES = 12

_STAGES = ("negotiating", "agreed", "signed", "delivered")
_CALLED_OFF = frozenset({"cancelled", "denied"})

T = TypeVar("T")


def merge(story: Story, said: Story) -> Event:
    """The story's event with what another story adds, of the same happening and type; it may be a single report's."""
    old, new = story.event, said.event
    # What was told stays as it was told; only when a plan has come true is the newer report the better one.
    came_true = old.status in AHEAD and new.status not in AHEAD and new.status is not None
    better, other = (new, old) if came_true else (old, new)
    strongest = new if new.score > old.score else old
    return replace(
        old,
        score=strongest.score,
        status=_status(story, said),
        countries=_countries(better, other),
        people=_people(old.people, new.people),
        organizations=_organizations(old.organizations, new.organizations),
        place=better.place or other.place,
        occasion=better.occasion or other.occasion,
        date=_date(story, said),
        topics=_united(old.topics, new.topics, fold),
        commodities=_united(old.commodities, new.commodities, str),
        amounts=_united(old.amounts, new.amounts, _figure),
        plover=better.plover or other.plover,
        evidence=strongest.evidence or old.evidence or new.evidence,
    )


def add_background(event: Event, aside: Event) -> Event:
    """An event with the facts of another kind of event that its report mentions in passing."""
    return replace(
        event,
        topics=_united(event.topics, aside.topics, fold),
        commodities=_united(event.commodities, aside.commodities, str),
        amounts=_united(event.amounts, aside.amounts, _figure),
    )


def gained(before: Event, after: Event) -> tuple[str, ...]:
    """What a story has now that is worth telling to somebody who knew it before, one phrase each."""
    changes = []
    if before.status != after.status:
        changes.append(f"status {before.status or 'unknown'}->{after.status or 'unknown'}")
    for name, was, now in (("place", before.place, after.place), ("date", before.date, after.date)):
        if now is not None and was != now:
            changes.append(name)
    for name, many_before, many_after in (
        ("countries", len(sides(before)), len(sides(after))),
        ("people", len(before.people), len(after.people)),
        ("amounts", len(before.amounts), len(after.amounts)),
    ):
        if many_after > many_before:
            changes.append(name)
    return tuple(changes)


def _status(story: Story, other: Story) -> str | None:
    """Plans give way to what came of them; deals go forward; what was called off stays so until news that is newer."""
    old, new = story.event.status, other.event.status
    newer = other.last > story.last
    if old is None or new is None or old == new:
        return new or old
    if old == "planned" or new == "planned":
        return new if old == "planned" else old
    if old in _STAGES and new in _STAGES:
        return max(old, new, key=_STAGES.index)
    if old == "held" and new == "cancelled":
        return old  # what has been held cannot be cancelled any more
    if old == "cancelled" and new == "held":
        return new
    if old in _CALLED_OFF or new in _CALLED_OFF:
        return new if newer else old
    return new if newer else old


def _countries(better: Event, other: Event) -> tuple[str, ...]:
    a, b = better.countries, other.countries
    if len(a) < 2 or len(b) < 2:
        return a if len(a) >= len(b) else b
    # Where one knows more sides than the other, those both know are certain; else a story of three would draw in
    # the meetings of each two of them.
    return a if len(set(a)) <= len(set(b)) else b


def _date(story: Story, other: Story) -> date | None:
    old, new = story.event.date, other.event.date
    if old is None or new is None or old == new:
        return old or new
    if (story.event.status in AHEAD) != (other.event.status in AHEAD):
        return new if story.event.status in AHEAD else old
    old_read = not reckoned(old, story.first, story.last)
    new_read = not reckoned(new, other.first, other.last)
    if old_read != new_read:
        return old if old_read else new  # a date that was read beats one reckoned from the day of publication
    return old


def _people(old: Iterable[Person], new: Iterable[Person]) -> tuple[Person, ...]:
    united = list(old)
    for person in new:
        for i, known in enumerate(united):
            if same_person(known, person):
                longer = len(person_words(person.name)) > len(person_words(known.name))
                united[i] = replace(
                    known,
                    name=person.name if longer else known.name,
                    role=known.role or person.role,
                    country=known.country or person.country,
                )
                break
        else:
            united.append(person)
    return tuple(united[:MOST_ENTRIES])


def _organizations(old: Iterable[Organization], new: Iterable[Organization]) -> tuple[Organization, ...]:
    united = list(old)
    for organization in new:
        for i, known in enumerate(united):
            if same_organization(known.name, organization.name):
                name = max(known.name, organization.name, key=len)
                united[i] = replace(known, name=name, country=known.country or organization.country)
                break
        else:
            united.append(organization)
    return tuple(united[:MOST_ENTRIES])


def _united(old: Iterable[T], new: Iterable[T], key: Callable[[T], object]) -> tuple[T, ...]:
    first: dict[object, T] = {}
    for entry in (*old, *new):
        first.setdefault(key(entry), entry)
    return tuple(first.values())[:MOST_ENTRIES]


def _figure(amount: Amount) -> object:
    return fold(amount.text) if amount.value is None else (amount.value, amount.unit)

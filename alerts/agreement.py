"""How well two stories agree that they are about one happening, in points, with the reasons in plain words.

A report is compared as the story it would open, so a report with a story and two stories are compared alike, and which
of the two came first makes no difference.

Points are weights set by hand: sides, people and day say most, place and occasion next, the text least, because
reports of two meetings of one pair share most of their phrases and two reports of one meeting may share few. What
cannot be one happening (two other sides, another third country, another time) has no points, whatever else agrees.
Learned weights were rejected for now: they would need many labelled stories, and nobody could say why one was joined.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from alerts.figures import other_figures, same_figures
from alerts.fingerprint import copied, similarity
from alerts.names import same_occasion, same_organization, same_person, same_place

if TYPE_CHECKING:
    from datetime import date

    from alerts.story import Story
    from classifiers.event import Event

#: A report with at least this many points belongs to the story.
ENOUGH = 4.0
#: What texts can add at most: where that cannot be enough, they need not be compared.
MOST_FOR_TEXT = 6.0
IMPOSSIBLE = float("-inf")

#: Statuses that look ahead: what they announce may come true much later than it was announced.
AHEAD = frozenset({"planned", "negotiating", "agreed"})
DEAL_STAGES = frozenset({"negotiating", "agreed", "signed", "delivered"})
_CALLED_OFF = frozenset({"cancelled", "denied"})
#: Kinds of energy that reports of one deal name for each other.
_KINDRED = (frozenset({"gas", "lng", "lpg"}), frozenset({"electricity", "renewables", "nuclear", "hydrogen", "coal"}))
_DAY = timedelta(days=1)
#: Numbers in the fingerprint of a text of about a hundred words or more.
LONG = 80
#: A date this near to its report's time may have been reckoned from it ("on Wednesday"), and reckoned wrongly.
RECKONED = timedelta(days=8)


@dataclass(slots=True)
class Agreement:
    """Points, and what spoke for and against. ``mere_copy``: the story holds nearly the same text already."""

    points: float = 0.0
    speaks_for: list[str] = field(default_factory=list)
    speaks_against: list[str] = field(default_factory=list)
    mere_copy: bool = False

    def add(self, points: float, why: str) -> None:
        self.points += points
        if why:
            (self.speaks_for if points > 0 else self.speaks_against).append(why)


def agreement(new: Story, old: Story) -> Agreement:
    """Compare two stories of one type, either of which may be a single report; reasons speak of ``new``."""
    result = Agreement()
    known = _sides(result, new.event, old.event)
    known |= _people(result, new.event, old.event)
    before = result.points
    _time(result, new, old)
    _place(result, new.event, old.event, timely=result.points > before)
    if new.event.occasion and old.event.occasion:
        same = same_occasion(new.event.occasion, old.event.occasion)
        result.add(2 if same else -1, "same occasion" if same else f"another occasion ({new.event.occasion})")
    known |= _goods(result, new.event, old.event)
    _status(result, new, old)
    if result.points + MOST_FOR_TEXT >= ENOUGH:
        _text(result, new, old, alone=not known)
    return result


def sides(event: Event) -> frozenset[str]:
    """The countries that take part: those named as sides, or where fewer than two are, also those of the people."""
    named = frozenset(event.countries)
    if len(named) >= 2:
        return named
    return (
        named | {p.country for p in event.people if p.country} | {o.country for o in event.organizations if o.country}
    )


def reckoned(day: date, first: datetime, last: datetime) -> bool:
    """Whether a date is near enough to its reports' times to have been reckoned from them rather than read."""
    return (first - RECKONED).date() <= day <= (last + RECKONED).date()


def _sides(result: Agreement, new: Event, old: Event) -> bool:
    a, b = sides(new), sides(old)
    if not a or not b:
        return False
    shared = ", ".join(sorted(a & b))
    if a == b:
        result.add(3 if len(a) > 1 else 1, f"same sides ({shared})")
    elif a <= b or b <= a:
        result.add(2 if min(len(a), len(b)) > 1 else 1, f"sides in common ({shared})")
    else:
        # With two sides known of each, one that differs makes another meeting. With one known of each, they may be the
        # two sides of one; with less than all, a side may not have been read.
        certain = len(a) > 1 and len(b) > 1
        points = IMPOSSIBLE if certain else -1.5 if len(a) == len(b) else -4
        result.add(points, f"other sides ({', '.join(sorted(a))}, not {', '.join(sorted(b))})")
    return True


def _people(result: Agreement, new: Event, old: Event) -> bool:
    matched = [p for p in new.people if any(same_person(p, q) for q in old.people)]
    strangers = sorted(
        country
        for country in {p.country for p in new.people if p.country} & {p.country for p in old.people if p.country}
        if not any(
            same_person(p, q)
            for p in new.people
            for q in old.people
            if p.country in {country, None} and q.country in {country, None}
        )
    )
    if strangers:
        names = ", ".join(p.name for p in new.people if p.country in strangers)
        result.add(-4 if len(strangers) == 1 else -6, f"other people ({names})")
    elif matched:
        result.add(3 if len(matched) > 1 else 1.5, f"same people ({', '.join(p.name for p in matched)})")
    elif len(new.people) > 1 and len(old.people) > 1:
        result.add(-2, f"other people ({', '.join(p.name for p in new.people)})")
    return bool(matched)


def _time(result: Agreement, new: Story, old: Story) -> None:
    statuses = {new.event.status, old.event.status}
    ahead = bool(AHEAD & statuses)
    if new.event.date and old.event.date:
        _days(result, new, old, new.event.date, old.event.date, unsettled=ahead or bool(_CALLED_OFF & statuses))
        return
    (a_first, a_last, a_told), (b_first, b_last, b_told) = _span(new), _span(old)
    gap = max(a_first - b_last, b_first - a_last, timedelta(0))
    days = f"{gap.days} days apart"
    if not (a_told and b_told):
        # One of them never told its time, only when we first saw it: little can be said either way.
        result.add(0.5 if gap <= _DAY else -1, "seen within a day of it" if gap <= _DAY else "")
    elif ahead:
        late = -2.5 if statuses <= DEAL_STAGES else -4  # deals ripen for weeks
        points = 1 if gap <= 3 * _DAY else 0 if gap <= 7 * _DAY else -1 if gap <= 14 * _DAY else late
        result.add(points if gap <= 45 * _DAY else IMPOSSIBLE, "soon after" if gap <= 3 * _DAY else days)
    elif gap <= 3 * _DAY:
        result.add(1 if gap <= _DAY else 0, "within a day" if gap <= _DAY else "")
    else:
        late = -2 if gap <= 7 * _DAY else -4 if gap <= 14 * _DAY else -6
        result.add(late if gap <= 30 * _DAY else IMPOSSIBLE, days)


def _days(result: Agreement, new: Story, old: Story, day: date, other: date, *, unsettled: bool) -> None:
    apart = abs((day - other).days)
    # Written about at one time, they may be one day, of which one was misread: a weekday, say.
    at_once = max(new.first - old.last, old.first - new.last) <= 3 * _DAY
    why = f"another day ({day}, not {other})"
    if apart == 0:
        result.add(3, f"same day ({day})")
    elif apart == 1:
        # It may be the time zone, or two meetings on one journey.
        result.add(1, f"a day apart ({day})")
    elif unsettled:
        # What is planned may be put off.
        result.add(
            0 if apart <= 3 or (apart == 7 and at_once) else -2 if apart <= 7 else -4 if apart <= 14 else -6, why
        )
    elif apart <= 7:
        result.add(-1 if apart == 2 else -3 if at_once else -6, why)
    elif reckoned(day, new.first, new.last) != reckoned(other, old.first, old.last):
        # One was read, the other reckoned from the day of publication, which a republished article gets wrong.
        result.add(-1.5, why)
    else:
        result.add(-8, why)


def _span(story: Story) -> tuple[datetime, datetime, bool]:
    """Between which times it happened as far as is known, and whether that was told or is only when we first saw it."""
    day = story.event.date
    if day is not None and reckoned(day, story.first, story.last):
        # The day of the happening says more than the days on which it was written about, which go on for long.
        start = datetime.combine(day, time(), UTC)
        return start, start + _DAY, True
    return story.first, story.last, story.first != story.opened


def _place(result: Agreement, new: Event, old: Event, *, timely: bool) -> None:
    a, b = new.place, old.place
    if not a or not b:
        return
    if same_place(a.name, b.name):
        # At home, the name of the capital may only be where the news was written.
        result.add(1 if a.country in sides(new) else 2, f"same place ({a.name})")
    elif not a.country or not b.country:
        result.add(-1, f"another place ({a.name}, not {b.name})")
    elif a.country != b.country:
        at_home = a.country in sides(new) | sides(old) or b.country in sides(new) | sides(old)
        same_day = new.date is not None and new.date == old.date
        # Nobody is in two countries on one day: one of them is what they spoke of. At home, one may be where the news
        # was written.
        against = -1 if same_day else -5 if not at_home else -2 if timely else -3
        result.add(against, f"another place ({a.name}, not {b.name})")


def _goods(result: Agreement, new: Event, old: Event) -> bool:
    """What was traded, for how much, between which firms."""
    known = False
    if new.commodities and old.commodities:
        shared = sorted(set(new.commodities) & set(old.commodities))
        kindred = any(kin & set(new.commodities) and kin & set(old.commodities) for kin in _KINDRED)
        if shared or kindred:
            result.add(1 if shared else 0.5, f"both about {', '.join(shared or sorted(new.commodities))}")
        else:
            result.add(-2, "about other goods")
    same, other = same_figures(new.amounts, old.amounts), other_figures(new.amounts, old.amounts)
    if same:
        result.add(1.5 if len(same) == 1 else 2.5, f"same figures ({', '.join(a.text for a in same[:3])})")
        known = True
    if other and {new.status, old.status} <= DEAL_STAGES:
        # What a deal is about is its figures; of a meeting, they are only what was talked about.
        result.add(-1 if same else -2, f"other figures ({', '.join(a.text for a in other[:3])})")
    if new.organizations and old.organizations:
        firms = [o.name for o in new.organizations if any(same_organization(o.name, p.name) for p in old.organizations)]
        if firms:
            # One firm makes many deals, with others; all the firms that are known make one.
            many = min(len(new.organizations), len(old.organizations))
            if len(firms) == 1 and many > 1:
                strangers = ", ".join(o.name for o in new.organizations if o.name not in firms)
                result.add(-3, f"{firms[0]} with another partner ({strangers})")
            else:
                result.add(2 if len(firms) >= many else 1, f"same organizations ({', '.join(firms[:3])})")
            known = True
        elif not (new.people and old.people):
            result.add(-2, f"other organizations ({', '.join(o.name for o in new.organizations[:3])})")
    return known


def _status(result: Agreement, new: Story, old: Story) -> None:
    statuses = {new.event.status, old.event.status}
    if statuses == {"planned", "held"}:
        plan, held = (new, old) if new.event.status == "planned" else (old, new)
        if plan.first > held.last + _DAY and plan.first != plan.opened:
            result.add(-4, "a plan told after the other was held")
    elif len(statuses) > 1 and _CALLED_OFF & statuses:
        if "held" in statuses:
            result.add(-1, f"{new.event.status}, not {old.event.status}")
        else:
            result.add(0.5, f"it was {old.event.status}, now {new.event.status}")


def _text(result: Agreement, new: Story, old: Story, *, alone: bool) -> None:
    if {item for item, _ in new.reports} & {item for item, _ in old.reports}:
        return  # one page with several reports: its whole text says nothing of any one of them
    pairs = [(a, b) for a in new.prints for b in old.prints]
    if any(copied(a, b) for a, b in pairs):
        result.mere_copy = True
        result.add(6 if alone else 4, "the text is nearly the same")
        return
    # The very same headline is no news, but headlines of other days are cast in one mould: it proves nothing either.
    result.mere_copy = any(a and a == b for a, b in pairs)
    shares = [(share, len(a)) for a, b in pairs if (share := similarity(a, b)) is not None]
    if not shares:
        return
    best, length = max(shares)
    paired = len(sides(new.event) & sides(old.event)) > 1
    spoken = f"{best:.0%} of the words in common"
    # With nobody and nothing named, the words are all there is to tell happenings apart.
    if best >= 0.45:
        # Of long texts, so much is only shared by those that tell of one happening; of short ones, half are names.
        result.add(4 if alone else 3 if length > LONG else 1 if paired else 2, spoken)
    elif best >= 0.3:
        result.add(3 if alone else 1, spoken)
    elif best < 0.12 and not paired:
        # Of one meeting, papers tell different parts; where both its sides are known, that is no sign against it.
        result.add(-3 if alone else -1, f"only {spoken}")

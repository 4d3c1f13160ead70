"""Reports built by hand: the facts of the seed table, and a short way to make others."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from alerts.story import Report
from classifiers.event import Amount, Event, Evidence, Person, Place

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

SHARIF = Person("Shehbaz Sharif", "prime minister", "PK")
PUTIN = Person("Vladimir Putin", "president", "RU")
ASTANA = Place("Astana", "KZ")
MEETING = "bilateral_meeting"
DEAL = "energy_deal"


def at(day: str, hour: int = 12) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour)


def report(
    item: str = "item",
    *,
    index: int = 0,
    outlet: str = "paper.example",
    title: str = "",
    text: str = "",
    published: datetime | None = NOON,
    seen: datetime = NOON,
    kind: str = MEETING,
    score: float = 0.9,
    tags: tuple[str, ...] = (),
    **event: Any,
) -> Report:
    """A report with everything not at issue filled in; what is left over goes into its event."""
    return Report(
        item_id=item,
        index=index,
        feed_id=f"feed-{outlet}",
        feed_title=outlet,
        feed_url=f"https://{outlet}/rss",
        outlet=outlet,
        url=f"https://{outlet}/{item}",
        title=title,
        text=text,
        language="en",
        published=published,
        seen=seen,
        event=Event(type=kind, score=score, **event),
        tags=tags,
    )


def passage(start: int, length: int = 80, score: float = 0.8) -> Evidence:
    return Evidence("x" * length, start, start + length, score, ("a pattern",))


def seed_table(published: str = "true") -> dict[str, Report]:
    """The six reports of the seed table, by the original's number, as a classifier should read them.

    ``published`` is "true" for the day of the event, "now" for one and the same day today, "missing" for none. A
    weekday is reckoned from the day of publication, so 000's date is wrong or missing in the latter two.
    """

    def when(true_day: str) -> datetime | None:
        return {"true": at(true_day), "now": NOON, "missing": None}[published]

    def reckoned(true_day: str, from_now: str) -> date | None:
        days = {"true": true_day, "now": from_now}
        return date.fromisoformat(days[published]) if published in days else None

    billion = (Amount("$1 billion", 1e9, "USD", "trade"),)
    shared: dict[str, Any] = {"status": "held", "countries": ("PK", "RU")}
    summit = "Shanghai Cooperation Organization Council of Heads of State"
    return {
        "000": report(
            "000", outlet="a.example", title="PM stresses independent ties with Moscow", published=when("2024-07-03"),
            text="Barter of machinery, textile and leather goods was recalled; financial and banking issues remain.",
            people=(SHARIF, PUTIN, Person("Ishaq Dar", "foreign minister", "PK")), place=ASTANA, occasion=summit,
            date=reckoned("2024-07-03", "2026-11-18"), commodities=("oil",),
            amounts=(Amount("one billion dollars", 1e9, "USD", "trade"),), **shared,
        ),
        "001": report(
            "001", outlet="b.example", title="Prime Minister meets Russian President in Astana",
            text="The premier asked to widen trade past a billion and to overcome banking matters, as in Samarkand.",
            published=when("2024-07-03"), people=(SHARIF, PUTIN), place=ASTANA, date=date(2024, 7, 3),
            occasion="SCO Council of Heads of State meeting", commodities=("oil",), amounts=billion, **shared,
        ),
        "002a": report(
            "002", outlet="c.example", title="Geopolitics does not drive ties, Sharif tells Putin",
            text="Islamabad buys discounted crude and gas; leaders from India, China, Iran attend as well.",
            published=when("2024-07-03"), people=(Person("Shehbaz Sharif", None, "PK"), PUTIN), place=ASTANA,
            occasion="SCO summit", date=date(2024, 7, 3), commodities=("oil", "lpg"), amounts=billion, **shared,
        ),
        "002b": report(
            "002", index=1, outlet="c.example", title="Geopolitics does not drive ties, Sharif tells Putin",
            text="Islamabad buys discounted crude and gas; leaders from India, China, Iran attend as well.",
            published=when("2026-01-11"), status="held", countries=("PK", "BD"), date=date(2026, 1, 11),
            people=(
                Person("Ishaq Dar", "foreign minister", "PK"),
                Person("Touhid Hossain", "adviser on foreign affairs", "BD"),
            ),
            place=Place("Jeddah", "SA"), occasion="OIC session",
        ),
        "003": report(
            "003", outlet="a.example", title="Leaders pledge wider cooperation in Beijing",
            text="Protocols on agriculture, steel and transport were signed; condolences over floods were conveyed.",
            published=when("2025-09-02"), people=(Person("Muhammad Shehbaz Sharif", "prime minister", "PK"), PUTIN),
            place=Place("Beijing", "CN"), occasion="multilateral engagements",
            date=reckoned("2025-09-02", "2026-11-17") or date(2025, 9, 2), commodities=("oil",), **shared,
        ),
        "004": report(
            "004", outlet="b.example", title="Kakar and Putin review energy corridors on the sidelines of the forum",
            text="Crude of 101,000 tonnes came on two ships to Karachi; the Middle East was discussed too.",
            published=when("2023-10-17"), people=(Person("Anwaar ul Haq Kakar", "prime minister", "PK"), PUTIN),
            occasion="the forum", date=reckoned("2023-10-17", "2026-11-20"), commodities=("oil", "lpg"),
            amounts=(Amount("101,000 tonnes", 101_000, "t", "crude oil"),), **shared,
        ),
    }  # fmt: skip

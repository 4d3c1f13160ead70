"""Status, dates, figures: what the sentences of an event say, and nothing they do not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from classifiers.dates import event_date, stated_date
from classifiers.figures import amounts
from classifiers.model import Model
from classifiers.status import deal_status, meeting_status
from classifiers.whereabouts import occasion
from feeds.item import Item

if TYPE_CHECKING:
    from classifiers.event import Event

MODEL = Model.load()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Merz met Tusk in Berlin on Monday.", "held"),
        ("Merz to meet Tusk in Berlin next week", "planned"),
        ("The two foreign ministers will hold talks in Cairo.", "planned"),
        ("Modi calls off visit to Dhaka", "cancelled"),
        ("Trip to Beijing postponed indefinitely", "cancelled"),
        ("Kremlin denies Putin plans to meet Zelensky", "denied"),
        ("Japan's PM will not meet Taiwan's president, spokesman says", "denied"),
        ("No meeting with Xi planned, White House says", "denied"),
    ],
)
def test_status_of_a_meeting(text: str, status: str) -> None:
    assert meeting_status([text]) == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("QatarEnergy signs LNG deal with Sinopec", "signed"),
        ("Nepal agrees to sell power to Bangladesh", "agreed"),
        ("India in talks to buy oil from Guyana", "negotiating"),
        ("First cargo of Russian crude arrives in Karachi", "delivered"),
        ("Fortescue walks away from hydrogen agreement", "cancelled"),
        ("Bulgaria denies selling refinery to Baku", "denied"),
        ("After lengthy negotiations on the price, Oman signed the contract.", "signed"),
    ],
)
def test_status_of_a_deal(text: str, status: str) -> None:
    assert deal_status([text]) == status


@pytest.mark.parametrize(
    ("text", "upcoming", "expected"),
    [
        ("They met on Wednesday.", False, date(2024, 7, 3)),
        ("They met on Tuesday.", False, date(2024, 7, 2)),
        ("They will meet on Friday.", True, date(2024, 7, 5)),
        ("They met yesterday.", False, date(2024, 7, 2)),
        ("They met on July 1.", False, date(2024, 7, 1)),
        ("They met on 30 December.", False, date(2024, 12, 30)),
        ("They met.", False, None),
        ("They met on 31 February.", False, None),
    ],
)
def test_dates_are_resolved_against_the_day_of_publication(text: str, upcoming: bool, expected: date | None) -> None:
    assert event_date([text], date(2024, 7, 3), upcoming) == expected


def test_a_weekday_without_a_day_of_publication_is_unknown() -> None:
    assert event_date(["They met on Wednesday."], None, False) is None


@pytest.mark.parametrize(
    "text",
    ["ASTANA, (Agency - 3rd Jul, 2024) He met", "Updated 03 July 2024", "date 2024-07-03 He met", "July 3, 2024"],
)
def test_an_article_may_state_its_own_date(text: str) -> None:
    assert stated_date(text) == date(2024, 7, 3)


@pytest.mark.parametrize(
    ("text", "value", "unit", "about"),
    [
        ("bilateral trade stood at $1 billion", 1e9, "USD", "bilateral trade"),
        ("a trade of one billion dollars", 1e9, "USD", "trade"),
        ("100,000 tonnes of Russian crude oil", 100_000, "tonnes", "Russian crude oil"),
        ("supply 30 per cent of its oil needs", 30, "percent", "oil needs"),
        ("a 500 MW solar farm", 500, "MW", None),
        ("250 mln dlrs", 2.5e8, "USD", None),
        ("50,000 barrels per day of crude", 50_000, "barrels per day", "crude"),
    ],
)
def test_amounts_have_number_unit_and_what_they_are_about(
    text: str, value: float, unit: str, about: str | None
) -> None:
    (amount,) = amounts([text])
    assert (amount.value, amount.unit, amount.about) == (value, unit, about)


def test_occasions_are_named_in_full() -> None:
    assert occasion(["They met on the sidelines of the SCO summit in Astana."]) == (
        "Shanghai Cooperation Organization summit"
    )
    assert occasion(["They met on the margins of multilateral events in Beijing."]) == "multilateral events"
    assert occasion(["They met at the ministry."]) is None


def only_event(title: str, text: str) -> Event:
    published = datetime(2026, 3, 4, 9, tzinfo=UTC)
    (event,) = MODEL.classify(Item(id="x", title=title, text=text, published=published)).events
    return event


def test_the_place_is_no_side() -> None:
    event = only_event(
        "Foreign ministers of Egypt and Turkey meet in Riyadh",
        "Egyptian Foreign Minister Badr Abdelatty held talks with his Turkish counterpart Hakan Fidan in Riyadh.",
    )
    assert set(event.countries) == {"EG", "TR"}
    assert event.place is not None
    assert (event.place.name, event.place.country) == ("Riyadh", "SA")


def test_what_is_not_told_stays_unknown() -> None:
    event = only_event("Macron, Meloni hold talks", "")
    assert (event.place, event.occasion, event.date, event.amounts, event.organizations) == (None, None, None, (), ())


def test_a_planned_meeting_lies_ahead() -> None:
    event = only_event(
        "Modi to host Ishiba in New Delhi on Friday",
        "Indian Prime Minister Narendra Modi will hold talks with his Japanese counterpart in New Delhi on Friday.",
    )
    assert event.status == "planned"
    assert event.date == date(2026, 3, 6)


def test_a_cancelled_meeting_is_never_reported_as_held() -> None:
    for title in ("Putin cancels meeting with Erdogan in Ankara", "Erdogan-Putin talks in Ankara called off"):
        verdict = MODEL.classify(Item(id="x", title=title, text=""))
        assert all(event.status == "cancelled" for event in verdict.events)


def test_parties_of_a_deal_are_named() -> None:
    event = only_event(
        "QatarEnergy signs LNG supply deal with Shell",
        "QatarEnergy will deliver 3 million tonnes of liquefied natural gas a year to Shell under the agreement.",
    )
    assert event.type == "energy_deal"
    assert {o.name for o in event.organizations} == {"QatarEnergy", "Shell"}
    assert event.commodities == ("lng",)
    assert event.status == "signed"

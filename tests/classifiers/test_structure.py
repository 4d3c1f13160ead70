"""Who, where and how much: what the reading of an event gives, one rule a sentence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from classifiers.dates import event_date
from classifiers.figures import amounts, commodities
from classifiers.parties import organizations
from classifiers.people import people
from classifiers.reader import read
from classifiers.sides import sides
from classifiers.status import deal_status, meeting_status
from classifiers.surnames import restore
from classifiers.whereabouts import place, unknown_place

if TYPE_CHECKING:
    from classifiers.reading import Sentence


def sentences(title: str, text: str = "", year: int = 2026) -> list[Sentence]:
    return read(title, text, (0, len(text)), year, 700, 12_000).sentences


def parties(title: str, text: str = "") -> list[tuple[str, str | None]]:
    found = organizations((s, title if s.source == "title" else text) for s in sentences(title, text))
    return [(o.name, o.country) for o in found]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Merz and Tusk hold talks on Ukraine", {"DE", "PL"}),
        ("Denmark and Norway sign pact against Russia", {"DK", "NO"}),
        ("Iran, Oman ministers meet over Iraq and Syria", {"IR", "OM"}),
        ("Armenia, Azerbaijan resume talks mediated by Qatar", {"AM", "AZ"}),
        ("US-brokered talks between Kenya and Somalia open", {"KE", "SO"}),
        # Somebody of one state in the capital of another came to see its government.
        ("Polish foreign minister in Lisbon for consultations", {"PL", "PT"}),
        ("Tokayev due in Riga on Monday", {"KZ", "LV"}),
    ],
)
def test_sides_are_who_meets_not_what_it_is_about(title: str, expected: set[str]) -> None:
    assert set(sides(sentences(title))) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Egypt agrees to buy LNG from Qatar", {"EG", "QA"}),
        ("Germany's Uniper signs gas contract with Woodside", set()),
        ("Norwegian company Statkraft signs power contract with Alcoa", set()),
        ("Equinor and Shell form US offshore wind partnership", set()),
        ("Shell agrees contracts for wind farms in Spain, Portugal and Italy", set()),
    ],
)
def test_a_state_is_a_party_of_a_deal_where_it_deals_itself(title: str, expected: set[str]) -> None:
    assert set(sides(sentences(title), most=4, deal=True)) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Tusk begins state visit to Mexico", "Mexico"),
        ("Finnish president to visit Chile next month", "Chile"),
        ("Merz lands in Ankara", "Ankara"),
        ("Sunday's Oslo talks end without a deal", "Oslo"),
        ("Merz, Orban set trade goal after Budapest summit", "Budapest"),
        ("Turkish and Greek ministers meet in Geneva", "Geneva"),
        ("Tehran, Kabul talk water", None),
        ("No progress in Kenya, Somalia talks", None),
        ("Sources in Harare say Zambia and Kenya agree on talks", None),
        ("Ministers meet in the Chilean capital, Santiago", "Santiago"),
        ("Fresh from Brazil trip, Swedish king meets Tusk", None),
        ("Rubio, Danish minister discuss US interest in Greenland", None),
        ("Israel and Syria agree at US-brokered talks", None),
        ("Macron, Meloni trade views on Taiwan tensions", None),
        ("Lavrov, Fidan talk after their meeting in Istanbul last year", None),
    ],
)
def test_the_place_is_where_it_happens(title: str, expected: str | None) -> None:
    found = place(sentences(title))
    assert (found.name if found else None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tusk met Sanchez in Velmora on Monday.", ("Velmora", None)),
        ("Tusk to meet Sanchez in Port Velmora", ("Port Velmora", None)),
        ("Tusk met Sanchez in Velmora Oil offices.", None),
        ("Tusk met Sanchez in private.", None),
        ("Tusk Met Sanchez in Surprise Move", None),
    ],
)
def test_a_place_no_table_knows_has_no_country(text: str, expected: tuple[str, str | None] | None) -> None:
    (sentence,) = sentences("", text)
    found = unknown_place(sentence, text)
    assert ((found.name, found.country) if found else None) == expected


def test_a_dateline_is_a_place_only_of_what_has_happened() -> None:
    text = "MUSCAT: The foreign ministers of Oman and Iran met on Tuesday."
    assert place(sentences("", text)) is not None
    assert place(sentences("", "MUSCAT: The foreign ministers of Oman and Iran will meet soon."), planned=True) is None


@pytest.mark.parametrize(
    ("text", "upcoming", "expected"),
    [
        ("They will meet next week, a spokesman said on Monday.", True, None),
        ("A group of lawmakers said Tuesday that they had met the premier on Monday.", False, date(2024, 7, 1)),
        ("He said after the meeting on Tuesday that all was well.", False, date(2024, 7, 2)),
    ],
)
def test_the_day_of_a_statement_is_not_the_day_of_the_event(text: str, upcoming: bool, expected: date | None) -> None:
    assert event_date([text], date(2024, 7, 3), upcoming) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rubio met Danish officials over Trump's Greenland plan.", {"Marco Rubio"}),
        ("The Trump administration sent Marco Rubio to Copenhagen.", {"Marco Rubio"}),
        ("Trump's meeting with the Danish prime minister lasted an hour.", {"Donald Trump"}),
    ],
)
def test_who_is_only_named_took_no_part(text: str, expected: set[str]) -> None:
    assert {p.name for p in people(sentences("", text), ("US", "DK"))} == expected


def test_a_role_told_later_fills_a_vague_one() -> None:
    text = "Afghan leader Hamid Karzai met Bush. President Hamid Karzai thanked him."
    assert ("Hamid Karzai", "president") in {(p.name, p.role) for p in people(sentences("", text, 2004), ("AF", "US"))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A counterpart holds the same office.
        (
            "Polish foreign minister Ewa Lis met her Omani counterpart Sami Haddar.",
            {("Ewa Lis", "foreign minister", "PL"), ("Sami Haddar", "foreign minister", "OM")},
        ),
        # The state of an office told of its own country is the side that nobody else speaks for.
        (
            "Minister of Defence Ewa Lis received Omani foreign minister Sami Haddar.",
            {("Ewa Lis", "defence minister", "PL"), ("Sami Haddar", "foreign minister", "OM")},
        ),
        (
            "Polish foreign minister Ewa Lis held talks with her counterpart Sami Haddar.",
            {("Ewa Lis", "foreign minister", "PL"), ("Sami Haddar", "foreign minister", "OM")},
        ),
        # Who only tells of the meeting takes no part; where the state cannot be told, it stays unknown.
        (
            "Polish foreign minister Ewa Lis met officials, presidential aide Olga Nowak said.",
            {("Ewa Lis", "foreign minister", "PL")},
        ),
        ("Health minister Ewa Lis met visitors.", {("Ewa Lis", "health minister", None)}),
    ],
)
def test_people_have_role_and_country(text: str, expected: set[tuple[str, str, str | None]]) -> None:
    assert {(p.name, p.role, p.country) for p in people(sentences("", text), ("PL", "OM"))} == expected


@pytest.mark.parametrize(
    ("title", "year", "expected"),
    [("Straw in Tehran for nuclear talks", 2004, "GB"), ("Straw in Tehran for nuclear talks", 2024, None)],
)
def test_a_surname_that_is_a_word_is_read_in_its_years_only(title: str, year: int, expected: str | None) -> None:
    (sentence,) = sentences(title, year=year)
    assert restore(sentence, title, year) == (expected is not None)
    assert {m.country for m in sentence.mentions if m.kind == "MINISTER"} == ({expected} if expected else set())


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Brightvolt strikes wind deal with Harrow", "", {"Brightvolt", "Harrow"}),
        ("Germany's RWE sells power to Quillmark Foods", "", {"RWE", "Quillmark Foods"}),
        ("Shell to supply BXT with green electricity", "", {"Shell", "BXT"}),
        ("", "Total and Maribo Kraft have signed a contract with Ostra Ltd.", {"Total", "Maribo Kraft", "Ostra Ltd"}),
        (
            "",
            "Samoa Power Company signed a contract with Enel Green Power.",
            {"Samoa Power Company", "Enel Green Power"},
        ),
        # A place, a field and what only comments are no parties.
        ("Eni ships LNG to Toledo from Zohr", "", {"Eni"}),
        ("Eni signs gas deal with Sonatrach", "Analysts at Wexler said the price was low.", {"Eni", "Sonatrach"}),
    ],
)
def test_companies_nobody_has_heard_of_are_parties_where_they_deal(title: str, text: str, expected: set[str]) -> None:
    assert {name for name, _ in parties(title, text)} == expected


def test_a_company_is_named_once_with_its_country() -> None:
    assert parties("Spain's Iberdrola signs deal", "Iberdrola signed the supply contract.") == [("Iberdrola", "ES")]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("up to 50 million barrels of oil", 5e7, "barrels"),
        ("between 30 and 50 million barrels", 5e7, "barrels"),
        ("30-50 million barrels of crude", 5e7, "barrels"),
        ("a three-year deal", 3, "years"),
        ("a 15-year power purchase agreement", 15, "years"),
        ("will run for at least ten years", 10, "years"),
        ("worth 1.5 billion Norwegian crowns", 1.5e9, "NOK"),
        ("worth NOK 300 million", 3e8, "NOK"),
        ("a W100b contract", 1e11, "KRW"),
        ("24 liquefied natural gas deliveries", 24, "cargoes"),
        ("4.1 billion dlrs", 4.1e9, "USD"),
        ("bought a 9.9% stake", 9.9, "percent"),
        ("an order for two reactors", 2, "reactors"),
    ],
)
def test_figures_of_a_deal(text: str, value: float, unit: str) -> None:
    assert [(a.value, a.unit) for a in amounts([text], terms=True)] == [(value, unit)]


@pytest.mark.parametrize(
    "text", ["a 15-year-old boy", "the first in ten years", "11-1/2-year", "a VVER-440 reactor", "a year"]
)
def test_a_span_of_years_is_no_term_of_a_deal(text: str) -> None:
    assert amounts([text], terms=True) == ()


@pytest.mark.parametrize(("countries", "unit"), [(("IN", "RU"), "INR"), (("PK",), "PKR"), (("DE",), "rupees")])
def test_rupees_are_those_of_the_side(countries: tuple[str, ...], unit: str) -> None:
    (amount,) = amounts(["Rs 500 crore of oil"], countries)
    assert (amount.value, amount.unit) == (5e9, unit)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Oil giant signs LNG contract with Japanese utility", ("lng",)),
        ("Westinghouse to supply fuel for nuclear plant under contract", ("nuclear",)),
        ("Rolls-Royce signs nuclear power plant deal", ("nuclear",)),
        ("Norway agrees to sell electricity to Denmark", ("electricity",)),
        ("Utility buys 300 MW under contract", ("electricity",)),
        ("First Solar signs 300 MW module supply deal", ("renewables",)),
        ("Russia ships nuclear fuel to Bangladesh under contract", ("nuclear",)),
        ("Oman signs LNG contract; the gas will flow from May", ("lng",)),
    ],
)
def test_the_kind_of_energy_is_what_is_dealt_in(title: str, expected: tuple[str, ...]) -> None:
    assert set(commodities(sentences(title), transacted=False)) == set(expected)


@pytest.mark.parametrize(
    ("passages", "status"),
    [
        (["Salman in Cairo to discuss trade"], "held"),
        (["Tusk to be received by Macron at the palace"], "planned"),
        (["Modi to the White House on Thursday"], "planned"),
        (["Kishida in Hanoi on Friday: two pacts"], "planned"),
        (["Steinmeier flies to Accra", "He met the Ghanaian president on Monday."], "held"),
        (["Steinmeier flies to Accra"], "planned"),
        (["Oman tells Iran it will keep the strait open"], "held"),
        (["Peru and Chile to reopen crossing after Lima talks"], "held"),
        (["Kenya, Uganda presidents fail to agree on border at summit"], "held"),
        (["Officials met and resumed talks suspended in May."], "held"),
        (["Lula met Putin; Kyiv had asked him to postpone the trip."], "held"),
        (["Rubio says he plans to meet Danish officials to talk about trade"], "planned"),
    ],
)
def test_what_is_told_first_tells_whether_they_met(passages: list[str], status: str) -> None:
    assert meeting_status(passages) == status


@pytest.mark.parametrize(
    ("passages", "status"),
    [
        (["Siemens hands over turbines to Vattenfall"], "delivered"),
        (["Laos starts exporting electricity to Vietnam"], "delivered"),
        (["Poland gets its first LNG cargo from Texas"], "delivered"),
        (["Oman to sell gas to Japan; deliveries to start in May"], "agreed"),
        (["Gas will be delivered to Bremen under the accord"], "agreed"),
        (["Shell agrees to build plant near Brownsville under two contracts"], "agreed"),
        (["Kuwait close to long-term supply contract with Shell"], "negotiating"),
        (["Utility haggling with Westinghouse over reactor price"], "negotiating"),
        (["Chad and Elf agree to extend concession", "It ended weeks of talks on terms."], "agreed"),
        (["Turkey, Iran agree on gas", "The contract was signed in Tehran."], "signed"),
    ],
)
def test_how_far_a_deal_went(passages: list[str], status: str) -> None:
    assert deal_status(passages) == status

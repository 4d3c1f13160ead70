"""Who is who in a sentence: names abstracted, places told from sides, roles read from the text."""

from __future__ import annotations

import pytest

from classifiers.reader import read
from classifiers.reading import Mention


def mentions(text: str, year: int | None = None) -> list[tuple[str, str | None, str | None]]:
    reading = read("", text, (0, len(text)), year, 700, 5000)
    return [(m.kind, m.country, m.name if m.role else None) for s in reading.sentences for m in s.mentions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Russian President Vladimir Putin spoke.", [("LEADER", "RU", "Vladimir Putin")]),
        ("President Vladimir Putin of the Russian Federation spoke.", [("LEADER", "RU", "Vladimir Putin")]),
        ("Xi, Putin meet.", [("LEADER", "CN", "Xi Jinping"), ("LEADER", "RU", "Vladimir Putin")]),
        ("Bangladesh’s Adviser on Foreign Affairs Touhid Hossain left.", [("MINISTER", "BD", "Touhid Hossain")]),
        ("Ambassador of Japan Akamatsu Shuichi called.", [("OFFICIAL", "JP", "Akamatsu Shuichi")]),
        ("They met in Astana.", [("PLACE", "KZ", None)]),
        ("Moscow rejected the offer.", [("STATE", "RU", None)]),
        ("The Indian government agreed.", [("STATE", "IN", None)]),
        ("He ate turkey with us at home.", []),
        ("The Washington Post reported it.", []),
        ("Former Afghan president Hamid Karzai spoke.", [("OUTSIDE", "AF", "Hamid Karzai")]),
        ("The foreign ministers of India and Pakistan talked.", [("MINISTER", "IN", None), ("STATE", "PK", None)]),
        ("It was agreed in the Kazakh capital.", [("PLACE", "KZ", None)]),
        ("N.Korea met U.S. officials.", [("STATE", "KP", None), ("OFFICIAL", "US", None)]),
        (
            "South African Minister of International Relations and Cooperation Thandi Molefe left.",
            [
                ("MINISTER", "ZA", "Thandi Molefe"),
            ],
        ),
        ("Egyptian Housing and Urban Development Minister Hany Sabry left.", [("MINISTER", "EG", "Hany Sabry")]),
        ("The minister of health and family welfare of Kenya left.", [("MINISTER", "KE", None)]),
        ("Japan's prime minister, Haruto Tokuda, spoke.", [("LEADER", "JP", "Haruto Tokuda")]),
        ("Haruto Tokuda, Japan's finance minister, spoke.", [("MINISTER", "JP", "Haruto Tokuda")]),
        ("In Oslo, Norway's prime minister spoke.", [("PLACE", "NO", None), ("LEADER", "NO", None)]),
    ],
)
def test_mentions(text: str, expected: list[tuple[str, str | None, str | None]]) -> None:
    assert mentions(text) == expected


def test_a_surname_stands_for_who_was_introduced() -> None:
    text = "Ruritania sent word. Norwegian Foreign Minister Ola Nordby met reporters. Nordby was tired."
    assert mentions(text)[-1] == ("MINISTER", "NO", "Ola Nordby")


def test_the_year_of_publication_picks_the_leader() -> None:
    assert mentions("Schroeder spoke.", 2004) == [("LEADER", "DE", "Gerhard Schroeder")]
    assert mentions("Schroeder spoke.", 2025) == []


def test_a_common_surname_needs_its_country_nearby() -> None:
    assert mentions("Lee was late.", 2026) == []
    assert mentions("South Korea waited. Lee was late.", 2026)[-1] == ("LEADER", "KR", "Lee Jae-myung")


def test_capitals_are_read_as_names() -> None:
    text = "BRAZILIAN FINANCE MINISTER MEETS U.S. OFFICIALS"
    assert [(kind, country) for kind, country, _ in mentions(text)] == [("MINISTER", "BR"), ("OFFICIAL", "US")]


def test_a_portfolio_is_part_of_the_office() -> None:
    text = "Kenyan Minister for Water, Sanitation and Irrigation Amina Odhiambo left."
    roles = [m.role for s in read("", text, (0, len(text)), None, 700, 5000).sentences for m in s.mentions]
    assert roles == ["water, sanitation and irrigation minister"]


def test_offsets_are_those_of_the_text() -> None:
    text = "On Monday  Russian President Vladimir Putin met Xi."
    reading = read("", text, (0, len(text)), None, 700, 5000)
    (putin, xi) = [u for u in reading.sentences[0].units if isinstance(u, Mention)]
    assert text[putin.start : putin.end] == "Russian President Vladimir Putin"
    assert text[xi.start : xi.end] == "Xi"

"""Who is who: whom a text introduces, who is known from that, and what a headline then means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from classifiers.event import Sighting
from classifiers.known_people import known_people
from classifiers.model import Model
from classifiers.reader import read
from classifiers.sightings import sightings
from classifiers.who import KnownPerson, OfficeCorrection, Sighted, Who, canonical_role, weight_at
from feeds.item import Item

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PM, FM = "prime minister", "foreign minister"


def introduced(text: str, title: str = "") -> list[tuple[str, str, str]]:
    return [(s.name, s.role, s.country) for s in sightings(read(title, text, (0, len(text)), 2026, 700, 5000))]


def sighted(
    name: str, role: str = PM, country: str = "NO", count: int = 3, feeds: int = 2, days: float = 1, since: float = 1
) -> Sighted:
    """``count`` sightings ``days`` ago, the first ``since`` days before that."""
    last = NOW - timedelta(days=days)
    return Sighted(name, role, country, count, count * weight_at(last), feeds, last - timedelta(days=since), last)


def people(*said: Sighted | OfficeCorrection) -> dict[str, KnownPerson]:
    rows = [one for one in said if isinstance(one, Sighted)]
    return {p.name: p for p in known_people(rows, [one for one in said if isinstance(one, OfficeCorrection)], NOW)}


def who(*said: Sighted | OfficeCorrection) -> Who:
    return Who(tuple(people(*said).values()))


def mentions(text: str, known: Who | None, title: str = "") -> list[tuple[str, str | None, str | None]]:
    reading = read(title, text, (0, len(text)), 2026, 700, 5000, known)
    return [(m.kind, m.country, m.name) for s in reading.sentences for m in s.mentions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Norwegian Prime Minister Elin Varga met reporters.", [("Elin Varga", PM, "NO")]),
        ("Japan's prime minister Fumio Kishida spoke first.", [("Fumio Kishida", PM, "JP")]),
        ("Foreign Minister Touhid Hossain of Bangladesh went home.", [("Touhid Hossain", FM, "BD")]),
        ("President Vladimir Putin of the Russian Federation spoke.", [("Vladimir Putin", "president", "RU")]),
        ("Former Norwegian prime minister Kari Foss spoke.", [("Kari Foss", "former prime minister", "NO")]),
        ("Iraq's Prime Minister Mohammed Shia al-Sudani left.", [("Mohammed Shia al-Sudani", PM, "IQ")]),
        # Found in the table, not told by the text.
        ("President Vladimir Putin spoke to reporters.", []),
        ("Putin of Russia spoke to reporters.", []),
        # No office of a state, or no name for it.
        ("Real Madrid president Florentino Perez resigned.", []),
        ("Norwegian opposition leader Kari Foss spoke.", []),
        ("He met his Norwegian counterpart Kari Foss there.", []),
        # Capitals that are no names.
        ("Norwegian Prime Minister Slams Critics", []),
        ("NORWEGIAN PRIME MINISTER ELIN VARGA SPOKE", []),
    ],
)
def test_whom_a_text_introduces(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert introduced(text) == expected
    assert introduced("", title=text) == []


def test_three_sightings_of_two_feeds_make_a_person_known_or_ten_of_one() -> None:
    for count, feeds, standing in ((2, 2, "unsure"), (9, 1, "unsure"), (3, 2, "known"), (10, 1, "known")):
        assert people(sighted("Elin Varga", count=count, feeds=feeds))["Elin Varga"].standing == standing


def test_a_surname_alone_counts_with_its_full_name_and_never_by_itself() -> None:
    both = people(sighted("Elin Varga", count=2), sighted("Varga", count=4))
    assert (both["Elin Varga"].sightings, both["Elin Varga"].standing) == (6, "known")
    assert people(sighted("Slams", count=50))["Slams"].standing == "unsure"


def test_spellings_of_one_name_are_one_person() -> None:
    known = people(sighted("Volodymyr Zelenskiyy", "president", "UA", count=40), sighted("Elin Varga"))
    assert "Volodymyr Zelenskiyy" not in known
    assert known["Volodymyr Zelensky"].standing == "known"
    assert mentions("Zelensky met Volodymyr Zelenskiyy.", Who(tuple(known.values()))) == [
        ("LEADER", "UA", "Volodymyr Zelensky"),
        ("LEADER", "UA", "Volodymyr Zelensky"),
    ]


def test_a_bare_surname_is_read_as_its_bearer_of_the_country_and_role() -> None:
    known = who(sighted("Elin Varga"), sighted("Ola Nordby", FM, "SE"))
    assert mentions("", None, "Varga, Nordby hold talks") == []
    assert mentions("", known, "Varga, Nordby hold talks") == [
        ("LEADER", "NO", "Elin Varga"),
        ("MINISTER", "SE", "Ola Nordby"),
    ]
    assert mentions("", known, "VARGA, NORDBY HOLD TALKS") == mentions("", known, "Varga, Nordby hold talks")


def test_a_full_name_without_its_country_is_known_too() -> None:
    known = who(sighted("Elin Varga"))
    assert mentions("Prime Minister Elin Varga arrived there.", known) == [("LEADER", "NO", "Elin Varga")]
    assert mentions("Elin Varga arrived there.", known) == [("LEADER", "NO", "Elin Varga")]


def test_what_the_text_says_itself_is_believed() -> None:
    known = who(sighted("Elin Varga"))
    text = "Swedish Energy Minister Olga Varga spoke. Later Varga left."
    assert mentions(text, known) == [("MINISTER", "SE", "Olga Varga")] * 2
    assert mentions("Later Olga Varga left for home.", known) == []


def test_surnames_that_are_words_or_common_or_shared() -> None:
    assert people(sighted("Anna Young"))["Anna Young"].surnames == ()
    assert people(sighted("Anna Jordan"))["Anna Jordan"].surnames == ()
    common = who(sighted("Anna Smith", count=9))
    assert mentions("", common, "Smith hails talks") == []
    assert mentions("", common, "Norway waits as Smith hails talks")[-1] == ("LEADER", "NO", "Anna Smith")
    shared = people(sighted("Elin Varga", count=9), sighted("Ivo Varga", FM, "HR", count=8))
    assert {p.surnames for p in shared.values() if "Varga" in p.name} == {()}
    clear = people(sighted("Elin Varga", count=19), sighted("Ivo Varga", FM, "HR", count=8))
    assert (clear["Elin Varga"].surnames, clear["Ivo Varga"].surnames) == (("Varga",), ())


def test_a_name_that_two_countries_claim_is_the_clearly_stronger_ones() -> None:
    known = known_people([sighted("Elin Varga", count=40), sighted("Elin Varga", PM, "SE", count=4)], [], NOW)
    assert [(p.country, p.standing) for p in known if p.name == "Elin Varga"] == [("NO", "known"), ("SE", "unsure")]


def test_a_change_of_government_is_followed() -> None:
    old = sighted("Kari Foss", count=200, days=12, since=300)
    first = people(old, sighted("Elin Varga", count=3, days=0.1))
    assert (first["Elin Varga"].standing, first["Kari Foss"].standing) == ("known", "known"), "while it is not clear"
    later = (old, sighted("Elin Varga", count=200, days=0.1, since=10))
    assert (people(*later)["Elin Varga"].standing, people(*later)["Kari Foss"].standing) == ("known", "former")
    assert mentions("", who(*later), "Foss, Varga hold talks") == [
        ("OUTSIDE", "NO", "Kari Foss"),
        ("LEADER", "NO", "Elin Varga"),
    ]


def test_who_stands_in_for_a_while_takes_no_office_over() -> None:
    holder, standing_in = sighted("Kari Foss", count=90, since=90), sighted("Elin Varga", count=12, days=2)
    assert people(holder, standing_in)["Kari Foss"].standing == "known"
    over = people(sighted("Kari Foss", count=90, since=90), sighted("Elin Varga", count=12, days=40))
    assert (over["Kari Foss"].standing, over["Elin Varga"].standing) == ("known", "former")


def test_the_table_gives_way_to_a_new_holder_and_to_a_new_role() -> None:
    assert people()["Vladimir Putin"].source == "table"
    known = people(sighted("Ivan Testov", "president", "RU", count=30))
    assert (known["Ivan Testov"].standing, known["Vladimir Putin"].standing) == ("known", "former")
    assert mentions("", Who(tuple(known.values())), "Putin, Testov hold talks") == [
        ("OUTSIDE", "RU", "Vladimir Putin"),
        ("LEADER", "RU", "Ivan Testov"),
    ]
    few = people(sighted("Ivan Testov", "president", "RU", count=4))
    assert few["Vladimir Putin"].standing == "known", "what few say does not overrule the table"
    risen = people(sighted("Sergei Lavrov", PM, "RU", count=12))
    assert (risen["Sergei Lavrov"].role, risen["Sergei Lavrov"].source) == (PM, "stream")


def test_who_is_called_former_is_former() -> None:
    known = people(sighted("Elin Varga", count=3, days=30), sighted("Elin Varga", "former prime minister", count=3))
    assert known["Elin Varga"].standing == "former"


def test_a_correction_beats_all() -> None:
    at = NOW - timedelta(days=1)
    stream = sighted("Ivan Testov", "president", "RU", count=500)
    known = people(
        stream, OfficeCorrection("Elin Varga", PM, "NO", at), OfficeCorrection("vladimir putin", "president", "RU", at)
    )
    assert (known["Vladimir Putin"].standing, known["Ivan Testov"].standing) == ("known", "former")
    assert (known["Elin Varga"].source, known["Elin Varga"].surnames) == ("correction", ("Varga",))
    forgotten = who(
        stream, OfficeCorrection("Ivan Testov", None, None, at), OfficeCorrection("Vladimir Putin", None, None, at)
    )
    assert mentions("", forgotten, "Putin, Testov, Vladimir Putin hold talks with Xi") == [
        ("LEADER", "CN", "Xi Jinping")
    ]


def test_older_news_is_read_by_the_table_of_its_time() -> None:
    known = who(sighted("Ivan Testov", "president", "RU", count=30))
    reading = read("Putin, Testov hold talks", "", (0, 0), 2019, 700, 5000, known)
    assert [(m.kind, m.name) for m in reading.sentences[0].mentions] == [("LEADER", "Vladimir Putin")]


def test_roles_as_people_say_them() -> None:
    assert [canonical_role(said) for said in ("PM", "Foreign Minister", "ex-president", "former pm", "baker", "")] == [
        "prime minister", "foreign minister", "former president", "former prime minister", None, None,
    ]  # fmt: skip


def test_a_model_hands_out_sightings_and_goes_by_who_is_known() -> None:
    model = Model.load()
    told = Item(id="1", title="Talks in Oslo", text="Norwegian Prime Minister Elin Varga met Russian President "
                "Vladimir Putin in Oslo on Monday. The two leaders held talks on trade.")  # fmt: skip
    assert model.classify(told).sightings == (
        Sighting("Elin Varga", PM, "NO"),
        Sighting("Vladimir Putin", "president", "RU"),
    )
    bare = Item(id="2", title="Varga, Nordby hold talks in Geneva", text="")
    assert model.classify(bare).events == ()
    (event,) = model.classify(bare, who(sighted("Elin Varga"), sighted("Ola Nordby", FM, "SE"))).events
    assert event.countries == ("NO", "SE")
    assert [(p.name, p.role, p.country) for p in event.people] == [
        ("Elin Varga", PM, "NO"),
        ("Ola Nordby", FM, "SE"),
    ]

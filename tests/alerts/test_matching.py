"""Which reports become one story."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_reports import ASTANA, DEAL, NOON, PUTIN, SHARIF, passage, report, seed_table

from alerts.matching import Decision, decide, in_order, look_back, lookup_keys, story_keys
from classifiers.event import Amount, Organization, Person, Place

if TYPE_CHECKING:
    from alerts.story import Report, Story


class Memory:
    """What a store does between decisions, with lists: find by key and by time, save."""

    def __init__(self) -> None:
        self.stories: dict[str, Story] = {}
        self.keys: dict[str, set[str]] = {}

    def tell(self, said: Report) -> Decision:
        ids = {i for key in lookup_keys(said) for i in self.keys.get(key, ())}
        ids |= {s.id for s in self.stories.values() if said.item_id in {item for item, _ in s.reports}}
        ids |= {into for i in ids if (into := self.stories[i].into)}
        found = [s for i in sorted(ids) if (s := self.stories[i]).last >= look_back(said)]
        decision = decide(said, found)
        self.stories |= {s.id: s for s in (decision.story, *(went for went, _ in decision.united))}
        for key in story_keys(decision.story):
            self.keys.setdefault(key, set()).add(decision.story.id)
        return decision

    def groups(self) -> set[frozenset[tuple[str, int]]]:
        return {frozenset(s.reports) for s in self.stories.values() if s.into is None}


def grouped(reports: list[Report]) -> set[frozenset[tuple[str, int]]]:
    memory = Memory()
    for one in reports:
        memory.tell(one)
    return memory.groups()


@pytest.mark.parametrize("published", ["true", "now", "missing"])
def test_the_seed_reports_are_four_stories_in_any_order_of_arrival(published: str) -> None:
    reports = seed_table(published)
    expected = {
        frozenset({("000", 0), ("001", 0), ("002", 0)}),
        frozenset({("002", 1)}),
        frozenset({("003", 0)}),
        frozenset({("004", 0)}),
    }
    for order in permutations(reports.values()):
        assert grouped(list(order)) == expected, [r.item_id for r in order]


def test_the_seed_reports_are_four_stories_when_only_some_tell_when_they_were_published() -> None:
    dated, undated = seed_table("true"), seed_table("missing")
    for missing in dated:
        mixed = [undated[name] if name == missing else told for name, told in dated.items()]
        assert len(grouped(mixed)) == 4, missing
        assert len(grouped(mixed[::-1])) == 4, missing


def test_a_purchase_mentioned_in_passing_is_told_in_the_story_of_the_meeting() -> None:
    meeting = replace(seed_table()["004"], text="word " * 400)
    deal = replace(
        meeting,
        index=1,
        event=replace(
            meeting.event,
            type=DEAL,
            status="delivered",
            people=(),
            amounts=(Amount("100,000 tonnes", 100_000, "t"),),
            evidence=(passage(1500),),
        ),
    )
    memory = Memory()
    decisions = [memory.tell(r) for r in in_order([deal, meeting])]
    assert len(memory.stories) == 1
    assert [d.opened for d in decisions] == [True, False]
    assert decisions[1].changes == ()
    assert "in passing" in decisions[1].reasons[0]
    told = decisions[1].story.event
    assert told.type == "bilateral_meeting"
    assert {a.text for a in told.amounts} == {"100,000 tonnes", "101,000 tonnes"}


def test_a_deal_signed_at_the_meeting_is_a_story_of_its_own() -> None:
    meeting = report("x", text="word " * 400, status="held", countries=("IN", "FR"), evidence=(passage(0),))
    deal = report(
        "x", index=1, kind=DEAL, text="word " * 400, status="signed", countries=("IN", "FR"), evidence=(passage(120),)
    )
    assert len(grouped(in_order([meeting, deal]))) == 2


def test_background_of_an_item_about_something_else_stands_alone() -> None:
    deal = report(
        "x", kind=DEAL, text="word " * 400, status="delivered", countries=("PK", "RU"), evidence=(passage(1500),)
    )
    assert Memory().tell(deal).opened


def test_a_second_meeting_of_the_same_pair_is_a_new_story() -> None:
    first = report("x", status="held", countries=("PK", "RU"), people=(SHARIF, PUTIN), date=date(2026, 11, 2),
                   published=NOON - timedelta(days=18))  # fmt: skip
    second = report("y", status="held", countries=("PK", "RU"), people=(SHARIF, PUTIN), date=date(2026, 11, 20))
    assert len(grouped([first, second])) == 2


def test_other_ministers_of_the_same_countries_met_elsewhere() -> None:
    presidents = report("x", countries=("PK", "RU"), people=(SHARIF, PUTIN), status="held", place=ASTANA)
    ministers = report(
        "y", countries=("PK", "RU"), status="held", place=ASTANA,
        people=(Person("Ishaq Dar", None, "PK"), Person("Sergei Lavrov", None, "RU")),
    )  # fmt: skip
    assert len(grouped([presidents, ministers])) == 2


def test_other_pairs_at_the_same_summit_are_other_stories_even_with_the_same_words() -> None:
    text = "They met on the sidelines of the summit and spoke of connectivity, transit corridors and banking channels."
    day = date(2026, 11, 20)
    pairs = [("PK", "RU"), ("PK", "CN"), ("IN", "RU"), ("CN", "RU")]
    reports = [report(f"{a}{b}", text=text, countries=(a, b), status="held", place=ASTANA, date=day) for a, b in pairs]
    assert len(grouped(reports)) == 4


def test_a_meeting_of_three_does_not_draw_in_the_meetings_of_each_two() -> None:
    day = date(2026, 11, 20)
    three = report("3", countries=("RU", "IR", "TR"), date=day)
    groups = grouped(
        [three, report("2", countries=("RU", "IR"), date=day), report("1", countries=("RU", "TR"), date=day)]
    )
    assert not any({("2", 0), ("1", 0)} <= group for group in groups)


def test_a_plan_that_is_held_is_the_same_story() -> None:
    memory = Memory()
    plan = report("x", status="planned", countries=("EG", "TR"), date=date(2026, 11, 24), published=NOON)
    held = report(
        "y", status="held", countries=("EG", "TR"), outlet="other.example", date=date(2026, 11, 24),
        place=Place("Cairo", "EG"), published=NOON + timedelta(days=4),
    )  # fmt: skip
    assert memory.tell(plan).opened
    decision = memory.tell(held)
    assert not decision.opened
    assert decision.story.event.status == "held"
    assert decision.changes == ("status planned->held", "place", "outlet other.example")


def test_a_plan_read_after_the_meeting_it_announced_changes_nothing() -> None:
    memory = Memory()
    held = report("y", status="held", countries=("EG", "TR"), date=date(2026, 11, 20), published=NOON)
    plan = report(
        "x", status="planned", countries=("EG", "TR"), date=date(2026, 11, 20), published=NOON - timedelta(days=2)
    )
    memory.tell(held)
    decision = memory.tell(plan)
    assert not decision.opened
    assert decision.story.event.status == "held"


def test_a_plan_for_the_next_meeting_is_a_new_story() -> None:
    held = report("y", status="held", countries=("EG", "TR"), date=date(2026, 11, 20), published=NOON)
    plan = report(
        "x", status="planned", countries=("EG", "TR"), date=date(2026, 12, 15), published=NOON + timedelta(days=3)
    )
    assert len(grouped([held, plan])) == 2


@pytest.mark.parametrize("off", ["cancelled", "denied"])
def test_what_is_called_off_is_never_told_as_held(off: str) -> None:
    memory = Memory()
    memory.tell(report("x", status="planned", countries=("EG", "TR"), date=date(2026, 11, 24)))
    decision = memory.tell(
        report("y", status=off, countries=("EG", "TR"), date=date(2026, 11, 24), published=NOON + timedelta(days=1))
    )
    assert decision.changes[0] == f"status planned->{off}"
    later = memory.tell(
        report(
            "z", status="planned", countries=("EG", "TR"), date=date(2026, 11, 24), published=NOON + timedelta(days=2)
        )
    )
    assert not later.opened
    assert later.story.event.status == off


def test_a_syndicated_copy_joins_and_is_no_news() -> None:
    text = (
        "Ministers signed the supply contract in Doha on Tuesday, covering two million tonnes a year for a decade, "
        "with first cargoes expected in spring and prices linked to Brent under a formula kept confidential."
    )
    memory = Memory()
    memory.tell(report("x", kind=DEAL, text=text, title="Contract signed"))
    decision = memory.tell(report("y", kind=DEAL, text=text, title="Contract signed in Doha", outlet="copy.example"))
    assert not decision.opened
    assert decision.changes == ()
    assert decision.story.outlets == {"paper.example", "copy.example"}


def test_the_very_same_headline_elsewhere_is_no_news_and_weeks_later_another_story() -> None:
    memory = Memory()
    said = report("x", title="Sharif, Putin talk of barter trade", countries=("PK", "RU"), status="held",
                  people=(SHARIF, PUTIN), published=NOON - timedelta(hours=1))  # fmt: skip
    memory.tell(said)
    decision = memory.tell(replace(said, item_id="y", outlet="copy.example"))
    assert (decision.opened, decision.changes) == (False, ())
    later = NOON + timedelta(days=20)
    assert memory.tell(replace(said, item_id="z", published=later, seen=later + timedelta(hours=1))).opened


def test_other_goods_between_the_same_countries_are_another_deal() -> None:
    oil = report("x", kind=DEAL, countries=("IN", "RU"), commodities=("oil",), status="signed")
    atoms = report("y", kind=DEAL, countries=("IN", "RU"), commodities=("nuclear",), status="signed")
    assert len(grouped([oil, atoms])) == 2


def test_other_firms_make_another_deal() -> None:
    one = report("x", kind=DEAL, countries=("CN", "QA"), commodities=("lng",),
                 organizations=(Organization("Sinopec"), Organization("QatarEnergy")))  # fmt: skip
    other = report("y", kind=DEAL, countries=("CN", "QA"), commodities=("lng",),
                   organizations=(Organization("Shell"), Organization("ENN")))  # fmt: skip
    assert len(grouped([one, other])) == 2


def test_events_with_nothing_known_are_told_apart_by_their_words() -> None:
    kind = "court_ruling"
    reports = [
        report("a", kind=kind, title="Supreme court strikes down coastal fishing quota",
               text="Judges found the quota for coastal trawlers unlawful."),
        report("b", kind=kind, title="Coastal fishing quota unlawful, judges find",
               text="The supreme court ruled against the quota for trawlers."),
        report("c", kind=kind, title="Appeals court upholds merger of two railways",
               text="Freight competitors had argued the tie-up would raise prices."),
    ]  # fmt: skip
    assert grouped(reports) == {frozenset({("a", 0), ("b", 0)}), frozenset({("c", 0)})}


def test_deciding_twice_about_one_report_changes_nothing() -> None:
    memory = Memory()
    said = seed_table()["001"]
    opened = memory.tell(said)
    again = memory.tell(said)
    assert not again.opened
    assert again.changes == ()
    assert again.story == opened.story


def test_the_story_id_is_derived_from_its_first_report() -> None:
    said = seed_table()["001"]
    assert decide(said, ()).story.id == decide(said, ()).story.id
    assert decide(said, ()).story.id != decide(replace(said, index=3), ()).story.id


def test_opening_says_what_kept_the_report_from_the_nearest_story() -> None:
    memory = Memory()
    table = seed_table("now")
    first = memory.tell(table["000"]).story
    reasons = memory.tell(table["003"]).reasons
    assert f"not story {first.id}: another place (Beijing, not Astana)" in reasons


def test_joining_says_what_agreed() -> None:
    memory = Memory()
    table = seed_table()
    memory.tell(table["000"])
    reasons = memory.tell(table["001"]).reasons
    assert {"same sides (PK, RU)", "same day (2024-07-03)", "same place (Astana)"} <= set(reasons)


countries = st.lists(st.sampled_from(["PK", "RU", "CN", "IN"]), max_size=3, unique=True).map(tuple)
people = st.lists(
    st.sampled_from([SHARIF, PUTIN, Person("Xi Jinping", None, "CN"), Person("Xi"), Person("Ishaq Dar", None, "PK")]),
    max_size=3, unique=True,
).map(tuple)  # fmt: skip
any_report = st.builds(
    report,
    item=st.uuids().map(str),
    outlet=st.sampled_from(["a.example", "b.example"]),
    title=st.text(max_size=40),
    text=st.text(max_size=80),
    published=st.none() | st.integers(0, 60).map(lambda d: NOON - timedelta(days=d)),
    kind=st.sampled_from(["bilateral_meeting", DEAL]),
    score=st.floats(0, 1),
    status=st.sampled_from([None, "held", "planned", "cancelled", "signed", "agreed"]),
    countries=countries,
    people=people,
    place=st.none() | st.sampled_from([ASTANA, Place("Beijing", "CN"), Place("Kremlin")]),
    date=st.none() | st.integers(0, 60).map(lambda d: (NOON - timedelta(days=d)).date()),
)


@given(st.lists(any_report, max_size=6))
def test_every_report_ends_in_exactly_one_story_and_no_story_holds_two_pairs(reports: list[Report]) -> None:
    memory = Memory()
    for one in reports:
        memory.tell(one)
    held = [r for s in memory.stories.values() for r in s.reports]
    assert sorted(held) == sorted((r.item_id, r.index) for r in reports)
    by_id = {r.item_id: r for r in reports}
    for story in memory.stories.values():
        pairs = {frozenset(by_id[i].event.countries) for i, _ in story.reports if len(by_id[i].event.countries) == 2}
        assert len(pairs) <= 1


@given(any_report)
def test_a_story_is_found_by_the_report_that_opened_it(said: Report) -> None:
    story = decide(said, ()).story
    assert not story_keys(story) or lookup_keys(said) & story_keys(story)

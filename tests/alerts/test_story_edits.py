"""Stories as they are stored: found again, united by a later report, merged and split by a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_reports import NOON, PUTIN, SHARIF, report
from sqlalchemy import delete, insert, select

from alerts.errors import StoryError
from classifiers.event import Person, Place
from store import alerts as stored_alerts
from store import migrate, stories, story_edits
from store.database import Database
from store.errors import NotFound
from store.tables import events, items, story_keys
from store.tables import stories as story_rows
from store.views.stories import newest_stories
from worker.steps.find_story import find_story, join_known_story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from alerts.matching import Decision
    from alerts.story import Report

XI = Person("Xi Jinping", "president", "CN")


def arrive(connection: Connection, said: Report) -> Decision:
    """A report as the classifying step meets it: its item is stored, then its story is looked for."""
    if connection.scalar(select(items.c.id).where(items.c.id == said.item_id)) is None:
        connection.execute(
            insert(items).values(
                id=said.item_id, feed_id=said.feed_id, url=said.url, title=said.title, text=said.text,
                published=said.published, language="en", first_seen=said.seen, baseline=False, pending=False,
            )
        )  # fmt: skip
    stories.begin_matching(connection)
    return find_story(connection, said, said.seen)


def partition(connection: Connection) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(events.c.item_id, events.c.story_id)):
        found.setdefault(row.story_id, set()).add(row.item_id)
    return {frozenset(ids) for ids in found.values()}


def meeting(item: str, day: str = "2026-11-20", **more: object) -> Report:
    when = date.fromisoformat(day)
    said: dict[str, object] = {
        "status": "held", "countries": ("PK", "RU"), "people": (SHARIF, PUTIN), "date": when,
        "published": NOON - timedelta(days=(NOON.date() - when).days), "outlet": f"{item}.example",
        "seen": NOON + timedelta(minutes=len(item)),
    }  # fmt: skip
    return report(item, **(said | more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('stories')}/stories.db")
    migrate.upgrade(opened)
    yield opened
    opened.close()


def test_stories_of_two_poor_reports_are_united_by_a_rich_one(database: Database) -> None:
    day = date(2026, 11, 20)
    place = Place("Astana", "KZ")
    sharif = report("a", outlet="a.example", status="held", people=(SHARIF,), countries=("PK",), date=day, place=place)
    putin = report("b", outlet="b.example", status="held", people=(PUTIN,), countries=("RU",), date=day, place=place)
    both = meeting("c", place=place, seen=NOON + timedelta(hours=1))
    with database.write() as transaction:
        connection = transaction.connection
        first = arrive(connection, sharif).story
        second = arrive(connection, replace(putin, seen=NOON + timedelta(minutes=5))).story
        decision = arrive(connection, both)
        if first.id == second.id:
            pytest.skip("the two poor ones agree already")
        assert not decision.opened
        assert decision.story.id == first.id
        assert f"story {second.id}" in decision.changes
        assert partition(connection) == {frozenset("abc")}
        assert [view.id for view in newest_stories(connection, limit=9)] == [first.id]
        why = {told.item_id: reasons for told, reasons in stories.reports_of(connection, second.id)}
        assert f"story {second.id} was found to be this one" in why["b"]


def test_what_a_person_merged_stays_merged_and_draws_in_what_agrees_with_either(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        one = arrive(connection, meeting("a")).story
        other = arrive(connection, meeting("b", "2026-10-01", countries=("PK", "CN"), people=(SHARIF, XI))).story
        assert one.id != other.id
        whole = story_edits.merge(connection, other.id, one.id, NOON)
        assert (whole.id, whole.items, whole.merged) == (one.id, 2, (other.id,))
        assert whole.told_as == (one.id, other.id)
        assert story_edits.merge(connection, other.id, one.id, NOON).items == 2  # twice is once
        later = arrive(connection, meeting("c", "2026-10-01", countries=("PK", "CN"), people=(SHARIF, XI)))
        assert (later.opened, later.story.id) == (False, one.id)
        assert partition(connection) == {frozenset("abc")}
        assert {told.item_id for told, _ in stories.reports_of(connection, other.id)} == set("abc")


def test_splitting_off_what_was_merged_brings_the_story_back(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        one = arrive(connection, meeting("a")).story
        other = arrive(connection, meeting("b", "2026-10-01")).story
        story_edits.merge(connection, other.id, one.id, NOON)
        rest, back = story_edits.split(connection, one.id, ["b"], NOON)
        assert (rest.id, rest.merged, rest.event) == (one.id, (), one.event)
        assert (back.id, back.into, back.split_from, back.event) == (other.id, None, None, other.event)
        assert partition(connection) == {frozenset("a"), frozenset("b")}
        assert arrive(connection, meeting("c", "2026-10-01")).story.id == other.id


def test_what_a_person_split_off_stays_apart(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        whole = arrive(connection, meeting("a")).story
        for item in ("b", "c"):
            assert arrive(connection, meeting(item)).story.id == whole.id
        rest, new = story_edits.split(connection, whole.id, ["b"], NOON)
        assert (rest.items, new.items, new.told_as) == (2, 1, (new.id, whole.id))
        assert arrive(connection, meeting("b")).story.id == new.id  # read again after an edit
        assert arrive(connection, meeting("d")).united == ()
        assert len(partition(connection)) == 2
        (why,) = [reasons for told, reasons in stories.reports_of(connection, new.id) if told.item_id == "b"]
        assert why == (f"a person split it off from story {whole.id}",)
        story_edits.merge(connection, new.id, whole.id, NOON)  # a person may think again
        assert len(partition(connection)) == 1


def test_a_faint_report_joins_what_is_known_and_changes_nothing_of_it(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        assert not join_known_story(connection, meeting("alone", score=0.3), NOON)
        assert partition(connection) == set()
        known = arrive(connection, meeting("a", place=None)).story
        faint = meeting("b", score=0.3, status="cancelled", place=Place("Astana", "KZ"))
        assert join_known_story(connection, faint, NOON)
        assert join_known_story(connection, faint, NOON)  # twice is once
        after = stories.by_id(connection, [known.id])[known.id]
        assert after.event == known.event
        assert (after.items, sorted(after.outlets)) == (2, ["a.example", "b.example"])


def test_what_was_faint_and_is_clear_when_it_is_read_again_counts(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        known = arrive(connection, meeting("a", status="planned")).story
        assert join_known_story(connection, meeting("b", score=0.3), NOON)
        stories.withdraw_echo(connection, "a")  # it was none
        stories.withdraw_echo(connection, "b")
        assert stories.by_id(connection, [known.id])[known.id].items == 1
        decision = arrive(connection, meeting("b", status="cancelled"))
        assert (decision.story.id, decision.story.event.status) == (known.id, "cancelled")
        assert decision.story.items == 2


def test_what_cannot_be_is_refused_in_one_line(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        one = arrive(connection, meeting("a")).story
        other = arrive(connection, meeting("b", "2026-10-01")).story
        third = arrive(connection, meeting("c", "2026-09-01")).story
        with pytest.raises(NotFound, match="no story 'nonsense'"):
            story_edits.merge(connection, "nonsense", one.id, NOON)
        with pytest.raises(StoryError, match="into itself"):
            story_edits.merge(connection, one.id, one.id, NOON)
        with pytest.raises(StoryError, match="nothing would be left"):
            story_edits.split(connection, one.id, ["a"], NOON)
        with pytest.raises(StoryError, match="has no item b"):
            story_edits.split(connection, one.id, ["b"], NOON)
        story_edits.merge(connection, other.id, one.id, NOON)
        with pytest.raises(StoryError, match=f"part of story {one.id} already"):
            story_edits.merge(connection, other.id, third.id, NOON)
        story_edits.merge(connection, one.id, third.id, NOON)
        assert stories.by_id(connection, [other.id])[other.id].into == third.id
        assert stored_alerts.about(connection, [third.id]) == []


def test_the_report_nearest_in_time_is_found_among_hundreds_of_one_pair(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        ids = {}
        for number in range(120):
            when = NOON - timedelta(hours=8 * number)
            said = report(
                f"i{number}", status="held", countries=("US", "CN"), date=when.date(), published=when,
                seen=NOON + timedelta(minutes=number), people=(Person(f"Minister X{number}"),),
            )  # fmt: skip
            ids[number] = arrive(connection, said).story.id
        old = NOON - timedelta(hours=8 * 90)
        poor = report("late", status="held", countries=("US", "CN"), date=old.date(), published=old, seen=NOON)
        assert arrive(connection, poor).story.id in {ids[n] for n in range(86, 95)}


moves = st.lists(
    st.tuples(st.sampled_from(["arrive", "merge", "split"]), st.integers(0, 7), st.integers(0, 7)), max_size=14
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves)
def test_whatever_people_do_every_report_is_in_one_living_story(
    sqlite_database: Database, steps: list[tuple[str, int, int]]
) -> None:
    days = [f"2026-11-{day:02}" for day in (1, 1, 1, 10, 10, 20, 20, 20)]
    with sqlite_database.write() as transaction:
        connection = transaction.connection
        for table in (events, story_keys, story_rows, items):
            connection.execute(delete(table))
        for what, a, b in [*steps, ("arrive", 0, 0)]:
            living = sorted(
                connection.execute(select(story_rows.c.id).where(story_rows.c.merged_into.is_(None))).scalars()
            )
            if what == "arrive":
                arrive(connection, meeting(f"item{a}", days[a]))
            elif what == "merge" and len(living) > 1:
                chosen = living[a % len(living)], living[b % len(living)]
                if chosen[0] != chosen[1]:
                    assert story_edits.merge(connection, *chosen, NOON).id == chosen[1]
            elif what == "split" and living:
                known = stories.by_id(connection, [living[a % len(living)]])[living[a % len(living)]]
                going = sorted({item for item, _ in known.reports})[: b % 3]
                if going and len(going) < known.items:
                    rest, new = story_edits.split(connection, known.id, going, NOON)
                    assert {item for item, _ in new.reports} == set(going)
                    assert not {item for item, _ in rest.reports} & set(going)
        rows = {row.id: row for row in connection.execute(select(story_rows))}
        for row in connection.execute(select(events)):
            assert rows[row.story_id].merged_into is None
        for row in rows.values():
            assert row.merged_into is None or rows[row.merged_into].merged_into is None
            if row.merged_into is None:
                story = stories.by_id(connection, [row.id])[row.id]
                assert story.reports
                assert row.item_count == story.items

"""Each change to what is shown of a story takes the next number, in the order of the commits."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from alerts.story import Story
from classifiers.event import Event
from store import stories, story_edits
from store.tables import events, items
from store.tables import stories as rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.database import Database

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def write(connection: Connection, story_id: str, *, reports: int = 1) -> Story:
    """Save a story with reports of its own."""
    event = Event("bilateral_meeting", 0.9, "held", ("NO", "KE"))
    story = Story(story_id, event, NOON, NOON, NOON, reports=tuple((f"{story_id}-{n}", 0) for n in range(reports)))
    stories.begin_matching(connection)
    stories.save(connection, story, [], NOON)
    for item_id, number in story.reports:
        known = connection.scalar(select(items.c.id).where(items.c.id == item_id))
        if not known:
            connection.execute(
                insert(items).values(
                    id=item_id, feed_id="f", title="t", text="", first_seen=NOON, baseline=False, pending=False
                )
            )
        stories.save_event(connection, item_id, number, event, story_id=story_id, reasons=["because"], now=NOON)
    return story


def numbers(connection: Connection) -> dict[str, tuple[int, int]]:
    return {row.id: (row.first_revision, row.revision) for row in connection.execute(select(rows))}


def test_a_story_that_opens_or_changes_has_the_highest_number(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        write(connection, "a")
        write(connection, "b")
        assert numbers(connection) == {"a": (1, 1), "b": (2, 2)}
        write(connection, "a")
        assert numbers(connection) == {"a": (1, 3), "b": (2, 2)}
        stories.touch(connection, ["b", "a"])
        assert numbers(connection) == {"a": (1, 5), "b": (2, 4)}
        stories.touch(connection, [])
        assert numbers(connection) == {"a": (1, 5), "b": (2, 4)}


def test_merging_and_splitting_number_every_story_concerned(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        for story_id in "abc":
            write(connection, story_id)
        story_edits.merge(connection, "c", "b", NOON)
        before = numbers(connection)
        assert min(before[one][1] for one in "bc") > 3
        story_edits.merge(connection, "b", "a", NOON)
        between = numbers(connection)
        assert all(between[one][1] > max(number for _, number in before.values()) for one in "abc")
        _, back = story_edits.split(connection, "a", ["b-0", "c-0"], NOON)
        after = numbers(connection)
        assert min(after[one][1] for one in ("a", back.id)) > max(number for _, number in between.values())
        assert [after[one][0] for one in "abc"] == [1, 2, 3]


def test_a_story_that_loses_a_faint_report_is_numbered_anew(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        write(connection, "a", reports=2)
        write(connection, "b")
        faint = update(events).where(events.c.item_id == "a-1").values(reasons=[stories.FAINT])
        connection.execute(faint)
        stories.withdraw_echo(connection, "a-1")
        assert numbers(connection) == {"a": (1, 3), "b": (2, 2)}


def test_who_has_seen_a_number_has_seen_all_below_it(database: Database) -> None:
    """Two writers, each with several stories a commit, and a reader that asks for what is beyond what it saw."""
    writers, commits, each = 2, 25, 3
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for commit in range(commits):
                with database.write() as transaction:
                    for number in range(each):
                        write(transaction.connection, f"{name}-{commit}-{number}")
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(writers)]
    for thread in threads:
        thread.start()
    seen: list[tuple[int, str]] = []
    last = 0
    while True:
        over = not any(thread.is_alive() for thread in threads)
        with database.read() as connection:
            found = connection.execute(
                select(rows.c.revision, rows.c.id).where(rows.c.revision > last).order_by(rows.c.revision)
            ).all()
        seen += [(row.revision, row.id) for row in found]
        last = max([last, *(row.revision for row in found)])
        if over and not found:
            break
    assert not failures
    assert len(seen) == writers * commits * each
    assert [number for number, _ in seen] == list(range(1, len(seen) + 1))
    assert len({story_id for _, story_id in seen}) == len(seen)

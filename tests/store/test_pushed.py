"""Articles that programs push are compared with the item as it is stored, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from classifiers.event import Event
from feeds.entry import Entry
from store import pushed, stories
from store.tables import items

if TYPE_CHECKING:
    from store.database import Database

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def push(database: Database, *entries: Entry) -> list[str]:
    with database.write() as transaction:
        feed = pushed.keep_source(transaction.connection, "Crawler", NOW)
        told = pushed.save_articles(transaction.connection, [(feed, entry) for entry in entries], NOW)
    assert len({item for item, _ in told}) == 1
    return [state for _, state in told]


def title(database: Database) -> str:
    with database.read() as connection:
        return str(connection.execute(select(items.c.title)).scalar_one())


def test_an_article_corrected_back_is_stored_as_it_was_pushed_last(database: Database) -> None:
    one, two = (Entry(guid="4711", title=words, text="Body.") for words in ("one", "two"))
    assert push(database, one, one, two, one) == ["new", "known", "updated", "updated"]
    assert title(database) == "one"
    assert push(database, two) == ["updated"]
    assert push(database, two, one, one) == ["known", "updated", "known"]
    assert title(database) == "one"


def test_the_same_moment_in_another_zone_is_no_change(database: Database) -> None:
    moment = NOW - timedelta(hours=1)
    push(database, Entry(guid="4711", title="one", published=moment))
    assert push(
        database, Entry(guid="4711", title="one", published=moment.astimezone(timezone(timedelta(hours=3))))
    ) == ["known"]
    assert push(database, Entry(guid="4711", title="one", published=moment + timedelta(seconds=1))) == ["updated"]


def test_an_article_without_an_address_is_its_sources(database: Database) -> None:
    meeting = Event(type="bilateral_meeting", score=0.9, status="held", countries=("KE", "ET"))
    with database.write() as transaction:
        connection = transaction.connection
        feed = pushed.keep_source(connection, "Our crawler", NOW)
        entries = [Entry(guid="1", title="one"), Entry(guid="2", title="two", link="https://www.paper.example/2")]
        for item, _ in pushed.save_articles(connection, [(feed, entry) for entry in entries], NOW):
            stories.save_event(connection, item, 0, meeting, story_id="s", reasons=["new"], now=NOW)
        told = {report.title: report.outlet for report, _ in stories.reports_of(connection, "s")}
    assert told == {"one": "Our crawler", "two": "paper.example"}


def test_what_was_forgotten_for_its_age_is_not_news_again(database: Database) -> None:
    push(database, Entry(guid="4711", title="one"))
    with database.write() as transaction:
        transaction.connection.execute(delete(items))
    assert push(database, Entry(guid="4711", title="one"), Entry(guid="4711", title="two")) == ["known", "known"]

"""The tables: made by the migrations, equal to what the code says, checked before use."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from alerts.story import Story
from classifiers.event import Event
from store import corrections, migrate, stories
from store.database import Database
from store.errors import DatabaseUnreachable, NothingYet, SchemaOutdated
from store.tables import counters, items, metadata, sightings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection


def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return list(compare_metadata(context, metadata))

    with database.read() as connection:
        assert differences(connection) == []


def test_the_newest_step_is_the_one_the_program_asks_for() -> None:
    assert ScriptDirectory.from_config(migrate.alembic_config()).get_current_head() == migrate.HEAD


def test_tables_of_an_older_version_are_upgraded_with_what_they_hold(
    database_url: str,
) -> None:
    database = Database(database_url)
    try:
        with database.write() as transaction:
            config = migrate.alembic_config()
            config.attributes["connection"] = transaction.connection
            now = datetime(2026, 11, 20, tzinfo=UTC)
            story = Story("s", Event("bilateral_meeting", 0.9), now, now, now, prints=((1, 2**32 - 1), ()))
            stories.save(transaction.connection, story, ["key"], now)
            command.downgrade(config, "0001")
            stored = transaction.connection.execute(text("SELECT prints FROM stories")).scalar()
            assert stored in ("[[1, 4294967295], []]", [[1, 4294967295], []])
            transaction.connection.execute(counters.insert().values(name="n", labels="", value=7.0))
        with pytest.raises(SchemaOutdated, match="run `seedwire migrate`"):
            migrate.check(database)
        assert migrate.upgrade(database)
        migrate.check(database)
        assert not migrate.upgrade(database)
        with database.read() as connection:
            assert connection.execute(select(counters.c.value)).scalar() == 7.0
            assert connection.execute(select(sightings)).all() == []
            assert stories.by_id(connection, ["s"]) == {"s": story}
    finally:
        database.close()


def test_labels_of_before_the_journal_are_in_it_and_can_be_taken_back(database_url: str) -> None:
    database = Database(database_url)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    row = {"feed_id": "f", "title": "t", "text": "", "first_seen": now, "baseline": False, "pending": False}
    try:
        with database.write() as transaction:
            connection = transaction.connection
            config = migrate.alembic_config()
            config.attributes["connection"] = connection
            for item_id in ("old", "said", "plain"):
                connection.execute(items.insert().values(id=item_id, **row))
            corrections.record(connection, ["said"], "energy_deal", by="me", now=now)
            command.downgrade(config, "0015")
            connection.execute(items.update().where(items.c.id == "old").values(label="none"))
            command.upgrade(config, "head")
            journal = corrections.newest(connection, limit=9)
            assert [(one.id, one.label, one.by, dict(one.before)) for one in journal] == [
                (2, "none", "seedwire items label", {"old": None}),
                (1, "energy_deal", "me", {"said": None}),
            ]
            corrections.undo(connection, 2, by="me", now=now)
            labels = connection.execute(select(items.c.id, items.c.label).order_by(items.c.id)).all()
            assert [tuple(one) for one in labels] == [("old", None), ("plain", None), ("said", "energy_deal")]
    finally:
        database.close()


def test_many_may_migrate_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/seedwire.db"
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: migrate.upgrade(Database(url)), range(4)))
    assert sum(done) == 1
    migrate.check(Database(url))


def test_a_file_that_somebody_else_is_just_making_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "seedwire.db"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE theirs (one)")
    database = Database(f"sqlite:///{file}")
    try:
        with ThreadPoolExecutor(1) as pool:
            upgrading = pool.submit(migrate.upgrade, database)
            with pytest.raises(TimeoutError):
                upgrading.result(timeout=0.3)
            other.execute("COMMIT")
            assert upgrading.result(timeout=20)
    finally:
        other.close()
        database.close()


def test_a_database_without_tables_or_from_the_future_is_said(tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(NothingYet, match=r"nothing has run yet: `seedwire up` \(or `seedwire poll`\) makes its tables"):
        migrate.check(empty)
    with empty.write() as transaction:
        transaction.connection.execute(text("CREATE TABLE other (id INTEGER)"))
    with pytest.raises(SchemaOutdated, match="run `seedwire migrate`"):
        migrate.check(empty)
    migrate.upgrade(empty)
    with empty.write() as transaction:
        transaction.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaOutdated, match="newer Seedwire"):
        migrate.check(empty)
    with pytest.raises(SchemaOutdated, match="newer Seedwire"):
        migrate.upgrade(empty)


def test_an_unreachable_database_is_one_clear_line_without_its_password() -> None:
    database = Database("postgresql://user:hunter2@127.0.0.1:1/seedwire")
    with pytest.raises(DatabaseUnreachable) as raised:
        migrate.check(database)
    assert "127.0.0.1:1/seedwire" in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_address_that_is_none_is_said() -> None:
    with pytest.raises(DatabaseUnreachable, match="expected sqlite:///FILE or postgresql://"):
        Database("nonsense")

"""Bring the tables up to this program, or say clearly that they are not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from store.database import serialize
from store.errors import NothingYet, SchemaOutdated

if TYPE_CHECKING:
    from alembic.config import Config

    from store.database import Database

#: The newest step in store/migrations/versions (a test holds it there): known here so that a check needs no Alembic.
HEAD = "0016"

_MIGRATE_LOCK = 0x5EED_0000


def upgrade(database: Database) -> bool:
    """Create or upgrade the tables, in one transaction; True when anything was done. Safe to run at once from many.

    Raises SchemaOutdated when the tables are newer than this program, DatabaseUnreachable when it cannot be reached.
    """
    with database.write() as transaction:
        connection = transaction.connection
        serialize(connection, _MIGRATE_LOCK)
        before = _current(database)
        if before == HEAD:
            return False
        if before is not None and not _step(before).exists():
            raise SchemaOutdated(_newer(database, before))
        from alembic import command

        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True


def check(database: Database) -> None:
    """Raise SchemaOutdated unless the tables are those of this program, NothingYet where there are none at all."""
    before = _current(database)
    if before == HEAD:
        return
    if before is None and not _has_tables(database):
        raise NothingYet(
            f"database {database.shown}: nothing has run yet: `seedwire up` (or `seedwire poll`) makes its tables"
        )
    if before is None or _step(before).exists():
        raise SchemaOutdated(f"database {database.shown} has no tables of this version yet; run `seedwire migrate`")
    raise SchemaOutdated(_newer(database, before))


def alembic_config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _current(database: Database) -> str | None:
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(version) if version else None


def _has_tables(database: Database) -> bool:
    with database.read() as connection:
        return bool(inspect(connection).get_table_names())


def _step(version: str) -> Path:
    folder = Path(__file__).parent / "migrations" / "versions"
    return next(iter(folder.glob(f"{version}_*.py")), folder / f"{version}_missing")


def _newer(database: Database, version: str) -> str:
    return (
        f"database {database.shown} was made by a newer Seedwire (its tables are at {version}, this program knows "
        f"{HEAD}); upgrade the program or restore a backup"
    )

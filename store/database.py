"""The connection to the database, and the transaction every atomic step runs in."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, func, make_url, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, ProgrammingError

from store.errors import DatabaseUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from sqlalchemy import Connection, Engine, Table
    from sqlalchemy.dialects import postgresql

#: How long a writer waits for another one on SQLite before it gives up, in seconds.
BUSY_TIMEOUT = 30
_WRITES = "seedwire_writes"


@dataclass(slots=True)
class Transaction:
    """One atomic step. ``connection`` reads and writes; what is given to ``after_commit`` runs once it is durable.

    A Celery message about a row that was rolled back would be a lie, and one sent before the commit may find nothing:
    so hints are only ever sent from here.
    """

    connection: Connection
    _after: dict[Hashable, Callable[[], None]] = field(default_factory=dict)

    def after_commit(self, action: Callable[[], None], *, once: Hashable = None) -> None:
        """Run ``action`` after the commit; of several that are given the same ``once``, only the last."""
        self._after[once if once is not None else object()] = action


class Database:
    """SQLite or PostgreSQL behind one face. Safe to share between threads, not across a fork."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise DatabaseUnreachable(
                "service.database_url is not a database address; expected sqlite:///FILE or postgresql://USER@HOST/NAME"
            ) from None
        self.sqlite = parsed.get_backend_name() == "sqlite"
        # Without its query, which may hold a password too.
        self.shown = parsed.set(query={}).render_as_string(hide_password=True)
        if self.sqlite:
            if parsed.database:
                _make_folder(Path(parsed.database).parent)
            self.engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT}, pool_size=8, max_overflow=64)
            _prepare_sqlite(self.engine)
        else:
            self.engine = create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                connect_args={"connect_timeout": 5},
                pool_pre_ping=True,
                pool_size=8,
                max_overflow=64,
            )
        # SQLite has one writer at a time; threads of one process queue here, which is fair, instead of in its
        # busy handler, which is not.
        self._turn = threading.Lock() if self.sqlite else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that writes nothing. On SQLite its statements see one state, on PostgreSQL each the newest."""
        with self._clear_errors(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction: committed when the block ends, rolled back when it raises, its hooks run after the commit."""
        with self._clear_errors(), self._turn, self.engine.connect() as connection:
            connection = connection.execution_options(**{_WRITES: True})
            transaction = Transaction(connection)
            with connection.begin():
                yield transaction
        for action in transaction._after.values():
            action()

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, ProgrammingError, DataError):
            raise  # a mistake of ours, not the database's state
        except DBAPIError as error:
            raise DatabaseUnreachable(
                f"database {self.shown}: {_first_line(error)} (see service.database_url)"
            ) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnreachable(f"cannot make {folder} for the database: {error.strerror}") from None


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if error.orig else str(error)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        # The driver must not open transactions of its own: ours begin IMMEDIATE, or two readers that both go on
        # to write would deadlock.
        connection.isolation_level = None
        # WAL with synchronous=NORMAL survives the death of any process; a power cut may undo the last commits, which
        # are then made again: validators and items go back together.
        _use_wal(connection)
        for pragma in ("synchronous=NORMAL", "foreign_keys=ON", "cache_size=-16000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Wait for whoever makes the file at this moment: SQLite itself gives this one change up at once."""
    until = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of the dialect in use; both know ON CONFLICT in the same words."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """For statements that are made once and kept."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    # Loaded where it is used: that takes a while.
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def upsert(
    connection: Connection, table: Table, index: tuple[str, ...], *, keep: tuple[str, ...] = ()
) -> sqlite.Insert | postgresql.Insert:
    """The statement that writes rows, over those with the same index, but for the columns to ``keep`` of these."""
    return _upsert(connection.dialect.name, table, index, keep)


@cache  # making it costs more than running it
def _upsert(
    dialect: str, table: Table, index: tuple[str, ...], keep: tuple[str, ...]
) -> sqlite.Insert | postgresql.Insert:
    statement = insert_for(dialect, table)
    anew = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in {*index, *keep}}
    return statement.on_conflict_do_update(index_elements=list(index), set_=anew)


def serialize(connection: Connection, key: int) -> None:
    """Let one transaction at a time past this point, for steps that look at many rows before they write one.

    SQLite's write transactions already are; PostgreSQL takes an advisory lock that the commit lets go.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(key)))

"""Many rows in one step, at the driver's own price: what SQLAlchemy does for each row of an executemany costs more than
the database itself. Values are written as the types of their columns write them.

    insert_rows, update_rows   through the driver, where each row is a statement of its own
    given_rows                 as a table in a statement, where rows have to meet those of another
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Column, Connection, Subquery

_MARK = {"sqlite": "?", "postgresql": "%s"}
_GIVEN = {
    "sqlite": ("json_extract(value, '$[{}]') AS {}", "json_each(:rows)"),
    "postgresql": ("value ->> {} AS {}", "jsonb_array_elements(CAST(:rows AS jsonb))"),
}


def insert_rows(connection: Connection, columns: Sequence[Column[Any]], rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows into the table of ``columns``; those that are there already are left as they are."""
    names = ", ".join(column.name for column in columns)
    marks = ", ".join(_MARK[connection.dialect.name] for _ in columns)
    statement = f"INSERT INTO {columns[0].table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
    _execute(connection, statement, columns, rows)


def update_rows(connection: Connection, columns: Sequence[Column[Any]], rows: Sequence[tuple[object, ...]]) -> None:
    """Give the rows with these primary keys, which is the last of ``columns``, the values of the others."""
    *changed, key = columns
    mark = _MARK[connection.dialect.name]
    changes = ", ".join(f"{column.name} = {mark}" for column in changed)
    _execute(connection, f"UPDATE {key.table} SET {changes} WHERE {key.name} = {mark}", columns, rows)  # noqa: S608


def given_rows(dialect: str, *columns: Column[Any]) -> Subquery:
    """A table of the rows in the JSON parameter ``rows``: thousands in one statement cost a microsecond each."""
    column, source = _GIVEN[dialect]
    named = ", ".join(column.format(number, one.name) for number, one in enumerate(columns))
    return text(f"SELECT {named} FROM {source}").columns(*columns).subquery("given")  # noqa: S608 - names of ours


def _execute(
    connection: Connection, statement: str, columns: Sequence[Column[Any]], rows: Sequence[tuple[object, ...]]
) -> None:
    if not rows:
        return
    writers = [column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for column in columns]
    written = [_written(write, values) for write, values in zip(writers, zip(*rows, strict=True), strict=True)]
    connection.exec_driver_sql(statement, list(zip(*written, strict=True)))


def _written(write: Callable[[Any], object] | None, values: tuple[object, ...]) -> Iterable[object]:
    if write is None:
        return values
    if values.count(values[0]) == len(values):  # as often, the time of the writing itself
        return (write(values[0]),) * len(values)
    return map(write, values)

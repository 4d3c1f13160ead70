"""Tokens and sessions in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from store import access
from store.errors import NotFound

if TYPE_CHECKING:
    from store.database import Database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def make(database: Database, name: str, *, now: datetime = NOW, lifetime: timedelta | None = None) -> str:
    with database.write() as transaction:
        return access.create_token(transaction.connection, name, "read", now, lifetime)


def states(database: Database, now: datetime = NOW) -> dict[str, str]:
    with database.read() as connection:
        return {token.name: token.state(now) for token in access.list_tokens(connection)}


def test_tokens_are_known_by_what_is_stored_of_them(database: Database) -> None:
    first, second = make(database, "desk"), make(database, "archive", now=NOW + DAY)
    assert first != second
    with database.read() as connection:
        known = access.known(connection)
        assert {digest: token.name for digest, token in known.tokens.items()} == {
            access.digest(first): "desk",
            access.digest(second): "archive",
        }
        assert [token.name for token in access.list_tokens(connection)] == ["desk", "archive"]


def test_a_name_is_taken_while_its_token_is_valid(database: Database) -> None:
    make(database, "desk", lifetime=DAY)
    with pytest.raises(access.NameTaken, match=r'a valid token "desk"'):
        make(database, "desk")
    make(database, "desk", now=NOW + DAY)
    with database.write() as transaction:
        access.revoke_token(transaction.connection, "desk", NOW)
    make(database, "desk")
    assert states(database) == {"desk": "valid"}


def test_what_ended_stays_known_until_it_is_forgotten(database: Database) -> None:
    for name, lifetime in (("old", DAY), ("revoked", None), ("good", 3 * DAY)):
        make(database, name, lifetime=lifetime)
    with database.write() as transaction:
        assert access.revoke_token(transaction.connection, "revoked", NOW).revoked is None
        assert access.revoke_token(transaction.connection, "revoked", NOW + DAY).revoked == NOW
        with pytest.raises(NotFound, match="no token"):
            access.revoke_token(transaction.connection, "nobody", NOW)
    later = NOW + DAY
    assert states(database, later) == {"old": "expired", "revoked": "revoked", "good": "valid"}
    with database.write() as transaction:
        assert access.forget_tokens(transaction.connection, later) == 2
        assert access.forget_tokens(transaction.connection, later) == 0
    assert states(database, later) == {"good": "valid"}


def test_revoking_a_token_ends_the_sessions_it_opened_and_no_other(database: Database) -> None:
    digests = {name: access.digest(make(database, name)) for name in ("desk", "archive")}
    with database.write() as transaction:
        for name, digest in digests.items():
            access.open_session(transaction.connection, f"session of {name}", digest, NOW)
        access.revoke_token(transaction.connection, "desk", NOW)
        assert set(access.known(transaction.connection).sessions) == {access.digest("session of archive")}


def test_uses_are_noted_of_tokens_and_sessions(database: Database) -> None:
    token = make(database, "desk")
    make(database, "archive")
    with database.write() as transaction:
        connection = transaction.connection
        access.open_session(connection, "s", access.digest(token), NOW)
        access.note_use(connection, [access.digest(token), access.digest("s")], NOW + DAY / 2)
        known = access.known(connection)
        assert {one.name: one.used for one in known.tokens.values()} == {"desk": NOW + DAY / 2, "archive": None}
        (session,) = known.sessions.values()
        assert (session.created, session.used) == (NOW, NOW + DAY / 2)
        access.end_session(connection, access.digest("s"))
        assert not access.known(connection).sessions


def test_whether_there_are_any_is_asked_without_making_a_database(
    database_url: str, database: Database, tmp_path
) -> None:
    missing = tmp_path / "nowhere" / "seedwire.db"
    assert not access.are_there_tokens(f"sqlite:///{missing}")
    assert not missing.parent.exists()
    assert not access.are_there_tokens(database_url)
    make(database, "desk")
    assert access.are_there_tokens(database_url)

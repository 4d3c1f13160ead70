"""Who may come in: the tokens that were made, and the sessions of people who logged in to the page with one.

Of both only the SHA-256 is stored, so a copy of the database opens nothing. A slow hash with salt is for what people
think up; these hold 256 random bits, which nobody guesses however fast they can try.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import delete, make_url, or_, select, update

from store.database import Database
from store.errors import NotFound, StoreError
from store.tables import sessions, tokens

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection
    from sqlalchemy.engine import Row

Scope = Literal["read", "write"]

#: What every token begins with, so that a secret scanner knows one where it should not be: swt_[A-Za-z0-9_-]{43}.
PREFIX = "swt_"
_BYTES = 32

#: A session ends this long after its last request, and this long after the login in any case.
IDLE = timedelta(days=1)
LONGEST = timedelta(days=14)


class NameTaken(StoreError):
    """A valid token has the name already."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; the token itself is known to whom it was given alone. Who may write may read too."""

    name: str
    scope: Scope
    created: datetime
    expires: datetime | None
    used: datetime | None
    revoked: datetime | None

    def state(self, now: datetime) -> Literal["valid", "expired", "revoked"]:
        if self.revoked:
            return "revoked"
        return "expired" if self.expires and self.expires <= now else "valid"


@dataclass(frozen=True, slots=True)
class Session:
    """A login to the page; ``proof`` is the digest of its token, or :func:`prove` of the config's."""

    proof: str
    created: datetime
    used: datetime

    def is_over(self, now: datetime) -> bool:
        return now >= min(self.created + LONGEST, self.used + IDLE)


@dataclass(frozen=True, slots=True)
class Known:
    """Every token and session there is, by digest."""

    tokens: dict[str, Token]
    sessions: dict[str, Session]


def digest(secret: str) -> str:
    """What is stored of a token or a session, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def prove(session: str, token: str) -> str:
    """What ties a session to a token that a person may have thought up: of no use to guess it by without the session,
    which is not stored."""
    return hmac.digest(session.encode(), token.encode(), "sha256").hex()


def create_token(
    connection: Connection, name: str, scope: Scope, now: datetime, lifetime: timedelta | None = None
) -> str:
    """Make a token and give it back, which nothing can do a second time. One of the name that is no longer valid
    makes room. Raises NameTaken."""
    row = connection.execute(select(tokens).where(tokens.c.name == name)).one_or_none()
    if row is not None:
        if _token(row).state(now) == "valid":
            raise NameTaken(f'there is a valid token "{name}"; take another name, or revoke that one first')
        connection.execute(delete(tokens).where(tokens.c.name == name))
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    expires = now + lifetime if lifetime else None
    connection.execute(
        tokens.insert().values(name=name, digest=digest(secret), scope=scope, created=now, expires=expires)
    )
    return secret


def list_tokens(connection: Connection) -> list[Token]:
    """Every token that is not forgotten, the oldest first."""
    return [_token(row) for row in connection.execute(select(tokens).order_by(tokens.c.created, tokens.c.name))]


def revoke_token(connection: Connection, name: str, now: datetime) -> Token:
    """End a token and every session it opened; one that is revoked stays so. Raises NotFound."""
    row = connection.execute(select(tokens).where(tokens.c.name == name)).one_or_none()
    if row is None:
        raise NotFound(f'no token "{name}"; `seedwire tokens list` shows them')
    if row.revoked is None:
        connection.execute(update(tokens).where(tokens.c.name == name).values(revoked=now))
        connection.execute(delete(sessions).where(sessions.c.proof == row.digest))
    return _token(row)


def forget_tokens(connection: Connection, now: datetime) -> int:
    """Delete the tokens that are no longer valid; how many there were."""
    over = or_(tokens.c.revoked.is_not(None), tokens.c.expires <= now)
    return connection.execute(delete(tokens).where(over)).rowcount


def are_there_tokens(database_url: str) -> bool:
    """Whether any is known, valid or not; asks the database without making one. Raises StoreError."""
    file = make_url(database_url).database if database_url.startswith("sqlite") else None
    if file and not Path(file).is_file():
        return False
    database = Database(database_url)
    try:
        with database.read() as connection:
            return connection.execute(select(tokens.c.name).limit(1)).one_or_none() is not None
    finally:
        database.close()


def known(connection: Connection) -> Known:
    return Known(
        {row.digest: _token(row) for row in connection.execute(select(tokens))},
        {
            row.digest: Session(row.proof, row.created, row.used)
            for row in connection.execute(select(sessions))
        },
    )  # fmt: skip


def open_session(connection: Connection, session: str, proof: str, now: datetime) -> None:
    """Store a login, and clear away those that are over."""
    over = or_(sessions.c.created <= now - LONGEST, sessions.c.used <= now - IDLE)
    connection.execute(delete(sessions).where(over))
    connection.execute(sessions.insert().values(digest=digest(session), proof=proof, created=now, used=now))


def new_session() -> str:
    return secrets.token_urlsafe(_BYTES)


def end_session(connection: Connection, session_digest: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.digest == session_digest))


def note_use(connection: Connection, digests: Collection[str], now: datetime) -> None:
    """Remember that these tokens and sessions were used."""
    for table in (tokens, sessions):
        connection.execute(update(table).where(table.c.digest.in_(sorted(digests))).values(used=now))


def _token(row: Row[tuple[object, ...]]) -> Token:
    return Token(row.name, row.scope, row.created, row.expires, row.used, row.revoked)

"""Whom a token, or the cookie of a login, speaks for.

What is valid is read from the database at most once a second and kept in memory between, so that a request costs a
hash and a look-up, and what is revoked in one process ends in all of them within that second.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from store import access
from store.errors import StoreError
from web.access import ALLOWED, WRITE, Principal
from web.failures import FailureLimit
from worker import logs
from worker.config.addresses import is_this_machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from worker.context import Context

log = logs.get(__name__)

#: How long what was read counts, in seconds.
FRESH = 1.0
#: Uses are written down this much apart.
NOTED_EVERY = timedelta(minutes=1)

#: Where no token is set, this machine may do everything; so may whoever holds the token of the config.
LOOPBACK = Principal("this machine", ALLOWED[WRITE])
CONFIGURED = Principal("the configured token", ALLOWED[WRITE])


class Credentials:
    """One a process, used from its event loop. ``configured`` gives the token of the config, None for none; it is asked
    anew each time, since the config may change while running."""

    def __init__(self, context: Context, configured: Callable[[], str | None]) -> None:
        self.configured = configured
        self.failures = FailureLimit()
        self._context = context
        self._known: access.Known | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()
        self._uses: set[str] = set()

    async def are_asked_for(self) -> bool:
        """False where there is no token of any kind and only this machine can come.

        Once a token was made, one is asked for, also when the last is revoked or expires: that opens nothing.
        """
        if self.configured() or (await self._all()).tokens:
            return True
        service = self._context.config.service
        return not service.listen.is_loopback or bool(service.public_url and not is_this_machine(service.public_url))

    async def by_token(self, token: str, peer: str) -> Principal:
        """Raises HTTPException: 401 where it is not valid, 429 where the peer has shown too many such.

        One that was made here is looked up before the peer's failures are: nobody guesses one, and somebody else's
        mistakes behind the same proxy shall not keep its owner out. The config's may be a word that can be guessed, so
        it is not even compared while the peer has to wait.
        """
        digest = access.digest(token)
        configured = self.configured()
        try:
            tokens = (await self._all()).tokens
        except (StoreError, SQLAlchemyError):
            if not configured:
                raise
            tokens = {}  # the token of the config opens /metrics also while the database does not answer
        made = tokens.get(digest)
        now = self._context.now()
        if made and made.state(now) == "valid":
            if _is_old(made.used, now):
                # Also here, so that it is written once and not by every request until it is read again.
                tokens[digest] = replace(made, used=now)
                self._uses.add(digest)
            return Principal(made.name, ALLOWED[made.scope])
        if made:
            # Nobody guessed it, so it is not held against the peer: a program that was forgotten may go on for ever.
            self._context.counts.add("seedwire_auth_failures_total")
            log.info("token refused", peer=peer, state=made.state(now), name=made.name)
            raise HTTPException(401, f"This token is {made.state(now)}.")
        wait = self.failures.wait(peer)
        if wait:
            seconds = int(wait) + 1
            raise HTTPException(
                429,
                f"Too many wrong tokens came from your address. Try again in {seconds} s.",
                {"retry-after": str(seconds)},
            )
        if configured and hmac.compare_digest(token.encode(), configured.encode()):
            return CONFIGURED
        self.failures.failed(peer)
        self._context.counts.add("seedwire_auth_failures_total")
        log.warning("token refused", peer=peer, state="unknown")
        raise HTTPException(401, "This token is not known here.")

    async def by_session(self, session: str) -> Principal | None:
        """Whom the cookie of a login speaks for; None where it is over, or its token no longer valid."""
        known = await self._all()
        digest = access.digest(session)
        found = known.sessions.get(digest)
        now = self._context.now()
        if found is None or found.is_over(now):
            return None
        made = known.tokens.get(found.proof)
        configured = self.configured()
        if made and made.state(now) == "valid":
            principal = Principal(made.name, ALLOWED[made.scope], session=session)
        elif configured and hmac.compare_digest(found.proof, access.prove(session, configured)):
            principal = Principal(CONFIGURED.name, CONFIGURED.scopes, session=session)
        else:
            return None
        if _is_old(found.used, now):
            known.sessions[digest] = replace(found, used=now)
            self._uses |= {digest, found.proof}
        return principal

    async def log_in(self, token: str, peer: str) -> str:
        """Open a session by a token and give what its cookie holds. Raises HTTPException as :meth:`by_token` does."""
        principal = await self.by_token(token, peer)
        session = access.new_session()
        digest = access.digest(token)
        is_made = self._known is not None and digest in self._known.tokens
        proof = digest if is_made else access.prove(session, token)

        def store() -> None:
            with self._context.database.write() as transaction:
                access.open_session(transaction.connection, session, proof, self._context.now())

        await run_in_threadpool(store)
        await self._read_anew()
        log.info("logged in", peer=peer, token=principal.name)
        return session

    async def log_out(self, session: str) -> None:
        def end() -> None:
            with self._context.database.write() as transaction:
                access.end_session(transaction.connection, access.digest(session))

        await run_in_threadpool(end)
        await self._read_anew()

    async def write_uses(self) -> None:
        """Write down what was used since the last time. To be called when the answer is out: nobody waits for it."""
        uses, self._uses = self._uses, set()
        if not uses:
            return

        def write() -> None:
            with self._context.database.write() as transaction:
                access.note_use(transaction.connection, uses, self._context.now())

        try:
            await run_in_threadpool(write)
        except (StoreError, SQLAlchemyError) as error:
            log.warning("the use of a token is not written down", error=str(error).splitlines()[0])

    async def _read_anew(self) -> None:
        """Behind a reading that is under way, which may not have seen what was just written."""
        async with self._reading:
            self._known = None

    async def _all(self) -> access.Known:
        if self._known is not None and time.monotonic() - self._read_at <= FRESH:
            return self._known
        async with self._reading:
            if self._known is None or time.monotonic() - self._read_at > FRESH:
                # Before the reading: what changes meanwhile is seen by the next one.
                at = time.monotonic()
                self._known = await run_in_threadpool(self._read)
                self._read_at = at
            return self._known

    def _read(self) -> access.Known:
        with self._context.database.read() as connection:
            return access.known(connection)


def _is_old(used: datetime | None, now: datetime) -> bool:
    return used is None or now - used >= NOTED_EVERY

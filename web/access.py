"""Who asks, and what they may do: the guard (web.guard) puts a :class:`Principal` on every request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request

if TYPE_CHECKING:
    from starlette.types import Scope

READ = "read"
WRITE = "write"

#: What a scope of a token allows: who may write may read too.
ALLOWED = {READ: frozenset({READ}), WRITE: frozenset({READ, WRITE})}


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever a request's credentials speak for. ``name`` is shown and logged; it is no secret, as ``session`` is: what
    the cookie holds where somebody logged in to the page, else None."""

    name: str
    scopes: frozenset[str]
    session: str | None = field(default=None, repr=False)

    @property
    def may_write(self) -> bool:
        return WRITE in self.scopes


#: Where no credentials are asked for: health, and the hubs' callback.
NOBODY = Principal("nobody", frozenset())


def set_principal(scope: Scope, principal: Principal) -> None:
    """Make it ``request.state.principal``."""
    scope.setdefault("state", {})["principal"] = principal


def principal_of(request: Request) -> Principal:
    principal: Principal = request.state.principal
    return principal


def may_write(request: Request) -> None:
    """For ``dependencies=[Depends(may_write)]`` of every route that changes anything: raises 403 unless it may."""
    principal = principal_of(request)
    if not principal.may_write:
        raise HTTPException(
            403,
            f"This needs the scope `{WRITE}`; {principal.name} has "
            f"{' and '.join(f'`{scope}`' for scope in sorted(principal.scopes)) or 'none'}. "
            "`seedwire tokens create NAME --scope write` makes a token that has it.",
        )

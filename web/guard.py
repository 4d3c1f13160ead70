"""Who is let in: a bearer token where one is set, else this machine alone; and the headers every answer carries."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from web.access import ALLOWED, NOBODY, WRITE, Principal, set_principal
from web.problem import ProblemResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Below this, an address is its own proof (web.websub), whatever name of ours the caller knows or a proxy gives us.
OPEN_BELOW = "/websub/"

#: Orchestrators ask these without credentials; they tell no more than whether the service works.
OPEN_PATHS = frozenset({"/healthz", "/readyz"})

SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

#: Where no token is set, this machine may do everything; so may whoever holds the token of the config.
LOOPBACK = Principal("this machine", ALLOWED[WRITE])
CONFIGURED = Principal("the configured token", ALLOWED[WRITE])

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


class Guard:
    """ASGI middleware. ``token`` is asked anew for every request, since the config may change while running.

    With a token, a request needs ``Authorization: Bearer TOKEN``; a browser may send it as the password of HTTP
    Basic, whatever the user name. Without one, only peers on loopback that also named loopback as ``Host`` are
    served: a page elsewhere that rebinds its own name to 127.0.0.1 keeps its name in ``Host``.
    """

    def __init__(self, app: ASGIApp, token: Callable[[], str | None]) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        is_open = scope["path"] in OPEN_PATHS or scope["path"].startswith(OPEN_BELOW)
        set_principal(scope, NOBODY)
        refusal = None if is_open else self._refuse(scope)
        await (refusal or self.app)(scope, receive, send_with_headers)

    def _refuse(self, scope: Scope) -> ProblemResponse | None:
        headers = Headers(scope=scope)
        token = self.token()
        if token:
            if _holds(headers.get("authorization", ""), token):
                set_principal(scope, CONFIGURED)
                return None
            refusal = ProblemResponse(
                401,
                "This needs the API token: send it as 'Authorization: Bearer TOKEN', or as the password when a browser "
                "asks (any user name).",
            )
            # A line each: browsers, which know Basic alone, do not find it behind a comma.
            for scheme in ("Bearer", "Basic"):
                refusal.headers.append("www-authenticate", f'{scheme} realm="Seedwire"')
            return refusal
        peer = scope["client"][0] if scope.get("client") else ""
        if not _is_loopback(peer) or any(name in headers for name in _FORWARDED):
            return ProblemResponse(
                403, "No API token is set, so only this machine itself is served. Set service.api_token to open it."
            )
        if not _names_loopback(headers.get("host", "")):
            return ProblemResponse(
                403,
                "No API token is set, so this is served under localhost, 127.0.0.1 and [::1] alone. "
                "Set service.api_token to serve it under another name.",
            )
        set_principal(scope, LOOPBACK)
        return None


def _holds(authorization: str, token: str) -> bool:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            _, _, credentials = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(credentials.strip().encode(), token.encode())


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback


def _names_loopback(host: str) -> bool:
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.lower() == "localhost" or _is_loopback(name)

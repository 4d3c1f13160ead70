"""Who is let in, what other sites may cause, and the headers every answer carries."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from store.errors import StoreError
from web import cookie
from web.access import NOBODY, Principal, set_principal
from web.credentials import LOOPBACK
from web.pages.errors import as_asked
from web.problem import ProblemResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from web.credentials import Credentials
    from worker.context import Context

#: Below this, an address is its own proof (web.websub), whatever name of ours the caller knows or a proxy gives us.
OPEN_BELOW = "/websub/"

#: Orchestrators ask the first two without credentials; they tell no more than whether the service works. The others
#: are how people come in.
OPEN_PATHS = frozenset({"/healthz", "/readyz", "/login", "/logout"})
_OPEN_FOLDERS = (OPEN_BELOW, "/static/")

#: Programs ask these, also where it is a browser that does: they are answered, not sent to the login page.
_FOR_PROGRAMS = ("/api/", "/metrics")

SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

_ADDED = [(name.encode(), value.encode()) for name, value in (SECURITY_HEADERS | {"cache-control": "no-store"}).items()]

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


class Guard:
    """ASGI middleware around the application.

    Where a token is asked for, a request needs ``Authorization: Bearer TOKEN``, or the token as the password of HTTP
    Basic, whatever the user name, or the cookie of a login. Where none is, only peers on loopback that also named
    loopback as ``Host`` are served: a page elsewhere that rebinds its own name to 127.0.0.1 keeps its name in ``Host``.

    What another site's page causes is refused whatever the credentials, but for following a link. Browsers say so in
    ``Sec-Fetch-Site``, which no page can change; older ones, and all of them by plain http, in ``Origin`` where a
    request could change anything. (Go's ``http.CrossOriginProtection`` decides alike.)
    """

    def __init__(self, app: ASGIApp, credentials: Credentials, context: Context) -> None:
        self.app = app
        self.credentials = credentials
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        streams = is_over = False

        async def send_guarded(message: Message) -> None:
            nonlocal streams, is_over
            if message["type"] == "http.response.start":
                told = dict(message["headers"])
                message["headers"] = [*message["headers"], *(pair for pair in _ADDED if pair[0] not in told)]
                streams = told.get(b"content-type", b"").startswith(b"text/event-stream")
            elif streams and (refused := await self._refuse(scope)) and refused.status_code != 503:
                # (503 only says that the database does not: what was valid a moment ago still counts.)
                is_over = True
                # To the application it is as if the client had gone.
                raise OSError("what this stream was opened with is not valid any more")
            await send(message)

        set_principal(scope, NOBODY)
        refusal = await self._refuse(scope)
        if isinstance(refusal, ProblemResponse) and refusal.status_code != 401:  # which browsers ask about themselves
            refusal = as_asked(Request(scope), refusal)
        try:
            await (refusal or self.app)(scope, receive, send_guarded)
        except Exception:
            if not is_over:
                raise
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        await self.credentials.write_uses()

    async def _refuse(self, scope: Scope) -> Response | None:
        """None where the request is let in, and its principal is known."""
        path: str = scope["path"]
        headers = Headers(scope=scope)
        if not path.startswith(OPEN_BELOW) and self._is_caused_elsewhere(scope["method"], headers):
            return ProblemResponse(403, "Another site's page is behind this request. Only links to here are followed.")
        if path in OPEN_PATHS or path.startswith(_OPEN_FOLDERS):
            return None
        try:
            principal = await self._identify(scope, headers)
        except HTTPException as error:
            return _problem(error, headers)
        except (StoreError, SQLAlchemyError):
            return ProblemResponse(503, "The database does not answer, so nobody can be let in. The log says more.")
        if principal is None:
            return _ask_for_credentials(scope, headers)
        if principal.session and scope["method"] not in _SAFE_METHODS and not _says_whence(headers):
            return ProblemResponse(
                403, "A browser says where a request comes from (Sec-Fetch-Site or Origin); programs send a token."
            )
        set_principal(scope, principal)
        return None

    async def _identify(self, scope: Scope, headers: Headers) -> Principal | None:
        """Raises HTTPException where it may not be let in, whatever it would send."""
        peer: str = scope["client"][0] if scope.get("client") else ""
        if not await self.credentials.are_asked_for():
            _check_this_machine(peer, headers)
            return LOOPBACK
        token = _token_of(headers.get("authorization", ""))
        if token:
            return await self.credentials.by_token(token, peer)
        session = cookie.read(headers, is_https=self.came_by_https(scope, headers))
        return await self.credentials.by_session(session) if session else None

    def _is_caused_elsewhere(self, method: str, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site:
            follows_a_link = method in _SAFE_METHODS and headers.get("sec-fetch-mode") == "navigate"
            return site not in {"same-origin", "none"} and not follows_a_link
        origin = headers.get("origin")
        if method in _SAFE_METHODS or not origin:
            return False
        ours = {headers.get("host", "").lower(), urlsplit(self._context.config.service.public_url).netloc.lower()}
        return origin.lower().partition("://")[2] not in ours - {""}

    def came_by_https(self, scope: Scope, headers: Headers) -> bool:
        return cookie.came_by_https(scope["scheme"], headers, self._context.config.service.public_url)


def _says_whence(headers: Headers) -> bool:
    return "sec-fetch-site" in headers or "origin" in headers


def _token_of(authorization: str) -> str:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            _, _, credentials = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ""
    elif scheme.lower() != "bearer":
        return ""
    return credentials.strip()


def _ask_for_credentials(scope: Scope, headers: Headers) -> Response:
    """A browser that wants a page is sent to the login; anybody else is told what to send."""
    path: str = scope["path"]
    wants_a_page = "text/html" in headers.get("accept", "") and "authorization" not in headers
    if wants_a_page and not path.startswith(_FOR_PROGRAMS):
        # What was filled in is lost with the session, so a form leads back to nowhere but the first page.
        wanted = scope.get("raw_path", b"").decode("latin-1") or quote(path)
        if scope["query_string"]:
            wanted += "?" + scope["query_string"].decode("latin-1")
        back = f"?next={quote(wanted, safe='/')}" if scope["method"] in _SAFE_METHODS and wanted != "/" else ""
        return RedirectResponse(f"{scope.get('root_path', '')}/login{back}", 303)
    return _problem(
        HTTPException(
            401,
            "This needs a token: send it as 'Authorization: Bearer TOKEN', or as the password of HTTP Basic (any user "
            "name). `seedwire tokens create NAME` makes one.",
        ),
        headers,
    )


def _problem(error: HTTPException, headers: Headers) -> ProblemResponse:
    refusal = ProblemResponse(error.status_code, error.detail, error.headers)
    if error.status_code == 401:
        # A line each: browsers, which know Basic alone, do not find it behind a comma. To a script of the page it is
        # not offered: the browser would ask for a password in the middle of nothing.
        by_script = headers.get("sec-fetch-mode", "navigate") != "navigate"
        for scheme in ("Bearer",) if by_script else ("Bearer", "Basic"):
            refusal.headers.append("www-authenticate", f'{scheme} realm="Seedwire"')
    return refusal


def _check_this_machine(peer: str, headers: Headers) -> None:
    if not _is_loopback(peer) or any(name in headers for name in _FORWARDED):
        raise HTTPException(
            403,
            "No token is set, so only this machine itself is served. Set service.api_token, or make a token with "
            "`seedwire tokens create NAME`, to open it.",
        )
    if not _names_loopback(headers.get("host", "")):
        raise HTTPException(
            403,
            "No token is set, so this is served under localhost, 127.0.0.1 and [::1] alone. Set service.api_token, or "
            "make a token with `seedwire tokens create NAME`, to serve it under another name.",
        )


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

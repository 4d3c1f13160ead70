"""The cookie of a login: sent by the browser to us alone, out of reach of scripts, never in an address.

``SameSite=Strict``: no request that another site causes carries it, not even one that follows a link from there (the
login page knows what to do about that).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import cookie_parser

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.responses import Response

_NAME = "seedwire"


def came_by_https(scheme: str, headers: Headers, public_url: str) -> bool:
    """Whether the browser speaks TLS, to us or to the proxy before us. Who lies about it harms themselves alone."""
    if scheme == "https" or headers.get("x-forwarded-proto", "").lower() == "https":
        return True
    public = urlsplit(public_url)
    return public.scheme == "https" and public.netloc.lower() == headers.get("host", "").lower()


def read(headers: Headers, *, is_https: bool) -> str | None:
    """The session; only from the cookie that fits, which no neighbour domain can have put there by https."""
    return cookie_parser(headers.get("cookie", "")).get(_name(is_https)) or None


def put(response: Response, session: str, *, is_https: bool) -> None:
    """It ends with the browser's own session, and with ours (store.access) before."""
    response.set_cookie(_name(is_https), session, path="/", secure=is_https, httponly=True, samesite="strict")


def remove(response: Response, *, is_https: bool) -> None:
    response.delete_cookie(_name(is_https), path="/", secure=is_https, httponly=True, samesite="strict")


def _name(is_https: bool) -> str:
    # Browsers hold a name with this prefix to Secure, Path=/ and this very host.
    return f"__Host-{_NAME}" if is_https else _NAME

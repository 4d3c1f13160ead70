"""``/login``: a token in exchange for a session; ``/logout``: its end."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from web import cookie
from web.credentials import Credentials
from web.pages.rendering import bare_page, see
from web.site import AtHand, Site

#: Anybody may post here, so no more than a form of ours is read.
MOST_BYTES = 8192
#: A longer address is not led back to: it would not fit into that form.
LONGEST_WAY_BACK = 4000

#: A path of ours as it stands behind the host: no second slash or backslash, which would name another host, and no
#: character that browsers leave out before they look.
_OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")

router = APIRouter()


def own_path(address: str) -> str:
    """``address`` where it is a path of ours, else that of the first page: so a link cannot send people elsewhere."""
    leads_here = _OWN_PATH.fullmatch(address) and not address.startswith(("/login", "/logout"))
    return address if leads_here and len(address) <= LONGEST_WAY_BACK else "/"


@router.get("/login")
async def show(request: Request, site: AtHand, next: str = "/") -> Response:  # noqa: A002 - as everybody calls it
    wanted = own_path(next)
    if request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        # Somebody followed a link from elsewhere, so the cookie stayed at home (SameSite=Strict), also through our
        # redirect to here. A page of ours that goes there by itself is no longer "elsewhere": then it comes along.
        return bare_page(request, "login.html", wanted=wanted, bounce=True, problem="")
    credentials = _credentials(request)
    if not await credentials.are_asked_for() or await _session(request, site):
        return see(request, wanted)
    return bare_page(request, "login.html", wanted=wanted, bounce=False, problem="")


@router.post("/login")
async def log_in(request: Request, site: AtHand) -> Response:
    form = await _form(request)
    wanted = own_path(form.get("next", "/"))
    credentials = _credentials(request)
    token = form.get("token", "").strip()
    if not await credentials.are_asked_for():
        return see(request, wanted)
    try:
        if not token:
            raise HTTPException(401, "Enter a token.")
        session = await credentials.log_in(token, request.client.host if request.client else "")
    except HTTPException as error:
        headers = dict(error.headers or {})
        if error.status_code == 401:
            headers["www-authenticate"] = 'Bearer realm="Seedwire"'
        return bare_page(
            request, "login.html", error.status_code, headers, wanted=wanted, bounce=False, problem=error.detail
        )
    before = cookie.read(request.headers, is_https=_is_https(request, site))
    if before:
        await credentials.log_out(before)
    answer = see(request, wanted)
    cookie.put(answer, session, is_https=_is_https(request, site))
    return answer


@router.post("/logout")
async def log_out(request: Request, site: AtHand) -> Response:
    session = cookie.read(request.headers, is_https=_is_https(request, site))
    if session:
        await _credentials(request).log_out(session)
    answer = see(request, "/login")
    cookie.remove(answer, is_https=_is_https(request, site))
    return answer


async def _session(request: Request, site: Site) -> bool:
    session = cookie.read(request.headers, is_https=_is_https(request, site))
    return bool(session and await _credentials(request).by_session(session))


async def _form(request: Request) -> dict[str, str]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"A login has at most {MOST_BYTES:,} bytes.")
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _credentials(request: Request) -> Credentials:
    credentials: Credentials = request.app.state.credentials
    return credentials


def _is_https(request: Request, site: Site) -> bool:
    return cookie.came_by_https(request.url.scheme, request.headers, site.context.config.service.public_url)

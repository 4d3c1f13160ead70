"""``/api/v1/alerts.rss``, ``.atom``, ``.json``: follow a monitor in a feed reader."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from alerts.alert import OPENED, UPDATED, Alert
from store.views.alerts import newest_alerts
from web.alert_feeds import Feed, atom, entry_of, json_feed, rss
from web.problem import answers
from web.site import AtHand, Reading, Site, our_version

router = APIRouter(prefix="/alerts", tags=["alerts"])

#: Entries in a feed, and how many of the newest alerts are looked through for as many that fit its filters.
ENTRIES, LOOKED_THROUGH = 50, 1_000
#: Readers need not ask more often, in seconds.
FRESH = 60

EventType = Annotated[str, Query(pattern=r"^[^\x00]{1,128}$")]
Country = Annotated[str, Query(pattern=r"^[A-Za-z]{2}$")]


def _route(path: str, media_type: str, write: Callable[[Feed], bytes], name: str) -> None:
    shape = {"type": "string"} if media_type.endswith("xml") else {"type": "object"}
    documented: dict[int | str, dict[str, Any]] = {
        200: {"content": {media_type: {"schema": shape}}},
        304: {"description": "Nothing new since `If-None-Match` or `If-Modified-Since`"},
    }

    @router.get(
        path,
        name=f"alerts{path}",
        response_class=Response,
        responses=documented | answers(401, 403, 422, 503),
        summary=f"The newest alerts as {name}",
        description="Of stories that opened, and with `updates` of those that gained something. The newest thousand "
        "alerts are looked through for fifty of these types and countries.",
    )
    def feed(
        request: Request,
        site: AtHand,
        connection: Reading,
        types: Annotated[list[EventType], Query(alias="type", default_factory=list, max_length=50)],
        countries: Annotated[list[Country], Query(alias="country", default_factory=list, max_length=250)],
        updates: bool = False,
    ) -> Response:
        told = (OPENED, UPDATED) if updates else (OPENED,)
        newest = next((one.alert for one in newest_alerts(connection, limit=1, types=told)), None)
        base = _base(request, site)
        query = f"?{request.url.query}" if request.url.query else ""
        own = f"{base}{request.url.path.removeprefix(request.scope.get('root_path', ''))}{query}"
        # An alert stays as it is: there is nothing new while none is newer.
        mark = hashlib.sha256(f"{our_version()} {own} {newest and newest.id}".encode()).hexdigest()[:24]
        headers = {"etag": f'"{mark}"', "cache-control": f"private, max-age={FRESH}"}
        if newest:
            headers["last-modified"] = format_datetime(newest.time, usegmt=True)
        if _has_it(request, f'"{mark}"', newest):
            return Response(status_code=304, headers=headers)
        chosen = _chosen(connection, told, set(types), {code.upper() for code in countries})
        entries = [entry_of(one, base) for one in chosen]
        return Response(write(Feed(f"{base}/", own, entries)), media_type=media_type, headers=headers)


_route(".rss", "application/rss+xml", rss, "RSS 2.0")
_route(".atom", "application/atom+xml", atom, "Atom")
_route(".json", "application/feed+json", json_feed, "JSON Feed 1.1")


def _base(request: Request, site: Site) -> str:
    return site.context.config.service.public_url or str(request.base_url).rstrip("/")


def _has_it(request: Request, mark: str, newest: Alert | None) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        return known.strip() == "*" or mark in {one.strip().removeprefix("W/") for one in known.split(",")}
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
        return newest is not None and newest.time.replace(microsecond=0) <= since
    except (ValueError, TypeError):  # no date; or one without a zone
        return False


def _chosen(
    connection: Connection, told: Collection[str], types: Collection[str], countries: Collection[str]
) -> list[Alert]:
    found: list[Alert] = []
    before, left = None, LOOKED_THROUGH
    while left > 0 and len(found) < ENTRIES:
        part = [one.alert for one in newest_alerts(connection, limit=min(ENTRIES, left), types=told, before=before)]
        if not part:
            break
        found += [one for one in part if _fits(one, types, countries)]
        before, left = (part[-1].time, part[-1].id), left - len(part)
    return found[:ENTRIES]


def _fits(alert: Alert, types: Collection[str], countries: Collection[str]) -> bool:
    if not types and not countries:
        return True
    event = json.loads(alert.body)["data"]["event"]
    if types and event["type"] not in types:
        return False
    of_people = [one.get("country") for one in (*event["people"], *event["organizations"])]
    return not countries or not {*event["countries"], *of_people}.isdisjoint(countries)

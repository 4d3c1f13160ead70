"""``/near-misses``, ``/items`` and ``/items/{id}``: what was read, and why it led to an alert or did not."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from alerts.outcomes import ItemOutcome
from store import corrections as journal
from store.views.items import WAITING, ItemFilters, ListedItem, list_items, show_item, texts
from web.api.corrections import LEARN
from web.api.items import why
from web.api.paging import Cursor, Identity, parse_cursor, write_cursor
from web.item_explained import explain_some, explained
from web.item_filters import OUTCOMES, Asked, as_query, close_to
from web.pages.rendering import page
from web.site import AtHand, Reading

#: Near misses are explained, which takes time; rows of a list are not.
NEAR_MISSES_SHOWN, ITEMS_SHOWN = 20, 50

#: Every outcome as people say it, and the class of its badge.
OUTCOME_WORDS: dict[str, tuple[str, str]] = {
    WAITING: ("waits to be read", "info"),
    ItemOutcome.ALERTED: ("alerted", "good"),
    ItemOutcome.UPDATED: ("told as an update", "good"),
    ItemOutcome.GATHERED: ("gathered for later", "good"),
    ItemOutcome.SAME_STORY: ("of a known story", "good"),
    ItemOutcome.BELOW_THRESHOLD: ("below the threshold", "off"),
    ItemOutcome.FIRST_POLL_BASELINE: ("there before the first poll", "info"),
    ItemOutcome.UNSUPPORTED_LANGUAGE: ("in another language", "off"),
    ItemOutcome.NO_TEXT: ("without text", "off"),
    ItemOutcome.NO_WEBHOOK: ("no webhook to call", "warn"),
    ItemOutcome.UPDATES_OFF: ("updates are off", "info"),
    ItemOutcome.FILTERED_BY_EVENT: ("filtered by event", "info"),
    ItemOutcome.FILTERED_BY_SCORE: ("filtered by score", "info"),
    ItemOutcome.FILTERED_BY_COUNTRY: ("filtered by country", "info"),
    ItemOutcome.FILTERED_BY_STATUS: ("filtered by status", "info"),
    ItemOutcome.FILTERED_BY_TAG: ("filtered by tag", "info"),
    ItemOutcome.FILTERED_BY_FEED: ("filtered by feed", "info"),
    ItemOutcome.FILTERED_BY_LANGUAGE: ("filtered by language", "info"),
    ItemOutcome.CLASSIFY_FAILED: ("could not be read", "bad"),
}

router = APIRouter()


@router.get("/near-misses")
def near_misses(request: Request, site: AtHand, connection: Reading, asked: Asked, cursor: Cursor = "") -> HTMLResponse:
    asked = replace(asked, near_misses=True)
    close = close_to(site.context)
    found = list_items(connection, limit=NEAR_MISSES_SHOWN + 1, before=parse_cursor(cursor), filters=asked, close=close)
    shown, more = found[:NEAR_MISSES_SHOWN], len(found) > NEAR_MISSES_SHOWN
    stored = texts(connection, [one.id for one in shown])
    return page(
        request,
        connection,
        "near_misses.html",
        items=shown,
        explained=explain_some(site.context, (stored[one.id] for one in shown if one.id in stored)),
        close=close,
        asked=asked,
        types=site.context.model.types,
        thresholds=site.context.model.thresholds,
        waiting=journal.waiting(connection),
        learn=LEARN,
        first=f"/near-misses?{urlencode(as_query(asked), doseq=True)}" if cursor else "",
        next=_next("/near-misses", asked, shown[-1]) if more else "",
    )


@router.get("/items")
def items(request: Request, site: AtHand, connection: Reading, asked: Asked, cursor: Cursor = "") -> HTMLResponse:
    close = close_to(site.context) if asked.types else None
    found = list_items(connection, limit=ITEMS_SHOWN + 1, before=parse_cursor(cursor), filters=asked, close=close)
    shown, more = found[:ITEMS_SHOWN], len(found) > ITEMS_SHOWN
    return page(
        request,
        connection,
        "items.html",
        items=shown,
        asked=asked,
        types=site.context.model.types,
        outcomes=OUTCOMES,
        outcome_words=OUTCOME_WORDS,
        first=f"/items?{urlencode(as_query(asked), doseq=True)}" if cursor else "",
        next=_next("/items", asked, shown[-1]) if more else "",
    )


@router.get("/items/{item_id}")
def item(request: Request, site: AtHand, connection: Reading, item_id: Identity) -> HTMLResponse:
    shown = show_item(connection, item_id)
    return page(
        request,
        connection,
        "item.html",
        shown=shown,
        item=shown.listed,
        text=shown.item.text,
        why=why(shown.listed),
        outcome_words=OUTCOME_WORDS,
        now_said=explained(site.context, shown.item),
        types=site.context.model.types,
        thresholds=site.context.model.thresholds,
        waiting=journal.waiting(connection),
        learn=LEARN,
    )


def _next(path: str, asked: ItemFilters, last: ListedItem) -> str:
    place = write_cursor(last.first_seen, last.id)
    return f"{path}?{urlencode(as_query(asked, cursor=place), doseq=True)}"

"""``/activity``: items, events and alerts over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from web.api.activity import activity_of
from web.pages.chart import COLOURS, Chart, Series, columns
from web.pages.rendering import page, words
from web.site import AtHand, Reading

if TYPE_CHECKING:
    from store.views.activity import Activity, Count

#: With more types than there are colours, the ones of which least came are told together.
OTHERS = "others"

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Span:
    """The charts of a span of time, and the figures they are made from."""

    id: str
    title: str
    activity: Activity
    charts: tuple[tuple[str, Chart], ...]
    labels: tuple[str, ...]


@router.get("/activity")
def activity(request: Request, site: AtHand, connection: Reading) -> HTMLResponse:
    spans = [
        _span("hours", "The last 48 hours", activity_of(site, "hour"), "%-d %b %H:%M"),
        _span("days", "The last 30 days", activity_of(site, "day"), "%-d %b"),
    ]
    return page(request, connection, "activity.html", spans=spans)


def _span(name: str, title: str, found: Activity, form: str) -> Span:
    labels = tuple(count.start.strftime(form) for count in found.counts)
    return Span(
        id=name,
        title=title,
        activity=found,
        labels=labels,
        charts=(
            ("Items", columns([Series("items", tuple(c.items for c in found.counts))], labels)),
            ("Events", columns(_events(found), labels)),
            ("Alerts", columns([Series("alerts", tuple(c.alerts for c in found.counts))], labels)),
        ),
    )


def _events(found: Activity) -> list[Series]:
    """A series a type, those of which most came first."""
    totals = {name: sum(_number(count, name) or 0 for count in found.counts) for name in found.types}
    ranked = sorted(totals, key=lambda name: (-totals[name], name))
    apart = ranked if len(ranked) <= len(COLOURS) else ranked[: len(COLOURS) - 1]
    rest = ranked[len(apart) :]
    series = [Series(words(name).lower(), tuple(_number(c, name) for c in found.counts)) for name in apart]
    if rest:
        series.append(Series(OTHERS, tuple(_number(c, *rest) for c in found.counts)))
    return series or [Series("events", tuple(_number(c) for c in found.counts))]


def _number(count: Count, *types: str) -> int | None:
    return None if count.events is None else sum(count.events.get(name, 0) for name in types)

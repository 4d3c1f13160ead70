"""How pages are made: the templates, what these may ask of a value, and what stands around every page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse

from classifiers.gazetteer import country_name
from classifiers.matched import matched_words
from store import condition
from store.views import glance
from web.access import principal_of
from web.site import config_problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection
    from starlette.requests import Request

    from store.views.stories import StoryView
    from web.site import Site

PASSAGES_SHOWN = 2

#: What the pages' own navigation leads to: address and name.
NAVIGATION = (
    ("/", "Stories"),
    ("/near-misses", "Near misses"),
    ("/activity", "Activity"),
    ("/feeds", "Feeds"),
    ("/webhooks", "Webhooks"),
    ("/patterns", "Patterns"),
)

#: Statuses that mean it did not, or will not, happen: shown as such, never in the colours of what did.
NEGATIVE_STATUSES = frozenset({"cancelled", "denied"})


def http_url(url: str | None) -> str | None:
    """``url`` if a browser may be sent there, else None: a feed may say ``javascript:`` where a link belongs."""
    if not url:
        return None
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return None
    return url if scheme in {"http", "https"} else None


def flag(country: str) -> str:
    """The flag of an ISO 3166-1 alpha-2 code, as regional indicator letters; anything else gives nothing."""
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        return ""
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in country.upper())


def words(identifier: str) -> str:
    """``bilateral_meeting`` as people say it."""
    return identifier.replace("_", " ").replace("-", " ").capitalize()


def long_date(value: str) -> str:
    """An ISO date as people write it: ``3 July 2024``. What is no date is shown as it is."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    return f"{day.day} {day:%B %Y}"


def ago(then: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that says enough: ``5 min ago``. A time ahead is ``in 5 min``, a near one
    ``in a moment``."""
    seconds = (now - then).total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if abs(seconds) >= size:
            text = f"{abs(seconds) // size:.0f} {unit}"
            return f"{text} ago" if seconds > 0 else f"in {text}"
    return "just now" if seconds >= 0 else "in a moment"


def duration(seconds: float) -> str:
    """A span in the largest unit that says enough: ``90 s``, ``10 min``, ``6 h``."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or seconds == size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def passages(story: StoryView) -> list[Mapping[str, object]]:
    """The evidence to show under a headline: what the headline itself says is there already."""
    shown = {item.title for item in story.items}
    evidence: list[Mapping[str, object]] = story.event.get("evidence") or []
    return [passage for passage in evidence if passage["text"] not in shown][:PASSAGES_SHOWN]


def marked(text: str, event: Mapping[str, Any], patterns: Sequence[str]) -> Markup:
    """A sentence with those words in ``<mark>`` that the patterns are about, and the event's names and figures."""
    named = [*event.get("people", ()), *event.get("organizations", ()), *filter(None, [event.get("place")])]
    names = [*(one["name"] for one in named), *(amount["text"] for amount in event.get("amounts", ()))]
    shown, at = Markup(), 0
    for start, end in matched_words(text, patterns, event.get("countries", ()), [*names, event.get("occasion") or ""]):
        shown += Markup("{}<mark>{}</mark>").format(text[at:start], text[start:end])
        at = end
    return shown + text[at:]


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(http_url=http_url, flag=flag, words=words, long_date=long_date, passages=passages)
    environment.filters.update(duration=duration, marked=marked, country=country_name)
    environment.globals["negative"] = NEGATIVE_STATUSES
    return environment


_ENVIRONMENT = _environment()


def render(template: str, **shown: object) -> Markup:
    """A part of a page."""
    return Markup(_ENVIRONMENT.get_template(template).render(**shown))  # noqa: S704 - what templates make is escaped


def _around(connection: Connection, now: datetime) -> dict[str, object]:
    """What stands on every page, whatever it is about."""
    return {
        "glance": glance.summary(connection, now - timedelta(days=1)),
        "config_problem": config_problem(connection),
        "troubles": [trouble for trouble in condition.told(connection) if trouble.reason != "config-refused"],
    }


def page(
    request: Request, connection: Connection, template: str, *, status: int = 200, **shown: object
) -> HTMLResponse:
    """A whole page: ``template`` extends ``base.html``, which takes from here what stands on every page."""
    now = datetime.now(UTC)
    site: Site = request.app.state.site
    around = site.around.get("", lambda: _around(connection, now))
    html = _ENVIRONMENT.get_template(template).render(
        path=request.url.path,
        root=request.scope.get("root_path", ""),
        navigation=NAVIGATION,
        **around,
        may_write=principal_of(request).may_write,
        logged_in=principal_of(request).name if principal_of(request).session else None,
        ago=lambda then: ago(then, now),
        now=now,
        **shown,
    )
    return HTMLResponse(html, status_code=status)


def bare_page(
    request: Request, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **shown: object
) -> HTMLResponse:
    """A page for anybody: ``template`` stands alone, and nothing is read from the database for it."""
    html = _ENVIRONMENT.get_template(template).render(root=request.scope.get("root_path", ""), **shown)
    return HTMLResponse(html, status_code=status, headers=headers)


def see(request: Request, path: str) -> RedirectResponse:
    """Back to a page after something was done: 303, so that loading it anew does nothing again."""
    return RedirectResponse(request.scope.get("root_path", "") + path, status_code=303)

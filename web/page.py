"""The page at ``/``: stories as cards, feeds that need somebody, the service at a glance."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from store import condition, overview
from store.quiet import read_quiet
from store.webhook_health import list_webhooks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from store.overview import StoryView

STORIES_SHOWN = 50
PROBLEMS_SHOWN = 20
PASSAGES_SHOWN = 2

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
    """How long ago, in the largest unit that says enough: ``5 min ago``. A time ahead is ``in 5 min``."""
    seconds = (now - then).total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if abs(seconds) >= size:
            text = f"{abs(seconds) // size:.0f} {unit}"
            return f"{text} ago" if seconds > 0 else f"in {text}"
    return "just now"


def passages(story: StoryView) -> list[Mapping[str, object]]:
    """The evidence to show under a headline: what the headline itself says is there already."""
    shown = {item.title for item in story.items}
    evidence: list[Mapping[str, object]] = story.event.get("evidence") or []
    return [passage for passage in evidence if passage["text"] not in shown][:PASSAGES_SHOWN]


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(http_url=http_url, flag=flag, words=words, long_date=long_date, passages=passages)
    return environment


_TEMPLATE = _environment().get_template("page.html")


def render(connection: Connection, config_problem: str | None, now: datetime) -> str:
    """The whole page as HTML, as of ``now``."""
    stories = overview.newest_stories(connection, limit=STORIES_SHOWN)
    return _TEMPLATE.render(
        stories=stories,
        quiet=None if stories else read_quiet(connection),
        problems=overview.feed_problems(connection, limit=PROBLEMS_SHOWN),
        summary=overview.summary(connection, now - timedelta(days=1)),
        webhooks=[webhook for webhook in list_webhooks(connection) if not webhook.is_well],
        config_problem=config_problem,
        troubles=[trouble for trouble in condition.told(connection) if trouble.reason != "config-refused"],
        negative=NEGATIVE_STATUSES,
        ago=lambda then: ago(then, now),
        now=now,
    )

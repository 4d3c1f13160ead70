"""What every handler has at hand, and how it asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

from fastapi import Depends, Request
from markupsafe import Markup
from sqlalchemy import Connection

from store import state
from store.database import Database
from store.views.activity import Activity
from store.views.patterns import Matched
from web.live.hub import Hub
from web.remembered import Remembered
from web.story_cache import StoryCache
from worker.context import Context

#: The key under which the config's state is kept (store.state), and in it the problem of a refused change.
CONFIG_KEY = "config"


@dataclass(slots=True)
class Site:
    """One a process. ``ping_broker`` tells whether the broker answers, within a second or two."""

    context: Context
    ping_broker: Callable[[], bool]
    #: All open streams.
    hub: Hub
    #: Stories as cards, and as the API tells them.
    cards: StoryCache[Markup] = field(default_factory=StoryCache)
    told: StoryCache[bytes] = field(default_factory=StoryCache)
    #: What the newest stories may be filtered by: for each field what to choose from, as (name, value).
    choices: Remembered[dict[str, list[tuple[str, str]]]] = field(default_factory=lambda: Remembered(60))
    #: What stands around every page, and beside the first one.
    around: Remembered[dict[str, Any]] = field(default_factory=lambda: Remembered(1))

    #: What came over time, by bucket.
    activity: Remembered[Activity] = field(default_factory=lambda: Remembered(10))
    #: Where patterns matched of late: in events, in near misses.
    patterns: Remembered[tuple[Mapping[str, Matched], Mapping[str, Matched]]] = field(
        default_factory=lambda: Remembered(30)
    )

    @property
    def database(self) -> Database:
        return self.context.database


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


AtHand = Annotated[Site, Depends(site_of)]


def _reading(site: AtHand) -> Iterator[Connection]:
    with site.database.read() as connection:
        yield connection


#: A connection to read with, for as long as the handler runs.
Reading = Annotated[Connection, Depends(_reading)]


def config_problem(connection: Connection) -> str | None:
    """Why the config file on disk is refused while the one before it is in force; None while it is not."""
    fact = state.get(connection, CONFIG_KEY)
    problem = fact.value.get("problem") if fact else None
    return str(problem) if problem else None


def our_version() -> str:
    try:
        return version("seedwire")
    except PackageNotFoundError:
        return "unknown"

"""A database with every table, a server over it, and a way to put stories in."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from web_service import MEETING, NOW, Server, Serving, add_feed

from alerts.matching import story_keys
from alerts.story import Story
from alerts.story_alerts import build_opened
from feeds.feed import Feed
from store import access, stories, tables
from worker.config.watch import Watcher
from worker.context import Context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from classifiers.event import Event
    from store.database import Database


@pytest.fixture
def context(tmp_path: Path, empty_tables: Path) -> Iterator[Context]:
    """What a web process works with, on a config that watches nothing."""
    (tmp_path / "data").mkdir()
    shutil.copy(empty_tables, tmp_path / "data" / "seedwire.db")
    config = tmp_path / "seedwire.toml"
    config.write_text(f'[service]\ndata_dir = "{tmp_path / "data"}"\n')
    context = Context(Watcher(config, {}, settle=0))
    yield context
    context.close()


@pytest.fixture
def database(context: Context) -> Database:
    return context.database


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def serving(server: Server, context: Context) -> Serving:
    return server.serve(context)


Report = Callable[..., str]


@pytest.fixture
def report(database: Database) -> Report:
    """Store an item of a feed of its own that reports an event, in the story named (a new one when none is)."""
    numbers = count()

    def store(
        title: str,
        *,
        event: Event = MEETING,
        url: str | None = None,
        feed_name: str = "Coast Daily",
        minutes_ago: float = 5,
        story_id: str | None = None,
    ) -> str:
        number = next(numbers)
        seen = NOW - timedelta(minutes=minutes_ago)
        feed = Feed(url=f"https://feeds.example/{number}.xml", name=feed_name)
        story = story_id or f"story-{number}"
        item_id = f"item-{number}"
        with database.write() as transaction:
            connection = transaction.connection
            add_feed(connection, feed, polled=seen, succeeded=seen)
            connection.execute(
                tables.items.insert().values(
                    id=item_id, feed_id=feed.id, url=url or f"https://news.example/{number}", title=title, text="Body.",
                    first_seen=seen, published=seen, baseline=False, pending=False, outcome="alerted",
                    scores={event.type: event.score},
                )
            )  # fmt: skip
            before = [pair for one in stories.by_id(connection, [story]).values() for pair in one.reports]
            told = Story(story, event, seen, seen, seen, frozenset({"news.example"}), (*before, (item_id, 0)))
            stories.save(connection, told, story_keys(told), seen)
            why = ["same sides"] if before else ["no known story shares its sides, people or words"]
            stories.save_event(connection, item_id, 0, event, story_id=story, reasons=why, now=seen)
            reports = [one for one, _ in stories.reports_of(connection, story)]
            body = build_opened(told, reports, seen, "urn:seedwire").body
            connection.execute(
                tables.alerts.insert().values(
                    id=f"alert-{number}", type="seedwire.alert.opened", story_id=story, time=seen, body=body.decode()
                )
            )
            connection.execute(
                tables.deliveries.insert().values(
                    id=f"delivery-{number}", alert_id=f"alert-{number}", webhook="desk", state="pending", tries=0,
                    created=seen, due=NOW + timedelta(hours=1),
                )
            )  # fmt: skip
        return story

    return store


MakeToken = Callable[..., str]


@pytest.fixture
def make_token(database: Database) -> MakeToken:
    """Make a token of a scope, ``read`` unless said, as ``seedwire tokens create`` does; from then on one is asked
    for."""

    def make(scope: access.Scope = "read", *, name: str = "", lifetime: timedelta | None = None) -> str:
        with database.write() as transaction:
            return access.create_token(
                transaction.connection, name or f"a {scope} token", scope, datetime.now(UTC), lifetime
            )

    return make


@pytest.fixture
def application(server: Server, serving: Serving) -> FastAPI:
    """What stands behind the guard, to add a route of a test's own to."""
    del serving  # which made it
    inner: Any = server._app
    while not isinstance(inner, FastAPI):
        inner = inner.app
    return inner

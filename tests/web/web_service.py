"""The web application served for real on loopback, and rows such as a day's work leaves."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING

import httpx
import uvicorn

from classifiers.event import Amount, Event, Evidence, Organization, Person, Place
from store import state, tables
from web.app import create_app

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from starlette.types import Receive, Scope, Send

    from feeds.feed import Feed
    from store.database import Database
    from web.live.hub import Hub
    from worker.context import Context

NOW = datetime.now(UTC).replace(microsecond=0)

MEETING = Event(
    type="bilateral_meeting",
    score=0.97,
    status="held",
    countries=("NO", "KE"),
    people=(Person("Ada Berg", "prime minister", "NO"), Person("Juma Otieno", "president", "KE")),
    organizations=(Organization("Harbour Council", "KE"),),
    place=Place("Mombasa", "KE"),
    occasion="Blue Economy Forum",
    date=date(2026, 3, 4),
    amounts=(Amount("$2 million", 2e6, "USD", "a harbour"),),
    commodities=("lng",),
    evidence=(Evidence("Prime Minister Ada Berg met President Juma Otieno.", 0, 50, 0.93, ("LEADER met LEADER",)),),
)


@dataclass
class Serving:
    """The service as a client sees it; ``token`` and ``broker_up`` may change while it runs."""

    url: str
    client: httpx.Client
    token: str | None = None
    broker_up: bool = True

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(self.url + path, headers=headers)


class Server:
    """A real server on loopback. Starting one takes longer than a test, so one serves a database after the other."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            self._forward, interface="asgi3", log_config=None, proxy_headers=False, lifespan="off",
            timeout_keep_alive=3600,  # what is closed at the moment it is used again is an error to the client
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]})
        self._thread.start()
        # A test that means a cookie sends it itself: one test's login is no other's.
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.Client(timeout=60, cookies=no_cookies)

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def serve(self, context: Context, hub: Hub | None = None) -> Serving:
        """Serve this context's database from now on, with no token and a broker that answers."""
        serving = Serving(f"http://127.0.0.1:{self._listener.getsockname()[1]}", self._client)
        self._app = create_app(context, token=lambda: serving.token, ping_broker=lambda: serving.broker_up, hub=hub)
        return serving

    def close(self) -> None:
        self._client.close()
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()


def add_feed(connection: Connection, feed: Feed, **remembered: object) -> None:
    """Put a feed in the table, due in an hour, with what is remembered of it."""
    connection.execute(
        tables.feeds.insert().values(
            **{
                "id": feed.id, "url": feed.url, "host": "feeds.example", "name": feed.name, "tags": [],
                "fulltext": False, "allow_private": False, "first_poll": "baseline", "active": True, "added": NOW,
                "failures": 0, "baseline_done": True, "next_poll": NOW + timedelta(hours=1),
            }
            | remembered
        )
    )  # fmt: skip


def tick(database: Database, *, seconds_ago: float = 0) -> None:
    """Leave the heartbeat the tick leaves."""
    with database.write() as transaction:
        state.put(transaction.connection, "tick", {}, datetime.now(UTC) - timedelta(seconds=seconds_ago))

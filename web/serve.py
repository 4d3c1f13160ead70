"""Serve the application until told to stop. ``seedwire web`` becomes this process."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import redis
import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from store.errors import StoreError
from web.app import create_app
from web.item_explained import warm_up
from web.live.hub import Hub
from worker import logs
from worker.app import configure
from worker.config import redis_client_url
from worker.config.watch import Watcher
from worker.context import Context
from worker.supervise.broker import socket_path
from worker.supervise.ports import check_free
from worker.task_base import CeleryHints

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from worker.config import Service

log = logs.get(__name__)

#: Answers under way when the process is told to stop get this long, in seconds.
GRACE = 5
BROKER_TIMEOUT = 2.0
#: How often the config is looked at, in seconds.
LOOK_EVERY = 0.5


def serve(config: Path | None) -> None:
    """Raises ConfigError or PortTaken before anything is served."""
    watcher = Watcher(config, os.environ)
    service = watcher.current.service
    logs.configure(service.log_format, service.log_level, part="web")
    check_free(service.listen.host, service.listen.port)

    # What is stored here is told of at once.
    configure(replace(service, redis_url=_broker_url(service)), sends_only=True)
    context = Context(watcher, hints=CeleryHints())
    hub = Hub(lambda: context.database, redis_client_url(_broker_url(service)))
    app = create_app(
        context, token=lambda: watcher.current.service.api_token, ping_broker=broker_ping(service), hub=hub
    )
    threading.Thread(target=_watch, args=(context,), name="watch", daemon=True).start()
    threading.Thread(target=warm_up, args=(context,), name="warm-up", daemon=True).start()

    async def say() -> None:
        try:
            said = "asked for" if await app.credentials.are_asked_for() else "none, loopback only"
        except (StoreError, SQLAlchemyError):
            said = "unknown, since the database does not answer"
        log.info("serving", page=f"http://{service.listen}/", token=said)

    try:
        settings = uvicorn.Config(
            app,
            host=service.listen.host,
            port=service.listen.port,
            lifespan="off",
            log_config=None,
            access_log=False,
            log_level="warning",
            server_header=False,
            # Whom a proxy speaks for is not taken from headers anybody can write.
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE,
        )
        _Server(settings, hub, say).run()
    finally:
        context.close()


def _watch(context: Context) -> None:
    """What no request waits for: take up changes of the config (reading one with thousands of feeds takes seconds), and
    add what was counted here to what all processes counted, whichever of them is asked for it."""
    while True:
        time.sleep(LOOK_EVERY)
        with suppress(StoreError, SQLAlchemyError):
            context.counts.flush(context.database)
        try:
            context.watcher.refresh()
        except OSError as error:  # a full disk, where what is in force is to be kept for those who start anew
            log.error("the config cannot be looked at", error=str(error))


class _Server(uvicorn.Server):
    """Says how it serves, and ends the streams when it is told to stop: by themselves they would not."""

    def __init__(self, config: uvicorn.Config, hub: Hub, say: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._hub = hub
        self._say = say

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await self._say()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.close()
        await super().shutdown(sockets)


def broker_ping(service: Service) -> Callable[[], bool]:
    """Whether the broker answers within two seconds."""
    client = redis.Redis.from_url(
        redis_client_url(_broker_url(service)),
        socket_timeout=BROKER_TIMEOUT,
        socket_connect_timeout=BROKER_TIMEOUT,
        retry=None,
    )

    def ping() -> bool:
        try:
            return bool(client.ping())
        except (redis.RedisError, OSError):
            return False

    return ping


def _broker_url(service: Service) -> str:
    """The embedded broker listens where ``seedwire up`` starts it."""
    return service.redis_url or f"redis+socket://{socket_path(service.data_dir)}"

"""One machine: the broker, the workers, the tick and the web page as one supervised set of processes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from store import migrate
from worker import logs
from worker.config.watch import keep_in_force
from worker.context import Context
from worker.liveness import DeafPart
from worker.run import PARTS, WORKERS
from worker.supervise.broker import embedded_broker
from worker.supervise.lock import DataDirLock
from worker.supervise.parts import Part
from worker.supervise.ports import check_free
from worker.supervise.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.config.watch import Watcher

log = logs.get(__name__)


def up(watcher: Watcher) -> None:
    """Run everything until SIGTERM or Ctrl-C. Nothing starts before the config, the port and the database are good.

    Raises ConfigError, SupervisionError (a second ``up`` on the data directory, a taken port, no broker to be found, a
    part that keeps dying), StoreError.
    """
    config = watcher.current
    service = config.service
    logs.configure(service.log_format, service.log_level, part="up")
    with DataDirLock(service.data_dir) as lock:
        check_free(service.listen.host, service.listen.port)
        context = Context(watcher)
        try:
            _ = context.model  # a model that cannot be read is said now, not by every item
            if migrate.upgrade(context.database):
                log.info("database tables are up to date", database=context.database.shown)
            in_force = service.data_dir / "seedwire.toml.in-force"
            keep_in_force(in_force, config.text)
            env = {"SEEDWIRE_CONFIG": str(config.path), "SEEDWIRE_IN_FORCE": str(in_force)}
            parts: list[Part] = []
            redis_url = service.redis_url
            if not redis_url:
                broker = embedded_broker(service.data_dir)
                parts.append(broker.part())
                redis_url = env["SEEDWIRE_REDIS_URL"] = broker.url
            parts += [process(name, env) for name in PARTS]
            parts.append(Part("web", (sys.executable, "-m", "web", "--config", str(config.path)), env))
            log.info(
                "starting",
                config=str(config.path), feeds=len(config.feeds), webhooks=len(config.webhooks),
                database=context.database.shown, page=f"http://{service.listen}/",
            )  # fmt: skip
            _supervise(context, parts, redis_url, keep_open=(lock.descriptor,))
        finally:
            context.close()


def workers(watcher: Watcher) -> None:
    """Run the three workers alone: one container, or one host of many. Raises ConfigError, StoreError."""
    config = watcher.current
    logs.configure(config.service.log_format, config.service.log_level, part="worker")
    context = Context(watcher)
    try:
        _ = context.model
        migrate.check(context.database)
        env = {"SEEDWIRE_CONFIG": str(config.path)}
        _supervise(context, [process(name, env) for name in WORKERS], config.service.redis_url)
    finally:
        context.close()


def process(name: str, env: Mapping[str, str]) -> Part:
    return Part(name, (sys.executable, "-m", "worker.run", name), env, grace=10.0)


def _supervise(
    context: Context,
    parts: list[Part],
    redis_url: str,
    *,
    keep_open: tuple[int, ...] = (),
) -> None:
    def tick() -> None:
        # What is refused, the tick task says; here only what no running part can take over.
        # What is refused, the tick task says; here only what no running part can take over.
        if context.watcher.refresh() and context.watcher.pending_restart:
            log.warning("changed keys wait for a restart", keys=context.watcher.pending_restart)

    check = DeafPart(context, tuple(part.name for part in parts), redis_url)
    Supervisor(parts, check=check, on_tick=tick, keep_open=keep_open).run()

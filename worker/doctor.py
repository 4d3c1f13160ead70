"""The checks of ``seedwire doctor``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from store import migrate, network, pages, state
from store.errors import NothingYet, StoreError
from store.feed_health import list_feeds
from store.webhook_health import list_webhooks
from worker.config.check import doubts
from worker.liveness import PATIENCE, stalled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from feeds.websub import PushState
    from worker.context import Context


#: Without a tick for so long, while there were passes, the service is not meant to run all the time.
SERVICE_GIVEN_UP = timedelta(days=1)
#: Whoever polls from cron does so at least this often.
PASS_EXPECTED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Finding:
    """``bad`` needs somebody now, ``warning`` should be known."""

    what: str
    state: Literal["good", "warning", "bad"]
    detail: str


def check_all(context: Context) -> list[Finding]:
    """Every check, in the order in which things depend on each other. Raises nothing."""
    return [
        *_config(context),
        *_data_dir(context),
        *_model(context),
        *_broker(context),
        *check_work(context),
        *_outside(context),
    ]


def check_work(context: Context) -> list[Finding]:
    """Whether the database is usable and the stages of the work get on with it."""
    try:
        migrate.check(context.database)
        found = [Finding("database", "good", context.database.shown)]
        with context.database.read() as connection:
            tick, last_pass = state.get(connection, "tick"), state.get(connection, "pass")
        stages = stalled(context)
    except NothingYet as error:
        return [Finding("database", "warning", str(error))]
    except StoreError as error:
        return [Finding("database", "bad", str(error))]
    if last_pass and (tick is None or last_pass.at - tick.at > SERVICE_GIVEN_UP):
        return [*found, _passes(context.now() - last_pass.at)]
    if tick is None:
        return [*found, Finding("work", "warning", "nothing has run on this database yet: `seedwire up` starts it")]
    for stage, seconds in stages.items():
        late = f"work is due for {seconds:.0f} s and nobody is at it (more than {PATIENCE[stage]:.0f} s)"
        said = f"the last tick was {seconds:.0f} s ago: is the service running?" if stage == "tick" else late
        found.append(Finding(stage, "bad", said))
    if not stages:
        found.append(Finding("work", "good", "every stage gets on with what is due"))
    return found


def _pushes(states: Sequence[PushState], public_url: str) -> Finding:
    """How hubs get on with us."""
    told = f"{states.count('active')} of {len(states)} feeds that name a hub are pushed"
    if not states.count("failing"):
        return Finding("push", "good", told)
    remedy = f"is {public_url}/websub/ reached from outside? `seedwire feeds list`"
    return Finding("push", "warning", f"{told}, {states.count('failing')} fail: {remedy}")


def _passes(since: timedelta) -> Finding:
    """How a service that only runs by ``seedwire poll`` gets on."""
    hours = since / timedelta(hours=1)
    told = "`seedwire poll` last ran " + (f"{hours / 24:.0f} d ago" if hours >= 48 else f"{hours:.1f} h ago")
    if since > PASS_EXPECTED:
        return Finding("work", "warning", f"{told}: does cron still start it?")
    return Finding("work", "good", told)


def _outside(context: Context) -> Iterator[Finding]:
    """How config, feeds and webhooks do: not part of ``--live``, since restarting a worker mends none of it."""
    try:
        migrate.check(context.database)
        with context.database.read() as connection:
            applied = state.get(connection, "config")
            feeds = list_feeds(connection, context.now())
            webhooks = list_webhooks(connection)
            offline = network.offline_since(connection)
            read = pages.outcomes(connection, context.now() - timedelta(days=1))
    except StoreError:
        return  # told as the database's finding
    if applied is not None and applied.value.get("problem"):
        yield Finding("config", "bad", f"a change is refused: {applied.value['problem']}")
    failing = [feed for feed in feeds if feed.health == "failing"]
    retrying = sum(feed.health == "retrying" for feed in feeds)
    for feed in feeds:
        if feed.health == "resting":
            yield Finding("feeds", "warning", f"{feed.name or feed.url} is gone (410): `seedwire feeds remove` it")
    if offline:
        told = f"nobody answers since {offline:%Y-%m-%d %H:%M} UTC, feeds wait: see this machine's network and DNS"
        yield Finding("feeds", "bad", told)
    if failing:
        worst = ", ".join(f"{feed.name or feed.url} ({feed.problem})" for feed in failing[:3])
        yield Finding("feeds", "warning", f"{len(failing)} of {len(feeds)} fail: {worst}; `seedwire feeds list`")
    elif feeds and not offline:
        told = f", {retrying} retrying" if retrying else ""
        yield Finding("feeds", "good", f"{len(feeds)} feeds, none failing{told}")
    pushes = [feed.push for feed in feeds if feed.push]
    if pushes and context.config.service.public_url:
        yield _pushes(pushes, context.config.service.public_url)
    if read:
        yield _pages(read)
    for webhook in webhooks:
        remedy = f"; once it is well: `{webhook.command}`" if webhook.command else ""
        if webhook.disabled:
            yield Finding("webhooks", "bad", f'"{webhook.name}" is disabled: {webhook.disabled_reason}{remedy}')
        elif webhook.paused_until:
            since = f"since {webhook.failing_since:%Y-%m-%d %H:%M} UTC ({webhook.failures} attempts: {webhook.note})"
            yield Finding(
                "webhooks", "warning", f'"{webhook.name}" does not answer {since}; it is asked again by itself'
            )
        elif webhook.dead:
            yield Finding("webhooks", "warning", f'"{webhook.name}": {webhook.dead} dead ({webhook.note}){remedy}')
    if webhooks and not any(webhook.disabled or webhook.dead or webhook.paused_until for webhook in webhooks):
        yield Finding("webhooks", "good", "none disabled, nothing dead")


def _pages(outcomes: Mapping[str, int]) -> Finding:
    read = outcomes.get("read", 0)
    refused = sorted(((count, reason) for reason, count in outcomes.items() if reason != "read"), reverse=True)
    told = f"{read} read for full text in the last day, {sum(count for count, _ in refused)} refused"
    if refused:
        told += f" (most often: {', '.join(reason for _, reason in refused[:2])}; docs/feeds.md)"
    return Finding("pages", "good" if read or not refused else "warning", told)


def _config(context: Context) -> Iterator[Finding]:
    config = context.config
    yield Finding("config", "good", f"{config.path}: {len(config.feeds)} feeds, {len(config.webhooks)} webhooks")
    for warning in config.warnings:
        yield Finding("config", "warning", warning)


def _data_dir(context: Context) -> Iterator[Finding]:
    folder = context.config.service.data_dir
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        yield Finding("data", "bad", f"{folder} cannot be written: set service.data_dir or its owner")
    else:
        yield Finding("data", "good", str(folder))


def _model(context: Context) -> Iterator[Finding]:
    from classifiers.errors import ClassifierError

    try:
        model = context.model
    except (ClassifierError, OSError) as error:
        yield Finding("model", "bad", str(error))
    else:
        said = ", ".join(f"{kind} (threshold {model.thresholds[kind]:.2f})" for kind in model.types)
        yield Finding("model", "good", f"{context.config.service.model or 'the shipped one'}: {said}")
        for doubt in doubts(context.config, model.types):
            yield Finding("webhooks", "warning", doubt)


def _broker(context: Context) -> Iterator[Finding]:
    from worker.supervise.broker import find_server
    from worker.supervise.errors import SupervisionError

    url = context.config.service.redis_url
    if not url:
        try:
            yield Finding("broker", "good", f"embedded: {find_server()}")
        except SupervisionError as error:
            yield Finding("broker", "bad", str(error))
        return
    import redis

    from worker.config.addresses import redis_client_url

    client = redis.Redis.from_url(redis_client_url(url), socket_timeout=3, socket_connect_timeout=3)
    shown = url.rpartition("@")[2]
    try:
        client.ping()
        policy = client.config_get("maxmemory-policy").get("maxmemory-policy")
    except redis.RedisError as error:
        yield Finding("broker", "bad", f"{shown} does not answer ({error}): check service.redis_url")
        return
    finally:
        client.close()
    if policy not in (None, "noeviction"):
        yield Finding("broker", "warning", f"{shown} may evict queues (maxmemory-policy {policy}; use noeviction)")
    else:
        yield Finding("broker", "good", f"{shown} answers")

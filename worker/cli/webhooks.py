"""``seedwire webhooks``: how the webhooks are doing, what reaches them, and their secrets."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from worker.cli import options, webhooks_dry_run, webhooks_verify

if TYPE_CHECKING:
    from alerts.webhook import Webhook
    from store.views.webhooks import WebhookView
    from store.webhook_health import WebhookHealth
    from worker.config.config import Config


@click.group()
def webhooks() -> None:
    """List webhooks, see what they would be sent, test them, check a message, rotate secrets."""


webhooks.add_command(webhooks_dry_run.dry_run)
webhooks.add_command(webhooks_verify.verify)


@webhooks.command(name="list")
@options.config_option
@options.json_option
def list_(config: str | None, as_json: bool) -> None:
    """List the configured webhooks: how they are doing, what waits for them, what they ask for."""
    read = options.watcher(config).current
    if not read.webhooks and not as_json:
        click.echo("no webhooks yet: docs/webhooks.md shows how to write one into the config")
        return
    rows = []
    for webhook, view in zip(read.webhooks, _views(read), strict=True):
        health = view.health
        if as_json:
            about = {"name": webhook.name, "url": webhook.shown, "state": view.state, "succeeded": view.succeeded}
            asks = {name: getattr(webhook, name) for name in _ASKS}
            more = {"command": health.command, "secrets": len(webhook.secrets), "asks": asks}
            lately: dict[str, object] = {"day": asdict(view.day), "week": asdict(view.week)}
            lately |= {"median_ms": view.median_ms, "p95_ms": view.p95_ms}
            click.echo(options.to_json(about | asdict(health) | more | lately))
        rows.append(
            (
                view.state, options.ago(view.succeeded), str(health.waiting), str(health.dead + health.resting),
                webhook.name, webhook.shown, _asked(webhook),
                "; ".join(filter(None, (_held(health), health.note, health.command))),
            )
        )  # fmt: skip
    if not as_json:
        options.table(rows, ("STATE", "DELIVERED", "WAITING", "DEAD", "NAME", "URL", "ASKS FOR", "NOTE"))


def _asked(webhook: Webhook) -> str:
    """What it asks for, and how often."""
    from worker.config.kinds import format_duration

    quiet = f"; quiet for {format_duration(webhook.quiet_period)} after an alert" if webhook.quiet_period else ""
    return ("; ".join(webhook.asks_for) or "everything") + quiet


def _held(health: WebhookHealth) -> str:
    """What its quiet period or hourly cap holds back."""
    if not health.held_until:
        return ""
    return f"{options.count(health.held, 'story', 'stories')} to be told from {health.held_until:%H:%M} UTC on"


@webhooks.command()
@options.config_option
@options.json_option
@click.argument("name")
def test(config: str | None, as_json: bool, name: str) -> None:
    """Send one signed test event now and show the answer; exit code 1 unless it was taken.

    It is sent as every alert is, once, and kept nowhere: neither as an alert nor as a delivery.
    """
    from worker.context import Context
    from worker.steps.try_webhook import try_webhook

    context = Context(options.watcher(config))
    try:
        webhook = options.webhook(context.config, name)
        tried = try_webhook(context, webhook)
    finally:
        context.close()
    alert, attempt = tried.alert, tried.attempt
    if as_json:
        told = {"ok": tried.taken, "webhook": name, "id": alert.id, "code": attempt.code}
        told |= {"latency_ms": attempt.latency_ms, "error": attempt.error, "excerpt": attempt.excerpt}
        click.echo(options.to_json(told | {"hint": tried.hint}))
    else:
        said = f": {attempt.excerpt}" if attempt.excerpt else ""
        what = f"{alert.type} {alert.id} to {webhook.shown}: {tried.answer} in {attempt.latency_ms:.0f} ms{said}"
        click.echo(options.plain(what))
        if tried.hint:
            click.echo(f"seedwire: {tried.hint}", err=True)
    sys.exit(0 if tried.taken else 1)


@webhooks.command()
@options.config_option
@options.json_option
@click.argument("name")
@click.option("--drop-old", is_flag=True, help="Make none: end the overlap, and keep the newest secret alone.")
def rotate(config: str | None, as_json: bool, name: str, drop_old: bool) -> None:
    """Make a new signing secret and put it first; the old ones go on signing beside it until they are dropped.

    The new secret is printed once, alone on standard output. It is written where the config has the old one: into the
    config file, whose every other line stays as it is, or into the secret file. An environment variable cannot be set
    from here: then the line to set is printed.
    """
    from worker.config.rotation import rotate as rotate_secret

    read = options.watcher(config).current
    webhook = options.webhook(read, name)
    done = rotate_secret(read.path, os.environ, webhook.name, drop_old=drop_old)
    if as_json:
        what = {"webhook": name, "secret": done.secret, "written": done.written, "to_do": done.to_do or None}
        click.echo(options.to_json(what))
        return
    if done.secret:
        click.echo(done.secret)
    click.echo(f"{done.written} is changed" if done.written else f"nothing was changed: {done.to_do}", err=True)
    if done.secret:
        when = "" if done.written else "once that is done and the service restarted, "
        told = f"{name} is signed by the new secret and the old: hand the new one to its receiver within a day, then"
        click.echo(f"{when}{told} `seedwire webhooks rotate {shlex.quote(name)} --drop-old`", err=True)


def _views(config: Config) -> list[WebhookView]:
    """How each webhook of the config is doing; also where the service has not run since it was written."""
    from store import migrate
    from store.database import Database
    from store.errors import NothingYet
    from store.views.webhooks import WebhookView, view_webhooks
    from store.webhook_health import WebhookHealth

    names = [webhook.name for webhook in config.webhooks]
    database = Database(config.service.database_url)
    try:
        migrate.check(database)
        with database.read() as connection:
            return view_webhooks(connection, names, datetime.now(UTC))
    except NothingYet:
        return [WebhookView(WebhookHealth(name)) for name in names]
    finally:
        database.close()


#: What a webhook asks for.
_ASKS = (
    "events", "min_score", "countries", "statuses", "tags", "feeds", "languages", "updates", "quiet_period",
    "max_per_hour",
)  # fmt: skip

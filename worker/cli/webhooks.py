"""``seedwire webhooks``: how the webhooks are doing, what reaches them, and their secrets."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from worker.cli import options, webhooks_dry_run, webhooks_verify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from alerts.webhook import Webhook
    from store.deliveries import Attempt
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
    for webhook, state, health, succeeded in _health(read):
        if as_json:
            about = {"name": webhook.name, "url": webhook.shown, "state": state, "succeeded": succeeded}
            asks = {name: getattr(webhook, name) for name in _ASKS}
            more = {"command": health.command, "secrets": len(webhook.secrets), "asks": asks}
            click.echo(options.to_json(about | asdict(health) | more))
        rows.append(
            (
                state, options.ago(succeeded), str(health.waiting), str(health.dead + health.resting), webhook.name,
                webhook.shown, "; ".join(_in_words(webhook)) or "everything",
                "; ".join(filter(None, (_held(health), health.note, health.command))),
            )
        )  # fmt: skip
    if not as_json:
        options.table(rows, ("STATE", "DELIVERED", "WAITING", "DEAD", "NAME", "URL", "ASKS FOR", "NOTE"))


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
    from alerts.service_alerts import build_webhook_test
    from worker.context import Context
    from worker.steps.alerting import SOURCE
    from worker.steps.sending import send

    context = Context(options.watcher(config))
    try:
        webhook = options.webhook(context.config, name)
        now = context.now()
        alert = build_webhook_test(webhook.name, now, SOURCE)
        attempt = send(context.door, webhook, alert, now)
    finally:
        context.close()
    is_taken = 200 <= attempt.code < 300
    hint = "" if is_taken else _hint(webhook, attempt)
    if as_json:
        told = {"ok": is_taken, "webhook": name, "id": alert.id, "code": attempt.code, "latency_ms": attempt.latency_ms}
        click.echo(options.to_json(told | {"error": attempt.error, "excerpt": attempt.excerpt, "hint": hint}))
    else:
        answer = f"answer {attempt.code}" if attempt.code else attempt.error or "no answer"
        said = f": {attempt.excerpt}" if attempt.excerpt else ""
        what = f"{alert.type} {alert.id} to {webhook.shown}: {answer} in {attempt.latency_ms:.0f} ms{said}"
        click.echo(options.plain(what))
        if hint:
            click.echo(f"seedwire: {hint}", err=True)
    sys.exit(0 if is_taken else 1)


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
        told = f"{name} is signed by the new secret and the old: hand the new one to its receiver within a day, then"
        click.echo(f"{told} `seedwire webhooks rotate {shlex.quote(name)} --drop-old`", err=True)


def _health(config: Config) -> Iterator[tuple[Webhook, str, WebhookHealth, datetime | None]]:
    """Each webhook of the config, its state in a word, how it is doing and when it was last delivered to; also where
    the service has not run since it was written."""
    from store import migrate
    from store.database import Database
    from store.errors import NothingYet
    from store.webhook_health import WebhookHealth, last_successes, list_webhooks

    known: dict[str, WebhookHealth] = {}
    succeeded: dict[str, datetime] = {}
    database = Database(config.service.database_url)
    try:
        migrate.check(database)
        with database.read() as connection:
            known = {health.name: health for health in list_webhooks(connection)}
            succeeded = last_successes(connection)
    except NothingYet:
        pass
    finally:
        database.close()
    for webhook in config.webhooks:
        health = known.get(webhook.name)
        state = health.state if health else "new"
        yield webhook, state, health or WebhookHealth(webhook.name), succeeded.get(webhook.name)


#: What a webhook asks for.
_ASKS = (
    "events", "min_score", "countries", "statuses", "tags", "feeds", "languages", "updates", "quiet_period",
    "max_per_hour",
)  # fmt: skip


def _in_words(webhook: Webhook) -> Iterator[str]:
    """What a webhook asks for, in words, in the order in which its filters are tried."""
    if webhook.events:
        yield " or ".join(webhook.events)
    if webhook.min_score:
        yield f"score {webhook.min_score:g}"
    for what, wanted in (
        ("", webhook.countries), ("", webhook.statuses), ("tag ", webhook.tags), ("feed ", webhook.feeds),
        ("in ", webhook.languages),
    ):  # fmt: skip
        if wanted:
            yield what + " or ".join(wanted)
    if webhook.updates:
        yield "updates too"
    if webhook.max_per_hour:
        yield f"{webhook.max_per_hour} an hour"


def _hint(webhook: Webhook, attempt: Attempt) -> str:
    """What to do about a test that was not taken."""
    if webhook.for_people or not attempt.code:
        return ""  # the error, or the medium, says it
    if attempt.code in {401, 403}:
        return (
            "the receiver refuses it: has it this webhook's secret? Check one message with `seedwire webhooks verify`"
        )
    if 300 <= attempt.code < 400:
        return "redirects are not followed: write the final address into the config"
    if attempt.code in {404, 405, 410}:
        return "the receiver takes nothing at this address: compare `url` in the config with what it listens on"
    if attempt.code in {408, 429} or attempt.code >= 500:
        return "the receiver has trouble of its own: its log says more; alerts are tried again on the schedule"
    return "the receiver wants something else: its answer or its log says what"

"""``seedwire tokens``: who may use page and API."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from worker.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from store.access import Scope
    from worker.context import Context

_NAME = re.compile(r"[^\W_][\w .@-]{0,63}")


@click.group()
def tokens() -> None:
    """Make tokens for the page and the API, list them, revoke them.

    They count beside the `api_token` of the config. Once one was made, one is asked for, from this machine too.
    """


@tokens.command()
@options.config_option
@options.json_option
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice(["read", "write"]),
    default="read",
    show_default=True,
    help="What it allows; write is read too.",
)
@click.option("--expires", metavar="SPAN", help="When it ends by itself, such as 90d; else it is valid until revoked.")
def create(config: str | None, as_json: bool, name: str, scope: Scope, expires: str | None) -> None:
    """Make a token, NAME saying who or what it is for, and print it: this once, alone on standard output."""
    from store import access

    if not _NAME.fullmatch(name):
        raise click.UsageError(
            "a name has up to 64 letters, digits, spaces and any of . _ @ -, and begins with a letter or a digit"
        )
    lifetime = _span(expires) if expires else None
    with _context(config) as context, context.database.write() as transaction:
        now = context.now()
        token = access.create_token(transaction.connection, name, scope, now, lifetime)
    ends = now + lifetime if lifetime else None
    if as_json:
        click.echo(options.to_json({"name": name, "scope": scope, "expires": ends, "token": token}))
        return
    click.echo(token)
    until = f"until {ends:%Y-%m-%d %H:%M} UTC" if ends else "until it is revoked"
    click.echo(f'"{name}" may {scope} {until}; the token is not stored and cannot be shown again', err=True)


@tokens.command(name="list")
@options.config_option
@options.json_option
def list_(config: str | None, as_json: bool) -> None:
    """List tokens, with what they allow and when they were last used (to the minute)."""
    from store import access

    with _context(config) as context:
        now = context.now()
        with context.database.read() as connection:
            listed = access.list_tokens(connection)
    if as_json:
        for token in listed:
            told = {"name": token.name, "scope": token.scope, "state": token.state(now), "created": token.created}
            click.echo(options.to_json(told | {"used": token.used, "expires": token.expires, "revoked": token.revoked}))
        return
    if not listed:
        click.echo("no tokens yet: seedwire tokens create NAME")
        return
    options.table(
        [
            (
                token.state(now), token.scope, options.ago(token.created), options.ago(token.used),
                options.ago(token.expires), token.name,
            )
            for token in listed
        ],
        ("STATE", "SCOPE", "CREATED", "USED", "EXPIRES", "NAME"),
    )  # fmt: skip


@tokens.command()
@options.config_option
@options.json_option
@click.argument("name")
def revoke(config: str | None, as_json: bool, name: str) -> None:
    """End a token, and every login with it, within a second or two in every process."""
    from store import access

    with _context(config) as context, context.database.write() as transaction:
        now = context.now()
        before = access.revoke_token(transaction.connection, name, now)
    if as_json:
        click.echo(options.to_json({"name": name, "revoked": before.revoked or now}))
    elif before.revoked:
        click.echo(f'"{name}" was revoked already, {options.ago(before.revoked)}')
    else:
        click.echo(f'"{name}" is revoked')


@tokens.command()
@options.config_option
@options.json_option
def forget(config: str | None, as_json: bool) -> None:
    """Drop the tokens from the list that are revoked or expired.

    When none is left and the config names none, this machine is served without one again.
    """
    from store import access

    with _context(config) as context, context.database.write() as transaction:
        number = access.forget_tokens(transaction.connection, context.now())
    click.echo(options.to_json({"forgotten": number}) if as_json else f"{options.count(number, 'token')} forgotten")


@contextmanager
def _context(config: str | None) -> Iterator[Context]:
    """A context on tables that are there, made where nothing has run yet.

    A config that may only listen where it does once there is a token must not keep its first one from being made: these
    commands listen nowhere, so they say so.
    """
    from pathlib import Path

    from store import migrate
    from store.errors import NothingYet
    from worker.config.watch import Watcher
    from worker.context import Context

    here = {"SEEDWIRE_LISTEN": "127.0.0.1:8600", "SEEDWIRE_PUBLIC_URL": "http://127.0.0.1:8600"}
    made = Context(Watcher(Path(config) if config else None, os.environ | here))
    try:
        try:
            migrate.check(made.database)
        except NothingYet:
            migrate.upgrade(made.database)
        yield made
    finally:
        made.close()


def _span(said: str) -> timedelta:
    from datetime import timedelta

    from worker.config.errors import BadValue
    from worker.config.kinds import parse_duration

    try:
        span = parse_duration(said)
    except BadValue:
        span = timedelta()
    if not timedelta(0) < span <= timedelta(days=36500):
        raise click.UsageError(f"--expires {said!r}: expected a span such as 90d or 12h")
    return span

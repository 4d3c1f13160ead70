"""``seedwire webhooks verify``: what a receiver's author needs to know of a message that was refused."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    #: A signing key, and what a person calls it.
    Key = tuple[str, bytes]

_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True)


@click.command()
@options.config_option
@options.json_option
@click.argument("body", default="-", type=_FILE)
@click.option("--webhook", help="By the secrets of this webhook of the config (default: of all).")
@click.option("--secret-env", metavar="VARIABLE", help="By the secret in this variable; needs no config.")
@click.option("--secret-file", type=_FILE, metavar="FILE", help="By the secret in this file, or - for standard input.")
@click.option(
    "--headers", type=_FILE, metavar="FILE", help="The message's headers: a line each as they came, or a JSON object."
)
@click.option("--id", "webhook_id", help="The header webhook-id.")
@click.option("--timestamp", help="The header webhook-timestamp.")
@click.option("--signature", help="The header webhook-signature.")
@click.option("--any-age", is_flag=True, help="Leave the age aside: it was captured some time ago.")
def verify(
    config: str | None,
    as_json: bool,
    body: str,
    webhook: str | None,
    secret_env: str | None,
    secret_file: str | None,
    headers: str | None,
    webhook_id: str | None,
    timestamp: str | None,
    signature: str | None,
    any_age: bool,
) -> None:
    """Check a message that was received: its raw BODY (a file, or standard input) and its headers.

    Says which secret signed it, or what exactly is wrong: a header is missing, it is too old, the body was altered on
    the way, another secret signed it. Exit code 1 when something is. Where the database is at hand, the body is
    compared with what was sent under its id.
    """
    from alerts.verification import HEADERS, TOLERANCE, problems, signed_by

    if (body, headers, secret_file).count("-") > 1:
        raise click.UsageError("only one of BODY, --headers and --secret-file can be standard input")
    given = _headers(headers) if headers else {}
    given |= {name: value for name, value in zip(HEADERS, (webhook_id, timestamp, signature), strict=True) if value}
    message = sys.stdin.buffer.read() if body == "-" else Path(body).read_bytes()
    others: list[Key] = []
    sent: bytes | None = None
    if secret_env or secret_file:
        keys = _keys("the secret given", _given_secret(secret_env, secret_file))
    else:
        keys, others, sent = _of_config(config, webhook, given.get("webhook-id", ""))
    tolerance = None if any_age else TOLERANCE
    wrong = list(problems([key for _, key in keys], given, message, datetime.now(UTC), sent, tolerance))
    signers = [name for name, key in (*keys, *others) if signed_by([key], given, message)]
    if wrong and signers and not any(signers[0] == name for name, _ in keys):
        wrong.append(f"it is signed by {signers[0]}")
    if as_json:
        signer = signers[0] if signers else None
        told = {"ok": not wrong, "id": given.get("webhook-id"), "signed_by": signer, "problems": wrong}
        click.echo(options.to_json(told))
    elif not wrong:
        made = datetime.fromtimestamp(int(given["webhook-timestamp"]), UTC)
        click.echo(options.plain(f"good: {given['webhook-id']}, signed by {signers[0]}, {options.ago(made)}"))
    for problem in wrong if not as_json else ():
        click.echo(f"seedwire: {options.plain(problem)}", err=True)
    sys.exit(1 if wrong else 0)


def _of_config(config: str | None, name: str | None, webhook_id: str) -> tuple[list[Key], list[Key], bytes | None]:
    """The keys of the webhook named, or of all; those of the others; and what was sent under this id, where known."""
    from store.errors import StoreError

    read = options.watcher(config).current
    if name is not None:
        options.webhook(read, name)
    keys: list[Key] = []
    others: list[Key] = []
    for one in read.webhooks:
        (keys if name in (None, one.name) else others).extend(_keys(f'webhook "{one.name}"', one.secrets))
    if not keys:
        raise click.UsageError("no webhook with a secret in the config: give --secret-env or --secret-file")
    try:
        return keys, others, _sent(config, webhook_id) if webhook_id else None
    except StoreError:
        return keys, others, None


def _sent(config: str | None, webhook_id: str) -> bytes | None:
    from store import alerts

    with options.context(config) as context, context.database.read() as connection:
        alert = alerts.get(connection, webhook_id)
        return alert.body if alert.id == webhook_id else None


def _keys(whose: str, secrets: Sequence[bytes]) -> list[Key]:
    if len(secrets) == 1:
        return [(whose, secrets[0])]
    return [(f"{whose} (secret {number} of {len(secrets)})", key) for number, key in enumerate(secrets, 1)]


def _given_secret(variable: str | None, file: str | None) -> tuple[bytes, ...]:
    from worker.config.errors import BadValue
    from worker.config.signing import SIGNING_SECRETS

    if variable and file:
        raise click.UsageError("give --secret-env or --secret-file, not both")
    where = variable or file
    written = os.environ.get(variable, "") if variable else _read(file or "-")
    try:
        return SIGNING_SECRETS.parse(written.strip())
    except BadValue as wrong:
        raise click.UsageError(f"{where} holds no signing secret: {str(wrong) or 'it is empty'}") from None


def _headers(file: str) -> dict[str, str]:
    """Headers by their names in lower case, out of lines such as ``Webhook-Id: msg_1`` or a JSON object."""
    text = _read(file)
    try:
        pairs = json.loads(text).items()
    except (ValueError, AttributeError, RecursionError):
        pairs = [(name, value) for name, colon, value in (line.partition(":") for line in text.splitlines()) if colon]
    return {str(name).strip().lower(): str(value).strip() for name, value in pairs}


def _read(file: str) -> str:
    return (sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()).decode("utf-8", "replace")

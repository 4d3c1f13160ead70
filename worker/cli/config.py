"""``seedwire config``: check the config file, print the schema it keeps to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from worker.cli import options

if TYPE_CHECKING:
    from worker.config.config import Config


@click.group()
def config() -> None:
    """Check the config, print its schema."""


@config.command()
@options.config_option
@options.json_option
def check(config: str | None, as_json: bool) -> None:
    """Read the config as the service would and say what is wrong with it."""
    from worker.config.errors import ConfigError

    try:
        read = options.watcher(config).current
    except ConfigError as error:
        if not as_json:
            raise
        click.echo(options.to_json({"ok": False, "problems": error.problems}))
        raise SystemExit(1) from None
    warnings = (*read.warnings, *_doubts(read))
    if as_json:
        click.echo(
            options.to_json(
                {
                    "ok": True, "path": read.path, "feeds": len(read.feeds), "webhooks": len(read.webhooks),
                    "warnings": warnings,
                }
            )
        )  # fmt: skip
        return
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"{read.path}: good; {len(read.feeds)} feeds, {len(read.webhooks)} webhooks")


def _doubts(read: Config) -> tuple[str, ...]:
    from classifiers.errors import ClassifierError
    from classifiers.model import Model
    from worker.config.check import doubts

    try:
        types = Model.load(read.service.model).types
    except (ClassifierError, OSError) as error:
        return (str(error),)
    return doubts(read, types)


@config.command()
def schema() -> None:
    """Print the JSON Schema of seedwire.toml, for editors and for checks elsewhere."""
    from worker.config.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))

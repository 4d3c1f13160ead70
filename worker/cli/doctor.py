"""``seedwire doctor``: everything the service needs, and how it is doing, one line each."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from worker.cli import options

if TYPE_CHECKING:
    from worker.doctor import Finding

_MARKS = {"good": ("ok", "green"), "warning": ("--", "yellow"), "bad": ("!!", "red")}


@click.command()
@options.config_option
@options.json_option
@click.option("--live", is_flag=True, help="Only whether work is being done: for a container's health check.")
def doctor(config: str | None, as_json: bool, live: bool) -> None:
    """Check config, database, broker, model and the work itself. Exit code 1 when something is bad."""
    from worker.context import Context
    from worker.doctor import check_all, check_work

    watcher = options.watcher(config)
    context = Context(watcher)
    try:
        findings = check_work(context) if live else check_all(context)
    finally:
        context.close()
    for finding in findings:
        _show(finding, as_json=as_json)
    sys.exit(any(finding.state == "bad" for finding in findings))


def _show(finding: Finding, *, as_json: bool) -> None:
    if as_json:
        click.echo(options.to_json(asdict(finding)))
        return
    mark, colour = _MARKS[finding.state]
    click.echo(f"{click.style(mark, fg=colour)} {finding.what:<10} {finding.detail}")

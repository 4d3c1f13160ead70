"""Options many commands share, and how results are printed."""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from alerts.webhook import Webhook
    from worker.config.config import Config
    from worker.config.watch import Watcher
    from worker.context import Context

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

F = TypeVar("F", bound="Callable[..., object]")


def _remember(ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    return value if value is not None else ctx.find_root().obj


config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False),
    callback=_remember,
    help="The config file (default: $SEEDWIRE_CONFIG, else ./seedwire.toml).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")


def watcher(config: str | None) -> Watcher:
    """The config as a command uses it. Raises ConfigError."""
    from worker.config.watch import Watcher

    return Watcher(Path(config) if config else None, os.environ)


@contextmanager
def context(config: str | None) -> Iterator[Context]:
    """A context on an existing, up-to-date database. Raises ConfigError, StoreError."""
    from store import migrate
    from worker.context import Context

    made = Context(watcher(config))
    try:
        migrate.check(made.database)
        yield made
    finally:
        made.close()


def webhook(config: Config, name: str) -> Webhook:
    """The webhook of that name. Raises UsageError."""
    from worker.config.rows import did_you_mean

    for configured in config.webhooks:
        if configured.name == name:
            return configured
    near = did_you_mean(name, [configured.name for configured in config.webhooks], '"{}"')
    raise click.UsageError(f'no webhook "{name}" in {config.path}{near}')


def to_json(value: object) -> str:
    """One line of JSON; times in ISO 8601 UTC, spans in seconds."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, date | Path):
        return str(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def ago(then: datetime | None, now: datetime | None = None) -> str:
    """A time as a person says it: "5 min ago", "in 2 h", "never"."""
    if then is None:
        return "never"
    seconds = ((now or datetime.now(UTC)) - then).total_seconds()
    size = abs(seconds)
    for limit, unit, name in ((90, 1, "s"), (5400, 60, "min"), (129_600, 3600, "h"), (float("inf"), 86_400, "d")):
        if size < limit:
            said = f"{round(size / unit)} {name}"
            return f"{said} ago" if seconds >= 0 else f"in {said}"
    return ""


def due(then: datetime | None) -> str:
    """When something waits to be done: "in 2 h", "now" where its time has come, "-" where it is not to be."""
    if then is None:
        return "-"
    return ago(then) if then > datetime.now(UTC) else "now"


def count(number: int, what: str, many: str = "") -> str:
    """How many there are: "1 feed", "2 feeds"."""
    return f"{number:,} {what if number == 1 else many or what + 's'}"


def plain(text: str) -> str:
    """What came from outside, for a terminal: without control characters, which could move it, colour it or retype it.

    Line ends stay, and the joiners that Persian and the scripts of India are spelled with.
    """
    return _CONTROLS.sub("", text)


def table(rows: Sequence[tuple[str, ...]], header: tuple[str, ...]) -> None:
    """Columns for a terminal: aligned, the last one as wide as it likes."""
    rows = [tuple(plain(" ".join(cell.split())) for cell in row) for row in rows]
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header) - 1)]
    for number, row in enumerate([header, *rows]):
        line = "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        click.secho(line, dim=number == 0)


def moment(option: str, said: str) -> datetime:
    """A time that a person names; UTC where they do not say."""
    try:
        time = datetime.fromisoformat(said)
    except ValueError:
        raise click.UsageError(f"{option} {said!r} is no time; expected 2026-11-01 or 2026-11-01T12:00") from None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time

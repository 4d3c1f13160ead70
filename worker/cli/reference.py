"""docs/commands.md, made from the commands themselves: ``python -m worker.cli.reference > docs/commands.md``."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from worker.cli.main import COMMANDS, seedwire

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """# Commands

`make install` leaves the command in `.venv/bin/seedwire`. Every command has `--help`; wherever there is a result there
is `--json`, and lists are then one object a line. Errors go to standard error, one line each. The exit code is 0 when
it is done, 1 when it failed, 2 when it was used wrongly.

This page is made from the commands: `python -m worker.cli.reference > docs/commands.md`.
"""


def reference() -> str:
    """The whole page."""
    root = click.Context(seedwire, info_name="seedwire")
    parts = [_HEAD]
    for name, (_, meaning) in COMMANDS.items():
        command = seedwire.get_command(root, name)
        assert command is not None
        parts.append(f"## seedwire {name}\n")
        if isinstance(command, click.Group):
            parts.append(f"{meaning}.\n")
        parts += _describe(command, f"seedwire {name}", root)
    return "\n".join(parts).rstrip() + "\n"


def _describe(command: click.Command, path: str, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=path.rpartition(" ")[2], parent=parent)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield f"### {path} {name}\n"
            yield from _describe(below, f"{path} {name}", context)
        return
    yield inspect.cleandoc(command.help or "") + "\n"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```\n{path} {usage}\n```\n"
    rows = [
        (", ".join(option.opts), record[1].strip())
        for option in command.params
        if isinstance(option, click.Option) and (record := option.get_help_record(context))
    ]
    if rows:
        yield "| option | meaning |\n|---|---|"
        yield "\n".join(f"| `{name}` | {meaning} |" for name, meaning in rows) + "\n"


if __name__ == "__main__":
    click.echo(reference(), nl=False)

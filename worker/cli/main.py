"""The ``seedwire`` command. Subcommands are imported when they are asked for, so that ``classify`` starts at once."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

#: command -> (module, what it is for). The order is that of ``seedwire --help``.
COMMANDS = {
    "up": ("worker.cli.service", "Run the whole service on this machine"),
    "demo": ("worker.cli.demo", "Watch signed alerts arrive from a newsroom of our own"),
    "poll": ("worker.cli.service", "One pass over due feeds and what follows from it, then exit"),
    "classify": ("worker.cli.classify", "Say what texts report, with evidence"),
    "learn": ("worker.cli.learn", "Learn kinds of events from a folder of articles"),
    "who": ("worker.cli.who", "Who holds which office: list whom it knows, correct it"),
    "feeds": ("worker.cli.feeds", "The feeds: list, add, remove, check, import, export"),
    "items": ("worker.cli.items", "Stored items: list them with scores and outcomes, label them"),
    "stories": ("worker.cli.stories", "Stories: list, show, merge two into one, split one in two"),
    "alerts": ("worker.cli.alerts", "Alerts: list, show, replay"),
    "deliveries": ("worker.cli.deliveries", "Deliveries: list with attempts, retry"),
    "webhooks": ("worker.cli.webhooks", "Webhooks: list, dry-run, test, verify a message, rotate secrets"),
    "tokens": ("worker.cli.tokens", "Tokens for page and API: make, list, revoke"),
    "config": ("worker.cli.config", "The config: check it, print its schema"),
    "doctor": ("worker.cli.doctor", "Check everything the service needs and how it is doing"),
    "migrate": ("worker.cli.service", "Create or upgrade the tables of the database"),
    "worker": ("worker.cli.service", "Run the workers alone (for docker compose and other orchestrators)"),
    "beat": ("worker.cli.service", "Run the tick alone"),
    "web": ("worker.cli.service", "Run the web page and API alone"),
    "newsroom": ("worker.cli.demo", "Run the demo's newsroom and webhook catcher alone"),
}


class _LazyGroup(click.Group):
    """Knows its commands by name and imports one when it is used; ``--help`` imports none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, meaning) for name, (_, meaning) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"no command {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="seedwire", message="%(prog)s %(version)s")
@click.option(
    "--config",
    type=click.Path(dir_okay=False),
    help="The config file (default: $SEEDWIRE_CONFIG, else ./seedwire.toml).",
)
@click.pass_context
def seedwire(ctx: click.Context, config: str | None) -> None:
    """Watch feeds for kinds of events learned from a few articles, and call webhooks once per real-world event."""
    ctx.obj = config


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line; ends the process with 0 done, 1 failed, 2 used wrongly."""
    try:
        code = seedwire.main(args=list(args) if args is not None else None, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = 2
    except click.UsageError as error:
        where = f" (see `{error.ctx.command_path} --help`)" if error.ctx else ""
        _complain(f"{error.format_message()}{where}")
        code = 2
    except click.ClickException as error:
        _complain(error.format_message())
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except BrokenPipeError:
        # The reader of our output has gone (`seedwire items list | head`): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        if not _is_ours(error):
            raise
        for line in str(error).splitlines():
            _complain(line)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _is_ours(error: Exception) -> bool:
    """Errors of our rooms are written for people; anything else is a bug and keeps its trace."""
    room = type(error).__module__.partition(".")[0]
    return room in {"alerts", "classifiers", "feeds", "store", "web", "worker"} or isinstance(error, OSError)


def _complain(line: str) -> None:
    click.echo(f"seedwire: {line}", err=True)


if __name__ == "__main__":
    main()

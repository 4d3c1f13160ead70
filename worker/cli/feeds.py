"""``seedwire feeds``: how the feeds are doing, and what a poll of one would see."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from worker.cli import feeds_edit, feeds_opml, options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feeds.check import Checked
    from store.feed_health import FeedHealth
    from worker.config.config import Config

_POLL_WORDS = {
    "due": "it is due: {}",
    "polling": "it is being polled right now",
    "asked-to-wait": "its publisher asked to be left alone, which is kept to; next poll: {}",
}


@click.group()
def feeds() -> None:
    """List feeds with their health, add and remove them, check what a poll would see."""


feeds.add_command(feeds_edit.add)
feeds.add_command(feeds_edit.remove)
feeds.add_command(feeds_opml.import_)
feeds.add_command(feeds_opml.export)


@feeds.command(name="list")
@options.config_option
@options.json_option
def list_(config: str | None, as_json: bool) -> None:
    """List the configured feeds: when last and next polled, how many items, what is wrong."""
    from worker.cli.feed_rows import feed_rows

    found = feed_rows(options.watcher(config).current)
    if as_json:
        for feed in found:
            click.echo(options.to_json(asdict(feed)))
        return
    if not found:
        click.echo("no feeds yet: `seedwire feeds add URL` adds one")
        return
    rows = [
        (
            feed.health, options.ago(feed.polled), options.due(feed.next_poll), f"{feed.items_per_day:g}",
            _push(feed), (feed.name or "-")[:28], feed.url, "; ".join(_notes(feed)),
        )
        for feed in found
    ]  # fmt: skip
    options.table(rows, ("HEALTH", "POLLED", "NEXT", "ITEMS/DAY", "PUSH", "NAME", "URL", "PROBLEM"))


def _push(feed: FeedHealth) -> str:
    """How it stands with pushes of a feed whose document names a hub."""
    until = f", ends {options.due(feed.push_until)}" if feed.push_until else ""
    return f"{feed.push or '-'}{until}"


def _notes(feed: FeedHealth) -> Iterator[str]:
    if feed.problem:
        yield f"{feed.problem}: {feed.problem_detail}"
    if feed.health == "resting":
        yield "asked once a day from now on: `seedwire feeds remove` it, or give its new address"
    if feed.moved_to:
        yield f"moved to {feed.moved_to}, seen {options.count(feed.moved_seen, 'time')}; the config keeps its own"


@feeds.command()
@options.config_option
@options.json_option
@click.argument("which", metavar="FEED")
def poll(config: str | None, as_json: bool, which: str) -> None:
    """Have a running service poll one feed now: its address, name or id.

    The pauses between requests to its host are kept to, and what its publisher asked to be left alone for.
    """
    from worker.poll_now import poll_now

    with options.context(config) as context:
        found = [feed for feed in context.config.feeds if which in {feed.id, feed.url, feed.name}]
        if len(found) != 1:
            why = "several feeds have that name: say its address" if found else "`seedwire feeds list` shows them"
            raise click.UsageError(f"which feed is {which!r}? {why}")
        told = poll_now(context, found[0].id)
    if as_json:
        click.echo(options.to_json(asdict(told)))
    else:
        click.echo(_POLL_WORDS[told.outcome].format(options.due(told.next_poll)))


@feeds.command()
@options.config_option
@options.json_option
@click.option("--allow-private", is_flag=True, help="Also fetch from addresses on private networks.")
@click.argument("where", nargs=-1, required=True, metavar="PATH_OR_URL...")
def check(config: str | None, as_json: bool, allow_private: bool, where: tuple[str, ...]) -> None:
    """Say what a poll of each address or file would see: format, encoding, problems, items.

    Needs no config; where there is one, its limits and its feeds' own `allow_private` hold. The exit code is 1 when
    something could not be read; with --json that is a line like any other, and the exit code is 0.
    """
    from feeds.check import check as check_one
    from feeds.door import Door

    found = _config(config)
    own = {feed.url for feed in found.feeds if feed.allow_private} if found else set()
    limits = found.polling if found else None

    def look(one: str) -> Checked:
        return check_one(one, door, allow_private=allow_private or one in own, limits=limits)

    bad = 0
    with Door(contact=found.service.contact if found else "") as door, ThreadPoolExecutor(4) as pool:
        show = sys.stderr.isatty() and not sys.stdout.isatty() and len(where) > 20
        answers = pool.map(look, where)
        with click.progressbar(answers, length=len(where), label="checking", file=sys.stderr, hidden=not show) as walk:
            for seen in walk:
                if as_json:
                    click.echo(options.to_json(seen))
                else:
                    bad += not _show(seen)
    if bad:
        sys.exit(1)


def _config(named: str | None) -> Config | None:
    """The config, where there is one: a feed can be checked before there is any, or while it is being mended."""
    from worker.config.errors import ConfigError, ConfigNotFound

    try:
        return options.watcher(named).current
    except ConfigError as error:
        if named:
            raise
        if not isinstance(error, ConfigNotFound):
            click.echo(f"seedwire: checked without the config: {error.problems[0]}", err=True)
        return None


def _show(seen: Checked) -> bool:
    """Show what was seen; whether it could be read."""
    from feeds.parse import UNREADABLE

    items, problems = seen["items"], seen["problems"]
    readable = seen["format"] is not None and not any(problem["code"] in UNREADABLE for problem in problems)
    mark, colour = ("!!", "red") if not readable else ("--", "yellow") if problems else ("ok", "green")
    click.echo(f"{click.style(mark, fg=colour)} {options.plain(seen['url'])}")
    kind = seen["format"] or "not a feed"
    click.echo(
        options.plain(f"   {kind}, {seen['encoding'] or 'encoding unknown'}, {options.count(len(items), 'item')}")
    )
    for problem in problems:
        click.echo(options.plain(f"   {problem['code']}: {problem['detail']}"))
    for item in items[:3]:
        click.secho(options.plain(f"   {item['published'] or 'undated'}  {item['title']}"), dim=True)
    return readable

"""``seedwire feeds``: how the feeds are doing, and what a poll of one would see."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from worker.cli import options

if TYPE_CHECKING:
    from feeds.check import Checked


@click.group()
def feeds() -> None:
    """List feeds with their health, check what a poll would see."""


@feeds.command(name="list")
@options.config_option
@options.json_option
def list_(config: str | None, as_json: bool) -> None:
    """List the configured feeds: when last and next polled, how many items, what is wrong."""
    from store.feed_health import list_feeds

    with options.context(config) as context, context.database.read() as connection:
        found = list_feeds(connection, context.now())
    if as_json:
        for feed in found:
            click.echo(options.to_json(asdict(feed) | {"health": feed.health}))
        return
    if not found:
        click.echo("no feeds yet: they appear when the service first runs (`seedwire up` or `seedwire poll`)")
        return
    rows = [
        (
            feed.health, options.ago(feed.polled), options.ago(feed.next_poll), f"{feed.items_per_day:g}",
            (feed.name or "-")[:28], feed.url, f"{feed.problem}: {feed.problem_detail}" if feed.problem else "",
        )
        for feed in found
    ]  # fmt: skip
    options.table(rows, ("HEALTH", "POLLED", "NEXT", "ITEMS/DAY", "NAME", "URL", "PROBLEM"))


@feeds.command()
@options.config_option
@options.json_option
@click.option("--allow-private", is_flag=True, help="Also fetch from addresses on private networks.")
@click.argument("where", nargs=-1, required=True, metavar="PATH_OR_URL...")
def check(config: str | None, as_json: bool, allow_private: bool, where: tuple[str, ...]) -> None:
    """Say what a poll of each address or file would see: format, encoding, problems, items."""
    del config
    from feeds.check import check as check_one
    from feeds.door import Door

    bad = 0
    with Door() as door, ThreadPoolExecutor(4) as pool:
        show = sys.stderr.isatty() and not sys.stdout.isatty() and len(where) > 20
        answers = pool.map(lambda one: check_one(one, door, allow_private=allow_private), where)
        with click.progressbar(answers, length=len(where), label="checking", file=sys.stderr, hidden=not show) as walk:
            for seen in walk:
                if as_json:
                    click.echo(options.to_json(seen))
                else:
                    _show(seen)
                bad += not seen["items"]
    if bad and not as_json:
        sys.exit(1)


def _show(seen: Checked) -> None:
    items, problems = seen["items"], seen["problems"]
    mark = (
        click.style("ok", fg="green") if items and not problems else click.style("!!", fg="yellow" if items else "red")
    )
    click.echo(f"{mark} {seen['url']}")
    click.echo(f"   {seen['format'] or 'not a feed'}, {seen['encoding'] or 'encoding unknown'}, {len(items)} items")
    for problem in problems:
        click.echo(f"   {problem['code']}: {problem['detail']}")
    for item in items[:3]:
        click.secho(f"   {item['published'] or 'undated'}  {item['title']}", dim=True)

"""``seedwire feeds add`` and ``remove``: the config file is changed, and a running service takes the change over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from feeds.discover import Candidate, Discovered
    from worker.config.config import Config


@click.command()
@options.config_option
@options.json_option
@click.option("--name", help="What to call it (default: the feed's own title).")
@click.option("--tag", "tags", multiple=True, help="A label that webhooks can filter by; may be given again.")
@click.option("--interval", help='How often to poll it, such as "5m" (default: as in `[polling]`).')
@click.option("--fulltext", is_flag=True, help="Read the article's page where the feed's own text is short.")
@click.option("--allow-private", is_flag=True, help="It is on a private network or this machine.")
@click.option("--first-poll", help='What it already carries: "baseline", "alert", or an age such as "24h".')
@click.option("--pick", type=click.IntRange(1), help="Which of several feeds that a page names.")
@click.option("--force", is_flag=True, help="Also one that cannot be read, or that looks like one there is.")
@click.argument("url")
def add(
    config: str | None, as_json: bool, name: str | None, tags: tuple[str, ...], interval: str | None, fulltext: bool,
    allow_private: bool, first_poll: str | None, pick: int | None, force: bool, url: str,
) -> None:  # fmt: skip
    """Write a feed into the config: URL is its address, or that of a page whose feed is then found.

    Where a page names several, they are listed; choose with --pick, or by address. The feed is read before it is
    written. A missing config file is made, and a running service polls the feed within seconds.
    """
    from feeds.discover import full_address
    from worker.config.edit import editing
    from worker.config.errors import BadValue

    if Path(url).is_file():
        raise click.UsageError(
            f"{url} is a file: `seedwire feeds import` takes lists, `seedwire feeds check` documents"
        )
    address = full_address(url)
    try:
        table = feed_table(
            url=address, name=name, tags=list(tags), interval=interval, fulltext=fulltext, allow_private=allow_private,
            first_poll=first_poll,
        )  # fmt: skip
    except BadValue as wrong:
        raise click.UsageError(str(wrong)) from None
    path = config_path(config)
    before = existing(path)
    if before:
        refuse_duplicate(before, address, force=force)
    found = _discover(url, address, before, allow_private=allow_private)
    chosen = _choose(found, address, pick, as_json=as_json, force=force)
    if chosen:
        table["url"] = chosen.url
    made = not path.exists()
    with editing(path, os.environ) as draft:
        refuse_duplicate(draft.config, str(table["url"]), force=force)
        draft.add_feeds([table])
    if as_json:
        title = chosen.feed.title if chosen else None
        told = {"format": chosen.feed.format or None if chosen else None, "title": title, "config": path, "made": made}
        click.echo(options.to_json(table | told))
        return
    what = f" ({_described(chosen)})" if chosen else ""
    click.echo(options.plain(f"added {table['url']}{what} to {path}{', which is new' if made else ''}"))


@click.command()
@options.config_option
@options.json_option
@click.argument("which", metavar="URL_OR_NAME...", nargs=-1, required=True)
def remove(config: str | None, as_json: bool, which: tuple[str, ...]) -> None:
    """Take feeds out of the config, each by its exact address or name. What they brought stays stored."""
    from worker.config.edit import editing
    from worker.config.load import find_config

    path = find_config(Path(config) if config else None, os.environ)
    with editing(path, os.environ) as draft:
        indexes = {_find(draft.config, one) for one in which}
        draft.remove_feeds(indexes)
        gone = [draft.config.feeds[index] for index in sorted(indexes)]
    for feed in gone:
        if as_json:
            click.echo(options.to_json({"url": feed.url, "name": feed.name, "tags": feed.tags, "config": path}))
        else:
            click.echo(options.plain(f"removed {feed.url}{f' ({feed.name})' if feed.name else ''} from {path}"))


def config_path(named: str | None) -> Path:
    """Where the config is, or is to be."""
    from worker.config.load import DEFAULT_NAME

    return Path(named or os.environ.get("SEEDWIRE_CONFIG") or DEFAULT_NAME)


def existing(path: Path) -> Config | None:
    """The config, None where there is none yet. Raises ConfigError."""
    from worker.config.load import load

    return load(path, os.environ) if path.exists() else None


def feed_table(**given: object) -> dict[str, object]:
    """A ``[[feeds]]`` table of what is given and says something. Raises BadValue for what its key cannot have."""
    from worker.config.errors import BadValue
    from worker.config.keys import BY_TABLE

    table: dict[str, object] = {}
    for key in BY_TABLE["feeds"]:
        value = given.get(key.name)
        if not value:
            continue
        try:
            key.kind.parse(value)
        except BadValue as wrong:
            reason = f": {wrong}" if str(wrong) else ""
            raise BadValue(f"{key.name}: expected {key.kind.expected}{reason}") from None
        table[key.name] = value
    return table


def refuse_duplicate(config: Config, url: str, *, force: bool) -> None:
    """Raises ClickException where the config has this feed, or, unless ``force``, one that looks like it."""
    from worker.config.addresses import nearly_same_address, same_address
    from worker.config.edit import place

    def shown(index: int) -> str:
        feed = config.feeds[index]
        return f"{place(config, index)}: {feed.url}{f' ({feed.name})' if feed.name else ''}"

    for index, feed in enumerate(config.feeds):
        if same_address(feed.url) == same_address(url):
            raise click.ClickException(options.plain(f"{shown(index)} is this feed already"))
        if not force and nearly_same_address(feed.url) == nearly_same_address(url):
            told = f"looks like {url}: say --force if that is another feed, else edit the address there"
            raise click.ClickException(options.plain(f"{shown(index)} {told}"))


def _discover(typed: str, url: str, config: Config | None, *, allow_private: bool) -> Discovered:
    from feeds.discover import discover
    from feeds.door import Door
    from feeds.feed import PollingLimits

    limits = config.polling if config else PollingLimits()
    with Door(contact=config.service.contact if config else "") as door:
        found = discover(url, door, limits=limits, allow_private=allow_private)
        # Whoever names no scheme may mean a site that has no https.
        if "://" not in typed and found.problem and found.problem.code in ("refused", "tls", "timeout", "closed"):
            plain = discover(url.replace("https://", "http://", 1), door, limits=limits, allow_private=allow_private)
            found = plain if plain.candidates else found
    return found


def _choose(found: Discovered, url: str, pick: int | None, *, as_json: bool, force: bool) -> Candidate | None:
    """The feed that is meant; None where there is none, and ``force``. Raises ClickException."""
    if not found.candidates:
        assert found.problem is not None
        told = f"{url}: {found.problem.detail}"
        if not force:
            raise click.ClickException(options.plain(f"{told} (--force writes it all the same)"))
        click.echo(options.plain(f"seedwire: written all the same: {told}"), err=True)
        return None
    if pick and pick > len(found.candidates):
        raise click.UsageError(f"--pick {pick}: {url} has {options.count(len(found.candidates), 'feed')}")
    if pick or len(found.candidates) == 1:
        return found.candidates[(pick or 1) - 1]
    for number, candidate in enumerate(found.candidates, 1):
        if as_json:
            feed = candidate.feed
            one = {"pick": number, "url": candidate.url, "format": feed.format, "title": feed.title}
            click.echo(options.to_json({**one, "items": len(feed.entries)}))
        else:
            click.echo(options.plain(f"{number:>3}  {candidate.url}  ({_described(candidate)})"))
    more = f" (and {found.untried} links were not tried)" if found.untried else ""
    raise click.ClickException(
        f"{options.plain(url)} has {len(found.candidates)} feeds{more}: add one with --pick N, or by its address"
    )


def _described(candidate: Candidate) -> str:
    feed = candidate.feed
    newest = max((moment for entry in feed.entries if (moment := entry.published or entry.updated)), default=None)
    words = [feed.format, options.count(len(feed.entries), "item")]
    words += [f"the newest {options.ago(newest)}"] if newest else []
    words += [f'"{feed.title}"'] if feed.title else []
    return ", ".join(words)


def _find(config: Config, which: str) -> int:
    """The place of the one feed that has this address or name. Raises ClickException."""
    from worker.config.addresses import nearly_same_address, same_address
    from worker.config.edit import place
    from worker.config.rows import did_you_mean

    def at(same: Callable[[str], str]) -> list[int]:
        return [index for index, feed in enumerate(config.feeds) if same(feed.url) == same(which)]

    def called(names: Sequence[str]) -> list[int]:
        return [index for index, name in enumerate(names) if name.casefold() == which.casefold()]

    is_address = which.startswith(("http://", "https://"))
    names = [feed.name for feed in config.feeds]
    found = at(str) or (at(same_address) if is_address else called(names))
    if not found and not is_address:
        names = _shown_names(config)
        found = called(names)
    if len(found) > 1:
        each = ", ".join(f"{config.feeds[index].url} ({place(config, index)})" for index in found)
        raise click.ClickException(options.plain(f'{len(found)} feeds are called "{which}", say which address: {each}'))
    if not found:
        near = [config.feeds[index].url for index in at(nearly_same_address)] if is_address else []
        known = [*names, *(feed.url for feed in config.feeds)]
        hint = f"; did you mean {near[0]}?" if near else did_you_mean(which, filter(None, known))
        raise click.ClickException(options.plain(f'{config.path}: no feed has the address or name "{which}"{hint}'))
    return found[0]


def _shown_names(config: Config) -> list[str]:
    """What ``feeds list`` calls them: their own titles where the config has no name for them."""
    from store.errors import StoreError
    from worker.cli.feed_rows import feed_rows

    try:
        shown = {row.url: row.name for row in feed_rows(config)}
    except StoreError:
        return [feed.name for feed in config.feeds]
    return [shown[feed.url] for feed in config.feeds]

"""``seedwire feeds import`` and ``export``: lists of feeds, from other readers and for them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli import options
from worker.cli.feeds_edit import config_path, existing, feed_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feeds.opml import Outline
    from worker.config.config import Config

#: Feeds that --check reads at once, each of another host.
READERS = 16


@dataclass(slots=True)
class _Entry:
    """An outline on its way into the config. ``table`` is empty while its ``outcome`` is ``left out``."""

    file: str
    outline: Outline
    table: dict[str, object] = field(default_factory=dict)
    outcome: str = "added"
    detail: str = ""

    @property
    def url(self) -> str:
        return str(self.table.get("url", self.outline.address))

    def leave_out(self, why: str) -> None:
        self.outcome, self.detail = "left out", why

    @property
    def told(self) -> dict[str, object]:
        return {
            "file": self.file, "line": self.outline.line, "url": self.url, "name": self.outline.name,
            "tags": self.table.get("tags", []), "outcome": self.outcome, "detail": self.detail or None,
        }  # fmt: skip


@click.command(name="import")
@options.config_option
@options.json_option
@click.option(
    "--tag", "tags", multiple=True, help="A label for all of them, besides their folders; may be given again."
)
@click.option("--allow-private", is_flag=True, help="They are on private networks or this machine.")
@click.option("--check", "look", is_flag=True, help="Fetch each of them, and leave out what cannot be read.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def import_(
    config: str | None,
    as_json: bool,
    tags: tuple[str, ...],
    allow_private: bool,
    look: bool,
    dry_run: bool,
    files: tuple[str, ...],
) -> None:
    """Write the feeds of OPML files into the config; `-` is standard input.

    The folders around a feed become its tags. A feed that is there already is passed over, also under https for http,
    with or without `www.` or a slash at its end. What has no usable address is left out and told by name and line.
    """
    from worker.config.edit import editing

    entries, unread = _read(files, tags, allow_private=allow_private)
    path = config_path(config)
    if look:
        _leave_out_unreadable(entries, existing(path))
    with editing(path, os.environ, write=not dry_run) as draft:
        _pass_over_known(entries, draft.config)
        added = [entry for entry in entries if entry.outcome == "added"]
        draft.add_feeds([entry.table for entry in added])
    for entry in entries:
        if as_json:
            click.echo(options.to_json(entry.told))
        elif entry.outcome == "left out":
            place = f'{entry.file}:{entry.outline.line}: "{entry.outline.name or entry.url}"'
            click.echo(options.plain(f"seedwire: {place} is left out: {entry.detail}"), err=True)
    known = sum(entry.outcome == "known" for entry in entries)
    left_out = len(entries) - len(added) - known
    if not as_json:
        done = "would be added" if dry_run else "added"
        rest = [options.count(known, "duplicate")] if known else []
        rest += [f"{left_out} left out"] if left_out else []
        click.echo("; ".join([f"{options.count(len(added), 'feed')} {done} to {path}", *rest]))
    sys.exit(unread or not (added or known))


@click.command()
@options.config_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here (default: standard output).")
def export(config: str | None, out: Path | None) -> None:
    """Write the configured feeds as OPML 2.0, their tags as folders, for `feeds import` and other readers."""
    from worker.config.opml import to_opml

    feeds = options.watcher(config).current.feeds
    document = to_opml(feeds, datetime.now(UTC))
    if out is None:
        click.echo(document, nl=False)
        return
    out.write_bytes(document)
    click.echo(f"{options.count(len(feeds), 'feed')} written to {out}")


def _read(files: Sequence[str], tags: Sequence[str], *, allow_private: bool) -> tuple[list[_Entry], bool]:
    """What the files hold, and whether one of them could not be read."""
    from feeds.opml import read
    from worker.config.errors import BadValue

    entries: list[_Entry] = []
    unread = False
    for name in files:
        try:
            outlines = read(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes())
            problem = "" if outlines else "no feed in it: expected OPML, a list of feeds that a reader exports"
        except (OSError, ValueError) as error:
            outlines, problem = [], f"cannot be read: {getattr(error, 'strerror', None) or error}"
        if problem:
            unread = True
            click.echo(options.plain(f"seedwire: {name}: {problem}"), err=True)
        for outline in outlines:
            entry = _Entry(name, outline)
            entries.append(entry)
            if not outline.address:
                entry.leave_out("it has no address (xmlUrl)")
                continue
            try:
                entry.table = _table(outline, tags, allow_private=allow_private)
            except BadValue as wrong:
                entry.leave_out(str(wrong))
    return entries, unread


def _table(outline: Outline, tags: Sequence[str], *, allow_private: bool) -> dict[str, object]:
    from feeds.discover import full_address

    labels = [tag[:64].strip() for tag in (*outline.folders, *tags)]
    return feed_table(
        url=full_address(outline.address),
        name=outline.name[:200].strip(),
        tags=list(dict.fromkeys(labels)),
        interval=outline.interval,
        fulltext=outline.fulltext,
        allow_private=allow_private,
    )


def _pass_over_known(entries: Sequence[_Entry], config: Config) -> None:
    """Of several that are one feed the first counts, with the tags of all; what the config has stays as it is."""
    from worker.config.addresses import nearly_same_address

    known = {nearly_same_address(feed.url): feed.url for feed in config.feeds}
    first: dict[str, _Entry] = {}
    for entry in entries:
        if entry.outcome != "added":
            continue
        address = nearly_same_address(entry.url)
        same = first.setdefault(address, entry)
        if address in known:
            entry.outcome, entry.detail = "known", f"in the config as {known[address]}"
        elif same is not entry:
            entry.outcome, entry.detail = "known", f"twice in the lists, first in {same.file}:{same.outline.line}"
            tags = dict.fromkeys([*_tags(same.table), *_tags(entry.table)])
            same.table |= {"tags": list(tags)} if tags else {}


def _tags(table: Mapping[str, object]) -> list[object]:
    tags = table.get("tags", [])
    assert isinstance(tags, list)
    return tags


def _leave_out_unreadable(entries: Sequence[_Entry], config: Config | None) -> None:
    """Read every feed, those of one host one after the other. Raises ClickException where none can be read."""
    from concurrent.futures import ThreadPoolExecutor
    from urllib.parse import urlsplit

    from feeds.check import check
    from feeds.door import Door
    from feeds.parse import UNREADABLE

    hosts: dict[str | None, list[_Entry]] = {}
    for entry in entries:
        if entry.outcome == "added":
            hosts.setdefault(urlsplit(entry.url).hostname, []).append(entry)
    limits = config.polling if config else None

    def read(door: Door, of_one_host: Sequence[_Entry]) -> int:
        for entry in of_one_host:
            seen = check(entry.url, door, allow_private=bool(entry.table.get("allow_private")), limits=limits)
            fatal = [problem for problem in seen["problems"] if seen["format"] is None or problem["code"] in UNREADABLE]
            if fatal:
                entry.leave_out(fatal[-1]["detail"])
        return len(of_one_host)

    asked = sum(map(len, hosts.values()))
    with (
        Door(contact=config.service.contact if config else "") as door,
        ThreadPoolExecutor(READERS) as pool,
        click.progressbar(length=asked, label="reading", file=sys.stderr, hidden=not sys.stderr.isatty()) as walk,
    ):
        for done in pool.map(lambda group: read(door, group), hosts.values()):
            walk.update(done)
    if asked and all(entry.outcome != "added" for entry in entries):
        told = next(entry for group in hosts.values() for entry in group)
        raise click.ClickException(
            options.plain(f"none of the {asked} feeds can be read, so nothing was written ({told.url}: {told.detail})")
        )

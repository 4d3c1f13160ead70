"""What the keys of a config must be together, once each is good by itself. Each check adds its problems to
``reader``."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from feeds.feed import PollingLimits
from worker.config import keys
from worker.config.addresses import is_this_machine, same_address
from worker.config.keys import KEYS, TABLES
from worker.config.kinds import format_duration
from worker.config.rows import Reader, Row, did_you_mean, written

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_tables(reader: Reader, document: Mapping[str, object]) -> None:
    """No table or lone key that means nothing."""
    for name, content in document.items():
        if name in TABLES:
            continue
        if isinstance(content, dict | list):
            close = did_you_mean(name, [written(table) for table in TABLES])
            known = f"; the tables are {', '.join(written(table) for table in TABLES)}"
            reader.problems.append(f"{reader.place(name)}: unknown table{close or known}")
        else:
            homes = [written(key.table) for key in KEYS if name in key.forms]
            hint = f"; it belongs under {' or '.join(homes)}" if homes else ""
            reader.problems.append(f"{reader.place('', None, name)}: unknown key{hint}")


def check_service(reader: Reader, row: Row) -> None:
    """A token where others reach the service; a data folder and a model that can be there."""
    listen = row.get(keys.LISTEN_KEY)
    token_told = any("api_token" in problem.lower() for problem in reader.problems)
    ways = (
        "SEEDWIRE_API_TOKEN, service.api_token_env or service.api_token_file, or make one: seedwire tokens create NAME"
    )
    public = row.get(keys.PUBLIC_URL_KEY)
    is_beyond = listen and not listen.is_loopback
    is_reached = public and not is_this_machine(public)
    has_token = row.get(keys.API_TOKEN) or token_told
    if (is_beyond or is_reached) and not has_token and not _has_made_tokens(row, reader.path.absolute().parent):
        if is_beyond:
            reader.problem(row, keys.LISTEN_KEY, f"{listen} is beyond loopback, so a token is needed: set {ways}")
        if is_reached:
            told = f"{public} is reached by others, so a token is needed: set {ways}"
            reader.problem(row, keys.PUBLIC_URL_KEY, told)
    token = row.get(keys.API_TOKEN)
    if token and len(token) < 16:
        reader.warnings.append(
            f"{reader.place('service')}: the api_token is short enough to be guessed; take 32 characters"
        )
    folder = reader.path.absolute().parent / Path(row.get(keys.DATA_DIR) or "").expanduser()
    in_the_way = next((at for at in (folder, *folder.parents) if at.is_file()), None)
    if in_the_way:
        told = f"{in_the_way} is a file: name a folder, or move the file away"
        reader.problem(row, keys.DATA_DIR, told)
    model = row.get(keys.MODEL)
    if model and not (reader.path.absolute().parent / model).is_file():
        reader.problem(
            row, keys.MODEL, f'there is no file "{model}"; make it: seedwire learn --seeds DIR --out {model}'
        )


def check_polling(reader: Reader, row: Row, feeds: list[Row]) -> PollingLimits:
    """The limits, where they make sense together. A bound that is not written makes room for ``interval``."""
    defaults = PollingLimits()
    interval = row.get(keys.INTERVAL) or defaults.interval
    lowest = row.get(keys.MIN_INTERVAL)
    highest = row.get(keys.MAX_INTERVAL)

    if lowest and highest and lowest > highest:
        bound = f"more than max_interval {format_duration(highest)}"
        reader.problem(row, keys.MIN_INTERVAL, f"{format_duration(lowest)} is {bound}")
    elif lowest and interval < lowest:
        bound = f"less than min_interval {format_duration(lowest)}"
        reader.problem(row, keys.INTERVAL, f"{format_duration(interval)} is {bound}")
    elif highest and interval > highest:
        bound = f"more than max_interval {format_duration(highest)}"
        reader.problem(row, keys.INTERVAL, f"{format_duration(interval)} is {bound}")
    limits = replace(
        defaults,
        interval=interval,
        min_interval=lowest or min(defaults.min_interval, interval),
        max_interval=highest or max(defaults.max_interval, interval),
    )
    for feed in feeds:
        wish = feed.get(keys.FEED_INTERVAL)
        if wish and wish < limits.min_interval:
            bound = f"less than polling.min_interval {format_duration(limits.min_interval)}; lower that too"
            reader.problem(feed, keys.FEED_INTERVAL, f"{format_duration(wish)} is {bound}")
        elif wish and wish > limits.max_interval:
            bound = f"more than polling.max_interval {format_duration(limits.max_interval)}; raise that too"
            reader.problem(feed, keys.FEED_INTERVAL, f"{format_duration(wish)} is {bound}")
    return replace(
        limits,
        timeout=row.get(keys.POLL_TIMEOUT) or defaults.timeout,
        max_bytes=row.get(keys.MAX_BYTES) or defaults.max_bytes,
        per_host=row.get(keys.PER_HOST) or defaults.per_host,
    )


def check_distinct(reader: Reader, feeds: list[Row], webhooks: list[Row]) -> None:
    """No feed twice, no two webhooks of one name."""
    first: dict[str, int | None] = {}
    for feed in feeds:
        url = feed.get(keys.FEED_URL)
        if url and (same := first.setdefault(same_address(url), feed.index)) != feed.index:
            reader.problem(feed, keys.FEED_URL, f"feeds[{same}] has the same address; keep one of them")
    named: dict[str, int | None] = {}
    for webhook in webhooks:
        name = webhook.get(keys.WEBHOOK_NAME)
        if name and (same := named.setdefault(name.casefold(), webhook.index)) != webhook.index:
            reader.problem(webhook, keys.WEBHOOK_NAME, f'webhooks[{same}] is called "{name}" too; rename one of them')


def check_secrets(reader: Reader, webhooks: list[Row]) -> None:
    """Requests to programs are signed, messages to people are not."""
    for webhook in webhooks:
        url = webhook.get(keys.WEBHOOK_URL)
        if url is None and keys.WEBHOOK_URL.name in webhook.given:
            continue  # what it should have been is not known
        signed = url is None or url.partition(":")[0].lower() in {"http", "https"}
        if signed and keys.WEBHOOK_SECRET.name not in webhook.given:
            reader.missing(keys.WEBHOOK_SECRET, webhook.index)
        elif not signed and keys.WEBHOOK_SECRET.name in webhook.given:
            told = "nothing signs a message to people: leave it out"
            reader.problem(webhook, keys.WEBHOOK_SECRET, told)


def _has_made_tokens(row: Row, folder: Path) -> bool:
    """Whether the database knows tokens (``seedwire tokens``). One that cannot be asked knows none."""
    # Loaded where it is used: a config that names a token, or that nobody reaches, needs no database.
    from sqlalchemy.exc import SQLAlchemyError

    from store import access
    from store.errors import StoreError

    try:
        return access.are_there_tokens(database_url_of(row, folder))
    except (StoreError, SQLAlchemyError):
        return False


def database_url_of(row: Row, folder: Path) -> str:
    """Where the database is; a file's path is meant from ``folder``, the config's."""
    data_dir = folder / Path(row.get(keys.DATA_DIR) or "").expanduser()
    database = row.get(keys.DATABASE_URL_KEY) or f"sqlite:///{data_dir / 'seedwire.db'}"
    if (file := re.match(r"(sqlite[^/]*:///)([^/].*)", database)) is not None:
        database = f"{file[1]}{folder / file[2]}"
    return str(database)

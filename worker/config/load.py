"""From a file and the environment to a :class:`Config`, or to every reason why not."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.webhook import Webhook
from feeds.feed import Feed, PollingLimits
from worker.config import keys
from worker.config.addresses import is_this_machine, same_address
from worker.config.config import Config, Service
from worker.config.errors import ConfigError, ConfigNotFound
from worker.config.keys import KEYS, TABLES
from worker.config.kinds import format_duration
from worker.config.rows import Reader, Row, did_you_mean, written

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_NAME = "seedwire.toml"
#: Variables of ours that are not keys: the config's path, what docker-compose.yml reads,
#: what `up` tells its parts, and where tests find data.
OTHER_VARIABLES = frozenset(
    {"SEEDWIRE_CONFIG", "SEEDWIRE_CONFIG_FILE", "SEEDWIRE_IN_FORCE", "SEEDWIRE_PUBLISH", "SEEDWIRE_SHARED"}
)


def load(path: Path | None, env: Mapping[str, str], *, text: str | None = None) -> Config:
    """The config at ``path``, else at ``$SEEDWIRE_CONFIG``, else at ``./seedwire.toml``.

    ``text`` stands in for what the file says, where an earlier state of it is meant.

    ``SEEDWIRE_…`` variables override the file; empty ones count as not set.

    Raises ConfigNotFound where there is no file, ConfigError with all its problems where it cannot be used.
    """
    if text is None or path is None:
        path = find_config(path, env)
    if text is None:
        text = _read(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_not_toml(path, text, str(error))]) from None
    reader = Reader(path, text, env, files=[path.absolute()])
    _check_tables(reader, document)
    tables = {table: reader.rows(document, table) for table in TABLES}
    (service,), (polling,) = tables["service"], tables["polling"]
    feeds, webhooks = tables["feeds"], tables["webhooks"]
    limits = _check_polling(reader, polling, feeds)
    _check_service(reader, service)
    _check_distinct(reader, feeds, webhooks)
    _check_secrets(reader, webhooks)
    if reader.problems:
        raise ConfigError(reader.problems_in_order())
    watched = tuple(_feed(feed, polling) for feed in feeds)
    told = tuple(_webhook(webhook) for webhook in webhooks)
    return Config(
        service=_service(service, path.absolute().parent),
        polling=limits,
        feeds=watched,
        webhooks=told,
        path=path,
        signature=_signature(limits, watched, told),
        files=tuple(reader.files),
        warnings=(*reader.warnings, *_unknown_variables(reader)),
        text=text,
    )


def find_config(path: Path | None, env: Mapping[str, str]) -> Path:
    """Which file is meant. Raises ConfigNotFound where it does not exist."""
    if path is not None:
        source = "--config"
    elif env.get("SEEDWIRE_CONFIG"):
        path, source = Path(env["SEEDWIRE_CONFIG"]), "$SEEDWIRE_CONFIG"
    else:
        path, source = Path(DEFAULT_NAME), ""
    if path.exists():
        return path
    if source:
        raise ConfigNotFound([f"{path}: no such config file; {source} should name one"])
    raise ConfigNotFound(
        [f"no {DEFAULT_NAME} in {Path.cwd()}: go to the folder that holds it, or name it with --config FILE"]
    )


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: not TOML: byte {error.start} is not UTF-8"]) from None


def _not_toml(path: Path, text: str, error: str) -> str:
    """What tomllib says ends in "(at line 3, column 7)" or "(at end of document)"."""
    reason, _, position = error.partition(" (at ")
    at = re.match(r"line (\d+)", position)
    line = at[1] if at else len(text.splitlines())
    return f"{path}:{line}: not TOML: {'the key is there twice' if reason == 'Cannot overwrite a value' else reason}"


def _check_tables(reader: Reader, document: Mapping[str, object]) -> None:
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


def _check_service(reader: Reader, row: Row) -> None:
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


def _check_polling(reader: Reader, row: Row, feeds: list[Row]) -> PollingLimits:
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


def _check_distinct(reader: Reader, feeds: list[Row], webhooks: list[Row]) -> None:
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


def _check_secrets(reader: Reader, webhooks: list[Row]) -> None:
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


def _service(row: Row, folder: Path) -> Service:
    data_dir = folder / Path(row[keys.DATA_DIR]).expanduser()
    model = row[keys.MODEL]
    return Service(
        data_dir=data_dir,
        database_url=_database_url(row, folder),
        redis_url=row[keys.REDIS_URL_KEY],
        listen=row[keys.LISTEN_KEY],
        api_token=row.get(keys.API_TOKEN),
        public_url=row[keys.PUBLIC_URL_KEY],
        model=folder / model if model else None,
        keep_items=row[keys.KEEP_ITEMS],
        contact=row[keys.CONTACT_KEY],
        log_format=row[keys.LOG_FORMAT],
        log_level=row[keys.LOG_LEVEL],
    )


def _database_url(row: Row, folder: Path) -> str:
    data_dir = folder / Path(row.get(keys.DATA_DIR) or "").expanduser()
    database = row.get(keys.DATABASE_URL_KEY) or f"sqlite:///{data_dir / 'seedwire.db'}"
    if (file := re.match(r"(sqlite[^/]*:///)([^/].*)", database)) is not None:
        database = f"{file[1]}{folder / file[2]}"
    return str(database)


def _has_made_tokens(row: Row, folder: Path) -> bool:
    """Whether the database knows tokens (``seedwire tokens``). One that cannot be asked knows none."""
    # Loaded where it is used: a config that names a token, or that nobody reaches, needs no database.
    from sqlalchemy.exc import SQLAlchemyError

    from store import access
    from store.errors import StoreError

    try:
        return access.are_there_tokens(_database_url(row, folder))
    except (StoreError, SQLAlchemyError):
        return False


def _feed(row: Row, polling: Row) -> Feed:
    own_first_poll = row.get(keys.FEED_FIRST_POLL)
    return Feed(
        url=row[keys.FEED_URL],
        name=row[keys.FEED_NAME],
        tags=row[keys.FEED_TAGS],
        interval=row.get(keys.FEED_INTERVAL),
        fulltext=row[keys.FULLTEXT],
        allow_private=row[keys.FEED_ALLOW_PRIVATE],
        first_poll=polling[keys.DEFAULT_FIRST_POLL] if own_first_poll is None else own_first_poll,
    )


def _webhook(row: Row) -> Webhook:
    return Webhook(
        name=row[keys.WEBHOOK_NAME],
        url=row[keys.WEBHOOK_URL],
        secrets=row.get(keys.WEBHOOK_SECRET) or (),
        events=row[keys.WEBHOOK_EVENTS],
        min_score=row[keys.MIN_SCORE],
        countries=row[keys.WEBHOOK_COUNTRIES],
        tags=row[keys.WEBHOOK_TAGS],
        statuses=row[keys.WEBHOOK_STATUSES],
        feeds=row[keys.WEBHOOK_FEEDS],
        languages=row[keys.WEBHOOK_LANGUAGES],
        updates=row[keys.UPDATES],
        quiet_period=row[keys.QUIET_PERIOD],
        max_per_hour=row[keys.MAX_PER_HOUR],
        allow_private=row[keys.WEBHOOK_ALLOW_PRIVATE],
        retry_schedule=row[keys.RETRY_SCHEDULE],
        timeout=row[keys.WEBHOOK_TIMEOUT],
    )


def _signature(limits: PollingLimits, feeds: tuple[Feed, ...], webhooks: tuple[Webhook, ...]) -> str:
    # repr leaves the secrets out, and a rotated one is a change too.
    everything = repr((limits, feeds, webhooks, [(webhook.url, webhook.secrets) for webhook in webhooks]))
    return hashlib.sha256(everything.encode()).hexdigest()[:16]


def _unknown_variables(reader: Reader) -> list[str]:
    """Variables that look like ours and mean nothing: usually a typing error."""
    known = {variable for key in KEYS for variable in key.variables} | OTHER_VARIABLES | reader.used
    unknown = sorted(name for name in reader.env if name.startswith("SEEDWIRE_") and name not in known)
    return [f"{name}: this variable means nothing to Seedwire{did_you_mean(name, known)}" for name in unknown]

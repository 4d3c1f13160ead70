"""From a file and the environment to a :class:`Config`, or to every reason why not."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.webhook import Webhook
from feeds.feed import Feed, PollingLimits
from worker.config import keys
from worker.config.checks import (
    check_distinct,
    check_polling,
    check_secrets,
    check_service,
    check_tables,
    database_url_of,
)
from worker.config.config import Config, Service
from worker.config.errors import ConfigError, ConfigNotFound
from worker.config.keys import KEYS, TABLES
from worker.config.rows import Reader, Row, did_you_mean

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
    check_tables(reader, document)
    tables = {table: reader.rows(document, table) for table in TABLES}
    (service,), (polling,) = tables["service"], tables["polling"]
    feeds, webhooks = tables["feeds"], tables["webhooks"]
    limits = check_polling(reader, polling, feeds)
    check_service(reader, service)
    check_distinct(reader, feeds, webhooks)
    check_secrets(reader, webhooks)
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


def _service(row: Row, folder: Path) -> Service:
    data_dir = folder / Path(row[keys.DATA_DIR]).expanduser()
    model = row[keys.MODEL]
    return Service(
        data_dir=data_dir,
        database_url=database_url_of(row, folder),
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

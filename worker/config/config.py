"""The config as the rest of the service sees it: checked, defaults filled in, secrets resolved, never changing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from alerts.webhook import Webhook
    from feeds.feed import Feed, PollingLimits
    from worker.config.addresses import Address


@dataclass(frozen=True, slots=True)
class Service:
    """The ``[service]`` table. Paths are absolute.

    ``database_url`` is always a usable SQLAlchemy address. ``redis_url`` is "" where the embedded broker is
    meant. ``api_token`` and ``model`` are None where there is none, ``contact`` and
    ``public_url`` (which ends without a slash) are "".
    """

    data_dir: Path
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    listen: Address
    api_token: str | None = field(repr=False)
    public_url: str
    model: Path | None
    keep_items: timedelta
    contact: str
    log_format: str
    log_level: str


@dataclass(frozen=True, slots=True)
class Config:
    """A whole config file.

    ``signature`` differs whenever polling, feeds or webhooks do: what the database is kept equal to.
    ``text`` is the file's, and not compared: a remark makes no other config. ``files`` are all files it was read
    from, the config file first. ``warnings`` are lines for a person about what is legal but probably not meant.
    """

    service: Service
    polling: PollingLimits
    feeds: tuple[Feed, ...]
    webhooks: tuple[Webhook, ...]
    path: Path
    signature: str = field(repr=False)
    files: tuple[Path, ...] = field(repr=False)
    warnings: tuple[str, ...] = ()
    text: str = field(default="", repr=False, compare=False)

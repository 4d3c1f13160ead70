"""Every key of ``seedwire.toml``: one row each, from which come the loader, the docs and the JSON Schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Generic, Literal, get_args

from worker.config.addresses import CONTACT, DATABASE_URL, HOOK_URL, HTTP_URL, LISTEN, PUBLIC_URL, REDIS_URL
from worker.config.kinds import (
    BOOLEAN,
    COUNTRY,
    FIRST_POLL,
    SHARE,
    Kind,
    T_co,
    choice,
    duration,
    integer,
    list_of,
    size,
    text,
)
from worker.config.signing import SIGNING_SECRETS

Table = Literal["service", "polling", "feeds", "webhooks"]
TABLES: tuple[Table, ...] = get_args(Table)
#: Tables written ``[[name]]``, as many as wanted.
REPEATED: frozenset[Table] = frozenset({"feeds", "webhooks"})

_MS, _S, _M, _H, _D = (timedelta(**{unit: 1}) for unit in ("milliseconds", "seconds", "minutes", "hours", "days"))


@dataclass(frozen=True)
class Key(Generic[T_co]):
    """One row.

    ``default`` is a TOML value like one a person writes, or None where a missing key is its own case
    (``absent`` then says what it means). ``secret`` values are never shown, and may be written as
    ``<name>_env`` (the name of a variable that holds the value) or ``<name>_file`` (a file that does).
    A change of a ``restart`` key waits for the next start.
    """

    table: Table
    name: str
    kind: Kind[T_co]
    default: object
    meaning: str
    example: object = None
    absent: str = ""
    required: bool = False
    secret: bool = False
    restart: bool = False

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The names under which it can be written."""
        return (self.name, f"{self.name}_env", f"{self.name}_file") if self.secret else (self.name,)

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Environment variables that override it, the first wins; none for the repeated tables."""
        if self.table in REPEATED:
            return ()
        tables = ("", "SERVICE_") if self.table == "service" else ("POLLING_",)
        return tuple(f"SEEDWIRE_{table}{form.upper()}" for form in self.forms for table in tables)

    @cached_property
    def fallback(self) -> T_co | None:
        """The value where none is given."""
        return None if self.default is None else self.kind.parse(self.default)


# --- [service] -------------------------------------------------------------------------------------------------

DATA_DIR = Key(
    "service",
    "data_dir",
    text("a folder", r".+"),
    "data",
    "Folder of the embedded database and broker, relative to the config file's. Made when missing.",
    restart=True,
)
DATABASE_URL_KEY = Key(
    "service",
    "database_url",
    DATABASE_URL,
    "",
    "`postgresql://…`, or empty for SQLite in `data_dir`.",
    example="postgresql://seedwire:…@db/seedwire",
    secret=True,
    restart=True,
)
REDIS_URL_KEY = Key(
    "service",
    "redis_url",
    REDIS_URL,
    "",
    "`redis://…`, `rediss://…` or `redis+socket://…`, or empty for an embedded broker.",
    example="redis://redis:6379/0",
    secret=True,
    restart=True,
)
LISTEN_KEY = Key(
    "service",
    "listen",
    LISTEN,
    "127.0.0.1:8600",
    "Where page, API and metrics are served. Beyond loopback a token is needed: an `api_token`, or one made by "
    "`seedwire tokens create`.",
    example="[::1]:8600",
    restart=True,
)
API_TOKEN = Key(
    "service",
    "api_token",
    text("a token of ASCII characters without spaces", r"[!-~]+"),
    None,
    "Token that opens page, API and metrics, to read and to write; `seedwire tokens` makes more.",
    absent="no token, loopback only",
    secret=True,
)
PUBLIC_URL_KEY = Key(
    "service",
    "public_url",
    PUBLIC_URL,
    "",
    "The address under which others reach `listen`. Where it is set, feeds that offer to push (WebSub) are asked to: "
    "hubs then post to `/websub/…` below it. Beyond this machine a token is needed too.",
    example="https://seedwire.example.org",
)
MODEL = Key(
    "service",
    "model",
    text("a file"),
    "",
    "A model made by `seedwire learn`, relative to the config file's folder; empty for the shipped one.",
    example="model.json",
)
KEEP_ITEMS = Key(
    "service",
    "keep_items",
    duration(_H, 3650 * _D),
    "90d",
    "Items older than this are deleted; what alerts refer to stays.",
)
CONTACT_KEY = Key(
    "service",
    "contact",
    CONTACT,
    "",
    "Web or mail address told to feed servers in the User-Agent, so that they can write instead of block.",
    example="https://example.org/bot",
    restart=True,
)
LOG_FORMAT = Key(
    "service", "log_format", choice("console", "json"), "console", "Log lines for people or for machines.", restart=True
)
LOG_LEVEL = Key(
    "service",
    "log_level",
    choice("debug", "info", "warning", "error"),
    "info",
    "The least severe log lines to write.",
    restart=True,
)

# --- [polling] -------------------------------------------------------------------------------------------------

INTERVAL = Key(
    "polling",
    "interval",
    duration(100 * _MS, 30 * _D),
    "10m",
    "How often a feed is polled where it says nothing better; adapts between `min_interval` and `max_interval`.",
)
MIN_INTERVAL = Key(
    "polling",
    "min_interval",
    duration(100 * _MS, 30 * _D),
    None,
    "No feed is polled more often, however busy it is.",
    absent='`"1m"`, or `interval` if that is shorter',
)
MAX_INTERVAL = Key(
    "polling",
    "max_interval",
    duration(100 * _MS, 30 * _D),
    None,
    "No feed is polled more seldom, however quiet it is.",
    absent='`"6h"`, or `interval` if that is longer',
)
POLL_TIMEOUT = Key("polling", "timeout", duration(100 * _MS, 5 * _M), "20s", "Limit of a whole fetch, not of one read.")
MAX_BYTES = Key(
    "polling", "max_bytes", size(1_000, 1_000_000_000), "15MB", "Limit of a document's size after decompression."
)
PER_HOST = Key("polling", "per_host", integer(1, 100), 2, "Requests to one host at once.")
DEFAULT_FIRST_POLL = Key(
    "polling",
    "first_poll",
    FIRST_POLL,
    "baseline",
    "What a feed's back catalogue is when it is first polled: `baseline` stores it without alerting, `alert` treats "
    "it all as new, an age such as `24h` treats as new what was published within it.",
)

# --- [[feeds]] -------------------------------------------------------------------------------------------------

FEED_URL = Key(
    "feeds", "url", HTTP_URL, None, "Address of the feed.", "https://www.arabnews.com/rss.xml", required=True
)
FEED_NAME = Key(
    "feeds", "name", text(longest=200), "", "What people call it; empty for the feed's own title.", "Arab News"
)
FEED_TAGS = Key(
    "feeds", "tags", list_of(text("a word", r"\S(.*\S)?", 64)), [], "Labels that webhooks can filter by.", ["pakistan"]
)
FEED_INTERVAL = Key(
    "feeds",
    "interval",
    duration(100 * _MS, 30 * _D),
    None,
    "As in `[polling]`, for this feed.",
    example="5m",
    absent="as in `[polling]`",
)
FULLTEXT = Key(
    "feeds",
    "fulltext",
    BOOLEAN,
    False,
    "Read the article's page when the feed's own text is promising but short.",
)
FEED_ALLOW_PRIVATE = Key(
    "feeds", "allow_private", BOOLEAN, False, "Allow addresses on private networks and this machine."
)
FEED_FIRST_POLL = Key(
    "feeds",
    "first_poll",
    FIRST_POLL,
    None,
    "As in `[polling]`, for this feed.",
    example="alert",
    absent="as in `[polling]`",
)

# --- [[webhooks]] ----------------------------------------------------------------------------------------------

#: Statuses an event can have (classifiers.event.Event).
STATUSES = ("held", "planned", "cancelled", "denied", "signed", "agreed", "negotiating", "delivered")

WEBHOOK_NAME = Key(
    "webhooks",
    "name",
    text("a name of letters, digits, spaces, dots, dashes", r"\w(?:[\w .-]*[\w.-])?", 64),
    None,
    "What people call it, in commands, logs and metrics. No two are the same.",
    example="desk",
    required=True,
)
WEBHOOK_URL = Key(
    "webhooks",
    "url",
    HOOK_URL,
    None,
    "Where alerts are posted, or an address of people: "
    "[Slack, e-mail and others](webhooks.md#slack-e-mail-and-others).",
    example="https://desk.example/hooks/news",
    required=True,
    secret=True,
)
WEBHOOK_SECRET = Key(
    "webhooks",
    "secret",
    SIGNING_SECRETS,
    None,
    "Signing secret (Standard Webhooks). Several in a list while rotating, the newest first: each signs.",
    example="whsec_…",
    absent="**required** where `url` is http(s), else none",
    secret=True,
)
WEBHOOK_EVENTS = Key(
    "webhooks",
    "events",
    list_of(text("an event type such as bilateral_meeting", r"[a-z][a-z0-9_.]*", 64)),
    [],
    "Only events of these types; empty for all.",
    example=["bilateral_meeting"],
)
MIN_SCORE = Key("webhooks", "min_score", SHARE, 0.0, "Only events at least this certain.", 0.8)
WEBHOOK_COUNTRIES = Key(
    "webhooks", "countries", list_of(COUNTRY, longest=300), [], "Only events with one of these sides.", ["PK", "RU"]
)
WEBHOOK_TAGS = Key(
    "webhooks",
    "tags",
    list_of(text("a word", r"\S(.*\S)?", 64)),
    [],
    "Only items from feeds with one of these tags.",
    ["pakistan"],
)
WEBHOOK_STATUSES = Key(
    "webhooks",
    "statuses",
    list_of(choice(*STATUSES)),
    [],
    "Only events with one of these statuses.",
    ["held", "signed"],
)
WEBHOOK_FEEDS = Key(
    "webhooks",
    "feeds",
    list_of(text("a feed's name or address", r"\S(.*\S)?", 2_000), longest=1_000),
    [],
    "Only stories that one of these feeds reported, each by its `name` or `url` in `[[feeds]]`.",
    ["Arab News"],
)
WEBHOOK_LANGUAGES = Key(
    "webhooks",
    "languages",
    list_of(text("a language code such as en", r"[a-z]{2,3}", 3)),
    [],
    "Only stories with a report in one of these languages (ISO 639).",
    ["en"],
)
UPDATES = Key("webhooks", "updates", BOOLEAN, False, "Also alert when a story gains something worth knowing.")
QUIET_PERIOD = Key(
    "webhooks",
    "quiet_period",
    duration(timedelta(), 30 * _D),
    "0s",
    "After an alert about a story, gather what else it gains this long, then tell it in one update; zero: no wait.",
    "15m",
)
MAX_PER_HOUR = Key(
    "webhooks",
    "max_per_hour",
    integer(0, 100_000),
    0,
    "At most so many messages about stories in any hour; what is beyond waits, maybe for a digest. Zero: no limit.",
    20,
)
WEBHOOK_ALLOW_PRIVATE = Key(
    "webhooks", "allow_private", BOOLEAN, False, "Allow addresses on private networks and this machine."
)
RETRY_SCHEDULE = Key(
    "webhooks",
    "retry_schedule",
    list_of(duration(timedelta(), 30 * _D), longest=50, distinct=False),
    ["5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"],
    "Waits between one attempt and the next; after the last the delivery rests as dead until it is retried by hand.",
)
WEBHOOK_TIMEOUT = Key("webhooks", "timeout", duration(100 * _MS, 5 * _M), "15s", "Limit of a whole attempt.")

KEYS: tuple[Key[object], ...] = tuple(value for value in list(globals().values()) if isinstance(value, Key))
BY_TABLE: dict[Table, tuple[Key[object], ...]] = {
    table: tuple(key for key in KEYS if key.table == table) for table in TABLES
}
#: The key of every form under which one can be written.
FORMS: dict[Table, dict[str, Key[object]]] = {
    table: {form: key for key in BY_TABLE[table] for form in key.forms} for table in TABLES
}

"""Kinds of value that name a place on the network: feeds, webhooks, databases, brokers, and where to listen."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from worker.config.errors import BadValue
from worker.config.kinds import Kind


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a TCP port to listen on; ``str`` gives ``host:port`` again, an IPv6 host in brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it. A name other than ``localhost`` is taken not to be."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def _parse_listen(value: object) -> Address:
    match = (
        re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})", value)
        if isinstance(value, str)
        else None
    )
    if match is None:
        raise BadValue
    six, name, port = match.groups()
    if six is not None:
        try:
            ipaddress.IPv6Address(six)
        except ValueError:
            raise BadValue("what stands in brackets is not an IPv6 address") from None
    elif re.fullmatch(r"[0-9.]+", name):
        try:
            ipaddress.IPv4Address(name)
        except ValueError:
            raise BadValue("the host is not an IPv4 address") from None
    if not 1 <= int(port) <= 65535:
        raise BadValue("the port must be between 1 and 65535")
    return Address(six or name.lower(), int(port))


LISTEN = Kind(
    'an address and a port such as "127.0.0.1:8600" or "[::1]:8600"',
    _parse_listen,
    {"type": "string", "pattern": r"^.+:[0-9]{1,5}$"},
)


def _split(value: object) -> SplitResult:
    """The parts of an address that any client must read the same way, or ``BadValue``.

    Backslashes and spaces are refused because clients disagree about the host they then see.
    """
    if not isinstance(value, str) or not value:
        raise BadValue
    if not value.isprintable() or re.search(r"[\s\\]", value):
        raise BadValue("it holds a space, a backslash or a character that cannot be shown")
    if len(value) > 2000:
        raise BadValue("it is longer than 2000 characters")
    try:
        parts = urlsplit(value)
        _ = parts.port  # read, since only reading it checks it
    except ValueError:
        raise BadValue("its host or port cannot be read") from None
    return parts


def _parse_http(value: object) -> str:
    parts = _split(value)
    if parts.scheme not in {"http", "https"}:
        raise BadValue("it must start with http:// or https://")
    if not parts.hostname:
        raise BadValue("it names no host")
    if "@" in parts.netloc:
        raise BadValue("a user name or password in it would be told in logs and alerts: leave it out")
    return str(value)


HTTP_URL = Kind(
    'an address such as "https://example.org/rss.xml"',
    _parse_http,
    {"type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://"},
)
#: Chats that take none of our signed requests at the address they hand out.
_CHATS = {
    "hooks.slack.com": "slack://TokenA/TokenB/TokenC",
    "discord.com": "discord://WebhookID/WebhookToken",
    "discordapp.com": "discord://WebhookID/WebhookToken",
}


def _parse_hook(value: object) -> str:
    """An address of a program, or one of Apprise's for people, which Apprise must be able to read."""
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", value) if isinstance(value, str) else None
    if not isinstance(value, str) or scheme is None or scheme[1].lower() in {"http", "https"}:
        url = _parse_http(value)
        if chat := _CHATS.get(urlsplit(url).hostname or ""):
            raise BadValue(f"a chat takes no signed requests: write {chat} to send it messages")
        return url
    if not value.isprintable() or re.search(r"\s", value):
        raise BadValue("it holds a space or a character that cannot be shown: write it as %20 and the like")
    if len(value) > 2000:
        raise BadValue("it is longer than 2000 characters")
    from worker.messenger.media import NoMedium, medium

    try:
        medium(value)
    except NoMedium as why:
        raise BadValue(str(why)) from None
    return value


HOOK_URL = Kind(
    'an address such as "https://desk.example/hooks/news", or of Apprise\'s such as "slack://…" or "mailto://…"',
    _parse_hook,
    {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9+.-]*://"},
)


def _parse_public(value: object) -> str:
    if value == "":
        return ""
    parts = urlsplit(_parse_http(value))
    if parts.query or parts.fragment:
        raise BadValue("leave out what follows ? or #")
    return str(value).rstrip("/")


PUBLIC_URL = Kind(
    'an address such as "https://seedwire.example.org", or "" for none',
    _parse_public,
    {"type": "string", "pattern": "^$|^[hH][tT][tT][pP][sS]?://"},
)


def is_this_machine(url: str) -> bool:
    """Whether an HTTP address leads to the very machine that opens it."""
    return Address(urlsplit(url).hostname or "", 1).is_loopback


def same_address(url: str) -> str:
    """What two spellings of one HTTP address have in common: case of the host, default port, fragment, ``/``."""
    parts = urlsplit(url)
    port = "" if parts.port in {None, {"http": 80, "https": 443}.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path or '/'}?{parts.query}"


def nearly_same_address(url: str) -> str:
    """As ``same_address``, and less what seldom tells two feeds apart: http or https, ``www.``, a slash at the end."""
    parts = urlsplit(same_address(url))
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}"


def _parse_database(value: object) -> str:
    if value == "":
        return ""
    parts = _split(value)
    scheme = parts.scheme.partition("+")[0]
    if scheme == "sqlite":
        if parts.netloc or len(parts.path) < 2 or parts.path == "/:memory:":
            raise BadValue("SQLite needs a file, and several processes share it: sqlite:///data/seedwire.db")
        return str(value)
    if scheme not in {"postgres", "postgresql"}:
        raise BadValue("it must start with postgresql:// or sqlite:///")
    # libpq knows both spellings and hosting services hand out the short one; SQLAlchemy knows the long one alone.
    return re.sub(r"^postgres(?=[:+])", "postgresql", str(value))


DATABASE_URL = Kind(
    'an address such as "postgresql://user:password@host/seedwire", or "" for SQLite in data_dir',
    _parse_database,
    {"type": "string", "pattern": "^$|^postgres(ql)?(\\+psycopg)?://|^sqlite:///"},
)


def _parse_redis(value: object) -> str:
    if value == "":
        return ""
    parts = _split(value)
    if parts.scheme == "redis+socket":
        if parts.netloc or len(parts.path) < 2:
            raise BadValue("a socket needs an absolute path: redis+socket:///run/redis/redis.sock")
    elif parts.scheme not in {"redis", "rediss"}:
        raise BadValue("it must start with redis://, rediss:// or redis+socket://")
    elif not parts.hostname:
        raise BadValue("it names no host")
    return str(value)


REDIS_URL = Kind(
    'an address such as "redis://host:6379/0", or "" for the embedded broker',
    _parse_redis,
    {"type": "string", "pattern": "^$|^rediss?://|^redis\\+socket:///"},
)


def redis_client_url(url: str) -> str:
    """``url`` as redis-py spells it: Celery says ``redis+socket://`` where redis-py says ``unix://``."""
    return re.sub(r"^redis\+socket://", "unix://", url)


def _parse_contact(value: object) -> str:
    if value == "":
        return ""
    if isinstance(value, str) and re.fullmatch(r"(?:mailto:)?[\w.+-]+@[\w-]+(?:\.[\w-]+)+", value, re.ASCII):
        return value
    return _parse_http(value)


CONTACT = Kind(
    'a web or mail address such as "https://example.org/bot" or "desk@example.org"',
    _parse_contact,
    {"type": "string", "maxLength": 2000},
)

"""The address of a request, understood once, so that what is judged is what is opened."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from feeds.errors import BadUrl

_MAX_URL = 8_192
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
_DEFAULT_PORTS = {"http": 80, "https": 443}
#: What may stand in a path or query as it is (RFC 3986); anything else is sent as %XX of its UTF-8.
_AS_IS = "%/:?[]@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True)
class Url:
    """``host`` is in ASCII and lower case (IDNs as xn--, IPv6 without brackets), ``port`` the one to connect to,
    ``target`` path and query, percent-encoded. The fragment is gone."""

    scheme: str
    host: str
    port: int
    target: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


def parse_url(text: str) -> Url:
    """The address as the door understands it. Raises ``BadUrl`` for what two parsers could read differently."""
    if not text or len(text) > _MAX_URL:
        raise BadUrl(text, "expected an address of 1 to 8192 characters")
    if "\\" in text or _CONTROL.search(text) or text != text.strip():
        raise BadUrl(text, "backslashes, control characters and surrounding spaces are not allowed in an address")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadUrl(text, f"not a valid address ({error})") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise BadUrl(text, "only http:// and https:// addresses are opened")
    if "@" in parts.netloc:
        raise BadUrl(text, "a user name or password in the address is not supported")
    if port == 0:
        raise BadUrl(text, "the port is out of range")
    target = quote(parts.path or "/", safe=_AS_IS) + (f"?{quote(parts.query, safe=_AS_IS)}" if parts.query else "")
    return Url(parts.scheme, _host(text, host), port or _DEFAULT_PORTS[parts.scheme], target)


def join(base: Url, location: str) -> Url:
    """Where a redirect leads. Raises ``BadUrl``."""
    if "\\" in location:
        raise BadUrl(location, f"redirected by {base} to an address with a backslash")
    try:
        joined = urljoin(str(base), location.strip())
    except ValueError as error:
        raise BadUrl(location, f"redirected by {base} to what is not a valid address") from error
    return parse_url(joined)


def _host(text: str, host: str) -> str:
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            raise BadUrl(text, "not a valid IPv6 address") from None
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise BadUrl(text, f"not a valid host name ({error})") from error
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise BadUrl(text, "expected a host name such as www.example.org")
    return host

"""Every error this room raises.

DoorError                   an exchange over HTTP that came to nothing; ``reason`` says why
├── BadUrl                  bad-url          not an address we would open
├── PrivateAddress          private-address  the name leads to a network that is not public
├── NameNotResolved         dns              the name leads nowhere
├── ConnectionFailed        refused          nothing accepted the connection
├── TlsFailed               tls              no trusted encrypted connection
├── TimedOut                timeout          not done within the time allowed
├── TooLarge                too-large        more bytes than allowed
├── RedirectLoop            redirect-loop    redirected in a circle, or too often
├── ConnectionDropped       closed           the other side hung up before it answered
└── BadProtocol             protocol         the answer is not HTTP, or cannot be decoded
"""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit


def shown(url: str) -> str:
    """``url`` as a log may show it: no query (it may hold a token), no userinfo, one line, at most 300 characters."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return repr(url)[:300]
    host = parts.netloc.rpartition("@")[2]
    text = urlunsplit((parts.scheme, host, parts.path, "…" if parts.query else "", ""))
    if not text.isprintable():
        text = repr(text)
    return text if len(text) <= 300 else text[:299] + "…"


class DoorError(Exception):
    """An exchange that came to nothing. ``reason`` is for machines, the message is one line for a person.

    ``detail`` is the message for where the address stands beside it, without the ``hint`` of what to do.
    """

    reason: ClassVar[str] = "error"

    def __init__(self, url: str, message: str, hint: str = "") -> None:
        self.url, self.detail, self.hint = url, " ".join(message.split()), hint
        super().__init__(f"{shown(url)}: {self.told}")

    @property
    def told(self) -> str:
        """``detail``, and the hint where there is one."""
        return f"{self.detail}; {self.hint}" if self.hint else self.detail


class BadUrl(DoorError):
    reason = "bad-url"


class PrivateAddress(DoorError):
    reason = "private-address"


class NameNotResolved(DoorError):
    reason = "dns"


class ConnectionFailed(DoorError):
    reason = "refused"


class TlsFailed(DoorError):
    reason = "tls"


class TimedOut(DoorError):
    reason = "timeout"


class TooLarge(DoorError):
    reason = "too-large"


class RedirectLoop(DoorError):
    reason = "redirect-loop"


class ConnectionDropped(DoorError):
    reason = "closed"


class BadProtocol(DoorError):
    reason = "protocol"

"""One exchange from hop to hop: what to ask next, and what an answer means. It opens no connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Generic, TypeVar

from feeds.errors import BadProtocol, DoorError, RedirectLoop, TimedOut, TooLarge, shown
from feeds.exchange import Answer, Redirect, Request
from feeds.inflate import ACCEPT_ENCODING, decoder
from feeds.transfer import GOT_NOTHING
from feeds.url import join, parse_url

if TYPE_CHECKING:
    from feeds.transfer import Transfer
    from feeds.url import Url

Tag = TypeVar("Tag")

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})


class Exchange(Generic[Tag]):
    """What is known of one exchange from hop to hop."""

    def __init__(self, request: Request, tag: Tag) -> None:
        self.request, self.tag = request, tag
        self.deadline = time.monotonic() + request.timeout
        self.url: Url = parse_url(request.url)
        self.method, self.body = request.method, request.body
        self.headers = {"accept": "*/*", "accept-encoding": ACCEPT_ENCODING}
        self.headers |= {name.lower(): value for name, value in request.headers.items()}
        self.hops: list[Redirect] = []
        self.seen = {str(self.url)}
        self.excerpt = False

    def lines(self) -> list[str]:
        """The request's header lines."""
        lines = [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body is not None:
            lines.append("expect:")
            if "content-type" not in self.headers:
                lines.append("content-type:")
        return lines

    def judge(self, transfer: Transfer, code: int, message: str) -> Answer | None:
        """The answer, or None when there is another hop to make. Raises ``DoorError``."""
        request = self.request
        status, headers = transfer.answer()
        cut = False
        if not status and not code:
            code = GOT_NOTHING
        if code and not transfer.full:
            known = status and (request.overflow == "cut" or (transfer.size and transfer.dropped(code)))
            if not known:
                raise self._told(transfer.failure(request.url, self.url.host, code, message))
            cut = True
        target = headers.get("location", "")
        if request.redirects and status in _REDIRECTS and target:
            self._follow(status, target)
            return None
        try:
            body, whole = self._decoded(transfer, headers)
        except DoorError as error:
            raise self._told(error) from error
        return Answer(
            status=status,
            headers=headers,
            body=body,
            url=str(self.url),
            redirects=tuple(self.hops),
            cut=cut or not whole,
        )

    def _decoded(self, transfer: Transfer, headers: dict[str, str]) -> tuple[bytes, bool]:
        """The body and whether all of it is there."""
        request, most = self.request, self.request.max_bytes
        excerpt = request.overflow == "cut"
        body = b""
        complete = True
        try:
            coding = decoder(headers.get("content-encoding", ""))
            body = coding.decode(transfer.body(), most)
            complete = coding.complete or not transfer.size
        except ValueError as error:
            if not excerpt:
                raise BadProtocol(request.url, str(error)) from error
            complete = False
        if transfer.full or len(body) > most:
            if not excerpt:
                raise TooLarge(request.url, f"the answer is larger than {most:,} bytes")
            return body[:most], False
        return body, complete

    def _follow(self, status: int, target: str) -> None:
        request, here = self.request, self.url
        there = join(here, target)
        address = str(there)
        self.hops.append(Redirect(status, address))
        if address in self.seen:
            raise RedirectLoop(request.url, f"redirected in a circle to {address[:300]}")
        if len(self.hops) > request.redirects:
            raise RedirectLoop(request.url, f"redirected more than {request.redirects} times")
        self.seen.add(address)
        if there.origin != here.origin:
            self.headers = {name: value for name, value in self.headers.items() if name not in _CREDENTIALS}
        if status == 303 or (status in (301, 302) and self.method == "POST"):
            self.method, self.body = "GET" if self.method != "HEAD" else "HEAD", None
            self.headers = {name: value for name, value in self.headers.items() if not name.startswith("content-")}
        self.url = there

    def _told(self, error: DoorError) -> DoorError:
        if isinstance(error, TimedOut):
            error = TimedOut(self.request.url, f"the exchange was not over within {self.request.timeout:g} s")
        if not self.hops:
            return error
        # Without the hint: a redirect to a private network is no reason to open it.
        return type(error)(self.request.url, f"redirected to {shown(str(self.url))}: {error.detail}")


def as_door_error(exchange: Exchange[Tag], error: Exception) -> DoorError:
    """Whatever went wrong, as the exchange's caller is told of it."""
    url = exchange.request.url
    if isinstance(error, TimedOut):
        return TimedOut(url, f"the exchange was not over within {exchange.request.timeout:g} s")
    if isinstance(error, DoorError):
        return error
    if isinstance(error, UnicodeEncodeError):
        return BadProtocol(url, f"a request header is not ASCII ({error.reason})")
    return BadProtocol(url, f"the exchange broke off ({type(error).__name__}: {error})")

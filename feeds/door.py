"""The one door for outgoing HTTP: feeds, pages and webhooks all go through it, and nothing else opens a connection.

Each connection goes to an address that was looked up and checked here (``feeds.address``), each redirect hop is judged
anew, the whole exchange has one deadline, and a body never grows beyond its cap, compressed or not. No cookies,
no proxies from the environment, no netrc: each would be a way around the door.

It drives httpcore itself, with httpx for the parsing of URLs: httpx's own client resolves names where it cannot be
watched, times single reads instead of the exchange, and decompresses without bound.
"""

from __future__ import annotations

import contextvars
import errno
import ipaddress
import re
import ssl
import time
from typing import TYPE_CHECKING, Any, Self

import httpcore
import httpx

from feeds.address import permitted, resolve
from feeds.errors import (
    BadProtocol,
    BadUrl,
    ConnectionDropped,
    ConnectionFailed,
    DoorError,
    NameNotResolved,
    PrivateAddress,
    RedirectLoop,
    TimedOut,
    TlsFailed,
    TooLarge,
    shown,
)
from feeds.exchange import Answer, Redirect, Request
from feeds.inflate import ACCEPT_ENCODING, decoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

__all__ = ["Answer", "Door", "Redirect", "Request", "parse_url"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
_ADDRESSES_TRIED = 4
_MAX_URL = 8_192
_EXCERPT_WAIT = 2.0

#: When the exchange under way in this thread must be over, in ``time.monotonic()`` seconds.
_deadline: contextvars.ContextVar[float] = contextvars.ContextVar("deadline")


class Door:
    """Keeps connections alive between exchanges; one instance serves many threads at once.

    ``contact`` is a URL or address by which the operators of feeds can reach whoever polls them; it goes into the
    User-Agent. ``ssl_context`` replaces the default trust in public certificate authorities (or in
    what ``SSL_CERT_FILE`` names).
    """

    def __init__(self, *, contact: str = "", user_agent: str = "", ssl_context: ssl.SSLContext | None = None) -> None:
        reachable = "".join(c for c in contact if c.isascii() and c.isprintable())
        self.user_agent = user_agent or ("Seedwire/0.1" + (f" (+{reachable})" if reachable else ""))
        context = ssl_context or httpx.create_ssl_context()
        # Apart, so that a connection opened for who may reach private networks never serves who may not.
        self._public = _pool(context, allow_private=False)
        self._private = _pool(context, allow_private=True)

    def send(self, request: Request) -> Answer:
        """Raises ``DoorError`` and nothing else for whatever the URL, the network or the server does."""
        started = time.monotonic()
        token = _deadline.set(started + request.timeout)
        try:
            return self._follow(request, started)
        except DoorError:
            raise
        except Exception as error:  # a caller polls many feeds and delivers many alerts: one surprise ends one exchange
            raise BadProtocol(request.url, f"the exchange broke off ({type(error).__name__}: {error})") from error
        finally:
            _deadline.reset(token)

    def close(self) -> None:
        self._public.close()
        self._private.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _follow(self, request: Request, started: float) -> Answer:
        url = parse_url(request.url)
        method, body = request.method, request.body
        headers = {name.lower(): value for name, value in request.headers.items()}
        hops: list[Redirect] = []
        seen = {str(url)}
        while True:
            try:
                status, answer_headers, answer_body, cut = self._exchange(request, url, method, headers, body)
            except DoorError as error:
                if not hops:
                    raise
                # Without the hint: a redirect to a private network is no reason to open it.
                raise type(error)(request.url, f"redirected to {shown(str(url))}: {error.detail}") from error
            target = answer_headers.get("location", "")
            if request.redirects == 0 or status not in _REDIRECTS or not target:
                return Answer(
                    status=status,
                    headers=answer_headers,
                    body=answer_body,
                    url=str(url),
                    redirects=tuple(hops),
                    elapsed=time.monotonic() - started,
                    cut=cut,
                )
            there = _join(url, target)
            hops.append(Redirect(status, str(there)))
            if str(there) in seen:
                raise RedirectLoop(request.url, f"redirected in a circle to {hops[-1].url[:300]}")
            if len(hops) > request.redirects:
                raise RedirectLoop(request.url, f"redirected more than {request.redirects} times")
            seen.add(str(there))
            if (there.scheme, there.raw_host, there.port) != (url.scheme, url.raw_host, url.port):
                headers = {name: value for name, value in headers.items() if name not in _CREDENTIALS}
            if status == 303 or (status in (301, 302) and method == "POST"):
                method, body = "GET" if method != "HEAD" else "HEAD", None
                headers = {name: value for name, value in headers.items() if not name.startswith("content-")}
            url = there

    def _exchange(
        self, request: Request, url: httpx.URL, method: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, dict[str, str], bytes, bool]:
        pool = self._private if request.allow_private else self._public
        sent = {
            "host": url.netloc.decode("ascii"),
            "user-agent": self.user_agent,
            "accept": "*/*",
            "accept-encoding": ACCEPT_ENCODING,
            **headers,
        }
        if body is not None:
            sent["content-length"] = str(len(body))
        # A kept-alive connection may have died since; where nothing can happen twice, one more try is free.
        tries = 2 if method in ("GET", "HEAD") else 1
        while True:
            tries -= 1
            try:
                outgoing = httpcore.Request(
                    method,
                    httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in sent.items()],
                    content=body,
                    extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), _left())},
                )
                response = pool.handle_request(outgoing)
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError) as error:
                unanswered = "without sending a response" in str(error)
                if tries and (unanswered or not isinstance(error, httpcore.RemoteProtocolError)):
                    continue
                raise _translated(request, error) from error
            except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
                raise _translated(request, error) from error
            except httpcore.UnsupportedProtocol as error:
                raise BadUrl(request.url, str(error)) from error
            except UnicodeEncodeError as error:
                raise BadProtocol(request.url, f"a request header is not ASCII ({error.reason})") from error
            except _Refused as error:
                raise error.translated(request.url) from error
            try:
                answer_headers = _headers(response.headers)
                if request.redirects and response.status in _REDIRECTS and "location" in answer_headers:
                    return response.status, answer_headers, b"", False
                bare = method == "HEAD" or response.status in (204, 304)
                content, cut = (b"", False) if bare else _read(request, response, answer_headers)
                return response.status, answer_headers, content, cut
            except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
                raise _translated(request, error) from error
            finally:
                response.close()


def parse_url(text: str) -> httpx.URL:
    """The URL as the door understands it. Raises ``BadUrl`` for what two parsers could read differently."""
    if not text or len(text) > _MAX_URL:
        raise BadUrl(text, "expected an address of 1 to 8192 characters")
    if "\\" in text or re.search(r"[\x00-\x1f\x7f-\x9f]", text) or text != text.strip():
        raise BadUrl(text, "backslashes, control characters and surrounding spaces are not allowed in an address")
    try:
        url = httpx.URL(text)
        host = url.raw_host.decode("ascii")
        port = url.port
    except (httpx.InvalidURL, UnicodeError, ValueError, TypeError) as error:
        raise BadUrl(text, f"not a valid address ({error})") from error
    if url.scheme not in ("http", "https"):
        raise BadUrl(text, "only http:// and https:// addresses are opened")
    if url.userinfo:
        raise BadUrl(text, "a user name or password in the address is not supported")
    if port is not None and not 0 < port < 65_536:
        raise BadUrl(text, "the port is out of range")
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            raise BadUrl(text, "not a valid IPv6 address") from None
    elif not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", host) or len(host) > 253:
        raise BadUrl(text, "expected a host name such as www.example.org")
    return url.copy_with(fragment=None)


def _join(base: httpx.URL, location: str) -> httpx.URL:
    try:
        joined = str(base.join(location.strip()))
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise BadUrl(location, f"redirected by {base} to what is not a valid address") from error
    if "\\" in location:
        raise BadUrl(location, f"redirected by {base} to an address with a backslash")
    return parse_url(joined)


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in raw:
        key = name.decode("ascii", "replace").lower()
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError:
            text = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _read(request: Request, response: httpcore.Response, headers: Mapping[str, str]) -> tuple[bytes, bool]:
    """The body and whether it is cut. Where only the start of it is wanted, the status has said what counts: whatever
    goes wrong from here on ends the body, not the exchange, and it is not waited for as long as a document."""
    body = bytearray()
    excerpt = request.overflow == "cut"
    if excerpt:
        _deadline.set(min(_deadline.get(), time.monotonic() + _EXCERPT_WAIT))
    wire = 0
    try:
        coding = decoder(headers.get("content-encoding", ""))
        for chunk in response.iter_stream():
            if _left() <= 0:
                raise httpcore.ReadTimeout
            wire += len(chunk)
            body += coding.decode(chunk, request.max_bytes - len(body))
            if len(body) > request.max_bytes or wire > request.max_bytes:
                if excerpt:
                    return bytes(body[: request.max_bytes]), True
                raise TooLarge(request.url, f"the answer is larger than {request.max_bytes:,} bytes")
    except ValueError as error:
        if excerpt:
            return bytes(body), True
        raise BadProtocol(request.url, str(error)) from error
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        dropped = isinstance(error, (httpcore.RemoteProtocolError, httpcore.ReadError))
        if excerpt or (body and dropped):
            return bytes(body), True
        raise
    return bytes(body), not coding.complete and wire > 0


def _left() -> float:
    return max(_deadline.get() - time.monotonic(), 0.0)


class _Refused(Exception):
    """Carries a verdict on a name through httpcore, which knows the host but not the URL."""

    def __init__(self, kind: type[DoorError], message: str, hint: str = "") -> None:
        super().__init__(message)
        self.kind, self.hint = kind, hint

    def translated(self, url: str) -> DoorError:
        return self.kind(url, str(self), self.hint)


_NOT_CONNECTED = {
    errno.ECONNREFUSED: "nothing accepts connections at this host and port",
    errno.EHOSTUNREACH: "the host is out of reach",
    errno.ENETUNREACH: "the network is out of reach",
}


def _translated(request: Request, error: Exception) -> DoorError:
    url, detail = request.url, " ".join(str(error).split())[:200]
    if isinstance(error, httpcore.TimeoutException):
        return TimedOut(url, f"the exchange was not over within {request.timeout:g} s")
    if isinstance(error, httpcore.ConnectError):
        cause: BaseException | None = error
        code = 0
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return TlsFailed(url, f"its certificate is not to be trusted: {cause.verify_message}")
            if isinstance(cause, ssl.SSLError):
                return TlsFailed(url, "no encrypted connection could be agreed on")
            code = (cause.errno or 0) if isinstance(cause, OSError) else code
            cause = cause.__cause__ or cause.__context__
        return ConnectionFailed(url, _NOT_CONNECTED.get(code, "no connection could be opened"))
    if isinstance(error, httpcore.NetworkError) or "without sending" in detail or "peer closed" in detail:
        return ConnectionDropped(url, "the server closed the connection before it had answered")
    return BadProtocol(url, f"not an HTTP answer ({detail})")


def _pool(context: ssl.SSLContext, *, allow_private: bool) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=context,
        max_connections=256,
        max_keepalive_connections=64,
        keepalive_expiry=15.0,
        network_backend=_CheckedNetwork(allow_private=allow_private),
    )


class _CheckedNetwork(httpcore.NetworkBackend):
    """Connects to what it resolved and checked itself, never to a name."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the exchange's deadline rules
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = resolve(host, port, _left())
        except TimeoutError as error:
            raise _Refused(NameNotResolved, str(error)) from error
        except OSError as error:
            raise _Refused(NameNotResolved, f"the name {host} does not resolve ({error.strerror or error})") from error
        for address in addresses:
            if not permitted(address, allow_private=self._allow_private):
                own = permitted(address, allow_private=True)
                hint = "set allow_private = true if it is on a network of your own" if own else ""
                leads = f"{host} is" if host == str(address) else f"{host} leads to {address}, which is"
                raise _Refused(PrivateAddress, f"{leads} not a public address", hint)
        addresses = addresses[:_ADDRESSES_TRIED]
        for position, address in enumerate(addresses, 1):
            # An equal share each: the first address may be one that swallows everything.
            share = _left() / (len(addresses) - position + 1)
            if share <= 0:
                raise httpcore.ConnectTimeout
            try:
                stream = self._system.connect_tcp(str(address), port, share, None, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if position == len(addresses):
                    raise
            else:
                return _DeadlineStream(stream)
        raise httpcore.ConnectError(f"no address for {host}")


class _DeadlineStream(httpcore.NetworkStream):
    """A connection on which every wait ends at the exchange's deadline, however slowly the bytes drip."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        left = _left()
        if left <= 0:
            raise httpcore.ReadTimeout
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        while buffer:  # in pieces, because the wrapped stream gives every send() a new timeout
            left = _left()
            if left <= 0:
                raise httpcore.WriteTimeout
            self._stream.write(buffer[:65_536], left)
            buffer = buffer[65_536:]

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        left = _left()
        if left <= 0:
            raise httpcore.ConnectTimeout
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

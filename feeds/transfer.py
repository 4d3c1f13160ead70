"""One request and its answer on the wire, driven by libcurl.

libcurl resolves, connects and speaks HTTP/1.1 and HTTP/2; what it may connect to is decided here, for each address it
is about to open and again for each connection it is about to use. No cookies, no netrc, no proxies of the environment,
no redirects of its own: each would be a way around the door.
"""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

import pycurl

from feeds.address import refused
from feeds.errors import (
    BadProtocol,
    BadUrl,
    ConnectionDropped,
    ConnectionFailed,
    DoorError,
    NameNotResolved,
    PrivateAddress,
    TimedOut,
    TlsFailed,
    TooLarge,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from feeds.exchange import Request
    from feeds.url import Url

#: libcurl's code for an answer without a byte.
GOT_NOTHING: int = pycurl.E_GOT_NOTHING
#: Seconds that a connection may have been idle and still be used.
_KEPT_FOR = 15
_ALLOW_PRIVATE = "set allow_private = true if it is on a network of your own"
_TLS = frozenset(
    {
        pycurl.E_SSL_CONNECT_ERROR, pycurl.E_PEER_FAILED_VERIFICATION, pycurl.E_SSL_CERTPROBLEM, pycurl.E_SSL_CIPHER,
        pycurl.E_SSL_CACERT_BADFILE, pycurl.E_SSL_INVALIDCERTSTATUS, pycurl.E_SSL_ISSUER_ERROR,
    }
)  # fmt: skip
_BAD_SOCKET: int = pycurl.SOCKET_BAD
_ABORT: int = pycurl.PREREQFUNC_ABORT
_GO_ON: int = pycurl.PREREQFUNC_OK
_HTTP2_STREAM = 92  # pycurl has no name for it
_HUNG_UP = frozenset({pycurl.E_GOT_NOTHING, pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR, pycurl.E_PARTIAL_FILE})
_NOT_CONNECTED = {
    errno.ECONNREFUSED: "nothing accepts connections at this host and port",
    errno.EHOSTUNREACH: "the host is out of reach",
    errno.ENETUNREACH: "the network is out of reach",
}


class Transfer:
    """A curl handle that is used for one hop after another. What came is in ``head`` and ``body`` until the next."""

    def __init__(self, agent: str, authorities: str, pinned: Sequence[str], *, hold: Callable[[int], bool]) -> None:
        self.head: list[bytes] = []
        self.chunks: list[bytes] = []
        self.size = 0
        #: The body reached the request's cap.
        self.full = False
        self._hold = hold
        self._refusal: str | None = None
        self._crowded = False
        self._allow_private = False
        self._most = 0
        self._method = ""
        curl = self.curl = pycurl.Curl()
        curl.transfer = self
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.PROXY, "")
        curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        curl.setopt(pycurl.FOLLOWLOCATION, 0)
        curl.setopt(pycurl.PATH_AS_IS, 1)
        curl.setopt(pycurl.MAXAGE_CONN, _KEPT_FOR)
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS)
        curl.setopt(pycurl.USERAGENT, agent)
        curl.setopt(pycurl.CAINFO, authorities)
        if pinned:
            curl.setopt(pycurl.RESOLVE, list(pinned))
        curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open)
        curl.setopt(pycurl.PREREQFUNCTION, self._before_request)
        curl.setopt(pycurl.HEADERFUNCTION, self.head.append)
        curl.setopt(pycurl.WRITEFUNCTION, self._take)

    def prepare(
        self, request: Request, url: Url, method: str, headers: Sequence[str], body: bytes | None, seconds: float
    ) -> None:
        """Set up one hop that has ``seconds`` to be over. Raises ``UnicodeEncodeError`` for headers that are no ASCII,
        ``pycurl.error`` for what libcurl does not take."""
        self.forget()
        self._refusal, self._crowded = None, False
        self._allow_private, self._most = request.allow_private, request.max_bytes
        curl = self.curl
        if body is not None:
            curl.setopt(pycurl.POSTFIELDS, body)
        if method != self._method or body is not None:
            self._choose(method, body)
        curl.setopt(pycurl.URL, str(url))
        curl.setopt(pycurl.HTTPHEADER, headers)
        curl.setopt(pycurl.TIMEOUT_MS, max(int(seconds * 1000), 1))

    def forget(self) -> None:
        self.head.clear()
        self.chunks.clear()
        self.size, self.full = 0, False

    def close(self) -> None:
        self.curl.close()

    def body(self) -> bytes:
        return self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)

    def answered(self) -> bool:
        """Whether the head of the final answer is there."""
        return bool(self.head) and not self.head[-1].strip() and self.answer()[0] >= 200

    def answer(self) -> tuple[int, dict[str, str]]:
        """Status and headers: names in lower case, repeated ones joined by ", ". 0 while there is no whole head.
        Interim answers before it and trailers after it say nothing."""
        status, name = 0, ""
        headers: dict[str, str] = {}
        for line in self.head:
            try:
                text = line.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError:
                text = line.decode("latin-1").rstrip("\r\n")
            if not text:
                if status >= 200:
                    return status, headers
                status, name = 0, ""
                headers.clear()
            elif not status and text.startswith("HTTP/"):
                code = text.split(" ", 2)[1:2]
                status = int(code[0]) if code and code[0].isdecimal() else 0
            elif text[0] in " \t":  # a header that goes on in the next line
                if name:
                    headers[name] = f"{headers[name]} {text.strip()}".strip()
            else:
                name, _, value = text.partition(":")
                name, value = name.strip().lower(), value.strip()
                headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return 0, {}

    def _choose(self, method: str, body: bytes | None) -> None:
        curl = self.curl
        curl.unsetopt(pycurl.CUSTOMREQUEST)
        curl.setopt(pycurl.NOBODY, method == "HEAD")
        if body is not None:
            curl.setopt(pycurl.POST, 1)
        elif method != "HEAD":
            curl.setopt(pycurl.HTTPGET, 1)
        if method not in ("HEAD", "POST" if body is not None else "GET"):
            curl.setopt(pycurl.CUSTOMREQUEST, method)
        self._method = method if body is None else ""

    def _open(self, purpose: int, address: tuple[int, int, int, tuple[str, int]]) -> socket.socket | int:
        del purpose
        family, kind, protocol, where = address
        if family not in (socket.AF_INET, socket.AF_INET6) or self._judge(where[0]):
            return _BAD_SOCKET
        return socket.socket(family, kind, protocol)

    def _before_request(self, there: str, *_: object) -> int:
        """A connection that was opened for another request may lead where this one must not go."""
        return _ABORT if self._judge(there) else _GO_ON

    def _judge(self, address: str) -> bool:
        why = refused(address, allow_private=self._allow_private)
        if why is not None:
            self._refusal = self._refusal or address
        return self._refusal is not None

    def _take(self, chunk: bytes) -> int | None:
        self.size += len(chunk)
        self.chunks.append(chunk)
        if self.size > self._most:
            self.full = True
            return 0
        if not self._hold(len(chunk)):
            self._crowded = True
            return 0
        return None

    def failure(self, url: str, host: str, code: int, message: str) -> DoorError:
        """What libcurl's error means. ``host`` is the one that was asked."""
        if self._refusal is not None:
            leads = f"{host} is" if host == self._refusal else f"{host} leads to {self._refusal}, which is"
            own = refused(self._refusal, allow_private=True) is None
            return PrivateAddress(url, f"{leads} not a public address", _ALLOW_PRIVATE if own else "")
        if self._crowded:
            return TooLarge(url, "too many large answers came in at once")
        if code == pycurl.E_OPERATION_TIMEDOUT and "esolving timed out" in message:
            return NameNotResolved(url, f"no address for {host} in time")
        if code == pycurl.E_OPERATION_TIMEDOUT:
            return TimedOut(url, "")
        if code == pycurl.E_COULDNT_RESOLVE_HOST:
            return NameNotResolved(url, f"the name {host} does not resolve")
        if code == pycurl.E_COULDNT_CONNECT:
            number = self.curl.getinfo(pycurl.OS_ERRNO)
            return ConnectionFailed(url, _NOT_CONNECTED.get(number, "no connection could be opened"))
        if code in _TLS:
            return TlsFailed(url, f"no trusted encrypted connection ({message[:200]})")
        if code in _HUNG_UP and not self._misspoken(code, message):
            return ConnectionDropped(url, "the server closed the connection before it had answered")
        if code == pycurl.E_URL_MALFORMAT:
            return BadUrl(url, "not an address that can be opened")
        return BadProtocol(url, f"not an HTTP answer ({message[:200]})")

    @staticmethod
    def dropped(code: int) -> bool:
        """Whether what came before this error may be the start of a document."""
        return code in _HUNG_UP or code in (pycurl.E_HTTP2, _HTTP2_STREAM)

    def _misspoken(self, code: int, message: str) -> bool:
        # libcurl reports chunks that are none, and endless headers, as a failure to receive, which has no error number
        # of the system's.
        told = any(word in message.lower() for word in ("chunk", "headers"))
        return told and code == pycurl.E_RECV_ERROR and not self.curl.getinfo(pycurl.OS_ERRNO)

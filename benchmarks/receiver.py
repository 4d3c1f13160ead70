"""Receives webhooks on loopback, in a process of its own: ``python -m benchmarks.receiver``. Prints its port.

``/hang…`` is never answered, ``/slow/MS`` after so many milliseconds. ``GET /arrivals`` tells when each message came
(webhook-id -> seconds since 1970), and forgets. Everything else is answered with 204 as soon as its body is there.
"""

from __future__ import annotations

import asyncio
import json
import re
import time

_OK = b"HTTP/1.1 204 No Content\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_ID = re.compile(rb"\r\nwebhook-id:\s*(\S+)", re.IGNORECASE)

arrivals: dict[str, float] = {}


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            end = self._received.index(b"\r\n\r\n")
            head = self._received[:end]
            length = _LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._received) < whole:
                return
            self._received = self._received[whole:]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        path = head.split(b" ", 2)[1]
        if path == b"/arrivals":
            body = json.dumps(arrivals).encode()
            arrivals.clear()
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            return
        message = _ID.search(head)
        if message:
            arrivals.setdefault(message[1].decode(), time.time())
        if path.startswith(b"/slow/"):
            asyncio.get_running_loop().call_later(int(path[6:]) / 1000, self._transport.write, _OK)
        elif not path.startswith(b"/hang"):
            self._transport.write(_OK)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

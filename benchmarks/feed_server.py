"""Serves generated feeds on loopback, in a process of its own: ``python -m benchmarks.feed_server ITEMS``.

Prints the port it listens on. Every path is a feed, ``/0``, ``/1`` and so on. ``GET /change/SHARE`` gives that share of
the feeds asked for so far a new entry in the place of their oldest, ``GET /warm/COUNT`` makes the documents beforehand.
Answers 304 to the validators it gave.
"""

from __future__ import annotations

import asyncio
import random
import sys
from email.utils import formatdate

_WORDS = """
    market minister river council budget school harvest railway storm museum festival vaccine satellite court
    election bridge factory union library airport orchard housing tourism glacier hospital refinery port bakery
    cyclist orchestra says opens after during growth plans report new local early warns expects against under
""".split()  # noqa: SIM905 - a text is easier to read
_DONE = b"HTTP/1.1 204 No Content\r\n\r\n"
_START = 1_790_000_000


class Feeds:
    """What every feed carries now."""

    def __init__(self, items: int) -> None:
        self._items = items
        self._generation: dict[bytes, int] = {}
        self._served: dict[bytes, tuple[bytes, bytes]] = {}

    def answer(self, path: bytes, head: bytes) -> bytes:
        if path.startswith(b"/change/"):
            self._change(float(path[8:]))
            return _DONE
        if path.startswith(b"/warm/"):
            for number in range(int(path[6:])):
                self._document(b"/%d" % number)
            return _DONE
        tag, whole = self._document(path)
        if b'"' + tag + b'"' in head:
            return b'HTTP/1.1 304 Not Modified\r\nETag: "' + tag + b'"\r\n\r\n'
        return whole

    def _document(self, path: bytes) -> tuple[bytes, bytes]:
        if path not in self._served:
            self._served[path] = self._make(path, self._generation.setdefault(path, 0))
        return self._served[path]

    def _change(self, share: float) -> None:
        paths = sorted(self._generation)
        for path in random.Random(len(paths)).sample(paths, round(share * len(paths))):
            self._generation[path] += 1
            self._served[path] = self._make(path, self._generation[path])

    def _make(self, path: bytes, generation: int) -> tuple[bytes, bytes]:
        name = path.strip(b"/").decode()
        entries = "".join(self._entry(name, number) for number in range(generation + self._items, generation, -1))
        changed = formatdate(_START + generation * 600, usegmt=True)
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
            f"<title>Feed {name}</title><link>https://paper-{name}.example/</link><description>News</description>"
            f"<lastBuildDate>{changed}</lastBuildDate>{entries}</channel></rss>"
        ).encode()
        tag = f"{name}-{generation}".encode()
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n"
            f'ETag: "{tag.decode()}"\r\nLast-Modified: {changed}\r\n\r\n'
        )
        return tag, head.encode() + body

    @staticmethod
    def _entry(name: str, number: int) -> str:
        rng = random.Random(f"{name}/{number}")
        title = " ".join(rng.choices(_WORDS, k=8)).capitalize()
        text = ". ".join(" ".join(rng.choices(_WORDS, k=14)).capitalize() for _ in range(3))
        link = f"https://paper-{name}.example/2026/{number:05d}/{title.lower().replace(' ', '-')}"
        date = formatdate(_START + number * 3_600, usegmt=True)
        return (
            f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid><pubDate>{date}</pubDate>"
            f"<description>&lt;p&gt;{text}.&lt;/p&gt;</description></item>\n"
        )


class _Connection(asyncio.Protocol):
    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._transport.write(self._feeds.answer(head.split(b" ", 2)[1], head))


async def main(items: int) -> None:
    feeds = Feeds(items)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(feeds), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

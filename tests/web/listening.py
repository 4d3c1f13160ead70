"""A client of server-sent events, as simple as the format allows."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

#: Nothing that is waited for takes this long, in seconds.
PATIENCE = 20.0


@dataclass(frozen=True)
class Heard:
    """One event. ``number`` is what to resume after."""

    name: str
    data: str
    number: int | None

    @property
    def json(self) -> Any:
        return json.loads(self.data)


class Listener:
    """One open stream, from the moment the server has said where it begins."""

    def __init__(self, url: str, **headers: str) -> None:
        self._client = httpx.Client(timeout=PATIENCE)
        self._open = self._client.stream("GET", url, headers=headers)
        #: The number to resume after.
        self.last: int | None = None

    def __enter__(self) -> Listener:
        self.answer = self._open.__enter__()
        self._events = self._read(self.answer.iter_lines())
        if self.answer.status_code == 200:
            self.missed = list(self._until_beginning())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)
        self._client.close()

    def next(self, name: str = "") -> Heard:
        """The next event, of this name where one is given, other than signs of life."""
        until = time.monotonic() + PATIENCE
        for heard in self._events:
            if heard.name and heard.name == (name or heard.name):
                return heard
            assert time.monotonic() < until, f"no {name or 'event'} came"
        raise EOFError("the stream ended")

    def _until_beginning(self) -> Iterator[Heard]:
        for heard in self._events:
            if not heard.name:
                return
            yield heard
            if heard.name == "reset":
                return

    def _read(self, lines: Iterator[str]) -> Iterator[Heard]:
        name, data, number = "", list[str](), None
        for line in lines:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif field == "id":
                number = self.last = int(value)
            elif not line and (name or number is not None):
                yield Heard(name, "\n".join(data), number)
                name, data, number = "", [], None

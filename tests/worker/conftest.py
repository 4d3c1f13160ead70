"""A service of its own for every test: a config, a database, and newspapers and receivers on loopback."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from loopback import SECRET, Newspaper, Receiver

from worker.config.watch import Watcher
from worker.context import Context
from worker.steps.whole_pass import PassTally, whole_pass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Clock:
    """Time that passes when the test says so."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Service:
    """The service in this process, on a database of its own."""

    folder: Path
    database_url: str
    feeds: list[str] = field(default_factory=list)
    webhooks: list[str] = field(default_factory=list)
    polling: str = ""
    public_url: str = ""
    clock: Clock = field(default_factory=Clock)
    _context: Context | None = None

    def feed(self, url: str, extra: str = "") -> None:
        self.feeds.append(f'[[feeds]]\nurl = "{url}"\nallow_private = true\n{extra}')

    def webhook(self, url: str, extra: str = "", name: str = "desk") -> None:
        self.webhooks.append(
            f'[[webhooks]]\nname = "{name}"\nurl = "{url}"\nsecret = "{SECRET}"\nallow_private = true\n{extra}'
        )

    def write(self) -> Path:
        path = self.folder / "seedwire.toml"
        top = f'[service]\ndata_dir = "data"\ndatabase_url = "{self.database_url}"\npublic_url = "{self.public_url}"\n'
        top += f"[polling]\n{self.polling}\n"
        path.write_text("\n".join([top, *self.feeds, *self.webhooks]))
        return path

    @property
    def context(self) -> Context:
        if self._context is None:
            self._context = Context(Watcher(self.write(), {}, settle=0), now=self.clock)
        return self._context

    def run(self, **span: float) -> PassTally:
        """Let time pass, then poll every feed and do all that follows."""
        self.clock.pass_(**span)
        context = self.context
        self.write()
        context.watcher.refresh()
        return whole_pass(context, every_feed=True)

    def close(self) -> None:
        if self._context is not None:
            self._context.close()


@pytest.fixture
def newspaper() -> Iterator[Newspaper]:
    with Newspaper() as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(real_time=False) as server:
        yield server


@pytest.fixture
def service(tmp_path: Path, database_url: str) -> Iterator[Service]:
    made = Service(tmp_path, database_url)
    yield made
    made.close()

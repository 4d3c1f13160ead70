"""The real web process on a folder of its own, and the browser that looks at it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import httpx
from running import free_port, wait_for
from sqlalchemy import select

from store import tables
from store.database import Database
from worker.config.watch import Watcher
from worker.context import Context
from worker.steps.whole_pass import whole_pass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip


#: What ``closed_site`` asks for.
TOKEN = "a-token-long-enough-for-these-tests"


def chromium() -> str | None:
    """The browser's program; Playwright's own download is not used."""
    return next((found for name in CHROMIUM if (found := shutil.which(name))), None)


@dataclass
class Site:
    """The real web process on a folder of its own."""

    folder: Path
    port: int = field(default_factory=free_port)
    token: str = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> Path:
        return self.folder / "seedwire.toml"

    @contextmanager
    def database(self) -> Iterator[Database]:
        opened = Database(f"sqlite:///{self.folder}/data/seedwire.db")
        try:
            yield opened
        finally:
            opened.close()

    def address(self, pattern: str) -> str:
        """``/stories/{story}`` with the id of one that is there; ``failing`` is a feed that cannot be read."""
        with self.database() as database, database.read() as connection:
            asked = {
                "story": select(tables.stories.c.id).where(tables.stories.c.item_count > 1),
                "item": select(tables.items.c.id).where(tables.items.c.outcome == "alerted"),
                "feed": select(tables.feeds.c.id).where(tables.feeds.c.failures == 0),
                "failing": select(tables.feeds.c.id).where(tables.feeds.c.failures > 0),
            }
            return pattern.format_map({name: connection.scalar(query.limit(1)) for name, query in asked.items()})

    def story(self, headline: str) -> str:
        """The id of the story that an item of this headline reports."""
        with self.database() as database, database.read() as connection:
            found = connection.scalar(
                select(tables.events.c.story_id)
                .join(tables.items, tables.items.c.id == tables.events.c.item_id)
                .where(tables.items.c.title == headline)
            )
        assert found, headline
        return str(found)

    def pass_(self) -> None:
        """Poll every feed and do all that follows, in this process: another one than the page's."""
        context = Context(Watcher(self.config, {}, settle=0))
        try:
            whole_pass(context, every_feed=True)
        finally:
            context.close()

    def start(self) -> None:
        with (self.folder / "web.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "web", "--config", str(self.config)], stdout=log, stderr=log
            )
        wait_for(self._answers, f"the web process; see {self.folder}/web.log", 90)

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)
        self._process.wait(20)

    def _answers(self) -> bool:
        assert self._process.poll() is None, (self.folder / "web.log").read_text()
        try:
            return httpx.get(f"{self.url}/healthz").status_code == 200
        except httpx.TransportError:
            return False

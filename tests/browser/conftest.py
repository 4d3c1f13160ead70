"""A browser, and the real web process over the database that a day of an invented newsroom left."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import httpx
import pytest
from newsday import Newsday
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from running import free_port, wait_for
from sqlalchemy import select

from store import migrate, tables
from store.database import Database
from worker.config.watch import Watcher
from worker.context import Context
from worker.steps.whole_pass import whole_pass

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import ConsoleMessage, Request

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip


def chromium() -> str | None:
    """The browser's program; Playwright's own download is not used."""
    return next((found for name in CHROMIUM if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        message = f"none of {', '.join(CHROMIUM)} is installed; on Debian: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_OPTIONS))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsday]:
    with Newsday(tmp_path_factory.mktemp("day")) as day:
        day.live()
        yield day


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
        wait_for(self._answers, f"the web process; see {self.folder}/web.log", 30)

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


MakeSite = Callable[..., Site]


@pytest.fixture(scope="session")
def make_site(day: Newsday, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeSite]:
    """A site over a copy of the day's database; ``token``: the page asks for it."""
    made: list[Site] = []

    def make(token: str = "") -> Site:
        folder = tmp_path_factory.mktemp("site")
        shutil.copytree(day.folder / "data", folder / "data")
        site = Site(folder, token=token)
        service = f'listen = "127.0.0.1:{site.port}"\n' + (f'api_token = "{token}"\n' if token else "")
        site.config.write_text(day.config(service))
        site.start()
        made.append(site)
        return site

    yield make
    for site in made:
        site.stop()


@pytest.fixture(scope="session")
def site(make_site: MakeSite) -> Site:
    """One for the tests that leave no trace, or each a trace of its own."""
    return make_site()


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One that watches nothing and knows nothing."""
    site = Site(tmp_path_factory.mktemp("empty"))
    site.config.write_text(f'[service]\ndata_dir = "data"\nlisten = "127.0.0.1:{site.port}"\n')
    with site.database() as database:
        migrate.upgrade(database)
    with site:
        yield site


@dataclass
class Watch:
    """What a page did that no page may do."""

    origin: str
    allowed: str = ""
    faults: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script failed: {error}"))
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not (self.allowed and re.search(self.allowed, message.text)):
            self.faults.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:")):
            self.faults.append(f"left the origin: {request.url}")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page of a site, watched: ``open_page(site, "/feeds", width=360, color_scheme="dark")``. At the end of the
    test none of them may have logged an error (but what ``allowed`` matches: browsers log answers such as 401), asked
    another host, or shown a dialog."""
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def open_(site: Site, path: str = "/", *, width: int = 1280, allowed: str = "", **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        watch = Watch(site.url, allowed)
        watches.append(watch)
        context.on("page", watch.over)
        page = context.new_page()
        page.goto(path if path.startswith("about:") else site.url + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    faults = [fault for watch in watches for fault in watch.faults]
    assert not faults

"""A browser, and the real web process over the database that a day of an invented newsroom left."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from newsday import Newsday
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from web_process import CHROMIUM, CHROMIUM_OPTIONS, TOKEN, Site, chromium

from store import migrate

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Request


#: How long a page may take to show what it should, in milliseconds; the limit is only for a test that fails.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test of a worker waits for the day to pass, a web process and a browser."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="module")  # while it is open, nothing else of this process can run an event loop
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        message = f"none of {', '.join(CHROMIUM)} is installed; on Debian: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_OPTIONS), timeout=3 * 60_000)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsday]:
    with Newsday(tmp_path_factory.mktemp("day")) as day:
        day.live()
        yield day


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
        made.append(site)
        site.start()
        return site

    yield make
    for site in made:
        site.stop()


@pytest.fixture(scope="session")
def site(make_site: MakeSite) -> Site:
    """One for most tests: each leaves at most a trace of its own."""
    return make_site()


@pytest.fixture(scope="session")
def closed_site(make_site: MakeSite) -> Site:
    """One that asks for ``TOKEN``."""
    return make_site(TOKEN)


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
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        watch = Watch(site.url, allowed)
        watches.append(watch)
        context.on("page", watch.over)
        page = context.new_page()
        answer = page.goto(path if path.startswith("about:") else site.url + path)
        assert answer is None or answer.ok or allowed, f"{path}: {answer.status} {answer.status_text}"
        return page

    yield open_
    for context in contexts:
        context.close()
    faults = [fault for watch in watches for fault in watch.faults]
    assert not faults

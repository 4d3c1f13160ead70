"""Make the README's pictures: a day of an invented newsroom, and Chromium looking at the pages it leaves.

make screenshots
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from newsday import Newsday
from playwright.sync_api import Browser, sync_playwright
from web_process import CHROMIUM_OPTIONS, Site, chromium

#: A picture's name, the page it shows, how wide and high the window is, and the themes.
PICTURES = (
    ("page", "/", 1280, 860, ("light", "dark")),
    ("story", "/stories/{story}", 1100, 1000, ("light", "dark")),
    ("phone", "/", 390, 900, ("light", "dark")),
)


def main(folder: Path) -> None:
    program = chromium()
    if program is None:
        sys.exit("Chromium is needed for the pictures; on Debian: apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, Newsday(Path(temporary)) as day:
        day.live()
        site = Site(day.folder)
        site.config.write_text(day.config(f'listen = "127.0.0.1:{site.port}"'))
        with site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_OPTIONS))
            for picture in PICTURES:
                take(browser, site, folder, *picture)
            browser.close()


def take(
    browser: Browser,
    site: Site,
    folder: Path,
    name: str,
    address: str,
    width: int,
    height: int,
    themes: tuple[str, ...],
) -> None:
    for theme in themes:
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
        page.goto(site.url + site.address(address))
        page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
        file = folder / f"{name}-{theme}.png"
        page.screenshot(path=file)
        page.close()
        print(f"{file}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

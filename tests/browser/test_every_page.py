"""What holds of every page: axe finds nothing in either theme, nothing is wider than a phone, nothing leaves the origin
or logs an error (``open_page`` watches that), and each is titled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Request
    from web_process import Site

PAGES = (
    "/", "/?type=energy_deal&q=gas", "/?q=nothing-has-this-word", "/stories/{story}", "/near-misses", "/items",
    "/items/{item}", "/activity", "/feeds", "/feeds/{feed}", "/feeds/{failing}", "/webhooks", "/webhooks/desk",
    "/webhooks/archive", "/patterns",
)  # fmt: skip


def settle(page: Page) -> None:
    """Animations are over: axe measures colours as they are at that moment."""
    page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")


def faults(page: Page) -> str:
    settle(page)
    found = Axe().run(page)
    return "" if found.violations_count == 0 else found.generate_report()


def widest(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_accessible_and_fits(site: Site, open_page: Callable[..., Page], address: str) -> None:
    page = open_page(site, site.address(address))
    assert page.locator("h1").count() == 1
    assert page.title().endswith("· Seedwire")
    assert faults(page) == ""
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 740})
    assert widest(page) <= 360
    assert faults(page) == ""
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert widest(page) <= 360


@pytest.mark.parametrize("address", [address for address in PAGES if "{" not in address and "archive" not in address])
def test_a_page_without_anything_yet_is_accessible_and_says_what_to_do(
    empty_site: Site, open_page: Callable[..., Page], address: str
) -> None:
    if address.startswith("/webhooks/"):
        return
    page = open_page(empty_site, address, width=360)
    assert faults(page) == ""
    assert widest(page) <= 360
    if not address.startswith(("/patterns", "/activity")):
        assert page.locator(".empty").is_visible()


def test_the_ground_is_dark_where_dark_is_asked_for(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site)
    luminance = {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        luminance[theme] = sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    assert luminance["dark"] < 150 < 600 < luminance["light"]


def test_nothing_moves_where_that_is_asked_for(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site, "/", reduced_motion="reduce")
    page.locator("#stories article").first.evaluate("card => card.classList.add('new')")
    assert page.evaluate("document.getAnimations().length") == 0


def test_the_first_load_is_small(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site, "about:blank")
    asked: list[Request] = []
    page.on("requestfinished", lambda request: asked.append(request))
    page.goto(site.url + "/", wait_until="load")
    weights = {request.url: request.sizes()["responseBodySize"] for request in asked}
    assert sum(weights.values()) < 50_000, weights

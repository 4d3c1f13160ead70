"""Everything can be done without a mouse, and one always sees where one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from newsday import CANCELLED
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from web_process import Site

FOCUSED = """() => {
    const here = document.activeElement, box = here.getBoundingClientRect(), style = getComputedStyle(here);
    return {tag: here.tagName, text: (here.textContent || here.name || '').trim(),
            outline: parseFloat(style.outlineWidth),
            seen: box.width > 0 && box.right > 0 && box.bottom > 0 && box.top < innerHeight, order: here.tabIndex};
}"""


def tabs(page: Page, most: int = 200) -> list[dict[str, object]]:
    """What the tab key reaches, one after the other, until it leaves the page."""
    stops = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["tag"] in {"BODY", "HTML"}:
            break
        stops.append(stop)
    return stops


def test_the_first_stop_leads_past_the_navigation(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site)
    page.keyboard.press("Tab")
    skip = page.evaluate(FOCUSED)
    assert skip["text"] == "Skip to the content"
    assert skip["seen"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


@pytest.mark.parametrize("address", ["/", "/near-misses", "/feeds", "/webhooks/archive"])
def test_every_stop_is_seen(site: Site, open_page: Callable[..., Page], address: str) -> None:
    stops = tabs(open_page(site, site.address(address)), most=40)
    assert [stop["text"] for stop in stops[:3]] == ["Skip to the content", "Seedwire", "Stories"]
    assert [stop for stop in stops if not stop["seen"] or not stop["outline"] or stop["order"]] == []


def test_a_correction_by_keyboard_keeps_the_place(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site)
    correction = page.locator(f"#correction-story-{site.story(CANCELLED)}")
    correction.get_by_role("button", name="Right", exact=True).focus()
    page.keyboard.press("Enter")
    expect(correction.get_by_role("button", name="Undo")).to_be_visible()
    inside = f"document.getElementById('correction-story-{site.story(CANCELLED)}').contains(document.activeElement)"
    page.wait_for_function(inside)
    correction.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(correction.get_by_role("button", name="Right", exact=True)).to_be_visible()
    page.wait_for_function(inside)

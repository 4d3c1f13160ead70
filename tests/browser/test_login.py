"""Where a token is set, the page asks for it once, keeps a cookie no script can read, and forgets it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from test_every_page import faults, widest
from web_process import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from web_process import Site


@pytest.mark.parametrize("address", ["/webhooks/desk", "/?type=energy_deal"])
def test_every_page_leads_to_the_login_and_back(
    closed_site: Site, open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(closed_site, address)
    assert "/login" in page.url
    page.get_by_label("Token").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation")).to_be_visible()
    assert page.url == closed_site.url + address


def test_login_and_logout(closed_site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(closed_site, "/", allowed="401")  # its stream may be opened anew before it leads to the login
    page.get_by_label("Token").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(page.locator("#stories article").first).to_be_visible()
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert TOKEN not in cookie["value"]
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Token")).to_be_visible()
    assert not page.context.cookies()
    page.context.add_cookies([cookie])  # what was logged out is not let in by its old cookie
    page.goto(closed_site.url + "/")
    expect(page.get_by_label("Token")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_the_login_page_is_accessible_and_says_what_was_wrong(
    closed_site: Site, open_page: Callable[..., Page], theme: str, width: int
) -> None:
    page = open_page(closed_site, "/login", color_scheme=theme, width=width, allowed="401|403")
    assert faults(page) == ""
    page.get_by_label("Token").fill("not-the-token")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert not page.context.cookies()
    assert faults(page) == ""
    assert widest(page) <= width

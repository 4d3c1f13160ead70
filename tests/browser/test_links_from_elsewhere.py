"""A link in somebody's chat leads a person who is logged in to what it names; a form there does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from web_process import TOKEN

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from web_process import Site

CHAT = "http://chat.example/"


def test_a_link_from_elsewhere_finds_who_is_logged_in_and_a_form_from_there_does_nothing(
    browser: Browser, closed_site: Site
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.route(
        f"{CHAT}**",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<a href="{closed_site.url}/?type=energy_deal">look</a>'
            f'<form method="post" action="{closed_site.url}/logout"><button>win</button></form>',
        ),
    )
    page.goto(f"{closed_site.url}/")
    page.get_by_label("Token").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    # The cookie is SameSite=Strict: it does not come along at first.
    page.goto(CHAT)
    page.get_by_role("link").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    assert page.url == f"{closed_site.url}/?type=energy_deal"
    page.goto(CHAT)
    page.get_by_role("button").click()
    expect(page.get_by_text("Another site's page is behind this request")).to_be_visible()
    page.goto(f"{closed_site.url}/")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    # Who is not logged in ends at the form, not in a circle, and then where the link led.
    context.clear_cookies()
    page.goto(CHAT)
    page.get_by_role("link").click()
    page.get_by_label("Token").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    assert page.url == f"{closed_site.url}/?type=energy_deal"
    context.close()

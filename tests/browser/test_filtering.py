"""Filters of the list: by the form, by an address that can be passed on, with and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from newsday import CANCELLED, LNG
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from web_process import Site

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


def headlines(page: Page) -> list[str]:
    return page.locator("#stories article h2").all_inner_texts()


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


@SCRIPTS
def test_the_form_narrows_the_list_and_makes_an_address_to_pass_on(
    site: Site, open_page: Callable[..., Page], scripts: bool
) -> None:
    page = open_page(site, java_script_enabled=scripts)
    every = headlines(page)
    assert any(CANCELLED in headline for headline in every)
    form = page.locator("form.filters")
    form.locator("[name=type]").select_option("energy_deal")
    form.locator("[name=q]").fill("nordlicht")
    form.locator("[name=q]").press("Enter")
    expect(page.locator("#stories article")).to_have_count(1)
    page.wait_for_url("**/?*q=nordlicht*")
    assert query(page)["type"] == ["energy_deal"]
    shown = headlines(page)
    assert "Nordlicht" in shown[0]
    assert form.locator("[name=q]").input_value() == "nordlicht"
    passed_on = open_page(site, page.url.removeprefix(site.url), java_script_enabled=scripts)
    assert headlines(passed_on) == shown


@SCRIPTS
def test_back_shows_no_filter_that_is_not_in_force(site: Site, open_page: Callable[..., Page], scripts: bool) -> None:
    page = open_page(site, java_script_enabled=scripts)
    words = page.locator("form.filters [name=q]")
    words.fill("nordlicht")
    words.press("Enter")
    page.wait_for_url("**/?*q=nordlicht*")
    page.go_back()
    page.wait_for_url(site.url + "/")
    expect(words).to_have_value("")


@SCRIPTS
@pytest.mark.parametrize(
    ("asked", "wanted", "unwanted"),
    [("status=cancelled", CANCELLED, LNG), ("country=KE", "Nairobi", CANCELLED), ("q=harbour+railway", "Nairobi", LNG),
     ("type=energy_deal", "Nordlicht", CANCELLED)],
)  # fmt: skip
def test_an_address_says_what_is_shown(
    site: Site, open_page: Callable[..., Page], scripts: bool, asked: str, wanted: str, unwanted: str
) -> None:
    shown = "\n".join(headlines(open_page(site, f"/?{asked}", java_script_enabled=scripts)))
    assert wanted in shown
    assert unwanted not in shown


def test_a_feed_can_be_asked_for_from_the_form(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site)
    page.locator("form.filters [name=feed]").select_option(label="Savanna Times")
    page.locator("form.filters button").first.click()
    expect(page.locator("#stories article")).to_have_count(1)
    expect(page.locator("#stories article h2")).to_contain_text("Nairobi")


def test_nothing_found_says_how_to_get_back(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site, "/?q=nothing-has-this-word")
    expect(page.locator(".empty")).to_be_visible()
    page.locator("main .chips a").first.click()
    expect(page.locator("#stories article").first).to_be_visible()
    assert query(page) == {}

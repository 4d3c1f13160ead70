"""One click says that a decision was wrong; another takes that back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from newsday import WRONG
from playwright.sync_api import expect
from sqlalchemy import select

from store import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from web_process import Site


def label(site: Site, title: str) -> str | None:
    with site.database() as database, database.read() as connection:
        found: str | None = connection.scalar(select(tables.items.c.label).where(tables.items.c.title == title))
        return found


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_wrong_story_is_said_to_be_wrong_and_taken_back(
    site: Site, open_page: Callable[..., Page], scripts: bool
) -> None:
    page = open_page(site, java_script_enabled=scripts)
    story = site.story(WRONG)
    correction = page.locator(f"#correction-story-{story}")
    correction.get_by_role("button", name="Wrong", exact=True).click()
    undo = correction.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    assert label(site, WRONG) == "none"
    if scripts:
        assert page.url == site.url + "/"
        assert page.evaluate("document.activeElement !== document.body")
    undo.click()
    expect(correction.get_by_role("button", name="Wrong", exact=True)).to_be_visible()
    assert label(site, WRONG) is None


def test_a_near_miss_is_said_to_have_been_a_report(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site, "/near-misses")
    card = page.locator("article", has_text="Qatar may sell more gas")
    correction = card.locator("[id^=correction-item-]")
    correction.get_by_role("button", name="Energy deal").first.click()
    undo = correction.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    undo.click()
    expect(correction.get_by_role("button", name="Energy deal").first).to_be_visible()

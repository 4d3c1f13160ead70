"""What arrives moves no text that is being read, and what is no story any more goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopback import Article
from playwright.sync_api import expect

from store import stories, story_edits
from store.database import Database
from worker.context import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsday import Newsday
    from playwright.sync_api import Page
    from web_process import Site

OSLO = "Danish prime minister meets Irish counterpart in Copenhagen"
OSLO_TEXT = "Danish Prime Minister Freja Holm met Irish Prime Minister Sean Daly in Copenhagen on Monday to talk fish."


def test_who_has_scrolled_down_is_told_and_asks_for_what_is_new(
    site: Site, day: Newsday, open_page: Callable[..., Page]
) -> None:
    page = open_page(site)
    cards, button = page.locator("#stories article"), page.locator("#arrivals")
    expect(page.locator("#live")).to_have_text("Live")
    expect(button).to_be_hidden()
    before = cards.first.get_attribute("id")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    day.papers.publish("/harbour-post", Article(OSLO, OSLO_TEXT))
    site.pass_()
    expect(button).to_have_text("1 new story")
    assert cards.first.get_attribute("id") == before
    button.click()
    expect(cards.first).to_contain_text(OSLO)
    expect(button).to_be_hidden()

    gone = page.locator(f"#{before}")
    expect(gone).to_have_count(1)
    database = Database(f"sqlite:///{site.folder / 'data' / 'seedwire.db'}")
    with database.write() as transaction:
        stories.begin_matching(transaction.connection)
        story_edits.merge(transaction.connection, str(before).removeprefix("story-"), site.story(OSLO), utc_now())
    database.close()
    expect(gone).to_have_count(0)

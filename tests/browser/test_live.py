"""Stories reach an open page by themselves: what another process stored, without a reload, whatever breaks between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopback import Article
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsday import Newsday
    from playwright.sync_api import Page
    from web_process import Site

SUVA = "Fijian prime minister meets Samoan counterpart in Suva"
SUVA_TEXT = (
    "Fijian Prime Minister Semi Vakatora met Samoan Prime Minister Tala Fonoti in Suva on Monday to discuss reefs."
)
RIGA = "Latvian president hosts Estonian counterpart for talks in Riga"
RIGA_TEXT = "Latvian President Ilze Ozola met Estonian President Jaan Tamm in Riga on Monday to discuss a rail line."
QUITO = "Ecuador's president meets Bolivian counterpart in Quito"
QUITO_TEXT = "Ecuadorian President Rosa Paredes met Bolivian President Hugo Mamani in Quito on Monday to discuss roads."


def stays(page: Page) -> Callable[[], bool]:
    """Asks whether the page is still the one that was loaded."""
    page.evaluate("window.loadedOnce = true")
    return lambda: bool(page.evaluate("window.loadedOnce === true"))


def test_a_story_appears_and_grows_without_a_reload(site: Site, day: Newsday, open_page: Callable[..., Page]) -> None:
    page = open_page(site)
    same = stays(page)
    cards = page.locator("#stories article")
    before = cards.count()
    day.papers.publish("/harbour-post", Article(SUVA, SUVA_TEXT))
    site.pass_()
    expect(cards.first).to_contain_text(SUVA)
    expect(cards).to_have_count(before + 1)
    day.papers.publish("/gulf-ledger", Article("Samoa's Fonoti, Fiji's Vakatora hold talks in Suva", SUVA_TEXT))
    site.pass_()
    card = page.locator(f"#story-{site.story(SUVA)}")
    expect(card).to_contain_text("2 reports")
    expect(card).to_contain_text("Gulf Ledger")
    expect(cards).to_have_count(before + 1)
    assert same()


def test_a_page_whose_filters_do_not_ask_for_a_story_does_not_get_it(
    site: Site, day: Newsday, open_page: Callable[..., Page]
) -> None:
    deals = open_page(site, "/?type=energy_deal")
    every = open_page(site)
    shown = deals.locator("#stories article").count()
    assert shown
    day.papers.publish("/andes-courier", Article(QUITO, QUITO_TEXT))
    site.pass_()
    expect(every.locator("#stories article").first).to_contain_text(QUITO)
    expect(deals.locator("#stories article")).to_have_count(shown)


def test_what_came_while_the_server_was_away_is_there_when_it_is_back(
    site: Site, day: Newsday, open_page: Callable[..., Page]
) -> None:
    page = open_page(site, allowed="net::ERR_")
    same = stays(page)
    expect(page.locator("#live")).to_have_text("Live")
    site.stop()
    day.papers.publish("/northern-wire", Article(RIGA, RIGA_TEXT))
    site.pass_()
    site.start()
    expect(page.locator("#stories article").first).to_contain_text(RIGA, timeout=60_000)  # 45 s may pass until it asks
    assert same()


def test_without_scripts_the_page_says_all_there_is(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site, java_script_enabled=False)
    assert page.locator("#stories article").count() > 3
    assert page.locator("#stories time").first.inner_text()

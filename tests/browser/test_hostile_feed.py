"""Whatever feeds, pages and endpoints say is text: it runs nothing, breaks out of nothing, and leads nowhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from loopback import Article
from playwright.sync_api import expect
from sqlalchemy import Text, update
from test_every_page import PAGES

from store import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import MakeSite
    from newsday import Newsday
    from playwright.sync_api import Page
    from sqlalchemy import Connection
    from web_process import Site

HOSTILE = (
    "</title></textarea></style></script><script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"
    '<svg onload=window.ran=1><a href="javascript:window.ran=1">x</a>" autofocus onfocus="window.ran=1" x=\''
    "{{ 7*7 }} ${7*7} <!-- ]]> \u202e\u2066\x07"
)
LINK = "javascript:window.ran=1//https://news.example/"

#: Columns whose words are ours, not a stranger's.
OURS = frozenset(
    {"feed_id", "webhook", "type", "status", "state", "outcome", "problem", "first_poll", "label", "token", "origin",
     "reason", "prints", "facets", "words"}
)  # fmt: skip
TABLES = (
    "feeds",
    "items",
    "stories",
    "events",
    "alerts",
    "deliveries",
    "attempts",
    "webhooks",
    "pages",
    "subscriptions",
)


def poisoned(value: object, key: str = "") -> object:
    """A JSON value with each string in it replaced, but for those that name a kind."""
    match value:
        case str() if key in {"type", "status", "date", "source", "plover"}:
            return value
        case str():
            return LINK if key == "url" else HOSTILE
        case dict():
            return {name: poisoned(inner, name) for name, inner in value.items()}
        case list():
            return [poisoned(inner, key) for inner in value]
    return value


def poison(connection: Connection) -> None:
    """Put hostile text into every column that a stranger can fill."""
    for name in TABLES:
        table = tables.metadata.tables[name]
        keys = {column.name for column in table.primary_key}
        for row in connection.execute(table.select()).mappings().all():
            changed: dict[str, object] = {}
            for column in table.c:
                value = row[column.name]
                if column.name in keys | OURS or value is None:
                    continue
                if column is tables.alerts.c.body:
                    changed["body"] = json.dumps(poisoned(json.loads(value)))
                elif isinstance(value, str) and isinstance(column.type, Text):
                    changed[column.name] = LINK if column.name == "url" else HOSTILE
                elif isinstance(value, dict | list):
                    changed[column.name] = poisoned(value)
            if changed:
                mine = [table.c[key] == row[key] for key in keys]
                connection.execute(update(table).where(*mine).values(changed))


@pytest.fixture(scope="module")
def hostile_site(make_site: MakeSite) -> Site:
    site = make_site()
    with site.database() as database, database.write() as transaction:
        poison(transaction.connection)
    return site


def harm(page: Page) -> list[str]:
    """What of the page's own making strangers' text has changed: nothing, where all is well."""
    found: list[str] = page.evaluate(
        """() => {
            const found = window.ran ? ['a script ran'] : [];
            for (const element of document.querySelectorAll('*')) {
                const tag = element.tagName.toLowerCase();
                const ours = (element.src || '').startsWith(location.origin + '/static/');
                if (tag === 'script' && !ours) found.push(tag);
                if (['img', 'iframe', 'object', 'embed', 'base', 'textarea'].includes(tag)) found.push(tag);
                for (const {name, value} of element.attributes) {
                    if (name.startsWith('on') || name === 'autofocus' || name === 'style') found.push(tag + ' ' + name);
                    if (['href', 'src', 'action', 'formaction', 'xlink:href'].includes(name)
                        && /^\\s*(javascript|vbscript|data:text)/i.test(value)) found.push(tag + ' ' + value);
                }
            }
            return found;
        }"""
    )
    return found


@pytest.mark.parametrize("address", PAGES)
def test_a_page_full_of_hostile_text_is_a_page_with_text(
    hostile_site: Site, open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(hostile_site, hostile_site.address(address), width=360)
    assert harm(page) == []
    assert page.locator("main").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_hostile_text_is_shown_as_it_is(hostile_site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(hostile_site, hostile_site.address("/stories/{story}"))
    expect(page.locator("main")).to_contain_text("<script>window.ran = 1</script>")
    expect(page.locator("main")).to_contain_text("{{ 7*7 }}")


def test_a_hostile_story_that_arrives_live_is_text_too(
    site: Site, day: Newsday, open_page: Callable[..., Page]
) -> None:
    page = open_page(site)
    title = f"Maltese prime minister meets Cypriot president {HOSTILE.split(chr(0x202E))[0]}"
    text = (
        "Maltese Prime Minister Carm Vella met Cypriot President Eleni Markou in Valletta on Monday to discuss ferries."
    )
    # Escaped twice, so that what is left after the feed was read is the text itself.
    doubly = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    day.papers.publish("/gulf-ledger", Article(doubly, text))
    site.pass_()
    expect(page.locator("#stories article").first).to_contain_text("Maltese prime minister meets Cypriot president")
    expect(page.locator("#stories article").first).to_contain_text("window.ran")
    assert harm(page) == []

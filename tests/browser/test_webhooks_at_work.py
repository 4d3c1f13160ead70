"""What a person does about webhooks on the page reaches real receivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from running import wait_for
from sqlalchemy import func, select

from store import tables
from worker.config.watch import Watcher
from worker.context import Context
from worker.steps.deliver import deliver_due

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsday import Newsday
    from playwright.sync_api import Page
    from web_process import Site


def dead(site: Site) -> int:
    with site.database() as database, database.read() as connection:
        return (
            connection.scalar(
                select(func.count()).select_from(tables.deliveries).where(tables.deliveries.c.state == "dead")
            )
            or 0
        )


def deliver(site: Site) -> None:
    """Send what is due, as a worker does."""
    context = Context(Watcher(site.config, {}, settle=0))
    try:
        deliver_due(context)
    finally:
        context.close()


def test_a_dead_letter_is_sent_again_from_the_page(site: Site, day: Newsday, open_page: Callable[..., Page]) -> None:
    before, came = dead(site), len(day.archive.taken)
    assert before
    page = open_page(site, "/webhooks/archive")
    day.archive_status = 200
    try:
        page.locator("form[action*='/deliveries/'] button", has_text="Send again").first.click()
        wait_for(lambda: dead(site) == before - 1, "the delivery to be due again")
        expect(page.locator("form[action*='/deliveries/'] button", has_text="Send again")).to_have_count(before - 1)
        deliver(site)
    finally:
        day.archive_status = 500
    assert len(day.archive.taken) > came
    assert day.archive.bad_signatures == 0


def test_a_test_event_arrives_signed_and_the_page_says_what_was_answered(
    site: Site, day: Newsday, open_page: Callable[..., Page]
) -> None:
    page = open_page(site, "/webhooks/desk")
    page.get_by_role("button", name="test").first.click()
    wait_for(lambda: day.receiver.taken[-1].event["type"] == "seedwire.webhook.test", "the test event")
    expect(page.locator("#told")).to_contain_text("desk: answer 200")
    assert day.receiver.taken[-1].path == "/desk"
    assert day.receiver.bad_signatures == 0

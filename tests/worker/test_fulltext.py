"""Full text: a short promising item's page is read politely, once, and judged; what refuses is left alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from loopback import answer
from site_of_a_paper import HEADLINE, PARAGRAPHS, Site, article_page
from sqlalchemy import select

from feeds import robots
from store.feeds import make_due
from store.tables import counters, feeds, page_hosts, pages, stories
from store.views.items import list_items, show_item
from worker.steps import fulltext
from worker.steps.classify import classify_pending
from worker.steps.poll import poll_due

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler

    from conftest import Service
    from loopback import Receiver


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        yield server


@pytest.fixture
def other() -> Iterator[Site]:
    with Site() as server:
        yield server


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots, "SPACING", timedelta())


@pytest.fixture
def desk(service: Service, site: Site, receiver: Receiver) -> Service:
    """A service that has polled the site's empty feed once, with full text wanted."""
    service.polling = 'timeout = "2s"'
    service.feed(site.feed, "fulltext = true")
    service.webhook(receiver.url)
    service.run()
    return service


def outcomes(service: Service) -> list[str | None]:
    with service.context.database.read() as connection:
        return [item.outcome for item in list_items(connection, limit=None)]


def reasons(service: Service) -> list[str | None]:
    with service.context.database.read() as connection:
        return list(connection.execute(select(pages.c.reason).order_by(pages.c.url)).scalars())


def test_a_short_promising_item_is_judged_by_its_page_and_told_once(
    desk: Service, site: Site, receiver: Receiver
) -> None:
    site.serve("/border", article_page())
    site.publish("/border")
    site.publish("/rain", "Rain expected over the weekend", "Showers in the north.")
    desk.run(minutes=5)
    desk.run(minutes=5)
    (told,) = receiver.taken
    data = told.event["data"]
    assert data["event"]["type"] == "bilateral_meeting"
    assert data["event"]["countries"] == ["KE", "ET"]
    assert data["items"][0]["title"] == HEADLINE
    assert data["items"][0]["url"] == f"{site.url}/border"
    with desk.context.database.read() as connection:
        (item_id,) = [i.id for i in list_items(connection, limit=None) if i.title == HEADLINE]
        text = show_item(connection, item_id).item.text
    assert text.split("\n")[-len(PARAGRAPHS) :] == list(PARAGRAPHS)
    proofs = [e for e in data["evidence"] if e["source"] == "text"]
    assert proofs
    assert all(text[e["start"] : e["end"]] == e["text"] for e in proofs)
    assert sorted(filter(None, outcomes(desk))) == ["alerted", "below-threshold"]
    assert len(site.times("/border")) == len(site.times("/robots.txt")) == 1
    assert not site.times("/rain")
    desk.context.counts.flush(desk.context.database, at_once=True)
    with desk.context.database.read() as connection:
        counted = connection.execute(select(counters.c.labels, counters.c.value).where(
            counters.c.name == "seedwire_pages_total")).all()  # fmt: skip
    assert [tuple(row) for row in counted] == [('outcome="read"', 1.0)]


def test_pages_are_read_only_where_wanted_and_never_of_items_that_told_enough(
    service: Service, site: Site, receiver: Receiver
) -> None:
    service.feed(site.feed)
    service.webhook(receiver.url)
    service.run()
    site.publish("/border")
    service.run(minutes=5)
    assert outcomes(service) == ["below-threshold"]
    service.feeds[0] += "fulltext = true\n"
    site.publish("/told", "Ruto, Abiy hold talks in Nairobi", PARAGRAPHS[0])
    site.publish("/long", HEADLINE, "More follows. " * 80)
    service.run(minutes=5)
    assert len(receiver.taken) == 1
    assert {path for path, _ in site.asked} == {"/feed.xml"}


def test_a_page_that_three_feeds_carry_is_read_once_and_told_once(
    service: Service, site: Site, other: Site, receiver: Receiver
) -> None:
    site.serve("/border", article_page())
    service.feed(site.feed, "fulltext = true")
    service.feed(f"{site.url}/feed.xml?again", "fulltext = true")
    service.feed(other.feed, "fulltext = true")
    service.webhook(receiver.url)
    service.run()
    site.publish("/border?utm_source=rss")
    site.serve("/border?utm_source=rss", article_page())
    other.publish(f"{site.url}/border")
    service.run(minutes=5)
    later = [path for path, _ in site.asked if path.startswith("/border")]
    assert len(later) == 1
    assert len(receiver.taken) == 1
    assert sorted(filter(None, outcomes(service))) == ["alerted", "same-story", "same-story"]
    service.feed(f"{other.url}/feed.xml?third", 'fulltext = true\nfirst_poll = "alert"')
    service.run(minutes=5)
    assert [path for path, _ in site.asked if path.startswith("/border")] == later
    assert len(receiver.taken) == 1
    assert sorted(filter(None, outcomes(service))) == ["alerted", "same-story", "same-story", "same-story"]


def test_an_item_that_asks_for_a_page_while_it_is_being_read_gets_its_text(
    service: Service, site: Site, other: Site, receiver: Receiver
) -> None:
    def meanwhile(request: BaseHTTPRequestHandler) -> None:
        other.publish(f"{site.url}/border")
        with service.context.database.write() as transaction:  # time does not pass: the host's lease would be over
            make_due(transaction.connection, service.clock.now)
        poll_due(service.context)
        classify_pending(service.context)
        answer(request, 200, article_page(), content_type="text/html")

    site.pages["/border"] = meanwhile
    service.polling = 'timeout = "10s"'
    service.feed(site.feed, "fulltext = true")
    service.feed(other.feed, "fulltext = true")
    service.webhook(receiver.url)
    service.run()
    site.publish("/border")
    service.run(minutes=5)
    assert sorted(filter(None, outcomes(service))) == ["alerted", "same-story"]
    assert len(site.times("/border")) == len(receiver.taken) == 1


def test_robots_txt_is_kept_to_and_asked_for_once_a_day(desk: Service, site: Site, receiver: Receiver) -> None:
    site.serve("/robots.txt", b"User-agent: Seedwire\nDisallow: /private\n\nUser-agent: *\nDisallow: /\n")
    site.serve("/private/a", article_page())
    site.serve("/open", article_page())
    site.publish("/private/a")
    desk.run(minutes=5)
    assert reasons(desk) == ["robots"]
    assert not site.times("/private/a")
    assert receiver.taken == []
    site.publish("/open")
    desk.run(minutes=5)
    assert len(receiver.taken) == 1
    assert len(site.times("/robots.txt")) == 1
    site.publish("/private/b")
    desk.run(hours=25)
    assert len(site.times("/robots.txt")) == 2


def test_a_robots_txt_that_cannot_be_told_allows_nothing_for_now(desk: Service, site: Site, receiver: Receiver) -> None:
    site.serve("/robots.txt", b"", 503)
    site.serve("/border", article_page())
    site.publish("/border")
    desk.run(minutes=5)
    assert (reasons(desk), site.times("/border")) == (["robots-unreachable"], [])
    desk.run(minutes=5)
    assert len(site.times("/robots.txt")) == 1
    site.pages.clear()
    site.serve("/border", article_page())
    desk.run(minutes=6)
    assert len(receiver.taken) == 1


def test_a_host_that_refuses_is_asked_ever_more_rarely_and_no_page_twice(
    desk: Service, site: Site, receiver: Receiver
) -> None:
    for number in range(4):
        site.serve(f"/{number}", b"Subscribers only", 403)
        site.publish(f"/{number}")
    desk.run(minutes=5)
    assert sum(len(site.times(f"/{n}")) for n in range(4)) == 1
    desk.run(minutes=50)
    assert sum(len(site.times(f"/{n}")) for n in range(4)) == 1
    desk.run(minutes=15)
    assert sum(len(site.times(f"/{n}")) for n in range(4)) == 2
    desk.run(minutes=100)
    assert sum(len(site.times(f"/{n}")) for n in range(4)) == 2
    desk.run(minutes=30)
    assert [len(site.times(f"/{n}")) for n in range(4)].count(1) == 3
    desk.run(hours=13)
    assert sorted(filter(None, reasons(desk))) == ["forbidden", "forbidden", "forbidden", "too-late"]
    assert outcomes(desk) == ["below-threshold"] * 4
    assert receiver.taken == []


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        ((b"", 404, {}), "not-found"),
        ((b"%PDF-1.7", 200, {"content_type": "application/pdf"}), "not-html"),
        ((b"<p>" + b"x" * 6_000_000, 200, {}), "too-large"),
        ((article_page("Cup final ends in a draw", ("The final ended without goals. " * 12,) * 3), 200, {}),
         "another-article"),
        ((b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>", 200, {}),
         "challenge-page"),
        ((article_page("Before you continue", ("We use cookies. Accept all cookies to go on. " * 9,)), 200, {}),
         "consent-wall"),
        ((article_page(paragraphs=("Kenya, trade.",)), 200, {}), "nothing-more"),
        ((b"<div>" * 200_000 + b"<p>Kenya and Ethiopia", 200, {}), "no-article"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_article_is_not_taken_for_one(
    desk: Service, site: Site, receiver: Receiver, answered: tuple[bytes, int, dict[str, str]], reason: str
) -> None:
    body, status, headers = answered
    site.serve("/border", body, status, **headers)
    site.publish("/border")
    desk.run(minutes=5)
    desk.run(hours=2)
    assert reasons(desk) == [reason]
    assert len(site.times("/border")) == 1
    assert outcomes(desk) == ["below-threshold"]
    assert receiver.taken == []


def test_a_slow_page_delays_no_alert_and_is_tried_three_times(desk: Service, site: Site, receiver: Receiver) -> None:
    site.slow("/border", 4)
    site.publish("/border")
    site.publish("/told", "Ruto, Abiy hold talks in Nairobi", PARAGRAPHS[0])
    desk.run(minutes=5)
    assert len(receiver.taken) == 1
    assert reasons(desk) == ["timeout"]
    for _ in range(5):
        desk.run(hours=1)
    assert len(site.times("/border")) == 3
    assert outcomes(desk).count("below-threshold") == 1


def test_a_page_on_a_private_address_needs_the_feeds_leave(service: Service, site: Site, receiver: Receiver) -> None:
    site.serve("/border", article_page())
    service.feed(site.feed, "fulltext = true")
    service.webhook(receiver.url)
    service.run()
    site.publish("/border")
    context = service.context
    service.clock.pass_(minutes=20)
    poll_due(context)
    with context.database.write() as transaction:
        # As after a change of the config between poll and page.
        transaction.connection.execute(feeds.update().values(allow_private=False))
    classify_pending(context)
    fulltext.read_pages(context)
    assert reasons(service) == ["private-address"]
    assert {path for path, _ in site.asked} == {"/feed.xml"}


def test_redirects_are_followed_by_the_rules_of_each_host(
    desk: Service, site: Site, other: Site, receiver: Receiver
) -> None:
    site.serve("/border", b"", 301, location=f"{other.url}/closed")
    site.serve("/open", b"", 302, location="/here")
    site.serve("/here", b"", 302, location=f"{other.url}/article")
    other.serve("/robots.txt", b"User-agent: *\nDisallow: /closed\n")
    other.serve("/closed", article_page())
    other.serve("/article", article_page())
    site.serve("/loop", b"", 302, location="/loop")
    for path in ("/border", "/open", "/loop"):
        site.publish(path)
    desk.run(minutes=5)
    desk.run(minutes=5)
    assert not other.times("/closed")
    assert len(other.times("/article")) == 1
    assert sorted(str(reason) for reason in reasons(desk)) == ["None", "redirect-loop", "robots"]
    assert len(receiver.taken) == 1


def test_one_host_is_read_one_page_at_a_time_with_pauses(
    desk: Service, site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robots, "SPACING", timedelta(seconds=0.4))
    for number in range(3):
        site.serve(f"/{number}", article_page())
        site.publish(f"/{number}")
    desk.run(minutes=5)
    first, second, third = sorted(at for n in range(3) for at in site.times(f"/{n}"))
    assert min(second - first, third - second) >= 0.4
    assert len(receiver.taken) == 1
    site.serve("/robots.txt", b"User-agent: *\nCrawl-delay: 20\n")
    for number in range(3, 6):
        site.serve(f"/{number}", article_page())
        site.publish(f"/{number}")
    with desk.context.database.write() as transaction:
        transaction.connection.execute(page_hosts.update().values(robots=None))
    desk.run(minutes=5)
    assert sum(len(site.times(f"/{n}")) for n in range(3, 6)) == 1
    desk.run(seconds=15)
    assert sum(len(site.times(f"/{n}")) for n in range(3, 6)) == 1
    desk.run(seconds=10)
    assert sum(len(site.times(f"/{n}")) for n in range(3, 6)) == 2


def test_a_page_whose_reader_died_is_read_by_another_and_given_up_in_the_end(
    desk: Service, site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.serve("/border", article_page())
    site.publish("/border")

    class Killed(BaseException):
        pass

    def dies(*_: object, **__: object) -> None:
        raise Killed

    for _ in range(fulltext.MOST_CLAIMS):
        with monkeypatch.context() as patch:
            patch.setattr(fulltext, "understand", dies)
            with pytest.raises(Killed):
                desk.run(minutes=20)
    desk.run(minutes=20)
    assert reasons(desk) == ["internal-error"]
    assert receiver.taken == []


def test_an_edited_teaser_takes_no_articles_place(desk: Service, site: Site, receiver: Receiver) -> None:
    site.serve("/border", article_page())
    site.publish("/border")
    desk.run(minutes=5)
    site.stories[0] = (site.stories[0][0], HEADLINE + " again", "More follows soon.")
    desk.run(minutes=5)
    with desk.context.database.read() as connection:
        (listed,) = list_items(connection, limit=None)
        item = show_item(connection, listed.id).item
    assert (item.title, listed.outcome) == (HEADLINE + " again", "alerted")
    assert item.text.endswith(PARAGRAPHS[-1])
    assert len(receiver.taken) == len(site.times("/border")) == 1


def test_the_page_of_a_faint_report_of_a_known_story_is_read_too(desk: Service, site: Site, receiver: Receiver) -> None:
    """Such a report counts with the story at once; what its page says of it is heard all the same."""
    site.publish(
        "/plan", "Ruto and Abiy to meet in Nairobi", PARAGRAPHS[0].replace("met", "is to meet") + PARAGRAPHS[1]
    )
    desk.run(minutes=5)
    (told,) = receiver.taken
    assert told.event["data"]["event"]["status"] == "planned"
    off = "Kenya, Ethiopia talk of trade, security along common border"
    page = (
        "Kenyan President William Ruto cancelled his meeting with Ethiopian Prime Minister Abiy Ahmed in Nairobi on "
        "Monday, the president's office said. The talks between the two leaders were called off for the drought.",
        *PARAGRAPHS[1:],
    )
    site.serve("/off", article_page(off, page))
    site.publish("/off", off)
    desk.run(minutes=5)
    desk.run(minutes=5)
    assert len(site.times("/off")) == 1
    with desk.context.database.read() as connection:
        (story,) = connection.execute(select(stories.c.status, stories.c.item_count)).all()
    assert tuple(story) == ("cancelled", 2)

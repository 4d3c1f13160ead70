"""The main job in one process: from a feed's document to a verified webhook, on both databases."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from loopback import Article, Receiver

from alerts import matching
from alerts.alert import OPENED
from classifiers.seed import read_seeds
from store import deliveries, feeds, retention
from store.feed_health import list_feeds
from store.views.alerts import newest_alerts
from store.views.deliveries import newest_deliveries
from store.views.items import list_items
from worker.context import Context
from worker.steps.classify import classify_pending
from worker.steps.poll import poll_due
from worker.steps.tick import apply_config

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conftest import Service
    from loopback import Newspaper

    from alerts.story import Report, Story
    from classifiers.event import Verdict
    from feeds.item import Item
    from worker.config.config import Config

MEETING = Article(
    "Kenyan president meets Ethiopian prime minister in Nairobi",
    "President William Ruto of Kenya met Ethiopian Prime Minister Abiy Ahmed in Nairobi on Monday. The two leaders "
    "discussed trade and security along their border, the president's office said.",
)
DEAL = Article(
    "Uniper signs 10-year LNG supply deal with Woodside",
    "Germany's Uniper signed an agreement with Australia's Woodside to buy one million tonnes of liquefied natural gas "
    "a year for ten years, the companies said on Tuesday.",
)
WEATHER = Article("Rain expected over the weekend", "Forecasters expect showers in the north of the country.")


def outcomes(service: Service) -> dict[str, str | None]:
    with service.context.database.read() as connection:
        return {item.title: item.outcome for item in list_items(connection, limit=None)}


def test_what_was_there_before_is_baseline_and_what_comes_after_is_told_once(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    service.feed(newspaper.feed("/paper"))
    service.webhook(receiver.url)
    newspaper.publish("/paper", DEAL)
    assert service.run().new_items == 1
    assert receiver.taken == []
    newspaper.publish("/paper", MEETING, WEATHER)
    assert service.run(minutes=10).new_items == 2
    assert service.run(minutes=10).new_items == 0
    (told,) = receiver.taken
    assert told.event["type"] == "seedwire.alert.opened"
    assert told.event["data"]["event"]["type"] == "bilateral_meeting"
    assert told.event["data"]["event"]["countries"] == ["KE", "ET"]
    assert told.event["data"]["event"]["place"] == {"name": "Nairobi", "country": "KE"}
    assert told.event["data"]["items"][0]["title"] == MEETING.title
    assert told.webhook_id == told.event["id"]
    for evidence in told.event["data"]["evidence"]:
        said = MEETING.title if evidence["source"] == "title" else MEETING.text
        assert said[evidence["start"] : evidence["end"]] == evidence["text"]
    assert outcomes(service) == {
        DEAL.title: "first-poll-baseline",
        MEETING.title: "alerted",
        WEATHER.title: "below-threshold",
    }
    assert newspaper.not_modified["/paper"] == 1
    assert receiver.bad_signatures == 0


def test_a_first_poll_may_alert_or_reach_back_by_an_age(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    now = datetime.now(UTC)
    service.feed(newspaper.feed("/all"), 'first_poll = "alert"')
    service.feed(newspaper.feed("/age"), 'first_poll = "24h"')
    service.webhook(receiver.url)
    newspaper.publish("/all", Article(DEAL.title, DEAL.text, now - timedelta(days=9)))
    old = Article("Old: " + MEETING.title, MEETING.text, now - timedelta(days=9))
    newspaper.publish("/age", old, Article(MEETING.title, MEETING.text, now - timedelta(hours=3)))
    service.run()
    assert sorted(t.event["data"]["event"]["type"] for t in receiver.taken) == ["bilateral_meeting", "energy_deal"]
    assert outcomes(service)[old.title] == "first-poll-baseline"


def test_an_edit_that_adds_the_news_is_read_again_and_told_once(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    service.feed(newspaper.feed("/paper"))
    service.webhook(receiver.url)
    service.run()
    newspaper.publish("/paper", Article("Nairobi: more to follow", "This story is being updated."))
    service.run(minutes=5)
    assert receiver.taken == []
    newspaper.articles["/paper"][0] = MEETING
    newspaper.edits += 1
    assert service.run(minutes=5).new_items == 0
    assert [t.event["data"]["event"]["type"] for t in receiver.taken] == ["bilateral_meeting"]
    newspaper.articles["/paper"][0] = Article(MEETING.title, MEETING.text + " More talks follow on Tuesday.")
    newspaper.edits += 1
    service.run(minutes=5)
    assert len(receiver.taken) == 1


def test_one_event_from_several_outlets_is_one_alert(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    for path in ("/one", "/two", "/three"):
        service.feed(newspaper.feed(path))
    service.webhook(receiver.url)
    service.run()
    newspaper.publish("/one", MEETING)
    service.run(minutes=5)
    newspaper.publish("/two", Article("Ruto, Abiy hold talks in Nairobi", MEETING.text))
    newspaper.publish("/three", Article("Kenya and Ethiopia leaders meet on trade, security", MEETING.text))
    service.run(minutes=30)
    (told,) = receiver.taken
    with service.context.database.read() as connection:
        (listed,) = newest_alerts(connection, limit=None)
    assert listed.alert.id == told.webhook_id
    assert listed.items == 3
    assert sorted(filter(None, outcomes(service).values())) == ["alerted", "same-story", "same-story"]


def test_the_retellings_are_four_stories_and_each_is_told_once(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    root = service.folder
    del root
    seeds = {seed.path.name[:5]: seed for seed in read_seeds(_seeds_folder()) if seed.path.name[:3].isdigit()}
    _publish_and_expect_four_stories(
        service,
        newspaper,
        receiver,
        {name: Article(seed.title, seed.text, _noon(seed.published)) for name, seed in seeds.items()},
    )


def test_the_originals_are_four_stories_and_each_is_told_once(
    service: Service, newspaper: Newspaper, receiver: Receiver, shared: Path
) -> None:
    texts = {path.name[:3]: path.read_text() for path in sorted((shared / "seeds").glob("*.txt"))}
    days = {"000": (2024, 7, 3), "001": (2024, 7, 3), "002": (2026, 1, 11), "003": (2025, 9, 2), "004": (2023, 10, 17)}
    articles = {}
    for name, text in texts.items():
        title, _, rest = text.strip().partition("\n")
        articles[name] = Article(title[:200], rest, datetime(*days[name], 15, tzinfo=UTC))
    _publish_and_expect_four_stories(service, newspaper, receiver, articles)


def _publish_and_expect_four_stories(
    service: Service, newspaper: Newspaper, receiver: Receiver, articles: dict[str, Article]
) -> None:
    for name in articles:
        service.feed(newspaper.feed(f"/outlet-{name}"))
    service.webhook(receiver.url)
    service.run()
    for name, article in articles.items():
        newspaper.publish(f"/outlet-{name}", article)
        service.run(minutes=5)
    meetings = [t.event["data"] for t in receiver.taken if t.event["data"]["event"]["type"] == "bilateral_meeting"]
    told = sorted((tuple(sorted(m["event"]["countries"])), m["event"]["date"]) for m in meetings)
    assert told == [
        (("BD", "PK"), "2026-01-11"),
        (("PK", "RU"), told[1][1]),
        (("PK", "RU"), "2024-07-03"),
        (("PK", "RU"), "2025-09-02"),
    ]
    assert len(receiver.stories()) == len(receiver.taken) == 4
    assert receiver.bad_signatures == 0


def test_bad_feeds_are_recorded_with_their_reason_and_spare_the_others(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    service.feed(newspaper.feed("/good"))
    newspaper.bodies["/html"] = b"<!doctype html><html><head><title>Hi</title></head><body>Hello</body></html>"
    newspaper.bodies["/empty"] = b""
    for path in ("/html", "/empty", "/gone"):
        service.feed(newspaper.url + path)
    service.feed("http://127.0.0.1:1/refused")
    service.feeds.append(f'[[feeds]]\nurl = "{newspaper.url}/private"')
    service.webhook(receiver.url)
    service.run()
    newspaper.publish("/good", MEETING)
    tally = service.run(minutes=10)
    assert (tally.feeds, tally.failed) == (6, 5)
    assert len(receiver.taken) == 1
    with service.context.database.read() as connection:
        health = {feed.url.rsplit("/", 1)[1]: feed for feed in list_feeds(connection, service.clock.now)}
    assert {name: feed.health for name, feed in health.items()} == {
        "good": "ok", "html": "retrying", "empty": "retrying", "gone": "retrying", "refused": "retrying",
        "private": "retrying",
    }  # fmt: skip
    assert health["private"].problem == "private-address"
    assert all(
        feed.problem and feed.problem_detail and feed.failures == 2 for feed in health.values() if feed.health != "ok"
    )
    assert all(feed.next_poll - service.clock.now <= timedelta(days=1) for feed in health.values())


def test_a_feed_that_begins_to_fail_and_one_that_is_back_are_told_once_each(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    service.feed(newspaper.url + "/paper")
    service.webhook(receiver.url + "/all", name="all")
    service.webhook(receiver.url + "/deals", 'events = ["energy_deal"]', name="deals")
    for _ in range(6):
        service.run(hours=1)
    newspaper.feed("/paper")
    for _ in range(3):
        service.run(hours=1)
    assert [(t.path, t.event["type"]) for t in receiver.taken] == [
        ("/all", "seedwire.feed.failing"),
        ("/all", "seedwire.feed.recovered"),
    ]
    assert receiver.taken[0].event["data"]["problem"] == "not-found"


def test_a_failing_endpoint_is_tried_on_its_schedule_then_rests_and_a_replay_reaches_it(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    service.feed(newspaper.feed("/paper"), 'first_poll = "alert"')
    service.webhook(receiver.url, 'retry_schedule = ["10s", "10m"]')
    newspaper.publish("/paper", MEETING)
    receiver.decide = lambda _: 500
    assert service.run().attempts == 1
    assert service.run(seconds=2).attempts == 0
    assert service.run(seconds=12).attempts == 1
    assert service.run(minutes=5).attempts == 0
    assert service.run(minutes=7).attempts == 1
    assert service.run(days=3).attempts == 0
    with service.context.database.read() as connection:
        (dead,) = newest_deliveries(connection, limit=None)
    assert dead.state == "dead"
    assert [a.code for a in dead.attempts] == [500, 500, 500]
    assert dead.attempts[0].excerpt == "noted"
    receiver.decide = lambda _: 204
    with service.context.database.write() as transaction:
        deliveries.retry(transaction.connection, [dead.id], service.clock.now)
    assert service.run().attempts == 1
    (told,) = receiver.taken
    assert {told.webhook_id} == set(receiver.refused)


def test_a_receiver_that_is_gone_is_not_called_again(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    service.feed(newspaper.feed("/paper"), 'first_poll = "alert"')
    service.webhook(receiver.url)
    receiver.decide = lambda _: 410
    newspaper.publish("/paper", MEETING)
    service.run()
    newspaper.publish("/paper", DEAL)
    service.run(minutes=10)
    assert len(receiver.refused) == 1
    with service.context.database.read() as connection:
        assert {d.state for d in newest_deliveries(connection, limit=None)} == {"disabled"}
        assert [one.alert.type for one in newest_alerts(connection, limit=None)].count(OPENED) == 2


def test_filters_hold_back_and_a_later_report_may_let_a_story_through(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    service.feed(newspaper.feed("/a"), 'tags = ["x"]')
    service.feed(newspaper.feed("/b"), 'tags = ["africa"]')
    service.webhook(receiver.url + "/deals", 'events = ["energy_deal"]', name="deals")
    service.webhook(receiver.url + "/africa", 'tags = ["africa"]', name="africa")
    service.run()
    newspaper.publish("/a", MEETING)
    service.run(minutes=5)
    assert receiver.taken == []
    assert outcomes(service)[MEETING.title] == "filtered-by-tag"
    newspaper.publish("/b", Article("Ruto, Abiy hold talks in Nairobi", MEETING.text))
    service.run(minutes=5)
    assert [t.path for t in receiver.taken] == ["/africa"]


def test_a_story_is_admitted_late_by_the_feed_or_the_language_of_a_further_report(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    service.feed(newspaper.feed("/a"))
    service.feed(newspaper.feed("/b"), 'name = "Second paper"')
    service.webhook(receiver.url + "/second", 'feeds = ["Second paper"]', name="second")
    service.webhook(receiver.url + "/url", f'feeds = ["{newspaper.url}/b"]', name="url")
    service.webhook(receiver.url + "/french", 'languages = ["fr"]', name="french")
    service.webhook(receiver.url + "/english", 'languages = ["en"]', name="english")
    service.run()
    newspaper.publish("/a", MEETING)
    service.run(minutes=5)
    # No feed says in which language it is: the words do.
    assert [t.path for t in receiver.taken] == ["/english"]
    newspaper.publish("/b", Article("Ruto, Abiy hold talks in Nairobi", MEETING.text))
    service.run(minutes=5)
    assert sorted(t.path for t in receiver.taken) == ["/english", "/second", "/url"]
    assert {t.event["data"]["items"][0]["language"] for t in receiver.taken} == {"en"}


@pytest.mark.parametrize(("filters", "reason"), [('feeds = ["x"]', "feed"), ('languages = ["fr"]', "language")])
def test_an_item_no_webhook_wants_for_its_feed_or_language_says_so(
    service: Service, newspaper: Newspaper, receiver: Receiver, filters: str, reason: str
) -> None:
    service.feed(newspaper.feed("/a"), 'first_poll = "alert"')
    newspaper.heads["/a"] = "<language>en-GB</language>"
    service.webhook(receiver.url, filters)
    newspaper.publish("/a", MEETING)
    service.run()
    assert outcomes(service)[MEETING.title] == f"filtered-by-{reason}"
    with service.context.database.read() as connection:
        (item,) = list_items(connection, limit=None)
        assert item.language == "en-GB"


def test_a_hanging_endpoint_delays_no_other(service: Service, newspaper: Newspaper, receiver: Receiver) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as hung:
        service.feed(newspaper.feed("/paper"), 'first_poll = "alert"')
        service.webhook(f"http://127.0.0.1:{hung.getsockname()[1]}/", 'timeout = "1s"', name="hung")
        service.webhook(receiver.url)
        newspaper.publish("/paper", MEETING)
        service.run()
    assert len(receiver.taken) == 1
    with service.context.database.read() as connection:
        found = {d.webhook: d for d in newest_deliveries(connection, limit=None)}
    assert found["desk"].state == "delivered"
    assert found["hung"].state == "pending"
    assert found["hung"].attempts[0].code == 0
    assert "timeout" in (found["hung"].attempts[0].error or "")


def test_a_config_change_is_picked_up_and_a_broken_one_refused(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    service.feed(newspaper.feed("/one"))
    service.run()
    service.feed(newspaper.feed("/two"), 'first_poll = "alert"')
    service.webhook(receiver.url)
    newspaper.publish("/two", MEETING)
    assert service.run(minutes=1).feeds == 2
    assert len(receiver.taken) == 1
    service.feeds.append('[[feeds]]\nurll = "https://typo.example/"')
    newspaper.publish("/one", DEAL)
    assert service.run(minutes=1).feeds == 2
    assert "feeds[2]" in (service.context.watcher.problem or "")
    assert len(receiver.taken) == 2


def test_an_item_that_cannot_be_decided_holds_up_no_other(
    service: Service, newspaper: Newspaper, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.feed(newspaper.feed("/paper"), 'first_poll = "alert"')
    service.webhook(receiver.url)
    newspaper.publish("/paper", DEAL, MEETING)
    decide = matching.decide

    def fails_on_deals(report: Report, candidates: Sequence[Story]) -> matching.Decision:
        if report.event.type == "energy_deal":
            raise ZeroDivisionError
        return decide(report, candidates)

    monkeypatch.setattr(matching, "decide", fails_on_deals)
    service.run()
    assert [t.event["data"]["event"]["type"] for t in receiver.taken] == ["bilateral_meeting"]
    assert outcomes(service) == {DEAL.title: "classify-failed", MEETING.title: "alerted"}


def test_an_item_that_ends_its_worker_is_tried_alone_and_given_up(
    service: Service, newspaper: Newspaper, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.feed(newspaper.feed("/paper"), 'first_poll = "alert"')
    service.webhook(receiver.url)
    newspaper.publish("/paper", DEAL, MEETING)
    real = service.context.model.classify

    class Killed(BaseException):
        pass

    def dies_on_deals(item: Item) -> Verdict:
        if item.title == DEAL.title:
            raise Killed
        return real(item)

    monkeypatch.setattr(type(service.context.model), "classify", lambda _self, item, _who: dies_on_deals(item))
    for _ in range(10):
        try:
            service.run(minutes=5)
        except Killed:
            continue
        break
    assert outcomes(service) == {DEAL.title: "classify-failed", MEETING.title: "alerted"}
    assert len(receiver.taken) == 1


def test_a_webhook_that_the_tick_has_not_yet_seen_is_told(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    service.feed(newspaper.feed("/paper"))
    service.run()
    newspaper.publish("/paper", MEETING)
    service.clock.pass_(minutes=5)
    with service.context.database.write() as transaction:
        feeds.make_due(transaction.connection, service.clock.now)
    poll_due(service.context)
    service.webhook(receiver.url)
    service.write()
    service.context.watcher.refresh()
    assert classify_pending(service.context) == 1
    service.run(seconds=1)
    assert len(receiver.taken) == 1


def test_a_process_with_an_older_file_does_not_undo_a_newer_one(service: Service, newspaper: Newspaper) -> None:
    service.feed(newspaper.feed("/one"))
    service.run()
    old = service.context.config
    service.feed(newspaper.feed("/two"))
    service.write()
    service.context.watcher.refresh()
    apply_config(service.context)
    stale = service.folder / "replaced.toml"
    stale.touch()
    os.utime(stale, (1_000_000_000,) * 2)
    other = Context(_Frozen(old, stale), now=service.clock)  # type: ignore[arg-type]
    apply_config(other)
    other.close()
    with service.context.database.read() as connection:
        assert len(list_feeds(connection, service.clock.now)) == 2


class _Frozen:
    """A watcher in a container whose mounted file was replaced: it goes on seeing the old one."""

    problem = None
    pending_restart = ()

    def __init__(self, config: Config, path: Path) -> None:
        self.current = replace(config, path=path)


def test_a_story_is_found_again_however_old_what_it_reports(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=800)
    for path in ("/one", "/two"):
        service.feed(newspaper.feed(path))
    service.webhook(receiver.url)
    service.run()
    newspaper.publish("/one", Article(MEETING.title, MEETING.text, long_ago))
    service.run(minutes=5)
    with service.context.database.write() as transaction:
        retention.sweep(transaction.connection, service.clock.now, timedelta(days=90))
    newspaper.publish("/two", Article("Ruto, Abiy hold talks in Nairobi", MEETING.text, long_ago))
    service.run(hours=2)
    assert len(receiver.taken) == 1


def _seeds_folder() -> Path:
    from pathlib import Path

    return Path(__file__).parents[2] / "seeds"


def _noon(day: object) -> datetime | None:
    from datetime import date

    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) if isinstance(day, date) else None

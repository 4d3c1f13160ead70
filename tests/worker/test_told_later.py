"""Quiet periods, hourly caps and digests through the real store: reports come in, time passes, webhooks are told."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from alerts.alert import LARGEST_BODY
from alerts.story import Report
from classifiers.event import Event, Evidence, Person
from store import alerts, deliveries, held, stories
from store.story_edits import merge
from store.tables import deliveries as delivery_rows
from store.tables import events, items
from store.tables import held as held_rows
from store.tables import stories as story_rows
from store.views.deliveries import newest_deliveries
from worker.steps.edit_story import split_story
from worker.steps.find_story import find_story
from worker.steps.replay import receivers, replay
from worker.steps.tell_story import tell, tell_held
from worker.steps.tick import apply_config, tick

if TYPE_CHECKING:
    from conftest import Service
    from loopback import Receiver

PAIRS = ["KE-ET", "FR-DE", "JP-IN", "BR-AR", "EG-SD", "NO-SE", "PL-UA", "TH-VN", "CL-PE", "GH-NG", "MA-ES", "QA-TR"]


@dataclass
class Newsroom:
    """Reports of meetings, a pair of countries each, put before the service as if they had just been classified."""

    service: Service
    number: int = 0
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def report(self, pair: str, status: str = "held", outlet: str | None = None, words: str = "") -> str:
        """A report of the meeting of a pair; returns its outcome."""
        self.number += 1
        self.service.clock.pass_(seconds=1)
        context, now = self.service.context, self.service.clock.now
        name = f"item{self.number}"
        title = f"Leaders of {pair.replace('-', ' and ')} meet, report {self.number} {words}".strip()
        outlet = outlet or f"outlet{self.number}.example"
        report = Report(
            item_id=name, index=0, feed_id="f", feed_title="Paper", feed_url="https://paper.example/rss",
            outlet=outlet, url=f"https://{outlet}/{name}", title=title, text=title, language="en", published=now,
            seen=now,
            event=Event(
                type="bilateral_meeting", score=0.9, status=status, countries=tuple(pair.split("-")),
                people=(Person(f"Leader {pair[:2]}", "president", pair[:2]),),
                evidence=(Evidence(title, 0, len(title), 0.9, ("LEADER met LEADER",), "title"),),
            ),
        )  # fmt: skip
        with context.database.write() as transaction:
            connection = transaction.connection
            connection.execute(
                items.insert().values(
                    id=name, feed_id="f", url=report.url, title=title, text=title, published=now, language="en",
                    first_seen=now, baseline=False, pending=False,
                )
            )  # fmt: skip
            stories.begin_matching(connection)
            return str(tell(context, transaction, find_story(connection, report, now), report))

    def pass_(self, **span: float) -> None:
        """Let time pass, minute by minute, with two ticks each: two do no more than one."""
        until = self.service.clock.now + timedelta(**span)
        while self.service.clock.now < until:
            self.service.clock.now = min(until, self.service.clock.now + timedelta(minutes=1))
            tell_held(self.service.context)
            tell_held(self.service.context)

    def news(self, webhook: str = "desk") -> list[tuple[str, dict[str, Any]]]:
        """What was made for a webhook since this was asked last: the kind of each alert and its data."""
        with self.service.context.database.read() as connection:
            ids = connection.execute(select(delivery_rows.c.alert_id).where(delivery_rows.c.webhook == webhook))
            made = [alerts.get(connection, alert_id) for alert_id in ids.scalars()]
        new = sorted((a for a in made if webhook + a.id not in self._seen), key=lambda a: (a.time, a.id))
        self._seen |= {webhook + a.id for a in new}
        return [(a.type.rsplit(".", 1)[1], json.loads(a.body)["data"]) for a in new]

    def kinds(self, webhook: str = "desk") -> list[str]:
        return [kind for kind, _ in self.news(webhook)]

    def held(self) -> list[tuple[str, str]]:
        with self.service.context.database.read() as connection:
            return sorted((row.webhook, row.why) for row in connection.execute(select(held_rows)))

    def replay(self, kind: str, newest: int = 0) -> int:
        """Send the alerts of this kind again, or the newest of them; returns how many deliveries were made."""
        context = self.service.context
        with context.database.write() as transaction:
            made = alerts.since(transaction.connection, self.service.clock.now - timedelta(days=1))
            every = [alerts.get(transaction.connection, alert_id) for alert_id in made]
            chosen = [alert for alert in every if alert.type.endswith(kind)]
            return len(replay(context, transaction, chosen[-newest:]))

    def configure(self, extra: str = "", name: str = "desk") -> None:
        self.service.webhook(f"http://127.0.0.1:9/{name}", extra, name=name)
        self.apply()

    def apply(self) -> None:
        self.service.write()
        self.service.context.watcher.refresh()
        apply_config(self.service.context)


@pytest.fixture
def newsroom(service: Service) -> Newsroom:
    return Newsroom(service)


def test_within_the_quiet_period_gains_are_gathered_and_told_in_one_update(newsroom: Newsroom) -> None:
    newsroom.configure('updates = true\nquiet_period = "30m"')
    newsroom.configure("updates = true", name="eager")
    assert newsroom.report("KE-ET") == "alerted"
    assert newsroom.kinds() == ["opened"]
    for minutes, outlet in ((5, "one.example"), (10, "two.example"), (10, "three.example")):
        newsroom.pass_(minutes=minutes)
        newsroom.report("KE-ET", outlet=outlet)
    assert newsroom.news() == []
    assert newsroom.kinds("eager") == ["opened", "updated", "updated", "updated"]
    newsroom.pass_(minutes=4)
    assert newsroom.news() == []
    newsroom.pass_(minutes=2)
    ((kind, data),) = newsroom.news()
    assert kind == "updated"
    assert data["changes"] == ["outlet one.example", "outlet two.example", "outlet three.example"]
    assert data["story"]["items"] == len(data["items"]) == 4
    newsroom.pass_(hours=3)
    assert newsroom.news() == []
    assert newsroom.held() == []


def test_a_change_of_status_passes_at_once_with_what_was_gathered_and_starts_the_period_anew(
    newsroom: Newsroom,
) -> None:
    newsroom.configure('updates = true\nquiet_period = "30m"')
    newsroom.report("KE-ET", "planned")
    newsroom.pass_(minutes=5)
    assert newsroom.report("KE-ET", "planned", outlet="one.example") == "gathered"
    newsroom.pass_(minutes=5)
    assert newsroom.report("KE-ET", "cancelled", outlet="two.example") == "updated"
    assert newsroom.kinds()[:1] == ["opened"]
    newsroom.pass_(minutes=22)
    newsroom.report("KE-ET", "cancelled", outlet="three.example")
    newsroom.pass_(minutes=7)
    assert newsroom.held() == [("desk", "quiet")]
    newsroom.pass_(minutes=2)
    ((_, data),) = newsroom.news()
    assert data["changes"] == ["outlet three.example"]


def test_the_update_that_passes_at_once_tells_all(newsroom: Newsroom) -> None:
    newsroom.configure('updates = true\nquiet_period = "30m"')
    newsroom.report("KE-ET", "planned")
    newsroom.report("KE-ET", "planned", outlet="one.example")
    newsroom.pass_(minutes=1)
    newsroom.report("KE-ET", "cancelled", outlet="two.example")
    _, (_, data) = newsroom.news()
    assert data["changes"] == ["status planned->cancelled", "outlet one.example", "outlet two.example"]
    assert data["event"]["status"] == "cancelled"


def test_beyond_the_cap_stories_are_told_in_a_digest_within_the_hour(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 3")
    assert [newsroom.report(pair) for pair in PAIRS[:8]] == ["alerted"] * 3 + ["gathered"] * 5
    assert newsroom.kinds() == ["opened"] * 3
    newsroom.pass_(minutes=30)
    assert newsroom.report(PAIRS[4]) == "gathered"
    newsroom.report(PAIRS[8])
    newsroom.pass_(minutes=29)
    assert newsroom.news() == []
    newsroom.pass_(minutes=2)
    ((kind, digest),) = newsroom.news()
    assert kind == "digest"
    assert digest["alerts"] == 6
    assert "omitted" not in digest
    assert [s["event"]["countries"] for s in digest["stories"]] == [p.split("-") for p in PAIRS[3:9]]
    assert all(s["opened"] is True and s["item"]["url"] and s["story"]["id"] for s in digest["stories"])
    assert digest["stories"][1]["story"]["items"] == 2
    newsroom.pass_(hours=3)
    assert newsroom.news() == []
    assert newsroom.held() == []


def test_a_story_told_of_in_a_digest_is_known(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 1\nupdates = true")
    for pair in PAIRS[:3]:
        newsroom.report(pair)
    newsroom.pass_(minutes=61)
    assert newsroom.kinds() == ["opened", "digest"]
    newsroom.pass_(minutes=61)
    assert newsroom.report(PAIRS[2], outlet="late.example") == "updated"
    assert newsroom.kinds() == ["updated"]


def test_one_story_that_waits_is_told_as_ever(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 1")
    newsroom.report(PAIRS[0])
    newsroom.report(PAIRS[1])
    newsroom.pass_(minutes=61)
    assert newsroom.kinds() == ["opened", "opened"]


def test_no_hour_brings_more_than_the_cap_and_nothing_is_lost_in_a_flood(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 2")
    newsroom.configure(name="all")
    for number in range(36):
        newsroom.report(PAIRS[number % 12], words=f"round {number}", status=("held", "planned", "denied")[number // 12])
        newsroom.pass_(minutes=4)
    newsroom.pass_(hours=2)
    with newsroom.service.context.database.read() as connection:
        sent = alerts.sent_since(connection, "desk", newsroom.service.clock.now - timedelta(days=2))
    times = sorted(one.at for one in sent)
    assert all(later - earlier >= timedelta(hours=1) for earlier, later in zip(times, times[2:], strict=False))
    told: list[str] = []
    for kind, data in newsroom.news():
        told += [s["story"]["id"] for s in data["stories"]] if kind == "digest" else [data["story"]["id"]]
    assert sorted(told) == sorted(data["story"]["id"] for _, data in newsroom.news("all"))
    assert len(told) == len(set(told))


def test_a_service_message_is_never_held_and_counts_for_nothing(newsroom: Newsroom) -> None:
    from worker.steps.alerting import tell_of_disabled_webhook

    newsroom.configure("max_per_hour = 1")
    newsroom.configure("", name="other")
    context = newsroom.service.context
    for _ in range(3):
        newsroom.pass_(minutes=1)
        with context.database.write() as transaction:
            tell_of_disabled_webhook(context, transaction, "other", "answer 410")
    assert newsroom.kinds() == ["disabled"] * 3
    assert newsroom.kinds("other") == []
    newsroom.report(PAIRS[0])
    assert newsroom.kinds() == ["opened"]


def test_a_changed_config_is_heeded_by_what_waits(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 1")
    for pair in PAIRS[:4]:
        newsroom.report(pair)
    assert newsroom.kinds() == ["opened"]
    service = newsroom.service
    service.webhooks.clear()
    newsroom.apply()
    newsroom.pass_(hours=2)
    assert newsroom.news() == []
    newsroom.configure(f'countries = ["{PAIRS[1][:2]}", "{PAIRS[2][:2]}"]')
    newsroom.pass_(minutes=1)
    assert newsroom.kinds() == ["opened", "opened"]
    assert newsroom.held() == []


def test_a_disabled_webhook_finds_what_was_held_resting_with_the_rest(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 1")
    for pair in PAIRS[:3]:
        newsroom.report(pair)
    with newsroom.service.context.database.write() as transaction:
        deliveries.disable_webhook(transaction.connection, "desk", "answer 410", newsroom.service.clock.now)
    newsroom.pass_(minutes=61)
    with newsroom.service.context.database.read() as connection:
        assert [d.state for d in newest_deliveries(connection, limit=None)] == ["disabled", "disabled"]


def test_a_clock_set_back_keeps_nothing_waiting(newsroom: Newsroom) -> None:
    newsroom.configure('updates = true\nquiet_period = "30m"\nmax_per_hour = 2')
    for pair in PAIRS[:4]:
        newsroom.report(pair)
    newsroom.service.clock.now -= timedelta(days=30)
    newsroom.pass_(minutes=1)
    assert sorted(newsroom.kinds()) == ["opened"] * 4
    assert newsroom.held() == []


def test_two_at_once_tell_once(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 1")
    for pair in PAIRS[:6]:
        newsroom.report(pair)
    newsroom.service.clock.pass_(minutes=61)
    with ThreadPoolExecutor(4) as pool:
        made = sum(pool.map(lambda _: tell_held(newsroom.service.context), range(8)))
    assert made == 1
    assert newsroom.kinds() == ["opened", "digest"]


def test_the_trouble_of_one_webhook_is_not_the_others(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 1")
    newsroom.configure("max_per_hour = 1", name="other")
    for pair in PAIRS[:2]:
        newsroom.report(pair)
    with newsroom.service.context.database.write() as transaction:
        odd = update(held_rows).where(held_rows.c.webhook == "desk").values(changes=7)
        transaction.connection.execute(odd)
    newsroom.pass_(minutes=61)
    assert newsroom.kinds() == ["opened"]
    assert newsroom.kinds("other") == ["opened", "opened"]


def test_the_tick_tells_what_is_due(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 1")
    for pair in PAIRS[:2]:
        newsroom.report(pair)
    newsroom.service.clock.pass_(minutes=61)
    tick(newsroom.service.context)
    assert newsroom.kinds() == ["opened", "opened"]


def test_two_stories_that_become_one_are_held_as_one(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 1\nupdates = true")
    for pair in PAIRS[:3]:
        newsroom.report(pair)
    context = newsroom.service.context
    with context.database.write() as transaction:
        connection = transaction.connection
        first, second = sorted(news.story_id for news in held.of_webhook(connection, "desk"))
        held.move(connection, first, second)
        (left,) = held.of_webhook(connection, "desk")
    assert (left.story_id, left.opens) == (second, True)


@pytest.mark.parametrize("updates", ["false", "true"])
@pytest.mark.parametrize("told_first", [True, False])
def test_a_story_that_becomes_one_with_a_told_one_is_not_told_again(
    newsroom: Newsroom, updates: str, told_first: bool
) -> None:
    newsroom.configure(f"max_per_hour = 1\nupdates = {updates}")
    newsroom.report("KE-ET")
    newsroom.report("FR-DE")
    with newsroom.service.context.database.write() as transaction:
        connection = transaction.connection
        told, waiting = connection.scalars(select(story_rows.c.id).order_by(story_rows.c.opened)).all()
        stories.begin_matching(connection)
        merge(connection, *((told, waiting) if told_first else (waiting, told)), newsroom.service.clock.now)
    newsroom.pass_(minutes=90)
    assert newsroom.kinds() == ["opened"]


@pytest.mark.parametrize("alert", [False, True])
def test_what_is_split_off_a_story_that_is_still_to_be_told_is_told_too(newsroom: Newsroom, alert: bool) -> None:
    newsroom.configure("max_per_hour = 1")
    newsroom.report("KE-ET")
    for outlet in ("one.example", "two.example"):
        newsroom.report("FR-DE", outlet=outlet)
    assert newsroom.kinds() == ["opened"]
    context = newsroom.service.context
    with context.database.read() as connection:
        story = connection.scalar(select(events.c.story_id).where(events.c.item_id == "item3"))
    rest, new = split_story(context, story, ["item3"], alert=alert)
    newsroom.pass_(minutes=90)
    ((_, digest),) = newsroom.news()
    assert [(s["story"]["id"], s["opened"]) for s in digest["stories"]] == [(rest.id, True), (new.id, True)]
    newsroom.pass_(minutes=90)
    assert newsroom.news() == []


def test_what_is_split_off_a_story_that_was_told_is_not_told_again(newsroom: Newsroom) -> None:
    newsroom.configure('max_per_hour = 1\nupdates = true\nquiet_period = "30m"')
    for outlet in ("one.example", "two.example"):
        newsroom.report("FR-DE", outlet=outlet)
    context = newsroom.service.context
    with context.database.read() as connection:
        story = connection.scalar(select(events.c.story_id).where(events.c.item_id == "item2"))
    split_story(context, story, ["item2"])
    newsroom.pass_(minutes=90)
    assert newsroom.kinds() == ["opened", "updated"]


def test_what_is_sent_again_by_hand_is_not_told_as_opened_later(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 1")
    newsroom.configure(name="all")
    for pair in PAIRS[:3]:
        newsroom.report(pair)
    assert newsroom.replay("opened") == 6
    assert newsroom.kinds() == ["opened"] * 3
    assert newsroom.held() == []
    newsroom.pass_(hours=3)
    assert newsroom.news() == []


def test_what_a_story_gained_since_what_is_sent_again_is_told_as_an_update(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 1\nupdates = true")
    newsroom.configure("max_per_hour = 1", name="few")
    newsroom.configure(name="all")
    newsroom.report("KE-ET")
    newsroom.report("FR-DE", "planned")
    newsroom.report("FR-DE", "cancelled", outlet="two.example")
    newsroom.replay("opened")
    assert newsroom.kinds() == newsroom.kinds("few") == ["opened", "opened"]
    newsroom.pass_(hours=3)
    ((kind, data),) = newsroom.news()
    assert (kind, data["changes"], data["event"]["status"]) == ("updated", ["status planned->cancelled"], "cancelled")
    assert newsroom.news("few") == []
    assert newsroom.held() == []


def test_what_was_gathered_waits_on_unless_the_story_as_it_is_now_is_sent_again(newsroom: Newsroom) -> None:
    newsroom.configure('updates = true\nquiet_period = "30m"')
    newsroom.configure("updates = true", name="eager")
    newsroom.report("KE-ET")
    newsroom.report("KE-ET", outlet="one.example")
    newsroom.replay("opened")
    assert newsroom.held() == [("desk", "quiet")]
    newsroom.replay("updated")
    assert newsroom.held() == []
    assert newsroom.kinds() == ["opened", "updated"]
    newsroom.report("KE-ET", outlet="two.example")
    newsroom.replay("updated", newest=1)
    assert newsroom.held() == []
    newsroom.report("KE-ET", outlet="three.example")
    newsroom.replay("opened")
    assert newsroom.held() == [("desk", "quiet")]


def test_a_story_that_went_into_another_is_told_by_what_was_said_of_it(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 1")
    newsroom.configure(name="all")
    for pair in PAIRS[:3]:
        newsroom.report(pair)
    with newsroom.service.context.database.write() as transaction:
        connection = transaction.connection
        _, went, into = connection.scalars(select(story_rows.c.id).order_by(story_rows.c.opened)).all()
        stories.begin_matching(connection)
        merge(connection, went, into, newsroom.service.clock.now)
        told = alerts.about(connection, [went])
    with newsroom.service.context.database.write() as transaction:
        replay(newsroom.service.context, transaction, told, webhook="desk")
    newsroom.pass_(minutes=90)
    assert newsroom.kinds()[1:] == ["opened"]


def test_a_flood_beyond_all_measure_is_one_digest_of_bounded_size(newsroom: Newsroom) -> None:
    newsroom.configure("max_per_hour = 1")
    letters = [a + b for a in "ABCDEFGHIJ" for b in "KLMNOPQRST"]
    for number in range(90):
        newsroom.report(f"{letters[number]}-{letters[-1 - number // 2]}", words="a long headline " * 8)
    newsroom.pass_(minutes=61)
    (_, _), (kind, digest) = newsroom.news()
    assert kind == "digest"
    omitted = digest["omitted"]
    assert digest["alerts"] == 89 == len(digest["stories"]) + omitted["stories"]
    assert len(omitted["ids"]) == omitted["stories"]
    assert len(digest["stories"]) >= 20
    with newsroom.service.context.database.read() as connection:
        newest = alerts.get(connection, omitted["ids"][0])
        assert len(newest.body) <= LARGEST_BODY
        assert len(alerts.stories_told(connection, newest)) == 89


def test_a_digest_arrives_signed_and_is_sent_again_by_hand_to_its_webhook_alone(
    service: Service, receiver: Receiver
) -> None:
    newsroom = Newsroom(service)
    service.webhook(receiver.url + "/few", "max_per_hour = 1", name="few")
    service.webhook(receiver.url + "/all", name="all")
    newsroom.apply()
    for pair in PAIRS[:4]:
        newsroom.report(pair)
    assert service.run(minutes=2).attempts == 5
    assert service.run(minutes=60).attempts == 1
    (digest,) = [t for t in receiver.taken if t.event["type"] == "seedwire.alert.digest"]
    assert (digest.path, digest.event["data"]["alerts"], receiver.bad_signatures) == ("/few", 3, 0)
    with service.context.database.read() as connection:
        alert = alerts.get(connection, digest.webhook_id)
        assert receivers(connection, alert, service.context.config.webhooks) == ["few"]
        assert alerts.get(connection, alerts.stories_told(connection, alert)[0]).story_id

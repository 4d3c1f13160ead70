"""When nobody answers: no feed is blamed, nobody is told of one, and it is seen what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from running import free_port
from sqlalchemy import select

from store import tables
from store.feed_health import list_feeds
from worker.doctor import check_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Service
    from loopback import Newspaper, Receiver

HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")


def polls_by_outcome(service: Service) -> Mapping[str, float]:
    service.context.counts.flush(service.context.database, at_once=True)
    with service.context.database.read() as connection:
        rows = connection.execute(
            select(tables.counters.c.labels, tables.counters.c.value).where(
                tables.counters.c.name == "seedwire_polls_total"
            )
        )
        return {row.labels: row.value for row in rows}


def test_when_no_host_answers_nobody_is_told_of_a_failing_feed(
    service: Service, receiver: Receiver, newspaper: Newspaper
) -> None:
    port = free_port()
    for host in HOSTS:
        service.feed(f"http://{host}:{port}/rss")
    service.webhook(receiver.url)
    for _ in range(6):
        tally = service.run(minutes=10)
    assert (tally.feeds, tally.failed, tally.left) == (3, 3, 0)
    with service.context.database.read() as connection:
        listed = list_feeds(connection, service.clock.now)
    assert [feed.health for feed in listed] == ["offline"] * 3
    assert all(feed.failures <= 1 for feed in listed)
    assert receiver.taken == []
    assert polls_by_outcome(service)['outcome="offline"'] >= 15
    assert 'outcome="ok"' not in polls_by_outcome(service)
    told = [finding.detail for finding in check_all(service.context) if finding.what == "feeds"]
    assert any("nobody answers since" in text for text in told)
    service.feed(newspaper.feed("/back"))
    assert service.run(minutes=10).failed >= 3
    told = [finding.detail for finding in check_all(service.context) if finding.what == "feeds"]
    assert not any("nobody answers since" in text for text in told)

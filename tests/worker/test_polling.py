"""Polling due feeds: what one feed, one host or one poll in vain may cost the others."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from loopback import Article, _Server, answer
from running import wait_for
from sqlalchemy import func, select, update

from store import feeds, tables
from store.feed_health import list_feeds
from worker.steps.poll import poll_due
from worker.steps.tick import apply_config

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

    from conftest import Service
    from loopback import Newspaper


class Crowd(_Server):
    """Answers any path with a small feed after a moment; knows how many asked at once."""

    def __init__(self) -> None:
        super().__init__()
        self.release = threading.Event()
        self.most = self._now = 0
        self._lock = threading.Lock()

    def handle(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        if request.path.startswith("/hang"):
            self.release.wait(30)
        time.sleep(0.01)
        with self._lock:
            self._now -= 1
        name = request.path.strip("/")
        item = f"<item><title>{name} has news</title><guid>{name}</guid></item>"
        answer(request, 200, f"<rss version='2.0'><channel><title>{name}</title>{item}</channel></rss>".encode())


@pytest.fixture
def crowd() -> object:
    with Crowd() as server:
        yield server
        server.release.set()


def test_a_host_is_asked_for_no_more_at_once_than_the_config_says(service: Service, crowd: Crowd) -> None:
    service.polling = "per_host = 3"
    for number in range(60):
        service.feed(f"{crowd.url}/{number}")
    assert service.run().feeds == 60
    assert crowd.most == 3


def test_a_host_that_hangs_delays_no_other_and_is_given_back(
    service: Service, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        service.feed(f"{crowd.url}/hang/{number}")
        service.feed(f"{crowd.url.replace('127.0.0.1', 'localhost')}/{number}")
    context = service.context
    apply_config(context)

    def others_are_polled() -> bool:
        with context.database.read() as connection:
            polled = select(func.count()).where(tables.feeds.c.polled.is_not(None))
            return connection.scalar(polled) == 30

    monkeypatch.setattr("worker.steps.poll.is_stopping", others_are_polled)
    start = time.monotonic()
    tally = poll_due(context, budget=15)
    assert time.monotonic() - start < 19, "it waited for what hangs"
    assert (tally.polled, tally.new_items) == (30, 30)
    with context.database.write() as transaction:
        free = feeds.claim_due(
            transaction.connection, service.clock.now, limit=99, per_host=99, owner="next",
            lease=context.config.polling.timeout,
        )  # fmt: skip
    assert {(one.feed.url.split("/")[3], one.claims) for one in free} == {("hang", 1)}
    assert len(free) == 30


def test_there_is_a_pause_between_two_requests_to_a_host_that_is_not_our_own(service: Service) -> None:
    service.feeds += [f'[[feeds]]\nurl = "http://10.1.2.3/{number}"' for number in range(4)]
    service.feeds += [f'[[feeds]]\nurl = "http://10.1.2.{number}/"' for number in range(10, 60)]
    start = time.monotonic()
    assert service.run().failed == 54
    assert time.monotonic() - start > 0.7


def test_a_run_that_lingers_polls_what_becomes_due_meanwhile(
    service: Service, newspaper: Newspaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.feed(newspaper.feed("/early"))
    service.feed(newspaper.feed("/late"))
    newspaper.publish("/late", Article("The council met", "Nothing else."))
    context = service.context
    apply_config(context)
    _set(service, active=False, url=f"{newspaper.url}/late")

    def is_polled(path: str) -> bool:
        known = select(tables.feeds.c.polled).where(tables.feeds.c.url == newspaper.url + path)
        with context.database.read() as connection:
            return connection.scalar(known) is not None

    def meanwhile() -> None:
        wait_for(lambda: is_polled("/early"), "the early one to be polled")
        _set(service, active=True, url=f"{newspaper.url}/late")

    with monkeypatch.context() as patch, ThreadPoolExecutor(1) as pool:
        patch.setattr("worker.steps.poll.is_stopping", lambda: is_polled("/late"))  # nothing more to linger for
        changed = pool.submit(meanwhile)
        assert poll_due(context, linger=30).polled == 2
        changed.result()
    assert poll_due(context).polled == 0


def _set(service: Service, *, active: bool, url: str) -> None:
    with service.context.database.write() as transaction:
        transaction.connection.execute(update(tables.feeds).where(tables.feeds.c.url == url).values(active=active))


def test_what_ended_its_workers_three_times_is_recorded_and_not_asked_again(service: Service, crowd: Crowd) -> None:
    service.feed(f"{crowd.url}/one")
    context = service.context
    apply_config(context)
    with context.database.write() as transaction:
        transaction.connection.exec_driver_sql("UPDATE feeds SET claims = 3")
    assert poll_due(context).failed == 1
    with context.database.read() as connection:
        (health,) = list_feeds(connection, service.clock.now)
    assert health.problem == "internal-error"
    assert crowd.most == 0


def test_a_run_ends_when_its_worker_is_told_to_stop(
    service: Service, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.feed(f"{crowd.url}/hang/1")
    context = service.context
    apply_config(context)
    start = time.monotonic()
    monkeypatch.setattr("worker.steps.poll.is_stopping", lambda: time.monotonic() > start + 0.3)
    assert poll_due(context).polled == 0
    assert time.monotonic() - start < 3
    with context.database.read() as connection:
        assert feeds.any_due(connection, service.clock.now)

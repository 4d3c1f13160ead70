"""What webhooks are told of the service itself: that it is in trouble, that it is well again, once each."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from store import alerts, condition, state
from store.tables import deliveries, feeds
from worker.steps.condition import judge_condition
from worker.steps.tick import apply_config, tick

if TYPE_CHECKING:
    from conftest import Service

    from alerts.alert import Alert


@dataclass
class Watch:
    """A service that is looked at every fifteen seconds of a time that passes as told."""

    service: Service
    _seen: set[str] = field(default_factory=set)

    def pass_(self, **span: float) -> None:
        until = self.service.clock.now + timedelta(**span)
        while self.service.clock.now < until:
            self.service.clock.pass_(seconds=15)
            judge_condition(self.service.context)
            judge_condition(self.service.context)
            self.write(update(deliveries).where(deliveries.c.state == "pending").values(state="delivered"))

    def news(self, webhook: str = "desk") -> list[tuple[str, list[str]]]:
        """The messages made for a webhook since this was asked last: kind and reasons."""
        with self.service.context.database.read() as connection:
            ids = connection.execute(select(deliveries.c.alert_id).where(deliveries.c.webhook == webhook)).scalars()
            made = sorted((alerts.get(connection, one) for one in ids), key=lambda alert: alert.time)
        new = [alert for alert in made if webhook + alert.id not in self._seen]
        self._seen |= {webhook + alert.id for alert in new}
        return [(a.type.removeprefix("seedwire.service."), [r["reason"] for r in data(a)["reasons"]]) for a in new]

    def write(self, *statements: Any) -> None:
        with self.service.context.database.write() as transaction:
            for statement in statements:
                transaction.connection.execute(statement)


def data(alert: Alert) -> dict[str, Any]:
    read = json.loads(alert.body)["data"]
    assert isinstance(read, dict)
    return read


@pytest.fixture
def watch(service: Service, monkeypatch: pytest.MonkeyPatch) -> Watch:
    service.webhook("http://127.0.0.1:9/all")
    service.webhook("http://127.0.0.1:9/deals", 'events = ["energy_deal"]', name="deals")
    service.webhook("http://127.0.0.1:9/ops", 'events = ["seedwire.service.degraded"]', name="ops")
    for number in range(6):
        service.feed(f"https://host{number}.example/rss")
    apply_config(service.context)
    monkeypatch.setattr("worker.steps.condition.LOW_DISK", 0)
    made = Watch(service)
    made.write(update(feeds).values(next_poll=service.clock.now + timedelta(days=9)))
    return made


def test_work_that_nobody_is_at_is_told_once_and_that_it_is_done_again(watch: Watch) -> None:
    watch.pass_(minutes=10)
    assert watch.news() == []
    watch.write(update(feeds).values(next_poll=watch.service.clock.now))
    watch.pass_(minutes=2)
    assert watch.news() == []
    watch.pass_(minutes=60)
    assert watch.news() == [("degraded", ["poll-late"])]
    assert watch.news("ops") == [("degraded", ["poll-late"])]
    assert watch.news("deals") == []
    watch.write(update(feeds).values(next_poll=watch.service.clock.now + timedelta(days=9)))
    watch.pass_(minutes=60)
    assert watch.news() == [("recovered", ["poll-late"])]
    assert watch.news("ops") == []


def test_being_far_behind_is_told_even_while_somebody_is_at_it(watch: Watch) -> None:
    now = watch.service.clock.now
    watch.write(update(feeds).values(next_poll=now, lease_until=now + timedelta(days=1)))
    watch.pass_(minutes=14)
    assert watch.news() == []
    watch.pass_(minutes=10)
    assert watch.news() == [("degraded", ["poll-late"])]


def test_a_refused_config_an_outage_and_feeds_that_fail_are_reasons(watch: Watch) -> None:
    now = watch.service.clock.now
    with watch.service.context.database.write() as transaction:
        for kind in ("network", "network-private"):
            state.put(transaction.connection, kind, {"offline": True}, now)
    watch.write(update(feeds).values(problem="offline"))
    watch.pass_(minutes=6)
    with watch.service.context.database.write() as transaction:
        connection = transaction.connection
        applied = state.get(connection, "config")
        assert applied
        state.put(connection, "config", applied.value | {"problem": "seedwire.toml: line 3"}, now)
    watch.pass_(minutes=2)
    few = select(feeds.c.id).limit(3)
    watch.write(update(feeds).where(feeds.c.id.in_(few)).values(failures=9, problem="timeout"))
    watch.pass_(minutes=2)
    assert watch.news() == [
        ("degraded", ["offline"]),
        ("degraded", ["offline", "config-refused"]),
        ("degraded", ["offline", "config-refused", "feeds-failing"]),
    ]
    with watch.service.context.database.read() as connection:
        details = [trouble.detail for trouble in condition.told(connection)]
    assert details[0] == f"no host answers since {now:%Y-%m-%d %H:%M} UTC"
    assert details[1].endswith("seedwire.toml: line 3")
    assert details[2] == "3 of 6 feeds fail"


def test_a_disk_that_is_nearly_full_is_a_reason(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.steps.condition.LOW_DISK", 10**18)
    watch.service.context.config.service.data_dir.mkdir(exist_ok=True)
    watch.pass_(minutes=2)
    assert watch.news() == [("degraded", ["disk-nearly-full"])]


def test_the_tick_looks(watch: Watch) -> None:
    tick(watch.service.context)
    with watch.service.context.database.read() as connection:
        assert condition.known(connection) == ({}, watch.service.clock.now)

"""Endpoints that misbehave: what is kept of each attempt, that nobody else waits, and what becomes of them in time."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from bad_endpoints import (
    BadEndpoint,
    close,
    close_in_the_body,
    close_in_the_head,
    drip_body,
    drip_head,
    endless_head,
    garbage,
    gigabytes,
    hang,
    redirect,
)
from loopback import Receiver
from running import wait_for
from sqlalchemy import select

from alerts import delivery as delivering
from alerts.alert import WEBHOOK_DISABLED
from alerts.delivery import Outcome
from alerts.endpoint import FIRST_PAUSE, GIVEN_UP_AFTER, LONGEST_PAUSE, OPENS_AFTER
from alerts.service_alerts import build_webhook_test
from store import alerts, deliveries, endpoints
from store.errors import DatabaseUnreachable
from store.tables import webhooks as webhook_rows
from store.views.deliveries import newest_deliveries
from store.webhook_health import list_webhooks
from worker import messenger
from worker.steps import deliver
from worker.steps.deliver import deliver_due
from worker.steps.poll import poll_due
from worker.steps.sending import Sending
from worker.steps.tick import apply_config, tick

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from conftest import Service
    from loopback import Newspaper

    from alerts.webhook import Webhook
    from store.database import Database, Transaction
    from store.deliveries import WaitingDelivery
    from store.views.deliveries import ListedDelivery
    from store.webhook_health import WebhookHealth

#: What an endpoint that hangs has. The good one beside it is to be called before that is over.
PATIENCE = 5.0
BRIEFLY = f'timeout = "{PATIENCE:g}s"\n'


def promise(service: Service, count: int, *names: str) -> list[str]:
    """So many alerts that these webhooks are to have; their ids, oldest first."""
    apply_config(service.context)
    ids = []
    for number in range(count):
        now = service.clock.now + timedelta(microseconds=number)
        alert = build_webhook_test(f"{names} {time.monotonic_ns()}", now, "urn:seedwire")
        with service.context.database.write() as transaction:
            alerts.save(transaction.connection, alert, names, now=now)
        ids.append(alert.id)
    service.clock.pass_(milliseconds=1)
    return ids


def kept(service: Service, webhook: str) -> list[ListedDelivery]:
    """Oldest first."""
    with service.context.database.read() as connection:
        return newest_deliveries(connection, limit=None, webhook=webhook)[::-1]


def states(service: Service, webhook: str) -> set[str]:
    return {one.state for one in kept(service, webhook)}


@pytest.mark.parametrize(
    ("act", "code", "told", "excerpt"),
    [
        (hang, 0, f"timeout: the exchange was not over within {PATIENCE:g} s", None),
        (drip_head, 0, f"timeout: the exchange was not over within {PATIENCE:g} s", None),
        (endless_head, 0, "protocol: ", None),
        (close, 0, "closed: the server closed the connection before it had answered", None),
        (close_in_the_head, 0, "closed: ", None),
        (garbage, 0, "protocol: not an HTTP answer", None),
        (close_in_the_body, 500, "answer 500", "half of i"),
        (gigabytes(500), 500, "answer 500", "<script> [31m no"),
        (redirect("http://169.254.169.254/latest/meta-data/"), 302, "302, a redirect", None),
    ],
)
def test_an_endpoint_that_misbehaves_has_its_attempt_kept_and_delays_nobody(
    service: Service,
    receiver: Receiver,
    act: Callable[[socket.socket], None],
    code: int,
    told: str,
    excerpt: str | None,
) -> None:
    with BadEndpoint(act) as bad:
        service.webhook(f"http://127.0.0.1:{bad.port}/", BRIEFLY, name="bad")
        service.webhook(receiver.url, name="good")
        promise(service, 3, "bad", "good")
        begun, took = time.monotonic(), [0.0]
        receiver.decide = lambda _: took.append(time.monotonic() - begun) or 200  # type: ignore[func-returns-value]
        assert deliver_due(service.context) == 6
    assert max(took) < PATIENCE, "it waited for the bad one"
    assert states(service, "good") == {"delivered"}
    for one in kept(service, "bad"):
        (attempt,) = one.attempts
        assert (one.state, attempt.code) == ("pending", code)
        assert one.note is not None
        assert one.note.startswith(told)
        assert (attempt.error or "").startswith(told if not code else "")
        assert 0 < attempt.latency_ms < 1_000 * PATIENCE + 10_000
        if excerpt is None:
            assert attempt.excerpt is None
        else:
            assert attempt.excerpt is not None
            assert attempt.excerpt.startswith(excerpt)
            assert len(attempt.excerpt) <= 200
            assert attempt.excerpt.isprintable()


@pytest.mark.parametrize("act", [drip_body, gigabytes(200)])
def test_what_follows_a_success_does_not_matter(service: Service, act: Callable[[socket.socket], None]) -> None:
    with BadEndpoint(act) as bad:
        service.webhook(f"http://127.0.0.1:{bad.port}/", 'timeout = "18s"\n', name="bad")
        promise(service, 1, "bad")
        begun = time.monotonic()
        assert deliver_due(service.context) == 1
        assert time.monotonic() - begun < 15
    assert states(service, "bad") == {"delivered"}


@pytest.mark.parametrize(
    ("url", "extra", "told"),
    [
        ("http://no-such-host.invalid/hook", "", "dns: "),
        ("http://127.0.0.1:1/hook", "", "refused: nothing accepts connections"),
        ("https://127.0.0.1:{port}/hook", "", "tls: no trusted encrypted connection"),
        ("http://127.0.0.1:{port}/hook", "allow_private = false", "private-address: "),
        ("http://[::ffff:127.0.0.1]:{port}/hook", "allow_private = false", "private-address: "),
    ],
)
def test_an_endpoint_that_cannot_be_reached_has_its_attempt_kept_and_delays_nobody(
    service: Service, receiver: Receiver, url: str, extra: str, told: str
) -> None:
    with BadEndpoint(garbage) as bad:
        service.webhook(url.format(port=bad.port), BRIEFLY, name="bad")
        service.webhooks[-1] = service.webhooks[-1].replace("allow_private = true", extra)
        if not extra:
            service.webhooks[-1] += "allow_private = true\n"
        service.webhook(receiver.url, name="good")
        promise(service, 2, "bad", "good")
        begun, took = time.monotonic(), [0.0]
        receiver.decide = lambda _: took.append(time.monotonic() - begun) or 200  # type: ignore[func-returns-value]
        assert deliver_due(service.context) == 4
        if extra:
            assert bad.connections == 0
    assert max(took) < PATIENCE
    assert states(service, "good") == {"delivered"}
    for one in kept(service, "bad"):
        (attempt,) = one.attempts
        assert (one.state, attempt.code, attempt.excerpt) == ("pending", 0, None)
        assert (attempt.error or "").startswith(told)


def test_a_redirect_to_another_place_is_not_followed(service: Service, receiver: Receiver) -> None:
    with BadEndpoint(redirect(receiver.url)) as bad:
        service.webhook(f"http://127.0.0.1:{bad.port}/", name="bad")
        promise(service, 1, "bad")
        deliver_due(service.context)
    assert receiver.taken == []


def test_fifty_endpoints_that_hang_are_in_one_run_and_delay_nobody(service: Service, receiver: Receiver) -> None:
    with BadEndpoint(hang) as bad:
        names = [f"bad{number}" for number in range(50)]
        for name in names:
            service.webhook(f"http://127.0.0.1:{bad.port}/{name}", 'timeout = "60s"\n', name=name)
        service.webhook(receiver.url, name="good")
        promise(service, 3, *names)
        run = threading.Thread(target=deliver_due, args=(service.context,))
        run.start()
        wait_for(lambda: bad.connections >= len(names), "all of them to hang")
        (alert_id,) = promise(service, 1, "good")
        assert deliver_due(service.context) == 0, "the run that is at it is told"
        while alert_id not in receiver.ids():
            assert run.is_alive(), "it waited for those that hang"
            time.sleep(0.005)
        bad.let_go()
        run.join(30)
        assert not run.is_alive()
    assert states(service, "good") == {"delivered"}
    assert all(one.state == "pending" and len(one.attempts) <= 1 for name in names for one in kept(service, name))


def test_a_run_whose_time_is_up_lets_the_next_one_in_while_an_endpoint_still_hangs(
    service: Service, receiver: Receiver
) -> None:
    with BadEndpoint(hang) as bad:
        service.webhook(f"http://127.0.0.1:{bad.port}/", 'timeout = "60s"\n', name="bad")
        service.webhook(receiver.url, name="good")
        promise(service, 1, "bad")
        old = threading.Thread(target=deliver_due, args=(service.context,), kwargs={"budget": 0.2})
        old.start()
        wait_for(lambda: bad.connections == 1 and not service.context.courier._holder, "its time to be up")
        promise(service, 1, "good")
        assert deliver_due(service.context) == 1
        assert old.is_alive()
        bad.let_go()
        old.join(20)
        assert bad.connections == 1, "what hangs was not taken over"
    assert states(service, "good") == {"delivered"}
    assert [len(one.attempts) for one in kept(service, "bad")] == [1]


def test_a_chat_that_hangs_delays_nobody_and_its_messages_are_kept_too(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go, talking = threading.Event(), [0]

    def send(door: object, webhook: Webhook, alert: object) -> tuple[Outcome, bytes]:
        del door, alert
        talking[0] += 1
        if webhook.scheme == "ntfy":
            let_go.wait(20)
        return Outcome(200), b""

    monkeypatch.setattr(messenger, "send", send)
    for name, url in (("hangs", "ntfy://127.0.0.1:1/one"), ("chat", "json://127.0.0.1:1/two")):
        service.webhooks.append(f'[[webhooks]]\nname = "{name}"\nurl = "{url}"\ntimeout = "1s"\n')
    service.webhook(receiver.url, name="good")
    promise(service, 5, "hangs", "chat", "good")
    begun = time.monotonic()
    assert deliver_due(service.context, budget=2) == 12
    assert time.monotonic() - begun < 6
    let_go.set()
    assert states(service, "chat") == states(service, "good") == {"delivered"}
    hung = [one for one in kept(service, "hangs") if one.attempts]
    assert len(hung) == deliver.MOST_TO_PEOPLE
    assert {one.attempts[0].error for one in hung} == {"timeout: it was not sent within 1 s"}


def test_an_endpoint_is_paused_after_failures_then_probed_and_what_waited_follows_in_order(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outage of three hours: nothing of a schedule is used up while it is paused, and it is noticed when it ends."""
    service.webhook(receiver.url)
    receiver.decide = lambda _: 503
    ids = promise(service, 40, "desk")
    deliver_due(service.context)
    assert len(receiver.refused) < OPENS_AFTER + deliver.FIRST
    begun, made = service.clock.now, len(receiver.refused)
    while service.clock.now < begun + timedelta(hours=3):
        (health,) = _health(service)
        assert health.paused_until is not None
        service.clock.now = health.paused_until
        assert deliver_due(service.context) == 1, "one probe"
    made = len(receiver.refused) - made
    assert made < 40, "pauses grow"
    assert states(service, "desk") == {"pending"}
    untried = [one for one in kept(service, "desk") if not one.attempts]
    assert untried, "most were never tried while it was away"
    receiver.decide, started, start = lambda _: 200, [], Sending.start

    def noted(self: Sending, webhook: Webhook, delivery: WaitingDelivery, at: datetime) -> None:
        started.append(delivery.alert.id)
        start(self, webhook, delivery, at)

    monkeypatch.setattr(Sending, "start", noted)
    service.clock.pass_(seconds=LONGEST_PAUSE.total_seconds() * 1.2)
    assert deliver_due(service.context) == 40
    assert states(service, "desk") == {"delivered"}
    assert {one.webhook_id for one in receiver.taken} == set(ids)
    probe, *rest = started
    assert rest == [one for one in ids if one != probe], "oldest first"
    (health,) = _health(service)
    assert health.paused_until is None
    assert health.is_well


def test_a_probe_before_its_time_takes_nothing_from_the_schedule(service: Service, receiver: Receiver) -> None:
    service.webhook(receiver.url, 'retry_schedule = ["1s", "1s", "1s", "1s", "10h"]')
    receiver.decide = lambda _: 500
    promise(service, 1, "desk")
    for _ in range(OPENS_AFTER):
        assert deliver_due(service.context) == 1
        service.clock.pass_(seconds=1.2)
    (before,) = kept(service, "desk")
    for _ in range(4):
        service.clock.pass_(minutes=11)
        assert deliver_due(service.context) == 1
    (one,) = kept(service, "desk")
    assert (one.state, one.due) == ("pending", before.due)
    assert len(one.attempts) == OPENS_AFTER + 4
    service.clock.pass_(hours=11)
    deliver_due(service.context)
    (one,) = kept(service, "desk")
    assert one.state == "dead"


def test_a_receiver_that_asks_for_time_is_called_for_nothing_until_then(service: Service, receiver: Receiver) -> None:
    service.webhook(receiver.url)
    receiver.decide, receiver.headers = lambda _: 429, {"retry_after": "120"}
    promise(service, 30, "desk")
    deliver_due(service.context)
    assert len(receiver.refused) <= deliver.FIRST
    refused = len(receiver.refused)
    service.clock.pass_(seconds=118)
    assert deliver_due(service.context) == 0
    receiver.decide, receiver.headers = lambda _: 200, {}
    service.clock.pass_(seconds=20)
    deliver_due(service.context)
    assert len(receiver.refused) == refused
    assert len(receiver.taken) == 30


def test_a_webhook_is_disabled_after_five_days_of_failure_only_and_another_is_told(
    service: Service, receiver: Receiver
) -> None:
    service.webhook("http://127.0.0.1:1/", name="gone")
    service.webhook(receiver.url, name="ops")
    begun = service.clock.now
    for _ in range(7):
        promise(service, 1, "gone")
        deliver_due(service.context)
        service.clock.pass_(hours=12)
    while service.clock.now < begun + GIVEN_UP_AFTER:
        assert "disabled" not in states(service, "gone")
        service.clock.pass_(hours=6)
        deliver_due(service.context)
    service.clock.pass_(hours=1)
    deliver_due(service.context)
    deliver_due(service.context)
    gone, ops = _health(service)
    assert gone.disabled is not None
    assert "nothing but fail" in (gone.disabled_reason or "")
    assert "pending" not in states(service, "gone")
    assert ops.is_well
    (told,) = receiver.taken
    assert told.event["type"] == WEBHOOK_DISABLED
    assert told.event["data"]["webhook"]["name"] == "gone"
    promise(service, 1, "gone")
    assert deliver_due(service.context) == 0
    with service.context.database.write() as transaction:
        ids = deliveries.ids_in_state(transaction.connection, "disabled", "gone")
        deliveries.retry(transaction.connection, ids, service.clock.now)
    assert deliver_due(service.context) >= 1
    assert _health(service)[0].disabled is None


def test_a_receiver_that_wants_no_more_is_left_alone_and_another_is_told_once(
    service: Service, receiver: Receiver
) -> None:
    with Receiver(real_time=False) as gone:
        gone.decide = lambda count: time.sleep(0.02 * count) or 410  # type: ignore[func-returns-value]
        service.webhook(gone.url, name="gone")
        service.webhook(receiver.url, name="ops")
        promise(service, 30, "gone")
        while deliver_due(service.context):
            pass
        assert len(gone.refused) <= deliver.FIRST, "what was under way already"
    assert states(service, "gone") == {"disabled"}
    assert [one.event["type"] for one in receiver.taken] == [WEBHOOK_DISABLED]


def test_a_changed_address_is_called_at_once(service: Service, receiver: Receiver) -> None:
    service.webhook("http://127.0.0.1:1/", name="desk")
    promise(service, 20, "desk")
    deliver_due(service.context)
    assert _health(service)[0].paused_until is not None
    service.webhooks.clear()
    service.webhook(receiver.url, name="desk")
    service.write()
    service.context.watcher.refresh()
    apply_config(service.context)
    service.clock.pass_(seconds=7)
    deliver_due(service.context)
    assert states(service, "desk") == {"delivered"}


def test_a_run_that_dies_delays_its_webhooks_by_a_lease_alone(service: Service, receiver: Receiver) -> None:
    service.webhook(receiver.url)
    promise(service, 3, "desk")
    with service.context.database.write() as transaction:
        claimed = endpoints.claim(
            transaction.connection, ["desk"], service.clock.now, owner="killed", lease=deliver.LEASE
        )
    assert list(claimed) == ["desk"]
    assert deliver_due(service.context) == 0
    service.clock.pass_(seconds=deliver.LEASE.total_seconds() + 1)
    assert deliver_due(service.context) == 3


@contextmanager
def another(service: Service) -> Iterator[Service]:
    """A second process of the same installation."""
    other = type(service)(service.folder, service.database_url, webhooks=service.webhooks, clock=service.clock)
    try:
        yield other
    finally:
        other.close()


def _owner(service: Service) -> str | None:
    with service.context.database.read() as connection:
        return connection.scalar(select(webhook_rows.c.lease_owner))


def test_a_run_that_lost_its_webhook_sends_no_more_than_it_has_under_way(service: Service, receiver: Receiver) -> None:
    """As after a process was suspended for longer than its lease."""
    service.webhook(receiver.url, 'timeout = "90s"\n')
    ids = promise(service, 300, "desk")
    with another(service) as other:
        begun, go_on = threading.Event(), threading.Event()

        def decide(_: object) -> int:
            begun.set()
            return 200 if go_on.wait(60) else 500

        receiver.decide = decide
        first = threading.Thread(target=deliver_due, args=(service.context,))
        first.start()
        assert begun.wait(30)
        owner = _owner(service)

        def take_over() -> None:
            while not go_on.is_set():  # the first may just have renewed its lease
                service.clock.pass_(seconds=deliver.LEASE.total_seconds() + 1)
                deliver_due(other.context)

        second = threading.Thread(target=take_over)
        second.start()
        wait_for(lambda: _owner(service) != owner, "the other run to take it over", 50)
        go_on.set()
        first.join(60)
        second.join(60)
    counted = Counter(one.webhook_id for one in receiver.taken)
    assert set(counted) == set(ids)
    assert sum(counted.values()) - len(ids) <= deliver.MOST
    assert states(service, "desk") == {"delivered"}


def test_the_last_word_of_an_old_address_does_not_rest_on_the_new_one(service: Service, receiver: Receiver) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def gone(_: object) -> int:
        asked.set()
        go_on.wait(10)
        return 410

    with Receiver(real_time=False) as old:
        old.decide = gone
        service.webhook(old.url, name="desk")
        ids = promise(service, 1, "desk")
        run = threading.Thread(target=deliver_due, args=(service.context,))
        run.start()
        assert asked.wait(10)
        service.webhooks.clear()
        service.webhook(receiver.url, name="desk")
        service.write()
        service.context.watcher.refresh()
        apply_config(service.context)
        go_on.set()
        run.join(30)
    (health,) = _health(service)
    assert health.disabled is None
    deliver_due(service.context)
    assert receiver.ids() == set(ids)
    assert states(service, "desk") == {"delivered"}


def test_news_does_not_wait_for_one_message_that_an_endpoint_always_fails_at(
    service: Service, receiver: Receiver
) -> None:
    service.webhook(receiver.url)
    promise(service, 1, "desk")
    receiver.decide = lambda _: 500
    for _ in range(40):
        deliver_due(service.context)
        service.clock.pass_(minutes=5)
    (health,) = _health(service)
    assert health.paused_until is not None
    (good,) = promise(service, 1, "desk")
    service.clock.pass_(seconds=FIRST_PAUSE.total_seconds() + 1)
    answers = iter([200])
    receiver.decide = lambda _: next(answers, 500)
    deliver_due(service.context)
    assert receiver.ids() == {good}, "it is what the endpoint is probed with"


def test_two_runs_at_once_send_nothing_twice(service: Service, receiver: Receiver) -> None:
    service.webhook(receiver.url)
    ids = promise(service, 300, "desk")
    with another(service) as other:
        both = [threading.Thread(target=deliver_due, args=(one.context,)) for one in (service, other)]
        for run in both:
            run.start()
        for run in both:
            run.join(60)
    assert sorted(one.webhook_id for one in receiver.taken) == sorted(ids)
    assert states(service, "desk") == {"delivered"}


def test_what_came_back_while_the_database_is_away_is_recorded_when_it_is_back(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.webhook(receiver.url)
    ids = promise(service, 8, "desk")
    database, away = service.context.database, [3]
    write = type(database).write

    @contextmanager
    def failing(self: Database) -> Iterator[Transaction]:
        if receiver.taken and away[0]:
            away[0] -= 1
            raise DatabaseUnreachable("gone for a moment")
        with write(self) as transaction:
            yield transaction

    monkeypatch.setattr(type(database), "write", failing)
    while deliver_due(service.context):
        pass
    assert not away[0]
    assert states(service, "desk") == {"delivered"}
    assert sorted(one.webhook_id for one in receiver.taken) == sorted(ids), "nothing twice"


def test_a_delivery_that_cannot_even_be_signed_costs_the_others_nothing(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.webhook(receiver.url)
    bad, *good = promise(service, 5, "desk")
    request = delivering.request

    def picky(webhook: object, alert: object, now: object) -> object:
        if getattr(alert, "id", "") == bad:
            raise ValueError("cannot be signed")
        return request(webhook, alert, now)  # type: ignore[arg-type]

    monkeypatch.setattr(delivering, "request", picky)
    deliver_due(service.context)
    assert receiver.ids() == set(good)
    (one,) = [one for one in kept(service, "desk") if one.alert == bad]
    assert one.attempts[0].error == "internal-error: ValueError; see the log"


@pytest.mark.parametrize("pace", [0, 30])
def test_a_clock_set_back_a_day_delays_nothing_and_fires_nothing_early(
    service: Service, receiver: Receiver, newspaper: Newspaper, pace: int
) -> None:
    service.feed(newspaper.feed("/paper"))
    service.webhook(receiver.url, 'retry_schedule = ["10m", "10m"]')
    context = service.context
    tick(context)
    poll_due(context)
    receiver.decide = lambda _: 404
    (tried,) = promise(service, 1, "desk")
    deliver_due(context)
    (fresh,) = promise(service, 1, "desk")
    with context.database.write() as transaction:
        endpoints.claim(transaction.connection, ["desk"], service.clock.now, owner="killed", lease=deliver.LEASE)
    tick(context)
    receiver.decide = lambda _: 200
    service.clock.pass_(days=-1, seconds=pace)
    tick(context)
    service.clock.pass_(minutes=2)
    deliver_due(context)
    assert receiver.ids() == {fresh}, "it waits for nothing"
    polls = newspaper.polls["/paper"]
    service.clock.pass_(minutes=5)
    deliver_due(context)
    assert receiver.ids() == {fresh}, "what waits goes on waiting"
    service.clock.pass_(minutes=7)
    deliver_due(context)
    assert receiver.ids() == {fresh, tried}
    service.clock.pass_(hours=7)
    poll_due(context)
    assert newspaper.polls["/paper"] > polls


def test_a_clock_set_ahead_a_day_sends_what_is_due_a_few_at_a_time_and_disables_nothing(
    service: Service, receiver: Receiver
) -> None:
    service.webhook(receiver.url)
    receiver.decide = lambda _: 404
    ids = promise(service, 60, "desk")
    deliver_due(service.context)
    tick(service.context)
    at_once, most, lock = [0], [0], threading.Lock()

    def count(_: int) -> int:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.01)
        at_once[0] -= 1
        return 200

    receiver.decide = count
    service.clock.pass_(days=1)
    tick(service.context)
    deliver_due(service.context)
    assert receiver.ids() == set(ids)
    assert most[0] <= deliver.MOST
    assert _health(service)[0].is_well


def _health(service: Service) -> list[WebhookHealth]:
    with service.context.database.read() as connection:
        return list_webhooks(connection)

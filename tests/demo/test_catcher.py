"""The demonstration's receiver, over real HTTP."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime
from queue import Queue
from typing import TYPE_CHECKING, Any

import pytest

from alerts.delivery import SignedRequest, request
from alerts.service_alerts import build_webhook_test
from alerts.webhook import Webhook
from worker.demo.catcher import Catcher, Received

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET, OTHER = b"s" * 24, b"o" * 24


@pytest.fixture
def told() -> Queue[Received]:
    return Queue()


@pytest.fixture
def catcher(told: Queue[Received]) -> Iterator[Catcher]:
    receiver = Catcher("127.0.0.1", 0, [SECRET], told.put)
    receiver.start()
    yield receiver
    receiver.stop()


def signed(catcher: Catcher, *secrets: bytes, name: str = "demo") -> SignedRequest:
    now = datetime.now(UTC)
    hook = Webhook(name=name, url=catcher.url, secrets=secrets)
    return request(hook, build_webhook_test(name, now, "urn:test"), now)


def send(message: SignedRequest, body: bytes | None = None) -> int:
    sent = urllib.request.Request(
        message.url, data=message.body if body is None else body, headers=dict(message.headers)
    )
    try:
        with urllib.request.urlopen(sent, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        return answer.code


def shown(catcher: Catcher) -> dict[str, Any]:
    with urllib.request.urlopen(f"{catcher.url}received", timeout=10) as answer:
        content: dict[str, Any] = json.load(answer)
        return content


def test_a_signed_message_is_kept_shown_and_told(catcher: Catcher, told: Queue[Received]) -> None:
    message = signed(catcher, SECRET)
    assert send(message) == 204
    first = told.get(timeout=30)
    assert first.id == message.headers["webhook-id"]
    assert first.body["type"] == "seedwire.webhook.test"
    assert [r["id"] for r in shown(catcher)["received"]] == [first.id]


def test_a_repeat_is_counted_and_not_told_again(catcher: Catcher, told: Queue[Received]) -> None:
    message = signed(catcher, SECRET)
    assert send(message) == 204
    assert told.get(timeout=20).id == message.headers["webhook-id"]  # which is after it was answered
    assert send(message) == 204
    other = signed(catcher, SECRET, name="other")
    send(other)
    assert [r.times for r in catcher.received] == [2, 1]
    assert told.get(timeout=20).id == other.headers["webhook-id"]


def test_during_rotation_one_known_secret_is_enough(catcher: Catcher) -> None:
    assert send(signed(catcher, OTHER, SECRET)) == 204


def test_what_another_secret_signed_is_refused(catcher: Catcher, told: Queue[Received]) -> None:
    assert send(signed(catcher, OTHER)) == 401
    assert shown(catcher) == {"received": [], "refused": 1}
    assert told.empty()


def test_a_body_changed_on_the_way_is_refused(catcher: Catcher) -> None:
    message = signed(catcher, SECRET)
    assert send(message, message.body + b" ") == 401


def test_messages_arriving_together_are_told_one_after_the_other() -> None:
    busy, worst = threading.Lock(), Queue[str]()

    def note(message: Received) -> None:
        if not busy.acquire(blocking=False):
            worst.put("two at once")
            return
        try:
            threading.Event().wait(0.01)
        finally:
            busy.release()
        worst.put("one")

    catcher = Catcher("127.0.0.1", 0, [SECRET], note)
    catcher.start()
    try:
        messages = [signed(catcher, SECRET, name=str(n)) for n in range(8)]
        senders = [threading.Thread(target=send, args=(message,)) for message in messages]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert [worst.get(timeout=30) for _ in messages] == ["one"] * 8
    finally:
        catcher.stop()

"""Webhooks, deliveries and alerts through page and API, with a real receiver at the other end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from page_seen import Seen
from standardwebhooks import Webhook as StandardWebhook
from web_service import NOW
from webhook_receiver import SECRET, WebhookReceiver

from store import deliveries, tables
from store.ids import derive
from worker.steps.deliver import deliver_due
from worker.steps.tick import apply_config

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="alert(1)'


@pytest.fixture
def receiver():
    receiver = WebhookReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def configured(context, receiver):
    """The service with one webhook, the receiver, that asks for meetings; called ``desk``."""
    file = context.config.path
    file.write_text(
        file.read_text() + f'[[webhooks]]\nname = "desk"\nurl = "{receiver.url}"\nsecret = "{SECRET}"\n'
        'allow_private = true\nevents = ["bilateral_meeting"]\nretry_schedule = ["1s"]\n'
    )
    context.watcher.refresh()
    apply_config(context)
    return context


@pytest.fixture
def dead(configured, database, report):
    """A delivery to the desk that ran out of attempts; its id."""
    report("Berg and Otieno talk harbour")
    delivery_id = derive("alert-0", "desk")
    with database.write() as transaction:
        connection = transaction.connection
        connection.execute(tables.deliveries.delete())
        connection.execute(
            tables.deliveries.insert().values(
                id=delivery_id, alert_id="alert-0", webhook="desk", state="dead", note="answer 500; given up",
                tries=2, created=NOW - timedelta(minutes=4), due=NOW, finished=NOW,
            )
        )  # fmt: skip
        for number, code in ((1, 0), (2, 500)):
            connection.execute(
                tables.attempts.insert().values(
                    delivery_id=delivery_id, webhook="desk", number=number, at=NOW - timedelta(minutes=3 - number),
                    code=code, latency_ms=40.0 * number, error=None if code else "timeout: no answer",
                    excerpt=HOSTILE if code else None,
                )
            )  # fmt: skip
    return delivery_id


def look(serving, path: str) -> Seen:
    answer = serving.get(path)
    assert answer.status_code == 200, answer.text
    for hidden in ("SECRETPATH", "SECRETQUERY", SECRET):
        assert hidden not in answer.text
    return Seen(answer.text)


def actions(page: Seen) -> list[str | None]:
    return [form["action"] for form in page.all("form")]


def test_without_a_webhook_the_page_says_what_to_write(serving):
    page = look(serving, "/webhooks")
    assert "[[webhooks]]" in page.text
    assert serving.get("/api/v1/webhooks").json() == {"webhooks": []}
    assert serving.get("/webhooks/desk").status_code == 404
    assert serving.get("/api/v1/webhooks/desk").status_code == 404


def test_a_webhook_is_told_with_its_state_and_never_with_what_may_be_secret(serving, dead):
    page = look(serving, "/webhooks")
    for part in (
        "desk", "dead letters", "1 earlier delivery rests until somebody sends it again: answer 500; given up",
        "0 % of 2 attempts", "http://127.0.0.1:", "bilateral_meeting", "80 ms",
    ):  # fmt: skip
        assert part in page.text
    answer = serving.get("/api/v1/webhooks/desk")
    for hidden in ("SECRETPATH", "SECRETQUERY", SECRET):
        assert hidden not in answer.text
    told = answer.json()
    assert (told["state"], told["dead"], told["day"]) == ("dead letters", 1, {"attempts": 2, "taken": 0, "rate": 0.0})
    assert (told["median_ms"], told["asks"]["events"]) == (80.0, ["bilateral_meeting"])
    assert serving.get("/api/v1/webhooks").json()["webhooks"] == [told]


def test_a_webhook_that_was_disabled_or_rests_says_since_when_and_why(serving, configured, database):
    now = datetime.now(UTC)
    with database.write() as transaction:
        rows = tables.webhooks.update()
        since = now - timedelta(hours=2)
        transaction.connection.execute(rows.values(disabled=since, disabled_reason="answer 410: wants no more"))
    assert (
        "Disabled 2 h ago and not called any more because answer 410: wants no more" in look(serving, "/webhooks").text
    )
    assert serving.get("/api/v1/webhooks/desk").json()["disabled_reason"] == "answer 410: wants no more"
    with database.write() as transaction:
        values = {"disabled": None, "disabled_reason": None, "failing_since": since, "failures": 7}
        transaction.connection.execute(rows.values(values | {"paused_until": now + timedelta(minutes=9)}))
        transaction.connection.execute(
            tables.held.insert().values(
                webhook="desk", story_id="s", opens=True, changes=[], why="cap", since=now, due=now + timedelta(hours=1)
            )
        )
    text = look(serving, "/webhooks").text
    assert "It does not answer since 2 h ago. It is called again in" in text
    assert "1 story is held back by its hourly cap; the next is told in" in text
    told = serving.get("/api/v1/webhooks/desk").json()
    assert told["disabled_reason"] is None
    assert (told["state"], told["held"][0]["stories"]) == ("paused", 1)
    with database.write() as transaction:
        transaction.connection.execute(rows.values(paused_until=now - timedelta(minutes=1)))
    assert "since 2 h ago. It is due to be called again." in look(serving, "/webhooks").text


def test_a_test_is_sent_signed_and_its_answer_shown(serving, configured, receiver):
    receiver.answer = (200, b"thanks <b>a lot</b>")
    told = serving.client.post(serving.url + "/api/v1/webhooks/desk/test").json()
    assert (told["ok"], told["code"], told["excerpt"], told["hint"]) == (True, 200, "thanks <b>a lot</b>", "")
    headers, body = receiver.came[0]
    StandardWebhook(SECRET).verify(body, headers)
    assert json.loads(body)["type"] == "seedwire.webhook.test"
    assert headers["webhook-id"] == told["id"]
    receiver.answer = (404, HOSTILE.encode())
    answer = serving.client.post(serving.url + "/webhooks/desk/test")
    assert (answer.status_code, answer.headers["location"]) == (303, "/webhooks/desk")
    page = look(serving, answer.headers["location"])
    assert "answer 404 in" in page.text
    assert HOSTILE in page.text
    assert "The receiver takes nothing at this address: compare url in the config" in page.text
    assert "img" not in {tag for tag, _ in page.elements}
    assert serving.get("/api/v1/deliveries").json()["deliveries"] == []


@pytest.mark.parametrize("way", ["/webhooks/desk/test", "/api/v1/webhooks/desk/test"])
def test_page_and_api_tell_what_came_of_the_last_test_whichever_sent_it(serving, configured, receiver, way):
    assert serving.get("/api/v1/webhooks/desk").json()["last_test"] is None
    receiver.answer = (503, b"busy")
    assert serving.client.post(serving.url + way).status_code < 400
    told = serving.get("/api/v1/webhooks/desk").json()["last_test"]
    assert (told["ok"], told["code"], told["excerpt"], told["webhook"]) == (False, 503, "busy", "desk")
    assert told["id"] == receiver.came[0][0]["webhook-id"]
    assert told["at"]
    assert told["hint"].startswith("the receiver has trouble of its own")
    assert "answer 503 in" in look(serving, "/webhooks").text
    receiver.close()
    serving.client.post(serving.url + way)
    told = serving.get("/api/v1/webhooks").json()["webhooks"][0]["last_test"]
    assert (told["ok"], told["code"]) == (False, 0)
    assert told["error"] in look(serving, "/webhooks").text


def test_a_repeated_test_with_one_key_is_known_to_its_receiver(serving, configured, receiver):
    ask = {"Idempotency-Key": "k1"}
    first, second = (
        serving.client.post(serving.url + "/api/v1/webhooks/desk/test", headers=ask).json()["id"] for _ in range(2)
    )
    other = serving.client.post(serving.url + "/api/v1/webhooks/desk/test").json()["id"]
    assert first == second != other


def test_a_dead_letter_is_sent_again_and_a_repeat_changes_nothing(serving, configured, receiver, dead):
    page = look(serving, "/webhooks/desk?state=dead")
    assert "Berg and Otieno talk harbour" in page.text
    assert "timeout: no answer in 40 ms" in page.text
    assert HOSTILE in page.text
    assert "webhook-signature: v1,…" in page.text
    assert '"specversion": "1.0"' in page.text
    assert {"img"}.isdisjoint(tag for tag, _ in page.elements)
    (retry,) = [action for action in actions(page) if action.startswith("/deliveries/")]
    answer = serving.client.post(serving.url + retry)
    assert answer.status_code == 303
    assert "retried by hand" in look(serving, answer.headers["location"]).text
    assert deliver_due(configured) == 1
    (came,) = receiver.came
    assert came[0]["webhook-id"] == "alert-0"
    assert serving.client.post(serving.url + f"/api/v1/deliveries/{dead}/retry").json()["state"] == "delivered"
    assert deliver_due(configured) == 0
    told = serving.get(f"/api/v1/deliveries/{dead}").json()
    assert [attempt["code"] for attempt in told["attempts"]] == [0, 500, 204]
    assert "Send once more" in look(serving, f"/webhooks/desk?delivery={dead}").text


def test_all_that_rests_of_one_webhook_is_sent_again_and_it_is_enabled(serving, configured, database, receiver, dead):
    with database.write() as transaction:
        deliveries.disable_webhook(transaction.connection, "desk", "answer 410", NOW)
    answer = serving.client.post(serving.url + "/webhooks/desk/retry")
    assert (answer.status_code, answer.headers["location"]) == (303, "/webhooks/desk?retried=1")
    assert "1 delivery is due again" in look(serving, answer.headers["location"]).text
    assert deliver_due(configured) == 1
    assert actions(look(serving, "/webhooks")) == ["/webhooks/desk/test"]
    again = serving.client.post(serving.url + "/api/v1/webhooks/desk/retry", json={"states": ["dead"]})
    assert again.json() == {"webhook": "desk", "deliveries": 0}
    assert serving.client.post(serving.url + "/api/v1/webhooks/far/retry").status_code == 404


def test_an_alert_is_told_again_to_whom_it_is_for(serving, configured, receiver, dead):
    told = serving.client.post(serving.url + "/api/v1/alerts/alert-0/replay").json()
    assert told == {"alert": "alert-0", "webhooks": ["desk"]}
    assert deliver_due(configured) == 1
    answer = serving.client.post(serving.url + "/alerts/alert-0/replay", data={"webhook": "desk"})
    assert answer.headers["location"] == f"/webhooks/desk?delivery={dead}"
    assert deliver_due(configured) == 1
    assert len(receiver.came) == 2
    for order, status in (({"webhook": "far"}, 404), ({"webhok": "desk"}, 422)):
        wrong = serving.client.post(serving.url + "/api/v1/alerts/alert-0/replay", json=order)
        assert wrong.status_code == status
    assert serving.client.post(serving.url + "/api/v1/alerts/none/replay").status_code == 404


def test_alerts_and_deliveries_are_listed_page_by_page(serving, configured, report):
    for number in range(5):
        report(f"Meeting {number}", minutes_ago=number + 1)
    whole = serving.get("/api/v1/alerts").json()["alerts"]
    assert [one["id"] for one in whole] == [f"alert-{n}" for n in range(5)]
    assert whole[0]["alert"]["data"]["items"][0]["title"] == "Meeting 0"
    assert whole[0]["deliveries"] == {"pending": 1}
    for resource in ("alerts", "deliveries"):
        seen, cursor = [], ""
        while cursor is not None:
            part = serving.get(f"/api/v1/{resource}?limit=2&cursor={cursor}").json()
            seen += [one["id"] for one in part[resource]]
            cursor = part["next"]
        assert len(seen) == len(set(seen)) == 5
    since = (NOW - timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for query, count in (
        ("?type=seedwire.alert.opened", 5), ("?type=seedwire.feed.failing", 0), ("?story=story-3", 1),
        (f"?since={since}", 2), ("?type=seedwire.alert.opened&type=seedwire.alert.updated&limit=3", 3),
    ):  # fmt: skip
        assert len(serving.get(f"/api/v1/alerts{query}").json()["alerts"]) == count, query
    for query, count in (
        ("?state=pending", 5), ("?state=dead", 0), ("?webhook=desk&limit=2", 2), ("?webhook=far", 0),
        ("?alert=alert-2", 1), ("?story=story-3&webhook=desk", 1), (f"?since={since}", 2),
    ):  # fmt: skip
        assert len(serving.get(f"/api/v1/deliveries{query}").json()["deliveries"]) == count, query
    whole = serving.get("/api/v1/alerts/alert-2").json()
    assert [report["title"] for report in whole["reports"]] == ["Meeting 2"]
    assert [delivery["story"] for delivery in whole["deliveries"]] == ["story-2"]
    for path in ("/api/v1/alerts/none", "/api/v1/deliveries/none"):
        assert serving.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/alerts?type=nothing", "/api/v1/alerts?since=yesterday",
        "/api/v1/alerts?since=0001-01-01T00:00:00%2B10:00",
        "/api/v1/deliveries?state=lost", "/api/v1/deliveries?webhook=%00", "/api/v1/deliveries?alert=%00",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_named(serving, path):
    assert serving.get(path).status_code == 422


def test_more_deliveries_than_a_page_shows_are_a_link_away(serving, configured, report):
    for number in range(22):
        report(f"Meeting {number}", minutes_ago=number + 1)
    page = look(serving, "/webhooks/desk")
    (older,) = [attrs["href"] for tag, attrs in page.elements if tag == "a" and "cursor=" in (attrs.get("href") or "")]
    rest = look(serving, older)
    assert "Meeting 21" in rest.text
    assert "Meeting 19" not in rest.text

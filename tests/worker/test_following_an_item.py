"""One item is followed from its feed to the webhook: through the log of all parts, and in one trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from collector import Collector
from loopback import SECRET, Article, Newspaper, Receiver
from running import SEEDWIRE, Up, wait_for

from worker import tracing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEETING = Article(
    "Kenyan president meets Ethiopian prime minister in Nairobi",
    "President William Ruto of Kenya met Ethiopian Prime Minister Abiy Ahmed in Nairobi on Monday. The two leaders "
    "discussed trade and security along their border, the president's office said.",
    datetime.now(UTC) - timedelta(minutes=2),
)
AGAIN = Article(
    "Kenyan president and Ethiopian prime minister hold talks, agree to raise trade to $2 billion",
    "President William Ruto of Kenya met Ethiopian Prime Minister Abiy Ahmed in Nairobi on Monday. The two leaders "
    "agreed to raise trade between Kenya and Ethiopia to $2 billion, the president's office said.",
    datetime.now(UTC) - timedelta(minutes=1),
)
WEATHER = Article("Rain expected over the weekend", "Forecasters expect showers in the north of the country.")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        yield server


@pytest.fixture
def up(
    tmp_path: Path, newspaper: Newspaper, receiver: Receiver, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Up]:
    """The service in all its processes, told by the standard variables where traces go."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    receiver.decide = lambda number: 500 if number == 1 else 200
    extra = (
        f'[[feeds]]\nurl = "{newspaper.feed("/paper?key=hunter2")}"\nallow_private = true\nfirst_poll = "alert"\n'
        f'[[webhooks]]\nname = "desk"\nurl = "{receiver.url}/?key=hunter2"\nsecret = "{SECRET}"\nupdates = true\n'
        'allow_private = true\nretry_schedule = ["1s", "1s"]\n'
    )
    with Up(tmp_path, extra=extra, service='log_format = "json"') as service:
        wait_for(service.ready, "the service")
        yield service


def lines(log: Path, item: str) -> list[dict[str, object]]:
    """What ``grep ITEM_ID`` finds."""
    whole = log.read_text().rpartition("\n")[0]  # the last line may be half written
    return [json.loads(line) for line in whole.splitlines() if item in line]


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Up reads /proc")
def test_one_item_is_followed_from_feed_to_webhook(
    up: Up, newspaper: Newspaper, receiver: Receiver, collector: Collector
) -> None:
    newspaper.publish("/paper?key=hunter2", MEETING, WEATHER)
    wait_for(lambda: receiver.taken, "the alert")
    (opened,) = receiver.taken
    (item,) = [one["id"] for one in opened.event["data"]["items"]]
    alert, story = opened.event["id"], opened.event["subject"]
    wait_for(lambda: len(lines(up.log, item)) >= 6, "the log")
    trail = lines(up.log, item)
    # Several processes write it; the courier is often quicker than the classifier says that it told.
    parts = {
        "new items": "poller", "story opened": "classifier", "alert made": "classifier", "item reports": "classifier",
        "delivery failed, to be tried again": "courier", "delivered": "courier",
    }  # fmt: skip
    assert {line["event"]: line["part"] for line in trail} == parts
    assert len(trail) == len(parts)
    poll, story_opened, made, reports, failed, delivered = sorted(
        trail, key=lambda line: list(parts).index(line["event"])
    )
    assert {line["task"] for line in trail} == {"poll", "classify", "deliver"}
    assert all(line["task_id"] and line["timestamp"] for line in trail)
    assert (poll["feed_id"], poll["items"], item in poll["ids"]) == (reports["feed_id"], 2, True)
    assert (reports["outcome"], story_opened["story"]) == ("alerted", story)
    assert (made["alert"], made["story"], made["items"]) == (alert, story, [item])
    assert [(line["alert"], line["webhook"], line["attempt"]) for line in (failed, delivered)] == [
        (alert, "desk", 1), (alert, "desk", 2),
    ]  # fmt: skip
    assert {line["delivery"] for line in (failed, delivered)} == set(made["deliveries"].values())

    wait_for(lambda: len([s for s in collector.spans if s.trace == item]) >= 5, "the trace")
    spans = [span for span in collector.spans if span.trace == item]
    root, classify, told, first, second = sorted(
        spans,
        key=lambda s: (["poll", "classify", "alert", "deliver"].index(s.name), s.attributes.get("seedwire.attempt", 0)),
    )
    assert (root.parent, classify.parent, told.parent) == ("", root.id, classify.id)
    assert first.parent == second.parent == told.id
    assert (root.kind, classify.kind, told.kind, first.kind) == (3, 1, 1, 3)
    assert [span.is_error for span in (root, classify, told, first, second)] == [False, False, False, True, False]
    assert first.attributes["http.response.status_code"] == 500
    assert second.attributes["seedwire.webhook"] == "desk"
    assert classify.attributes["seedwire.outcome"] == "alerted"
    assert told.attributes["seedwire.alert"] == alert
    assert all(0 <= span.seconds < 30 for span in spans)
    assert {span.service for span in spans} == {"seedwire"}

    # Another report of the event: its own trace, linked to the first one's.
    newspaper.publish("/paper?key=hunter2", AGAIN)
    wait_for(lambda: len(receiver.taken) == 2, "the update")
    second_item = receiver.taken[1].event["data"]["items"][-1]["id"]
    wait_for(lambda: any(s.trace == second_item and s.name == "deliver" for s in collector.spans), "its trace")
    (update,) = [span for span in collector.named("deliver") if span.trace == second_item]
    assert update.links == ((item, classify.id),)

    # What a person asks for has an id too, and a trace of its own.
    with urllib.request.urlopen(f"http://127.0.0.1:{up.port}/api/v1/stories") as answer:
        request = answer.headers["x-request-id"]
    wait_for(lambda: any(span.trace == request for span in collector.spans), "the request's trace")
    (asked,) = [span for span in collector.spans if span.trace == request]
    assert (asked.name, asked.attributes["http.response.status_code"]) == ("GET /api/v1/stories", 200)
    assert up.stop() == 0
    assert not any(word in body for body in collector.bodies for word in (b"hunter2", SECRET.encode()))


def test_a_pass_from_cron_exports_before_it_ends(
    tmp_path: Path, newspaper: Newspaper, receiver: Receiver, collector: Collector
) -> None:
    config = tmp_path / "seedwire.toml"
    config.write_text(
        f'[service]\nlog_format = "json"\n[[feeds]]\nurl = "{newspaper.feed("/paper")}"\nallow_private = true\n'
        f'first_poll = "alert"\n[[webhooks]]\nname = "desk"\nurl = "{receiver.url}"\nsecret = "{SECRET}"\n'
        "allow_private = true\n"
    )
    newspaper.publish("/paper", MEETING)
    env = os.environ | {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    env["OTEL_BSP_SCHEDULE_DELAY"] = "100"  # most is exported on the way: the end does not wait for long
    command = [*SEEDWIRE, "poll", "--config", str(config)]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
    assert sorted(span.name for span in collector.spans) == ["alert", "classify", "deliver", "poll"]
    (item,) = {span.trace for span in collector.spans}
    trail = [json.loads(line) for line in ran.stderr.splitlines() if item in line]
    assert {line["task"] for line in trail} == {"pass"}
    assert len({line["task_id"] for line in trail}) == 1


def test_a_collector_that_is_away_holds_nothing_up(tmp_path: Path, newspaper: Newspaper, receiver: Receiver) -> None:
    config = tmp_path / "seedwire.toml"
    config.write_text(f'[[feeds]]\nurl = "{newspaper.feed("/paper")}"\nallow_private = true\nfirst_poll = "alert"\n')
    newspaper.publish("/paper", MEETING)
    env = os.environ | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    started = datetime.now(UTC)
    subprocess.run([*SEEDWIRE, "poll", "--config", str(config)], env=env, capture_output=True, timeout=60, check=True)
    assert datetime.now(UTC) - started < timedelta(seconds=50)


@pytest.mark.parametrize(
    ("environ", "on"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, False),
    ],
)
def test_the_standard_variables_turn_traces_on(environ: dict[str, str], on: bool) -> None:
    assert tracing._is_asked_for(environ) is on


def test_nothing_is_loaded_while_nobody_asks() -> None:
    program = (
        "import sys, worker.tasks, worker.steps.whole_pass; from worker import tracing; "
        "tracing.record('poll', 'x', began=0.0); tracing.close(); "
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    subprocess.run([sys.executable, "-c", program], env=env, timeout=60, check=True)


def test_without_the_extra_it_is_said_and_work_goes_on() -> None:
    program = (
        "import sys; sys.modules['opentelemetry.sdk'] = None; from worker import tracing; "
        "tracing.record('poll', 'x', began=0.0); tracing.record('poll', 'x', began=0.0); assert not tracing.is_on()"
    )
    env = os.environ | {"OTEL_TRACES_EXPORTER": "otlp"}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60, check=True
    )
    assert (ran.stdout + ran.stderr).count("seedwire[telemetry]") == 1


def test_variables_that_do_not_go_together_are_said_and_work_goes_on() -> None:
    program = (
        "from worker import tracing; "
        "tracing.record('poll', 'x', began=0.0); tracing.record('poll', 'x', began=0.0); assert not tracing.is_on()"
    )
    env = os.environ | {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "9999"}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60, check=True
    )
    assert (ran.stdout + ran.stderr).count("as the OTEL_ variables say") == 1

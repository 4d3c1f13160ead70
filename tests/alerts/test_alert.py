"""The bodies that webhooks are sent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from sample_reports import NOON, PUTIN, SHARIF, passage, report, seed_table

from alerts.alert import LARGEST_BODY, Alert
from alerts.matching import decide
from alerts.service_alerts import (
    build_feed_failing,
    build_feed_recovered,
    build_webhook_disabled,
    build_webhook_test,
)
from alerts.story_alerts import build_opened, build_updated
from classifiers.event import Amount, Evidence, Person

if TYPE_CHECKING:
    from alerts.story import Report

SOURCE = "https://seedwire.example"
NOW = datetime(2026, 11, 20, 12, 0, 5, 250_000, UTC)


def body(alert: Alert) -> dict[str, Any]:
    read = json.loads(alert.body)
    assert isinstance(read, dict)
    return read


def opened(*reports: Report) -> Alert:
    story = decide(reports[0], ()).story
    for further in reports[1:]:
        story = decide(further, [story]).story
    return build_opened(story, reports, NOW, SOURCE)


def test_the_envelope_is_a_cloudevent_whose_id_is_the_webhook_id() -> None:
    alert = opened(seed_table()["001"])
    envelope = body(alert)
    data = envelope.pop("data")
    assert envelope == {
        "specversion": "1.0",
        "id": alert.id,
        "source": SOURCE,
        "type": "seedwire.alert.opened",
        "time": "2026-11-20T12:00:05.250Z",
        "subject": alert.story_id,
        "datacontenttype": "application/json",
    }
    assert list(data) == ["story", "event", "evidence", "items"]


def test_the_event_is_told_field_by_field() -> None:
    said = seed_table()["001"]
    data = body(opened(said))["data"]
    assert data["event"] == {
        "type": "bilateral_meeting",
        "score": 0.9,
        "status": "held",
        "countries": ["PK", "RU"],
        "people": [
            {"name": "Shehbaz Sharif", "role": "prime minister", "country": "PK"},
            {"name": "Vladimir Putin", "role": "president", "country": "RU"},
        ],
        "organizations": [],
        "place": {"name": "Astana", "country": "KZ"},
        "occasion": "SCO Council of Heads of State meeting",
        "date": "2024-07-03",
        "topics": [],
        "commodities": ["oil"],
        "amounts": [{"text": "$1 billion", "value": 1e9, "unit": "USD", "about": "trade"}],
        "plover": None,
    }
    assert data["story"]["items"] == 1
    assert data["story"]["outlets"] == 1
    assert data["items"] == [
        {
            "id": "001",
            "url": "https://b.example/001",
            "title": "Prime Minister meets Russian President in Astana",
            "published": "2024-07-03T12:00:00.000Z",
            "language": "en",
            "feed": {"id": "feed-b.example", "title": "b.example", "url": "https://b.example/rss"},
        }
    ]


def test_evidence_names_its_item_and_the_first_of_each_report_comes_first() -> None:
    met = Evidence("A met B on Tuesday.", 0, 19, 0.6, ("LEADER met LEADER", "on WEEKDAY"), "title")
    along = Evidence("C came along.", 20, 33, 0.9)
    shorter = Evidence("A meets B.", 0, 10, 0.8)
    one, other = report("x", evidence=(met, along)), report("y", outlet="other.example", evidence=(shorter,))
    data = body(opened(one, other))["data"]
    assert [e["text"] for e in data["evidence"]] == [shorter.text, met.text, along.text]
    assert [e["item"] for e in data["evidence"]] == ["y", "x", "x"]
    assert data["evidence"][1]["source"] == "title"


def test_the_same_sentence_in_two_papers_is_evidence_once() -> None:
    one = report("x", evidence=(Evidence("They met.", 0, 9, 0.8),), countries=("PK", "RU"))
    other = replace(one, item_id="y", outlet="other.example", event=one.event)
    assert len(body(opened(one, other))["data"]["evidence"]) == 1


def test_a_page_with_two_reports_of_one_event_is_one_item() -> None:
    one = report("x", countries=("PK", "RU"), people=(SHARIF, PUTIN))
    data = body(opened(one, replace(one, index=1)))["data"]
    assert (data["story"]["items"], len(data["items"])) == (1, 1)


def test_an_id_is_derived_from_its_cause() -> None:
    table = seed_table()
    first = decide(table["000"], ())
    second = decide(table["001"], [first.story])
    third = decide(table["002a"], [second.story])
    later = NOW + timedelta(hours=1)
    assert build_opened(first.story, [], NOW, SOURCE).id == build_opened(second.story, [], later, SOURCE).id
    ids = {
        build_opened(first.story, [], NOW, SOURCE).id,
        build_updated(second.story, [], second.changes, NOW, SOURCE).id,
        build_updated(third.story, [], third.changes, NOW, SOURCE).id,
    }
    assert len(ids) == 3
    assert all(i.startswith("msg_") and "." not in i for i in ids)


def test_an_update_says_what_changed() -> None:
    table = seed_table()
    decision = decide(table["001"], [decide(table["000"], ()).story])
    alert = build_updated(decision.story, [table["000"], table["001"]], decision.changes, NOW, SOURCE)
    read = body(alert)
    assert read["type"] == "seedwire.alert.updated"
    assert read["data"]["changes"] == ["outlet b.example"]
    assert read["data"]["story"]["items"] == 2


def test_a_body_stays_small_and_says_what_it_left_out() -> None:
    reports = [
        report(f"item-{n}", outlet=f"{n}.example", title="Long headline " * 40, countries=("PK", "RU"),
               evidence=(replace(passage(0, 900), text=f"{n} " + "é" * 900),))
        for n in range(60)
    ]  # fmt: skip
    alert = opened(*reports)
    data = body(alert)["data"]
    assert len(alert.body) <= LARGEST_BODY
    assert data["items"]
    assert data["evidence"]
    assert len(data["items"]) + data["omitted"]["items"] == 60
    assert len(data["evidence"]) + data["omitted"]["evidence"] == 60
    assert data["story"]["items"] == 60


texts = st.text(max_size=3000) | st.builds(lambda c, n: c * n, st.characters(), st.integers(0, 3000))


@given(title=texts, name=texts, role=texts, passage_text=texts, figure=texts, many=st.integers(0, 60))
def test_no_item_makes_a_body_that_is_too_long_or_no_json(
    title: str, name: str, role: str, passage_text: str, figure: str, many: int
) -> None:
    said = report(
        "x", title=title, people=(Person(name, role),) * many, amounts=(Amount(figure, about=figure),) * many,
        evidence=(Evidence(passage_text, 5, 5 + len(passage_text), 0.5, (figure,) * many),) * many,
        date=date(2026, 1, 1), topics=(name,) * many, occasion=role,
    )  # fmt: skip
    alert = opened(said)
    assert len(alert.body) <= LARGEST_BODY
    for shown in body(alert)["data"]["evidence"]:
        assert shown["end"] - shown["start"] == len(shown["text"])
        assert passage_text.startswith(shown["text"])


def test_alerts_about_the_service_have_the_same_envelope() -> None:
    failing = build_feed_failing(
        "f1", "Paper", "https://paper.example/rss", problem="timeout", detail="no answer in 20 s", failures=5,
        since=NOON, source=SOURCE,
    )  # fmt: skip
    recovered = build_feed_recovered("f1", "Paper", "https://paper.example/rss", NOW, SOURCE)
    tested = build_webhook_test("desk", NOW, SOURCE)
    assert [body(a)["type"] for a in (failing, recovered, tested)] == [
        "seedwire.feed.failing", "seedwire.feed.recovered", "seedwire.webhook.test",
    ]  # fmt: skip
    assert body(failing)["data"] == {
        "feed": {"id": "f1", "title": "Paper", "url": "https://paper.example/rss"},
        "problem": "timeout", "detail": "no answer in 20 s", "failures": 5,
    }  # fmt: skip
    assert not failing.story_id
    disabled = build_webhook_disabled("the desk", "answer 410: the receiver wants no more", NOW, SOURCE)
    assert body(disabled) | {"id": ""} == {
        "specversion": "1.0", "id": "", "source": SOURCE, "type": "seedwire.webhook.disabled",
        "time": "2026-11-20T12:00:05.250Z", "subject": "the desk", "datacontenttype": "application/json",
        "data": {
            "webhook": {"name": "the desk"}, "reason": "answer 410: the receiver wants no more",
            "command": "seedwire deliveries retry --disabled --webhook 'the desk'",
        },
    }  # fmt: skip


def test_an_update_shows_first_what_the_newest_report_says_of_it() -> None:
    first = Evidence("They will meet on Tuesday.", 0, 26, 0.99, ())
    newest = Evidence("The talks are off.", 0, 18, 0.6, ())
    planned = report("a", countries=("PK", "RU"), evidence=(first,), status="planned")
    off = report(
        "b", countries=("PK", "RU"), evidence=(newest,), status="cancelled", published=NOON + timedelta(hours=1)
    )
    story = decide(planned, ()).story
    story = replace(story, event=replace(story.event, status="cancelled"), reports=(("a", 0), ("b", 0)))
    told = body(build_updated(story, [planned, off], ["status planned->cancelled"], NOW, SOURCE))["data"]
    assert [e["text"] for e in told["evidence"]] == ["The talks are off.", "They will meet on Tuesday."]
    assert told["changes"] == ["status planned->cancelled"]


def test_a_story_of_many_reports_shows_the_first_and_the_newest() -> None:
    many = [report(f"i{n}", title=f"Report {n}", outlet=f"o{n}.com") for n in range(40)]
    story = replace(decide(many[0], ()).story, reports=tuple((r.item_id, 0) for r in many))
    told = body(build_updated(story, many, ["outlet o39.com"], NOW, SOURCE))["data"]
    assert [i["id"] for i in told["items"]] == ["i0", *(f"i{n}" for n in range(21, 40))]
    assert told["omitted"]["items"] == 20


def test_the_longest_names_leave_room_for_an_item_and_a_proof() -> None:
    name = "\N{CJK UNIFIED IDEOGRAPH-20000}" * 3000
    said = report(
        "x", title=name, people=tuple(Person(f"{n}{name}", name) for n in range(60)), occasion=name,
        amounts=tuple(Amount(f"{n}{name}", about=name) for n in range(60)),
        evidence=(Evidence(name, 0, len(name), 0.5, (name,) * 60),),
    )  # fmt: skip
    alert = opened(said)
    data = body(alert)["data"]
    assert len(alert.body) <= LARGEST_BODY
    assert data["event"]["people"]
    assert data["items"]
    assert data["evidence"]

"""What people are told of each kind of alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sample_reports import ASTANA, MEETING, PUTIN, SHARIF, report

from alerts.alert import make
from alerts.digest import Entry, build_digest
from alerts.markup import Markdown, Plain, render
from alerts.matching import decide
from alerts.message import message_of
from alerts.pacing import News
from alerts.service_alerts import (
    build_feed_failing,
    build_feed_recovered,
    build_webhook_disabled,
    build_webhook_test,
)
from alerts.story_alerts import build_opened, build_updated
from classifiers.event import Amount, Evidence
from classifiers.gazetteer import country_name

if TYPE_CHECKING:
    from alerts.alert import Alert
    from alerts.story import Report

NOW = datetime(2026, 11, 20, 12, 0, 5, tzinfo=UTC)
SOURCE = "urn:seedwire"
PROOF = "The two leaders met on the sidelines of the summit."


def meeting(item: str = "1", outlet: str = "paper.example", **said: Any) -> Report:
    facts: dict[str, Any] = {
        "title": "Sharif meets Putin in Astana",
        "status": "held",
        "countries": ("PK", "RU"),
        "people": (SHARIF, PUTIN),
        "place": ASTANA,
        "occasion": "SCO summit",
        "date": date(2024, 7, 3),
        "topics": ("trade",),
        "commodities": ("oil",),
        "amounts": (Amount("$1 billion", 1e9, "USD", "bilateral trade"),),
        "evidence": (Evidence(PROOF, 0, len(PROOF), 0.9, ("LEADER met LEADER",)),),
    }
    return report(item, outlet=outlet, kind=MEETING, **(facts | said))


def plain(alert: Alert) -> str:
    return render(message_of(alert, country_name), Plain(), titled=False)


def opened(*reports: Report) -> Alert:
    story = decide(reports[0], ()).story
    return build_opened(replace(story, outlets=tuple(r.outlet for r in reports)), reports, NOW, SOURCE)


def test_a_story_is_told_with_who_where_when_how_much_the_proof_and_every_outlets_link() -> None:
    other = meeting("2", "dawn.example", title="PM, Putin discuss trade")
    assert plain(opened(meeting(), other)) == (
        "Sharif meets Putin in Astana\n"
        "\n"
        "Bilateral meeting · held · Pakistan, Russia\n"
        "Who: Shehbaz Sharif (prime minister, Pakistan), Vladimir Putin (president, Russia)\n"
        "Where: Astana, Kazakhstan · SCO summit\n"
        "When: 3 July 2024\n"
        "Amounts: $1 billion (bilateral trade)\n"
        "About: oil, trade\n"
        "Reported by: 2 outlets, 2 reports\n"
        "\n"
        f"“{PROOF}”\n"
        "\n"
        "paper.\u200bexample\nhttps://paper.example/1\n"
        "dawn.\u200bexample: PM, Putin discuss trade\nhttps://dawn.example/2"
    )


def test_what_a_text_does_not_tell_takes_no_line() -> None:
    bare = report("1", title="", countries=("PK", "RU"))
    assert plain(opened(bare)) == (
        "Bilateral meeting: Pakistan, Russia\n\n"
        "Bilateral meeting · Pakistan, Russia\nReported by: 1 outlet, 1 report\n\n"
        "paper.\u200bexample\nhttps://paper.example/1"
    )


def test_a_headline_that_is_its_own_proof_is_told_once() -> None:
    title = "Sharif meets Putin in Astana"
    told = plain(opened(meeting(evidence=(Evidence(title, 0, len(title), 0.9, (), source="title"),))))
    assert told.count(title) == 1


def test_an_update_says_first_what_changed_under_the_newest_headline() -> None:
    first, newest = meeting(status="planned"), meeting("2", "dawn.example", title="They met")
    story = decide(first, ()).story
    alert = build_updated(story, [first, newest], ["status planned->held", "outlet dawn.example"], NOW, SOURCE)
    lines = plain(alert).splitlines()
    assert lines[0] == "Update: They met"
    assert lines[2] == "Changed: status planned → held; outlet dawn.\u200bexample"
    assert [line for line in lines if "://" in line] == ["https://dawn.example/2", "https://paper.example/1"]


def test_many_reports_are_counted_and_five_are_linked() -> None:
    reports = [meeting(str(n), f"paper{n}.example") for n in range(9)]
    told = plain(opened(*reports))
    assert told.count("https://") == 5
    assert told.endswith("\nand 4 more")


def test_a_digest_lists_its_stories() -> None:
    entries = [
        Entry(News(str(n), n == 0, () if n == 0 else ("status planned->held",), NOW - timedelta(minutes=n)), story, one)
        for n, one in enumerate([meeting("0"), meeting("1", title="They met")])
        for story in [decide(one, ()).story]
    ]
    alert = build_digest("desk", entries, ["x"] * 30, NOW, SOURCE)
    assert render(message_of(alert, country_name), Markdown(), titled=False) == (
        "**32 alerts about 32 stories**\n\n"
        "[Sharif meets Putin in Astana (Bilateral meeting · held · Pakistan, Russia · 1 outlet · new)]"
        "(https://paper.example/0)\n"
        "[They met (Bilateral meeting · held · Pakistan, Russia · 1 outlet · status planned → held)]"
        "(https://paper.example/1)\n"
        "and 30 more"
    )


def test_messages_about_the_service() -> None:
    failing = build_feed_failing(
        "f", "Paper", "https://paper.example/rss", problem="timeout", detail="not over within 20 s", failures=3,
        since=NOW, source=SOURCE,
    )  # fmt: skip
    assert plain(failing) == (
        "Feed failing: Paper\n\nProblem: not over within 20 s\nFailed: 3 polls in a row\n\n"
        "Paper\nhttps://paper.example/rss"
    )
    assert message_of(failing).mood == "trouble"
    recovered = build_feed_recovered("f", "", "https://paper.example/rss", NOW, SOURCE)
    assert message_of(recovered).mood == "relief"
    assert plain(recovered).endswith("\nhttps://paper.example/rss")
    disabled = plain(build_webhook_disabled("desk", "failed for 5 days", NOW, SOURCE))
    assert disabled.startswith("Webhook disabled: desk\n\nWhy: failed for 5 days\nEnable: seedwire deliveries retry")
    test = build_webhook_test("desk", NOW, SOURCE)
    assert plain(test) == "Seedwire: a test\n\nMessages of this webhook arrive here."
    reasons = [{"reason": "stalled", "detail": "nothing was polled for 10 minutes", "since": "…"}]
    degraded = make("i", "seedwire.service.degraded", "service", {"reasons": reasons}, NOW, SOURCE)
    assert plain(degraded) == "Seedwire is degraded\n\nnothing was polled for 10 minutes"
    well = make("i", "seedwire.service.recovered", "service", {"reasons": reasons}, NOW, SOURCE)
    assert plain(well) == "Seedwire works again\n\nOver: nothing was polled for 10 minutes"


def test_a_kind_of_alert_nobody_has_thought_of_is_told_by_its_name() -> None:
    assert plain(make("i", "seedwire.new.thing", "x", {"a": 1}, NOW, SOURCE)) == "seedwire.\u200bnew.\u200bthing"

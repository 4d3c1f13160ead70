"""Stories arrive at API clients and open pages as they open and change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from listening import Listener
from web_service import MEETING, NOW

from store import stories, story_edits
from store.views.changes import last_revision

STREAM, PAGE = "/api/v1/stream", "/live"
DEAL = replace(MEETING, type="energy_deal", status="signed")


@pytest.fixture
def listen(serving):
    def open_stream(path: str = STREAM, after: int | None = None, **headers: str) -> Listener:
        if after is not None:
            headers["last-event-id"] = str(after)
        return Listener(serving.url + path, **headers)

    return open_stream


def merge(database, story: str, into: str) -> None:
    with database.write() as transaction:
        stories.begin_matching(transaction.connection)
        story_edits.merge(transaction.connection, story, into, NOW)


def test_a_story_is_told_when_it_opens_and_when_it_grows(listen, report, serving):
    report("There before anybody listened")
    with listen() as stream:
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        assert stream.missed == []
        story = report("Berg and Otieno talk harbour")
        opened = stream.next()
        assert (opened.name, opened.json["change"]) == ("story", "opened")
        assert opened.json["items"][0]["title"] == "Berg and Otieno talk harbour"
        report("More on the harbour", story_id=story)
        grown = stream.next()
        assert (grown.name, grown.json["change"], len(grown.json["items"])) == ("story", "changed", 2)
        assert grown.number > opened.number
    listed = serving.get("/api/v1/stories?limit=1").json()["stories"][0]
    assert {name: grown.json[name] for name in listed} == listed


def test_whoever_resumes_misses_nothing_and_hears_nothing_twice(listen, report):
    with listen() as stream:
        report("First")
        stream.next()
        last = stream.last
    titles = [f"While nobody listened {number}" for number in range(5)]
    for title in titles:
        report(title)
    with listen(after=last) as stream:
        assert [event.json["items"][0]["title"] for event in stream.missed] == titles
        assert {event.json["change"] for event in stream.missed} == {"opened"}
        report("Afterwards")
        assert stream.next().json["items"][0]["title"] == "Afterwards"
        last = stream.last
    with listen(after=last) as stream:
        assert stream.missed == []


def test_the_address_may_say_where_to_begin_and_the_header_goes_before_it(listen, report, database):
    for number in range(3):
        report(f"Story {number}")
    with listen(f"{STREAM}?after=1") as stream:
        assert len(stream.missed) == 2
    with listen(f"{STREAM}?after=1", after=2) as stream:
        assert len(stream.missed) == 1


def test_a_story_that_changed_often_meanwhile_is_told_once_as_it_is(listen, report, database):
    with listen() as stream:
        last = stream.last
    story = report("First report")
    report("Second report", story_id=story)
    with listen(after=last) as stream:
        [once] = stream.missed
        assert (once.json["change"], len(once.json["items"])) == ("opened", 2)


@pytest.mark.parametrize("far_off", [0, 10**9])
def test_who_was_away_for_too_long_or_knows_other_numbers_begins_anew(listen, report, monkeypatch, far_off):
    monkeypatch.setattr("web.live.hub.MOST_AT_ONCE", 3)
    for number in range(4):
        report(f"Story {number}")
    with listen(after=far_off) as stream:
        assert [event.name for event in stream.missed] == ["reset"]
        report("News")
        assert stream.next().json["items"][0]["title"] == "News"


def test_more_than_is_told_in_one_round_all_arrives(listen, report, monkeypatch, database):
    monkeypatch.setattr("web.live.hub.MOST_AT_ONCE", 2)
    with listen() as stream:
        with database.write():  # nothing is seen of it before all of it is there
            pass
        for number in range(7):
            report(f"Story {number}")
        told = [stream.next().json["items"][0]["title"] for _ in range(7)]
    assert told == [f"Story {number}" for number in range(7)]


def test_filters_are_those_of_the_list(listen, report, serving):
    with listen(f"{STREAM}?type=energy_deal") as deals, listen(f"{STREAM}?q=otieno") as otieno, listen() as all_of_them:
        report("A meeting")
        report("A deal", event=DEAL)
        assert deals.next().json["items"][0]["title"] == "A deal"
        assert [otieno.next().json["items"][0]["title"] for _ in range(2)] == ["A meeting", "A deal"]
        assert [all_of_them.next().json["items"][0]["title"] for _ in range(2)] == ["A meeting", "A deal"]


def test_a_story_that_the_filters_no_longer_admit_is_gone(listen, report):
    with listen(f"{STREAM}?status=held") as held, listen() as all_of_them:
        story = report("A meeting")
        assert held.next().name == "story"
        report("It was called off", event=replace(MEETING, status="cancelled"), story_id=story)
        gone = held.next()
        assert (gone.name, gone.json) == ("gone", {"id": story, "into": None})
        assert [all_of_them.next().json["event"]["status"] for _ in range(2)] == ["held", "cancelled"]


def test_a_story_that_went_into_another_is_gone(listen, report, database):
    one, other = report("One"), report("The same")
    with listen() as stream, listen(PAGE) as page:
        merge(database, other, one)
        for heard in (stream, page):
            told = {event.name: event for event in (heard.next(), heard.next())}
            assert told["gone"].json == {"id": other, "into": one}
            assert one in told["story"].data


def test_an_open_page_is_sent_the_cards_of_the_list(listen, report, serving):
    with listen(PAGE) as page:
        story = report('Headline <script>alert(1)</script>\r\ndata: {"id": 7}\n\nevent: reset')
        event = page.next("story")
    assert f'id="story-{story}"' in event.data
    assert "<script>" not in event.data
    assert page.last == event.number
    card = "\n".join(line for line in event.data.splitlines() if "<meter" in line)
    assert card in serving.get("/").text


def test_the_numbers_of_the_header_are_told_when_they_change(listen, report, monkeypatch):
    monkeypatch.setattr("web.live.hub.GLANCE_EVERY", 0.0)
    with listen(PAGE) as page:
        report("A story")
        while "<dt>stories, 24 h</dt><dd>1</dd>" not in page.next("glance").data:
            pass


def test_signs_of_life_carry_the_number_so_that_rare_news_is_resumed_where_it_was(
    listen, report, monkeypatch, database
):
    monkeypatch.setattr("web.live.hub.HEARTBEAT", 0.0)
    with listen(f"{STREAM}?type=energy_deal") as deals:
        report("A meeting")
        with database.read() as connection:
            newest = last_revision(connection)
        while deals.last != newest:
            next(deals._events)


@pytest.mark.parametrize("path", [STREAM, PAGE])
def test_no_more_streams_than_the_process_bears(listen, monkeypatch, path):
    monkeypatch.setattr("web.live.hub.MOST_STREAMS", 1)
    with listen(path) as one:
        assert one.answer.status_code == 200
        with listen(path) as other:
            assert other.answer.status_code == 503
            assert other.answer.headers["retry-after"]
            assert other.answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("wrong", ["after=-1", "after=x", "after=99999999999999999999", "country=Norway"])
def test_wrong_parameters_are_said(listen, wrong):
    with listen(f"{STREAM}?{wrong}") as stream:
        assert stream.answer.status_code == 422

"""Stories arrive at API clients and open pages as they open and change."""

from __future__ import annotations

import socket
import subprocess
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from listening import PATIENCE, Listener
from web_service import MEETING, NOW

from classifiers.event import Evidence
from store import stories, story_edits
from store.errors import DatabaseUnreachable
from store.views.changes import last_revision
from web.live.hub import Hub
from worker.app import app as celery
from worker.config import redis_client_url
from worker.hints import Hint
from worker.supervise.broker import embedded_broker
from worker.task_base import CeleryHints

if TYPE_CHECKING:
    from collections.abc import Callable

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
    monkeypatch.setattr("web.live.news.MOST_AT_ONCE", 3)
    for number in range(4):
        report(f"Story {number}")
    with listen(after=far_off) as stream:
        assert [event.name for event in stream.missed] == ["reset"]
        report("News")
        assert stream.next().json["items"][0]["title"] == "News"


def test_more_than_is_told_in_one_round_all_arrives(listen, report, monkeypatch, database):
    monkeypatch.setattr("web.live.news.MOST_AT_ONCE", 2)
    with listen() as stream:
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
            told = {}
            while not {"gone", "story"} <= told.keys():  # a page is sent the header's numbers too, now and then
                event = heard.next()
                told[event.name] = event
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


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture
def broker(tmp_path, monkeypatch):
    """A real broker that can be stopped and started; messages go to it."""
    made = embedded_broker(tmp_path)
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        running.append(subprocess.Popen(made.part().argv, stdout=subprocess.DEVNULL))
        wait_for(made.answers)

    def stop() -> None:
        for process in running:
            process.kill()
            process.wait()

    before = celery.conf.broker_url
    celery.conf.update(broker_url=made.url)
    start()
    yield made, start, stop
    stop()
    celery.conf.update(broker_url=before)


@pytest.mark.processes
def test_what_is_said_over_redis_is_told_at_once_also_after_the_broker_was_away(
    server, context, report, broker, monkeypatch
):
    monkeypatch.setattr("web.live.hub.LOOK_EVERY", 3600.0)
    monkeypatch.setattr("web.live.wire.AGAIN", 0.05)
    monkeypatch.setattr("worker.task_base.PATIENCE", PATIENCE)  # however long a message takes, the next is sent too
    made, start, stop = broker
    hub = Hub(lambda: context.database, redis_client_url(made.url))
    hints = CeleryHints()
    with Listener(server.serve(context, hub).url + STREAM) as stream:
        report("First")
        hints.send(Hint("stories"))
        assert stream.next().json["items"][0]["title"] == "First"
        stop()
        report("While the broker was away")
        hints.send(Hint("stories"))  # lost
        start()
        assert stream.next().json["items"][0]["title"] == "While the broker was away"
        report("Afterwards")
        hints.send(Hint("stories"))
        assert stream.next().json["items"][0]["title"] == "Afterwards"


def test_without_a_broker_the_database_is_asked(server, context, report, tmp_path):
    hub = Hub(lambda: context.database, f"unix://{tmp_path}/nothing.sock")
    with Listener(server.serve(context, hub).url + STREAM) as stream:
        report("Nobody said so")
        assert stream.next().json["items"][0]["title"] == "Nobody said so"


def test_nobody_is_asked_while_nobody_listens(server, context, report):
    hub = Hub(lambda: context.database)
    with Listener(server.serve(context, hub).url + STREAM):
        assert hub.streams == 1
        assert hub._work is not None
    wait_for(lambda: hub.streams == 0)
    assert hub._work is None


def test_who_does_not_read_is_let_go_and_resumes(server, context, report, monkeypatch):
    monkeypatch.setattr("web.live.hub.MOST_WAITING", 2)
    monkeypatch.setattr("web.live.hub.LOOK_EVERY", 0.01)
    monkeypatch.setattr("web.live.hub.PAUSE", 0.0)
    hub = Hub(lambda: context.database)
    url = server.serve(context, hub).url
    large = replace(MEETING, evidence=(Evidence("x" * 2_000_000, 0, 9, 0.9),))
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", int(url.rpartition(":")[2])))
        client.sendall(f"GET {STREAM} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        wait_for(lambda: hub.streams)
        [stream] = hub._all()
        story = report("Large", event=large)
        until = time.monotonic() + PATIENCE
        while not stream.ended:
            report("Larger", event=large, story_id=story)
            assert time.monotonic() < until
        end = b""
        while not end.endswith(b"\r\n0\r\n\r\n"):
            piece = client.recv(1 << 20)
            assert piece, "the stream did not end as it should"
            end = (end + piece)[-20:]
    wait_for(lambda: hub.streams == 0)


def test_who_takes_nothing_gives_its_place_up(server, context, report, monkeypatch):
    monkeypatch.setattr("web.live.hub.LOOK_EVERY", 0.01)
    monkeypatch.setattr("web.live.stream.PATIENCE", 0.2)
    hub = Hub(lambda: context.database)
    url = server.serve(context, hub).url
    large = replace(MEETING, evidence=(Evidence("x" * 2_000_000, 0, 9, 0.9),))
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", int(url.rpartition(":")[2])))
        client.sendall(f"GET {STREAM} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        wait_for(lambda: hub.streams)
        story = report("Large", event=large)
        for _ in range(5):
            report("Larger", event=large, story_id=story)
        wait_for(lambda: hub.streams == 0)  # while the connection stands


def test_a_process_that_stops_ends_its_streams(server, context):
    hub = Hub(lambda: context.database)
    with Listener(server.serve(context, hub).url + STREAM) as stream:
        hub.close()
        with pytest.raises(EOFError):
            stream.next()


@pytest.mark.parametrize("path", [STREAM, PAGE])
def test_who_comes_while_the_process_stops_is_told_to_come_again_soon(server, context, path):
    """Not refused: a browser would give up, and the page ask again after half a minute."""
    hub = Hub(lambda: context.database)
    hub.close()
    answer = httpx.get(server.serve(context, hub).url + path, timeout=PATIENCE)
    assert (answer.status_code, answer.text) == (200, "retry: 2000\n\n")


def test_a_database_that_is_away_for_a_while_ends_no_stream(server, context, report, monkeypatch):
    monkeypatch.setattr("web.live.hub.HEARTBEAT", 0.05)
    monkeypatch.setattr("web.credentials.FRESH", 0.0)
    hub = Hub(lambda: context.database)
    with Listener(server.serve(context, hub).url + STREAM) as stream:
        read, refused = context.database.read, []

        def away():
            refused.append(1)
            raise DatabaseUnreachable("away")

        monkeypatch.setattr(context.database, "read", away)
        wait_for(lambda: len(refused) > 5)
        monkeypatch.setattr(context.database, "read", read)
        report("Afterwards")
        assert stream.next().json["items"][0]["title"] == "Afterwards"

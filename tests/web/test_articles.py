"""Articles that other programs send: judged as the command line judges them, or watched like those of a feed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from web_service import tick

from store import stalls, tables
from store.views import glance
from worker.config.watch import Watcher
from worker.context import Context
from worker.steps import classify
from worker.steps.classify import classify_pending
from worker.steps.tick import tick as tick_step

MEETING = {
    "id": "m1",
    "title": "Kenyan President William Ruto meets Japanese Prime Minister Shigeru Ishiba",
    "text": "<p>NAIROBI: Kenyan President <b>William Ruto</b> met Japanese Prime Minister Shigeru Ishiba in Nairobi on "
    "Tuesday and discussed bilateral ties and trade.</p><script>alert(1)</script>",
    "url": "https://crawled.example/2026/03/04/ruto-meets-ishiba",
    "published": "2026-03-04T09:30:00Z",
}
WEATHER = {"id": "w", "title": "Rain in the north", "text": "It will rain in the north.", "language": "en"}
PUSHED = {"source": "Crawler", **MEETING}


def post(serving, path: str, body: object):
    return serving.client.post(serving.url + path, json=body)


def count(database, table) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


# --- classify ------------------------------------------------------------------------------------------------------


def test_texts_are_judged_as_the_command_line_judges_them_and_not_stored(serving, database):
    texts = [MEETING, WEATHER, {"title": ""}]
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    told = subprocess.run(
        (sys.executable, "-m", "worker.cli.main", "classify", "--jsonl", "-"),
        input=lines, capture_output=True, text=True, check=True,
    )  # fmt: skip
    expected = [json.loads(line) for line in told.stdout.splitlines()]
    assert post(serving, "/api/v1/classify", texts).json() == expected
    assert post(serving, "/api/v1/classify", MEETING).json() == expected[0]
    assert expected[0]["events"][0]["countries"] == ["KE", "JP"]
    assert count(database, tables.items) == 0


@pytest.mark.parametrize(
    "body", [[], "text", None, 7, [MEETING] * 101, {"title": 7}, {"titel": "x"}, {"text": "x" * 200_001}, [[]]]
)
def test_what_is_no_text_is_refused(serving, body):
    answer = post(serving, "/api/v1/classify", body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]


@pytest.mark.parametrize("path", ["/api/v1/classify", "/api/v1/items"])
def test_a_body_beyond_the_bound_is_refused_however_it_comes(serving, path):
    whole = serving.client.post(serving.url + path, content=b"x" * 8_000_001)
    chunks = serving.client.post(serving.url + path, content=(b"x" * 1_000_000 for _ in range(9)))
    for answer in (whole, chunks):
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("text", ["\0", "\ud800", "\u202e" * 50, "a\0b \ud83d"])
def test_odd_characters_do_no_harm(serving, text):
    body = json.dumps({"source": "Crawler", "id": text or "x", "title": text, "text": text})
    for path in ("/api/v1/classify", "/api/v1/items"):
        answer = serving.client.post(serving.url + path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code in {200, 422}


# --- push ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def newsroom(tmp_path, database_url, server):
    """A service with one webhook, on each database: what it works with, and what a client sees."""
    config = tmp_path / "seedwire.toml"
    config.write_text(
        f'[service]\ndata_dir = "{tmp_path}"\ndatabase_url = "{database_url}"\n'
        '[[webhooks]]\nname = "desk"\nurl = "https://desk.example/hook"\n'
        'secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"\n'
    )
    context = Context(Watcher(config, {}, settle=0))
    tick_step(context)
    yield context, server.serve(context)
    context.close()


def test_a_pushed_article_becomes_an_alert_once(newsroom):
    context, serving = newsroom
    first = post(serving, "/api/v1/items", PUSHED).json()["items"]
    assert [one["state"] for one in first] == ["new"]
    classify_pending(context)
    item = serving.get(f"/api/v1/items/{first[0]['id']}").json()
    assert item["outcome"] == "alerted"
    assert item["feed"]["title"] == "Crawler"
    assert "alert(1)" not in item["text"]
    assert "<" not in item["text"]
    assert count(context.database, tables.deliveries) == 1
    assert post(serving, "/api/v1/items", [PUSHED, PUSHED]).json()["items"] == [{**first[0], "state": "known"}] * 2
    assert classify_pending(context) == 0
    assert count(context.database, tables.deliveries) == 1
    assert count(context.database, tables.items) == 1


def test_an_edit_is_an_update_and_an_article_that_told_nothing_is_read_again(newsroom):
    context, serving = newsroom
    [first] = post(serving, "/api/v1/items", PUSHED | {"title": "To be written", "text": ""}).json()["items"]
    classify_pending(context)
    assert count(context.database, tables.deliveries) == 0
    [again] = post(serving, "/api/v1/items", PUSHED).json()["items"]
    assert again == {"id": first["id"], "state": "updated"}
    classify_pending(context)
    assert count(context.database, tables.deliveries) == 1


def test_an_edit_of_what_a_story_shows_reaches_list_etag_and_search_and_tells_nobody_again(newsroom):
    context, serving = newsroom
    [first] = post(serving, "/api/v1/items", PUSHED).json()["items"]
    classify_pending(context)
    before = serving.get("/api/v1/stories")
    unchanged = {"if-none-match": before.headers["etag"]}
    post(serving, "/api/v1/items", PUSHED | {"text": PUSHED["text"] + " More follows."})
    assert classify_pending(context) == 0
    assert serving.client.get(f"{serving.url}/api/v1/stories", headers=unchanged).status_code == 304
    title = "CORRECTED: Ruto meets Ishiba in Mombasa"
    post(serving, "/api/v1/items", PUSHED | {"title": title})
    assert classify_pending(context) == 0
    [story] = serving.client.get(f"{serving.url}/api/v1/stories", headers=unchanged).json()["stories"]
    assert [item["title"] for item in story["items"]] == [title]
    assert story["story"]["revision"] > before.json()["stories"][0]["story"]["revision"]
    assert serving.get("/api/v1/stories?q=corrected").json()["stories"] == [story]
    assert serving.get(f"/api/v1/items/{first['id']}").json()["outcome"] == "alerted"
    assert count(context.database, tables.deliveries) == 1
    with context.database.read() as connection:
        assert not connection.scalar(select(func.count()).where(tables.items.c.pending))


def test_a_correction_waits_for_the_classifier_and_both_are_done(newsroom, monkeypatch):
    context, serving = newsroom
    quiet = {**WEATHER, "source": "Crawler"}
    _, weather = post(serving, "/api/v1/items", [PUSHED, quiet]).json()["items"]
    written, decide = threading.Event(), classify.decide_one

    def slowly(*args):
        written.set()  # what reports nothing, before it
        time.sleep(0.5)
        return decide(*args)

    monkeypatch.setattr(classify, "decide_one", slowly)
    with ThreadPoolExecutor() as pool:
        decided = pool.submit(classify_pending, context)
        assert written.wait(20)
        answer = post(serving, f"/api/v1/items/{weather['id']}/correction", {"label": "energy_deal"})
        assert decided.result() == 2
    assert answer.status_code == 200, answer.text


def test_what_is_read_again_has_not_waited_since_it_was_first_seen(newsroom):
    context, serving = newsroom
    post(serving, "/api/v1/items", PUSHED)
    classify_pending(context)
    post(serving, "/api/v1/items", PUSHED | {"title": "CORRECTED: Ruto meets Ishiba"})
    with context.database.read() as connection:
        assert connection.scalar(select(func.count()).where(tables.items.c.pending)) == 1
        assert "classify" not in stalls.stalls(connection, context.now() + timedelta(days=9))


def test_identity_is_the_id_else_the_link_and_sources_do_not_meet(newsroom):
    _, serving = newsroom

    def push(**changed) -> tuple[str, str]:
        body = {name: value for name, value in (PUSHED | changed).items() if value is not None}
        [told] = post(serving, "/api/v1/items", body).json()["items"]
        return told["id"], told["state"]

    one, state = push()
    assert state == "new"
    assert push(url="https://crawled.example/moved") == (one, "updated")
    assert push(id="other")[1] == "new"
    assert push(source="Another")[1] == "new"
    linked, state = push(id=None)
    assert state == "new"
    assert push(id=None, url=MEETING["url"].replace("https", "http") + "?utm_source=x")[0] == linked
    assert push(id=None, url="https://crawled.example/other")[1] == "new"


def test_a_source_is_no_feed_that_anybody_polls_or_misses(newsroom):
    context, serving = newsroom
    post(serving, "/api/v1/items", PUSHED)
    classify_pending(context)
    tick_step(context)
    tick(context.database)
    with context.database.read() as connection:
        row = connection.execute(select(tables.feeds)).one()
        waits = stalls.stalls(connection, context.now())
        summary = glance.summary(connection, context.now())
    assert (row.pushed, row.active, row.name) == (True, False, "Crawler")
    assert row.polled is None
    assert "poll" not in waits
    assert (summary.feeds, summary.failing_feeds) == (0, 0)
    assert post(serving, "/api/v1/items", PUSHED).json()["items"][0]["state"] == "known"
    for path in ("/feeds", f"/feeds/{row.id}", "/metrics", "/api/v1/feeds"):
        assert serving.get(path).status_code == 200, path
    assert "Crawler" in serving.get("/feeds").text


def test_who_only_pushes_is_not_told_to_add_feeds(newsroom):
    context, serving = newsroom
    assert "No feeds yet" in serving.get("/").text
    post(serving, "/api/v1/items", {"source": "Crawler", **WEATHER})
    assert "1 of 1 items still wait to be read" in serving.get("/").text
    classify_pending(context)
    page = serving.get("/").text
    assert "none of them reports an event" in page
    assert "No feeds yet" not in page


@pytest.mark.parametrize(
    "body",
    [
        {"source": "Crawler", "title": "neither id nor url"},
        {**PUSHED, "source": ""},
        {**PUSHED, "source": "<script>"},
        {**PUSHED, "url": "javascript:alert(1)"},
        {**PUSHED, "url": "https://a.example/\u202e"},
        {**PUSHED, "unheard": 1},
        {**PUSHED, "text": "x" * 200_001},
        [],
        [PUSHED] * 101,
    ],
)
def test_what_is_no_article_is_refused_and_nothing_stored(serving, database, body):
    answer = post(serving, "/api/v1/items", body)
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert count(database, tables.items) == count(database, tables.feeds) == 0


def test_only_who_may_write_may_push_and_whoever_may_read_may_have_texts_judged(serving, make_token):
    reader = {"authorization": f"Bearer {make_token('read')}"}
    assert serving.client.post(f"{serving.url}/api/v1/items", json=PUSHED, headers=reader).status_code == 403
    assert serving.client.post(f"{serving.url}/api/v1/classify", json=WEATHER, headers=reader).status_code == 200
    for path in ("/api/v1/items/x/correction", "/items/x/correction"):
        answer = serving.client.post(serving.url + path, json={"label": "none"}, headers=reader)
        assert answer.status_code == 403

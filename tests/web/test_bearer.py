"""Tokens of the table, over real HTTP: their scopes, their end, and what wrong ones lead to."""

from __future__ import annotations

import base64
import re
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import Depends
from fastapi.routing import APIRoute
from sqlalchemy import select, update

from store import access, tables
from web import app, credentials, failures, health, metrics, websub
from web.access import may_write


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def basic(password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()}


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch):
    """What is valid is read anew for every request."""
    monkeypatch.setattr(credentials, "FRESH", -1.0)


@pytest.fixture
def writing(serving, application):
    """A route that changes something, as every such route is declared."""

    async def change() -> dict[str, str]:
        return {"done": "yes"}

    application.add_api_route("/api/v1/change", change, methods=["POST"], dependencies=[Depends(may_write)])
    return serving


def test_a_token_that_was_made_is_asked_for_and_opens(serving, make_token):
    assert serving.get("/").status_code == 200
    token = make_token()
    assert serving.get("/").status_code == 401
    assert serving.get("/", **bearer(token)).status_code == 200
    assert serving.get("/", **basic(token)).status_code == 200


def test_a_secret_scanner_knows_one_where_it_sees_it(make_token):
    assert re.fullmatch(r"swt_[A-Za-z0-9_-]{43}", make_token())


def test_tokens_of_the_config_and_of_the_table_open_side_by_side(serving, make_token):
    serving.token = "the-token-of-the-config"
    made = make_token()
    for token in (made, serving.token):
        assert serving.get("/api/v1/stories", **bearer(token)).status_code == 200


def test_a_token_to_read_changes_nothing_and_one_to_write_does(writing, make_token):
    url = f"{writing.url}/api/v1/change"
    assert writing.client.post(url).status_code == 200
    reader, writer = make_token("read"), make_token("write")
    refused = writing.client.post(url, headers=bearer(reader))
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    assert "the scope `write`; a read token has `read`" in refused.json()["detail"]
    assert writing.client.post(url, headers=bearer(writer)).status_code == 200
    assert writing.get("/api/v1/stories", **bearer(writer)).status_code == 200


#: What changes nothing, for all that it is a POST: the way in and out, the hubs' callback, and a question with a body.
NO_CHANGE = {"/login", "/logout", "/websub/{feed}", "/classify"}


def routes_of(router):
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from routes_of(route.original_router)  # one that it includes


def test_every_route_that_may_change_anything_asks_for_the_scope():
    found = {
        route.path: may_write in {one.call for one in route.dependant.dependencies}
        for module in (*app._API, *app._PAGES, health, metrics, websub)
        for route in routes_of(module.router)
        if route.methods - {"GET", "HEAD", "OPTIONS"}
    }
    assert set(found) >= NO_CHANGE
    assert {path for path, asks in found.items() if not asks} == NO_CHANGE


def test_a_revoked_token_opens_no_more_and_neither_does_nothing(serving, make_token, database):
    token = make_token(name="desk")
    assert serving.get("/", **bearer(token)).status_code == 200
    with database.write() as transaction:
        access.revoke_token(transaction.connection, "desk", datetime.now(UTC))
    refused = serving.get("/", **bearer(token))
    assert refused.status_code == 401
    assert refused.json()["detail"] == "This token is revoked."
    assert serving.get("/").status_code == 401


def test_a_revoked_token_ends_soon_in_a_process_that_did_not_revoke_it(serving, make_token, database, monkeypatch):
    monkeypatch.undo()
    token = make_token(name="desk")
    deadline = time.monotonic() + 20  # of which a busy machine takes most
    while serving.get("/nothing-here").status_code != 401:
        assert time.monotonic() < deadline
    assert serving.get("/nothing-here", **bearer(token)).status_code == 404
    with database.write() as transaction:
        access.revoke_token(transaction.connection, "desk", datetime.now(UTC))
    while serving.get("/nothing-here", **bearer(token)).status_code != 401:
        assert time.monotonic() < deadline


def test_an_expired_token_opens_no_more(serving, make_token, database):
    token = make_token(lifetime=timedelta(days=1))
    assert serving.get("/api/v1/stories", **bearer(token)).status_code == 200
    with database.write() as transaction:
        transaction.connection.execute(update(tables.tokens).values(expires=datetime.now(UTC)))
    assert serving.get("/", **bearer(token)).json()["detail"] == "This token is expired."


def test_only_when_every_token_is_forgotten_this_machine_is_served_without_one(serving, make_token, database):
    make_token(name="desk")
    with database.write() as transaction:
        access.revoke_token(transaction.connection, "desk", datetime.now(UTC))
    assert serving.get("/").status_code == 401
    with database.write() as transaction:
        assert access.forget_tokens(transaction.connection, datetime.now(UTC)) == 1
    assert serving.get("/").status_code == 200


def test_its_use_is_written_down_once_a_minute(serving, make_token, database):
    token = make_token()

    def used() -> datetime | None:
        with database.read() as connection:
            return connection.execute(select(tables.tokens.c.used)).scalar_one()

    assert used() is None
    serving.get("/", **bearer(token))
    deadline = time.monotonic() + 20
    while used() is None:  # it is written when the answer is out
        assert time.monotonic() < deadline
    first = used()
    serving.get("/", **bearer(token))
    serving.get("/healthz")
    assert used() == first
    with database.write() as transaction:
        long_ago = datetime.now(UTC) - timedelta(minutes=2)
        transaction.connection.execute(update(tables.tokens).values(used=long_ago))
    serving.get("/", **bearer(token))
    while used() == long_ago:
        assert time.monotonic() < deadline


def test_wrong_tokens_are_slowed_down_but_not_who_holds_a_sound_one_behind_the_same_proxy(
    serving, make_token, context, monkeypatch
):
    monkeypatch.setattr(failures, "SECONDS_EACH", 600.0)  # however long the guesses take
    serving.token = "the-token-of-the-config"
    made = make_token()
    statuses = [serving.get("/", **bearer(f"guess {n}")).status_code for n in range(failures.BURST + 3)]
    assert statuses == [401] * failures.BURST + [429] * 3
    refused = serving.get("/", **basic("another guess"))
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= failures.SECONDS_EACH + 1
    # The config's may be guessed, so it is not even compared now; nobody guesses the other.
    assert serving.get("/", **bearer(serving.token)).status_code == 429
    assert serving.get("/", **bearer(made)).status_code == 200
    assert serving.get("/healthz").status_code == 200


def test_a_program_that_goes_on_with_a_revoked_token_slows_down_nobody(serving, make_token, database):
    serving.token = "the-token-of-the-config"
    token = make_token(name="desk")
    with database.write() as transaction:
        access.revoke_token(transaction.connection, "desk", datetime.now(UTC))
    assert {serving.get("/", **bearer(token)).status_code for _ in range(failures.BURST + 1)} == {401}
    assert serving.get("/nothing-here", **bearer(serving.token)).status_code == 404


def test_after_the_wait_that_it_was_told_the_config_s_token_opens_again(serving, monkeypatch):
    monkeypatch.setattr(failures, "SECONDS_EACH", 0.5)
    serving.token = "the-token-of-the-config"
    # How many guesses it takes depends on how fast they are: time makes some of them good.
    while (refused := serving.get("/", **bearer("guess"))).status_code != 429:
        assert refused.status_code == 401
    time.sleep(int(refused.headers["retry-after"]))
    assert serving.get("/", **bearer(serving.token)).status_code == 200


def test_no_credentials_at_all_are_no_failure(serving):
    serving.token = "the-token-of-the-config"
    assert {serving.get("/").status_code for _ in range(2 * failures.BURST)} == {401}
    assert serving.get("/", **bearer(serving.token)).status_code == 200


def test_a_failure_is_logged_and_counted_without_what_was_sent(serving, context, monkeypatch):
    told = []
    monkeypatch.setattr(credentials.log, "warning", lambda event, **values: told.append((event, values)))
    serving.token = "the-token-of-the-config"
    serving.get("/", **bearer("s3cret-guess"))
    assert told == [("token refused", {"peer": "127.0.0.1", "state": "unknown"})]
    assert context.counts._counts["seedwire_auth_failures_total", ""] == 1


def test_a_script_s_request_brings_up_no_password_prompt(serving):
    serving.token = "the-token-of-the-config"
    by_script = serving.get("/api/v1/stories", **{"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"})
    assert by_script.headers.get_list("www-authenticate") == ['Bearer realm="Seedwire"']


def test_a_stream_ends_when_its_token_is_revoked(serving, application, make_token, database):
    from starlette.responses import StreamingResponse

    go_on = threading.Event()

    def beats():
        yield "event: one\n\n"
        go_on.wait(20)
        yield "event: two\n\n"
        yield "event: three\n\n"

    application.add_api_route("/api/v1/beats", lambda: StreamingResponse(beats(), media_type="text/event-stream"))
    token = make_token(name="desk")
    with serving.client.stream("GET", f"{serving.url}/api/v1/beats", headers=bearer(token)) as answer:
        assert answer.status_code == 200
        chunks = answer.iter_text()
        assert next(chunks) == "event: one\n\n"
        with database.write() as transaction:
            access.revoke_token(transaction.connection, "desk", datetime.now(UTC))
        go_on.set()
        assert list(chunks) == []

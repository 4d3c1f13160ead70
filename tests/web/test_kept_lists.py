"""A list that is kept is never older than the last change that was committed before it was asked for."""

from __future__ import annotations

import anyio
import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from store import stories
from web.kept_lists import KeptLists


@pytest.fixture
def asked(database):
    """A client of lists that count how often they are made."""
    made: list[str] = []

    async def lists(scope, receive, send):
        request = Request(scope)
        made.append(request.url.query)
        status = 500 if "fails" in request.url.query else 200
        tag = f'"{len(made)}"'
        answer: Response = JSONResponse({"made": len(made)}, status, headers={"etag": tag, "cache-control": "no-cache"})
        await answer(scope, receive, send)

    app = KeptLists(lists, lambda: database)

    def ask(*queries: str, at_once: bool = False, **headers: str) -> list[httpx.Response]:
        async def go() -> list[httpx.Response]:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
                answers: dict[int, httpx.Response] = {}

                async def one(number: int, query: str) -> None:
                    answers[number] = await client.get(f"/api/v1/stories?{query}", headers=headers)

                async with anyio.create_task_group() as group:
                    for number, query in enumerate(queries):
                        if at_once:
                            group.start_soon(one, number, query)
                        else:
                            await one(number, query)
                return [answers[number] for number in range(len(queries))]

        return anyio.run(go)

    return ask


def change(database, story_id: str) -> None:
    with database.write() as transaction:
        stories.begin_matching(transaction.connection)
        stories.touch(transaction.connection, [story_id])


def test_a_list_is_made_once_until_a_story_changes(asked, report):
    report("Berg and Otieno talk harbour")
    assert [answer.json() for answer in asked("", "", "")] == [{"made": 1}] * 3


def test_after_a_change_it_is_made_anew(serving, report, database):
    story = report("Berg and Otieno talk harbour")
    first = serving.get("/api/v1/stories").json()["stories"][0]["story"]["revision"]
    assert serving.get("/api/v1/stories").json()["stories"][0]["story"]["revision"] == first
    change(database, story)
    assert serving.get("/api/v1/stories").json()["stories"][0]["story"]["revision"] > first
    report("A second story")
    assert len(serving.get("/api/v1/stories").json()["stories"]) == 2


def test_every_query_and_compression_is_a_list_of_its_own(serving, report):
    report("Berg and Otieno talk harbour")
    report("A second story")
    for _ in range(2):
        assert len(serving.get("/api/v1/stories").json()["stories"]) == 2
        assert len(serving.get("/api/v1/stories?limit=1").json()["stories"]) == 1
        packed = serving.get("/api/v1/stories", **{"accept-encoding": "gzip"})
        plain = serving.get("/api/v1/stories", **{"accept-encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.json() == plain.json()
        assert packed.headers["x-request-id"] != plain.headers["x-request-id"]


def test_whoever_has_it_is_told_so(serving, report, database):
    story = report("Berg and Otieno talk harbour")
    tag = serving.get("/api/v1/stories").headers["etag"]
    for _ in range(2):
        answer = serving.get("/api/v1/stories", **{"if-none-match": tag})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    change(database, story)
    assert serving.get("/api/v1/stories", **{"if-none-match": tag}).status_code == 200


def test_mistakes_are_not_kept(asked, report):
    report("Berg and Otieno talk harbour")
    assert [answer.json()["made"] for answer in asked("fails", "fails")] == [1, 2]


def test_many_at_once_get_the_same(asked, report):
    report("Berg and Otieno talk harbour")
    asked("")
    assert {answer.json()["made"] for answer in asked(*[""] * 40, at_once=True)} <= {1, 2}


def test_without_a_database_it_is_the_application_that_says_so(serving, context, tmp_path):
    context.database.close()
    (tmp_path / "data" / "seedwire.db").unlink()
    assert serving.get("/api/v1/stories").status_code == 503

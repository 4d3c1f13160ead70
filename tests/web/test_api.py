"""``/api/v1`` and its description of itself."""

from __future__ import annotations

import asyncio
import base64

import httpx
import pytest

from web.api.paging import write_place


def test_a_story_is_told_in_the_words_of_the_webhook_body(serving, report):
    story = report("Berg and Otieno talk harbour", url="https://news.example/a")
    [told] = serving.get("/api/v1/stories").json()["stories"]
    assert told["story"]["id"] == story
    assert told["story"]["items"] == told["story"]["outlets"] == 1
    assert told["event"]["type"] == "bilateral_meeting"
    assert told["event"]["status"] == "held"
    assert told["event"]["countries"] == ["NO", "KE"]
    assert told["event"]["place"] == {"name": "Mombasa", "country": "KE"}
    assert told["event"]["date"] == "2026-03-04"
    assert told["evidence"][0]["text"] == "Prime Minister Ada Berg met President Juma Otieno."
    assert told["items"][0]["url"] == "https://news.example/a"
    assert told["items"][0]["feed"]["title"] == "Coast Daily"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 200])
def test_cursors_walk_through_every_story_once_newest_first(serving, report, size):
    # Two and two at one moment: the order must not hang on the time alone.
    expected = {report(f"Story {n}", minutes_ago=n // 2) for n in range(7)}
    seen, cursor, times = [], "", []
    for _ in range(20):
        answer = serving.get(f"/api/v1/stories?limit={size}&cursor={cursor}").json()
        assert len(answer["stories"]) <= size
        seen += [told["story"]["id"] for told in answer["stories"]]
        times += [told["story"]["opened"] for told in answer["stories"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == expected
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=", "limit=٣", "limit=99999999999999999999",
              "cursor=x", "cursor=bnVsbA", "cursor=WzEsMl0", "cursor=%00", "cursor=WyIyMDI0LTA3LTAzIiwgImEiXQ"]
)  # fmt: skip
def test_a_bad_parameter_is_named(serving, query):
    answer = serving.get(f"/api/v1/stories?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["where"] == "query." + query.split("=")[0]


@pytest.mark.parametrize("resource", ["stories", "items", "alerts", "deliveries"])
@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00"])
def test_a_cursor_of_a_time_that_never_was_is_none_of_ours(serving, report, resource, time):
    report("One")
    answer = serving.get(f"/api/v1/{resource}?cursor={write_place(time, 'x')}")
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, "query.cursor")


def test_a_cursor_that_is_no_list_is_none_of_ours(serving):
    cursor = base64.urlsafe_b64encode(b'{"2026-03-04T00:00:00+00:00": 1, "x": 2}').decode().rstrip("=")
    assert serving.get(f"/api/v1/stories?cursor={cursor}").status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/v1/nothing", 404), ("DELETE", "/api/v1/stories", 405)]
)
def test_every_error_has_the_one_shape(serving, method, path, status):
    answer = serving.client.request(method, serving.url + path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail"}
    assert answer.json()["detail"] != answer.json()["title"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/stories", "GET, HEAD"),
        ("GET", "/api/v1/stories/x/split", "POST"),
        ("HEAD", "/api/v1/stories/x/split", "POST"),
        ("PUT", "/api/v1/items/x/correction", "DELETE, POST"),  # two handlers
        ("HEAD", "/api/v1/stream", "GET"),
        ("OPTIONS", "/live", "GET"),
        ("DELETE", "/", "GET, HEAD"),
        ("DELETE", "/login", "GET, HEAD, POST"),
        ("PATCH", "/healthz", "GET, HEAD"),
        ("PUT", "/static/page.css", "GET, HEAD"),
        ("DELETE", "/static/login", "GET, HEAD"),  # nothing of the page that is called so
    ],
)
def test_what_an_address_takes_is_told_whole(serving, method, path, allowed):
    answer = serving.client.request(method, serving.url + path)
    assert answer.status_code == 405
    assert answer.headers.get_list("allow") == [allowed]
    if method != "HEAD":
        assert answer.json()["detail"] == f"this address takes {allowed}"


def test_a_proxy_s_prefix_does_not_hide_what_an_address_takes(application):
    async def ask(path: str) -> httpx.Response:
        transport = httpx.ASGITransport(application, root_path="/news")
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.delete(f"/news{path}")

    for path in ("/api/v1/stories", "/static/page.css"):
        assert asyncio.run(ask(path)).headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("announced", [{}, {"content-type": "application/x-www-form-urlencoded"}])
@pytest.mark.parametrize("path", ["/api/v1/classify", "/api/v1/items", "/api/v1/stories/x/split"])
def test_a_body_that_is_not_announced_as_json_is_told_how_to_be_sent(serving, announced, path):
    answer = serving.client.post(serving.url + path, content='{"title": "x"}', headers=announced)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"where": "body", "detail": "Send it as content-type: application/json"}]
    assert answer.json()["detail"] == "body: Send it as content-type: application/json"


def test_a_body_that_is_json_but_no_object_is_told_so(serving):
    answer = serving.client.post(serving.url + "/api/v1/stories/x/split", json=7)
    assert answer.json()["errors"] == [{"where": "body", "detail": "Input should be an object"}]


def test_every_reference_in_the_description_leads_somewhere(serving):
    document = serving.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")

    def references(node):
        if isinstance(node, dict):
            yield from ([node["$ref"]] if "$ref" in node else [])
            for child in node.values():
                yield from references(child)
        elif isinstance(node, list):
            for child in node:
                yield from references(child)

    found = set(references(document))
    assert found
    for reference in found:
        kind, name = reference.removeprefix("#/components/").split("/")
        assert name in document["components"][kind]

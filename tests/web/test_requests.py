"""Every request has an id of its own, by which its lines in the log and its trace are found."""

from __future__ import annotations

import pytest

from web.requests import _route


@pytest.mark.parametrize("path", ["/", "/api/v1/stories", "/nothing-here", "/metrics", "/healthz"])
def test_every_answer_names_its_request(serving, path):
    ids = {serving.get(path).headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2
    assert all(len(one) == 32 and int(one, 16) for one in ids)


class Route:
    def __init__(self, path: str) -> None:
        self.path = path


@pytest.mark.parametrize(
    ("path", "ending", "route"),
    [
        ("/", "/", "/"),
        ("/stories/abc", "/stories/{id}", "/stories/{id}"),
        ("/api/v1/stories", "/stories", "/api/v1/stories"),
        ("/api/v1/items/a/correction", "/items/{id}/correction", "/api/v1/items/{id}/correction"),
    ],
)
def test_a_request_is_named_by_its_route_not_by_what_was_asked_for(path, ending, route):
    assert _route({"path": path, "route": Route(ending)}) == route


def test_what_is_not_ours_has_no_route():
    assert _route({"path": "/nothing-here"}) is None

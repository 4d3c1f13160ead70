"""Where a mistake in articles stands is told by its place in what was sent."""

from __future__ import annotations

import pytest

GOOD = {"title": "Rain", "text": "It will rain."}


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({"titel": "x"}, ["body.titel"]),
        ({"title": 7, "text": None}, ["body.title", "body.text"]),
        ([GOOD, {"titel": "x"}], ["body.1.titel"]),
        ([GOOD, "x"], ["body.1"]),
        ([], ["body"]),
        ("x", ["body"]),
        (None, ["body"]),
    ],
)
@pytest.mark.parametrize(("path", "more"), [("/api/v1/classify", {}), ("/api/v1/items", {"source": "Us", "id": "1"})])
def test_each_mistake_is_told_once_by_its_place_in_the_body(serving, path, more, body, places):
    def whole(one):
        return one | more if isinstance(one, dict) else one

    sent = [whole(one) for one in body] if isinstance(body, list) else whole(body)
    answer = serving.client.post(serving.url + path, json=sent).json()
    assert [one["where"] for one in answer["errors"]] == places
    assert "extract" not in answer["detail"]


def test_an_article_without_a_name_is_told_what_it_lacks(serving):
    sent = [{"source": "Us", "id": "1"}, {"source": "Us"}]
    answer = serving.client.post(f"{serving.url}/api/v1/items", json=sent).json()
    assert answer["detail"] == "body.1: an article needs an id or a url, so that a repeat is known"

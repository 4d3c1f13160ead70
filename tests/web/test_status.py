"""``/api/v1/status`` and what any address answers to HEAD."""

from __future__ import annotations

import pytest
from web_service import NOW

from store import state
from web.site import CONFIG_KEY


def test_the_header_of_the_pages_is_told_to_programs(serving, report, database):
    report("Berg and Otieno talk harbour")
    told = serving.get("/api/v1/status").json()
    assert (told["feeds"], told["items"], told["stories"], told["alerts"]) == (1, 1, 1, 1)
    assert told["waiting_deliveries"] == 1
    assert (told["config_problem"], told["troubles"]) == (None, [])
    with database.write() as transaction:
        state.put(transaction.connection, CONFIG_KEY, {"problem": "seedwire.toml:3: no such key"}, NOW)
    assert serving.get("/api/v1/status").json()["config_problem"] == "seedwire.toml:3: no such key"


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/stories", "/static/page.css", "/nothing"])
def test_head_is_the_head_of_get(serving, path):
    head, whole = serving.client.head(serving.url + path), serving.get(path)
    assert head.status_code == whole.status_code
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.content == b""


def test_what_never_ends_is_only_got(serving):
    assert serving.client.head(serving.url + "/api/v1/stream").status_code == 405

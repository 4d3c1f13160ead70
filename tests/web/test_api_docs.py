"""``docs/api.md`` and the OpenAPI document tell of the same operations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
_WRITTEN = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`?\s]*)[^`]*`")


@pytest.fixture
def operations(serving) -> set[tuple[str, str]]:
    paths = serving.get("/api/v1/openapi.json").json()["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


def test_every_operation_of_the_description_stands_in_the_docs(operations):
    """As `METHOD /path` between backticks; what follows the path (a query) is an example."""
    written = set(_WRITTEN.findall(PAGE.read_text(encoding="utf-8")))
    assert sorted(operations - written) == []


def test_the_docs_tell_of_no_operation_there_is_not(operations):
    written = set(_WRITTEN.findall(PAGE.read_text(encoding="utf-8")))
    assert sorted(written - operations) == []

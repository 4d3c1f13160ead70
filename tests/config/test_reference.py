from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from worker.config.keys import KEYS, REPEATED, TABLES
from worker.config.reference import with_reference
from worker.config.schema import json_schema

ROOT = Path(__file__).parents[2]


def test_the_docs_are_those_of_the_keys() -> None:
    page = (ROOT / "docs" / "config.md").read_text()
    assert page == with_reference(page), "run: python -m worker.config.reference docs/config.md"


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.table}.{key.name}")
def test_every_key_is_in_the_docs(key) -> None:
    page = (ROOT / "docs" / "config.md").read_text()
    heading = f"[[{key.table}]]" if key.table in REPEATED else f"[{key.table}]"
    section = page.partition(f"### `{heading}`")[2].partition("###")[0]
    assert f"| `{key.name}` |" in section


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        with_reference("# Config\n")


def test_the_schema_is_json_and_names_every_form_of_every_key() -> None:
    schema = json.loads(json.dumps(json_schema()))
    for key in KEYS:
        table = schema["properties"][key.table]
        properties = (table["items"] if key.table in REPEATED else table)["properties"]
        assert set(key.forms) <= set(properties)
    assert set(schema["properties"]) == set(TABLES)


def test_patterns_of_the_schema_admit_defaults_and_examples() -> None:
    for key in KEYS:
        pattern = key.kind.schema.get("pattern")
        for value in (key.default, key.example):
            if isinstance(pattern, str) and isinstance(value, str) and "…" not in value:
                assert re.search(pattern, value), (key.table, key.name, value)


def test_the_docs_example_is_toml_of_known_tables() -> None:
    page = (ROOT / "docs" / "config.md").read_text()
    example = tomllib.loads(page.partition("```toml\n")[2].partition("```")[0])
    assert set(example) <= set(TABLES)


def test_reading_the_config_loads_nothing_heavy() -> None:
    heavy = {"celery", "redis", "sqlalchemy", "pycurl", "numpy", "structlog", "asyncio", "feedparser"}
    code = f"import sys; from worker.config import load; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"

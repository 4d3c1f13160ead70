from __future__ import annotations

import pytest

from worker.config.keys import BY_TABLE, KEYS, TABLES


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.table}.{key.name}")
def test_every_row_is_whole(key) -> None:
    assert key.meaning.endswith(".")
    assert key.required or (key.default is not None) != bool(key.absent)
    if key.default is not None:
        key.kind.parse(key.default)


def test_no_name_is_there_twice_in_a_table() -> None:
    for table in TABLES:
        forms = [form for key in BY_TABLE[table] for form in key.forms]
        assert len(forms) == len(set(forms))

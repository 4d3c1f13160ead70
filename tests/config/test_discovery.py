from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from worker.config import ConfigError, ConfigNotFound, find_config, load

if TYPE_CHECKING:
    from collections.abc import Callable

    Problems = Callable[..., list[str]]


def test_the_file_is_the_named_one_else_the_variables_else_the_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("named.toml", "variable.toml", "seedwire.toml"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    env = {"SEEDWIRE_CONFIG": "variable.toml"}
    assert find_config(Path("named.toml"), env) == Path("named.toml")
    assert find_config(None, env) == Path("variable.toml")
    assert find_config(None, {"SEEDWIRE_CONFIG": ""}) == Path("seedwire.toml")


def test_a_missing_file_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ConfigNotFound, match=r"^no seedwire\.toml in .*: go to the folder that holds it, or .*--config"
    ):
        load(None, {})
    with pytest.raises(ConfigNotFound, match=r"^x\.toml: no such config file; --config"):
        load(Path("x.toml"), {})
    with pytest.raises(ConfigNotFound, match=r"^y\.toml: no such config file; \$SEEDWIRE_CONFIG"):
        load(None, {"SEEDWIRE_CONFIG": "y.toml"})


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path, {})


def test_what_is_not_toml_is_told_with_its_line(problems: Problems, tmp_path: Path) -> None:
    (problem,) = problems("[service]\ndata_dir = data\n")
    assert problem.startswith("seedwire.toml:2: not TOML: Invalid value")
    (tmp_path / "bytes.toml").write_bytes(b"# \xff\n")
    with pytest.raises(ConfigError, match="not TOML: byte 2 is not UTF-8"):
        load(tmp_path / "bytes.toml", {})

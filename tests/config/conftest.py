"""Loading a config of a few lines, and what is told of a bad one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from worker.config import Config, ConfigError, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@pytest.fixture
def loads(tmp_path: Path) -> Callable[..., Config]:
    """Loads a config of this text, under these variables."""

    def loads(text: str, env: Mapping[str, str] | None = None) -> Config:
        path = tmp_path / "seedwire.toml"
        path.write_text(text)
        return load(path, env or {})

    return loads


@pytest.fixture
def problems(loads: Callable[..., Config], tmp_path: Path) -> Callable[..., list[str]]:
    """What is wrong with a config of this text; the folder's name is left out."""

    def problems(text: str, env: Mapping[str, str] | None = None) -> list[str]:
        with pytest.raises(ConfigError) as error:
            loads(text, env)
        return [problem.replace(f"{tmp_path}/", "") for problem in error.value.problems]

    return problems

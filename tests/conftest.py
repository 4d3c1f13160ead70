"""Fixtures every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test data that stays outside the repository (real feeds, labelled items, the original articles)."""
    folder = Path(os.environ.get("SEEDWIRE_SHARED", ROOT.parent / "shared"))
    if not (folder / "seeds").is_dir():
        message = f"test data not found at {folder}; set SEEDWIRE_SHARED to the folder that holds seeds/, feeds/, corpus/"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder

"""The API as its own description tells it: schemathesis reads that and tries every operation on the real process, with
values that should be taken and values that should not, and holds each answer to what is written there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from web_process import TOKEN

if TYPE_CHECKING:
    from web_process import Site

CONFIG = """
[parameters]
# Only what a list gave out continues it: that no pattern can say. tests/web tries others.
"query.cursor" = ""

[[operations]]
# Of the whole service only the web process runs here, and it says so.
include-path = "/readyz"
checks.not_a_server_error.enabled = false

[[operations]]
# Which labels there are depends on the model in force.
include-path-regex = "/correction$"
checks.positive_data_acceptance.enabled = false

[checks]
# Wrong tokens slow us down, so that nothing else would be tried; tests/web tries them.
ignored_auth.enabled = false
"""

#: What has no end cannot be waited for; tests/web reads it.
ENDLESS = ("/api/v1/stream",)


@pytest.mark.timeout(900)
def test_every_operation_does_what_its_description_says(closed_site: Site, tmp_path: Path) -> None:
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG)
    ran = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"), "--config-file", config, "run",
            f"{closed_site.url}/api/v1/openapi.json", "--header", f"Authorization: Bearer {TOKEN}", "--no-color",
            "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--generation-deterministic",
            "--workers", "2", "--request-timeout", "30", "--suppress-health-check", "all",
            *(f"--exclude-path={path}" for path in ENDLESS),
        ],
        capture_output=True, text=True, check=False, timeout=800, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-12_000:] + ran.stderr[-2_000:]

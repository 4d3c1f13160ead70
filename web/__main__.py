"""``python -m web [--config FILE]``: what ``seedwire web`` runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from store.errors import StoreError
from web.serve import serve
from worker.config import ConfigError
from worker.supervise.errors import SupervisionError


def main() -> int:
    parser = argparse.ArgumentParser(prog="seedwire web", description="Serve page, API, health and metrics.")
    parser.add_argument("--config", type=Path, help="the config file (default: $SEEDWIRE_CONFIG, else ./seedwire.toml)")
    config: Path | None = parser.parse_args().config
    try:
        serve(config)
    except (ConfigError, StoreError, SupervisionError) as error:
        for line in str(error).splitlines():
            print(f"seedwire web: {line}", file=sys.stderr)  # noqa: T201 - a command's own words
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

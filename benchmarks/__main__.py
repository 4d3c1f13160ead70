"""Run every benchmark, or those named: ``python -m benchmarks [NAME …]``; ``stories`` takes a FILE too."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

NAMES = ("classification", "structure", "kinds", "speed", "polling", "lateness", "stories")


def main(wanted: list[str]) -> int:
    files = [one for one in wanted if Path(one).is_file()] if "stories" in wanted else []
    wanted = [one for one in wanted if one not in files]
    unknown = sorted(set(wanted) - set(NAMES))
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name in wanted or NAMES:
        print(f"== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").run(*(files if name == "stories" else ()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

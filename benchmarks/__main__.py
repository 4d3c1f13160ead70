"""Run every benchmark, or those named: ``python -m benchmarks [NAME [ARGUMENT …] …]``.

Arguments follow the name they are for: ``stories FILE``, ``chaos --alerts 100 --minutes 2``.
"""

from __future__ import annotations

import importlib
import sys

NAMES = (
    "classification", "structure", "kinds", "speed", "polling", "lateness", "stories", "latency", "deliveries",
    "streams", "page",
)  # fmt: skip
#: Run only where it is named.
BY_NAME = ("chaos",)
TAKE_ARGUMENTS = ("stories", "chaos")


def main(wanted: list[str]) -> int:
    runs: list[tuple[str, list[str]]] = [] if wanted else [(name, []) for name in NAMES]
    for one in wanted:
        if one in NAMES + BY_NAME:
            runs.append((one, []))
        elif runs and runs[-1][0] in TAKE_ARGUMENTS:
            runs[-1][1].append(one)
        else:
            print(f"no benchmark named {one}; there are: {', '.join(NAMES + BY_NAME)}", file=sys.stderr)
            return 2
    failed = 0
    for name, arguments in runs:
        print(f"== {name}", flush=True)
        failed |= importlib.import_module(f"benchmarks.{name}").run(*arguments) or 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

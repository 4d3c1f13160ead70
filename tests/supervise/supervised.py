"""A supervisor in a process of its own: takes one JSON document, ``{"parts": [...], "options": {...}}``.

A part is ``{"name", "argv", "grace", "ready": path that exists once it is ready}``. ``options.deaf`` names a part that
the check calls deaf while the file ``options.deaf_while`` exists. Exits 1 with the message where a part is given up.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from worker import logs
from worker.supervise.errors import SupervisionError
from worker.supervise.lock import DataDirLock
from worker.supervise.parts import Part
from worker.supervise.supervisor import Supervisor


def main() -> int:
    told = json.loads(sys.argv[1])
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests themselves may run under nohup, which a supervisor heeds
    logs.configure("json", "debug")
    options = told["options"]
    deaf, deaf_while = options.pop("deaf", None), Path(options.pop("deaf_while", "/nonexistent"))
    data_dir = options.pop("data_dir", None)

    def part(row: dict[str, object]) -> Part:
        ready = row.pop("ready", None)
        row["argv"] = tuple(row["argv"])  # type: ignore[arg-type]
        return Part(**row, ready=Path(str(ready)).exists if ready else None)  # type: ignore[arg-type]

    def check() -> str | None:
        return deaf if deaf_while.exists() else None

    parts = [part(row) for row in told["parts"]]
    try:
        if data_dir is None:
            Supervisor(parts, check=check, **options).run()
        else:
            with DataDirLock(Path(data_dir)) as lock:
                Supervisor(parts, check=check, keep_open=[lock.descriptor], **options).run()
    except SupervisionError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

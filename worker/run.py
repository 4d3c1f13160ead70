"""The processes: each of these runs one part until it is told to stop. ``python -m worker.run PART`` is how the
supervisor starts them.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from pathlib import Path
from typing import NoReturn

from worker import logs
from worker.config.errors import ConfigError

#: part -> (queues, pool, processes or threads). Polling and classifying want processes (parsing and scoring are
#: Python's own work); what waits for other people's servers wants threads (deliveries take one, whatever hangs).
WORKERS = {
    "poller": (("poll",), "prefork", 2),
    "classifier": (("classify",), "prefork", 1),
    "courier": (("tick", "deliver", "websub", "fulltext"), "threads", 40),
}
PARTS = (*WORKERS, "beat")


def run_part(part: str, config: str | None) -> NoReturn:
    """Run one part until it is told to stop, then end the process. Raises ConfigError."""
    import celery.apps.worker
    from celery import signals
    from celery.exceptions import SecurityWarning

    from worker import task_base
    from worker.app import app, configure
    from worker.config.watch import Watcher
    from worker.garbage import collect_rarely

    watcher = Watcher(Path(config) if config else None, os.environ)
    service = watcher.current.service
    logs.configure(service.log_format, service.log_level, part=part)
    configure(service)
    collect_rarely()
    task_base.use_watcher(watcher)
    # Running as root is the container's or the operator's choice; the warning is about pickle, which is not accepted.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    # The supervisor says in one line that the broker is away; Celery says it in three, every two seconds.
    logging.getLogger("celery.worker.consumer.consumer").setLevel(logging.CRITICAL)
    # Celery prints "Warm shutdown" past all logging, which breaks a log of JSON lines.
    setattr(celery.apps.worker, "safe_say", lambda *_: None)  # noqa: B010 - its stubs do not know it
    # Ours is configured already; without a receiver here Celery would put its own over it.
    signals.setup_logging.connect(_keep_logging, weak=False)
    level = f"--loglevel={service.log_level}"
    if part == "beat":
        # Celery's plain scheduler keeps its times in memory: the file that the default one keeps buys nothing for one
        # entry that runs every second, and two beats do no harm here.
        app.start(["--quiet", "beat", "--scheduler=celery.beat:Scheduler", "--pidfile=", level])
        sys.exit(0)
    if part == "classifier":
        task_base.warm_up()
    queues, pool, size = WORKERS[part]
    _on_exit_close_context()
    app.start(
        [
            "--quiet",
            "worker",
            f"--hostname={part}-{os.getpid()}@%h",
            f"--queues={','.join(queues)}",
            f"--pool={pool}",
            f"--concurrency={size}",
            # A worker that gossips can come back from a broker's restart alive and deaf.
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            level,
        ]
    )
    sys.exit(0)


def _keep_logging(**_: object) -> None:
    pass


def _on_exit_close_context() -> None:
    from celery import signals

    from worker import stopping
    from worker.task_base import close_process_context

    signals.worker_shutting_down.connect(stopping.stop, weak=False)

    def close(**_: object) -> None:
        close_process_context()

    signals.worker_process_shutdown.connect(close, weak=False)
    signals.worker_shutdown.connect(close, weak=False)


def main() -> None:
    part, config = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    try:
        run_part(part, config)
    except ConfigError as error:
        for problem in error.problems:
            print(f"seedwire: {problem}", file=sys.stderr)  # noqa: T201
        sys.exit(1)


if __name__ == "__main__":
    main()

"""The Celery app. Redis carries hints and may lose them all: every setting follows from that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery import Celery
from kombu import Queue

if TYPE_CHECKING:
    from worker.config.config import Service

#: Each stage has a queue of its own, so that a backlog in one delays no other.
QUEUES = ("tick", "poll", "classify", "deliver", "websub", "fulltext")
#: Seconds between two sweeps for work that is due.
TICK_EVERY = 1.0
#: A task that runs longer is stopped (soft), then killed; both far below the visibility timeout, or Redis would
#: hand the running task to a second worker.
SOFT_TIME_LIMIT, TIME_LIMIT, VISIBILITY_TIMEOUT = 120, 150, 600
#: Hints that nobody took by then are worthless: the tick has sent others.
HINT_EXPIRES = 30

app = Celery("seedwire", include=["worker.tasks"])
app.conf.update(
    task_queues=[Queue(name) for name in QUEUES],
    task_routes={name: {"queue": name} for name in QUEUES},
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    # A task is taken off the queue when it is done. Killed half-way it comes back, finds what is left to do, and
    # does no harm: without the second setting a SIGKILLed child's task would be acknowledged and lost.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=SOFT_TIME_LIMIT,
    task_time_limit=TIME_LIMIT,
    worker_soft_shutdown_timeout=8,
    worker_max_tasks_per_child=5000,
    worker_max_memory_per_child=400_000,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    # A hint that cannot be sent now is not worth waiting for.
    task_publish_retry=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_connection_timeout=5,
    broker_transport_options={
        "visibility_timeout": VISIBILITY_TIMEOUT,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "health_check_interval": 10,
        "retry_on_timeout": True,
        # Opening a connection to send a hint is tried once: without this a broker that is away costs each hint 6 s.
        "max_retries": 0,
    },
    beat_schedule={
        "tick": {"task": "tick", "schedule": TICK_EVERY, "options": {"queue": "tick", "expires": HINT_EXPIRES}},
    },
    timezone="UTC",
)


def configure(service: Service, *, sends_only: bool = False) -> None:
    """Point the app at the broker of the config. Raises nothing: an unreachable broker is retried for ever; where a
    process ``sends_only``, somebody waits for it, and it gives up soon."""
    app.conf.update(broker_url=celery_url(service.redis_url))
    if sends_only:
        options = app.conf.broker_transport_options
        app.conf.broker_transport_options = options | {"socket_timeout": 1, "retry_on_timeout": False}


def celery_url(redis_url: str) -> str:
    """kombu's spelling of a Redis address: ``redis+socket:///path`` and TLS need the certificate rule said aloud."""
    if redis_url.startswith("rediss://") and "ssl_cert_reqs" not in redis_url:
        return redis_url + ("&" if "?" in redis_url else "?") + "ssl_cert_reqs=CERT_REQUIRED"
    return redis_url

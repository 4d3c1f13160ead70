"""Look how the service is doing, and tell webhooks when it is in trouble and when that is over."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.condition import Trouble, judge
from alerts.service_alerts import build_service_degraded, build_service_recovered
from store import condition, network, state
from store.database import serialize
from store.feed_health import count_failing
from store.stalls import waits
from worker import logs
from worker.liveness import overdue
from worker.steps.alerting import SOURCE, interested, send

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from worker.context import Context

log = logs.get(__name__)

_LOCK = 0x5EED_0005
LOOK_EVERY = timedelta(seconds=15)
#: Work that has waited longer is late even where somebody is at it.
BEHIND = timedelta(minutes=15)
#: Below so many bytes a disk counts as nearly full.
LOW_DISK = 500_000_000
#: With fewer feeds than these each one's own message says enough.
MANY_FEEDS = 4

_WORK = {"poll": "feeds are", "classify": "items are", "deliver": "alerts are"}


def judge_condition(context: Context) -> None:
    """Judge the service's troubles, at most every 15 seconds. Two at once do no harm."""
    now = context.now()
    with context.database.read() as connection:
        _, judged = condition.known(connection)
        if judged is not None and timedelta(0) <= now - judged < LOOK_EVERY:
            return
        troubles = list(_troubles(connection, context.config.service.data_dir, now))
    with context.database.write() as transaction:
        connection = transaction.connection
        serialize(connection, _LOCK)
        known, judged = condition.known(connection)
        judgement = judge(known, troubles, now, judged)
        condition.put(connection, judgement.standing, now)
        if judgement.news is None:
            return
        build = build_service_degraded if judgement.news == "degraded" else build_service_recovered
        alert = build(judgement.about, now, SOURCE)
        send(context, transaction, alert, interested(context, alert.type))
    if judgement.news == "degraded":
        log.error("service degraded", reasons={s.reason: s.detail for s in judgement.about})
    else:
        log.info("service recovered", reasons=[s.reason for s in judgement.about])


def _troubles(connection: Connection, data_dir: Path, now: datetime) -> Iterator[Trouble]:
    """What keeps the service from its work, as far as can be seen from here."""
    config = state.get(connection, "config")
    if config and config.value.get("problem"):
        told = f"the changed config is refused, the one before it is in force: {config.value['problem']}"
        yield Trouble("config-refused", told, timedelta(minutes=1))
    for stage, wait in waits(connection, now).items():
        late = f"{_WORK[stage]} due for {wait.seconds / 60:.0f} min"
        if not wait.attended and overdue({stage: wait.seconds}):
            yield Trouble(f"{stage}-late", f"{late} and nobody is at it", timedelta(minutes=2))
        elif wait.seconds > BEHIND.total_seconds():
            yield Trouble(f"{stage}-late", late, timedelta(minutes=5))
    offline = network.offline_since(connection)
    if offline:
        yield Trouble("offline", f"no host answers since {offline:%Y-%m-%d %H:%M} UTC", timedelta(minutes=5))
    failing, active = count_failing(connection)
    if active >= MANY_FEEDS and failing * 2 >= active:
        yield Trouble("feeds-failing", f"{failing} of {active} feeds fail", timedelta(minutes=1))
    try:
        free = shutil.disk_usage(data_dir).free
    except OSError:
        return  # it has none yet, or keeps nothing there
    if free < LOW_DISK:
        yield Trouble("disk-nearly-full", f"{free // 1_000_000} MB left on the disk of data_dir", timedelta(minutes=1))

"""Which part is alive and deaf: judged by work that is due and not done, never by a ping."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from store.errors import StoreError
from store.stalls import stalls
from worker import logs
from worker.outage import Outage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.context import Context

log = logs.get(__name__)

#: Work may wait this long, in seconds, before its stage counts as stalled. Ticks come every second.
PATIENCE = {"tick": 30.0, "poll": 60.0, "classify": 60.0, "deliver": 60.0}
PART_OF = {"poll": "poller", "classify": "classifier", "deliver": "courier"}
#: Nothing is judged before the parts have had this long to start, or to come back from a restart, in seconds.
SETTLE = 45.0


def stalled(context: Context) -> dict[str, float]:
    """The stages that are stalled, with the seconds their oldest work has waited. Raises DatabaseUnreachable."""
    with context.database.read() as connection:
        return overdue(stalls(connection, context.now()))


def overdue(waits: Mapping[str, float]) -> dict[str, float]:
    """Those of the stages that ``store.stalls`` tells of that have waited too long."""
    return {stage: seconds for stage, seconds in waits.items() if seconds > PATIENCE[stage]}


@dataclass(slots=True)
class DeafPart:
    """The supervisor's check: the name of a part to restart, or None. Knows which parts are its to restart.

    While the broker or the database is away it blames nobody.
    """

    context: Context
    parts: tuple[str, ...]
    redis_url: str
    _database: Outage = field(default_factory=lambda: Outage("database"))
    _broker: Outage = field(default_factory=lambda: Outage("broker"))
    _judge_from: float = field(default_factory=lambda: time.monotonic() + SETTLE)

    def __call__(self) -> str | None:
        ticks = self._waiting_ticks()
        try:
            stages = stalled(self.context)
        except StoreError as error:
            self._database.down(str(error))
            self._settle()
            return None
        self._database.up()
        if ticks is None:
            self._settle()
        if ticks is None or time.monotonic() < self._judge_from:
            return None
        for stage, seconds in stages.items():
            part = PART_OF.get(stage) or ("courier" if ticks else "beat")
            # Without ticks nobody is told of work: the other stages are judged once there are ticks again.
            if part in self.parts and (stage == "tick" or "tick" not in stages):
                log.error("work is due and nobody is at it", stage=stage, waiting_seconds=round(seconds), part=part)
                self._settle()
                return part
        return None

    def _settle(self) -> None:
        self._judge_from = time.monotonic() + SETTLE

    def _waiting_ticks(self) -> int | None:
        """How many ticks were sent and not taken: some, and the courier is deaf; none, and beat is. None: no broker."""
        import redis

        from worker.config.addresses import redis_client_url

        client = redis.Redis.from_url(
            redis_client_url(self.redis_url), socket_timeout=2, socket_connect_timeout=2, retry=None
        )
        try:
            waiting = client.llen("tick")
        except redis.RedisError as error:
            self._broker.down(f"{error} (see service.redis_url)")
            return None
        finally:
            client.close()
        self._broker.up()
        assert isinstance(waiting, int)
        return waiting

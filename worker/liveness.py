"""Which part is alive and deaf: judged by work that is due and not done, never by a ping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.errors import StoreError
from store.stalls import stalls
from worker import logs

if TYPE_CHECKING:
    from worker.context import Context

log = logs.get(__name__)

#: Work may wait this long, in seconds, before its stage counts as stalled. Ticks come every second.
PATIENCE = {"tick": 30.0, "poll": 60.0, "classify": 60.0, "deliver": 60.0}
PART_OF = {"poll": "poller", "classify": "classifier", "deliver": "courier"}


def stalled(context: Context) -> dict[str, float]:
    """The stages that are stalled, with the seconds their oldest work has waited. Raises DatabaseUnreachable."""
    with context.database.read() as connection:
        waits = stalls(connection, context.now())
    return {stage: seconds for stage, seconds in waits.items() if seconds > PATIENCE[stage]}


@dataclass(slots=True)
class DeafPart:
    """The supervisor's check: the name of a part to restart, or None. Knows which parts are its to restart."""

    context: Context
    parts: tuple[str, ...]
    redis_url: str

    def __call__(self) -> str | None:
        try:
            stages = stalled(self.context)
        except StoreError as error:
            log.error("database unreachable", error=str(error))
            return None
        for stage, seconds in stages.items():
            part = PART_OF.get(stage) or ("courier" if self._waiting_ticks() else "beat")
            # Without ticks nobody is told of work: the other stages are judged once there are ticks again.
            if part in self.parts and (stage == "tick" or "tick" not in stages):
                log.error("work is due and nobody is at it", stage=stage, waiting_seconds=round(seconds), part=part)
                return part
        return None

    def _waiting_ticks(self) -> bool:
        """Whether ticks are sent and not taken (the courier is deaf) or not even sent (beat is)."""
        import redis

        from worker.config.addresses import redis_client_url

        client = redis.Redis.from_url(redis_client_url(self.redis_url), socket_timeout=2)
        try:
            return bool(client.llen("tick"))
        except redis.RedisError:
            return False
        finally:
            client.close()

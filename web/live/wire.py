"""Hear over Redis that stories changed. What is not heard is found in the database a moment later (web.live.hub)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as BrokerGone
from redis.exceptions import RedisError

from worker.hints import STORIES_CHANNEL

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds until a broker that is away is tried again.
AGAIN = 2.0
TIMEOUT = 5.0
#: After so many seconds of silence the broker is asked whether it is still there.
SILENCE = 30.0


async def hear(url: str, told: Callable[[], None]) -> None:
    """Call ``told`` whenever somebody says that stories changed, and when the broker is back, until cancelled."""
    while True:
        client = Redis.from_url(url, socket_connect_timeout=TIMEOUT, retry=None)
        try:
            await _listen(client, told)
        except (RedisError, OSError):
            pass
        finally:
            await client.aclose()
        await asyncio.sleep(AGAIN)


async def _listen(client: Redis, told: Callable[[], None]) -> None:
    asked = False
    async with client.pubsub() as channel:
        await channel.subscribe(STORIES_CHANNEL)
        while True:
            if await channel.get_message(timeout=SILENCE):
                asked = False
                told()
            elif asked:
                raise BrokerGone("no answer")
            else:
                asked = True
                await channel.ping()

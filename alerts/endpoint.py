"""How a webhook's endpoint is doing, and whether to go on calling it: a breaker, decided from values alone.

    closed     it is called for every delivery that is due
    open       after several attempts in a row without an answer (or with a 5xx or 429), or because it asked for time
               (Retry-After): nobody calls it until ``paused_until``, and no schedule is used up
    half open  when that time has come: one delivery is tried, due or not. Success closes the breaker, and what waited
               for a further attempt is due at once. Failure opens it again for twice as long. News that comes meanwhile
               waits for the first pause at most (store.endpoints.probe_soon), unless the endpoint asked for the time

Any answer shows that somebody is there: one that says 400 has something against the message.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from alerts.delivery import Outcome

#: Attempts in a row without a usable answer that open the breaker.
OPENS_AFTER = 5
#: The first pause; each one after it is twice as long, up to the longest. An endpoint that comes back after hours is
#: noticed so soon.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)
#: An endpoint that has done nothing but fail for so long, in so many attempts at least, is disabled.
GIVEN_UP_AFTER, FEWEST_FAILURES = timedelta(days=5), 10


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``failures`` in a row since ``failing_since``, the last ``silent`` of which brought no usable answer.
    ``paused_until`` stands while the breaker is open or half open."""

    failures: int = 0
    silent: int = 0
    failing_since: datetime | None = None
    paused_until: datetime | None = None

    def is_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now

    def is_given_up(self, now: datetime) -> bool:
        """Whether there is no hope left, and a person should look."""
        return (
            self.failing_since is not None
            and now - self.failing_since >= GIVEN_UP_AFTER
            and self.failures >= FEWEST_FAILURES
        )


def after(endpoint: Endpoint, outcome: Outcome, now: datetime, rng: Random) -> Endpoint:
    """The endpoint after one more attempt."""
    if outcome.delivered:
        return Endpoint()
    pause = outcome.asked_wait(now) or timedelta(0)
    # One that says when to come again is there, too.
    silent = endpoint.silent + 1 if not pause and (outcome.code in {0, 429} or outcome.code >= 500) else 0
    failed = replace(
        endpoint, failures=endpoint.failures + 1, silent=silent, failing_since=endpoint.failing_since or now
    )
    if endpoint.is_paused(now):  # it was under way when the breaker opened
        return replace(failed, silent=endpoint.silent)
    if silent >= OPENS_AFTER:
        doublings = min(silent - OPENS_AFTER, 16)
        pause = min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE) * rng.uniform(0.9, 1.1)
    return replace(failed, paused_until=now + pause if pause else None)

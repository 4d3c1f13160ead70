"""What the log says of an attempt: one event for each thing that can become of a delivery."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import structlog
from structlog.testing import capture_logs

from alerts.alert import Alert
from store.deliveries import Attempt, Attempted, WaitingDelivery
from worker.steps import store_attempts
from worker.steps.store_attempts import _tell

if TYPE_CHECKING:
    from alerts.delivery import DeliveryState

NOW = datetime(2026, 8, 13, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "state", "due", "event", "level"),
    [
        (200, "delivered", None, "delivered", "info"),
        (503, "pending", NOW, "delivery failed, to be tried again", "warning"),
        (0, "dead", None, "delivery given up", "error"),
        (410, "disabled", None, "delivery rests until its webhook is enabled", "error"),
    ],
)
def test_each_end_of_an_attempt_has_an_event_of_its_own(
    code: int, state: DeliveryState, due: datetime | None, event: str, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The module's own logger keeps the settings of whoever logged through it first in this process, for good.
    monkeypatch.setattr(store_attempts, "log", structlog.get_logger())
    alert = Alert("msg_1", "seedwire.alert.opened", "s1", NOW, b"{}")
    delivery = WaitingDelivery("d1", alert, "desk", tries=0, attempts=1, due=NOW)
    with capture_logs() as logged:
        _tell("desk", Attempted(delivery, Attempt(NOW, code, 12.3, None, None), 1, state, due, "why"), ["i1"])
    (line,) = logged
    assert (line["event"], line["log_level"], line["attempt"]) == (event, level, 2)
    assert (line["delivery"], line["items"]) == ("d1", ["i1"])
    assert None not in line.values()
    assert line.get("code") == (code or None)
    assert line.get("reason") == (None if state == "delivered" else "why")
    assert line.get("next") == (NOW.isoformat() if due else None)

"""What the log says of an attempt: one event for each thing that can become of a delivery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import structlog
from structlog.testing import capture_logs

from alerts.alert import Alert
from alerts.delivery import Next
from alerts.webhook import Webhook
from store.deliveries import ClaimedDelivery
from worker.steps import deliver
from worker.steps.deliver import _tell

NOW = datetime(2026, 8, 13, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "then", "event", "level"),
    [
        (200, Next("delivered", note="delivered (200)"), "delivered", "info"),
        (503, Next("pending", NOW, note="answer 503"), "delivery failed, to be tried again", "warning"),
        (0, Next("dead", note="refused"), "delivery given up", "error"),
        (410, Next("disabled", disable_webhook=True, note="answer 410"), "webhook disabled by its receiver", "error"),
    ],
)
def test_each_end_of_an_attempt_has_an_event_of_its_own(
    code: int, then: Next, event: str, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The module's own logger keeps the settings of whoever logged through it first in this process, for good.
    monkeypatch.setattr(deliver, "log", structlog.get_logger())
    webhook = Webhook("desk", "https://desk.example/", (b"secret",), timeout=timedelta(seconds=5))
    alert = Alert("msg_1", "seedwire.alert.opened", "s1", NOW, b"{}")
    with capture_logs() as logged:
        _tell(webhook, ClaimedDelivery("d1", alert, "desk", 1), code, 12.3, then)
    (line,) = logged
    assert (line["event"], line["log_level"], line["attempt"]) == (event, level, 2)
    assert None not in line.values()
    assert line.get("code") == (code or None)
    assert line.get("reason") == (None if then.state == "delivered" else then.note)
    assert line.get("next") == (NOW.isoformat() if then.due else None)

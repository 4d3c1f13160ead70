"""Classify what waits: item -> events -> stories -> alerts -> pending deliveries, decided and written in one step."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from alerts import alert as alerting
from alerts import filters, matching, outcomes
from alerts.story import Report, outlet_of
from store import alerts, deliveries, items, stories
from worker import logs
from worker.hints import Hint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from alerts.alert import Alert
    from alerts.webhook import Webhook
    from classifiers.event import Verdict
    from store.database import Transaction
    from store.items import PendingItem
    from worker.context import Context

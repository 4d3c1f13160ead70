"""What was claimed by a worker that died is decided by the next one: at little cost, and one odd item alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from store import items as stored
from store.tables import items
from worker.steps.classify import MOST_CLAIMS, classify_pending
from worker.steps.tick import apply_config

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    import pytest
    from conftest import Service
    from sqlalchemy import Connection

    from classifiers.model import Model
    from feeds.item import Item
    from store.items import PendingItem


def wait(service: Service, claims: dict[int, int], many: int) -> None:
    """Items that wait, each claimed as often as told (else once) by workers that came to no end with them."""
    service.feed("http://127.0.0.1:1/rss")
    apply_config(service.context)
    feed_id, now = service.context.config.feeds[0].id, service.clock.now
    with service.context.database.write() as transaction:
        transaction.connection.execute(
            items.insert(),
            [
                {
                    "id": f"item{number:04}", "feed_id": feed_id, "url": None, "title": f"Harvest {number} is good",
                    "text": "", "published": now, "language": "en", "first_seen": now, "baseline": False,
                    "pending": True, "near_miss": False, "claims": claims.get(number, 1),
                }
                for number in range(many)
            ],
        )  # fmt: skip


def test_a_batch_whose_worker_was_killed_is_decided_in_few_steps(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(service, {}, many=500)
    claimed: list[int] = []
    claim_pending = stored.claim_pending

    def claim(connection: Connection, now: datetime, *, limit: int, owner: str, lease: timedelta) -> list[PendingItem]:
        claimed.append(limit)
        return claim_pending(connection, now, limit=limit, owner=owner, lease=lease)

    monkeypatch.setattr(stored, "claim_pending", claim)
    assert classify_pending(service.context) == 500
    assert len(claimed) < 60
    assert sum(claimed) < 2_500, "nearly all that is claimed is decided"


class Killed(BaseException):
    """Stands for a signal that ends the worker: nothing may catch it."""


def test_an_item_that_kills_its_worker_is_soon_alone_and_then_given_up(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(service, dict.fromkeys(range(60), 0), many=60)
    read = type(service.context.model).classify

    def classify(model: Model, item: Item, *more: object) -> object:
        if item.id == "item0007":
            raise Killed
        return read(model, item, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(type(service.context.model), "classify", classify)
    deaths, left = 0, []
    for _ in range(MOST_CLAIMS + 3):
        try:
            classify_pending(service.context)
        except Killed:
            deaths += 1
        service.clock.pass_(minutes=2)
        with service.context.database.read() as connection:
            left.append(len(connection.scalars(select(items.c.id).where(items.c.pending)).all()))
    assert deaths == MOST_CLAIMS
    assert left[-1] == 0
    with service.context.database.read() as connection:
        outcomes = connection.execute(select(items.c.id, items.c.outcome)).all()
    assert [row.id for row in outcomes if row.outcome == "classify-failed"] == ["item0007"]

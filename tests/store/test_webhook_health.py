"""What is told of webhooks, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from store import tables
from store.webhook_health import WebhookHealth, list_webhooks

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.database import Database

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def add_webhook(connection: Connection, name: str, **more: object) -> None:
    connection.execute(
        tables.webhooks.insert().values(name=name, url="https://x.example/", **({"active": True} | more))
    )


def add_delivery(connection: Connection, number: int, webhook: str, state: str, tries: int, note: str | None) -> None:
    connection.execute(
        tables.deliveries.insert().values(
            id=f"d{number}", alert_id="a", webhook=webhook, state=state, note=note, tries=tries, created=NOW, due=NOW
        )
    )


def test_every_configured_webhook_is_told_with_what_rests_and_how_to_send_it_again(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        add_webhook(connection, "calm")
        add_webhook(connection, "gone", active=False)
        add_webhook(connection, "shut", disabled=NOW, disabled_reason="410")
        add_webhook(connection, "the desk")
        rows = [
            ("calm", "delivered", 1, "delivered (204)"),
            ("calm", "pending", 0, None),
            ("gone", "dead", 9, "500"),
            ("shut", "disabled", 1, "410"),
            ("shut", "dead", 9, "500; given up"),
            ("the desk", "dead", 9, "500; given up"),
            ("the desk", "dead", 9, "500; given up"),
            ("the desk", "pending", 2, "502; next attempt in 5 s"),
        ]
        for number, (webhook, state, tries, note) in enumerate(rows):
            add_delivery(connection, number, webhook, state, tries, note)
    with database.read() as connection:
        found = list_webhooks(connection)
    assert found == [
        WebhookHealth("calm", None, None, 0, 0, 1, 0, None),
        WebhookHealth("shut", NOW, "410", 1, 1, 0, 0, "410"),
        WebhookHealth("the desk", None, None, 2, 0, 1, 1, "500; given up"),
    ]
    assert [webhook.is_well for webhook in found] == [True, False, False]
    assert [webhook.command for webhook in found] == [
        None,
        "seedwire deliveries retry --disabled --dead --webhook shut",
        "seedwire deliveries retry --dead --webhook 'the desk'",
    ]

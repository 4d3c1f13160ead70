"""What the doctor says of the webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from store import tables
from store.deliveries import disable_webhook

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Result

    from worker.context import Context

    Run = Callable[..., Result]


def webhooks(run: Run, *options: str) -> list[tuple[str, str]]:
    return [(f["state"], f["detail"]) for f in run("doctor", "--json", *options).lines if f["what"] == "webhooks"]


def test_dead_deliveries_are_told_with_the_command_that_sends_them_again(run: Run, stored: Context) -> None:
    assert webhooks(run) == [("good", "none disabled, nothing dead")]
    with stored.database.write() as transaction:
        transaction.connection.execute(update(tables.deliveries).values(state="dead", note="500; given up"))
    again = "once it is well: `seedwire deliveries retry --dead --webhook desk`"
    assert webhooks(run) == [("warning", f'"desk": 1 dead (500; given up); {again}')]


def test_a_disabled_webhook_is_bad_and_no_reason_to_restart_a_worker(run: Run, stored: Context) -> None:
    with stored.database.write() as transaction:
        disable_webhook(transaction.connection, "desk", "410: wants no more", stored.now())
    again = "once it is well: `seedwire deliveries retry --disabled --webhook desk`"
    assert webhooks(run) == [("bad", f'"desk" is disabled: 410: wants no more; {again}')]
    assert webhooks(run, "--live") == []

"""The troubles of the service that are known, as every process and the page see them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from alerts.condition import Standing
from store import state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

_KEY = "condition"


def known(connection: Connection) -> tuple[dict[str, Standing], datetime | None]:
    """The troubles by reason, and when they were last judged (None: never)."""
    fact = state.get(connection, _KEY)
    if fact is None:
        return {}, None
    rows: Iterable[Mapping[str, Any]] = fact.value["standing"]  # type: ignore[assignment]
    return {
        row["reason"]: Standing(
            reason=row["reason"],
            detail=row["detail"],
            since=datetime.fromisoformat(row["since"]),
            last=datetime.fromisoformat(row["last"]),
            told=row["told"],
        )
        for row in rows
    }, fact.at


def put(connection: Connection, standing: Iterable[Standing], now: datetime) -> None:
    rows = [
        {
            "reason": s.reason,
            "detail": s.detail,
            "since": s.since.isoformat(),
            "last": s.last.isoformat(),
            "told": s.told,
        }
        for s in standing
    ]
    state.put(connection, _KEY, {"standing": rows}, now)


def told(connection: Connection) -> list[Standing]:
    """The troubles that webhooks were told of and that are not over, the first before the others."""
    return [standing for standing in known(connection)[0].values() if standing.told]

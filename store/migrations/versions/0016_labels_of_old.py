"""labels of old: what items were labelled before there was a journal stands in it, and can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from store.tables import UtcTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_BY = "seedwire items label"
_ITEMS = sa.table(
    "items", sa.column("id", sa.String()), sa.column("label", sa.String()), sa.column("first_seen", UtcTime())
)
_CORRECTIONS = sa.table(
    "corrections",
    sa.column("id", sa.Integer()),
    sa.column("at", UtcTime()),
    sa.column("by", sa.String()),
    sa.column("label", sa.String()),
)
_CORRECTED = sa.table("corrected_items", sa.column("correction_id", sa.Integer()), sa.column("item_id", sa.String()))


def upgrade() -> None:
    connection = op.get_bind()
    known = sa.exists().where(_CORRECTED.c.item_id == _ITEMS.c.id)
    unsaid = sa.select(_ITEMS.c.id, _ITEMS.c.label).where(_ITEMS.c.label.is_not(None), ~known)
    rows = connection.execute(unsaid.order_by(_ITEMS.c.first_seen, _ITEMS.c.id)).all()
    if not rows:
        return
    last = connection.scalar(sa.select(sa.func.max(_CORRECTIONS.c.id))) or 0
    now = datetime.now(UTC)
    numbered = list(enumerate(rows, last + 1))
    said = [{"id": number, "at": now, "by": _BY, "label": row.label} for number, row in numbered]
    connection.execute(sa.insert(_CORRECTIONS), said)
    connection.execute(
        sa.insert(_CORRECTED), [{"correction_id": number, "item_id": row.id} for number, row in numbered]
    )


def downgrade() -> None:
    """What it wrote is true of the tables before it, too."""

"""sent: attempts know their webhook, and deliveries and alerts are found by what lists are filtered by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ATTEMPTS = sa.table("attempts", sa.column("delivery_id", sa.String()), sa.column("webhook", sa.String()))
_DELIVERIES = sa.table("deliveries", sa.column("id", sa.String()), sa.column("webhook", sa.String()))


def upgrade() -> None:
    op.add_column("attempts", sa.Column("webhook", sa.String(length=128), nullable=True))
    webhook = sa.select(_DELIVERIES.c.webhook).where(_DELIVERIES.c.id == _ATTEMPTS.c.delivery_id).scalar_subquery()
    op.execute(sa.update(_ATTEMPTS).values(webhook=sa.func.coalesce(webhook, "")))
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.alter_column("webhook", existing_type=sa.String(length=128), nullable=False)
    op.create_index("ix_attempts_webhook", "attempts", ["webhook", "at", "code", "latency_ms"], unique=False)
    op.drop_index("ix_deliveries_due", table_name="deliveries")
    op.create_index("ix_deliveries_due", "deliveries", ["state", "webhook", "due", "tries"], unique=False)
    op.drop_index(op.f("ix_deliveries_webhook_state"), table_name="deliveries")
    op.create_index(
        op.f("ix_deliveries_webhook_state_created"), "deliveries", ["webhook", "state", "created"], unique=False
    )
    op.create_index(op.f("ix_alerts_type_time_id"), "alerts", ["type", "time", "id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_alerts_type_time_id"), table_name="alerts")
    op.drop_index(op.f("ix_deliveries_webhook_state_created"), table_name="deliveries")
    op.create_index(op.f("ix_deliveries_webhook_state"), "deliveries", ["webhook", "state"], unique=False)
    op.drop_index("ix_deliveries_due", table_name="deliveries")
    op.create_index("ix_deliveries_due", "deliveries", ["state", "webhook", "due"], unique=False)
    op.drop_index("ix_attempts_webhook", table_name="attempts")
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_column("webhook")

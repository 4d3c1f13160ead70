"""webhooks: how their endpoints do, and the lease that deliveries had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.tables import UtcTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("silent", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("failing_since", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("paused_until", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("lease_owner", sa.String(length=128), nullable=True))
        batch_op.add_column(sa.Column("lease_until", UtcTime(), nullable=True))
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_column("lease_owner")
        batch_op.drop_column("lease_until")


def downgrade() -> None:
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lease_owner", sa.String(length=128), nullable=True))
        batch_op.add_column(sa.Column("lease_until", UtcTime(), nullable=True))
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        for name in ("lease_until", "lease_owner", "paused_until", "failing_since", "silent", "failures"):
            batch_op.drop_column(name)

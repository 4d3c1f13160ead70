"""feeds: when they last changed, at what rhythm, where they moved, how often they put up with us."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.tables import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.add_column(sa.Column("changed", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("wait_seconds", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("moved_to", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("moved_seen", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("floor_seconds", sa.Float(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.drop_column("floor_seconds")
        batch_op.drop_column("moved_seen")
        batch_op.drop_column("moved_to")
        batch_op.drop_column("wait_seconds")
        batch_op.drop_column("changed")

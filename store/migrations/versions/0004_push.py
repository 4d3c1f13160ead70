"""push: the hubs that feeds name, and our subscriptions there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.tables import UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hubs", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("topic", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("push_until", UtcTime(), nullable=True))
    op.create_table(
        "subscriptions",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("feed_id", sa.String(length=64), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("secret", sa.String(length=128), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("created", UtcTime(), nullable=False),
        sa.Column("asked", UtcTime(), nullable=True),
        sa.Column("confirmed", UtcTime(), nullable=True),
        sa.Column("expires", UtcTime(), nullable=True),
        sa.Column("pushed", UtcTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=64), nullable=True),
        sa.Column("problem_detail", sa.Text(), nullable=True),
        sa.Column("due", UtcTime(), nullable=False),
        sa.Column("lease_owner", sa.String(length=128), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_subscriptions")),
    )
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscriptions_due"), ["due"], unique=False)
        batch_op.create_index(batch_op.f("ix_subscriptions_feed_id"), ["feed_id"], unique=False)


def downgrade() -> None:
    op.drop_table("subscriptions")
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.drop_column("push_until")
        batch_op.drop_column("topic")
        batch_op.drop_column("hubs")

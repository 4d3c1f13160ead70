"""held and digest_stories: what webhooks are told later, and together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.tables import Json, UtcTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "held",
        sa.Column("webhook", sa.String(length=128), nullable=False),
        sa.Column("story_id", sa.String(length=64), nullable=False),
        sa.Column("opens", sa.Boolean(), nullable=False),
        sa.Column("changes", Json, nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("told", UtcTime(), nullable=True),
        sa.Column("due", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("webhook", "story_id", name=op.f("pk_held")),
    )
    op.create_index(op.f("ix_held_webhook_due"), "held", ["webhook", "due"], unique=False)
    op.create_table(
        "digest_stories",
        sa.Column("story_id", sa.String(length=64), nullable=False),
        sa.Column("alert_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("story_id", "alert_id", name=op.f("pk_digest_stories")),
    )
    op.create_index(op.f("ix_digest_stories_alert_id"), "digest_stories", ["alert_id"], unique=False)
    op.create_index(op.f("ix_deliveries_webhook_created"), "deliveries", ["webhook", "created"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_deliveries_webhook_created"), table_name="deliveries")
    op.drop_index(op.f("ix_digest_stories_alert_id"), table_name="digest_stories")
    op.drop_table("digest_stories")
    op.drop_index(op.f("ix_held_webhook_due"), table_name="held")
    op.drop_table("held")

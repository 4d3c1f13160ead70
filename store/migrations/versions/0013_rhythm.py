"""Indexes for what is shown: the items of a feed by day and newest first, events by time."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_items_feed_id_first_seen_baseline"), "items", ["feed_id", "first_seen", "baseline"], unique=False
    )
    op.drop_index(op.f("ix_items_feed_id"), table_name="items")
    op.create_index(op.f("ix_events_at_type"), "events", ["at", "type"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_events_at_type"), table_name="events")
    op.create_index(op.f("ix_items_feed_id"), "items", ["feed_id"], unique=False)
    op.drop_index(op.f("ix_items_feed_id_first_seen_baseline"), table_name="items")

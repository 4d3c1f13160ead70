"""corrections: a journal of what people said of items and stories; sources that push articles to us; items found by
outcome and time, near misses and labelled ones among the many."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.tables import UtcTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_FEW = {"near_miss": sa.text("near_miss"), "label": sa.text("label IS NOT NULL")}


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("label", sa.String(length=128), nullable=False),
        sa.Column("story_id", sa.String(length=64), nullable=True),
        sa.Column("undone", UtcTime(), nullable=True),
        sa.Column("undone_by", sa.String(length=128), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index(op.f("ix_corrections_story_id"), "corrections", ["story_id"], unique=False)
    op.create_table(
        "corrected_items",
        sa.Column("correction_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("before", sa.String(length=128), nullable=True),
        sa.PrimaryKeyConstraint("correction_id", "item_id", name=op.f("pk_corrected_items")),
    )
    op.create_index(op.f("ix_corrected_items_item_id"), "corrected_items", ["item_id"], unique=False)
    op.add_column("feeds", sa.Column("pushed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_index("ix_items_outcome", "items")
    op.create_index("ix_items_outcome", "items", ["pending", "outcome", "first_seen"], unique=False)
    for name, few in _FEW.items():
        op.create_index(
            f"ix_items_{name}", "items", ["first_seen", "id"], unique=False, sqlite_where=few, postgresql_where=few
        )


def downgrade() -> None:
    for name in _FEW:
        op.drop_index(f"ix_items_{name}", "items")
    op.drop_index("ix_items_outcome", "items")
    op.create_index("ix_items_outcome", "items", ["pending", "outcome"], unique=False)
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.drop_column("pushed")
    op.drop_index(op.f("ix_corrected_items_item_id"), "corrected_items")
    op.drop_table("corrected_items")
    op.drop_index(op.f("ix_corrections_story_id"), "corrections")
    op.drop_table("corrections")

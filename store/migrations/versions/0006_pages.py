"""pages: the articles' own pages, and what their hosts think of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.tables import UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pages",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("allow_private", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("added", UtcTime(), nullable=False),
        sa.Column("due", UtcTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("hops", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
    )
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pages_state_due"), ["state", "due"], unique=False)
        batch_op.create_index(batch_op.f("ix_pages_added"), ["added"], unique=False)
    op.create_table(
        "page_hosts",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("robots", sa.Text(), nullable=True),
        sa.Column("robots_until", UtcTime(), nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("next_page", UtcTime(), nullable=False),
        sa.Column("lease_owner", sa.String(length=128), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_page_hosts")),
    )
    op.add_column("items", sa.Column("page_id", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_items_page_id"), "items", ["page_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_items_page_id"), table_name="items")
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.drop_column("page_id")
    op.drop_table("page_hosts")
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pages_added"))
        batch_op.drop_index(batch_op.f("ix_pages_state_due"))
    op.drop_table("pages")

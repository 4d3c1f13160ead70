"""sighted sentences: what was counted, so that copies of it are not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.tables import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sighted_sentences",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sighted_sentences")),
    )
    with op.batch_alter_table("sighted_sentences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sighted_sentences_at"), ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sighted_sentences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sighted_sentences_at"))
    op.drop_table("sighted_sentences")

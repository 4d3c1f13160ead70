"""stories: the number of their last change, by which open pages and API clients hear of what is new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STORIES = sa.table("stories", sa.column("id", sa.String()), sa.column("changed"))
_NUMBERS = ("revision", "first_revision")


def upgrade() -> None:
    with op.batch_alter_table("stories", schema=None) as batch_op:
        for name in _NUMBERS:
            batch_op.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
    connection = op.get_bind()
    in_order = connection.scalars(sa.select(_STORIES.c.id).order_by(_STORIES.c.changed, _STORIES.c.id)).all()
    if in_order:
        numbered = sa.text("UPDATE stories SET revision = :number, first_revision = :number WHERE id = :id")
        connection.execute(numbered, [{"id": id, "number": number} for number, id in enumerate(in_order, 1)])
    with op.batch_alter_table("stories", schema=None) as batch_op:
        for name in _NUMBERS:
            batch_op.alter_column(name, existing_type=sa.BigInteger(), nullable=False)
        batch_op.create_index(op.f("ix_stories_revision"), ["revision"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("stories", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_stories_revision"))
        for name in _NUMBERS:
            batch_op.drop_column(name)

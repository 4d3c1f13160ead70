"""stories: which turned out to be one, what a person said of them; prints in a shorter form, keys found by time."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

from store.tables import Json

if TYPE_CHECKING:
    from collections.abc import Callable

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STORIES = sa.table("stories", sa.column("id", sa.String()), sa.column("prints", Json))


def upgrade() -> None:
    with op.batch_alter_table("stories", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("apart", Json, nullable=True))
        batch_op.add_column(sa.Column("split_from", sa.String(length=64), nullable=True))
        batch_op.create_index(op.f("ix_stories_merged_into"), ["merged_into"], unique=False)
    op.create_index(op.f("ix_story_keys_key_last_story_id"), "story_keys", ["key", "last", "story_id"], unique=False)
    _rewrite(lambda prints: [struct.pack(f">{len(p)}I", *p).hex() for p in prints])


def downgrade() -> None:
    _rewrite(lambda prints: [list(struct.unpack(f">{len(p) // 8}I", bytes.fromhex(p))) for p in prints])
    op.drop_index(op.f("ix_story_keys_key_last_story_id"), table_name="story_keys")
    with op.batch_alter_table("stories", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_stories_merged_into"))
        for name in ("split_from", "apart", "merged_into"):
            batch_op.drop_column(name)


def _rewrite(form: Callable[[list[Any]], list[Any]]) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(_STORIES)).all():
        changed = sa.update(_STORIES).where(_STORIES.c.id == row.id).values(prints=form(row.prints))
        connection.execute(changed)

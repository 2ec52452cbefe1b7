"""Documents that come as files: what they were, whether they hold words, whether they tell of a whole spell

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_FLAGS = {
    "episode": ("no_electronic_text", "spell_level_text"),
    "document_version": ("no_electronic_text", "spell_level"),
}


def upgrade() -> None:
    """Not in a batch: that makes the table anew, and others refer to it."""
    for table, names in _FLAGS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("document_version", sa.Column("original_digest", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("document_version", "original_digest")
    for table, names in _FLAGS.items():
        for name in reversed(names):
            op.drop_column(table, name)

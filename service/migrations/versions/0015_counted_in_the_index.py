"""Open episodes and uses of codes, counted without going to the table

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_OPEN = sa.text("status NOT IN ('finalised', 'automated', 'withdrawn')")
_OPEN_INDEXES = {
    "ix_episode_open_count": ["provider_id", "status", "due_date", "review_date"],
    "ix_episode_open_site": ["provider_id", "site"],
    "ix_episode_open_specialty": ["provider_id", "treatment_function"],
    "ix_episode_open_source": ["provider_id", "source"],
}
_USE_OF_A_CODE = ["provider_id", "role", "code", "at"]
_WHAT_IS_COUNTED = ["kind", "other", "episode_id"]


def upgrade() -> None:
    for name, columns in _OPEN_INDEXES.items():
        op.create_index(name, "episode", columns, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.drop_index("ix_code_use_code", "code_use")
    op.create_index("ix_code_use_code", "code_use", _USE_OF_A_CODE + _WHAT_IS_COUNTED)


def downgrade() -> None:
    op.drop_index("ix_code_use_code", "code_use")
    op.create_index("ix_code_use_code", "code_use", _USE_OF_A_CODE)
    for name in reversed(_OPEN_INDEXES):
        op.drop_index(name, "episode")

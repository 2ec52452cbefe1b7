"""Where a patient came from and went to

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_COLUMNS = ("source_of_admission", "discharge_destination")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("episode", sa.Column(name, sa.String(length=8), nullable=True))


def downgrade() -> None:
    for name in reversed(_COLUMNS):
        op.drop_column("episode", name)

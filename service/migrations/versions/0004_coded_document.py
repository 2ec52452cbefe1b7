"""Coded documents, for training

The views stand in service/migrations/views.py and are made anew after every migration: neither database lets
a table change under a view that reads it.

Revision ID: 0004
Revises: 0005
"""

revision = "0004"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing of its own: from here on service/schema.py adds the views."""


def downgrade() -> None:
    """Nothing of its own: below this revision service/schema.py leaves the views away."""

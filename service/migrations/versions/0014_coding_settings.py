"""What a manager allows coders to do at once

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coding_setting",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("accept_from", sa.Float(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_coding_setting_provider_id_provider")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coding_setting")),
        sa.UniqueConstraint("provider_id", "number", name=op.f("uq_coding_setting_provider_id")),
    )


def downgrade() -> None:
    op.drop_table("coding_setting")

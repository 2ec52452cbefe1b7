"""A provider's own policy on top of the coding standards

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "standards_policy",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_standards_policy_provider_id_provider")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standards_policy")),
        sa.UniqueConstraint("provider_id", "number", name=op.f("uq_standards_policy_provider_id")),
    )


def downgrade() -> None:
    op.drop_table("standards_policy")

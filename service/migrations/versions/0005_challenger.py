"""Challenger

Revision ID: 0005
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "challenger_suggestion",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("episode_id", sa.String(length=36), nullable=False),
        sa.Column("suggestion_id", sa.String(length=36), nullable=False),
        sa.Column("model", sa.JSON(), nullable=False),
        sa.Column("model_digest", sa.String(length=64), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("difference", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_challenger_suggestion_provider_id_provider")
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episode.id"], name=op.f("fk_challenger_suggestion_episode_id_episode")
        ),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["suggestion.id"],
            name=op.f("fk_challenger_suggestion_suggestion_id_suggestion"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenger_suggestion")),
        sa.UniqueConstraint(
            "suggestion_id", "model_digest", name=op.f("uq_challenger_suggestion_suggestion_id")
        ),
    )
    with op.batch_alter_table("challenger_suggestion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_challenger_suggestion_episode_id"), ["episode_id"], unique=False)
        batch_op.create_index(
            "ix_challenger_suggestion_list", ["provider_id", "model_digest", "created_at", "id"], unique=False
        )
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.add_column(sa.Column("facts", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.drop_column("facts")
    with op.batch_alter_table("challenger_suggestion", schema=None) as batch_op:
        batch_op.drop_index("ix_challenger_suggestion_list")
        batch_op.drop_index(batch_op.f("ix_challenger_suggestion_episode_id"))
    op.drop_table("challenger_suggestion")

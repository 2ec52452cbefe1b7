"""Local terms

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "local_term",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("use", sa.String(length=8), nullable=False),
        sa.Column("classification", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("phrase", sa.String(length=200), nullable=False),
        sa.Column("match", sa.String(length=8), nullable=False),
        sa.Column("needs", sa.String(length=200), nullable=False),
        sa.Column("companions", sa.String(length=200), nullable=False),
        sa.Column("assertion", sa.String(length=16), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_local_term_provider_id_provider")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_term")),
    )
    with op.batch_alter_table("local_term", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_local_term_provider_id"), ["provider_id"], unique=False)
    for table, column in (("provider", "local_terms_digest"), ("suggestion", "local_terms")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column(column, sa.String(length=64), server_default="", nullable=False))


def downgrade() -> None:
    for table, column in (("suggestion", "local_terms"), ("provider", "local_terms_digest")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
    with op.batch_alter_table("local_term", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_local_term_provider_id"))
    op.drop_table("local_term")

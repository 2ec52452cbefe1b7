"""Queries to clinicians, practice, and forms kept when a session ended

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _queries()
    _links()
    _practice()
    _kept()


def downgrade() -> None:
    for table in ("kept_form", "practice_attempt", "clinician_link", "clinician_query"):
        op.drop_table(table)


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=36), nullable=nullable)


def _belongs(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def _queries() -> None:
    op.create_table(
        "clinician_query",
        _id("id"),
        _id("provider_id"),
        _id("episode_id"),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("concerns", sa.JSON(), nullable=False),
        sa.Column("clinician", sa.String(length=64), nullable=True),
        sa.Column("specialty", sa.String(length=8), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        _id("asked_by"),
        sa.Column("asked_name", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        _id("settled_by", nullable=True),
        sa.Column("settled_name", sa.String(length=200), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_document", sa.String(length=200), nullable=True),
        _belongs("clinician_query", "provider_id", "provider"),
        _belongs("clinician_query", "episode_id", "episode"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinician_query")),
    )
    op.create_index("ix_clinician_query_list", "clinician_query", ["provider_id", "status", "asked_at"])
    op.create_index(op.f("ix_clinician_query_episode_id"), "clinician_query", ["episode_id"])


def _links() -> None:
    op.create_table(
        "clinician_link",
        _id("account_id"),
        _id("provider_id"),
        sa.Column("clinician", sa.String(length=64), nullable=True),
        sa.Column("specialty", sa.String(length=8), nullable=True),
        _belongs("clinician_link", "provider_id", "provider"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_clinician_link")),
    )
    op.create_index(op.f("ix_clinician_link_provider_id"), "clinician_link", ["provider_id"])


def _practice() -> None:
    op.create_table(
        "practice_attempt",
        _id("id"),
        _id("provider_id"),
        _id("account_id"),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("treatment_function", sa.String(length=8), nullable=True),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("with_suggestions", sa.Boolean(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("primary_right", sa.Boolean(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        _belongs("practice_attempt", "provider_id", "provider"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_attempt")),
    )
    op.create_index("ix_practice_attempt_list", "practice_attempt", ["account_id", "finished_at"])


def _kept() -> None:
    op.create_table(
        "kept_form",
        _id("id"),
        _id("provider_id"),
        _id("account_id"),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        _belongs("kept_form", "provider_id", "provider"),
        _belongs("kept_form", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_form")),
    )
    op.create_index(op.f("ix_kept_form_account_id"), "kept_form", ["account_id"])
    op.create_index(op.f("ix_kept_form_until"), "kept_form", ["until"])

"""Automation

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _verdicts()
    _audits()
    _switches()


def downgrade() -> None:
    op.drop_table("automation_switch")
    op.drop_table("blind_audit")
    op.drop_table("gate_verdict")


def _belongs(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def _verdicts() -> None:
    op.create_table(
        "gate_verdict",
        sa.Column("suggestion_id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("episode_id", sa.String(length=36), nullable=False),
        sa.Column("stratum", sa.String(length=40), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("eligible", sa.Boolean(), nullable=False),
        sa.Column("held_back", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("versions", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _belongs("gate_verdict", "suggestion_id", "suggestion"),
        _belongs("gate_verdict", "provider_id", "provider"),
        _belongs("gate_verdict", "episode_id", "episode"),
        sa.PrimaryKeyConstraint("suggestion_id", name=op.f("pk_gate_verdict")),
    )
    op.create_index("ix_gate_verdict_seen", "gate_verdict", ["provider_id", "stratum", "created_at"])
    op.create_index(op.f("ix_gate_verdict_episode_id"), "gate_verdict", ["episode_id"])


def _audits() -> None:
    op.create_table(
        "blind_audit",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("episode_id", sa.String(length=36), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("claimed_by", sa.String(length=36), nullable=True),
        sa.Column("claimed_name", sa.String(length=200), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("documents", sa.JSON(), nullable=True),
        sa.Column("second_coding", sa.JSON(), nullable=True),
        sa.Column("comparison", sa.JSON(), nullable=True),
        sa.Column("suggestion_id", sa.String(length=36), nullable=True),
        sa.Column("stratum", sa.String(length=40), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("held_back", sa.Boolean(), nullable=True),
        sa.Column("is_right", sa.Boolean(), nullable=True),
        sa.Column("versions", sa.String(length=64), nullable=True),
        _belongs("blind_audit", "provider_id", "provider"),
        _belongs("blind_audit", "episode_id", "episode"),
        _belongs("blind_audit", "suggestion_id", "suggestion"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind_audit")),
        sa.UniqueConstraint("episode_id", name=op.f("uq_blind_audit_episode_id")),
    )
    op.create_index("ix_blind_audit_list", "blind_audit", ["provider_id", "status", "drawn_at"])
    op.create_index("ix_blind_audit_evidence", "blind_audit", ["provider_id", "stratum", "versions"])


def _switches() -> None:
    op.create_table(
        "automation_switch",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("stratum", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("because", sa.String(length=300), nullable=False),
        sa.Column("versions", sa.String(length=64), nullable=False),
        sa.Column("named_versions", sa.JSON(), nullable=False),
        sa.Column("error_limit", sa.Float(), nullable=False),
        sa.Column("confidence_level", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("bound", sa.Float(), nullable=False),
        sa.Column("reference", sa.JSON(), nullable=False),
        sa.Column("actor_kind", sa.String(length=12), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _belongs("automation_switch", "provider_id", "provider"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_switch")),
        sa.UniqueConstraint(
            "provider_id", "stratum", "number", name=op.f("uq_automation_switch_provider_id")
        ),
    )

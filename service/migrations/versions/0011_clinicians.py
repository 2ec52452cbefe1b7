"""The register of clinicians, attributions and proposals

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("episode", sa.Column("treating_sent", sa.String(length=64), nullable=True))
    op.create_index("ix_episode_clinician_sent", "episode", ["provider_id", "clinician_sent"])
    op.create_index("ix_episode_treating_sent", "episode", ["provider_id", "treating_sent"])
    _register()
    _policies()
    _proposals()
    _attributions()
    _declarations()


def downgrade() -> None:
    for table in (
        "clinician_declaration",
        "attribution",
        "attribution_proposal",
        "autonomy_policy",
        "clinician_entry",
        "clinician",
    ):
        op.drop_table(table)
    op.drop_index("ix_episode_treating_sent", "episode")
    op.drop_index("ix_episode_clinician_sent", "episode")
    op.drop_column("episode", "treating_sent")  # not in a batch: others refer to the table


def _belongs(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def _register() -> None:
    op.create_table(
        "clinician",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("body", sa.String(length=8), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _belongs("clinician", "provider_id", "provider"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinician")),
        sa.UniqueConstraint("provider_id", "body", "number", name=op.f("uq_clinician_provider_id")),
    )
    op.create_table(
        "clinician_entry",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("clinician_id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("grade", sa.String(length=24), nullable=False),
        sa.Column("main_specialty", sa.String(length=8), nullable=False),
        sa.Column("autonomy", sa.String(length=8), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("policy", sa.String(length=40), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("signed_off_by", sa.String(length=200), nullable=False),
        sa.Column("signed_off_on", sa.Date(), nullable=True),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        _belongs("clinician_entry", "clinician_id", "clinician"),
        _belongs("clinician_entry", "provider_id", "provider"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinician_entry")),
        sa.UniqueConstraint("clinician_id", "number", name=op.f("uq_clinician_entry_clinician_id")),
    )
    op.create_index(op.f("ix_clinician_entry_provider_id"), "clinician_entry", ["provider_id"])


def _policies() -> None:
    op.create_table(
        "autonomy_policy",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.Column("needs_sign_off", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        _belongs("autonomy_policy", "provider_id", "provider"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_autonomy_policy")),
        sa.UniqueConstraint("provider_id", "number", name=op.f("uq_autonomy_policy_provider_id")),
    )


def _proposals() -> None:
    op.create_table(
        "attribution_proposal",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("episode_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("recorded", sa.String(length=64), nullable=False),
        sa.Column("proposed", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("policy", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=200), nullable=True),
        _belongs("attribution_proposal", "provider_id", "provider"),
        _belongs("attribution_proposal", "episode_id", "episode"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_proposal")),
        sa.UniqueConstraint(
            "episode_id", "recorded", "proposed", name=op.f("uq_attribution_proposal_episode_id")
        ),
    )
    op.create_index(
        "ix_attribution_proposal_list", "attribution_proposal", ["provider_id", "state", "made_at", "id"]
    )


def _attributions() -> None:
    op.create_table(
        "attribution",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("episode_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sent", sa.String(length=64), nullable=True),
        sa.Column("treating", sa.String(length=64), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("basis", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("policy", sa.String(length=40), nullable=False),
        sa.Column("proposal_id", sa.String(length=36), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _belongs("attribution", "provider_id", "provider"),
        _belongs("attribution", "episode_id", "episode"),
        _belongs("attribution", "proposal_id", "attribution_proposal"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution")),
        sa.UniqueConstraint("episode_id", "number", name=op.f("uq_attribution_episode_id")),
    )


def _declarations() -> None:
    op.create_table(
        "clinician_declaration",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("clinician_id", sa.String(length=36), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by", sa.String(length=200), nullable=False),
        _belongs("clinician_declaration", "provider_id", "provider"),
        _belongs("clinician_declaration", "clinician_id", "clinician"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinician_declaration")),
    )
    op.create_index(op.f("ix_clinician_declaration_clinician_id"), "clinician_declaration", ["clinician_id"])
    op.create_index("ix_clinician_declaration_list", "clinician_declaration", ["provider_id", "declared_at"])

"""Worklist and progress

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_OPEN = sa.text("status NOT IN ('finalised', 'automated', 'withdrawn')")
_OPEN_COLUMNS = [
    "provider_id", "due_date", "id", "status", "claimed_by", "review_date",
    "site", "treatment_function", "source", "stay_days", "confidence", "histology_arrived",
]  # fmt: skip
_START, _END = "COALESCE(episode_start, spell_start)", "COALESCE(episode_end, spell_end)"
_STAY = {
    "sqlite": f"CAST(JULIANDAY({_END}) - JULIANDAY({_START}) AS INTEGER)",
    "postgresql": f"{_END} - {_START}",
}
_CONFIDENCE = """
    UPDATE episode SET confidence = (
        SELECT MIN(line.confidence) FROM suggestion_line AS line
        JOIN suggestion ON suggestion.id = line.suggestion_id
        WHERE suggestion.episode_id = episode.id AND line.suggested
        AND suggestion.number = (SELECT MAX(number) FROM suggestion WHERE episode_id = episode.id)
    )
"""


def upgrade() -> None:
    op.add_column("episode", sa.Column("stay_days", sa.Integer(), nullable=True))
    op.add_column("episode", sa.Column("source", sa.String(length=12), nullable=True))
    op.add_column("episode", sa.Column("confidence", sa.Float(), nullable=True))
    op.add_column(
        "episode", sa.Column("histology_arrived", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    _fill()
    _indexes()
    _saved_views()


def downgrade() -> None:
    op.drop_table("saved_view")
    op.drop_index("ix_decision_kind", "decision")
    op.drop_index("ix_decision_actor", "decision")
    for name in ("ix_episode_finalised", "ix_episode_received", "ix_episode_open"):
        op.drop_index(name, "episode")
    for column in ("histology_arrived", "confidence", "source", "stay_days"):
        op.drop_column("episode", column)  # not in a batch: that makes the table anew, and others refer to it


def _fill() -> None:
    """What is known of the episodes that are there."""
    stay = _STAY[op.get_bind().dialect.name]
    op.execute(f"UPDATE episode SET stay_days = {stay} WHERE {_END} >= {_START}")  # noqa: S608 (own parts)
    op.execute(_CONFIDENCE)


def _indexes() -> None:
    op.create_index("ix_episode_open", "episode", _OPEN_COLUMNS, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("ix_episode_received", "episode", ["provider_id", "received_at"])
    op.create_index("ix_episode_finalised", "episode", ["provider_id", "finalised_at"])
    op.create_index("ix_decision_actor", "decision", ["provider_id", "actor_id", "decided_at"])
    op.create_index("ix_decision_kind", "decision", ["provider_id", "kind", "decided_at", "actor_id"])


def _saved_views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_saved_view_provider_id_provider")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_view_owner_id")),
    )

"""What became of each code, with what is known of earlier suggestions and decisions

Revision ID: 0012
Revises: 0011
"""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_AT_ONCE = 500
_FINAL = ("finalise", "approve")
_PLAIN = {"accept": "accepted", "reject": "rejected", "remove": "removed"}


def upgrade() -> None:
    op.create_table(
        "code_use",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider_id", sa.String(length=36), nullable=False),
        sa.Column("episode_id", sa.String(length=36), nullable=False),
        sa.Column("source_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("other", sa.String(length=8), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_code_use_provider_id_provider")
        ),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_code_use_episode_id_episode")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_use")),
    )
    op.create_index("ix_code_use_code", "code_use", ["provider_id", "role", "code", "at"])
    op.create_index(op.f("ix_code_use_episode_id"), "code_use", ["episode_id"])
    op.execute(
        "INSERT INTO code_use (provider_id, episode_id, source_id, role, code, kind, at) "
        "SELECT l.provider_id, l.episode_id, l.suggestion_id, l.role, l.code, 'suggested', s.created_at "
        "FROM suggestion_line l JOIN suggestion s ON s.id = l.suggestion_id WHERE l.suggested"
    )
    _note_decisions(op.get_bind())


def downgrade() -> None:
    op.drop_table("code_use")


def _note_decisions(connection: sa.Connection) -> None:
    """Episode by episode, as deciding would have noted them."""
    query = sa.text(
        "SELECT id, provider_id, episode_id, kind, line_id, content, actor_role, decided_at FROM decision "
        "ORDER BY episode_id, number"
    )
    rows = connection.execute(query.execution_options(yield_per=_AT_ONCE))
    roles = _roles(connection)
    notes: list[dict[str, Any]] = []
    episode: list[Any] = []
    for row in rows:
        if episode and episode[0].episode_id != row.episode_id:
            notes += _notes(episode, roles)
            episode = []
        episode.append(row)
        if len(notes) >= _AT_ONCE:
            _write(connection, notes)
            notes = []
    _write(connection, notes + list(_notes(episode, roles)))


def _roles(connection: sa.Connection) -> dict[str, str]:
    found = connection.execute(sa.text("SELECT id, role FROM suggestion_line"))
    return {row.id: row.role for row in found}


def _notes(episode: list[Any], roles: dict[str, str]) -> list[dict[str, Any]]:
    contents = {row.id: _json(row.content) for row in episode}
    undone = {contents[row.id]["decision"] for row in episode if row.kind == "undo"}
    finals = [row.id for row in episode if row.kind in _FINAL]
    counted = {row.id for row in episode if row.id not in undone and row.id not in finals[:-1]}
    notes: list[dict[str, Any]] = []
    for row in episode:
        if row.kind == "add" and row.line_id:
            roles[row.line_id] = contents[row.id]["role"]
        if row.id in counted:
            notes += [_note(row, *use) for use in _uses(row, contents[row.id], roles)]
    return notes


def _uses(
    row: Any, content: dict[str, Any], roles: dict[str, str]
) -> Iterator[tuple[str, str, str, str | None]]:
    role = roles.get(row.line_id or "", "")
    if row.kind in _FINAL:
        if row.kind == "finalise" and row.actor_role == "trainee":
            return  # it waited for a check
        for line_id, code in content.get("lines", ()):
            yield roles.get(line_id, "diagnosis"), code, "finalised", None
    elif row.kind == "add":
        yield content["role"], content["code"], "added", None
    elif row.kind in _PLAIN and role:
        yield role, content["code"], _PLAIN[row.kind], None
    elif row.kind == "replace" and role:
        yield role, content["was"], "replaced", content["code"]
        yield role, content["code"], "chosen", content["was"]


def _note(row: Any, role: str, code: str, kind: str, other: str | None) -> dict[str, Any]:
    return {
        "provider_id": row.provider_id,
        "episode_id": row.episode_id,
        "source_id": row.id,
        "role": role,
        "code": code,
        "kind": kind,
        "other": other,
        "at": row.decided_at,
    }


def _json(written: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written) if isinstance(written, str) else written
    return found


def _write(connection: sa.Connection, notes: list[dict[str, Any]]) -> None:
    if notes:
        connection.execute(
            sa.text(
                "INSERT INTO code_use (provider_id, episode_id, source_id, role, code, kind, other, at) "
                "VALUES (:provider_id, :episode_id, :source_id, :role, :code, :kind, :other, :at)"
            ),
            notes,
        )

"""Runs migrations on the connection that service/schema.py gives."""

from typing import Any, Literal

from alembic import context

from service.db import UtcDateTime
from service.tables import Base


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:  # as Alembic calls it
    """Migrations name plain types only, so that they stay true when our code moves."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()

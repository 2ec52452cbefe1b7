"""The history of the schema (Alembic)."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def newest_revision() -> str | None:
    """The revision that this code needs."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(FOLDER)).get_current_head()

"""What the audit chain vouches for of the rows of this room: every field."""

from datetime import date
from typing import Any

from service.clinicians.tables import AttributionRow, AutonomyPolicy, ClinicianEntry, Declaration

Appended = ClinicianEntry | AutonomyPolicy | AttributionRow | Declaration

APPENDED: tuple[type[Appended], ...] = (ClinicianEntry, AutonomyPolicy, AttributionRow, Declaration)
"""Tables whose rows never change once they are written."""


def row_content(row: Appended) -> dict[str, Any]:
    found = {column.key: getattr(row, column.key) for column in type(row).__table__.columns}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


def row_subject(row: Appended) -> str:
    return f"{row.__tablename__}:{row.id}"

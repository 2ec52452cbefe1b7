"""What the chain vouches for of a done audit and of a switch: the evidence on which automation rests."""

from typing import Any

from service.automation.tables import AutomationSwitch, BlindAudit


def audit_content(row: BlindAudit) -> dict[str, Any]:
    names = (
        "episode_id", "documents", "second_coding", "comparison", "suggestion_id", "stratum", "confidence",
        "held_back", "is_right", "versions",
    )  # fmt: skip
    return {"id": row.id, **{name: getattr(row, name) for name in names}}


def switch_content(row: AutomationSwitch) -> dict[str, Any]:
    """Every field."""
    columns = [column.key for column in AutomationSwitch.__table__.columns if column.key != "at"]
    return {**{name: getattr(row, name) for name in columns}, "at": row.at.isoformat()}

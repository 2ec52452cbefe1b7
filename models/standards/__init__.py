"""The coding standards at work: completing a model's coding, checking a coder's."""

from models.standards.coding import (
    Add,
    Arrange,
    Change,
    Completed,
    Edit,
    Facts,
    Finding,
    Line,
    Move,
    Remove,
    Replace,
    SetFifth,
)
from models.standards.editing import edited
from models.standards.engine import StandardsEngine
from models.standards.version import StandardsVersion

__all__ = [
    "Add",
    "Arrange",
    "Change",
    "Completed",
    "Edit",
    "Facts",
    "Finding",
    "Line",
    "Move",
    "Remove",
    "Replace",
    "SetFifth",
    "StandardsEngine",
    "StandardsVersion",
    "edited",
]

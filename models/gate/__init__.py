"""The automation gate: what is simple and certain enough to be coded without a person."""

from models.gate.bounds import (
    GRID,
    LEAST_CASES,
    Threshold,
    cases_needed,
    interval,
    most_error,
    p_value,
    safest_threshold,
    supports,
)
from models.gate.chance import FEATURES, RightModel, chance_features
from models.gate.gate import Gate, Level
from models.gate.signs import Signs
from models.reasons import OPENING, WORDS, Reason, in_words

__all__ = [
    "FEATURES",
    "GRID",
    "LEAST_CASES",
    "OPENING",
    "WORDS",
    "Gate",
    "Level",
    "Reason",
    "RightModel",
    "Signs",
    "Threshold",
    "cases_needed",
    "chance_features",
    "in_words",
    "interval",
    "most_error",
    "p_value",
    "safest_threshold",
    "supports",
]

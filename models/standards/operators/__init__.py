"""The operators: what rules may say, one class each (data/standards/vocabulary.py describes them)."""

from data.standards import Rule
from models.standards.operators.base import Operator
from models.standards.operators.order import Before, First, Follows, NeverFirst
from models.standards.operators.patient import Fifth, Patient
from models.standards.operators.presence import (
    Asks,
    Combination,
    Documented,
    Exists,
    Expected,
    Explained,
    Needs,
    Never,
    NotTogether,
    Once,
    OneOf,
    Specific,
)
from models.standards.operators.procedures import Furthest, GroupOrder, Laterality

CLASSES: dict[str, type[Operator]] = {
    "asks": Asks,
    "before": Before,
    "combination": Combination,
    "documented": Documented,
    "exists": Exists,
    "expected": Expected,
    "explained": Explained,
    "fifth": Fifth,
    "first": First,
    "follows": Follows,
    "furthest": Furthest,
    "laterality": Laterality,
    "needs": Needs,
    "never": Never,
    "never_first": NeverFirst,
    "not_together": NotTogether,
    "once": Once,
    "one_of": OneOf,
    "patient": Patient,
    "sequence": GroupOrder,
    "specific": Specific,
}


def operator_of(rule: Rule) -> Operator:
    return CLASSES[rule.operator](rule)

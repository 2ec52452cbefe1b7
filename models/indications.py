"""Which diagnoses lead beside which operations: a new hip goes with a worn one, not with asthma.

Counted over the codings that a model was trained on, by category and by chapter letter of either side.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.ordering import Ranked

Counts = tuple[int, int]
"""How often a code stood in a coding, and how often it stood first."""
INDICATION_FEATURES = (
    "letter_for_letter",
    "category_for_letter",
    "letter_for_category",
    "category_for_category",
)
_LEAST_CONFIDENCE = 0.4
"""Of a procedure that speaks for a diagnosis."""
_NO_PROCEDURE = "-"
_BESIDE = "YZO"
"""Chapters of methods and sites."""
_PRIOR_SHARE = 0.13
_PRIOR_WEIGHT = 4.0


def operations(procedures: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Chapter letters and categories of what was done; a dash where nothing was."""
    codes = [code for code in procedures if code[0] not in _BESIDE]
    letters = frozenset(code[0] for code in codes) or frozenset({_NO_PROCEDURE})
    return letters, frozenset(code[:3] for code in codes)


def pair_key(diagnosis: str, operation: str) -> str:
    return f"{diagnosis} {operation}"


def indication_rows(
    diagnoses: Sequence[Ranked], procedures: Iterable[Ranked], counts: Mapping[str, Counts]
) -> NDArray[np.float64]:
    """INDICATION_FEATURES of each diagnosis: log-odds that it leads beside the most telling operation."""
    confident = (one.candidate.code for one in procedures if one.confidence >= _LEAST_CONFIDENCE)
    kinds = operations(confident)
    shares = [
        [
            max((_share(counts.get(pair_key(key, done), (0, 0))) for done in kind), default=_PRIOR_SHARE)
            for kind in kinds
            for key in (one.candidate.code[0], one.candidate.code[:3])
        ]
        for one in diagnoses
    ]
    found = np.array(shares).reshape(-1, len(INDICATION_FEATURES))
    return np.asarray(np.log(found / (1 - found)), dtype=np.float64)


def _share(counts: Counts) -> float:
    stood, first = counts
    return (first + _PRIOR_WEIGHT * _PRIOR_SHARE) / (stood + _PRIOR_WEIGHT)

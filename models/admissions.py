"""What a feature of a diagnosis tells more of, or less, in emergencies and in day cases.

A tumour leads when a patient comes for its treatment by appointment, seldom when they are brought in with an
infection. How a patient came is the same for all diagnoses of an episode: alone it could choose none of them.
"""

import numpy as np
from numpy.typing import NDArray

from models.ranking import FEATURE_NAMES

_WAYS = ("emergency", "daycase")
_FEATURES = (
    "neoplasm", "symptom", "functional", "status_z", "other_z", "injury", "secondary",
    "unspecified_code", "beside_procedure", "early", "position", "heads_section", "section_indication",
    "section_presenting", "section_procedures", "section_findings", "section_histology", "section_diagnoses",
    "lead_reason", "lead_diagnosis", "lead_stated", "lead_known",
)  # fmt: skip
ADMISSION_FEATURES: tuple[str, ...] = tuple(f"{way} {name}" for way in _WAYS for name in _FEATURES)
_WAY_PLACES = [FEATURE_NAMES.index(way) for way in _WAYS]
_PLACES = [FEATURE_NAMES.index(name) for name in _FEATURES]


def admission_rows(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """ADMISSION_FEATURES of each row of FEATURE_NAMES."""
    values = features[:, _PLACES]
    return np.hstack([features[:, [way]] * values for way in _WAY_PLACES])

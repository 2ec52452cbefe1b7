"""A ranker set by hand, for the day before there is anything to learn from.

Weights are in log-odds on raw features: what stands under a diagnosis heading or in a past history is
coded, what a plan or an investigation mentions seldom is.
"""

from collections.abc import Mapping

from data.episodes import Role
from models.ranking.features import FEATURE_NAMES
from models.ranking.ranker import Ranker, RoleRanker

_DIAGNOSIS = {
    "usage": 1.2,
    "mentions": 0.6,
    "against": -0.7,
    "early": 0.4,
    "letters": 0.8,
    "short_abbreviation": -0.2,
    "symptom": -0.6,
    "symptom_with_definite": -1.2,
    "other_z": -0.3,
    "cause_without_injury": -1.0,
    "kind_title": -0.6,
    "kind_lay": -0.2,
    "origin_status": -0.5,
    "origin_combination": 1.0,
    "origin_hint": -3.0,
    "kind_hint": -3.0,
    "section_primary_diagnosis": 1.5,
    "section_diagnoses": 1.2,
    "section_secondary_diagnoses": 1.2,
    "section_past_history": 1.0,
    "section_complications": 0.6,
    "section_histology": 0.5,
    "section_investigations": -0.8,
    "section_examination": -1.0,
    "section_plan": -1.0,
    "section_follow_up": -1.2,
    "section_admin": -0.5,
    "section_medications": -0.2,
    "primary_heading_elsewhere": -0.2,
    "symptom_alone": 1.6,
    "number_follows": -1.5,
    "in_heading": -1.5,
}
_PROCEDURE = {
    "usage": 1.0,
    "mentions": 0.5,
    "against": -0.5,
    "words": 0.6,
    "imaging": 0.3,
    "far": -1.0,
    "distance": -0.8,
    "kind_lay": -0.3,
    "origin_companion": 0.2,
    "origin_side": -0.3,
    "origin_site": -0.4,
    "section_procedures": 1.0,
    "section_diagnoses": 0.3,
    "section_clinical_summary": 0.4,
    "section_findings": 0.2,
    "section_presenting": 0.1,
    "section_investigations": 0.2,
    "section_indication": -0.8,
    "section_admin": -0.6,
    "section_social_history": -1.5,
    "section_medications": -1.0,
    "section_allergies": -1.5,
    "section_history_of_presenting": -0.4,
    "number_follows": -1.5,
    "beside_specific": -1.3,
}


def day_one_ranker() -> Ranker:
    return Ranker(
        {
            Role.DIAGNOSIS: _by_hand(_DIAGNOSIS, intercept=-0.6),
            Role.PROCEDURE: _by_hand(_PROCEDURE, intercept=-0.5),
        }
    )


def _by_hand(weights: Mapping[str, float], *, intercept: float) -> RoleRanker:
    unknown = weights.keys() - set(FEATURE_NAMES)
    if unknown:
        raise ValueError(f"no such features: {', '.join(sorted(unknown))}")
    return RoleRanker(
        weights=tuple(weights.get(name, 0.0) for name in FEATURE_NAMES),
        intercept=intercept,
        means=(0.0,) * len(FEATURE_NAMES),
        scales=(1.0,) * len(FEATURE_NAMES),
    )

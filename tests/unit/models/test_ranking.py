"""Features and the ranker."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.episodes import Role
from models.ranking import FEATURE_NAMES, Ranker, RoleRanker, day_one_ranker
from tests.unit.models.small_model import coder, episode


def features(text: str, code: str, **facts: object) -> dict[str, float]:
    found = coder().candidates(episode(text, **facts))  # type: ignore[arg-type]
    one = next(candidate for candidate in found if candidate.code == code)
    return dict(zip(FEATURE_NAMES, one.features, strict=True))


class TestFeatures:
    def test_names_are_distinct(self) -> None:
        assert len(set(FEATURE_NAMES)) == len(FEATURE_NAMES)

    def test_no_name_is_a_code(self) -> None:
        assert not any(name[1:3].isdecimal() for name in FEATURE_NAMES)

    @pytest.mark.parametrize(
        ("text", "code", "name"),
        [
            ("PMH: asthma", "J459", "section_past_history"),
            ("Diagnosis: asthma", "J459", "section_diagnoses"),
            ("Probable pneumonia", "J189", "probable"),
            ("Diagnosis: chest pain", "R074", "symptom_alone"),
            ("Pneumonia with chest pain", "R074", "symptom_with_definite"),
            ("Ex-smoker", "Z864", "status_z"),
            ("Stroke 2018", "Z867", "origin_status"),
            ("CT head done", "U051", "imaging"),
            ("CT head done", "Y981", "origin_companion"),
            ("CT head done", "Y981", "secondary"),
            ("AF 72", "I489", "number_follows"),
            ("AF", "I489", "short_abbreviation"),
            ("slipped", "W010", "cause_without_injury"),
        ],
    )
    def test_a_feature_says_what_its_name_says(self, text: str, code: str, name: str) -> None:
        assert features(text, code)[name] == 1.0

    @pytest.mark.parametrize(
        ("text", "code", "name"),
        [
            ("PMH: asthma", "J459", "section_diagnoses"),
            ("AF 2019", "I489", "number_follows"),
            ("slipped #NOF", "W010", "cause_without_injury"),
            ("Diagnosis: pneumonia, chest pain", "R074", "symptom_alone"),
        ],
    )
    def test_and_no_more(self, text: str, code: str, name: str) -> None:
        assert features(text, code)[name] == 0.0

    def test_mentions_for_and_against_are_counted(self) -> None:
        found = features("No AKI at first. AKI on day 2. AKI settled.", "N179")
        assert found["mentions"] == pytest.approx(math.log1p(2))
        assert found["against"] == pytest.approx(math.log1p(1))


class TestRanker:
    def test_json_gives_it_back(self) -> None:
        ranker = day_one_ranker()
        assert Ranker.from_json(ranker.to_json()) == ranker

    def test_confidence_follows_the_calibration(self) -> None:
        plain = day_one_ranker().roles[Role.DIAGNOSIS]
        halved = replace(plain, calibration=((0.0, 0.0), (1.0, 0.5)))
        row = [[0.0] * len(FEATURE_NAMES)]
        assert halved.confidences(row)[0] == pytest.approx(plain.confidences(row)[0] / 2)

    def test_standardising_is_undone(self) -> None:
        plain = day_one_ranker().roles[Role.DIAGNOSIS]
        moved = replace(
            plain,
            means=(1.0,) * len(FEATURE_NAMES),
            scales=(2.0,) * len(FEATURE_NAMES),
        )
        row = [[3.0] * len(FEATURE_NAMES)]
        assert moved.raw(row)[0] == pytest.approx(plain.raw([[1.0] * len(FEATURE_NAMES)])[0])

    def test_no_candidates_no_confidences(self) -> None:
        assert day_one_ranker().confidences(Role.DIAGNOSIS, []) == []

    @settings(deadline=None)
    @given(st.lists(st.floats(-1e6, 1e6), min_size=len(FEATURE_NAMES), max_size=len(FEATURE_NAMES)))
    def test_a_confidence_is_a_probability(self, row: list[float]) -> None:
        assert 0.0 <= day_one_ranker().confidences(Role.PROCEDURE, [row])[0] <= 1.0

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("weights", (1.0,)),
            ("scales", (0.0,) * len(FEATURE_NAMES)),
            ("intercept", math.nan),
            ("calibration", ((0.0, 0.0),)),
            ("calibration", ((0.0, 0.5), (1.0, 0.4))),
            ("calibration", ((0.5, 0.1), (0.5, 0.4))),
        ],
    )
    def test_a_ranker_that_cannot_work_is_refused(self, field: str, value: object) -> None:
        plain = day_one_ranker().roles[Role.DIAGNOSIS]
        with pytest.raises(ValueError, match=r"must be|needs"):
            RoleRanker(**{**_fields(plain), field: value})  # type: ignore[arg-type]

    def test_one_fitted_on_other_features_is_refused(self) -> None:
        written = day_one_ranker().to_json()
        written["features"] = ["another", *written["features"][1:]]
        with pytest.raises(ValueError, match="other features"):
            Ranker.from_json(written)


def _fields(ranker: RoleRanker) -> dict[str, object]:
    names = ("weights", "intercept", "means", "scales", "calibration", "threshold")
    return {name: getattr(ranker, name) for name in names}

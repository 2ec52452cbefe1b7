"""What is read together: combinations of diagnoses, endoscopies, medicines as hints, facts of the patient."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from data.classifications import load_classification
from data.episodes import Role
from models.coder import LexiconCoder
from models.knowledge import make_parts
from models.mentions.facts import patient_facts
from models.prediction import ModelVersion, Prediction
from tests.unit.models.small_model import episode


@cache
def day_one() -> LexiconCoder:
    tables = {Role.DIAGNOSIS: load_classification("icd10"), Role.PROCEDURE: load_classification("opcs4")}
    parts = make_parts(tables, created=datetime(2026, 3, 1, tzinfo=UTC))
    return LexiconCoder(ModelVersion("x", "1", ""), parts.terms, parts.language, parts.ranker, tables)


def suggest(text: str, **facts: Any) -> Prediction:
    return day_one().suggest(episode(text, **facts))


def diagnoses(text: str, **facts: Any) -> set[str]:
    return {line.code for line in suggest(text, **facts).diagnoses if line.suggested}


def procedures(text: str) -> list[str]:
    return [line.code for line in suggest(text).procedures if line.suggested]


def test_a_chest_infection_in_copd_is_one_code_that_cites_both() -> None:
    answer = suggest("Diagnosis: COPD. Lower respiratory tract infection.")
    line = next(line for line in answer.diagnoses if line.code == "J440")
    assert {evidence.text for evidence in line.evidence} == {"COPD", "Lower respiratory tract infection"}
    assert {left.would_be for left in answer.not_coded} >= {"J449", "J22X"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Ellipse excised from the scalp.\nHistology: basal cell carcinoma.", "C444"),
        ("Two lesions: skin of back and skin of face.\nHistology: basal cell carcinoma.", "C449"),
        ("Histology: basal cell carcinoma of skin.", "C449"),
    ],
)
def test_a_tumour_has_the_only_site_that_its_document_names(text: str, code: str) -> None:
    assert {one for one in diagnoses(text) if one.startswith("C44")} == {code}


@pytest.mark.parametrize(
    ("text", "causes"),
    [
        ("Gastric ulcer, attributed by the team to naproxen.", {"Y452"}),
        ("Gastric ulcer, put down to the long-term naproxen.", {"Y452"}),
        ("Constipation from morphine.", {"Y450"}),
        ("Gastric ulcer, not attributed to her naproxen.", set()),
        ("Gastric ulcer. Switched from naproxen to paracetamol.", set()),
    ],
)
def test_a_medicine_that_is_blamed_is_the_cause(text: str, causes: set[str]) -> None:
    found = {one.code for one in day_one().candidates(episode(text)) if one.role is Role.DIAGNOSIS}
    assert {code for code in found if code[0] == "Y"} == causes


def test_a_scan_is_not_denied_by_what_it_did_not_show() -> None:
    assert "U354" in procedures("No PE on CTPA.")
    assert "I269" not in diagnoses("No PE on CTPA.")
    assert procedures("CT head on the ward not repeated.") == []


def test_a_negated_part_makes_no_combination() -> None:
    assert "J440" not in diagnoses("Diagnosis: COPD. No lower respiratory tract infection.")


def test_a_complication_takes_the_type_of_diabetes_and_its_manifestation() -> None:
    found = diagnoses("PMH: type 2 diabetes mellitus. Diabetic retinopathy.")
    assert {"E113", "H360"} <= found
    assert not found & {"E119", "E143", "E149"}


def test_a_medicine_is_a_hint_and_never_suggested() -> None:
    line = next(
        line for line in suggest("Medications: levothyroxine 100 micrograms").diagnoses if line.code == "E039"
    )
    assert not line.suggested
    assert line.reason == "'levothyroxine' is often given for it: look for the diagnosis"


def test_a_hint_is_not_given_where_the_condition_stands() -> None:
    answer = suggest("PMH: hypothyroidism. Medications: levothyroxine")
    assert [line.code for line in answer.diagnoses].count("E039") == 1


REPORT = "GASTROSCOPY\nOesophagus: normal.\nStomach: gastritis.\nDuodenum: reached, normal to D2.\n"


class TestEndoscopies:
    def test_an_examination_has_the_farthest_site(self) -> None:
        assert procedures(REPORT) == ["G459", "Z274"]

    def test_a_biopsy_has_its_own_site(self) -> None:
        assert procedures(REPORT + "Biopsies taken from the antrum.") == ["G451", "Z272"]

    def test_no_biopsy_is_none(self) -> None:
        assert procedures(REPORT + "No biopsies were taken from the antrum.")[0] == "G459"

    def test_beside_a_treatment_the_examination_is_not_coded(self) -> None:
        found = procedures("OGD today. Variceal band ligation of oesophageal varices.")
        assert "G459" not in found
        assert any(code.startswith("G43") for code in found)


def candidates_of_procedures(text: str) -> list[str]:
    found = day_one().candidates(episode(text))
    return [one.code for one in found if one.role is Role.PROCEDURE]


class TestMethodsToldFarFromTheirOperation:
    FAR = "Supine. Draped. Groin crease incision. Cord slung. Polypropylene mesh laid.\n"

    def test_a_mesh_belongs_to_the_only_hernia_repair(self) -> None:
        found = candidates_of_procedures("Operation: repair of umbilical hernia.\n" + self.FAR)
        assert found == ["T242", "Y281"]

    def test_a_named_mesh_takes_the_place_of_one_without_a_name(self) -> None:
        found = candidates_of_procedures("Operation: mesh repair of inguinal hernia.\n" + self.FAR)
        assert found == ["T202", "Y281"]

    def test_beside_two_repairs_it_is_left_out(self) -> None:
        text = "Operation: mesh repair of inguinal hernia. Repair of umbilical hernia.\n" + self.FAR
        assert "Y281" not in candidates_of_procedures(text)

    def test_guidance_belongs_to_the_only_injection(self) -> None:
        text = (
            "Caudal epidural injection today.\nLegs ache. Walks less. Prone. Needle placed under fluoroscopy."
        )
        assert candidates_of_procedures(text) == ["A522", "Y534"]


class TestSiteAndSideOfTheDiagnosis:
    def test_the_bone_and_its_side_are_told_with_the_fracture(self) -> None:
        text = (
            "X-ray: displaced left distal radius fracture. Right elbow normal.\nGA. Manipulation of fracture."
        )
        assert candidates_of_procedures(text) == ["W262", "Z705", "Z943"]

    def test_the_quadrant_and_its_side_are_told_with_the_cancer(self) -> None:
        text = (
            "Invasive ductal carcinoma in the upper outer quadrant of the left breast; "
            "the right breast is clear.\n"
            "Wide local excision with sentinel node biopsy."
        )
        assert candidates_of_procedures(text) == ["B282", "Z152", "Z943", "T873", "O142", "Z943"]

    def test_a_wound_says_where_it_was_stitched(self) -> None:
        text = "Left forearm laceration. Right knee grazed. Cleaned. Wound sutured with nylon."
        assert candidates_of_procedures(text) == ["S421", "Z501", "Z943"]

    def test_a_site_says_its_side_wherever_it_is_named(self) -> None:
        text = "Left axillary abscess. Right leg fine.\nTheatre. Incision and drainage of abscess, axilla."
        assert candidates_of_procedures(text) == ["S472", "Z492", "Z943"]

    def test_two_sides_of_the_diagnosis_are_none(self) -> None:
        text = "Fracture of left distal radius. Seen. Fracture of right distal radius. Well."
        text += "\nTheatre. Manipulation of fracture."
        assert not {"Z942", "Z943"} & set(candidates_of_procedures(text))


class TestOperationsThatOnePhraseNames:
    def test_each_has_its_own_methods_sites_and_side(self) -> None:
        found = candidates_of_procedures("Operation: left mastectomy and sentinel node biopsy.")
        assert found == ["B274", "Z943", "T873", "O142", "Z943"]

    def test_a_method_may_stand_twice(self) -> None:
        found = candidates_of_procedures("Operation: robotic hysterectomy and BSO.")
        assert found == ["Q074", "Y753", "Q221", "Y753"]

    def test_one_that_is_named_by_itself_stands_once(self) -> None:
        text = "Operation: left mastectomy and sentinel node biopsy. Sentinel node biopsy: two nodes."
        assert candidates_of_procedures(text).count("T873") == 1


class TestOperationsToldInParts:
    def test_a_sphincterotomy_and_a_trawl_for_stones_are_one_operation(self) -> None:
        text = "ERCP. Two stones in the common bile duct. 10 mm sphincterotomy. Dormia basket to CBD."
        assert procedures(text)[0] == "J381"
        found = next(line for line in suggest(text).procedures if line.code == "J381")
        assert {evidence.text for evidence in found.evidence} >= {"sphincterotomy", "Dormia basket"}

    def test_what_went_with_a_part_goes_with_the_whole(self) -> None:
        text = "ERCP. Sphincterotomy small.\nPlastic stent placed in common bile duct."
        assert candidates_of_procedures(text) == ["J382", "Z303"]

    def test_the_general_operation_gives_way_to_the_specific_one(self) -> None:
        found = candidates_of_procedures("Right total knee replacement. Implants: cemented TKR.")
        assert found == ["W401", "Z942"]

    def test_operations_of_other_documents_stay(self) -> None:
        found = day_one().candidates(episode("ERCP and sphincterotomy.", "Balloon trawl of CBD."))
        codes = [one.code for one in found if one.role is Role.PROCEDURE]
        assert codes == ["J389", "Z303", "J411", "Z303"]


class TestOperationsOfOneSitting:
    def test_they_are_one_group_with_one_side(self) -> None:
        text = "Left ureteroscopy, laser fragmentation of ureteric stone.\nJJ stent left in place."
        assert candidates_of_procedures(text) == ["M271", "M274", "Z943"]

    def test_a_method_stays_behind_its_operation(self) -> None:
        text = "EVLA left long saphenous vein under ultrasound guidance.\nMultiple stab avulsions left leg."
        found = candidates_of_procedures(text)
        assert found[:3] == ["L881", "Y532", "L874"]
        assert [code for code in found if code.startswith("Z94")] == ["Z943"]

    def test_operations_on_two_sides_stay_apart(self) -> None:
        text = "Right ureteroscopy, laser fragmentation of ureteric stone.\nJJ stent, left ureter."
        assert candidates_of_procedures(text) == ["M271", "Z942", "M274", "Z943"]

    def test_an_unpaired_organ_takes_no_side(self) -> None:
        found = candidates_of_procedures("Left myringotomy. Adenoids curetted, left tonsil small.")
        assert found[-1] == "E201"


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("38+2/40, G2P1, in labour", {"sex": "female", "age": 30}, {"pregnant", "adult"}),
        ("seen today", {"sex": "female", "age": 30, "treatment_function": "501"}, {"pregnant", "adult"}),
        ("38+2/40, G2P1", {"sex": "male", "age": 30}, {"adult"}),
        ("Seen on EPAU, 8+6 by scan", {"sex": "female", "age": 30}, {"pregnant", "adult"}),
        ("?hyperemesis, so not hyperemesis", {"sex": "female", "age": 30}, {"adult"}),
        ("mother G2P1, 38/40", {"age": 0, "admission_method": "birth"}, {"newborn", "child"}),
        ("9 day old with jaundice", {"age": 0, "admission_method": "emergency"}, {"newborn", "child"}),
        ("Day 28 of life", {"age": 0}, {"newborn", "child"}),
        ("40 days old", {"age": 0}, {"child"}),
        ("Has a 9 day old son", {"age": 30}, {"adult"}),
        ("well", {"age": 15}, {"child"}),
        ("well", {}, set()),
    ],
)
def test_facts_of_the_patient(text: str, facts: dict[str, Any], expected: set[str]) -> None:
    assert patient_facts(episode(text, **facts)) == expected


def test_the_bypass_of_an_operation_on_an_open_heart_is_told_once() -> None:
    text = "Angiogram first.\nCABG x3.\nAortic valve replacement.\nCardiopulmonary bypass time 90 minutes."
    given = procedures(text)
    assert given.count("Y731") == 1
    assert given[given.index("Y731") - 1].startswith("K4")


def test_an_operation_on_the_spine_and_its_levels_share_their_side() -> None:
    found = suggest("RF denervation L4/5, L5/S1 right. Facet joint pain.").procedures
    assert [(line.code, line.group) for line in found if line.suggested] == [
        ("V485", 1),
        ("V552", 1),
        ("Z942", 1),
    ]


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Dx: R inguinal hernia. Op: open repair, mesh. PMH L THR 2016", "Z942"),
        ("L leg varicose veins. RFA GSV. R leg to be listed.", "Z943"),
        ("Deep burn of L foot, old scar R.\nTheatre: debridement of burn.", "Z943"),
        ("CT guided biopsy of RUL nodule: 3 cores.", "Z942"),
    ],
)
def test_the_side_of_what_is_treated_counts_before_others(text: str, side: str) -> None:
    assert side in [line.code for line in suggest(text).procedures if line.suggested]


def test_how_a_patient_lay_is_no_side() -> None:
    assert "Z943" not in procedures("Sigmoidoscopy and biopsy, left side down. Normal to 60 cm.")
    assert "Z943" not in procedures("Excision of lesion of skin of back, left lateral position.")
    assert "Z943" in procedures("Excision of lesion of skin of thigh, left.")


def test_the_image_that_is_named_stands_alone() -> None:
    text = "IMAGE GUIDED INJECTION: nerve root block L5 left, image intensifier"
    assert [code for code in procedures(text) if code.startswith("Y53")] == ["Y535"]


def test_what_is_no_kind_of_another_disease_stays_beside_it() -> None:
    assert {"I441", "I447"} <= set(diagnoses("Mobitz II second degree heart block, known LBBB."))
    assert "D696" not in diagnoses("ITP. Thrombocytopenia, plt 8.")


def test_a_test_with_weeks_behind_it_is_to_come() -> None:
    assert not [line for line in suggest("Echo 6/52. Colonoscopy 3/52").procedures if line.suggested]


def test_secondary_in_short_is_no_stage() -> None:
    assert not {"N182"} & set(diagnoses("CKD 2' to hypertension"))
    assert "N182" in diagnoses("CKD 2")

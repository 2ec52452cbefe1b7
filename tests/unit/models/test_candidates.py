"""From judged mentions to candidate lines: evidence, what is left out, specificity, procedure groups."""

import pytest

from data.episodes import NotCodedReason, Role
from models.candidates import Candidate, Origin
from tests.unit.models.small_model import coder, episode, suggest


def candidates(*texts: str) -> tuple[Candidate, ...]:
    return coder().candidates(episode(*texts))


def codes(role: Role, *texts: str) -> list[str]:
    return [one.code for one in candidates(*texts) if one.role is role]


def groups(*texts: str) -> list[tuple[int | None, str]]:
    return [(one.group, one.code) for one in candidates(*texts) if one.role is Role.PROCEDURE]


def left_out(*texts: str) -> list[tuple[str | None, str]]:
    return [(one.would_be, one.reason.value) for one in suggest(*texts).not_coded]


class TestDiagnoses:
    def test_mentions_of_one_code_are_one_candidate(self) -> None:
        found = candidates("HTN. Long history of hypertension. Hypertension.")
        assert [one.code for one in found] == ["I10X"]
        assert [one.text for one in found[0].evidence] == ["HTN", "hypertension"]

    def test_evidence_comes_from_all_documents(self) -> None:
        found = candidates("Known COPD", "Diagnosis: pneumonia")
        assert [(one.code, one.evidence[0].document) for one in found] == [("J449", 0), ("J189", 1)]

    def test_at_most_three_pieces_of_evidence(self) -> None:
        text = "Type 2 diabetes. T2DM. type 2 diabetic: T2DMs. Type-2 diabetes"
        assert len(candidates(text)[0].evidence) <= 3

    def test_present_somewhere_is_present(self) -> None:
        text = "No AKI on admission. Developed AKI on day 3."
        assert codes(Role.DIAGNOSIS, text) == ["N179"]
        assert left_out(text) == []
        assert candidates(text)[0].against == 1

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("No evidence of PE", ("I269", NotCodedReason.NEGATED)),
            ("?PE", ("I269", NotCodedReason.QUERIED)),
            ("Mother had breast cancer", ("C509", NotCodedReason.FAMILY)),
            ("Stroke 2018", ("I639", NotCodedReason.HISTORY)),
            ("Plan: OGD", ("G459", NotCodedReason.PLANNED)),
            ("CABG 2009", ("K401", NotCodedReason.PAST_PROCEDURE)),
            ("If chest pain come back", ("R074", NotCodedReason.HYPOTHETICAL)),
        ],
    )
    def test_what_is_left_out_says_why(self, text: str, expected: tuple[str, NotCodedReason]) -> None:
        assert left_out(text) == [expected]

    def test_left_out_mentions_quote_the_text(self) -> None:
        one = suggest("No evidence of PE").not_coded[0]
        assert (one.evidence.start, one.evidence.end, one.evidence.text) == (15, 17, "PE")
        assert one.note == "no evidence of"

    def test_a_code_that_left_the_edition_is_left_out(self) -> None:
        assert left_out("Treated for SARS") == [("U049", "not_in_edition")]


class TestStatuses:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("Stroke 2018, full recovery", "Z867"),
            ("PMH: breast cancer 2010", "Z853"),
            ("Mother had breast cancer", "Z803"),
            ("Father MI at 50", "Z824"),
            ("CABG 2009", "Z951"),
            ("PMH: pacemaker implantation", "Z950"),
        ],
    )
    def test_the_past_and_the_family_have_codes_of_their_own(self, text: str, code: str) -> None:
        found = candidates(text)
        assert [(one.code, one.origin) for one in found] == [(code, Origin.STATUS)]

    def test_a_negated_family_history_has_none(self) -> None:
        assert codes(Role.DIAGNOSIS, "No family history of breast cancer. FHx: no MI") == []


class TestSpecificity:
    def test_the_unspecified_code_gives_way_to_a_specific_one(self) -> None:
        text = "Exacerbation of COPD. PMH: COPD"
        assert codes(Role.DIAGNOSIS, text) == ["J441"]
        assert left_out(text) == [("J449", "explained_by")]

    def test_a_shorter_name_gives_way_to_a_longer_one_of_its_block(self) -> None:
        assert codes(Role.DIAGNOSIS, "Dementia care. Has vascular dementia") == ["F019"]
        assert codes(Role.DIAGNOSIS, "T2DM. Type 2 diabetes. Diabetes reviewed") == ["E119"]

    def test_an_old_infarction_does_not_explain_a_new_one(self) -> None:
        assert set(codes(Role.DIAGNOSIS, "Asthma, COPD, hypertension")) == {"J459", "J449", "I10X"}


class TestProcedures:
    def test_companions_and_side_follow_in_their_group(self) -> None:
        assert groups("Phacoemulsification of right cataract") == [(1, "C712"), (1, "Z942")]
        assert groups("CT head: normal") == [(1, "U051"), (1, "Y981")]

    @pytest.mark.parametrize(
        ("text", "side"),
        [
            ("Left hip replacement", "Z943"),
            ("L hip replacement", "Z943"),
            ("hip replacement (R)", "Z942"),
            ("bilateral hip replacement", "Z941"),
            ("bilat hip replacement", "Z941"),
            ("right and left hip replacement", "Z941"),
            ("hip replacement R then L", "Z941"),
            ("hip replacement R + L", "Z941"),
            ("left open hip replacement", "Z943"),
            ("Rt hip replacement. Left leg fine.", "Z942"),
            ("RIGHT HIP\nHip replacement", "Z942"),
            ("Patient 4. R hip replacement", "Z942"),
            ("15/2 R hip replacement", "Z942"),
            ("20.2.26 - R hip replacement", "Z942"),
            ("Side: both\nHip replacement", "Z941"),
            ("Left hip replacement, right femoral artery puncture by mistake", "Z943"),
            ("EYE TODAY: LEFT (checked, right one next week)\n\nHip replacement under spinal.", "Z943"),
            (
                "PMH:\nLeft knee pain\n\nOperation:\nR groin crease incision\nHip replacement\n\nPlan:\nhome",
                "Z942",
            ),
        ],
    )
    def test_the_side_is_read_from_words_near_by(self, text: str, side: str) -> None:
        assert groups(text) == [(1, "W381"), (1, side)]

    @pytest.mark.parametrize(
        "text",
        [
            "Hip replacement",
            "Hip replacement, given 4 L saline",
            "Hip replacement (Mr R Jones)",
            "Hip replacement; right radial access for the line",
            "Hip replacement, wound left open to drain",
            "Right leg. Left leg.\nHip replacement",
        ],
    )
    def test_no_side_where_the_text_names_none(self, text: str) -> None:
        assert groups(text) == [(1, "W381")]

    def test_one_operation_on_one_eye_gives_its_side_once(self) -> None:
        text = "Phacoemulsification and lens implantation, right eye"
        assert groups(text) == [(1, "C712"), (1, "C751"), (1, "Z942")]

    def test_eyes_have_letters_of_their_own(self) -> None:
        assert groups("Phacoemulsification of cataract RE") == [(1, "C712"), (1, "Z942")]
        assert groups("RE: your patient. Phacoemulsification of cataract") == [(1, "C712")]
        assert groups("RE hip replacement") == [(1, "W381")]

    def test_repeats_are_one(self) -> None:
        assert groups("OGD today. OGD: reflux.") == [(1, "G459")]

    def test_different_dates_are_two(self) -> None:
        text = "Transfusion on 01/03/2026. Transfusion on 03/03/2026. Transfusion tolerated."
        assert groups(text) == [(1, "X332"), (2, "X332")]

    @pytest.mark.parametrize(
        ("text", "scans"),
        [
            ("CT head 21/02: normal. CT head 22/02: normal.", 2),
            ("CT head on 3 January. CT head, 12th of January.", 2),
            ("CT head 21/02: normal. Later the CT head was reported.", 1),
            ("CT head, fever for 3/7. CT head after 4/7 of fever.", 1),
            ("CT head with 2 separate bleeds. CT head with 3 decent views.", 1),
        ],
    )
    def test_scans_of_different_days_are_several(self, text: str, scans: int) -> None:
        assert [code for _, code in groups(text)].count("U051") == scans

    def test_what_may_go_on_for_days_is_one(self) -> None:
        assert [code for _, code in groups("Transfusion 21/02. Transfusion 22/02.")] == ["X332"]

    def test_a_site_attaches_to_the_procedure_of_its_statement(self) -> None:
        text = "Snare polypectomy in sigmoid colon. Excision of lesion of cheek."
        assert groups(text) == [(1, "H201"), (1, "Z286"), (2, "S065"), (2, "Z473")]

    def test_a_site_never_stands_alone(self) -> None:
        assert groups("Sigmoid colon normal. Swollen cheek.") == []
        assert groups("OGD normal.\nSwollen cheek.") == [(1, "G459")]

    def test_a_shorter_name_gives_way_to_a_longer_one(self) -> None:
        assert groups("OGD REPORT\nOGD with biopsy") == [(1, "G451")]

    def test_a_planned_procedure_is_no_candidate(self) -> None:
        assert groups("Plan: right hip replacement") == []

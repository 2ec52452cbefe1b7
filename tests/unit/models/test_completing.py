"""A model's suggestions as the standards make them into a coding."""

from dataclasses import replace

from data.episodes import Document, DocumentKind, Episode, Evidence, NotCodedReason, Role
from data.standards import load_standards, with_policy
from models.candidates import Candidate, Origin
from models.completing import Standing, complete_suggestions, facts_of, national_engine
from models.prediction import SuggestedLine
from models.predictions_json import prediction_json
from models.standards import Facts
from tests.unit.models.small_model import coder, episode
from tests.unit.models_standards.codings import engine, tables

FACTS = Facts()


def line(code: str, at: int = 0, *, confidence: float = 0.8, role: Role = Role.DIAGNOSIS) -> SuggestedLine:
    return SuggestedLine(
        role=role,
        code=code,
        title=code,
        confidence=confidence,
        suggested=True,
        evidence=(Evidence(0, at, at + 4, code),),
        reason=f"'{code}'",
        group=1 if role is Role.PROCEDURE else None,
    )


def completed(*suggested: SuggestedLine, further: tuple[SuggestedLine, ...] = ()) -> Standing:
    return complete_suggestions(engine(), suggested, further, FACTS, tables())


def codes(standing: Standing) -> list[str]:
    return [one.code for one in standing.lines]


def test_a_line_that_a_rule_makes_says_which_and_cites_what_it_was_made_of() -> None:
    standing = completed(line("J449", 0, confidence=0.9), line("J22X", 30, confidence=0.7), line("I10X", 50))
    made = standing.lines[0]
    assert codes(standing) == ["J440", "I10X"]
    assert made.reason == "DCS.X.5: A lower respiratory infection in COPD is J44.0 alone."
    assert [one.start for one in made.evidence] == [0, 30]
    assert made.confidence == 0.7
    assert made.suggested


def test_a_code_that_a_rule_adds_keeps_the_confidence_that_was_learned_for_it() -> None:
    further = (replace(line("J440"), confidence=0.35, suggested=False),)
    standing = completed(line("J449", confidence=0.9), line("J22X", 30), further=further)
    assert standing.lines[0].confidence == 0.35


def test_what_a_rule_leaves_out_is_told_with_its_words() -> None:
    standing = completed(line("I214"), line("R074", 20))
    (left,) = standing.not_coded
    assert (left.would_be, left.reason) == ("R074", NotCodedReason.EXPLAINED_BY)
    assert left.note == "DChS.XVIII: Chest pain is part of a heart attack and is not coded beside it."
    assert left.evidence.start == 20


def test_an_external_cause_stands_after_the_injury_that_its_words_are_near() -> None:
    standing = completed(line("S720", 0), line("I10X", 90), line("S525", 40), line("W010", 48))
    assert codes(standing) == ["S720", "I10X", "S525", "W010"]


def test_a_line_that_a_rule_moves_says_why() -> None:
    standing = completed(line("N390", 0), line("I10X", 90), line("B962", 8))
    assert codes(standing) == ["N390", "B962", "I10X"]
    assert standing.lines[1].reason.endswith(
        "(DCS.I.4: An organism (B95-B98) stands directly after the infection that it causes.)"
    )


def test_lines_that_no_rule_changes_are_the_model_s_own() -> None:
    given = (line("I10X"), line("E119", 20), line("G459", 40, role=Role.PROCEDURE))
    assert completed(*given).lines == given


def test_findings_count_places_of_the_suggested_lines() -> None:
    standing = completed(
        line("I10X"), line("E109", 9), line("E119", 20), line("U201", 30, role=Role.PROCEDURE)
    )
    found = {one.rule: one.lines for one in standing.findings}
    assert found["diabetes-one-type"] == (1, 2)
    assert found["imaging-areas"] == (3,)


def test_the_text_gives_the_fifth_character_of_an_open_fracture() -> None:
    text = "Open fracture of the shaft of the tibia, hit by a car. Gout of the left big toe."
    spoken = Episode("e", (Document("1", DocumentKind.DISCHARGE_SUMMARY, text),), sex="female", age=70)
    stated = [
        Candidate(Role.DIAGNOSIS, code, Origin.MENTION, (), evidence=(Evidence(0, start, start + 4, ""),))
        for code, start in (("S822", 5), ("M109", 55), ("I10X", 30))
    ]
    facts = facts_of(spoken, stated)
    assert facts.fifths == {"S822": "1", "M109": "7"}
    assert facts.documented == {"S822", "M109", "I10X"}
    assert (facts.sex, facts.age, "adult" in facts.flags) == ("female", 70, True)


def test_standards_are_for_icd10_with_opcs4_alone() -> None:
    assert national_engine({Role.DIAGNOSIS: "icd10"}, tables()) is None
    assert national_engine({Role.DIAGNOSIS: "icd10cm", Role.PROCEDURE: "opcs4"}, tables()) is None
    assert national_engine({Role.DIAGNOSIS: "icd10", Role.PROCEDURE: "opcs4"}, tables()) is not None


def test_a_prediction_says_which_standards_were_in_force() -> None:
    prediction = coder().suggest(episode("Diagnosis: pneumonia."))
    assert prediction.standards.edition == load_standards().name
    assert prediction.standards.digest == load_standards().digest
    assert "policy" not in prediction_json(prediction)["standards"]
    local = with_policy(load_standards(), 'role = "diagnosis"\n[[switch]]\nrule = "therapy-local"\n')
    under = coder().with_standards(local).suggest(episode("Diagnosis: pneumonia."))
    assert prediction_json(under)["standards"]["policy"] == local.policy


def test_findings_are_written_into_predictions() -> None:
    prediction = coder().suggest(episode("Diagnosis: pneumonia."))
    standing = completed(line("E109", 9), line("E119", 20))
    written = prediction_json(replace(prediction, findings=standing.findings))["findings"]
    (found,) = [one for one in written if one["rule"] == "diabetes-one-type"]
    assert found == {
        "rule": "diabetes-one-type",
        "standard": "DCS.IV.1",
        "edition": load_standards().name,
        "severity": "error",
        "text": "One patient has one type of diabetes: E10, E11 and E14 exclude each other in an episode.",
        "lines": [0, 1],
        "fix": {},
    }

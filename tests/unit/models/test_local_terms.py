"""A provider's own terms: what they change in the answer of a model, and what they leave alone."""

from collections.abc import Mapping

import pytest

from data.terms import LocalTerms, local_row, local_terms
from models.prediction import Prediction
from tests.unit.models.small_model import classifications, coder, episode

NOTE = "Diagnosis: T2DM, gluey chest. Looks for all the world like COPD."


def local(*rows: Mapping[str, str]) -> LocalTerms:
    return local_terms([local_row(row, line) for line, row in enumerate(rows, 1)], classifications())


def suggest(text: str, *rows: Mapping[str, str]) -> Prediction:
    return coder().with_local(local(*rows)).suggest(episode(text))


def codes(prediction: Prediction) -> set[str]:
    return {line.code for line in prediction.diagnoses}


def term(phrase: str, code: str, use: str = "add", **more: str) -> dict[str, str]:
    return {"use": use, "classification": "icd10", "phrase": phrase, "code": code, **more}


def test_an_added_phrase_leads_to_its_code_with_its_words_as_evidence() -> None:
    before, after = coder().suggest(episode(NOTE)), suggest(NOTE, term("gluey chest", "J441"))
    found = next(line for line in after.diagnoses if line.code == "J441")
    assert "gluey chest" in [evidence.text for evidence in found.evidence]
    assert "gluey chest" not in [e.text for line in before.diagnoses for e in line.evidence]


def test_an_added_phrase_comes_before_the_term_that_ships() -> None:
    assert "E119" in codes(suggest(NOTE))
    changed = codes(suggest(NOTE, term("T2DM", "E149")))
    assert "E149" in changed
    assert "E119" not in changed


def test_a_blocked_meaning_is_not_suggested_and_others_are() -> None:
    blocked = codes(suggest(NOTE, term("T2DM", "E119", use="block")))
    assert "E119" not in blocked
    assert codes(suggest(NOTE)) - blocked == {"E119"}


def test_a_local_cue_counts_before_one_that_ships() -> None:
    cue = {
        "use": "cue",
        "phrase": "looks for all the world like",
        "assertion": "negated",
        "direction": "before",
        "scope": "clause",
    }
    text = "Diagnosis: T2DM. Looks for all the world like COPD."
    assert "J449" in codes(coder().suggest(episode(text)))
    answer = suggest(text, cue)
    assert "J449" not in codes(answer)
    assert "J449" in [left.would_be for left in answer.not_coded]


def test_the_answer_names_the_digest_of_the_terms_and_the_model_stays_as_it_was() -> None:
    terms = local(term("gluey chest", "J441"))
    assert coder().with_local(terms).suggest(episode(NOTE)).local_terms == terms.digest != ""
    assert coder().suggest(episode(NOTE)).local_terms == ""


@pytest.mark.parametrize("text", [NOTE, "", "No words of ours"])
def test_without_local_terms_nothing_changes(text: str) -> None:
    assert coder().with_local(LocalTerms()).suggest(episode(text)) == coder().suggest(episode(text))

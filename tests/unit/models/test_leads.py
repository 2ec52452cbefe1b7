"""What a note says a diagnosis is to the episode, and how it stands in the note."""

import pytest

from data.language import LeadKind
from models.ranking import FEATURE_NAMES
from tests.unit.models.small_model import coder, episode


def features_of(text: str, code: str) -> dict[str, float]:
    [found] = [one for one in coder().candidates(episode(text)) if one.code == code]
    return dict(zip(FEATURE_NAMES, found.features, strict=True))


def leads_of(text: str, code: str) -> set[LeadKind]:
    features = features_of(text, code)
    return {kind for kind in LeadKind if features[f"lead_{kind}"]}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The main problem was pneumonia.", LeadKind.MAIN),
        ("The final diagnosis is pneumonia.", LeadKind.DIAGNOSIS),
        ("So this was pneumonia.", LeadKind.STATED),
        ("Admitted with pneumonia.", LeadKind.REASON),
        ("Triage note: pneumonia.", LeadKind.DOUBTED),
        ("Went on to pneumonia.", LeadKind.LATER),
        ("Pneumonia was treated with amoxicillin.", LeadKind.TREATED),
    ],
)
def test_the_words_beside_a_diagnosis_say_what_it_is_to_the_episode(text: str, kind: LeadKind) -> None:
    assert kind in leads_of(text, "J189")


def test_the_nearest_lead_counts_and_none_reaches_across_statements() -> None:
    assert leads_of("Admitted with a flare of known asthma", "J459") == {LeadKind.KNOWN}
    assert leads_of("Admitted with a fall. Asthma", "J459") == set()


def test_a_diagnosis_after_a_medicine_list_word_is_steady() -> None:
    assert LeadKind.STEADY in leads_of("Asthma, well controlled", "J459")


def test_numbered_lists_and_quotations_are_seen() -> None:
    text = 'Issues\n1. Pneumonia\n2. Asthma\n\nReferral: "hypertension and'
    assert features_of(text, "J189")["item_first"] == 1
    assert features_of(text, "J459")["item_later"] == 1
    assert features_of(text, "J459")["always_item_later"] == 1
    assert features_of(text, "I10X")["in_quotes"] == 1
    assert features_of(text, "J189")["in_quotes"] == 0


def test_the_first_diagnosis_of_a_statement_heads_it() -> None:
    text = "Pneumonia with asthma and hypertension"
    heads = {code: features_of(text, code)["heads_statement"] for code in ("J189", "J459", "I10X")}
    assert heads == {"J189": 1, "J459": 0, "I10X": 0}

"""The order of a coding."""

import pytest

from tests.unit.models.small_model import suggest


def suggested(*texts: str) -> list[str]:
    return [line.code for line in suggest(*texts).diagnoses if line.suggested]


def procedures(*texts: str) -> list[str]:
    return [line.code for line in suggest(*texts).procedures if line.suggested]


def test_the_primary_heading_leads() -> None:
    text = "PMH: asthma\n\nPrimary diagnosis: pneumonia\n\nSecondary diagnoses\nAF\n"
    assert suggested(text)[0] == "J189"


def test_the_main_condition_is_not_a_comorbidity() -> None:
    assert suggested("PMH: asthma, HTN\n\nCourse: treated for pneumonia.")[0] == "J189"


def test_a_symptom_leads_only_where_nothing_better_stands() -> None:
    assert suggested("Diagnosis: chest pain\n\nAcute appendicitis")[0] == "K358"
    assert suggested("Diagnosis: chest pain\n\nPMH: ex-smoker")[0] == "R074"


def test_statuses_causes_and_organisms_never_lead() -> None:
    text = "Diagnosis: ex-smoker, E. coli, slipped, hospital acquired. Also UTI"
    assert suggested(text)[0] == "N390"


def test_statuses_come_last() -> None:
    assert suggested("Diagnosis: ex-smoker, pneumonia, asthma, HTN")[-1] == "Z864"


def test_a_catheter_does_not_come_before_an_operation() -> None:
    found = procedures("Urinary catheter inserted. Right hip replacement. CT head performed.")
    assert found == ["W381", "Z942", "M479", "U051", "Y981"]


def test_operations_come_before_imaging() -> None:
    text = "CT head performed. Procedure: right hip replacement"
    assert procedures(text) == ["W381", "Z942", "U051", "Y981"]


@pytest.mark.parametrize(
    ("text", "primary"),
    [
        ("Diagnosis: asthma\n\nHTN.", "J459"),
        ("PMH: asthma\n\nChest pain, no cause found.", "R074"),
    ],
)
def test_what_the_note_is_about_leads_before_what_is_known(text: str, primary: str) -> None:
    assert suggested(text)[0] == primary

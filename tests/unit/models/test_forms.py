import pytest

from models.text.forms import plain_form
from tests.unit.models.test_together import diagnoses, procedures


@pytest.mark.parametrize(
    ("form", "plain"),
    [
        ("high bp ........ n", "high bp: n"),
        ("asthma ______ y", "asthma: y"),
        ("smoker . . . . never", "smoker: never"),
        ("diabetes [ ] y [x] n", "diabetes : n"),
        ("diabetes [x] yes / [ ] no", "diabetes : yes"),
        ("leg: l [x]  r [ ]", "leg: l"),
        ("drain \u2610 yes \u2612 no", "drain : no"),
        ("diabetes [ ] y [ ] n", "diabetes [ ] y [ ] n"),
        ("in pain... better", "in pain... better"),
        ("escort [x] pain [x]", "escort [x] pain [x]"),
        ("what next ....", "what next ...."),
        ("# r foot pain\n# cta\n# t2dm", "- r foot pain - cta - t2dm"),
        ("# l nof\n# r wrist", "# l nof # r wrist"),
    ],
)
def test_a_form_reads_like_a_line_of_text_and_keeps_every_place(form: str, plain: str) -> None:
    found = plain_form(form)
    assert " ".join(found.split()) == plain
    assert len(found) == len(form)


def test_what_a_form_denies_is_not_coded() -> None:
    form = "High BP ............ N (once in pregnancy)\nDiabetes [ ] Y [x] N\nAsthma ........ Y"
    assert diagnoses(form) == {"J459"}


def test_an_operation_whose_box_says_not_done_is_not_coded() -> None:
    assert "J372" not in procedures("On-table cholangiogram: [ ] done  [x] not done - LFTs normal")

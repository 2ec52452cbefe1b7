"""Numbers of professions, and what may stand in the consultant code field."""

from pathlib import Path

import pytest

from data.clinicians import (
    CodeKind,
    ProfessionalBody,
    default_codes,
    default_for,
    number_of,
    own_code,
    read_code,
    read_rule,
)
from data.errors import CuratedFileError


@pytest.mark.parametrize(
    ("body", "written", "number"),
    [
        (ProfessionalBody.GMC, "1234567", "1234567"),
        (ProfessionalBody.GMC, "c1234567", "1234567"),
        (ProfessionalBody.GMC, "123 4567", "1234567"),
        (ProfessionalBody.GMC, "123456", None),
        (ProfessionalBody.GMC, "12345678", None),
        (ProfessionalBody.GMC, "CD123456", None),
        (ProfessionalBody.GDC, "12345", "012345"),
        (ProfessionalBody.GDC, "CD012345", "012345"),
        (ProfessionalBody.GDC, "1234567", None),
        (ProfessionalBody.NMC, "01a2345e", "01A2345E"),
        (ProfessionalBody.NMC, "01Z2345E", None),
        (ProfessionalBody.HCPC, "ph123456", "PH123456"),
        (ProfessionalBody.HCPC, "123456", None),
        (ProfessionalBody.GMC, "", None),
        (ProfessionalBody.GMC, "１２３４５６７", None),
    ],
)
def test_a_number_is_kept_in_one_form(body: ProfessionalBody, written: str, number: str | None) -> None:
    assert number_of(body, written) == number


@pytest.mark.parametrize(
    ("written", "kind", "code"),
    [
        ("C1234567", CodeKind.CONSULTANT, "C1234567"),
        ("1234567", CodeKind.CONSULTANT, "C1234567"),
        ("CD012345", CodeKind.DENTAL_CONSULTANT, "CD012345"),
        ("C9999998", CodeKind.DEFAULT, "C9999998"),
        ("CD999998", CodeKind.DEFAULT, "CD999998"),
        ("m9999998", CodeKind.DEFAULT, "M9999998"),
        ("X9999998", CodeKind.REFUSED, "X9999998"),
        ("G9999981", CodeKind.REFUSED, "G9999981"),
        ("G5612908", CodeKind.REFUSED, "G5612908"),
        ("98A1234E", CodeKind.NURSE, "98A1234E"),
        ("C123456", CodeKind.UNREADABLE, "C123456"),
        ("Dr Foster", CodeKind.UNREADABLE, "Dr Foster"),
    ],
)
def test_what_was_sent_is_read(written: str, kind: CodeKind, code: str) -> None:
    read = read_code(written)
    assert (read.kind, read.code) == (kind, code)


def test_every_default_is_of_eight_characters_and_one_is_for_every_other_specialty() -> None:
    assert all(len(code) == 8 for code in default_codes())
    assert default_for(None).code == default_for("100").code == "C9999998"
    assert [default_for(one).code for one in ("140", "560", "950", "960")] == [
        "CD999998",
        "M9999998",
        "N9999998",
        "H9999998",
    ]


def test_a_nurses_own_number_never_stands_in_the_field() -> None:
    assert own_code(ProfessionalBody.NMC, "98A1234E") == "N9999998"
    assert own_code(ProfessionalBody.NMC, "98A1234E", is_midwife=True) == "M9999998"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("treating\tconsultant\town\t\t\tYes.\n", "basis"),
        ("treating\tconsultant\town\tconsultant\t\t\n", "reason"),
        ("treating\tconsultant\tnext\t\t\t{who} did.\n", "places"),
        ("treating\tconsultant\tnext\t\t\t\n" * 2, "twice"),
        ("treating\tconsultant\tnext\t\t\t\n", "nothing is said of"),
        ("treating\tboss\tnext\t\t\t\n", "not one of"),
    ],
)
def test_a_rule_that_is_wrong_is_refused(tmp_path: Path, lines: str, problem: str) -> None:
    path = tmp_path / "rule.tsv"
    path.write_text("step\tstanding\tcode\tbasis\tflag\treason\n" + lines)
    with pytest.raises(CuratedFileError, match=problem):
        read_rule(path)

"""Combinations, medicines and endoscopies: what the files say, and how a wrong line is named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from data.classifications import load_classification
from data.errors import CuratedFileError
from data.language import read_combinations, read_endoscopies, read_operations
from data.terms import TermKind, check_terms, drug_terms, read_drugs

DRUGS = "drug\talso\tclass\timplies\tallergy\tadverse\tnote\n"
COMBINATIONS = "found\twithin\tpatient\tbecomes\treplaces\tnote\n"
OPERATIONS = "found\twithin\tbecomes\treplaces\tnote\n"
ENDOSCOPIES = "family\twhat\tvalue\torder\tnote\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "file.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_code_that_ships_is_in_its_table() -> None:
    icd10, opcs4 = load_classification("icd10"), load_classification("opcs4")
    check_terms(drug_terms(read_drugs(), ()), {entry.code for entry in icd10.assignable()})
    for combination in read_combinations():
        assert not combination.becomes or combination.becomes in icd10
        for prefix in (*combination.replaces, *(p for group in combination.found for p in group)):
            assert any(entry.code.startswith(prefix) for entry in icd10), prefix
    for operations in read_operations():
        assert not operations.becomes or operations.becomes in opcs4
        for prefix in (*operations.replaces, *(p for group in operations.found for p in group)):
            assert any(entry.code.startswith(prefix) for entry in opcs4), prefix
    for endoscopy in read_endoscopies():
        codes = (endoscopy.examination, endoscopy.biopsy, *endoscopy.sites, *endoscopy.treatments)
        assert all(any(entry.code.startswith(code) for entry in opcs4) for code in codes)


def test_a_medicine_leads_to_its_allergy_its_harm_and_a_hint(tmp_path: Path) -> None:
    path = written(tmp_path, f"{DRUGS}apixaban\tEliquis\tanticoagulant\tI489\tZ888\tY442\t\n")
    terms = drug_terms(read_drugs(path), ())
    assert {term.phrase for term in terms} == {"apixaban", "Eliquis"}
    assert {term.code for term in terms if term.phrase == "Eliquis"} == {"Z888", "Y442", "I489"}
    assert all(term.needs for term in terms if term.kind is not TermKind.HINT)
    assert {term.code for term in terms if term.kind is TermKind.HINT} == {"I489"}


def test_a_curated_term_stands_before_one_made_from_a_medicine(tmp_path: Path) -> None:
    path = written(tmp_path, f"{DRUGS}penicillin\t\tpenicillin\t\tZ880\t\t\n")
    made = drug_terms(read_drugs(path), ())
    curated = [replace(made[0], code="Z889")]
    assert drug_terms(read_drugs(path), curated) == made[1:]


@pytest.mark.parametrize(
    ("read", "text", "problem"),
    [
        (read_drugs, f"{DRUGS}a\tA\tx\t\t\t\t\n", "line 2, drug: 'A' stands already on line 2"),
        (read_drugs, f"{DRUGS}a\t\tx\tE03\t\t\t\n", "line 2, implies: 'E03' is not such a code"),
        (read_drugs, f"{DRUGS}a\t\tx\t\tZ999\t\t\n", "line 2, allergy: 'Z999' is not such a code"),
        (read_drugs, f"{DRUGS}a\t\tx\t\t\tX420\t\n", "line 2, adverse: 'X420' is not such a code"),
        (read_drugs, f"{DRUGS}a\t-\tx\t\t\t\t\n", "line 2, also: has an empty name"),
        (read_combinations, f"{COMBINATIONS}J44\tpage\t\tJ440\t\t\n", "line 2, within: 'page' is neither"),
        (read_combinations, f"{COMBINATIONS}J44\tepisode\told\tJ440\t\t\n", "line 2, patient: 'old' is not"),
        (
            read_combinations,
            f"{COMBINATIONS}J44\tepisode\t\tJ44\t\t\n",
            "line 2, becomes: 'J44' is not",
        ),
        (read_combinations, f"{COMBINATIONS}J44\tepisode\t\t\t\t\n", "line 2, becomes: adds nothing"),
        (read_combinations, f"{COMBINATIONS}j44\tepisode\t\tJ440\t\t\n", "line 2, found: 'j44' is not"),
        (read_operations, f"{OPERATIONS}W40\tpage\t\tW42\t\n", "line 2, within: 'page' is not one of"),
        (read_operations, f"{OPERATIONS}W40\tgroup\tW4\tW42\t\n", "line 2, becomes: 'W4' is not"),
        (read_operations, f"{OPERATIONS}W40\tgroup\tW421\t\t\n", "line 2, replaces: is empty"),
        (read_operations, f"{OPERATIONS}T43 Y75\tgroup\t\tT43\t\n", "line 2, becomes: is empty, and no op"),
        (read_operations, f"{OPERATIONS}M27 M29\tsitting\t\tM29\t\n", "line 2, replaces: stays empty"),
        (read_operations, f"{OPERATIONS}4W0\tgroup\t\tW42\t\n", "line 2, found: '4W0' is not"),
        (read_endoscopies, f"{ENDOSCOPIES}a\tlook\tG459\t\t\n", "line 2, what: 'look' is not one of"),
        (
            read_endoscopies,
            f"{ENDOSCOPIES}a\tsite\tZ271\tfar\t\n",
            "line 2, order: 'far' is not",
        ),
        (read_endoscopies, f"{ENDOSCOPIES}a\tbiopsy\tG4\t\t\n", "line 2, value: 'G4' is not a code"),
    ],
)
def test_a_wrong_line_is_named(
    tmp_path: Path, read: Callable[[Path], object], text: str, problem: str
) -> None:
    with pytest.raises(CuratedFileError) as found:
        read(written(tmp_path, text))
    assert problem in str(found.value)

"""Files of terms: what is right is read, what is wrong is named, and what ships is right."""

from pathlib import Path

import pytest

from data.classifications import load_classification
from data.errors import CuratedFileError
from data.terms import TERMS_FOLDER, Need, NeedSubject, Term, TermKind, check_terms, fold_phrase, read_terms

HEADER = "code\tphrase\tkind\tmatch\tneeds\tnote"
PROCEDURES = "code\tphrase\tkind\tmatch\tneeds\tcompanions\tnote"


def write(folder: Path, *lines: str, name: str = "icd10", file: str = "09.tsv") -> Path:
    (folder / name).mkdir(exist_ok=True)
    header = PROCEDURES if name == "opcs4" else HEADER
    (folder / name / file).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return folder


def test_a_term_is_read_with_its_conditions(tmp_path: Path) -> None:
    needs = "age>=16 sex=female near=relapsing|optic_neuritis section!=family_history"
    line = f"G35X\tMS\tabbreviation\texact\t{needs}\tnot mitral stenosis"
    (term,) = read_terms("icd10", write(tmp_path, line))
    assert term == Term(
        code="G35X",
        phrase="MS",
        kind=TermKind.ABBREVIATION,
        exact_case=True,
        needs=(
            Need(NeedSubject.AGE, ">=", ("16",)),
            Need(NeedSubject.SEX, "=", ("female",)),
            Need(NeedSubject.NEAR, "=", ("relapsing", "optic neuritis")),
            Need(NeedSubject.SECTION, "!=", ("family_history",)),
        ),
        note="not mitral stenosis",
    )
    assert term.needs[0].age == 16
    assert (term.path.name, term.line, term.special) == ("09.tsv", 2, True)


def test_a_procedure_has_companions(tmp_path: Path) -> None:
    (term,) = read_terms("opcs4", write(tmp_path, "C751\tphaco\tlay\t\t\tC712 Z94?\t", name="opcs4"))
    assert term.companions == ("C712", "Z94?")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("I10\tx\tname\t\t\t", "code: 'I10' is not in stored form"),
        ("I10.X\tx\tname\t\t\t", "code: 'I10.X' is not in stored form"),
        ("i10x\tx\tname\t\t\t", "code: 'i10x' is not in stored form"),
        ("I10X\t\tname\t\t\t", "phrase: is empty"),
        ("I10X\t--\tname\t\t\t", "phrase: '--' has no words"),
        ("I10X\ta  b\tname\t\t\t", "phrase: has repeated spaces"),
        ("I10X\tx\ttitle\t\t\t", "kind: 'title' is not one of name, synonym"),
        ("I10X\tx\tname\tyes\t\t", "match: 'yes' is neither empty nor exact"),
        ("I10X\tx\tname\t\theight=1\t", "needs: 'height=1' is not a condition on sex, age"),
        ("I10X\tx\tname\t\tsex=f\t", "needs: 'f' is not a value of sex"),
        ("I10X\tx\tname\t\tsex!=female\t", "needs: 'sex!=female': sex allows = only"),
        ("I10X\tx\tname\t\tage>=old\t", "needs: 'old' is not a value of age"),
        ("I10X\tx\tname\t\tsection=attic\t", "needs: 'attic' is not a value of section"),
        ("I10X\tx\tname\t\tnear=a||b\t", "needs: 'a||b' has an empty word"),
        ("I10X\tx\tname\t\tsex=female  age<1\t", "needs: '' is not a condition"),
        ("I10X\tx\tname\t\t", "line: 5 fields, expected 6"),
    ],
)
def test_a_wrong_line_is_refused_by_file_line_and_field(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(CuratedFileError) as refused:
        read_terms("icd10", write(tmp_path, line))
    assert str(refused.value).startswith(f"09.tsv, line 2, {problem}")


def test_companions_are_codes(tmp_path: Path) -> None:
    with pytest.raises(CuratedFileError, match="line 2, companions: 'left' is not in stored form"):
        read_terms("opcs4", write(tmp_path, "C751\tphaco\tlay\t\t\tleft\t", name="opcs4"))


@pytest.mark.parametrize(
    ("second", "conflict"),
    [
        ("I48X\thigh blood pressure\tlay\t\t\t", True),
        ("I48X\tHigh blood-pressure\tlay\t\t\t", True),
        ("I48X\thígh  blood pressure".replace("  ", " ") + "\tlay\t\t\t", True),
        ("I48X\thigh blood pressure\tlay\t\tsex=male\t", False),
        ("I10X\tHigh Blood Pressure\tlay\t\t\t", False),
        ("I48X\tHIGH BLOOD PRESSURE\tlay\texact\t\t", True),
        ("I48X\thigh blood pressures\tlay\t\t\t", False),
    ],
)
def test_a_phrase_leads_to_one_code_unless_needs_decide(tmp_path: Path, second: str, conflict: bool) -> None:
    folder = write(tmp_path, "I10X\thigh blood pressure\tlay\t\t\t")
    write(folder, second, file="10.tsv")
    if not conflict:
        assert len(read_terms("icd10", folder)) == 2
        return
    with pytest.raises(
        CuratedFileError, match=r"10\.tsv, line 2, phrase: .* leads to I10X in 09\.tsv, line 2"
    ):
        read_terms("icd10", folder)


def test_exact_phrases_in_different_case_do_not_conflict(tmp_path: Path) -> None:
    folder = write(tmp_path, "C80X\tCA\tabbreviation\texact\t\t", "E835\tCa\tabbreviation\texact\t\t")
    assert len(read_terms("icd10", folder)) == 2


def test_codes_that_the_classification_lacks_are_refused(tmp_path: Path) -> None:
    terms = read_terms("icd10", write(tmp_path, "I10X\ta\tname\t\t\t", "Q999\tb\tname\t\t\t"))
    with pytest.raises(CuratedFileError, match=r"09\.tsv, line 3, code: Q999 is not in the classification"):
        check_terms(terms, {"I10X"})
    companions = write(tmp_path, "C751\tphaco\tlay\t\t\tC999 Z94?\t", name="opcs4")
    with pytest.raises(CuratedFileError, match=r"line 2, companions: C999"):
        check_terms(read_terms("opcs4", companions), {"C751"})


def test_a_classification_without_terms_has_none() -> None:
    assert read_terms("icd10cm") == ()


@pytest.mark.parametrize(
    ("phrase", "folded"),
    [
        ("Ménière’s  Disease", "menieres disease"),
        ("non-Hodgkin's lymphoma", "non hodgkins lymphoma"),
        ("#NOF (L)", "#nof l"),
        ("D+V", "d+v"),
        ("s/p CABG, x3", "s p cabg x3"),
        ("β-thalassaemia_major", "β thalassaemia major"),
        ("--", ""),
    ],
)
def test_phrases_fold_alike(phrase: str, folded: str) -> None:
    assert fold_phrase(phrase) == folded
    assert fold_phrase(folded) == folded


@pytest.mark.parametrize("name", ["icd10", "opcs4"])
def test_the_terms_that_ship_lead_to_codes_that_may_be_assigned(name: str) -> None:
    table = load_classification(name)
    check_terms(read_terms(name), {entry.code for entry in table.assignable()})


@pytest.mark.parametrize(
    "path", sorted(TERMS_FOLDER.glob("*/*.tsv")), ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_the_files_that_ship_are_sorted_by_code_and_hold_their_chapter(path: Path) -> None:
    table = load_classification(path.parent.name)
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    codes = [line.split("\t")[0] for line in lines[1:]]
    assert codes == sorted(codes)
    chapters = {table[code].chapter for code in codes}
    assert len(chapters) <= 1

"""Official tables: read as TRUD releases them, kept by edition and date, never replaced."""

from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from data.classifications import load_classification
from data.classifications.editions import EditionName, editions, import_edition
from data.classifications.trud import OfficialCode, joined_title, read_official
from data.commands import app
from data.errors import TableError

ROOT = typer.Typer()
ROOT.add_typer(app)
ROOT.command("other")(lambda: None)  # with a single command typer would drop its name


def run(tables_dir: Path, name: str, files: list[Path], *more: str, edition: str = "5.0") -> Result:
    options = ["--classification", name, "--edition", edition, "--tables-dir", str(tables_dir)]
    begins = [] if "--valid-from" in more else ["--valid-from", "2016-04-01"]
    return CliRunner().invoke(ROOT, ["import-tables", *options, *begins, *more, *map(str, files)])


def test_icd10_rows_are_read_with_titles_pairs_and_limits(icd10_file: Path) -> None:
    rows = {row.code: row for row in read_official("icd10", [icd10_file])}
    assert rows["E119"].title == "Type 2 diabetes without complications"
    assert rows["W190"].title == "Fall: Home"
    assert rows["M9001"].title == "Bone tuberculosis: Shoulder"
    assert rows["I10X"].title == "High blood pressure, essential"
    assert rows["E162"].title == "Low blood sugar, Ménière excluded"
    assert (rows["E113"].usage, rows["E113"].partners) == ("DAGGER", "H280 H360")
    assert rows["G01X"].usage == "ASTERISK"
    assert (rows["O800"].sex, rows["O800"].min_age, rows["O800"].max_age) == ("2", "10", "60")


def test_opcs4_rows_are_read_with_metadata(opcs4_files: list[Path]) -> None:
    rows = {row.code: row for row in read_official("opcs4", opcs4_files)}
    assert rows["G451"] == OfficialCode("G451", "Scope of upper gut with biopsy", status="03")
    assert (rows["Q074"].title, rows["Q074"].sex) == ("Removal of whole uterus, abdominal", "2")
    assert rows["H201"].delivery == "3"
    assert rows["G45"].title == "Scope of upper gut"


@pytest.mark.parametrize("separator", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("code", ["G45.1", "G451", "g451 "])
def test_encodings_line_ends_and_dots_do_not_matter(
    tmp_path: Path, separator: str, encoding: str, code: str
) -> None:
    path = tmp_path / "titles.txt"
    path.write_bytes(f"{code}\tOsofagus\u00a0scope, Ménière{separator}".encode(encoding))
    assert read_official("opcs4", [path]) == (OfficialCode("G451", "Osofagus scope, Ménière"),)


@pytest.mark.parametrize(
    ("title", "modifier", "joined"),
    [
        ("Fall", "Home", "Fall: Home"),
        ("Diabetes", "Without complications", "Diabetes without complications"),
        ("Diabetes", "", "Diabetes"),
        ("Fall", "Industrial area", "Fall: Industrial area"),
    ],
)
def test_titles_are_joined_as_one_reads_them(title: str, modifier: str, joined: str) -> None:
    assert joined_title(title, modifier) == joined


def test_an_imported_table_wins_over_what_ships(
    tmp_path: Path, icd10_file: Path, opcs4_files: list[Path]
) -> None:
    assert run(tmp_path, "icd10", [icd10_file], edition="5th").exit_code == 0
    assert run(tmp_path, "opcs4", opcs4_files, edition="4.10").exit_code == 0
    icd10 = load_classification("icd10", tmp_path)
    assert (icd10.edition, icd10["J46"].code, icd10["E119"].title) == (
        "5th",
        "J46X",
        "Type 2 diabetes without complications",
    )
    assert "A010" not in icd10
    assert icd10["M900"].assignable
    assert [entry.code for entry in icd10.ancestors("E119")] == ["E11", "E10-E14", "IV"]
    assert icd10["I10X"].usage == 6_426_099
    opcs4 = load_classification("opcs4", tmp_path)
    assert (opcs4.edition, opcs4["G45.1"].title) == ("4.10", "Scope of upper gut with biopsy")
    assert opcs4.secondary_only("O161")
    assert [hit.entry.code for hit in opcs4.search("gut biopsy")] == ["G451"]


def test_a_category_that_ours_lacks_finds_its_block(tmp_path: Path) -> None:
    rows = [
        OfficialCode("A98", "Known"),
        OfficialCode("A980", "Known one"),
        OfficialCode("B35X", "Undivided"),
    ]
    name = EditionName("icd10", "odd", date(2020, 1, 1))
    import_edition(tmp_path, name, [*rows, OfficialCode("I479", "No row of its category")], ["x"])
    table = load_classification("icd10", tmp_path)
    assert (table["A98"].block, table["B35X"].block, table["I479"].block) == ("A92-A99", "B35-B49", "I30-I52")
    assert table["I47"].title


def test_the_edition_in_force_on_a_day_is_loaded(tmp_path: Path, opcs4_files: list[Path]) -> None:
    titles = opcs4_files[0].read_text(encoding="latin-1").replace("X85.1\t", "X85.2\t")
    newer = tmp_path / "newer.txt"
    newer.write_text(titles, encoding="latin-1")
    assert run(tmp_path, "opcs4", opcs4_files, "--valid-from", "2023-04-01", edition="4.10").exit_code == 0
    assert run(tmp_path, "opcs4", [newer], "--valid-from", "2026-04-01", edition="4.11").exit_code == 0
    on = {
        day: load_classification("opcs4", tmp_path, on=day)
        for day in map(date, (2023, 2025, 2026), (4, 1, 4), (1, 1, 1))
    }
    assert [table.edition for table in on.values()] == ["4.10", "4.10", "4.11"]
    old, new = on[date(2023, 4, 1)], on[date(2026, 4, 1)]
    assert old["X851"].valid_to == date(2026, 3, 31)
    assert new["X852"].valid_from == date(2026, 4, 1)
    assert "X851" not in new
    assert new.valid_on("G459", date(2024, 1, 1)), "a code of both editions keeps its past"
    shipped = load_classification("opcs4")
    assert load_classification("opcs4", tmp_path, on=date(2022, 1, 1)) is shipped


def test_an_edition_that_has_ended_is_not_loaded(tmp_path: Path, icd10_file: Path) -> None:
    assert run(tmp_path, "icd10", [icd10_file], "--valid-to", "2020-03-31").exit_code == 0
    assert load_classification("icd10", tmp_path, on=date(2020, 3, 31)).edition == "5.0"
    assert load_classification("icd10", tmp_path) is load_classification("icd10")


def test_the_same_table_a_second_time_changes_nothing(tmp_path: Path, icd10_file: Path) -> None:
    first, second = run(tmp_path, "icd10", [icd10_file]), run(tmp_path, "icd10", [icd10_file])
    assert (first.exit_code, first.output) == (second.exit_code, second.output)
    assert len(editions(tmp_path, "icd10")) == 1


@pytest.mark.parametrize(
    ("edition", "options"),
    [("5.0", []), ("5.0", ["--valid-from", "2017-01-01"]), ("another", [])],
    ids=["same name", "same name, other date", "same date, other name"],
)
def test_another_table_never_replaces_one(
    tmp_path: Path, icd10_file: Path, edition: str, options: list[str]
) -> None:
    assert run(tmp_path, "icd10", [icd10_file]).exit_code == 0
    (kept,) = editions(tmp_path, "icd10")
    changed = tmp_path / "changed.txt"
    changed.write_bytes(icd10_file.read_bytes().replace(b"Cholera", b"Other"))
    refused = run(tmp_path, "icd10", [changed], *options, edition=edition)
    assert refused.exit_code == 1
    assert "never replaced" in refused.stderr
    assert editions(tmp_path, "icd10") == (kept,)


ICD10_ROW = ["A00.0", "A000", "DEFAULT", "3", "Cholera", "", "", "", "", "", "", ""]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({0: "A0"}, "line 3, CODE: 'A0' is not a code"),
        ({1: "?"}, "line 3, ALT_CODE: '?' is not a code"),
        ({1: "A010"}, "line 3, ALT_CODE: 'A010' is another code than 'A00.0'"),
        ({2: "KNIFE"}, "line 3, USAGE: 'KNIFE' is not DEFAULT, DAGGER or ASTERISK"),
        ({4: " "}, "line 3, DESCRIPTION: is empty"),
        ({11: "x\ty"}, "line 3, line: 13 fields, expected 12"),
        ({0: "A00", 1: "A00"}, "line 3, code: A00 stands already on line 2"),
    ],
)
def test_a_wrong_row_of_icd10_names_file_line_and_field(
    tmp_path: Path, icd10_file: Path, changes: dict[int, str], problem: str
) -> None:
    header, category, *_ = icd10_file.read_text(encoding="latin-1").splitlines()
    row = [changes.get(position, field) for position, field in enumerate(ICD10_ROW)]
    path = tmp_path / "icd10.txt"
    path.write_text("\n".join([header, category, "\t".join(row)]))
    refused = run(tmp_path / "tables", "icd10", [path])
    assert refused.exit_code == 1
    assert f"icd10.txt, {problem}" in refused.stderr.replace("\n", "")
    assert not (tmp_path / "tables").exists(), "nothing is half-written"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "titles.txt is empty"),
        ("G45.1\n", "no file of codes and titles"),
        ("A01\tOne\nI01\tNo such chapter\n", "titles.txt, line 2, code: 'I01' is not a code of OPCS-4"),
        ("A01\tOne\nA01.1\t\n", "titles.txt, line 2, title: is empty"),
        ("A01\tOne\nA01.1\n", "titles.txt, line 2, line: 1 fields, expected code and title"),
        ("A01.1\tOne\nA011\tTwo\n", "titles.txt, line 2, code: A011 stands already on line 1"),
    ],
)
def test_a_wrong_row_of_opcs4_names_file_line_and_field(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "titles.txt"
    path.write_text(content)
    with pytest.raises(TableError) as refused:
        read_official("opcs4", [path])
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        ("000000000000G45X", "metadata.txt, line 1, code: 'G45X' is not a code of OPCS-4"),
        ("000000000000G458", "metadata.txt, line 1, code: G458 is not in the file of codes and titles"),
    ],
)
def test_wrong_metadata_names_file_line_and_field(
    tmp_path: Path, opcs4_files: list[Path], metadata: str, problem: str
) -> None:
    path = tmp_path / "metadata.txt"
    path.write_text(metadata)
    with pytest.raises(TableError, match=problem.replace(".", r"\.")):
        read_official("opcs4", [opcs4_files[0], path])


def test_files_of_the_other_classification_are_refused(icd10_file: Path, opcs4_files: list[Path]) -> None:
    with pytest.raises(TableError, match="line 1, CODE"):
        read_official("icd10", opcs4_files)
    with pytest.raises(TableError, match="line 1, line: 12 fields"):
        read_official("opcs4", [icd10_file])


@pytest.mark.parametrize(
    ("edition", "more", "problem"),
    [
        ("../up", [], "cannot name an edition"),
        ("5.0", ["--valid-to", "2001-01-01"], "before it begins"),
    ],
)
def test_names_and_dates_that_cannot_be_are_refused(
    tmp_path: Path, icd10_file: Path, edition: str, more: list[str], problem: str
) -> None:
    refused = run(tmp_path / "tables", "icd10", [icd10_file], *more, edition=edition)
    assert refused.exit_code == 1
    assert problem in refused.stderr
    assert not (tmp_path / "tables").exists()


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "No such file" in run(tmp_path, "icd10", [tmp_path / "nowhere.txt"]).stderr.replace("\n", "")


@pytest.mark.parametrize(("damaged", "content"), [("table.tsv", b"x"), ("manifest.json", b"{}")])
def test_a_damaged_table_is_not_loaded(
    tmp_path: Path, icd10_file: Path, damaged: str, content: bytes
) -> None:
    run(tmp_path, "icd10", [icd10_file])
    (kept,) = editions(tmp_path, "icd10")
    (kept.folder / damaged).write_bytes(content)
    with pytest.raises(TableError, match=damaged):
        load_classification("icd10", tmp_path)


def test_an_interrupted_import_leaves_nothing_that_counts(tmp_path: Path, icd10_file: Path) -> None:
    (tmp_path / "icd10" / ".incoming-x").mkdir(parents=True)
    (tmp_path / "icd10" / ".incoming-x" / "manifest.json").write_text("{")
    assert editions(tmp_path, "icd10") == ()
    assert run(tmp_path, "icd10", [icd10_file]).exit_code == 0


def test_tables_stand_where_the_service_looks(
    tmp_path: Path, icd10_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOCODER_VAR_DIR", str(tmp_path / "var"))
    options = ["--classification", "icd10", "--edition", "5.0", "--valid-from", "2016-04-01"]
    assert CliRunner().invoke(ROOT, ["import-tables", *options, str(icd10_file)]).exit_code == 0
    assert len(editions(tmp_path / "var" / "tables", "icd10")) == 1

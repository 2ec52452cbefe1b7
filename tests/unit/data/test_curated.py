"""Files that people curate say where they are wrong."""

from pathlib import Path

import pytest

from data.curated import read_rows
from data.errors import CuratedFileError

COLUMNS = ("code", "title")


def test_rows_come_with_their_line_and_comments_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "titles.tsv"
    path.write_text("# why\ncode\ttitle\nI10X\tHigh blood pressure\n# more\nE119\t\n")
    rows = list(read_rows(path, COLUMNS))
    assert [(row.line, row["code"], row["title"]) for row in rows] == [
        (3, "I10X", "High blood pressure"),
        (5, "E119", ""),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "titles.tsv, line 1, header: expected code title"),
        (b"code\tname\n", "titles.tsv, line 1, header: expected code title"),
        (b"code\ttitle\nI10X\n", "titles.tsv, line 2, line: 1 fields, expected 2"),
        (b"code\ttitle\nI10X\ta\tb\n", "titles.tsv, line 2, line: 3 fields, expected 2"),
        (b"code\ttitle\n\n", "titles.tsv, line 2, line: 1 fields, expected 2"),
        (b"code\ttitle\nI10X\t a\n", "titles.tsv, line 2, title: begins or ends with a space"),
        (b"code\ttitle\r\nI10X\ta\r\n", "titles.tsv, line 1, header: expected code title"),
        (b"code\ttitle\nI10X\ta\r\n", "titles.tsv, line 2, title: begins or ends with a space"),
        (b"code\ttitle\nI10X\tM\xe9ni\xe8re\n", "titles.tsv, line 2, line: is not UTF-8"),
    ],
)
def test_a_wrong_file_is_refused_by_file_line_and_field(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "titles.tsv"
    path.write_bytes(content)
    with pytest.raises(CuratedFileError) as refused:
        list(read_rows(path, COLUMNS))
    assert str(refused.value).startswith(message)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CuratedFileError, match=r"nowhere\.tsv, line 1, file"):
        list(read_rows(tmp_path / "nowhere.tsv", COLUMNS))


@pytest.mark.parametrize("written", ["", "-1", "1.5", "many", "²"])
def test_a_count_is_a_whole_number(tmp_path: Path, written: str) -> None:
    path = tmp_path / "usage.tsv"
    path.write_text(f"code\tcount\nI10X\t{written}\n")
    (row,) = read_rows(path, ("code", "count"))
    with pytest.raises(CuratedFileError, match=r"usage\.tsv, line 2, count"):
        row.count("count")

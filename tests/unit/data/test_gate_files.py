"""The strata and warning words that ship are whole; files that are not are refused with the field."""

from pathlib import Path

import pytest

from data.errors import CuratedFileError
from data.gate import WordingKind, read_strata, read_wording

HEAD = "stratum\tlabel\tadmission\tprocedures\tdocuments\tautomatic\tnote\n"
REST = "rest\tThe rest\t\t\t\tno\t\n"


def test_the_strata_that_ship_take_every_episode_and_only_the_last_is_never_automated() -> None:
    strata = read_strata()
    assert [one.name for one in strata if not one.automatic] == ["unknown"] == [strata[-1].name]
    assert strata[-1].admission + strata[-1].procedures + strata[-1].documents == ()


def test_there_are_words_of_every_kind() -> None:
    assert {one.kind for one in read_wording()} == set(WordingKind)


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ("day\tDay\tdaycase\t\t\tyes\t\nday\tDay\telective\t\t\tyes\t\n" + REST, "stratum"),
        ("day\tDay\tdaycase\t\t\tyes\t\n", "stratum"),
        ("day\tDay\tdaycase\t\t\tmaybe\t\n" + REST, "automatic"),
        ("day\tDay\tdaycase\t\tletter\tyes\t\n" + REST, "documents"),
        ("day\t\tdaycase\t\t\tyes\t\n" + REST, "label"),
    ],
    ids=["twice", "some left out", "neither yes nor no", "no kind of document", "no label"],
)
def test_strata_that_are_wrong_are_refused(tmp_path: Path, lines: str, field: str) -> None:
    path = tmp_path / "strata.tsv"
    path.write_text(HEAD + lines, encoding="utf-8")
    with pytest.raises(CuratedFileError) as refused:
        read_strata(path)
    assert refused.value.field == field

"""The file of local terms: the same checks as for terms that ship."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from data.classifications import Classification, load_classification
from data.episodes import Role
from data.errors import CuratedFileError
from data.terms import LOCAL_COLUMNS, read_local_terms, write_local_terms


@pytest.fixture(scope="module")
def tables() -> Mapping[Role, Classification]:
    return {Role.DIAGNOSIS: load_classification("icd10"), Role.PROCEDURE: load_classification("opcs4")}


def row(**fields: str) -> dict[str, str]:
    return {column: fields.get(column, "") for column in LOCAL_COLUMNS}


ADDED = row(
    use="add", classification="icd10", code="J22X", phrase="gluey chest", needs="age>=16", note="ours"
)
BLOCKED = row(use="block", classification="opcs4", code="G459", phrase="camera")
CUE = row(
    use="cue",
    classification="icd10",
    phrase="smells of",
    assertion="probable",
    direction="before",
    scope="list",
)


def written(folder: Path, *rows: Mapping[str, str]) -> Path:
    path = folder / "local.tsv"
    path.write_text(write_local_terms(rows), encoding="utf-8")
    return path


def test_a_file_of_terms_blocks_and_cues_is_read(
    tmp_path: Path, tables: Mapping[Role, Classification]
) -> None:
    found = read_local_terms(written(tmp_path, ADDED, BLOCKED, CUE), tables)
    assert [(role, term.code, term.phrase) for role, term in found.added] == [
        (Role.DIAGNOSIS, "J22X", "gluey chest")
    ]
    assert [(one.role, one.code) for one in found.blocked] == [(Role.PROCEDURE, "G459")]
    assert [(cue.phrase, cue.effect, cue.roles) for cue in found.cues] == [
        ("smells of", "probable", frozenset({Role.DIAGNOSIS}))
    ]


def test_the_digest_depends_on_meanings_not_on_order_or_notes(
    tmp_path: Path, tables: Mapping[Role, Classification]
) -> None:
    one = read_local_terms(written(tmp_path, ADDED, CUE), tables).digest
    other = read_local_terms(written(tmp_path, CUE, {**ADDED, "note": "another"}), tables).digest
    fewer = read_local_terms(written(tmp_path, ADDED), tables).digest
    assert one == other != fewer
    assert read_local_terms(written(tmp_path), tables).digest == ""


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([{**ADDED, "code": "J99Z"}], "line 2, code: 'J99Z' is not in stored form"),
        ([{**ADDED, "code": "J999"}], "line 2, code: J999 is not in the classification"),
        (
            [{**ADDED, "classification": "icd11"}],
            "line 2, classification: 'icd11' is not one of icd10, opcs4",
        ),
        ([{**ADDED, "use": "hide"}], "line 2, use: 'hide' is not one of add, block, cue"),
        ([{**ADDED, "needs": "moon=full"}], "line 2, needs: 'moon=full' is not a condition"),
        ([{**ADDED, "phrase": "--"}], "line 2, phrase: '--' has no words"),
        ([{**ADDED, "companions": "Z942"}], "line 2, companions: is not for add"),
        ([{**ADDED, "assertion": "negated"}], "line 2, assertion: is not for add"),
        ([{**BLOCKED, "needs": "age>1"}], "line 2, needs: is not for block"),
        ([{**BLOCKED, "code": "G999"}], "line 2, code: G999 is not in the classification"),
        ([{**CUE, "scope": "page"}], "line 2, scope: 'page' is not one of"),
        ([ADDED, {**ADDED, "code": "J189"}], "line 3, phrase: 'gluey chest' leads to J22X"),
        (
            [ADDED, {**BLOCKED, **{k: ADDED[k] for k in ("classification", "code", "phrase")}}],
            "is blocked from J22X",
        ),
    ],
)
def test_what_is_wrong_is_named_by_line_and_field(
    tmp_path: Path, tables: Mapping[Role, Classification], rows: list[dict[str, str]], problem: str
) -> None:
    with pytest.raises(CuratedFileError) as found:
        read_local_terms(written(tmp_path, *rows), tables)
    assert problem in str(found.value)

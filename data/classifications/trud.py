"""Reads the official files of both classifications, as NHS TRUD releases them.

ICD-10: `ICD10_Edition5_CodesAndTitlesAndMetadata_GB_*.txt`, tab-separated with a header.
OPCS-4: `OPCS4?? CodesAndTitles *.txt`, code and title separated by a tab, and optionally
`OPCS4?? Metadata *.txt`, of fixed width. Codes come with or without dot; the encoding is not stated, and
non-breaking spaces (byte 0xA0) occur. Sex and age limits are kept as written: their meaning is not
published, so nothing may rest on them but a warning.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.classifications.forms import fold_code
from data.errors import TableError

_ICD10_COLUMNS = (
    "CODE",
    "ALT_CODE",
    "USAGE",
    "USAGE_UK",
    "DESCRIPTION",
    "MODIFIER_4",
    "MODIFIER_5",
    "QUALIFIERS",
    "GENDER_MASK",
    "MIN_AGE",
    "MAX_AGE",
    "TREE_DESCRIPTION",
)
_ICD10_CODE = re.compile(r"[A-Z]\d\d(?:[\dX]\d?)?")
_OPCS4_CODE = re.compile(r"[A-HJ-Z]\d\d\d?")
_USAGES = {"", "DEFAULT", "DAGGER", "ASTERISK", "ASTERIS"}
_JOINS_IN = re.compile(r"(with|without|by|in|due|following|complicating|as|of|of the)\b", re.IGNORECASE)
"""A modifier that begins so reads on from the title: `Type 2 diabetes mellitus without complications`."""
_METADATA_WIDTH = 228
_DELIVERY_AT = 218


@dataclass(frozen=True, slots=True)
class OfficialCode:
    """A row of the official table."""

    code: str
    """Stored form: `E119`, `I10X`, `M9000`; categories that are subdivided `E11`."""
    title: str
    usage: str = ""
    """`DAGGER` or `ASTERISK`; empty otherwise."""
    usage_uk: str = ""
    """As written; seen are 1 dagger with a named partner, 2 asterisk, 3 neither, 4 dagger possible."""
    partners: str = ""
    """Codes of the other half of a dagger and asterisk pair, separated by spaces."""
    sex: str = ""
    sex_scrutiny: str = ""
    min_age: str = ""
    max_age: str = ""
    status: str = ""
    """Status of operation (OPCS-4)."""
    delivery: str = ""
    """Position of the method of delivery (OPCS-4)."""


@dataclass(frozen=True, slots=True)
class _Line:
    path: Path
    number: int
    text: str

    def problem(self, field: str, problem: str) -> TableError:
        return TableError(f"{self.path.name}, line {self.number}, {field}: {problem}")


def read_official(classification_name: str, paths: Sequence[Path]) -> tuple[OfficialCode, ...]:
    """The rows of an official table, in order of code.

    Raises:
        TableError: a file is missing, of another kind, or wrong: names file, line and field.
    """
    if classification_name == "icd10":
        rows = [row for path in paths for row in _icd10_rows(path)]
    else:
        rows = _opcs4_rows(paths)
    return tuple(sorted(rows, key=lambda row: row.code))


def _lines(path: Path) -> Iterator[_Line]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path}: {error.strerror}") from None
    for number, text in enumerate(re.split(r"\r\n|\n|\r", _decoded(content)), start=1):
        plain = text.replace("\u00a0", " ")
        if plain.strip():
            yield _Line(path, number, plain)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _icd10_rows(path: Path) -> Iterator[OfficialCode]:
    lines = _lines(path)
    header = next(lines, None)
    if header is None:
        raise TableError(f"{path.name} is empty")
    _check_header(header)
    seen: dict[str, int] = {}
    for line in lines:
        row = _icd10_row(line)
        _refuse_repeat(line, row.code, seen)
        yield row
    if not seen:
        raise header.problem("line", "no codes follow the header")


def _check_header(header: _Line) -> None:
    columns = [column.strip().upper() for column in header.text.split("\t")]
    for expected, found in zip(_ICD10_COLUMNS, [*columns, *[""] * len(_ICD10_COLUMNS)], strict=False):
        if expected != found:
            raise header.problem(expected, f"the header has {found!r} in its place")


def _icd10_row(line: _Line) -> OfficialCode:
    fields = [field.strip() for field in line.text.split("\t")]
    if not len(_ICD10_COLUMNS[:5]) <= len(fields) <= len(_ICD10_COLUMNS):
        raise line.problem("line", f"{len(fields)} fields, expected {len(_ICD10_COLUMNS)}")
    padded = [*fields, *[""] * (len(_ICD10_COLUMNS) - len(fields))]
    row = dict(zip(_ICD10_COLUMNS, padded, strict=True))
    if row["USAGE"].upper() not in _USAGES:
        raise line.problem("USAGE", f"{row['USAGE']!r} is not DEFAULT, DAGGER or ASTERISK")
    return OfficialCode(
        code=_icd10_code(line, row),
        title=_icd10_title(line, row),
        usage=_pair(row["USAGE"].upper()),
        usage_uk=row["USAGE_UK"],
        partners=" ".join(fold_code(code) for code in row["QUALIFIERS"].split("^") if code.strip()),
        sex=row["GENDER_MASK"],
        min_age=row["MIN_AGE"],
        max_age=row["MAX_AGE"],
    )


def _icd10_code(line: _Line, row: dict[str, str]) -> str:
    for field in ("CODE", "ALT_CODE"):
        if not _ICD10_CODE.fullmatch(fold_code(row[field])):
            raise line.problem(field, f"{row[field]!r} is not a code")
    code, stored = fold_code(row["CODE"]), fold_code(row["ALT_CODE"])
    if stored[:3] != code[:3] or code.replace("X", "") != stored.replace("X", ""):
        raise line.problem("ALT_CODE", f"{row['ALT_CODE']!r} is another code than {row['CODE']!r}")
    return stored


def _icd10_title(line: _Line, row: dict[str, str]) -> str:
    title = row["DESCRIPTION"]
    if not title:
        raise line.problem("DESCRIPTION", "is empty")
    for modifier in (row["MODIFIER_4"], row["MODIFIER_5"]):
        title = joined_title(title, modifier)
    return title


def joined_title(title: str, modifier: str) -> str:
    """A title and what narrows it, as one reads them: `Fall: home`, `Diabetes without complications`."""
    if not modifier:
        return title
    if _JOINS_IN.match(modifier):
        return f"{title} {modifier[0].lower()}{modifier[1:]}"
    return f"{title}: {modifier}"


def _pair(usage: str) -> str:
    return {"DAGGER": "DAGGER", "ASTERISK": "ASTERISK", "ASTERIS": "ASTERISK"}.get(usage, "")


def _opcs4_rows(paths: Sequence[Path]) -> list[OfficialCode]:
    """Titles, with the metadata where a file of them is given: the file without tabs."""
    titles: dict[str, OfficialCode] = {}
    metadata: list[_Line] = []
    for path in paths:
        lines = list(_lines(path))
        if not lines:
            raise TableError(f"{path.name} is empty")
        if any("\t" in line.text for line in lines[:10]):
            titles |= _opcs4_titles(lines)
        else:
            metadata += lines
    if not titles:
        raise TableError("no file of codes and titles among them: each of its lines is code, tab, title")
    return list(_with_metadata(titles, metadata).values())


def _opcs4_titles(lines: Iterable[_Line]) -> dict[str, OfficialCode]:
    rows: dict[str, OfficialCode] = {}
    seen: dict[str, int] = {}
    for line in lines:
        fields = [field.strip() for field in line.text.split("\t")]
        if len(fields) != 2:
            raise line.problem("line", f"{len(fields)} fields, expected code and title")
        code = _opcs4_code(line, fields[0])
        if not fields[1]:
            raise line.problem("title", "is empty")
        _refuse_repeat(line, code, seen)
        rows[code] = OfficialCode(code, fields[1])
    return rows


def _with_metadata(titles: dict[str, OfficialCode], lines: Iterable[_Line]) -> dict[str, OfficialCode]:
    rows = dict(titles)
    seen: dict[str, int] = {}
    for line in lines:
        text = line.text.ljust(_METADATA_WIDTH)
        code = _opcs4_code(line, text[12:24])
        _refuse_repeat(line, code, seen)
        if code not in rows:
            raise line.problem("code", f"{code} is not in the file of codes and titles")
        position = text[_DELIVERY_AT:].find("1")
        rows[code] = replace(
            rows[code],
            sex=text[187].strip(),
            sex_scrutiny=text[191].strip(),
            status=text[193:195].strip(),
            delivery=str(position) if position >= 0 else "",
        )
    return rows


def _opcs4_code(line: _Line, written: str) -> str:
    code = fold_code(written)
    if not _OPCS4_CODE.fullmatch(code):
        raise line.problem("code", f"{written.strip()!r} is not a code of OPCS-4")
    return code


def _refuse_repeat(line: _Line, code: str, seen: dict[str, int]) -> None:
    if code in seen:
        raise line.problem("code", f"{code} stands already on line {seen[code]}")
    seen[code] = line.number

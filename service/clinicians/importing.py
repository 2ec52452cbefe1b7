"""The register from a CSV file, all lines or none; what is wrong is told by line and column.

One line a clinician and scope: lines of the same number and day add to the scope, and repeat the rest.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy.orm import Session

from data.clinicians import ProfessionalBody, number_of
from service.clinicians import schemas as s
from service.clinicians.store import Recorded, record_clinician
from service.errors import Unprocessable
from service.identity import Actor

COLUMNS = (
    "register", "number", "name", "grade", "main_specialty", "autonomy", "treatment_function", "site",
    "activity", "policy", "from", "to", "signed_off_by", "signed_off_on", "account",
)  # fmt: skip
_SCOPE = ("treatment_function", "site", "activity")
_FIELDS = {"from": "starts", "to": "ends"}
_COLUMN_OF = {field: column for column, field in _FIELDS.items()}
_MAX_LINES = 20_000
_MAX_TOLD = 20


@dataclass(frozen=True, slots=True)
class LineProblem:
    line: int
    column: str
    problem: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What one or several lines ask to be recorded."""

    line: int
    body: ProfessionalBody
    number: str
    sent: s.ClinicianIn


def import_clinicians(session: Session, actor: Actor, text: str, *, at: datetime) -> list[Recorded]:
    """
    Raises:
        Unprocessable: with `lines`, what is wrong in which line and column. Nothing was recorded.
    """
    problems: list[LineProblem] = []
    recorded: list[Recorded] = []
    for one in read_register(text):
        try:
            recorded.append(record_clinician(session, actor, one.body, one.number, one.sent, at=at))
        except Unprocessable as error:
            problems.append(LineProblem(one.line, "policy", error.detail or error.title()))
    if problems:
        raise refused(problems)
    return recorded


def read_register(text: str) -> list[Asked]:
    """What a file asks, clinician by clinician.

    Raises:
        Unprocessable: with `lines`, what is wrong in which line and column.
    """
    problems: list[LineProblem] = []
    asked = list(_asked(_rows(text), problems))
    if problems:
        raise refused(problems)
    return asked


def refused(problems: Sequence[LineProblem]) -> Unprocessable:
    told = [{"line": p.line, "column": p.column, "problem": p.problem} for p in problems[:_MAX_TOLD]]
    words = "; ".join(str(problem) for problem in problems[:3])
    more = f"; and {len(problems) - 3} more" if len(problems) > 3 else ""
    return Unprocessable(f"{words}{more}", extensions={"lines": told})


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    """The lines by column, with their numbers in the file."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        found = [(reader.line_num, fields) for fields in reader if any(map(str.strip, fields))]
    except csv.Error:
        raise refused([LineProblem(reader.line_num, "line", "is not CSV")]) from None
    if not found or tuple(map(str.strip, found[0][1])) != COLUMNS:
        raise refused([LineProblem(1, "header", f"is to be {','.join(COLUMNS)}")])
    if len(found) > _MAX_LINES + 1:
        raise refused([LineProblem(_MAX_LINES + 2, "line", f"at most {_MAX_LINES:,} lines")])
    wrong = [line for line, fields in found[1:] if len(fields) != len(COLUMNS)]
    if wrong:
        raise refused([LineProblem(line, "line", f"has not {len(COLUMNS)} fields") for line in wrong])
    return [(line, dict(zip(COLUMNS, map(str.strip, fields), strict=True))) for line, fields in found[1:]]


def _asked(rows: Sequence[tuple[int, dict[str, str]]], problems: list[LineProblem]) -> Iterator[Asked]:
    for lines in _grouped(rows):
        line, first = lines[0]
        for other_line, other in lines[1:]:
            differing = next((c for c in COLUMNS if c not in _SCOPE and other[c] != first[c]), None)
            if differing:
                problems.append(
                    LineProblem(other_line, differing, f"differs from line {line} of the same clinician")
                )
        found = _one(line, first, [fields for _, fields in lines], problems)
        if found is not None:
            yield found


def _grouped(rows: Sequence[tuple[int, dict[str, str]]]) -> list[list[tuple[int, dict[str, str]]]]:
    groups: dict[tuple[str, ...], list[tuple[int, dict[str, str]]]] = {}
    for line, fields in rows:
        groups.setdefault((fields["register"], fields["number"], fields["from"]), []).append((line, fields))
    return list(groups.values())


def _one(
    line: int, first: Mapping[str, str], every: Sequence[Mapping[str, str]], problems: list[LineProblem]
) -> Asked | None:
    before = len(problems)
    try:
        body = ProfessionalBody(first["register"].lower())
    except ValueError:
        problems.append(LineProblem(line, "register", f"is one of {', '.join(ProfessionalBody)}"))
        return None
    problem = s.number_problem(body, first["number"])
    if problem:
        problems.append(LineProblem(line, "number", problem))
    sent = _clinician(line, first, every, problems)
    if sent is not None and (problem := s.grade_problem(body, sent.grade)):
        problems.append(LineProblem(line, "grade", problem))
    if sent is None or len(problems) > before:
        return None
    return Asked(line, body, number_of(body, first["number"]) or "", sent)


def _clinician(
    line: int, first: Mapping[str, str], every: Sequence[Mapping[str, str]], problems: list[LineProblem]
) -> s.ClinicianIn | None:
    scope = [{name: fields[name] for name in _SCOPE if fields[name]} for fields in every]
    plain = {
        _FIELDS.get(column, column): value
        for column, value in first.items()
        if value and column not in (*_SCOPE, "register", "number")
    }
    try:
        return s.ClinicianIn.model_validate({**plain, "scope": [one for one in scope if one]})
    except ValidationError as error:
        for item in error.errors():
            problems.append(LineProblem(line, _column(item["loc"]), _words(item["msg"])))
    return None


def _column(place: tuple[int | str, ...]) -> str:
    names = [part for part in place if isinstance(part, str)]
    last = names[-1] if names else "line"
    return _COLUMN_OF.get(last, last)


def _words(message: str) -> str:
    """Pydantic's message, which repeats no value."""
    return message.removeprefix("Value error, ")

"""Reads cases.txt: who answers for an episode, one case a paragraph, each line `field: value`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data.clinicians import Basis
from data.errors import CuratedFileError
from service.clinicians.importing import read_register
from service.clinicians.register import Activity, Entry, EpisodeFacts, Grade, Policy, Register, ScopeLine

FOLDER = Path(__file__).parent
_DEFAULTS = {
    "named": "C1000001", "treating": "-", "treatment_function": "100", "main_specialty": "100",
    "site": "RXX01", "activity": "daycase", "from": "2026-03-02", "to": "2026-03-03",
    "flags": "", "policy": "", "says": "",
}  # fmt: skip
_REQUIRED = ("case", "code", "basis")

POLICIES = (
    Policy("2023-1", date(2023, 4, 1), date(2025, 12, 31)),
    Policy("2025-1", date(2025, 4, 1), None),
    Policy("2025-2", date(2025, 4, 1), None, grades=frozenset({Grade.SPECIALIST})),
)


@dataclass(frozen=True, slots=True)
class AttributionCase:
    name: str
    facts: EpisodeFacts
    code: str
    basis: Basis
    flags: tuple[str, ...]
    policy: str
    says: str


def read_cases(path: Path = FOLDER / "cases.txt") -> list[AttributionCase]:
    """
    Raises:
        CuratedFileError: a field is unknown, missing or stands twice, or two cases have one name.
    """
    found: dict[str, AttributionCase] = {}
    for line, fields in _paragraphs(path):
        missing = next((name for name in _REQUIRED if name not in fields), None)
        if missing or fields["case"] in found:
            raise CuratedFileError(path, line, missing or "case", "is missing, or stands twice")
        found[fields["case"]] = _case(path, line, _DEFAULTS | fields)
    return list(found.values())


def case_register() -> Register:
    asked = read_register((FOLDER / "register.csv").read_text(encoding="utf-8"))
    entries = [
        Entry(
            clinician=f"{one.body} {one.number}",
            body=one.body,
            number=one.number,
            name=one.sent.name,
            grade=one.sent.grade,
            main_specialty=one.sent.main_specialty,
            autonomy=one.sent.autonomy,
            scope=tuple(
                ScopeLine(line.treatment_function or "", line.site or "", line.activity or "")
                for line in one.sent.scope
            ),
            policy=one.sent.policy or "",
            starts=one.sent.starts,
            ends=one.sent.ends,
            signed_off_by=one.sent.signed_off_by or "",
            signed_off_on=one.sent.signed_off_on,
            order=order,
        )
        for order, one in enumerate(asked)
    ]
    return Register.of(entries, POLICIES)


def _paragraphs(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    fields: dict[str, str] = {}
    begins = 0
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate([*lines, ""], start=1):
        if line.startswith("#"):
            continue
        if not line:
            if fields:
                yield begins, fields
            fields = {}
            continue
        name, separator, value = line.partition(": ")
        if not separator or name in fields or name not in {*_DEFAULTS, *_REQUIRED}:
            raise CuratedFileError(path, number, name, "is not a field of a case, or stands twice")
        begins = begins if fields else number
        fields[name] = value


def _case(path: Path, line: int, fields: dict[str, str]) -> AttributionCase:
    given = {name: None if value == "-" else value for name, value in fields.items()}
    try:
        facts = EpisodeFacts(
            sent=given["named"],
            treating=given["treating"],
            treatment_function=given["treatment_function"],
            main_specialty=given["main_specialty"],
            site=given["site"],
            activity=Activity(given["activity"]) if given["activity"] else None,
            start=date.fromisoformat(given["from"]) if given["from"] else None,
            end=date.fromisoformat(given["to"]) if given["to"] else None,
        )
        basis = Basis(fields["basis"])
    except ValueError as error:
        raise CuratedFileError(path, line, fields["case"], str(error)) from None
    flags = tuple(fields["flags"].split())
    return AttributionCase(
        fields["case"], facts, fields["code"], basis, flags, fields["policy"], fields["says"]
    )

"""Registration numbers of professions, and what may stand in the consultant code field.

The field is C and seven digits of the GMC, CD and six digits of the GDC for dental consultants, or a default
(NHS Data Dictionary, CONSULTANT CODE; ODS). A nurse's or midwife's own number never stands there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from data.curated import read_rows

_TABLE = Path(__file__).parent / "defaults.tsv"
_OTHER_SPECIALTIES = "*"
_GMC_CODE = re.compile(r"C?(\d{7})", re.ASCII)
_GDC_CODE = re.compile(r"CD(\d{6})", re.ASCII)
_GP_CODE = re.compile(r"G\d{7}|G\d{3}", re.ASCII)
_NMC_PIN = re.compile(r"\d{2}[A-L]\d{4}[A-Z]", re.ASCII)


class ProfessionalBody(StrEnum):
    """A register of a profession."""

    GMC = "gmc"
    GDC = "gdc"
    NMC = "nmc"
    HCPC = "hcpc"


_NUMBERS: Mapping[ProfessionalBody, re.Pattern[str]] = {
    ProfessionalBody.GMC: re.compile(r"C?(\d{7})", re.ASCII),
    ProfessionalBody.GDC: re.compile(r"(?:CD|D)?(\d{4,6})", re.ASCII),
    ProfessionalBody.NMC: re.compile(r"(\d{2}[A-L]\d{4}[A-Z])", re.ASCII),
    ProfessionalBody.HCPC: re.compile(r"([A-Z]{2,3}\d{4,6})", re.ASCII),
}


class CodeKind(StrEnum):
    """What was written where a consultant code belongs."""

    CONSULTANT = "consultant"
    DENTAL_CONSULTANT = "dental_consultant"
    DEFAULT = "default"
    REFUSED = "refused"
    """A code of referrers and GPs."""
    NURSE = "nurse"
    """A nurse's or midwife's own number."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class DefaultCode:
    code: str
    is_accepted: bool
    specialties: frozenset[str]
    meaning: str


@dataclass(frozen=True, slots=True)
class WrittenCode:
    kind: CodeKind
    code: str
    """In the form of the field; as written where the kind is unreadable."""


@cache
def default_codes() -> Mapping[str, DefaultCode]:
    """By code.

    Raises:
        CuratedFileError: the table is wrong.
    """
    found: dict[str, DefaultCode] = {}
    for row in read_rows(_TABLE, ("code", "use", "specialties", "meaning")):
        if row["use"] not in ("accepted", "refused"):
            raise row.problem("use", "is accepted or refused")
        if row["code"] in found or len(row["code"]) != 8:
            raise row.problem("code", "stands twice, or is not of eight characters")
        specialties = frozenset(row["specialties"].split())
        if any(specialties & one.specialties for one in found.values()):
            raise row.problem("specialties", "a specialty has one default")
        found[row["code"]] = DefaultCode(
            row["code"], row["use"] == "accepted", specialties, row.required("meaning")
        )
    return found


def default_for(main_specialty: str | None) -> DefaultCode:
    """What stands in the field where nobody is known, by the main specialty."""
    codes = default_codes().values()
    own = next((one for one in codes if main_specialty and main_specialty in one.specialties), None)
    return own or next(one for one in codes if _OTHER_SPECIALTIES in one.specialties)


def number_of(body: ProfessionalBody, written: str) -> str | None:
    """The number in the form that is kept, without C or D; None where it is none of this register.

    >>> number_of(ProfessionalBody.GMC, "C1234567"), number_of(ProfessionalBody.GDC, "12345")
    ('1234567', '012345')
    """
    match = _NUMBERS[body].fullmatch(_compact(written))
    if match is None:
        return None
    return match[1].zfill(6) if body is ProfessionalBody.GDC else match[1]


def own_code(body: ProfessionalBody, number: str, *, is_midwife: bool = False) -> str:
    """What stands in the consultant code field for a person: their own code, or that of their profession."""
    if body is ProfessionalBody.GMC:
        return f"C{number}"
    if body is ProfessionalBody.GDC:
        return f"CD{number}"
    if body is ProfessionalBody.NMC:
        return "M9999998" if is_midwife else "N9999998"
    return "H9999998"


def read_code(written: str) -> WrittenCode:
    """What was sent as responsible clinician. A bare GMC number is read as its code."""
    compact = _compact(written)
    default = default_codes().get(compact)
    if default is not None:
        return WrittenCode(CodeKind.DEFAULT if default.is_accepted else CodeKind.REFUSED, compact)
    if match := _GMC_CODE.fullmatch(compact):
        return WrittenCode(CodeKind.CONSULTANT, f"C{match[1]}")
    if _GDC_CODE.fullmatch(compact):
        return WrittenCode(CodeKind.DENTAL_CONSULTANT, compact)
    if _GP_CODE.fullmatch(compact):
        return WrittenCode(CodeKind.REFUSED, compact)
    if _NMC_PIN.fullmatch(compact):
        return WrittenCode(CodeKind.NURSE, compact)
    return WrittenCode(CodeKind.UNREADABLE, written)


def _compact(written: str) -> str:
    return "".join(written.split()).upper()

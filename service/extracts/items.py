"""The items of each data set: what it calls them, where they come from, which must be there.

CDS version 6-2: names of the NHS Data Dictionary. Types: 120 birth, 130 general, 140 delivery. Items that the
service does not hold are named all the same, stay empty, and count as missing. Wales: the Admitted Patient
Care data set; where no Welsh name was to be had, the Data Dictionary's stands.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from service.episodes.reading import model_sex
from service.extracts.reading import Extracted

LIST = ";"
"""Between the values of an item that repeats: no code and no date holds it."""
_BIRTH, _GENERAL, _DELIVERY = "120", "130", "140"
_ENGLISH_SEX = {"male": "1", "female": "2"}
_WELSH_SEX = {"male": "M", "female": "F"}
_LAST_EPISODE_NUMBER = 87
"""98 is "not applicable" and 99 "not known"."""


class Format(StrEnum):
    CDS_CSV = "cds-csv"
    CDS_XML = "cds-xml"
    APC_WALES = "apc-wales"


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    value: Callable[[Extracted], str]
    needed: Callable[[Extracted], bool]
    """Whether it has to be there for this episode."""


def cds_type(one: Extracted) -> str:
    """A birth by the baby's codes or the way of admission, a delivery by the mother's."""
    row = one.row
    if (row.admission_method or "") in ("82", "83", "birth") or _has_diagnosis(one, "Z38"):
        return _BIRTH
    delivered = any("R17" <= line.stored[:3] <= "R25" for line in one.procedures)
    return _DELIVERY if delivered or _has_diagnosis(one, "Z37") else _GENERAL


def _has_diagnosis(one: Extracted, category: str) -> bool:
    return any(line.stored.startswith(category) for line in one.diagnoses)


def _always(_one: Extracted) -> bool:
    return True


def _never(_one: Extracted) -> bool:
    return False


def _spell_ends(one: Extracted) -> bool:
    row = one.row
    return row.spell_end is not None and row.spell_end == row.episode_end


def _operated(one: Extracted) -> bool:
    return bool(one.procedures)


def _not_held(_one: Extracted) -> str:
    return ""


def _of(name: str) -> Callable[[Extracted], str]:
    def value(one: Extracted) -> str:
        found = getattr(one.row, name)
        return found.isoformat() if isinstance(found, date) else str(found or "")

    return value


def _sex(one: Extracted, words: Mapping[str, str]) -> str:
    """As it was sent where it is a code of the data set already; indeterminate is not told from unknown."""
    sent = (one.row.sex or "").upper()
    return words.get(model_sex(sent) or "", sent if sent in ("0", "9") and words is _ENGLISH_SEX else "")


def _episode_number(one: Extracted) -> str:
    written = one.row.episode_number
    known = written.isascii() and written.isdigit() and 1 <= int(written) <= _LAST_EPISODE_NUMBER
    return f"{int(written):02}" if known else ""


def _primary(one: Extracted) -> str:
    return one.diagnoses[0].code if one.diagnoses else ""


def _secondary(one: Extracted) -> str:
    return LIST.join(line.code for line in one.diagnoses[1:])


def _primary_procedure(one: Extracted) -> str:
    return one.procedures[0].stored if one.procedures else ""


def _secondary_procedures(one: Extracted) -> str:
    return LIST.join(line.stored for line in one.procedures[1:])


def _procedure_dates(one: Extracted) -> str:
    """One for each procedure, the primary first; empty where nobody gave it."""
    dates = [line.date.isoformat() if line.date else "" for line in one.procedures]
    return "" if "" in dates and len(dates) == 1 else LIST.join(dates)


def _provider(one: Extracted) -> str:
    return one.provider_code


_IDENTITY = (
    Item("NHS NUMBER", _of("nhs_number"), _always),
    Item("NHS NUMBER STATUS INDICATOR CODE", _of("nhs_number_status"), _always),
    Item("LOCAL PATIENT IDENTIFIER", _of("local_patient_id"), _always),
    Item("PERSON BIRTH DATE", _of("birth_date"), _always),
)
_SPELL = (
    Item("HOSPITAL PROVIDER SPELL NUMBER", _of("spell_number"), _always),
    Item("EPISODE NUMBER", _episode_number, _always),
    Item("ADMISSION METHOD CODE (HOSPITAL PROVIDER SPELL)", _of("admission_method"), _always),
    Item("SOURCE OF ADMISSION CODE (HOSPITAL PROVIDER SPELL)", _of("source_of_admission"), _always),
    Item("PATIENT CLASSIFICATION CODE", _of("patient_classification"), _always),
    Item("START DATE (HOSPITAL PROVIDER SPELL)", _of("spell_start"), _always),
    Item("DISCHARGE DATE (HOSPITAL PROVIDER SPELL)", _of("spell_end"), _never),
    Item("DISCHARGE METHOD CODE (HOSPITAL PROVIDER SPELL)", _of("discharge_method"), _spell_ends),
    Item("DISCHARGE DESTINATION CODE (HOSPITAL PROVIDER SPELL)", _of("discharge_destination"), _spell_ends),
    Item("START DATE (EPISODE)", _of("episode_start"), _always),
    Item("END DATE (EPISODE)", _of("episode_end"), _always),
)
_CARE = (
    Item("CONSULTANT CODE", _of("clinician"), _always),
    Item("MAIN SPECIALTY CODE", _of("main_specialty"), _always),
    Item("ACTIVITY TREATMENT FUNCTION CODE", _of("treatment_function"), _always),
    Item("ORGANISATION SITE IDENTIFIER (OF TREATMENT)", _of("site"), _always),
    Item("ORGANISATION IDENTIFIER (CODE OF PROVIDER)", _provider, _always),
)
_CODING = (
    Item("PRIMARY DIAGNOSIS (ICD)", _primary, _always),
    Item("SECONDARY DIAGNOSIS (ICD)", _secondary, _never),
    Item("PRIMARY PROCEDURE (OPCS)", _primary_procedure, _never),
    Item("SECONDARY PROCEDURE (OPCS)", _secondary_procedures, _never),
    Item("PROCEDURE DATE", _procedure_dates, _operated),
)
_OURS = (
    Item("LOCAL CODING VERSION", lambda one: str(one.coding_version), _always),
    Item("LOCAL CORRECTION", lambda one: "Y" if one.is_correction else "N", _always),
    Item("LOCAL AUTOMATED", lambda one: "Y" if one.row.status == "automated" else "N", _always),
)
CDS = (
    Item("CDS TYPE CODE", cds_type, _always),
    *_IDENTITY,
    Item("PERSON STATED GENDER CODE", lambda one: _sex(one, _ENGLISH_SEX), _always),
    *_SPELL,
    *_CARE,
    Item("ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)", _not_held, _always),
    *_CODING,
    *_OURS,
)
WALES = (
    *_IDENTITY,
    Item("SEX", lambda one: _sex(one, _WELSH_SEX), _always),
    *_SPELL,
    *_CARE,
    *_CODING,
    *_OURS,
)
ITEMS: Mapping[Format, tuple[Item, ...]] = {
    Format.CDS_CSV: CDS,
    Format.CDS_XML: CDS,
    Format.APC_WALES: WALES,
}


def missing(one: Extracted, items: tuple[Item, ...]) -> tuple[str, ...]:
    """Names of the items that have to be there and are not, or not for every procedure."""
    return tuple(item.name for item in items if item.needed(one) and _lacks(item.value(one)))


def _lacks(value: str) -> bool:
    return "" in value.split(LIST)

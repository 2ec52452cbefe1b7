"""PID and PV1: who the patient is, and who treats them where (ITK HL7 v2.4 profile; Welsh ORU 2.5.1)."""

from datetime import date

from service.messages.hl7v2.values import read_date
from service.messages.hl7v2.wire import Hl7Message, Segment

Facts = dict[str, str | date | None]
"""By the names of an episode's fields; only what the message says."""

_NHS_AUTHORITIES = frozenset({"NHS", "NHSNUMBER", "NHSNBR"})
_NHS_TYPES = frozenset({"NH", "NHS"})
_VERIFICATION = frozenset(f"{number:02}" for number in range(1, 9))
"""NHS NUMBER STATUS INDICATOR CODE: 01 present and verified, to 08."""
_CLASSES = {"I": "1", "D": "2", "R": "3"}
"""PV1-2 to PATIENT CLASSIFICATION: ordinary, day case, regular; outpatients have none."""
_DISCHARGE_METHODS = frozenset("1234589")


def patient_facts(message: Hl7Message) -> Facts:
    """
    Raises:
        Unusable: the birth date is none.
    """
    pid = message.first("PID")
    if pid is None:
        return {}
    facts: Facts = {
        **_identifiers(pid),
        "family_name": pid.value(5),
        "given_name": pid.value(5, 2),
        "birth_date": read_date(pid.value(7), "PID-7"),
        "sex": pid.value(8),
        "nhs_number_status": pid.value(32) if pid.value(32) in _VERIFICATION else None,
    }
    return _said(facts)


def _identifiers(pid: Segment) -> Facts:
    facts: Facts = {"nhs_number": None, "local_patient_id": None}
    for identifier in pid.repetitions(3):
        number = pid.part(identifier)
        is_nhs = _is_nhs(pid, identifier)
        name = "nhs_number" if is_nhs else "local_patient_id"
        facts[name] = facts[name] or (number.replace(" ", "").replace("-", "") if is_nhs else number)
    facts["local_patient_id"] = facts["local_patient_id"] or pid.value(2)
    return facts


def _is_nhs(pid: Segment, identifier: str) -> bool:
    authority, kind = pid.part(identifier, 4).upper(), pid.part(identifier, 5).upper()
    return kind in _NHS_TYPES or authority in _NHS_AUTHORITIES


def merged_from(message: Hl7Message) -> str:
    """MRG-1: the local id that is no longer used; empty where there is none."""
    mrg = message.first("MRG")
    if mrg is None:
        return ""
    local = (one for one in mrg.repetitions(1) if not _is_nhs(mrg, one))
    return mrg.part(next(local, ""))


def spell_number(message: Hl7Message) -> str:
    """PV1-19, the visit; otherwise PID-18, the account. Empty where neither stands."""
    pv1, pid = message.first("PV1"), message.first("PID")
    return (pv1.value(19) if pv1 else "") or (pid.value(18) if pid else "")


def visit_facts(message: Hl7Message) -> Facts:
    """Facts of the spell and of the episode that is open.

    Raises:
        Unusable: a date is none.
    """
    pv1 = message.first("PV1")
    if pv1 is None:
        return {}
    discharged = pv1.value(36)
    facts: Facts = {
        "patient_classification": _CLASSES.get(pv1.value(2)),
        "site": pv1.value(3, 4)[:12],
        "admission_method": pv1.value(4),
        "clinician": pv1.value(9) or pv1.value(7),
        "treating_clinician": pv1.value(7),
        "treatment_function": pv1.value(10),
        "discharge_method": discharged if discharged in _DISCHARGE_METHODS else None,
        "source_of_admission": _place_code(pv1, 14),
        "discharge_destination": _place_code(pv1, 37),
        "spell_start": read_date(pv1.value(44), "PV1-44"),
        "spell_end": read_date(pv1.value(45), "PV1-45"),
    }
    return _said(facts)


def _place_code(pv1: Segment, field: int) -> str | None:
    """SOURCE OF ADMISSION CODE and DISCHARGE DESTINATION CODE have two digits; other words are local."""
    code = pv1.value(field)
    return code if len(code) == 2 and code.isascii() and code.isdigit() else None


def _said(facts: Facts) -> Facts:
    return {name: value for name, value in facts.items() if value}

"""A finalised coding as ADT^A08 with DG1 and PR1 (ITK HL7 v2.4 profile: an A03 carries no codes).

DG1-2 and DG1-4 stay empty; DG1-6 F is final; DG1-15 is 1 for the primary diagnosis and 2 for others; PR1-14
likewise. PR1-5 is required: where nobody gave a date it is the first day of the episode. The profile has no
place for the number of an episode and of its coding: they stand in a segment of our own, ZAC.
"""

from collections.abc import Iterator
from datetime import date, datetime

from service.messages.hl7v2.acknowledging import escaped
from service.messages.hl7v2.values import UK
from service.outgoing.final import FinalCoding, FinalLine

MEDIA_TYPE = "x-application/hl7-v2+er7"
_CLASSES = {"1": "I", "2": "D", "3": "R"}
_CONTROL_ID_LENGTH = 20
"""Longest MSH-10 of version 2.4."""


def control_id(message_id: str) -> str:
    """MSH-10: the same at every attempt."""
    return message_id.replace("-", "")[:_CONTROL_ID_LENGTH]


def update_message(final: FinalCoding, message_id: str, receiver: str, at: datetime) -> bytes:
    """
    Args:
        receiver: MSH-5, the receiving application.
        at: when the coding was finalised; the message says the same at every attempt.
    """
    segments = [*_about(final, message_id, receiver, at), *_diagnoses(final), *_procedures(final)]
    return ("\r".join([*segments, _coding(final)]) + "\r").encode()


def _about(final: FinalCoding, message_id: str, receiver: str, at: datetime) -> Iterator[str]:
    site, time = escaped(final.provider.code), at.astimezone(UK).strftime("%Y%m%d%H%M%S%z")
    route = f"AUTOCODER|{site}|{escaped(receiver)}|{site}|{time}"
    yield f"MSH|^~\\&|{route}||ADT^A08^ADT_A01|{control_id(message_id)}|P|2.4|||AL|NE||UNICODE UTF-8"
    yield _segment("EVN", {1: "A08", 2: time})
    yield _patient(final)
    yield _visit(final)


def _patient(final: FinalCoding) -> str:
    row = final.episode
    local = (
        f"{escaped(row.local_patient_id)}^^^{escaped(final.provider.code)}^PI" if row.local_patient_id else ""
    )
    nhs = f"{escaped(row.nhs_number)}^^^NHS^NH" if row.nhs_number else ""
    name = f"{escaped(row.family_name or '')}^{escaped(row.given_name or '')}"
    fields = {1: "1", 3: "~".join(filter(None, (local, nhs))), 5: name.rstrip("^"), 7: _day(row.birth_date)}
    return _segment("PID", {**fields, 8: escaped(row.sex or ""), 32: escaped(row.nhs_number_status or "")})


def _visit(final: FinalCoding) -> str:
    row = final.episode
    return _segment(
        "PV1",
        {
            1: "1",
            2: _CLASSES.get(row.patient_classification or "", "I"),
            3: f"^^^{escaped(row.site)}" if row.site else "",
            4: escaped(row.admission_method or ""),
            9: _clinician(final),
            10: escaped(row.treatment_function or ""),
            14: escaped(row.source_of_admission or ""),
            19: escaped(row.spell_number),
            36: escaped(row.discharge_method or ""),
            37: escaped(row.discharge_destination or ""),
            44: _day(row.spell_start),
            45: _day(row.spell_end),
        },
    )


def _diagnoses(final: FinalCoding) -> Iterator[str]:
    day = _day(final.episode.episode_end or final.episode.spell_end)
    for number, line in enumerate(final.diagnoses, 1):
        fields = {1: str(number), 3: _coded(line, "I10"), 5: day, 6: "F"}
        yield _segment("DG1", {**fields, 15: "1" if number == 1 else "2", 16: _clinician(final)})


def _procedures(final: FinalCoding) -> Iterator[str]:
    row = final.episode
    begun = row.episode_start or row.spell_start or row.episode_end
    for number, line in enumerate(final.procedures, 1):
        fields = {1: str(number), 3: _coded(line, "OPCS4"), 5: _day(line.date or begun)}
        yield _segment("PR1", {**fields, 12: _clinician(final), 14: "1" if number == 1 else "2"})


def _coding(final: FinalCoding) -> str:
    """ZAC: number, start and end of the episode, version of its coding, whether it corrects an earlier one,
    model, edition of the standards."""
    row, model, standards = final.episode, final.decision.model or {}, final.decision.standards or {}
    return _segment(
        "ZAC",
        {
            1: escaped(row.episode_number),
            2: _day(row.episode_start),
            3: _day(row.episode_end),
            4: str(final.version),
            5: "C" if final.is_correction else "F",
            6: "^".join(escaped(str(model.get(name, ""))) for name in ("name", "version")).strip("^"),
            7: escaped(str(standards.get("edition", ""))),
        },
    )


def _coded(line: FinalLine, system: str) -> str:
    return f"{escaped(line.display + line.pair)}^{escaped(line.title)}^{system}"


def _clinician(final: FinalCoding) -> str:
    sent = escaped(final.episode.clinician or "")
    return f"{sent}^^^^^^^^GMC" if sent else ""


def _day(day: date | None) -> str:
    return day.strftime("%Y%m%d") if day else ""


def _segment(name: str, fields: dict[int, str]) -> str:
    last = max((number for number, value in fields.items() if value), default=0)
    return "|".join([name, *(fields.get(number, "") for number in range(1, last + 1))])

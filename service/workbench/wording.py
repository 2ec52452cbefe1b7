"""The words that pages use for the vocabulary: one place, plain English. Colour never speaks alone."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from data.classifications.classification import NO_TITLE
from data.corpora import read_treatment_functions
from data.episodes import DocumentKind, NotCodedReason, Role
from data.standards import Severity
from data.terms import LocalUse
from service.clock import UK, uk_date
from service.coding.coding import LineState
from service.coding.status import CLOSED, Status
from service.episodes.person import NHS_NUMBER_STATUSES, sex_of
from service.episodes.schemas import DocumentStatus, HoldReason, LineOut, PatientOut, RejectReason
from service.extracts.items import Format
from service.identity import UserRole
from service.messages.records import MessageState
from service.outgoing.addresses import Kind
from service.outgoing.destinations import DestinationState
from service.outgoing.outbox import OutgoingState

_DUE_SOON_DAYS = 5


@dataclass(frozen=True, slots=True)
class Tag:
    """A word in a coloured box; the symbol tells tags apart without colour."""

    text: str
    colour: str
    symbol: str = ""


STATUSES = {
    Status.AWAITING_TEXT: Tag("Awaiting text", "grey"),
    Status.READY: Tag("Ready", "blue"),
    Status.IN_PROGRESS: Tag("In progress", "purple"),
    Status.ON_HOLD: Tag("On hold", "yellow"),
    Status.AWAITING_CHECK: Tag("Awaiting check", "orange"),
    Status.FINALISED: Tag("Finalised", "green", "✓"),
    Status.AUTOMATED: Tag("Automated", "aqua-green", "✓"),
    Status.WITHDRAWN: Tag("Withdrawn", "grey"),
}

REVIEW_DUE = Tag("Review due", "orange", "◆")

LINE_STATES = {
    LineState.ACCEPTED: "Accepted",
    LineState.REPLACED: "Replaced",
    LineState.ADDED: "Added by hand",
}

ROLES = {
    UserRole.EPR: "EPR or integration engine",
    UserRole.CODER: "Coder",
    UserRole.TRAINEE: "Trainee coder",
    UserRole.AUDITOR: "Auditor",
    UserRole.MANAGER: "Coding manager",
    UserRole.CLINICIAN: "Clinician",
    UserRole.ENGINEER: "ML engineer",
    UserRole.ADMIN: "Administrator",
}

MESSAGE_STATES = {
    MessageState.QUARANTINED: "In quarantine",
    MessageState.TAKEN: "Taken",
    MessageState.NOT_USED: "Not used",
    MessageState.MENDED: "Mended",
    MessageState.DISCARDED: "Set aside",
    MessageState.TAKEN_BACK: "Taken back",
}

OUTGOING_STATES = {
    OutgoingState.WAITING: Tag("Waiting", "blue"),
    OutgoingState.DELIVERED: Tag("Delivered", "green", "✓"),
    OutgoingState.PARKED: Tag("Parked", "red", "!"),
    OutgoingState.SUPERSEDED: Tag("Superseded", "grey"),
}

DESTINATION_KINDS = {
    Kind.HL7_MLLP: "HL7 v2 (MLLP)",
    Kind.HL7_HTTP: "HL7 v2 (HTTP)",
    Kind.FHIR: "FHIR",
    Kind.WEBHOOK: "Webhook",
}

DESTINATION_STATES = {
    DestinationState.ACTIVE: Tag("Active", "green", "✓"),
    DestinationState.PAUSED: Tag("Paused", "yellow", "‖"),
    DestinationState.OFF: Tag("Off", "grey"),
}

DESTINATION_ACTIONS = {
    DestinationState.ACTIVE: "Resume",
    DestinationState.PAUSED: "Pause",
    DestinationState.OFF: "Switch off",
}

DESTINATION_FAILS = Tag("Not answering", "red", "!")

EXTRACT_FORMATS = {
    Format.CDS_CSV: "England: CDS 6-2 as CSV",
    Format.CDS_XML: "England: CDS 6-2 as XML",
    Format.APC_WALES: "Wales: Admitted Patient Care as CSV",
}

LOCAL_USES = {
    LocalUse.ADD: "means",
    LocalUse.BLOCK: "does not mean",
    LocalUse.CUE: "is a cue:",
}

SEVERITIES = {
    Severity.ERROR: "Error",
    Severity.WARNING: "Warning",
    Severity.INFORMATION: "To know",
}

SEVERITY_SYMBOLS = {Severity.ERROR: "✕", Severity.WARNING: "▲", Severity.INFORMATION: "i"}

CODE_ROLES = {Role.DIAGNOSIS: "Diagnosis", Role.PROCEDURE: "Procedure"}

REJECT_REASONS = {
    RejectReason.NOT_DOCUMENTED: "not documented",
    RejectReason.NEGATED_OR_QUERIED: "negated or queried",
    RejectReason.HISTORY_ONLY: "history only",
    RejectReason.NOT_RELEVANT: "not relevant to this episode",
    RejectReason.WRONG_CODE: "wrong code",
    RejectReason.DUPLICATE: "duplicate",
    RejectReason.AGAINST_STANDARD: "against a coding standard",
    RejectReason.OTHER: "other reason",
}

HOLD_REASONS = {
    HoldReason.HISTOLOGY: "waiting for histology",
    HoldReason.NOTES: "waiting for notes",
    HoldReason.QUERY: "query to the clinician",
}

DOCUMENT_KINDS = {
    DocumentKind.DISCHARGE_SUMMARY: "Discharge summary",
    DocumentKind.OPERATION_NOTE: "Operation note",
    DocumentKind.HISTOLOGY: "Histology",
    DocumentKind.ENDOSCOPY_REPORT: "Endoscopy report",
    DocumentKind.CLINIC_LETTER: "Clinic letter",
    DocumentKind.RADIOLOGY: "Radiology",
    DocumentKind.OTHER: "Document",
}

DOCUMENT_STATUSES = {
    DocumentStatus.PRELIMINARY: "Preliminary",
    DocumentStatus.AMENDED: "Amended",
    DocumentStatus.ENTERED_IN_ERROR: "Entered in error: not used for coding",
}

DIFFERENCES = {
    "primary": "Comes first in the audit:",
    "missed": "Only in the audit:",
    "extra": "Not in the audit:",
}

LEFT_OUT_REASONS = {
    NotCodedReason.NEGATED: "negated",
    NotCodedReason.QUERIED: "only queried",
    NotCodedReason.FAMILY: "about the family",
    NotCodedReason.HISTORY: "history",
    NotCodedReason.PLANNED: "planned, not done",
    NotCodedReason.PAST_PROCEDURE: "a procedure of the past",
    NotCodedReason.HYPOTHETICAL: "hypothetical",
    NotCodedReason.VALUE_ONLY: "a value without a diagnosis",
    NotCodedReason.EXPLAINED_BY: "explained by another code",
    NotCodedReason.OPTIONAL_BY_POLICY: "not coded by policy",
    NotCodedReason.NOT_IN_EDITION: "not in this edition",
    NotCodedReason.OTHER: "left out",
}

_ADMISSIONS = {
    "1": "Elective", "2": "Emergency", "3": "Maternity", "8": "Other",
    "elective": "Elective", "emergency": "Emergency", "daycase": "Elective", "maternity": "Maternity",
    "birth": "Birth",
}  # fmt: skip
_CLASSIFICATIONS = {
    "2": "day case", "3": "regular day admission", "4": "regular night admission",
    "5": "mother and baby",
}  # fmt: skip


def day(value: date | None) -> str:
    return f"{value.day} {value:%b %Y}" if value else "Not known"


def short_day(value: date) -> str:
    """`3 Feb`"""
    return f"{value.day} {value:%b}"


def minutes(value: float | None) -> str:
    """`4 min`, `1 h 5 min`; never a false nought."""
    if value is None:
        return "Not known"
    if value < 1:
        return "Under 1 min"
    hours, rest = divmod(round(value), 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def share(value: float | None) -> str:
    """`87%`"""
    return "Not known" if value is None else f"{value:.0%}"


def clock_time(value: datetime) -> str:
    """`14:02 on 3 Feb 2026`, in UK time."""
    local = value.astimezone(UK)
    return f"{local:%H:%M} on {day(local.date())}"


def today(now: datetime) -> date:
    return uk_date(now)


def title_of(title: str) -> str:
    return title or NO_TITLE


def percent(confidence: float) -> str:
    """Never 0% or 100%: nothing is certain."""
    return f"{min(max(round(confidence * 100), 1), 99)}%"


def likelihood(confidence: float) -> str:
    bands = ((0.9, "very likely"), (0.7, "likely"), (0.4, "possible"))
    return next((words for least, words in bands if confidence >= least), "unlikely")


def due(due_date: date, status: Status, on: date) -> Tag:
    """When it should be coded, in words."""
    left = (due_date - on).days
    if status in CLOSED:
        return Tag(f"Was due {day(due_date)}", "none")
    if left < 0:
        return Tag(f"Overdue by {_days(-left)}", "red", "▲")
    if left == 0:
        return Tag("Due today", "orange", "◆")
    return Tag(
        f"Due in {_days(left)}",
        "orange" if left <= _DUE_SOON_DAYS else "white",
        "◆" if left <= _DUE_SOON_DAYS else "○",
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def reason_beside_quotes(line: LineOut) -> str:
    """Why the line is suggested, without repeating words that are quoted beside it."""
    reason = line.reason or ""
    for where in line.evidence:
        reason = reason.removeprefix(f"'{where.text}'").strip()
    return reason


def sex(sent: str | None) -> str:
    """As the Data Dictionary calls it; a word that it does not have as it was sent."""
    return (sex_of(sent) or sent or "").capitalize()


def patient_name(patient: PatientOut) -> str:
    """Family name first and in capitals, as clinical systems of the NHS write it."""
    family, given = (patient.family_name or "").upper(), patient.given_name or ""
    return ", ".join(part for part in (family, given) if part) or "Name not known"


def nhs_number(number: str | None) -> str:
    if number and len(number) == 10 and number.isdigit():
        return f"{number[:3]} {number[3:6]} {number[6:]}"
    return number or "Not known"


def nhs_number_status(code: str | None) -> str:
    """`present and verified`; empty where the sender did not say."""
    return NHS_NUMBER_STATUSES.get(code or "", "")


def admission(method: str | None, classification: str | None) -> str:
    sent = (method or "").lower()
    how = _ADMISSIONS.get(sent) or _ADMISSIONS.get(sent[:1]) or method or "Not known"
    kind = _CLASSIFICATIONS.get(classification or "")
    return f"{how}, {kind}" if kind else how


def episode_label(spell_number: str, episode_number: str | None) -> str:
    return f"{spell_number} / {episode_number}" if episode_number else spell_number


def treatment_function(code: str | None) -> str:
    """`340 Respiratory Medicine`; a code without a name here stands alone."""
    return f"{code} {_treatment_functions().get(code, '')}".strip() if code else "Not known"


@cache
def _treatment_functions() -> dict[str, str]:
    return read_treatment_functions()

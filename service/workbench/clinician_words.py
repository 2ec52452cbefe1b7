"""The words that the pages of clinicians, attributions and declarations use."""

from pydantic import ValidationError

from data.clinicians import Basis, ProfessionalBody
from service.clinicians.detecting import Kind
from service.clinicians.register import Activity, Autonomy, Grade
from service.clinicians.schemas import ProposalState

BODIES = {
    ProfessionalBody.GMC: "GMC (doctors)",
    ProfessionalBody.GDC: "GDC (dentists)",
    ProfessionalBody.NMC: "NMC (nurses, midwives)",
    ProfessionalBody.HCPC: "HCPC (other professions)",
}
GRADES = {
    Grade.CONSULTANT: "Consultant",
    Grade.SPECIALIST: "Specialist",
    Grade.ASSOCIATE_SPECIALIST: "Associate specialist",
    Grade.SPECIALTY_DOCTOR: "Specialty doctor",
    Grade.RESIDENT: "Resident doctor",
    Grade.NURSE: "Nurse",
    Grade.MIDWIFE: "Midwife",
    Grade.OTHER: "Other",
}
AUTONOMIES = {
    Autonomy.NONE: "None recorded",
    Autonomy.PARTIAL: "Partial: what the scope names",
    Autonomy.FULL: "Full: everything, or what the scope names",
}
AUTONOMY_SHORT = {Autonomy.NONE: "None", Autonomy.PARTIAL: "Partial", Autonomy.FULL: "Full"}
ACTIVITIES = {
    Activity.DAYCASE: "Day case",
    Activity.ELECTIVE: "Elective stay",
    Activity.EMERGENCY: "Emergency",
    Activity.MATERNITY: "Maternity",
    Activity.BIRTH: "Birth",
    Activity.REGULAR: "Regular attender",
}
BASES = {
    Basis.CONSULTANT: "named consultant",
    Basis.AUTONOMOUS: "autonomous doctor",
    Basis.TREATING_CONSULTANT: "consultant who treated",
    Basis.PROFESSION: "code of the profession",
    Basis.AS_SENT: "as sent",
    Basis.DEFAULT: "clinician not known",
    Basis.PERSON: "decided by a person",
}
FLAGS = {
    "clinician_not_known": "the clinician is not known",
    "named_not_responsible": "who is named may not answer for it",
    "not_in_post": "who is named was not in post",
    "not_in_register": "the code is not in the register",
    "own_number_sent": "a nurse's or midwife's own number was sent",
    "refused_code": "a code of referrers or GPs was sent",
    "unreadable": "what was sent is no consultant code",
}
KINDS = {
    Kind.AUTONOMOUS_WORK: "Work of an autonomous doctor",
    Kind.IMPOSSIBLE_LOAD: "Recorded clinician was elsewhere",
    Kind.NOT_AUTONOMOUS: "Recorded doctor may not answer",
    Kind.NOT_IN_POST: "Recorded clinician not in post",
    Kind.SPECIALTY_MISMATCH: "Clinician of another specialty",
    Kind.RULE: "Register or facts changed since",
}
STATES = {
    ProposalState.WAITING: "Waiting",
    ProposalState.ACCEPTED: "Accepted",
    ProposalState.DISMISSED: "Dismissed",
    ProposalState.TAKEN_BACK: "Taken back",
    ProposalState.OVERTAKEN: "Overtaken",
}
_FIELDS = {
    "name": "Give the name.",
    "grade": "Choose the grade.",
    "main_specialty": "Give the main specialty, three digits.",
    "starts": "Give the first day, as a date.",
    "ends": "The last day is a date, or empty.",
    "signed_off_on": "The day of the sign-off is a date, or empty.",
    "treatment_function": "A treatment function is three characters, such as 100.",
    "site": "A site is an ODS code, such as RXX01.",
    "policy": "Choose a policy.",
    "version": "Give the version: letters, digits, dots, dashes.",
    "grades": "Choose at least one grade.",
    "episodes": "Give the number of episodes, a whole number.",
}


def problem_of(error: ValidationError) -> str:
    """What to put right, in words for the page; repeats nothing that was sent."""
    first = error.errors()[0]
    names = [part for part in first["loc"] if isinstance(part, str)]
    words = first["msg"].removeprefix("Value error, ")
    known = next((_FIELDS[name] for name in reversed(names) if name in _FIELDS), None)
    return known or f"{words[:1].upper()}{words[1:]}."

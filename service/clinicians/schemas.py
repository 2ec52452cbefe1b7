"""What is posted and answered about clinicians, policies, attributions and declarations."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from data.clinicians import Basis, ProfessionalBody, number_of
from service.clinicians.register import SAS_GRADES, Activity, Autonomy, Grade
from service.text_types import Answer, CalendarDate, Line, ShortText
from service.text_types import Body as BodyModel

_GRADES_OF = {
    ProfessionalBody.GMC: SAS_GRADES | {Grade.CONSULTANT, Grade.RESIDENT},
    ProfessionalBody.GDC: SAS_GRADES | {Grade.CONSULTANT, Grade.RESIDENT, Grade.OTHER},
    ProfessionalBody.NMC: frozenset({Grade.NURSE, Grade.MIDWIFE}),
    ProfessionalBody.HCPC: frozenset({Grade.OTHER}),
}
_MAX_PERIOD_DAYS = 731

MainSpecialty = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
TreatmentFunction = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{3}$")]
SiteCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{3,9}$")]
PolicyVersion = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]{0,39}$")]
Count = Annotated[int, Field(ge=0, le=100_000, strict=True)]


_NAMES_SOMETHING: JsonDict = {
    "anyOf": [
        {"required": [name], "properties": {name: {"type": "string"}}}
        for name in ("treatment_function", "site", "activity")
    ]
}


class ScopeIn(BodyModel):
    """Work that is covered; what is left out means any."""

    model_config = ConfigDict(json_schema_extra=_NAMES_SOMETHING)

    treatment_function: TreatmentFunction | None = None
    site: SiteCode | None = None
    activity: Activity | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.treatment_function or self.site or self.activity):
            raise ValueError("name a treatment function, a site or an activity")
        return self


_CLINICIAN: JsonDict = {
    "name": "Dr Ada Okafor",
    "grade": "consultant",
    "main_specialty": "100",
    "starts": "2025-04-01",
}


class ClinicianIn(BodyModel):
    """What holds of a clinician from `starts` on. What was recorded before is kept, and ends by then."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CLINICIAN]})

    name: Line
    grade: Grade
    main_specialty: MainSpecialty
    autonomy: Autonomy = Autonomy.NONE
    scope: Annotated[tuple[ScopeIn, ...], Field(max_length=40)] = ()
    """Empty: with full autonomy everything."""
    policy: PolicyVersion | None = None
    """Version of the provider's policy under which autonomy was granted."""
    starts: CalendarDate
    ends: CalendarDate | None = None
    signed_off_by: Line | None = None
    signed_off_on: CalendarDate | None = None
    account: Line | None = None
    """The user name, or name of a key, with which they declare their work."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        problem = next(self._problems(), None)
        if problem:
            raise ValueError(problem)
        return self

    def _problems(self) -> Any:
        if self.ends and self.ends < self.starts:
            yield "ends before it starts"
        if (self.signed_off_by is None) != (self.signed_off_on is None):
            yield "a sign-off has a name and a day"
        if self.autonomy is Autonomy.NONE:
            if self.scope or self.policy:
                yield "scope and policy belong to autonomy"
            return
        if self.grade not in SAS_GRADES:
            yield "autonomy is recorded of specialists, associate specialists and specialty doctors"
        if self.policy is None:
            yield "autonomy is granted under a policy"
        if self.autonomy is Autonomy.PARTIAL and not self.scope:
            yield "partial autonomy has a scope"


def grade_problem(body: ProfessionalBody, grade: Grade) -> str | None:
    """Why the grade cannot be one of this register; None where it can."""
    if grade in _GRADES_OF[body]:
        return None
    return f"{body.upper()} registers no {grade.replace('_', ' ')}"


def number_problem(body: ProfessionalBody, written: str) -> str | None:
    return None if number_of(body, written) else _NUMBER_FORMS[body]


_NUMBER_FORMS = {
    ProfessionalBody.GMC: "a GMC number has seven digits",
    ProfessionalBody.GDC: "a GDC number has four to six digits",
    ProfessionalBody.NMC: "an NMC number is like 01A2345E",
    ProfessionalBody.HCPC: "an HCPC number is like PH123456",
}


class RegisterEntryOut(Answer):
    number: int
    name: str
    grade: Grade
    main_specialty: str
    autonomy: Autonomy
    scope: tuple[ScopeIn, ...]
    policy: str | None
    starts: date
    ends: date | None
    in_force: bool
    """On the day of asking."""
    signed_off_by: str | None
    signed_off_on: date | None
    account: str | None
    recorded_at: datetime
    recorded_by: str


class ClinicianOut(Answer):
    id: str
    body: ProfessionalBody
    number: str
    code: str
    """What stands in the consultant code field when they answer for an episode."""
    latest: RegisterEntryOut
    entries: int


class ClinicianPage(Answer):
    clinicians: tuple[ClinicianOut, ...]
    next_cursor: str | None


class ClinicianHistory(Answer):
    clinician: ClinicianOut
    entries: tuple[RegisterEntryOut, ...]
    """The newest first."""


class ImportAnswer(Answer):
    added: int
    changed: int
    unchanged: int


class AutonomyPolicyIn(BodyModel):
    """A version of the provider's policy on autonomous work; the last word on a version holds."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": "2026-1", "starts": "2026-04-01"}]})

    version: PolicyVersion
    starts: CalendarDate
    ends: CalendarDate | None = None
    grades: Annotated[tuple[Grade, ...], Field(min_length=1, max_length=3)] = tuple(sorted(SAS_GRADES))
    """Whose autonomy counts."""
    needs_sign_off: bool = True

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.ends and self.ends < self.starts:
            raise ValueError("ends before it starts")
        if not set(self.grades) <= SAS_GRADES:
            raise ValueError("a policy is about specialists, associate specialists and specialty doctors")
        return self


class AutonomyPolicyOut(Answer):
    version: str
    starts: date
    ends: date | None
    grades: tuple[Grade, ...]
    needs_sign_off: bool
    recorded_at: datetime
    recorded_by: str


class AutonomyPoliciesAnswer(Answer):
    policies: tuple[AutonomyPolicyOut, ...]


class AttributionOut(Answer):
    """Under whom an episode stands, and why."""

    number: int
    sent: str | None
    treating: str | None
    code: str
    basis: Basis
    reason: str
    flags: tuple[str, ...]
    policy: str | None
    decided_by: str
    at: datetime


class AttributionsAnswer(Answer):
    attributions: tuple[AttributionOut, ...]
    """The newest first; it holds."""


class ProposalState(StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    TAKEN_BACK = "taken_back"
    OVERTAKEN = "overtaken"
    """The episode was put under somebody else meanwhile."""


class ProposalOut(Answer):
    id: str
    episode: str
    spell_number: str
    episode_number: str | None
    treatment_function: str | None
    site: str | None
    episode_start: date | None
    episode_end: date | None
    kind: str
    recorded: str
    recorded_name: str | None
    proposed: str
    proposed_name: str | None
    reason: str
    evidence: tuple[str, ...]
    policy: str | None
    state: ProposalState
    why: str | None
    made_at: datetime
    settled_at: datetime | None
    settled_by: str | None


class ProposalPage(Answer):
    proposals: tuple[ProposalOut, ...]
    next_cursor: str | None
    waiting: int
    """How many wait in all."""


class Period(BodyModel):
    starts: CalendarDate
    ends: CalendarDate

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if not 0 <= (self.ends - self.starts).days <= _MAX_PERIOD_DAYS:
            raise ValueError("a period ends on or after its first day, and is two years at most")
        return self


class DetectedAnswer(Answer):
    episodes: int
    proposed: int
    """Proposals that are new."""


class DismissIn(BodyModel):
    reason: Line


class BulkIn(BodyModel):
    proposals: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")], ...],
        Field(min_length=1, max_length=200),
    ]


class BulkAnswer(Answer):
    accepted: int


class DeclaredLine(BodyModel):
    """Work that the clinician says they do."""

    treatment_function: TreatmentFunction
    site: SiteCode | None = None
    activity: Activity
    autonomous: bool
    """They answer for it themselves."""
    episodes: Count
    """In the whole period, about."""


_DECLARATION: JsonDict = {
    "starts": "2026-01-01",
    "ends": "2026-03-31",
    "lines": [
        {"treatment_function": "100", "activity": "daycase", "autonomous": True, "episodes": 60},
        {"treatment_function": "100", "activity": "elective", "autonomous": False, "episodes": 20},
    ],
}


class DeclarationIn(Period):
    """What a clinician says they did in a period."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DECLARATION]})

    clinician: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")] | None = None
    """Whose it is; a clinician who signs in declares their own."""
    lines: Annotated[tuple[DeclaredLine, ...], Field(min_length=1, max_length=60)]
    note: Annotated[ShortText, StringConstraints(max_length=1000)] | None = None


class ComparedLine(Answer):
    treatment_function: str | None
    site: str | None
    activity: Activity | None
    declared: int | None
    """None where it is recorded only."""
    recorded: int
    autonomous: bool | None
    covered: bool | None
    """By the register, on the last day of the period; None where nothing was declared."""
    difference: str
    """In plain words; empty where both say the same."""


class DeclarationOut(Answer):
    id: str
    clinician: str
    name: str
    code: str
    starts: date
    ends: date
    lines: tuple[DeclaredLine, ...]
    note: str | None
    declared_at: datetime
    declared_by: str
    compared: tuple[ComparedLine, ...]
    """With the activity recorded under the clinician in the period."""


class DeclarationsAnswer(Answer):
    declarations: tuple[DeclarationOut, ...]
    """The newest first, one hundred at most."""

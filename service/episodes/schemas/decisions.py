"""What a person decides, as a request."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    Field,
    StringConstraints,
)

from data.episodes import Role
from service.episodes.schemas.posted import Identifier
from service.text_types import (
    Body,
    CalendarDate,
    ClinicalText,
    CodeText,
    Offset,
    OrdinalNumber,
    ShortText,
)

FifthCharacter = Annotated[str, StringConstraints(pattern=r"^[0-9]$")]


class RejectReason(StrEnum):
    NOT_DOCUMENTED = "not_documented"
    NEGATED_OR_QUERIED = "negated_or_queried"
    HISTORY_ONLY = "history_only"
    NOT_RELEVANT = "not_relevant"
    WRONG_CODE = "wrong_code"
    DUPLICATE = "duplicate"
    AGAINST_STANDARD = "against_standard"
    OTHER = "other"


class HoldReason(StrEnum):
    HISTOLOGY = "histology"
    NOTES = "notes"
    QUERY = "query"


class EvidenceIn(Body):
    """Words of a document, by place; the text is checked where it is given."""

    document: ShortText
    version: OrdinalNumber | None = None
    start: Offset
    end: Offset
    text: ClinicalText | None = None


class _LineDecision(Body):
    line: Identifier


class Accept(_LineDecision):
    kind: Literal["accept"]


class Reject(_LineDecision):
    kind: Literal["reject"]
    reason: RejectReason | None = None
    remember: bool = False
    """Keep the quoted words from leading to this code at this provider."""


class Replace(_LineDecision):
    kind: Literal["replace"]
    code: CodeText
    fifth: FifthCharacter | None = None
    """Left out, it is what the code is written with: `S72.01`."""


class Remove(_LineDecision):
    kind: Literal["remove"]


class SetDate(_LineDecision):
    kind: Literal["set_date"]
    date: CalendarDate


class SetFifth(_LineDecision):
    """The fifth character of a diagnosis that stands."""

    kind: Literal["set_fifth"]
    fifth: FifthCharacter | None
    """None takes it away."""


class Add(Body):
    kind: Literal["add"]
    role: Role
    code: CodeText
    fifth: FifthCharacter | None = None
    """Left out, it is what the code is written with: `S72.01`."""
    group: OrdinalNumber | None = None
    date: CalendarDate | None = None
    evidence: Annotated[tuple[EvidenceIn, ...], Field(max_length=20)] = ()
    remember: bool = False
    """Let the quoted words lead to this code at this provider."""


class Reorder(Body):
    kind: Literal["reorder"]
    role: Role
    lines: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=200)]


class Undo(Body):
    kind: Literal["undo"]
    decision: Identifier


class Claim(Body):
    kind: Literal["claim"]
    coder: Identifier | None = None
    """The account that a manager assigns the episode to; your own where it is left out."""


class Release(Body):
    kind: Literal["release"]


class Hold(Body):
    kind: Literal["hold"]
    reason: HoldReason
    review_date: CalendarDate | None = None


class Finalise(Body):
    kind: Literal["finalise"]


class Reopen(Body):
    kind: Literal["reopen"]
    reason: ShortText


class LineNote(Body):
    """What a checker says to a trainee of one line."""

    line: Identifier
    text: ShortText


LineNotes = Annotated[tuple[LineNote, ...], Field(max_length=200)]


class Approve(Body):
    """A trainee's coding, as corrected, becomes the coding of the episode."""

    kind: Literal["approve"]
    reason: ShortText | None = None
    """A word to the trainee."""
    notes: LineNotes = ()


class Return(Body):
    kind: Literal["return"]
    reason: ShortText
    notes: LineNotes = ()


class Override(Body):
    """The coding is right although a rule calls it an error: for auditors and managers."""

    kind: Literal["override"]
    rule: Identifier
    reason: ShortText


DecisionIn = Annotated[
    Accept
    | Reject
    | Replace
    | Remove
    | SetDate
    | SetFifth
    | Add
    | Reorder
    | Undo
    | Claim
    | Release
    | Hold
    | Finalise
    | Reopen
    | Approve
    | Return
    | Override,
    Field(discriminator="kind"),
]

"""What is posted and answered about destinations and what goes out."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from service.outgoing.addresses import Kind
from service.outgoing.destinations import DestinationState
from service.outgoing.outbox import OutgoingState
from service.outgoing.tables import Destination, OutgoingRow
from service.text_types import Answer, Body

Name = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")
]
Address = Annotated[str, StringConstraints(min_length=1, max_length=500)]
GivenSecret = Annotated[SecretStr, Field(min_length=8, max_length=400)]


class DestinationIn(Body):
    """A system to be told of finalised codings."""

    name: Name
    """The receiving application, as HL7 messages name it."""
    kind: Kind
    address: Address
    secret: GivenSecret | None = None
    """Bearer token for FHIR and HL7 over HTTP; that of a webhook is made here."""


class DestinationChange(Body):
    """What is left out stays."""

    state: DestinationState | None = None
    address: Address | None = None


class SecretIn(Body):
    secret: GivenSecret | None = None
    """The new bearer token; for a webhook nothing: a new secret is made."""


class DestinationOut(Answer):
    id: str
    name: str
    kind: Kind
    address: str
    state: DestinationState
    has_secret: bool
    signs_with_former: bool
    """A former secret still signs beside the new one."""
    failures: int
    retry_at: datetime | None
    last_error: str | None
    created_at: datetime
    created_by: str
    waiting: int
    parked: int

    @classmethod
    def of(cls, row: Destination, counts: dict[str, int]) -> "DestinationOut":
        return cls(
            id=row.id,
            name=row.name,
            kind=Kind(row.kind),
            address=row.address,
            state=DestinationState(row.state),
            has_secret=row.secret is not None,
            signs_with_former=row.former_secret is not None,
            failures=row.failures,
            retry_at=row.retry_at,
            last_error=row.last_error,
            created_at=row.created_at,
            created_by=row.created_by,
            waiting=counts.get(OutgoingState.WAITING, 0),
            parked=counts.get(OutgoingState.PARKED, 0),
        )


class DestinationsAnswer(Answer):
    destinations: tuple[DestinationOut, ...]


class DestinationMade(Answer):
    destination: DestinationOut
    secret: str | None
    """Of a webhook; shown this once."""


class OutgoingOut(Answer):
    id: str
    destination_id: str
    episode_id: str
    coding_version: int
    state: OutgoingState
    attempts: int
    next_at: datetime
    last_error: str | None
    created_at: datetime
    tried_at: datetime | None
    delivered_at: datetime | None

    @classmethod
    def of(cls, row: OutgoingRow) -> "OutgoingOut":
        return cls.model_validate(row, from_attributes=True)


class OutgoingAnswer(Answer):
    messages: tuple[OutgoingOut, ...]
    """Newest first."""

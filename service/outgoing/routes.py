"""`/v1/destinations`: who is told of finalised codings. `/v1/outgoing`: what waits, went, was parked."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query

from service.deps import DestinationEditor, Held, OutgoingReader
from service.errors import (
    BadRequest,
    BodyTooLarge,
    IllegalState,
    NameTaken,
    NotFound,
    Unprocessable,
    UnsupportedMedia,
)
from service.outgoing import schemas as s
from service.outgoing import workflow
from service.outgoing.outbox import OutgoingState
from service.problems import documented

destinations = APIRouter(prefix="/v1/destinations", tags=["outgoing"])
outgoing = APIRouter(prefix="/v1/outgoing", tags=["outgoing"])

DestinationId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
OutgoingId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
_WRITE_ERRORS = documented(BadRequest, BodyTooLarge, UnsupportedMedia, Unprocessable)


@destinations.get("", responses=documented())
def get_destinations(held: Held, actor: OutgoingReader) -> s.DestinationsAnswer:
    """The destinations of the own provider; secrets are never shown."""
    return workflow.listed(held, actor)


@destinations.post("", status_code=201, responses={**_WRITE_ERRORS, **documented(NameTaken)})
def post_destination(
    held: Held, actor: DestinationEditor, destination: Annotated[s.DestinationIn, Body()]
) -> s.DestinationMade:
    """Adds a destination. The secret of a webhook is in this answer and nowhere else."""
    return workflow.add(held, actor, destination)


@destinations.patch("/{destination_id}", responses={**_WRITE_ERRORS, **documented(NotFound)})
def patch_destination(
    held: Held,
    actor: DestinationEditor,
    destination_id: DestinationId,
    change: Annotated[s.DestinationChange, Body()],
) -> s.DestinationOut:
    """Pauses, resumes, switches off, or moves a destination; what waits is tried again at once."""
    return workflow.change(held, actor, destination_id, change)


@destinations.post("/{destination_id}/secret", responses={**_WRITE_ERRORS, **documented(NotFound)})
def post_secret(
    held: Held,
    actor: DestinationEditor,
    destination_id: DestinationId,
    secret: Annotated[s.SecretIn, Body()],
) -> s.DestinationMade:
    """A new secret. A webhook is signed with the former one too, until that is retired."""
    return workflow.rotate(held, actor, destination_id, secret)


@destinations.post(
    "/{destination_id}/retire-secret", status_code=204, responses=documented(NotFound, Unprocessable)
)
def post_retired_secret(held: Held, actor: DestinationEditor, destination_id: DestinationId) -> None:
    """The former secret signs no more."""
    workflow.retire(held, actor, destination_id)


@outgoing.get("", responses=documented(Unprocessable))
def get_outgoing(
    held: Held,
    actor: OutgoingReader,
    state: Annotated[OutgoingState | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> s.OutgoingAnswer:
    """What goes out, the newest first."""
    return workflow.messages(held, actor, state, limit)


@outgoing.post("/{outgoing_id}/replay", responses=documented(NotFound, IllegalState, Unprocessable))
def post_replay(held: Held, actor: OutgoingReader, outgoing_id: OutgoingId) -> s.OutgoingOut:
    """Sends a message again under the same id."""
    return workflow.replay(held, actor, outgoing_id)

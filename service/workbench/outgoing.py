"""`/outgoing`: who is told of finalised codings, what waits for them and why; replayed and paused here."""

from collections.abc import Mapping
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.deps import DestinationEditor, Held, OutgoingReader, Services
from service.errors import Conflict, ServiceError, Unprocessable
from service.identity import DESTINATION_EDITORS, Actor
from service.outgoing import schemas as s
from service.outgoing import workflow
from service.outgoing.addresses import Kind
from service.outgoing.destinations import DestinationState
from service.outgoing.outbox import OutgoingState
from service.tables import Provider
from service.workbench import rendering
from service.workbench.decision_forms import Form
from service.workbench.episode import Submitted

router = APIRouter(prefix="/outgoing", include_in_schema=False)

RowId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
_SHOWN = 100
_Sent = TypeVar("_Sent", bound=BaseModel)
_FIELDS = {
    "name": "Give a name of letters, digits, spaces, dots and dashes, at most 64.",
    "address": "Give the address.",
    "kind": "Choose a kind.",
    "secret": "A bearer token has 8 to 400 characters.",
    "state": "Choose what the destination should do.",
}


@router.get("")
def get_outgoing(
    request: Request,
    held: Held,
    actor: OutgoingReader,
    state: Annotated[OutgoingState | None, Query()] = None,
) -> HTMLResponse:
    return _page(request, held, actor, state=state)


@router.post("/{row_id}/replay")
def post_replayed(
    request: Request, held: Held, actor: OutgoingReader, row_id: RowId, form: Submitted
) -> Response:
    try:
        workflow.replay(held, actor, row_id)
    except Conflict as error:
        return _page(request, held, actor, error=error, at_fault="messages")
    return RedirectResponse("/outgoing", status_code=303)


@router.post("/destinations")
def post_destination(request: Request, held: Held, actor: DestinationEditor, form: Submitted) -> Response:
    given = {name: form[name].strip() for name in ("name", "kind", "address", "secret") if form.get(name)}
    try:
        made = workflow.add(held, actor, _read(s.DestinationIn, given))
    except (Conflict, Unprocessable) as error:
        return _page(request, held, actor, error=error, at_fault="name", form=form)
    if made.secret is None:
        return RedirectResponse("/outgoing", status_code=303)
    return _page(request, held, actor, made=made)


@router.post("/destinations/{row_id}/state")
def post_state(
    request: Request, held: Held, actor: DestinationEditor, row_id: RowId, form: Submitted
) -> Response:
    try:
        workflow.change(held, actor, row_id, _read(s.DestinationChange, {"state": form.get("state")}))
    except Unprocessable as error:
        return _page(request, held, actor, error=error, at_fault="destinations")
    return RedirectResponse("/outgoing", status_code=303)


@router.post("/destinations/{row_id}/secret")
def post_secret(
    request: Request, held: Held, actor: DestinationEditor, row_id: RowId, form: Submitted
) -> Response:
    """A webhook's new secret; the former one signs beside it."""
    try:
        made = workflow.rotate(held, actor, row_id, _read(s.SecretIn, {"secret": form.get("secret") or None}))
    except Unprocessable as error:
        return _page(request, held, actor, error=error, at_fault="destinations")
    return _page(request, held, actor, made=made)


@router.post("/destinations/{row_id}/retire-secret")
def post_retired_secret(held: Held, actor: DestinationEditor, row_id: RowId, form: Submitted) -> Response:
    workflow.retire(held, actor, row_id)
    return RedirectResponse("/outgoing", status_code=303)


def _read(model: type[_Sent], given: Mapping[str, str | None]) -> _Sent:
    """
    Raises:
        Unprocessable: in the words of the page.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = str(error.errors()[0]["loc"][0])
        raise Unprocessable(_FIELDS.get(first, "The form cannot be read.")) from None


def _page(  # noqa: PLR0913 (what the page may have to say)
    request: Request,
    held: Services,
    actor: Actor,
    *,
    state: OutgoingState | None = None,
    error: ServiceError | None = None,
    at_fault: str = "",
    form: Form | None = None,
    made: s.DestinationMade | None = None,
) -> HTMLResponse:
    with held.db.read() as session:
        provider = session.get_one(Provider, actor.provider_id)
    destinations = workflow.listed(held, actor).destinations
    return rendering.page(
        request,
        "outgoing.html",
        status=error.status if error else 200,
        provider=provider,
        destinations=destinations,
        names={one.id: one.name for one in destinations},
        messages=workflow.messages(held, actor, state, _SHOWN).messages,
        state=state,
        states=list(OutgoingState),
        kinds=list(Kind),
        destination_states=list(DestinationState),
        may_change=actor.role in DESTINATION_EDITORS,
        made=made,
        form=form or {},
        error=error,
        at_fault=at_fault,
    )

"""`/messages`: what other systems sent and could not be taken; here it is mended and taken, or set aside."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.deps import Held, MessageMender, Services
from service.errors import ServiceError, Unprocessable
from service.identity import Actor
from service.messages import quarantine
from service.messages.records import MessageState, messages_of, waiting_message
from service.messages.showing import as_text
from service.tables import Provider
from service.text_types import MAX_TEXT
from service.workbench import rendering
from service.workbench.episode import Submitted

router = APIRouter(prefix="/messages", include_in_schema=False)

RowId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
_SHOWN = 100


@router.get("")
def get_messages(
    request: Request,
    held: Held,
    actor: MessageMender,
    state: Annotated[MessageState, Query()] = MessageState.QUARANTINED,
) -> HTMLResponse:
    with held.db.read() as session:
        provider = session.get_one(Provider, actor.provider_id)
        rows = messages_of(session, actor, state, _SHOWN)
    return rendering.page(
        request, "messages.html", provider=provider, messages=rows, state=state, states=list(MessageState)
    )


@router.get("/{row_id}")
def get_message(request: Request, held: Held, actor: MessageMender, row_id: RowId) -> HTMLResponse:
    return _page(request, held, actor, row_id)


@router.post("/{row_id}/mend")
def post_mended(
    request: Request, held: Held, actor: MessageMender, row_id: RowId, form: Submitted
) -> Response:
    """A browser sends line ends as CR LF; HL7 and FHIR take any."""
    text = form.get("text", "")
    try:
        if not text.strip() or len(text) > MAX_TEXT:
            raise Unprocessable("give the whole message, as it should have come")
        quarantine.mend(held, actor, row_id, text.encode("utf-8", errors="replace"))
    except Unprocessable as error:
        return _page(request, held, actor, row_id, error=error, text=text)
    return RedirectResponse("/messages", status_code=303)


@router.post("/{row_id}/discard")
def post_discarded(held: Held, actor: MessageMender, row_id: RowId, form: Submitted) -> Response:
    quarantine.discard(held, actor, row_id)
    return RedirectResponse("/messages", status_code=303)


@router.post("/{row_id}/take-back")
def post_taken_back(held: Held, actor: MessageMender, row_id: RowId, form: Submitted) -> Response:
    quarantine.take_back(held, actor, row_id)
    return RedirectResponse("/messages?state=taken", status_code=303)


def _page(
    request: Request,
    held: Services,
    actor: Actor,
    row_id: str,
    *,
    error: ServiceError | None = None,
    text: str | None = None,
) -> HTMLResponse:
    with held.db.read() as session:
        row = waiting_message(session, actor, row_id)
    return rendering.page(
        request,
        "message.html",
        status=error.status if error else 200,
        message=row,
        text=as_text(row.content or b"", row.channel) if text is None else text,
        error=error,
    )

"""`POST /hl7v2` takes messages; `/v1/messages` is the quarantine and what was done about it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from service.deps import Epr, Held, MessageMender, Services
from service.errors import BadRequest, BodyTooLarge, Conflict, NotFound, Unprocessable, UnsupportedMedia
from service.messages import quarantine
from service.messages.hl7v2 import AckCode
from service.messages.inbox import Inbox, Outcome
from service.messages.records import MessageState, messages_of, waiting_message
from service.messages.showing import as_text
from service.messages.tables import MessageRow
from service.problems import documented
from service.text_types import Answer, Body, ClinicalText

router = APIRouter(tags=["messages"])

HL7_MEDIA_TYPE = "x-application/hl7-v2+er7"
_MEDIA_TYPES = frozenset({HL7_MEDIA_TYPE, "application/hl7-v2", "text/plain", "application/octet-stream"})
MessageId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
_ER7 = {"schema": {"type": "string"}}


class MessageOut(Answer):
    id: str
    channel: str
    sender: str
    control_id: str
    kind: str
    state: MessageState
    reason: str | None
    received_at: datetime
    settled_at: datetime | None
    settled_by: str | None

    @classmethod
    def of(cls, row: MessageRow) -> "MessageOut":
        return cls.model_validate(row, from_attributes=True)


class WaitingMessageOut(MessageOut):
    text: str
    """As it came; bytes that are no characters are shown as U+FFFD."""


class MessagesAnswer(Answer):
    messages: tuple[MessageOut, ...]
    """Newest first."""


class CorrectedIn(Body):
    """The whole message as it should have come."""

    text: ClinicalText


class TakenOut(Answer):
    message: str
    state: MessageState


def inbox(held: Services) -> Inbox:
    return Inbox(held.db, held.clock, held.settings)


async def er7_body(request: Request) -> bytes:
    """
    Raises:
        UnsupportedMedia: the body does not claim to be a message.
    """
    claimed = request.headers.get("content-type", "text/plain").split(";")[0].strip().lower()
    if claimed not in _MEDIA_TYPES:
        raise UnsupportedMedia(f"send a message as {HL7_MEDIA_TYPE} or text/plain")
    return await request.body()


@router.post(
    "/hl7v2",
    openapi_extra={"requestBody": {"required": True, "content": {HL7_MEDIA_TYPE: _ER7, "text/plain": _ER7}}},
    responses={
        **documented(BodyTooLarge, UnsupportedMedia),
        200: {"description": "Taken, or not used: ACK with AA.", "content": {HL7_MEDIA_TYPE: _ER7}},
        422: {
            "description": "Kept in quarantine: ACK with AE or AR and the reason.",
            "content": {HL7_MEDIA_TYPE: _ER7},
        },
    },
    response_class=Response,
)
async def post_hl7v2(held: Held, actor: Epr, sent: Annotated[bytes, Depends(er7_body)]) -> Response:
    """Takes one HL7 v2 message (pipes and hats) and answers with its ACK, after commit."""
    outcome = await run_in_threadpool(inbox(held).take, actor, sent)
    return _acknowledged(outcome)


def _acknowledged(outcome: Outcome) -> Response:
    status = 200 if outcome.code is AckCode.ACCEPT else 422
    return Response(outcome.answer, status, media_type=HL7_MEDIA_TYPE)


@router.get("/v1/messages", responses=documented(Unprocessable))
def get_messages(
    held: Held,
    actor: MessageMender,
    state: Annotated[MessageState, Query()] = MessageState.QUARANTINED,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> MessagesAnswer:
    """Messages in one state, by default those in quarantine."""
    with held.db.read() as session:
        rows = messages_of(session, actor, state, limit)
        return MessagesAnswer(messages=tuple(MessageOut.of(row) for row in rows))


@router.get("/v1/messages/{message_id}", responses=documented(NotFound, Conflict, Unprocessable))
def get_message(held: Held, actor: MessageMender, message_id: MessageId) -> WaitingMessageOut:
    """A message in quarantine with its text."""
    with held.db.read() as session:
        row = waiting_message(session, actor, message_id)
        known = MessageOut.of(row).model_dump()
        return WaitingMessageOut(**known, text=as_text(row.content or b"", row.channel))


@router.post(
    "/v1/messages/{message_id}/mend",
    responses=documented(BadRequest, BodyTooLarge, UnsupportedMedia, NotFound, Conflict, Unprocessable),
)
def post_mended_message(
    held: Held, actor: MessageMender, message_id: MessageId, corrected: CorrectedIn
) -> TakenOut:
    """Takes the corrected message in place of the one that waits."""
    mended = quarantine.mend(held, actor, message_id, corrected.text.encode())
    return TakenOut(message=mended.message_id, state=mended.state)


@router.post(
    "/v1/messages/{message_id}/discard",
    status_code=204,
    responses=documented(NotFound, Conflict, Unprocessable),
)
def post_discarded_message(held: Held, actor: MessageMender, message_id: MessageId) -> None:
    """Sets a message aside for good; it stays on record."""
    quarantine.discard(held, actor, message_id)


@router.post(
    "/v1/messages/{message_id}/take-back",
    status_code=204,
    responses=documented(NotFound, Conflict, Unprocessable),
)
def post_merge_taken_back(held: Held, actor: MessageMender, message_id: MessageId) -> None:
    """Undoes a merge of two patients (ADT^A40)."""
    quarantine.take_back(held, actor, message_id)

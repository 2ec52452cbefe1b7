"""What a person does about a message: mends it, sets it aside, or takes a merge back."""

from datetime import datetime
from typing import NamedTuple

from service.deps import Services
from service.errors import IllegalState, Unprocessable
from service.identity import Actor
from service.messages.fhir.inbox import FhirInbox, FhirOutcome
from service.messages.inbox import Inbox, Outcome
from service.messages.records import Channel, MessageState, Refusal, close, message_of, waiting_message
from service.messages.spells import Desk, take_back_merge


class Mended(NamedTuple):
    message_id: str
    """Of the corrected message."""
    state: MessageState


def mend(held: Services, actor: Actor, message_id: str, corrected: bytes) -> Mended:
    """Takes a corrected message in place of one in quarantine, which is kept with the mark "mended".

    Raises:
        NotFound, IllegalState: there is no such message in quarantine.
        Unprocessable: the correction cannot be taken either; the message waits on.
    """
    at = held.clock.now()
    with held.db.read() as session:
        channel = waiting_message(session, actor, message_id).channel
    attempt = _attempt(held, actor, channel, corrected, at)
    if isinstance(attempt, Refusal):
        raise Unprocessable(attempt.reason)
    _settle(held, actor, message_id, MessageState.MENDED, at)
    return Mended(attempt.message_id, attempt.state)


def _attempt(
    held: Services, actor: Actor, channel: str, corrected: bytes, at: datetime
) -> Outcome | FhirOutcome | Refusal:
    if channel == Channel.FHIR:
        return FhirInbox(held).attempt(actor, corrected, at)
    return Inbox(held.db, held.clock, held.settings).attempt(actor, corrected, at)


def discard(held: Services, actor: Actor, message_id: str) -> None:
    """
    Raises:
        NotFound, IllegalState: there is no such message in quarantine.
    """
    _settle(held, actor, message_id, MessageState.DISCARDED, held.clock.now())


def _settle(held: Services, actor: Actor, message_id: str, state: MessageState, at: datetime) -> None:
    with held.db.write() as session:
        close(session, actor, waiting_message(session, actor, message_id, lock=True), state, at)


def take_back(held: Services, actor: Actor, message_id: str) -> None:
    """Undoes a merge of two patients.

    Raises:
        NotFound, IllegalState: there is no such message, or it merged nothing.
    """
    at = held.clock.now()
    with held.db.write() as session:
        row = message_of(session, actor, message_id, lock=True)
        if row.state != MessageState.TAKEN or "merged_from" not in row.effect:
            raise IllegalState("only a merge that was taken can be taken back")
        desk = Desk(session, actor, at, held.settings)
        take_back_merge(desk, row.effect["episodes"], row.effect["merged_from"])
        close(session, actor, row, MessageState.TAKEN_BACK, at)

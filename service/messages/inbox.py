"""Takes messages, one transaction each; what cannot be taken waits in quarantine as it came.

A message is known by its sender and MSH-10: sent again it is answered again and changes nothing. Whatever a
message was, it is counted once: taken, not used, or in quarantine.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service import audit
from service.accounts.directory import new_id
from service.clock import Clock
from service.config import Settings
from service.db import Database
from service.errors import DatabaseBusy, IllegalState, NotFound, Unprocessable
from service.identity import Actor
from service.messages.errors import MessageError, Unreadable, Unusable
from service.messages.hl7v2 import (
    AckCode,
    Event,
    Header,
    Hl7Message,
    acknowledgement,
    header_of,
    read_message,
    read_request,
)
from service.messages.spells import STEPS, Desk, take_back_merge
from service.observability import MESSAGES, log
from service.tables import MessageRow

_ATTEMPTS = 4


class MessageState(StrEnum):
    TAKEN = "taken"
    NOT_USED = "not_used"
    """Understood, and nothing that this service keeps."""
    QUARANTINED = "quarantined"
    MENDED = "mended"
    """Replaced by a corrected message, which was taken."""
    DISCARDED = "discarded"
    TAKEN_BACK = "taken_back"
    """A merge that a person undid."""


SETTLED = frozenset({MessageState.TAKEN, MessageState.NOT_USED})


@dataclass(frozen=True, slots=True)
class Outcome:
    message_id: str
    state: MessageState
    code: AckCode
    answer: bytes
    """The ACK."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message is not taken."""

    code: AckCode
    reason: str


@dataclass(frozen=True, slots=True)
class Inbox:
    db: Database
    clock: Clock
    settings: Settings

    def take(self, actor: Actor, sent: bytes) -> Outcome:
        """Never raises for what a message holds.

        Raises:
            ServiceError: the database cannot take it now; the sender should send it again.
        """
        at = self.clock.now()
        attempt = self._attempt(actor, sent, at)
        outcome = attempt if isinstance(attempt, Outcome) else self._quarantine(actor, sent, attempt, at)
        MESSAGES.labels("hl7v2", outcome.state.value).inc()
        log.info("message", channel="hl7v2", state=outcome.state.value)
        return outcome

    def _attempt(self, actor: Actor, sent: bytes, at: datetime) -> "Outcome | Refusal":
        for _ in range(_ATTEMPTS):
            try:
                message = read_message(sent)
                with self.db.write() as session:
                    return _settle(Desk(session, actor, at, self.settings), message, sent)
            except Unreadable as error:
                return Refusal(AckCode.REJECT, str(error))
            except MessageError as error:
                return Refusal(AckCode.ERROR, str(error))
            except Unprocessable as error:
                return Refusal(AckCode.ERROR, error.detail or error.title())
            except IntegrityError:
                continue  # another connection took the same spell or the same message first
        raise DatabaseBusy

    def _quarantine(self, actor: Actor, sent: bytes, refusal: "Refusal", at: datetime) -> Outcome:
        header = header_of(sent)
        with self.db.write() as session:
            row = _keep(session, actor, header, sent, refusal.reason, at)
            return _outcome(row, header, refusal.code, at, refusal.reason)

    def mend(self, actor: Actor, message_id: str, corrected: bytes) -> Outcome:
        """Takes a corrected message in place of one in quarantine, which is kept with the mark "mended".

        Raises:
            NotFound, IllegalState: there is no such message in quarantine.
            Unprocessable: the correction cannot be taken either; the message waits on.
        """
        with self.db.read() as session:
            waiting_message(session, actor, message_id)
        attempt = self._attempt(actor, corrected, self.clock.now())
        if isinstance(attempt, Refusal):
            raise Unprocessable(attempt.reason)
        self._settle_waiting(actor, message_id, MessageState.MENDED)
        return attempt

    def discard(self, actor: Actor, message_id: str) -> None:
        self._settle_waiting(actor, message_id, MessageState.DISCARDED)

    def _settle_waiting(self, actor: Actor, message_id: str, state: MessageState) -> None:
        at = self.clock.now()
        with self.db.write() as session:
            row = waiting_message(session, actor, message_id, lock=True)
            _close(session, actor, row, state, at)

    def take_back(self, actor: Actor, message_id: str) -> None:
        """Undoes a merge of two patients.

        Raises:
            NotFound, IllegalState: there is no such message, or it merged nothing.
        """
        at = self.clock.now()
        with self.db.write() as session:
            row = _of(session, actor, message_id, lock=True)
            if row.state != MessageState.TAKEN or "merged_from" not in row.effect:
                raise IllegalState("only a merge that was taken can be taken back")
            take_back_merge(
                Desk(session, actor, at, self.settings), row.effect["episodes"], row.effect["merged_from"]
            )
            _close(session, actor, row, MessageState.TAKEN_BACK, at)


def _settle(desk: Desk, message: Hl7Message, sent: bytes) -> Outcome:
    """
    Raises:
        Unusable: nothing of it is taken then.
    """
    session, actor, at = desk.session, desk.actor, desk.at
    header, digest = message.header, _digest(sent)
    before = _taken_before(session, actor, header)
    if before is not None:
        if before.digest != digest:
            raise Unusable("MSH-10 came before with another message of this sender")
        return _outcome(before, header, AckCode.ACCEPT, at)
    asked = read_request(message)
    changed = STEPS[asked.event](desk, asked) if asked.event in STEPS else ()
    effect: dict[str, object] = {"episodes": sorted({row.id for row in changed})}
    if asked.event is Event.MERGE:
        effect["merged_from"] = asked.merged_from
    state = MessageState.NOT_USED if asked.event is Event.NOT_USED else MessageState.TAKEN
    row = _row(actor, header, digest, state, at)
    row.taken_key, row.effect, row.settled_at = _taken_key(header), effect, at
    session.add(row)
    session.flush()
    if changed:
        audit.record(
            session, actor, action="message.take", subject=f"message:{row.id}", content=effect, at=at
        )
    return _outcome(row, header, AckCode.ACCEPT, at)


def _keep(
    session: Session, actor: Actor, header: Header | None, sent: bytes, reason: str, at: datetime
) -> MessageRow:
    """One that is sent again while it waits is the same one."""
    digest = _digest(sent)
    waiting = session.scalar(
        select(MessageRow).where(
            MessageRow.provider_id == actor.provider_id,
            MessageRow.state == MessageState.QUARANTINED,
            MessageRow.digest == digest,
            MessageRow.control_id == (_plain(header.control_id, 200) if header else ""),
        )
    )
    if waiting is not None:
        return waiting
    row = _row(actor, header, digest, MessageState.QUARANTINED, at)
    row.content, row.reason = sent, reason[:300]
    session.add(row)
    session.flush()
    return row


def _row(actor: Actor, header: Header | None, digest: str, state: MessageState, at: datetime) -> MessageRow:
    return MessageRow(
        id=new_id(),
        provider_id=actor.provider_id,
        channel="hl7v2",
        sender=_plain(_sender(header), 200) if header else "",
        control_id=_plain(header.control_id, 200) if header else "",
        kind=_plain(f"{header.code}^{header.trigger}", 40) if header else "",
        state=state,
        digest=digest,
        effect={},
        actor=actor.name,
        received_at=at,
    )


def _plain(text: str, longest: int) -> str:
    """What a page can show and a database can hold."""
    return "".join(one if one.isprintable() else " " for one in text)[:longest]


def _sender(header: Header) -> str:
    return f"{header.sending_application}|{header.sending_facility}"


def _taken_key(header: Header) -> str:
    return hashlib.sha256(f"hl7v2\n{_sender(header)}\n{header.control_id}".encode()).hexdigest()


def _taken_before(session: Session, actor: Actor, header: Header) -> MessageRow | None:
    return session.scalar(
        select(MessageRow).where(
            MessageRow.provider_id == actor.provider_id, MessageRow.taken_key == _taken_key(header)
        )
    )


def _digest(sent: bytes) -> str:
    """Without the first line, where there are more: engines put a new time there when they send again."""
    lines = sent.replace(b"\n", b"\r").split(b"\r", 1)
    return hashlib.sha256(lines[1].strip(b"\r") if len(lines) > 1 else sent).hexdigest()


def _outcome(
    row: MessageRow, header: Header | None, code: AckCode, at: datetime, reason: str = ""
) -> Outcome:
    answer = acknowledgement(header, code, row.id, at, reason)
    return Outcome(row.id, MessageState(row.state), code, answer, reason)


def messages_of(session: Session, actor: Actor, state: MessageState, limit: int) -> Sequence[MessageRow]:
    """Newest first."""
    query = select(MessageRow).where(MessageRow.provider_id == actor.provider_id, MessageRow.state == state)
    return session.scalars(query.order_by(MessageRow.received_at.desc(), MessageRow.id).limit(limit)).all()


def waiting_message(session: Session, actor: Actor, message_id: str, *, lock: bool = False) -> MessageRow:
    """
    Raises:
        NotFound: there is none, or it is another provider's.
        IllegalState: it waits no more.
    """
    row = _of(session, actor, message_id, lock=lock)
    if row.state != MessageState.QUARANTINED:
        raise IllegalState("the message does not wait in quarantine any more")
    return row


def _of(session: Session, actor: Actor, message_id: str, *, lock: bool) -> MessageRow:
    query = select(MessageRow).where(MessageRow.provider_id == actor.provider_id, MessageRow.id == message_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("there is no such message")
    return row


def _close(session: Session, actor: Actor, row: MessageRow, state: MessageState, at: datetime) -> None:
    row.state, row.settled_at, row.settled_by = state, at, actor.name
    content = {"state": state.value, "digest": row.digest}
    audit.record(
        session, actor, action=f"message.{state.value}", subject=f"message:{row.id}", content=content, at=at
    )

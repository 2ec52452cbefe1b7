"""What is kept of a message, whichever way it came: taken, not used, or waiting in quarantine as it was
sent."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from service import audit
from service.accounts.directory import new_id
from service.errors import IllegalState, NotFound
from service.identity import Actor
from service.messages.tables import MessageRow


class Channel(StrEnum):
    """Which way a message came."""

    HL7V2 = "hl7v2"
    FHIR = "fhir"


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


_TAKEN_BEFORE = select(MessageRow).where(
    MessageRow.provider_id == bindparam("provider"),
    MessageRow.taken_key.in_(bindparam("keys", expanding=True)),
)
SETTLED = frozenset({MessageState.TAKEN, MessageState.NOT_USED})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message is not taken."""

    reason: str
    readable: bool = True
    """It can be read, and something that we need is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a message says of itself; empty where not even that can be read."""

    channel: Channel
    sender: str = ""
    control_id: str = ""
    kind: str = ""
    identity: str = ""
    """Of the message among those of its sender: one that comes again is answered again."""

    @property
    def taken_key(self) -> str:
        return hashlib.sha256(
            f"{self.channel}\n{self.sender}\n{self.identity}".encode(errors="surrogatepass")
        ).hexdigest()


def new_record(
    actor: Actor, envelope: Envelope, digest: str, state: MessageState, at: datetime
) -> MessageRow:
    return MessageRow(
        id=new_id(),
        provider_id=actor.provider_id,
        channel=envelope.channel,
        sender=_plain(envelope.sender, 200),
        control_id=_plain(envelope.control_id, 200),
        kind=_plain(envelope.kind, 40),
        state=state,
        digest=digest,
        effect={},
        actor=actor.name,
        received_at=at,
    )


def keep_taken(  # noqa: PLR0913 (what is known of a message that was taken)
    session: Session,
    actor: Actor,
    envelope: Envelope,
    digest: str,
    state: MessageState,
    effect: dict[str, object],
    *,
    at: datetime,
) -> MessageRow:
    row = new_record(actor, envelope, digest, state, at)
    row.taken_key, row.effect, row.settled_at = envelope.taken_key, effect, at
    session.add(row)
    if effect.get("episodes"):
        audit.record(
            session, actor, action="message.take", subject=f"message:{row.id}", content=effect, at=at
        )
    return row


def keep_waiting(  # noqa: PLR0913 (what is known of a message that was not taken)
    session: Session, actor: Actor, envelope: Envelope, digest: str, sent: bytes, reason: str, *, at: datetime
) -> MessageRow:
    """One that is sent again while it waits is the same one."""
    waiting = session.scalar(
        select(MessageRow).where(
            MessageRow.provider_id == actor.provider_id,
            MessageRow.state == MessageState.QUARANTINED,
            MessageRow.channel == envelope.channel,
            MessageRow.digest == digest,
            MessageRow.control_id == _plain(envelope.control_id, 200),
        )
    )
    if waiting is not None:
        return waiting
    row = new_record(actor, envelope, digest, MessageState.QUARANTINED, at)
    row.content, row.reason = sent, _plain(reason, 300)
    session.add(row)
    session.flush()
    return row


def _plain(text: str, longest: int) -> str:
    """What a page can show and a database can hold."""
    if text.isprintable():
        return text[:longest]
    return "".join(one if one.isprintable() else " " for one in text)[:longest]


def taken_before(session: Session, actor: Actor, envelope: Envelope) -> MessageRow | None:
    return all_taken_before(session, actor, [envelope]).get(envelope.taken_key)


def all_taken_before(session: Session, actor: Actor, envelopes: Iterable[Envelope]) -> dict[str, MessageRow]:
    """Those of these messages that came already, by `taken_key`."""
    keys = {envelope.taken_key for envelope in envelopes}
    rows = session.scalars(_TAKEN_BEFORE, {"provider": actor.provider_id, "keys": sorted(keys)})
    return {row.taken_key: row for row in rows if row.taken_key}


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
    row = message_of(session, actor, message_id, lock=lock)
    if row.state != MessageState.QUARANTINED:
        raise IllegalState("the message does not wait in quarantine any more")
    return row


def message_of(session: Session, actor: Actor, message_id: str, *, lock: bool) -> MessageRow:
    query = select(MessageRow).where(MessageRow.provider_id == actor.provider_id, MessageRow.id == message_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("there is no such message")
    return row


def close(session: Session, actor: Actor, row: MessageRow, state: MessageState, at: datetime) -> None:
    row.state, row.settled_at, row.settled_by = state, at, actor.name
    content = {"state": state.value, "digest": row.digest}
    audit.record(
        session, actor, action=f"message.{state.value}", subject=f"message:{row.id}", content=content, at=at
    )

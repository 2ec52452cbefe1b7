"""Takes HL7 v2 messages; what cannot be taken waits in quarantine as it came.

A message is known by its sender and MSH-10: sent again it is answered again and changes nothing. Whatever a
message was, it is counted once: taken, not used, or in quarantine. Several may share a transaction where all
of them are taken; what becomes of a message is what would have become of it alone.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from service.clock import Clock
from service.config import Settings
from service.db import Database
from service.errors import DatabaseBusy, Unprocessable
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
from service.messages.records import (
    Channel,
    Envelope,
    MessageState,
    Refusal,
    all_taken_before,
    keep_taken,
    keep_waiting,
)
from service.messages.spells import STEPS, Desk
from service.messages.tables import MessageRow
from service.observability import MESSAGES, log

_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    message_id: str
    state: MessageState
    code: AckCode
    answer: bytes
    """The ACK."""
    reason: str = ""


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
        attempt = self.attempt(actor, sent, at)
        outcome = attempt if isinstance(attempt, Outcome) else self._quarantine(actor, sent, attempt, at)
        _count([outcome])
        return outcome

    def take_all(self, actor: Actor, sent: Sequence[bytes]) -> Sequence[Outcome]:
        """In their order and in one transaction: all of them, or none.

        Raises:
            DatabaseBusy: the database cannot take them now.
            Exception: one of them cannot be taken, or not beside what others do; each is to be taken alone.
        """
        outcomes = self._settle(actor, [_Letter.of(one, self.clock.now()) for one in sent])
        _count(outcomes)
        return outcomes

    def attempt(self, actor: Actor, sent: bytes, at: datetime) -> Outcome | Refusal:
        """Takes it, or says why not and changes nothing.

        Raises:
            DatabaseBusy: others took the same spell or message at the same time, again and again.
        """
        for _ in range(_ATTEMPTS):
            try:
                return self._settle(actor, [_Letter.of(sent, at)])[0]
            except Unreadable as error:
                return Refusal(str(error), readable=False)
            except MessageError as error:
                return Refusal(str(error))
            except Unprocessable as error:
                return Refusal(error.detail or error.title())
            except IntegrityError:
                continue  # another connection took the same spell or the same message first
        raise DatabaseBusy

    def _settle(self, actor: Actor, letters: Sequence["_Letter"]) -> list[Outcome]:
        """
        Raises:
            Unusable: nothing of any of them is taken then.
        """
        with self.db.write() as session:
            known = all_taken_before(session, actor, [letter.envelope for letter in letters])
            outcomes = []
            for letter in letters:
                desk = Desk(session, actor, letter.at, self.settings)
                row = _row_of(desk, letter, known.get(letter.envelope.taken_key))
                known[letter.envelope.taken_key] = row
                outcomes.append(_outcome(row, letter.message.header, AckCode.ACCEPT, letter.at))
            return outcomes

    def _quarantine(self, actor: Actor, sent: bytes, refusal: Refusal, at: datetime) -> Outcome:
        header = header_of(sent)
        envelope = _envelope(header) if header else Envelope(Channel.HL7V2)
        code = AckCode.ERROR if refusal.readable else AckCode.REJECT
        with self.db.write() as session:
            row = keep_waiting(session, actor, envelope, _digest(sent), sent, refusal.reason, at=at)
            return _outcome(row, header, code, at, refusal.reason)


@dataclass(frozen=True, slots=True)
class Reception:
    """The inbox for what one sender sends."""

    inbox: Inbox
    actor: Actor

    def take(self, sent: bytes) -> Outcome:
        """As `Inbox.take`."""
        return self.inbox.take(self.actor, sent)

    def take_all(self, sent: Sequence[bytes]) -> Sequence[Outcome]:
        """As `Inbox.take_all`."""
        return self.inbox.take_all(self.actor, sent)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message that can be read."""

    message: Hl7Message
    envelope: Envelope
    digest: str
    at: datetime

    @classmethod
    def of(cls, sent: bytes, at: datetime) -> "_Letter":
        """
        Raises:
            Unreadable: it is not of the format.
        """
        message = read_message(sent)
        return cls(message, _envelope(message.header), _digest(sent), at)


def _row_of(desk: Desk, letter: _Letter, before: MessageRow | None) -> MessageRow:
    """
    Args:
        before: the message of this identity, where one came.

    Raises:
        Unusable: nothing of it is taken then.
    """
    if before is None:
        return _carry_out(desk, letter)
    if before.digest != letter.digest:
        raise Unusable("MSH-10 came before with another message of this sender")
    return before


def _carry_out(desk: Desk, letter: _Letter) -> MessageRow:
    asked = read_request(letter.message)
    changed = STEPS[asked.event](desk, asked) if asked.event in STEPS else ()
    effect: dict[str, object] = {"episodes": sorted({row.id for row in changed})}
    if asked.event is Event.MERGE:
        effect["merged_from"] = asked.merged_from
    state = MessageState.NOT_USED if asked.event is Event.NOT_USED else MessageState.TAKEN
    return keep_taken(desk.session, desk.actor, letter.envelope, letter.digest, state, effect, at=desk.at)


def _count(outcomes: Sequence[Outcome]) -> None:
    for state, count in Counter(outcome.state.value for outcome in outcomes).items():
        MESSAGES.labels(Channel.HL7V2, state).inc(count)
        log.info("messages", channel=Channel.HL7V2, state=state, count=count)


def _envelope(header: Header) -> Envelope:
    sender = f"{header.sending_application}|{header.sending_facility}"
    return Envelope(
        Channel.HL7V2, sender, header.control_id, f"{header.code}^{header.trigger}", header.control_id
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

"""Takes FHIR bodies, one transaction each; what cannot be taken waits in quarantine as it came.

The model is asked between two passes: the first finds out what would stand, and is undone; the second does
it, with the suggestions, the audit and the record of the message in one transaction. No lock is held while
the model thinks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data.episodes import Episode
from models.prediction import Prediction
from service.automation.automating import consider
from service.coding.status import CLOSED
from service.deps import Services
from service.episodes.intake import WAITS
from service.episodes.reading import model_episode, readable
from service.episodes.schemas import Source
from service.episodes.store import document_history, suggestions_of
from service.episodes.suggesting import store_suggestion
from service.errors import DatabaseBusy, ModelUnavailable, TooManyRequests, Unprocessable
from service.identity import Actor
from service.messages.errors import MessageError, Unreadable, Unusable
from service.messages.fhir.answers import accepted, refused
from service.messages.fhir.asked import FhirAsked, Warned, read_asked
from service.messages.fhir.checking import r4_warnings
from service.messages.fhir.message import FhirMessage, envelope_of, read_message
from service.messages.fhir.nodes import Node, words
from service.messages.fhir.shelf import Shelf
from service.messages.fhir.steps import carry_out
from service.messages.records import (
    Channel,
    MessageState,
    Refusal,
    keep_taken,
    keep_waiting,
    taken_before,
)
from service.messages.spells import Desk
from service.messages.tables import MessageRow
from service.observability import MESSAGES, log
from service.tables import DocumentVersion, EpisodeRow, Provider

_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class FhirOutcome:
    message_id: str
    state: MessageState
    status: int
    """Of HTTP."""
    answer: Node


@dataclass(frozen=True, slots=True)
class _Thought:
    """What the model said of the documents of an episode, or why it said nothing."""

    digests: list[tuple[str, str]]
    prediction: Prediction | None
    reason: str = ""


_Key = tuple[str, str]
"""Spell and episode number: an episode that is new has another id in each pass."""


class _Rehearsed(Exception):
    """Ends the first pass, so that it is undone."""

    def __init__(self, found: Mapping[_Key, tuple[Episode, list[tuple[str, str]]]]) -> None:
        super().__init__()
        self.found = found


@dataclass(frozen=True, slots=True)
class FhirInbox:
    held: Services

    def take(self, actor: Actor, sent: bytes, expected: str = "") -> FhirOutcome:
        """Never raises for what a body holds.

        Args:
            expected: the type of resource that the address takes; any where none is named.

        Raises:
            ServiceError: the database cannot take it now; the sender should send it again.
        """
        at = self.held.clock.now()
        attempt = self.attempt(actor, sent, at, expected)
        outcome = attempt if isinstance(attempt, FhirOutcome) else self._quarantine(actor, sent, attempt, at)
        MESSAGES.labels(Channel.FHIR, outcome.state.value).inc()
        log.info("messages", channel=Channel.FHIR, state=outcome.state.value, count=1)
        return outcome

    def attempt(self, actor: Actor, sent: bytes, at: datetime, expected: str = "") -> FhirOutcome | Refusal:
        """Takes it, or says why not and changes nothing.

        Raises:
            DatabaseBusy: others took the same spell or message at the same time, again and again.
        """
        for _ in range(_ATTEMPTS):
            try:
                return self._settle(actor, read_message(sent, expected), at)
            except Unreadable as error:
                return Refusal(str(error), readable=False)
            except MessageError as error:
                return Refusal(str(error))
            except Unprocessable as error:
                return Refusal(error.detail or error.title())
            except IntegrityError:
                continue  # another connection took the same spell or the same message first
        raise DatabaseBusy

    def _quarantine(self, actor: Actor, sent: bytes, refusal: Refusal, at: datetime) -> FhirOutcome:
        envelope, digest = envelope_of(sent)
        with self.held.db.write() as session:
            row = keep_waiting(session, actor, envelope, digest, sent, refusal.reason, at=at)
        code, status = ("processing", 422) if refusal.readable else ("structure", 400)
        return FhirOutcome(row.id, MessageState.QUARANTINED, status, refused(refusal.reason, code))

    def _settle(self, actor: Actor, message: FhirMessage, at: datetime) -> FhirOutcome:
        before = self._answered_before(actor, message)
        if before is not None:
            return before
        asked = read_asked(message.root)
        asked = replace(
            asked, warnings=(*asked.warnings, *r4_warnings(message.root, from_xml=message.from_xml))
        )
        with self.held.db.read() as session:
            _check_provider(session.get_one(Provider, actor.provider_id).code, asked)
        has_text = any(spell.asked.documents for spell in asked.spells)
        thoughts = self._think(actor, asked, at) if has_text else {}
        with self.held.db.write() as session:
            return self._carry_out(session, actor, message, asked, thoughts, at)

    def _answered_before(self, actor: Actor, message: FhirMessage) -> FhirOutcome | None:
        with self.held.db.read() as session:
            row = taken_before(session, actor, message.envelope)
            if row is None:
                return None
            if row.digest != message.digest:
                raise Unusable("Bundle.identifier: it came before, at the same time, with another content")
            return self._outcome(session, row)

    def _think(self, actor: Actor, asked: FhirAsked, at: datetime) -> dict[_Key, _Thought]:
        """What the model says of each episode as it would stand."""
        return {
            key: self._ask_model(actor, episode, digests)
            for key, (episode, digests) in self._rehearse(actor, asked, at).items()
        }

    def _rehearse(
        self, actor: Actor, asked: FhirAsked, at: datetime
    ) -> Mapping[_Key, tuple[Episode, list[tuple[str, str]]]]:
        try:
            with self.held.db.write() as session:
                rows = carry_out(Desk(session, actor, at, self.held.settings, Source.FHIR), asked)
                session.flush()
                raise _Rehearsed({_key(row): read for row in rows if (read := _to_read(session, row))})
        except _Rehearsed as rehearsed:
            return rehearsed.found

    def _ask_model(self, actor: Actor, episode: Episode, digests: list[tuple[str, str]]) -> _Thought:
        try:
            return _Thought(digests, self.held.suggester.suggest(episode, actor.provider_id))
        except (ModelUnavailable, TooManyRequests) as error:
            return _Thought(digests, None, str(error)[:200])

    def _carry_out(
        self,
        session: Session,
        actor: Actor,
        message: FhirMessage,
        asked: FhirAsked,
        thoughts: Mapping[_Key, _Thought],
        at: datetime,
    ) -> FhirOutcome:
        desk = Desk(session, actor, at, self.held.settings, Source.FHIR)
        rows = carry_out(desk, asked)
        session.flush()
        for row in rows:
            self._suggest(session, row, thoughts.get(_key(row)), at)
        effect = {**_effect(session, message, asked, rows), "created": bool(desk.opened)}
        state = MessageState.TAKEN if rows else MessageState.NOT_USED
        kept = keep_taken(session, actor, message.envelope, message.digest, state, effect, at=at)
        return self._outcome(session, kept)

    def _suggest(self, session: Session, row: EpisodeRow, thought: _Thought | None, at: datetime) -> None:
        """Where the documents are those that the model read; otherwise the backlog follows."""
        waits = row.status not in CLOSED and row.unsuggested_reason == WAITS
        documents = readable(document_history(session, row.id)) if thought and waits else {}
        if thought is None or not documents or _digests(documents) != thought.digests:
            return
        if thought.prediction is None:
            row.unsuggested_reason = thought.reason
            return
        store_suggestion(session, row, documents, thought.prediction, at=at)
        session.flush()
        consider(session, self.held, row, at=at)

    def _outcome(self, session: Session, row: MessageRow) -> FhirOutcome:
        status = 201 if row.effect.get("created") else 200
        return FhirOutcome(row.id, MessageState(row.state), status, accepted(session, self.held.tables, row))


def _key(row: EpisodeRow) -> _Key:
    return row.spell_number, row.episode_number


def _to_read(session: Session, row: EpisodeRow) -> tuple[Episode, list[tuple[str, str]]] | None:
    if row.status in CLOSED or row.unsuggested_reason != WAITS:
        return None
    documents = readable(document_history(session, row.id))
    return (model_episode(row, documents), _digests(documents)) if documents else None


def _digests(documents: Mapping[str, DocumentVersion]) -> list[tuple[str, str]]:
    return [(sender_id, version.digest) for sender_id, version in documents.items()]


def _effect(
    session: Session, message: FhirMessage, asked: FhirAsked, rows: list[EpisodeRow]
) -> dict[str, object]:
    """Ids, and places in what was sent: never its words."""
    warned = list(asked.warnings)
    if any(row.unsuggested_reason for row in rows):
        warned.append(Warned("informational", "suggestions follow; send it again to read them", ""))
    if any(row.no_electronic_text for row in rows):
        warned.append(Warned("incomplete", "no electronic text: it is coded by hand", ""))
    if not rows:
        warned.append(Warned("informational", "understood, and nothing of it is used here", ""))
    effect: dict[str, object] = {
        "episodes": [row.id for row in rows],
        "suggestions": [_newest_suggestion(session, row) for row in rows],
        "warnings": [[one.code, one.text, one.where] for one in dict.fromkeys(warned)],
    }
    return {**effect, "header": _header_id(message.root)} if message.is_message else effect


def _newest_suggestion(session: Session, row: EpisodeRow) -> str | None:
    if row.unsuggested_reason is not None:
        return None
    rows = suggestions_of(session, row.id)
    return rows[-1].id if rows else None


def _header_id(root: Node) -> str:
    header = Shelf.of(root).only("MessageHeader")
    named = (header.id or header.url.rpartition(":")[2]) if header else ""
    plain = all(one.isascii() and (one.isalnum() or one in "-.") for one in named)
    return named[:64] if plain else words(root, "id")[:64]


def _check_provider(code: str, asked: FhirAsked) -> None:
    """A site's code begins with that of its organisation.

    Raises:
        Unusable: it is another provider's.
    """
    own = code.upper()
    for where, sent in asked.organisations:
        written = sent.upper()
        if written != own and not (len(own) > 2 and written.startswith(own)):
            raise Unusable(f"{where}: it is of another provider than the key that sent it")

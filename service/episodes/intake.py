"""What happens when an EPR posts an episode: stored, suggested, answered; posted again, nothing changes.

The model is asked before the transaction opens, so that no lock is held while it thinks. If the documents
changed meanwhile, the episode is marked and the backlog asks again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.prediction import Prediction
from service import audit
from service.accounts.directory import new_id
from service.coding.status import CLOSED, Status
from service.episodes.reading import readable
from service.episodes.schemas import DocumentIn, EpisodeIn
from service.episodes.store import document_history, episode_by_key
from service.episodes.suggesting import store_suggestion, store_withdrawal
from service.identity import Actor
from service.tables import DocumentRow, DocumentVersion, EpisodeRow

CODING_DAYS = 30
"""Days from the episode end within which it should be coded (the Welsh Tier 1 target)."""

WAITS = "the documents changed while the model read them; suggestions follow"

_SENT_AS_IS = (
    "nhs_number", "nhs_number_status", "local_patient_id", "family_name", "given_name", "birth_date", "sex",
    "site", "admission_method", "patient_classification", "discharge_method",
    "spell_start", "spell_end", "episode_start", "episode_end", "language",
)  # fmt: skip


_MODEL_READS = frozenset(
    {
        "sex", "birth_date", "treatment_function", "admission_method", "patient_classification",
        "spell_start", "spell_end", "episode_start", "episode_end", "language",
    }
)  # fmt: skip
"""Facts that change what the model answers (service/episodes/reading.py)."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the model said of which documents, or why it said nothing."""

    read: Mapping[str, str]
    """Digest of each document that was read, by sender's id."""
    prediction: Prediction | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Received:
    row: EpisodeRow
    created: bool


def receive(session: Session, actor: Actor, sent: EpisodeIn, answered: Answered, *, at: datetime) -> Received:
    """Stores the episode, or brings the stored one up to date."""
    row = episode_by_key(session, actor.provider_id, sent.spell_number, sent.episode_number, lock=True)
    created = row is None
    row = row or _new_episode(session, actor, sent, at)
    facts_changed = _take_facts(row, sent, at)
    documents_changed = _take_documents(session, row, sent, at)
    if documents_changed:
        _note_documents(session, row)
    if documents_changed or not facts_changed.isdisjoint(_MODEL_READS):
        _take_suggestion(session, row, answered, at)
    if created or facts_changed or documents_changed:
        _record(session, actor, row, sent, created=created, at=at)
        audit.record_documents(session, actor, documents_changed, at=at)
    return Received(row, created)


def draft(actor: Actor, sent: EpisodeIn, at: datetime) -> EpisodeRow:
    """The episode as it would be stored, outside any session."""
    row = EpisodeRow(
        id=new_id(),
        provider_id=actor.provider_id,
        spell_number=sent.spell_number,
        episode_number=sent.episode_number or "",
        status=Status.AWAITING_TEXT,
        language="en",
        version=0,
        document_since_finalised=False,
        received_at=at,
        updated_at=at,
    )
    _take_facts(row, sent, at)
    return row


def merged_facts(row: EpisodeRow | None, actor: Actor, sent: EpisodeIn, at: datetime) -> EpisodeRow:
    """The episode as it would stand after this post; only to be read."""
    if row is None:
        return draft(actor, sent, at)
    copy = EpisodeRow(**{column.key: getattr(row, column.key) for column in EpisodeRow.__table__.columns})
    _take_facts(copy, sent, at)
    return copy


def merged_documents(
    history: Mapping[str, list[DocumentVersion]], sent: EpisodeIn, at: datetime
) -> dict[str, DocumentVersion]:
    """The documents that would stand after this post, readable ones only."""
    after = {sender_id: list(versions) for sender_id, versions in history.items()}
    for document in sent.documents:
        after.setdefault(document.id, []).append(_version(document, "", 0, "", "", at))
    return readable(after)


def _new_episode(session: Session, actor: Actor, sent: EpisodeIn, at: datetime) -> EpisodeRow:
    row = draft(actor, sent, at)
    session.add(row)
    session.flush()
    return row


def _take_facts(row: EpisodeRow, sent: EpisodeIn, at: datetime) -> frozenset[str]:
    """A field that was not sent leaves what is known; returns the names of what changed."""
    facts = {name: getattr(sent, name) for name in _SENT_AS_IS}
    facts |= {"treatment_function_sent": sent.treatment_function, "main_specialty_sent": sent.main_specialty}
    facts |= {
        "treatment_function": _code(sent.treatment_function),
        "main_specialty": _code(sent.main_specialty),
    }
    facts |= {"clinician_sent": sent.clinician, "clinician": sent.clinician}
    changed = {name: v for name, v in facts.items() if v is not None and v != getattr(row, name)}
    for name, value in changed.items():
        setattr(row, name, value)
    if changed or row.due_date is None:
        start = row.episode_end or row.spell_end or row.received_at.date()
        row.due_date = start + timedelta(days=CODING_DAYS)
        row.version += 1
        row.updated_at = at
    return frozenset(changed)


def _code(sent: str | None) -> str | None:
    """A Data Dictionary code of three characters; anything longer is kept as sent only."""
    return sent if sent and len(sent) <= 8 else None


def _take_documents(
    session: Session, row: EpisodeRow, sent: EpisodeIn, at: datetime
) -> list[DocumentVersion]:
    """Returns the versions that are new."""
    history = document_history(session, row.id)
    changed = []
    for document in sent.documents:
        versions = history.get(document.id)
        if versions and versions[-1].digest == _digest(document):
            continue
        document_id = versions[-1].document_id if versions else _new_document(session, row, document, history)
        number = versions[-1].version + 1 if versions else 1
        version = _version(document, document_id, number, row.provider_id, row.id, at)
        session.add(version)
        history.setdefault(document.id, []).append(version)
        changed.append(version)
    session.flush()
    return changed


def _new_document(
    session: Session, row: EpisodeRow, document: DocumentIn, history: Mapping[str, list[DocumentVersion]]
) -> str:
    made = DocumentRow(
        id=new_id(),
        provider_id=row.provider_id,
        episode_id=row.id,
        sender_id=document.id,
        position=len(history),
    )
    session.add(made)
    session.flush()
    return made.id


def _version(
    document: DocumentIn, document_id: str, number: int, provider_id: str, episode_id: str, at: datetime
) -> DocumentVersion:
    return DocumentVersion(
        document_id=document_id,
        version=number,
        provider_id=provider_id,
        episode_id=episode_id,
        kind=document.kind,
        title=document.title,
        status=document.status,
        date=document.date,
        author=document.author,
        content_type=document.content_type,
        text=document.text,
        digest=_digest(document),
        received_at=at,
    )


def _digest(document: DocumentIn) -> str:
    return hashlib.sha256(document.model_dump_json().encode()).hexdigest()


def _note_documents(session: Session, row: EpisodeRow) -> None:
    """New text makes an episode ready; a finalised one is never reopened by a message, it only says so.

    What waits for a check goes back to work: the coding was submitted on other text.
    """
    row.version += 1
    if row.status in CLOSED:
        row.document_since_finalised = True
        return
    row.hold_reason = row.review_date = None
    if row.status == Status.AWAITING_CHECK:
        row.status = Status.IN_PROGRESS
    elif not readable(document_history(session, row.id)):
        row.status = Status.AWAITING_TEXT
    elif row.status in (Status.AWAITING_TEXT, Status.ON_HOLD):
        row.status = Status.READY


def _take_suggestion(session: Session, row: EpisodeRow, answered: Answered, at: datetime) -> None:
    if row.status in CLOSED:
        return
    documents = readable(document_history(session, row.id))
    if not documents:
        store_withdrawal(session, row, at=at)
    elif answered.prediction is None:
        row.unsuggested_reason = answered.reason or WAITS
    elif [(sender_id, v.digest) for sender_id, v in documents.items()] != list(answered.read.items()):
        row.unsuggested_reason = WAITS  # also in another order: evidence names a document by its place
    else:
        store_suggestion(session, row, documents, answered.prediction, at=at)


def _record(
    session: Session, actor: Actor, row: EpisodeRow, sent: EpisodeIn, *, created: bool, at: datetime
) -> None:
    content = {
        "sent": hashlib.sha256(sent.model_dump_json().encode()).hexdigest(),
        "documents": [_digest(document) for document in sent.documents],
    }
    action = "episode.receive" if created else "episode.update"
    audit.record(session, actor, action=action, subject=f"episode:{row.id}", content=content, at=at)

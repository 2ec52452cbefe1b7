"""What happens when an EPR posts an episode: stored, suggested, answered; posted again, nothing changes.

The model is asked before the transaction opens, so that no lock is held while it thinks. If the documents
changed meanwhile, the episode is marked and the backlog asks again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from data.episodes import DocumentKind
from models.prediction import Prediction
from service import audit
from service.accounts.directory import new_id
from service.clinicians.deciding import ATTRIBUTION_READS, decide_attribution
from service.coding.status import CLOSED, Status
from service.episodes.reading import readable, stay_days
from service.episodes.releasing import release_for_documents
from service.episodes.schemas import DocumentIn, DocumentStatus, EpisodeIn, Source
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
    "source_of_admission", "discharge_destination",
    "spell_start", "spell_end", "episode_start", "episode_end", "language",
)  # fmt: skip


_MODEL_READS = frozenset(
    {
        "sex", "birth_date", "treatment_function", "admission_method", "patient_classification",
        "spell_start", "spell_end", "episode_start", "episode_end", "language",
    }
)  # fmt: skip
"""Facts that change what the model answers (service/episodes/reading.py)."""


_History = dict[str, list[DocumentVersion]]
"""The versions of each document, oldest first, by the sender's id."""


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


def receive(  # noqa: PLR0913 (what came, how, and what is known of it)
    session: Session,
    actor: Actor,
    sent: EpisodeIn,
    answered: Answered,
    *,
    at: datetime,
    known: EpisodeRow | None = None,
    source: Source = Source.API,
) -> Received:
    """Stores the episode, or brings the stored one up to date.

    Args:
        known: the stored one, locked, where the caller has found it already.
    """
    row = known or episode_by_key(
        session, actor.provider_id, sent.spell_number, sent.episode_number, lock=True
    )
    created = row is None
    row = row or _new_episode(session, actor, sent, at, source)
    facts = _changed_facts(row, sent)
    is_read = bool(sent.documents) or not _MODEL_READS.isdisjoint(facts)
    history = document_history(session, row.id) if is_read and not created else {}
    facts_changed = _take_facts(row, facts, at)
    documents_changed, made = _take_documents(session, row, history, sent, at)
    if documents_changed:
        _note_documents(session, row, history, documents_changed, at)
    if documents_changed or not facts_changed.isdisjoint(_MODEL_READS):
        _take_suggestion(session, row, history, answered, at)
    if created or not facts_changed.isdisjoint(ATTRIBUTION_READS):
        decide_attribution(session, actor, row, at=at, is_new=created)
    if created or facts_changed or documents_changed:
        _record(session, actor, row, sent, created=created, at=at)
        audit.record_documents(session, actor, documents_changed, at=at)
        del made  # the session forgets rows that nobody holds, and would ask for them again
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
        no_electronic_text=False,
        spell_level_text=False,
        histology_arrived=False,
        received_at=at,
        updated_at=at,
    )
    _take_facts(row, _changed_facts(row, sent), at)
    return row


def merged_facts(row: EpisodeRow | None, actor: Actor, sent: EpisodeIn, at: datetime) -> EpisodeRow:
    """The episode as it would stand after this post; only to be read."""
    if row is None:
        return draft(actor, sent, at)
    copy = EpisodeRow(**{column.key: getattr(row, column.key) for column in EpisodeRow.__table__.columns})
    _take_facts(copy, _changed_facts(copy, sent), at)
    return copy


def merged_documents(
    history: Mapping[str, list[DocumentVersion]], sent: EpisodeIn, at: datetime
) -> dict[str, DocumentVersion]:
    """The documents that would stand after this post, readable ones only."""
    after = {sender_id: list(versions) for sender_id, versions in history.items()}
    for document in sent.documents:
        after.setdefault(document.id, []).append(_version(document, "", 0, "", "", at))
    return readable(after)


def _new_episode(session: Session, actor: Actor, sent: EpisodeIn, at: datetime, source: Source) -> EpisodeRow:
    row = draft(actor, sent, at)
    row.source = source
    session.add(row)
    session.flush()
    return row


def _changed_facts(row: EpisodeRow, sent: EpisodeIn) -> dict[str, object]:
    """A field that was not sent leaves what is known."""
    facts = {name: getattr(sent, name) for name in _SENT_AS_IS}
    facts |= {"treatment_function_sent": sent.treatment_function, "main_specialty_sent": sent.main_specialty}
    facts |= {
        "treatment_function": _code(sent.treatment_function),
        "main_specialty": _code(sent.main_specialty),
    }
    facts |= {"clinician_sent": sent.clinician, "treating_sent": sent.treating_clinician}
    return {name: v for name, v in facts.items() if v is not None and v != getattr(row, name)}


def _take_facts(row: EpisodeRow, changed: Mapping[str, object], at: datetime) -> frozenset[str]:
    """Returns the names of what changed."""
    for name, value in changed.items():
        setattr(row, name, value)
    if changed or row.due_date is None:
        start = row.episode_end or row.spell_end or row.received_at.date()
        row.due_date = start + timedelta(days=CODING_DAYS)
        row.stay_days = stay_days(row)
        row.version += 1
        row.updated_at = at
    return frozenset(changed)


def _code(sent: str | None) -> str | None:
    """A Data Dictionary code of three characters; anything longer is kept as sent only."""
    return sent if sent and len(sent) <= 8 else None


def _take_documents(
    session: Session, row: EpisodeRow, history: _History, sent: EpisodeIn, at: datetime
) -> tuple[list[DocumentVersion], list[DocumentRow]]:
    """Returns the versions and the documents that are new, and adds the versions to the history."""
    changed, made = [], []
    for document in sent.documents:
        versions = history.get(document.id)
        if versions and versions[-1].digest == _digest(document):
            continue
        if not versions:
            made.append(_new_document(session, row, document, history))
        document_id = versions[-1].document_id if versions else made[-1].id
        number = versions[-1].version + 1 if versions else 1
        version = _version(document, document_id, number, row.provider_id, row.id, at)
        session.add(version)
        history.setdefault(document.id, []).append(version)
        changed.append(version)
    return changed, made


def add_document(
    session: Session, actor: Actor, row: EpisodeRow, document: DocumentIn, *, at: datetime
) -> DocumentVersion:
    """A document that arose here, such as the answer to a query; suggestions that read it follow.

    What the episode waits for is not ended by it: whoever adds the document knows whether it should be.
    """
    history = document_history(session, row.id)
    made = _new_document(session, row, document, history)
    version = _version(document, made.id, 1, row.provider_id, row.id, at)
    session.add(version)
    session.flush()
    row.version += 1
    row.updated_at = at
    if row.status in CLOSED:
        row.document_since_finalised = True
    else:
        row.unsuggested_reason = WAITS
        row.status = _AFTER_TEXT.get(Status(row.status), row.status)
    audit.record_documents(session, actor, [version], at=at)
    return version


_AFTER_TEXT = {Status.AWAITING_TEXT: Status.READY, Status.AWAITING_CHECK: Status.IN_PROGRESS}
"""New text makes an episode ready; what waits for a check was submitted on other text."""


def _new_document(
    session: Session, row: EpisodeRow, document: DocumentIn, history: Mapping[str, list[DocumentVersion]]
) -> DocumentRow:
    made = DocumentRow(
        id=new_id(),
        provider_id=row.provider_id,
        episode_id=row.id,
        sender_id=document.id,
        position=len(history),
    )
    session.add(made)
    session.flush()  # before its versions: the session does not know which row needs which
    return made


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
        original_digest=document.original_digest,
        no_electronic_text=document.no_electronic_text,
        spell_level=document.spell_level,
        received_at=at,
    )


def _digest(document: DocumentIn) -> str:
    return hashlib.sha256(document.model_dump_json().encode()).hexdigest()


def _note_documents(
    session: Session, row: EpisodeRow, history: _History, changed: Sequence[DocumentVersion], at: datetime
) -> None:
    """New text makes an episode ready; a finalised one is never reopened by a message, it only says so.

    What waits for a check goes back to work: the coding was submitted on other text. What is on hold is
    released, which is an event like a release by a person.
    """
    row.version += 1
    row.updated_at = at
    _flag(row, history)
    row.histology_arrived |= _is_late_histology(row, history, changed)
    if row.status in CLOSED:
        row.document_since_finalised = True
        return
    if row.status == Status.ON_HOLD:
        release_for_documents(session, row, at=at)
    if row.status == Status.AWAITING_CHECK:
        row.status = Status.IN_PROGRESS
    elif not readable(history) and not row.no_electronic_text:
        row.status = Status.AWAITING_TEXT
    elif row.status == Status.AWAITING_TEXT:
        row.status = Status.READY


def _flag(row: EpisodeRow, history: Mapping[str, Sequence[DocumentVersion]]) -> None:
    """What the newest documents say of the episode. A scan is there to be coded, by hand."""
    newest = [versions[-1] for versions in history.values()]
    standing = [one for one in newest if one.status != DocumentStatus.ENTERED_IN_ERROR]
    row.no_electronic_text = any(one.no_electronic_text for one in standing)
    row.spell_level_text = row.spell_level_text or any(one.spell_level for one in standing)


def _is_late_histology(
    row: EpisodeRow, history: Mapping[str, list[DocumentVersion]], changed: Sequence[DocumentVersion]
) -> bool:
    """Whether a report came that may have been waited for: on hold, or with the summary there already."""
    new = {(version.document_id, version.version) for version in changed}
    if not any(_is_histology(version) for version in changed):
        return False
    known = (v for versions in history.values() for v in versions if (v.document_id, v.version) not in new)
    return row.status == Status.ON_HOLD or any(v.kind == DocumentKind.DISCHARGE_SUMMARY for v in known)


def _is_histology(version: DocumentVersion) -> bool:
    return version.kind == DocumentKind.HISTOLOGY and version.status != DocumentStatus.ENTERED_IN_ERROR


def _take_suggestion(
    session: Session, row: EpisodeRow, history: _History, answered: Answered, at: datetime
) -> None:
    if row.status in CLOSED:
        return
    documents = readable(history)
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

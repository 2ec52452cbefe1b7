"""Rows and foldings as what is answered."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.prediction import ModelVersion
from service.coding.coding import Coding, Line, StoredEvidence
from service.coding.status import OPEN, DecisionKind, Status
from service.deps import CodeTables
from service.episodes import schemas as s
from service.episodes.evidence import History, located
from service.episodes.store import coding_of, decisions_of, document_history, suggestions_of
from service.tables import Account, DecisionRow, DocumentVersion, EpisodeRow, SuggestionRow


def episode_view(
    session: Session, tables: CodeTables, row: EpisodeRow, serving: ModelVersion | None = None
) -> s.EpisodeOut:
    """Everything about an episode.

    Args:
        serving: the model that serves now.
    """
    suggestions, decisions = suggestions_of(session, row.id), decisions_of(session, row.id)
    history = document_history(session, row.id)
    coding = coding_of(session, suggestions, decisions)
    latest = suggestions[-1] if suggestions else None
    names = claimant_names(session, [row])
    return s.EpisodeOut(
        **summary_view(row, names, suggested=latest is not None).model_dump(),
        patient=s.PatientOut.model_validate(row, from_attributes=True),
        main_specialty=row.main_specialty,
        clinician=row.clinician,
        admission_method=row.admission_method,
        patient_classification=row.patient_classification,
        discharge_method=row.discharge_method,
        spell_start=row.spell_start,
        spell_end=row.spell_end,
        episode_start=row.episode_start,
        hold_reason=s.HoldReason(row.hold_reason) if row.hold_reason else None,
        review_date=row.review_date,
        documents=tuple(_document_view(*item) for item in history.items()),
        suggestions=_suggestions_view(tables, latest, coding, history),
        suggestions_reason=row.unsuggested_reason,
        newer_model=_newer_model(row, latest, serving),
        coding=coding_view(tables, coding, history),
        decisions=tuple(decision_view(decision) for decision in decisions),
    )


def decision_answer(
    session: Session, tables: CodeTables, row: EpisodeRow, made: DecisionRow
) -> s.DecisionAnswer:
    """The decision and the coding after it."""
    coding = coding_of(session, suggestions_of(session, row.id), decisions_of(session, row.id))
    history = document_history(session, row.id)
    return s.DecisionAnswer(
        decision=decision_view(made),
        status=Status(row.status),
        version=row.version,
        coding=coding_view(tables, coding, history),
        undecided=len(coding.undecided),
    )


def summary_view(row: EpisodeRow, names: Mapping[str, str], *, suggested: bool) -> s.EpisodeSummaryOut:
    return s.EpisodeSummaryOut(
        id=row.id,
        spell_number=row.spell_number,
        episode_number=row.episode_number or None,
        status=Status(row.status),
        version=row.version,
        site=row.site,
        treatment_function=row.treatment_function,
        episode_end=row.episode_end,
        due_date=row.due_date,
        claimed_by=names.get(row.claimed_by, "a system") if row.claimed_by else None,
        suggested=suggested,
        document_since_finalised=row.document_since_finalised,
        received_at=row.received_at,
    )


def claimant_names(session: Session, rows: Iterable[EpisodeRow]) -> dict[str, str]:
    """Names of those who claimed these episodes, by account id."""
    ids = {row.claimed_by for row in rows if row.claimed_by}
    if not ids:
        return {}
    query = select(Account.id, Account.name).where(Account.id.in_(ids))
    return {row.id: row.name for row in session.execute(query)}


def suggested_ids(session: Session, rows: Sequence[EpisodeRow]) -> set[str]:
    """Which of these episodes have a suggestion."""
    ids = [row.id for row in rows]
    query = select(SuggestionRow.episode_id).where(SuggestionRow.episode_id.in_(ids)).distinct()
    return set(session.scalars(query))


def coding_view(tables: CodeTables, coding: Coding, history: History) -> s.CodingOut:
    return s.CodingOut(
        diagnoses=_lines(tables, coding.diagnoses, history),
        procedures=_lines(tables, coding.procedures, history),
    )


def decision_view(row: DecisionRow) -> s.DecisionOut:
    return s.DecisionOut(
        id=row.id,
        number=row.number,
        kind=DecisionKind(row.kind),
        line=row.line_id,
        content=row.content,
        actor=row.actor_name,
        role=row.actor_role,
        model=s.ModelOut.model_validate(row.model) if row.model else None,
        at=row.decided_at,
    )


def _suggestions_view(
    tables: CodeTables, row: SuggestionRow | None, coding: Coding, history: History
) -> s.SuggestionsOut | None:
    if row is None:
        return None
    return s.SuggestionsOut(
        id=row.id,
        model=s.ModelOut.model_validate(row.model),
        standards=s.StandardsOut.model_validate(row.standards),
        tables={name: str(edition) for name, edition in row.tables.items()},
        created_at=row.created_at,
        undecided=_lines(tables, coding.undecided, history),
        candidates=_lines(tables, coding.candidates, history),
        rejected=_lines(tables, coding.rejected, history),
        not_coded=tuple(_not_coded_view(item, history) for item in row.not_coded),
    )


def _newer_model(
    row: EpisodeRow, latest: SuggestionRow | None, serving: ModelVersion | None
) -> s.ModelOut | None:
    if serving is None or latest is None or not latest.documents or Status(row.status) not in OPEN:
        return None
    if latest.model.get("digest") == serving.digest:
        return None
    return s.ModelOut(name=serving.name, version=serving.version, digest=serving.digest)


def _not_coded_view(item: Mapping[str, object], history: History) -> s.NotCodedOut:
    evidence = item["evidence"]
    assert isinstance(evidence, dict)  # noqa: S101 (as suggesting.py writes it)
    place = located(StoredEvidence(**evidence), history)
    return s.NotCodedOut.model_validate({**item, "evidence": place})


def _document_view(sender_id: str, versions: Sequence[DocumentVersion]) -> s.DocumentOut:
    newest = versions[-1]
    return s.DocumentOut.model_validate(
        {
            **{name: getattr(newest, name) for name in _DOCUMENT_FIELDS},
            "id": sender_id,
            "versions": len(versions),
        }
    )


_DOCUMENT_FIELDS = (
    "version", "kind", "title", "status", "date", "author", "content_type", "text", "received_at"
)  # fmt: skip


def _lines(tables: CodeTables, lines: Sequence[Line], history: History) -> tuple[s.LineOut, ...]:
    return tuple(_line_view(tables, line, history) for line in lines)


def _line_view(tables: CodeTables, line: Line, history: History) -> s.LineOut:
    table = tables.by_role[line.role]
    entry = table.get(line.code)
    return s.LineOut(
        id=line.id,
        role=line.role,
        code=line.code,
        display=table.display(line.code),
        title=entry.title if entry else "",
        state=line.state,
        confidence=line.confidence,
        reason=line.reason,
        suggested_code=line.suggested_code,
        group=line.group,
        date=line.date,
        evidence=tuple(located(item, history) for item in line.evidence),
        decided_by=line.decided_by,
        decided_at=line.decided_at,
        reject_reason=s.RejectReason(line.reject_reason) if line.reject_reason else None,
    )

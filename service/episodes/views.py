"""Rows and foldings as what is answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from models.prediction import ModelVersion
from models.predictions_json import edit_json
from models.standards import Edit
from service.automation.verdicts import said_in_words
from service.clinicians.deciding import latest_attribution
from service.clinicians.tables import AttributionRow
from service.clinicians.views import attribution_view
from service.coding.coding import Coding, Line, StoredEvidence
from service.coding.status import OPEN, DecisionKind, Status
from service.deps import CodeTables
from service.episodes import schemas as s
from service.episodes.evidence import History, located
from service.episodes.person import nhs_number_holds
from service.episodes.store import coding_of, decisions_of, document_history, suggestions_of
from service.standards.book import InForce
from service.standards.checking import Found, found_in, is_fixable
from service.tables import Account, DecisionRow, DocumentVersion, EpisodeRow, SuggestionRow


@dataclass(frozen=True, slots=True)
class Stored:
    """What is shown of an episode, as it was read."""

    coding: Coding
    history: History
    decisions: Sequence[DecisionRow]
    suggestion: SuggestionRow | None
    """The latest."""
    in_force: InForce
    claimant: Mapping[str, str]
    """Name of who claimed it, by account id."""
    attribution: AttributionRow | None
    """Who answers for it, as decided last."""


def episode_view(
    session: Session, tables: CodeTables, row: EpisodeRow, serving: ModelVersion | None = None
) -> s.EpisodeOut:
    """Everything about an episode.

    Args:
        serving: the model that serves now.
    """
    suggestions, decisions = suggestions_of(session, row.id), decisions_of(session, row.id)
    stored = Stored(
        coding=coding_of(session, suggestions, decisions),
        history=document_history(session, row.id),
        decisions=decisions,
        suggestion=suggestions[-1] if suggestions else None,
        in_force=tables.standards.of(session, row.provider_id),
        claimant=claimant_names(session, [row]),
        attribution=latest_attribution(session, row.id),
    )
    return stored_view(tables, row, stored, serving)


def stored_view(
    tables: CodeTables, row: EpisodeRow, stored: Stored, serving: ModelVersion | None
) -> s.EpisodeOut:
    """Everything about an episode that was read before."""
    summary = summary_view(row, stored.claimant, suggested=stored.suggestion is not None)
    return s.EpisodeOut(
        **dict(summary),
        patient=_patient_view(row),
        main_specialty=row.main_specialty,
        clinician=row.clinician,
        attribution=attribution_view(stored.attribution),
        admission_method=row.admission_method,
        patient_classification=row.patient_classification,
        discharge_method=row.discharge_method,
        source_of_admission=row.source_of_admission,
        discharge_destination=row.discharge_destination,
        spell_start=row.spell_start,
        spell_end=row.spell_end,
        episode_start=row.episode_start,
        documents=tuple(_document_view(*item) for item in stored.history.items()),
        suggestions=_suggestions_view(tables, stored.suggestion, stored.coding, stored.history),
        suggestions_reason=row.unsuggested_reason,
        newer_model=_newer_model(row, stored.suggestion, serving),
        coding=coding_view(tables, stored.coding, stored.history),
        standards=s.StandardsOut.model_validate(stored.in_force.version),
        findings=_findings(stored.in_force, row, stored.coding, stored.history, stored.decisions),
        decisions=tuple(decision_view(decision) for decision in stored.decisions),
    )


def _patient_view(row: EpisodeRow) -> s.PatientOut:
    known = s.PatientOut.model_validate(row, from_attributes=True)
    holds = nhs_number_holds(row.nhs_number) if row.nhs_number else None
    return known.model_copy(update={"nhs_number_holds": holds})


def decision_answer(
    session: Session, tables: CodeTables, row: EpisodeRow, made: DecisionRow
) -> s.DecisionAnswer:
    """The decision and the coding after it."""
    decisions = decisions_of(session, row.id)
    coding = coding_of(session, suggestions_of(session, row.id), decisions)
    history = document_history(session, row.id)
    return s.DecisionAnswer(
        decision=decision_view(made),
        status=Status(row.status),
        version=row.version,
        coding=coding_view(tables, coding, history),
        undecided=len(coding.undecided),
        findings=_findings(tables.standards.of(session, row.provider_id), row, coding, history, decisions),
    )


SUMMARISED = (
    EpisodeRow.id, EpisodeRow.spell_number, EpisodeRow.episode_number, EpisodeRow.status, EpisodeRow.version,
    EpisodeRow.site, EpisodeRow.treatment_function, EpisodeRow.episode_end, EpisodeRow.due_date,
    EpisodeRow.stay_days, EpisodeRow.source, EpisodeRow.confidence, EpisodeRow.claimed_by,
    EpisodeRow.hold_reason, EpisodeRow.review_date, EpisodeRow.document_since_finalised,
    EpisodeRow.no_electronic_text, EpisodeRow.spell_level_text, EpisodeRow.histology_arrived,
    EpisodeRow.received_at,
)  # fmt: skip
"""What a summary needs of an episode."""


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
        stay_days=row.stay_days,
        source=row.source,
        confidence=row.confidence,
        claimed_by=names.get(row.claimed_by, "a system") if row.claimed_by else None,
        hold_reason=s.HoldReason(row.hold_reason) if row.hold_reason else None,
        review_date=row.review_date,
        suggested=suggested,
        document_since_finalised=row.document_since_finalised,
        no_electronic_text=row.no_electronic_text,
        spell_level_text=row.spell_level_text,
        histology_arrived=row.histology_arrived,
        received_at=row.received_at,
    )


_IDS: BindParameter[Sequence[str]] = bindparam("ids", expanding=True)
_NAMES = select(Account.id, Account.name).where(Account.id.in_(_IDS))
_SUGGESTED = select(SuggestionRow.episode_id).where(SuggestionRow.episode_id.in_(_IDS)).distinct()


def claimant_names(session: Session, rows: Iterable[EpisodeRow]) -> dict[str, str]:
    """Names of those who claimed these episodes, by account id."""
    ids = {row.claimed_by for row in rows if row.claimed_by}
    if not ids:
        return {}
    return {row.id: row.name for row in session.execute(_NAMES, {"ids": sorted(ids)})}


def suggested_ids(session: Session, rows: Sequence[EpisodeRow]) -> set[str]:
    """Which of these episodes have a suggestion."""
    return set(session.scalars(_SUGGESTED, {"ids": [row.id for row in rows]}))


def coding_view(tables: CodeTables, coding: Coding, history: History) -> s.CodingOut:
    return s.CodingOut(
        diagnoses=_lines(tables, coding.diagnoses, history),
        procedures=_lines(tables, coding.procedures, history),
    )


def _findings(
    in_force: InForce, row: EpisodeRow, coding: Coding, history: History, decisions: Sequence[DecisionRow]
) -> tuple[s.FindingOut, ...]:
    found = found_in(in_force, row, coding, history, decisions)
    return tuple(finding_view(one, coding) for one in found)


def finding_view(found: Found, coding: Coding) -> s.FindingOut:
    finding = found.finding
    return s.FindingOut(
        rule=finding.rule,
        standard=finding.standard,
        edition=finding.edition,
        severity=finding.severity,
        text=finding.text,
        role=finding.role,
        lines=tuple(line.id for line in found.lines),
        fix=tuple(_fix_step(edit, coding) for edit in finding.fix) if is_fixable(found) else (),
        query=finding.query,
        overridden_by=found.overridden_by,
    )


def _fix_step(edit: Edit, coding: Coding) -> s.FixStep:
    """An edit with ids of lines in place of their places."""
    ids = [line.id for line in coding.standing]
    written = edit_json(edit)
    named = {name: ids[written[name]] for name in ("line", "before", "after") if name in written}
    lines = tuple(ids[place] for place in written.get("lines", ()))
    return s.FixStep.model_validate({**written, **named, "lines": lines})


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
        standards=row.standards.get("edition") if row.standards else None,
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
        shadow=_shadow_view(row.automation),
    )


def _shadow_view(said: Mapping[str, Any]) -> s.ShadowOut:
    return s.ShadowOut(
        eligible=said["eligible"],
        confidence=said.get("confidence", 0.0),
        stratum=said.get("stratum", "unknown"),
        reasons=tuple(said_in_words(said["reasons"])),
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
    "version", "kind", "title", "status", "date", "author", "content_type", "text", "received_at",
    "original_digest", "no_electronic_text", "spell_level",
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
        fifth=line.fifth or None,
        display=table.display(line.code, line.fifth),
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

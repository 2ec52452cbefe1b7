"""Keeps spells and their episodes true to what the patient administration system says.

A spell's first episode begins with the admission. A transfer to another consultant or treatment function
closes the open episode and begins the next; episodes are numbered in that order. What a coder has begun is
never withdrawn by a message: such a message is refused with the reason, and a person decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from pydantic import ValidationError
from sqlalchemy.orm import Session

from data.episodes import DocumentKind
from service import audit
from service.automation.sampling import draw
from service.clinicians.deciding import ATTRIBUTION_READS, decide_attribution
from service.coding.status import Status
from service.config import Settings
from service.episodes.intake import WAITS, Answered, receive
from service.episodes.reading import stay_days
from service.episodes.schemas import DocumentStatus, EpisodeIn, Source
from service.episodes.store import decisions_of, document_history
from service.identity import Actor
from service.messages.errors import Unusable
from service.messages.hl7v2 import Asked, Event
from service.messages.hl7v2.patient import Facts
from service.messages.placing import episodes_of_patient, episodes_of_spell, number_of, place_documents
from service.tables import DocumentVersion, EpisodeRow

_PATIENT = (
    "nhs_number",
    "nhs_number_status",
    "local_patient_id",
    "family_name",
    "given_name",
    "birth_date",
    "sex",
)
_UNTOUCHED = frozenset({Status.AWAITING_TEXT, Status.READY})
_NOTHING_SAID = Answered({}, None, WAITS)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who changes what, when: what every step of a message needs."""

    session: Session
    actor: Actor
    at: datetime
    settings: Settings
    source: Source = Source.HL7V2
    opened: list[str] = field(default_factory=list)
    """Ids of the episodes that it made."""

    def spell(self, asked: Asked) -> list[EpisodeRow]:
        """Its episodes in their order, without those withdrawn."""
        return episodes_of_spell(self.session, self.actor.provider_id, asked.spell_number)

    def put(
        self, asked: Asked, number: str | None, facts: Mapping[str, object], known: EpisodeRow | None = None
    ) -> EpisodeRow:
        """
        Args:
            known: the stored episode, locked, where there is one.

        Raises:
            Unusable: a fact cannot be taken.
        """
        sent = _episode_in(asked, number, facts)
        received = receive(
            self.session, self.actor, sent, _NOTHING_SAID, at=self.at, known=known, source=self.source
        )
        if received.created:
            self.opened.append(received.row.id)
            share, secret = self.settings.audit_share, self.settings.secret_key.get_secret_value()
            draw(self.session, self.actor, received.row, share, secret, at=self.at)
        return received.row

    def correct(self, row: EpisodeRow, facts: Mapping[str, object]) -> None:
        """Sets facts as they are given, to nothing too, and says so in the audit."""
        for name, value in facts.items():
            setattr(row, name, value)
        row.stay_days = stay_days(row)
        row.version += 1
        row.updated_at = self.at
        if not ATTRIBUTION_READS.isdisjoint(facts):
            decide_attribution(self.session, self.actor, row, at=self.at)
        self._record(row, {name: None if value is None else str(value) for name, value in facts.items()})

    def _record(self, row: EpisodeRow, facts: Mapping[str, str | None]) -> None:
        content, subject = {"facts": audit.digest(facts)}, f"episode:{row.id}"
        audit.record(
            self.session, self.actor, action="episode.correct", subject=subject, content=content, at=self.at
        )


def _episode_in(asked: Asked, number: str | None, facts: Mapping[str, object]) -> EpisodeIn:
    known = {name: value for name, value in facts.items() if value is not None}
    try:
        key = {"spell_number": asked.spell_number, "episode_number": number}
        return EpisodeIn.model_validate({**known, **key, "documents": asked.documents})
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, one["loc"])) for one in error.errors()}))
        raise Unusable(f"it cannot be taken: {fields}") from None


def admit(desk: Desk, asked: Asked) -> Sequence[EpisodeRow]:
    """Also for an update: facts of the visit are those of the episode that is open."""
    return _admit(desk, asked, desk.spell(asked))


def _admit(desk: Desk, asked: Asked, rows: Sequence[EpisodeRow]) -> Sequence[EpisodeRow]:
    """
    Args:
        rows: the episodes of the spell.
    """
    same_patient_everywhere(desk, rows, asked)
    if not rows:
        begun = {"episode_start": asked.visit.get("spell_start") or asked.on}
        ended = {"episode_end": asked.visit.get("spell_end")}
        return [desk.put(asked, "1", {**asked.patient, **asked.visit, **begun, **ended})]
    last = rows[-1]
    facts = {**asked.patient, **asked.visit}
    if asked.visit.get("spell_end"):
        facts["episode_end"] = asked.visit["spell_end"]
    return [desk.put(asked, last.episode_number or None, facts, last)]


def transfer(desk: Desk, asked: Asked) -> Sequence[EpisodeRow]:
    rows = desk.spell(asked)
    if not rows or not changes_hands(rows[-1], asked.visit):
        return _admit(desk, asked, rows)
    if asked.on is None:
        raise Unusable("EVN-2, when the transfer happened, must be given")
    last = rows[-1]
    same_patient_everywhere(desk, rows, asked)
    desk.correct(last, {"episode_end": asked.on})
    following = {**asked.patient, **asked.visit, "episode_start": asked.on, "spell_start": last.spell_start}
    for name in ("admission_method", "source_of_admission"):
        following.setdefault(name, getattr(last, name))
    opened = desk.put(asked, str(number_of(last) + 1), following)
    mark_spell_text(desk, [*rows, opened])
    return [last, opened]


def mark_spell_text(desk: Desk, rows: Sequence[EpisodeRow]) -> None:
    """A discharge summary of a spell that has several episodes tells of all of them."""
    if len(rows) < 2:
        return
    for row in rows:
        history = document_history(desk.session, row.id)
        if not row.spell_level_text and any(_is_summary(versions[-1]) for versions in history.values()):
            desk.correct(row, {"spell_level_text": True})


def _is_summary(version: DocumentVersion) -> bool:
    return (
        version.kind == DocumentKind.DISCHARGE_SUMMARY and version.status != DocumentStatus.ENTERED_IN_ERROR
    )


def changes_hands(row: EpisodeRow, visit: Facts) -> bool:
    """Another consultant or treatment function: where the message names none, nothing changed."""
    for name, stands in (
        ("clinician", row.clinician_sent),
        ("treatment_function", row.treatment_function_sent),
    ):
        if visit.get(name) and stands and visit[name] != stands:
            return True
    return False


def discharge(desk: Desk, asked: Asked) -> Sequence[EpisodeRow]:
    ended = asked.visit.get("spell_end") or asked.on
    if ended is None:
        raise Unusable("PV1-45, the time of discharge, must be given")
    visit = {**asked.visit, "spell_end": ended}
    rows = desk.spell(asked)
    changed = _admit(desk, _with_visit(asked, visit), rows)
    for row in rows[:-1]:
        desk.correct(row, {"spell_end": ended})
    return changed


def _with_visit(asked: Asked, visit: Mapping[str, str | date | None]) -> Asked:
    return Asked(asked.event, asked.spell_number, asked.on, asked.patient, dict(visit), asked.documents)


def cancel_discharge(desk: Desk, asked: Asked) -> Sequence[EpisodeRow]:
    rows = _known(desk, asked)
    for row in rows[:-1]:
        desk.correct(row, {"spell_end": None})
    discharge = ("spell_end", "episode_end", "discharge_method", "discharge_destination")
    desk.correct(rows[-1], dict.fromkeys(discharge))
    return rows


def cancel_transfer(desk: Desk, asked: Asked) -> Sequence[EpisodeRow]:
    rows = _known(desk, asked)
    if len(rows) < 2:
        raise Unusable("the spell has one episode: there is no transfer to cancel")
    _withdraw(desk, rows[-1])
    desk.correct(rows[-2], {"episode_end": rows[-1].spell_end})
    return rows[-2:]


def cancel_admit(desk: Desk, asked: Asked) -> Sequence[EpisodeRow]:
    rows = _known(desk, asked)
    for row in rows:
        _withdraw(desk, row)
    return rows


def _known(desk: Desk, asked: Asked) -> list[EpisodeRow]:
    rows = desk.spell(asked)
    if not rows:
        raise Unusable("there is no such spell here")
    return rows


def _withdraw(desk: Desk, row: EpisodeRow) -> None:
    if row.status not in _UNTOUCHED or decisions_of(desk.session, row.id):
        raise Unusable("an episode of this spell has been worked on: withdraw it by hand, then replay")
    desk.correct(row, {"status": Status.WITHDRAWN, "unsuggested_reason": None})


def update_patient(desk: Desk, asked: Asked) -> Sequence[EpisodeRow]:
    """Facts of the person, on every episode that this provider has of them."""
    local = asked.patient.get("local_patient_id")
    rows = episodes_of_patient(desk.session, desk.actor.provider_id, str(local)) if local else []
    same_patient_everywhere(desk, rows, asked)
    return rows


def merge(desk: Desk, asked: Asked) -> Sequence[EpisodeRow]:
    """Every episode under the former id gets the one that is kept; `take_back_merge` undoes it."""
    kept = asked.patient.get("local_patient_id")
    if not kept:
        raise Unusable("PID-3, the patient id that is kept, must be given")
    if kept == asked.merged_from:
        raise Unusable("PID-3 and MRG-1 name the same patient")
    rows = episodes_of_patient(desk.session, desk.actor.provider_id, asked.merged_from)
    for row in rows:
        desk.correct(row, {"local_patient_id": kept})
    return rows


def take_back_merge(desk: Desk, episode_ids: Sequence[str], former: str) -> None:
    for episode_id in episode_ids:
        desk.correct(
            desk.session.get_one(EpisodeRow, episode_id, with_for_update=True), {"local_patient_id": former}
        )


def same_patient_everywhere(desk: Desk, rows: Sequence[EpisodeRow], asked: Asked) -> None:
    for row in rows:
        facts = {name: asked.patient[name] for name in _PATIENT if asked.patient.get(name) is not None}
        changed = {name: value for name, value in facts.items() if getattr(row, name) != value}
        if changed:
            desk.correct(row, changed)
            if document_history(desk.session, row.id) and row.status in _UNTOUCHED:
                row.unsuggested_reason = WAITS  # sex and age change what the model answers


def take_documents(desk: Desk, asked: Asked) -> Sequence[EpisodeRow]:
    """A text belongs to the episode whose days hold its date; otherwise to the last one."""
    placed = place_documents(desk.session, desk.actor.provider_id, asked)
    return [_put_document(desk, row, one) for row, one in placed]


def _put_document(desk: Desk, row: EpisodeRow | None, asked: Asked) -> EpisodeRow:
    """Of a spell that is not known yet, what the message says of it is all that is known."""
    if row is None:
        return desk.put(asked, "1", {**asked.patient, **asked.visit})
    return desk.put(asked, row.episode_number or None, {}, row)


STEPS: Mapping[Event, Callable[[Desk, Asked], Sequence[EpisodeRow]]] = {
    Event.ADMIT: admit,
    Event.UPDATE: admit,
    Event.TRANSFER: transfer,
    Event.DISCHARGE: discharge,
    Event.CANCEL_ADMIT: cancel_admit,
    Event.CANCEL_TRANSFER: cancel_transfer,
    Event.CANCEL_DISCHARGE: cancel_discharge,
    Event.PATIENT: update_patient,
    Event.MERGE: merge,
    Event.DOCUMENT: take_documents,
    Event.ADDENDUM: take_documents,
    Event.EDIT: take_documents,
    Event.REPLACEMENT: take_documents,
    Event.CANCEL_DOCUMENT: take_documents,
    Event.REPORT: take_documents,
}

"""Rows of this room as what is answered."""

from collections.abc import Mapping, Sequence
from datetime import date

from data.clinicians import Basis, ProfessionalBody
from service.clinicians import schemas as s
from service.clinicians.register import Autonomy, Grade, Register
from service.clinicians.store import entry_of, in_force_on
from service.clinicians.tables import (
    AttributionProposal,
    AttributionRow,
    AutonomyPolicy,
    ClinicianEntry,
    ClinicianRow,
)
from service.tables import EpisodeRow


def attribution_view(row: AttributionRow | None) -> s.AttributionOut | None:
    if row is None:
        return None
    return s.AttributionOut(
        number=row.number,
        sent=row.sent,
        treating=row.treating,
        code=row.code,
        basis=Basis(row.basis),
        reason=row.reason,
        flags=tuple(row.flags),
        policy=row.policy or None,
        decided_by=row.actor,
        at=row.at,
    )


def entry_view(row: ClinicianEntry, *, in_force: bool) -> s.RegisterEntryOut:
    return s.RegisterEntryOut(
        number=row.number,
        name=row.name,
        grade=Grade(row.grade),
        main_specialty=row.main_specialty,
        autonomy=Autonomy(row.autonomy),
        scope=tuple(
            s.ScopeIn.model_validate({name: value for name, value in line.items() if value})
            for line in row.scope
        ),
        policy=row.policy or None,
        starts=row.starts,
        ends=row.ends,
        in_force=in_force,
        signed_off_by=row.signed_off_by or None,
        signed_off_on=row.signed_off_on,
        account=row.account or None,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )


def clinician_view(row: ClinicianRow, latest: ClinicianEntry, today: date) -> s.ClinicianOut:
    """Args: latest: the entry that was recorded last."""
    in_force = in_force_on([latest], today) is not None
    return s.ClinicianOut(
        id=row.id,
        body=ProfessionalBody(row.body),
        number=row.number,
        code=entry_of(row, latest).code,
        latest=entry_view(latest, in_force=in_force),
        entries=row.entries,
    )


def history_view(row: ClinicianRow, entries: Sequence[ClinicianEntry], today: date) -> s.ClinicianHistory:
    """Args: entries: the newest first."""
    holds = in_force_on(entries, today)
    return s.ClinicianHistory(
        clinician=clinician_view(row, entries[0], today),
        entries=tuple(entry_view(entry, in_force=entry is holds) for entry in entries),
    )


def policy_view(row: AutonomyPolicy) -> s.AutonomyPolicyOut:
    return s.AutonomyPolicyOut.model_validate(row, from_attributes=True)


def proposal_view(row: AttributionProposal, episode: EpisodeRow, names: Mapping[str, str]) -> s.ProposalOut:
    return s.ProposalOut(
        id=row.id,
        episode=row.episode_id,
        spell_number=episode.spell_number,
        episode_number=episode.episode_number or None,
        treatment_function=episode.treatment_function,
        site=episode.site,
        episode_start=episode.episode_start,
        episode_end=episode.episode_end,
        kind=row.kind,
        recorded=row.recorded,
        recorded_name=names.get(row.recorded),
        proposed=row.proposed,
        proposed_name=names.get(row.proposed),
        reason=row.reason,
        evidence=tuple(row.evidence),
        policy=row.policy or None,
        state=s.ProposalState(row.state),
        why=row.why,
        made_at=row.made_at,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
    )


def names_by_code(register: Register) -> dict[str, str]:
    return {person.latest.code: person.latest.name for person in register.people}

"""The use cases of automation; HTTP and pages both come through here."""

from sqlalchemy.orm import Session

from service.automation import auditing, standing
from service.automation import schemas as s
from service.automation.store import AuditStatus, audit_of
from service.automation.tables import BlindAudit
from service.deps import Services
from service.episodes.store import episode_of
from service.idempotency import Reply, Request, carry_out
from service.identity import Actor


def listed(held: Services, actor: Actor) -> s.AuditPage:
    with held.db.read() as session:
        rows = auditing.open_audits(session, actor)
        return s.AuditPage(audits=tuple(s.AuditSummaryOut.of(row) for row in rows))


def read_audit(held: Services, actor: Actor, audit_id: str) -> s.AuditOut:
    with held.db.read() as session:
        return _view(session, actor, audit_of(session, actor, audit_id))


def claim_audit(held: Services, actor: Actor, audit_id: str) -> s.AuditOut:
    with held.db.write() as session:
        return _view(session, actor, auditing.claim(session, actor, audit_id, at=held.clock.now()))


def post_second_coding(
    held: Services, actor: Actor, key: str | None, audit_id: str, sent: s.SecondCodingIn
) -> Reply:
    """Stored, compared, and counted, in one transaction: what it refutes is closed by it."""
    now = held.clock.now()
    request = Request.of(actor, key, f"POST audits/{audit_id}/coding", sent)

    def work(session: Session) -> Reply:
        row = auditing.store_second_coding(
            session, held.tables, actor, audit_id, sent.codes, sent.read, at=now
        )
        standing.close_where_broken(session, actor.provider_id, row.stratum, at=now)
        return Reply.of(_view(session, actor, row), status=201)

    return carry_out(held.db, request, now, work)


def overview(held: Services, actor: Actor) -> s.AutomationAnswer:
    with held.db.read() as session:
        found = standing.standings(session, held.settings, actor.provider_id)
        past = standing.history(session, actor.provider_id)
    return s.AutomationAnswer(
        error_limit=held.settings.automation_error,
        confidence_level=held.settings.automation_confidence,
        audit_share=held.settings.audit_share,
        strata=tuple(s.StandingOut.of(one) for one in found),
        history=tuple(s.SwitchOut.of(one) for one in past),
    )


def open_stratum(held: Services, actor: Actor, stratum: str) -> s.SwitchOut:
    with held.db.write() as session:
        made = standing.open_stratum(session, held.settings, actor, stratum, at=held.clock.now())
        return s.SwitchOut.of(made)


def close_stratum(held: Services, actor: Actor, stratum: str, reason: str) -> s.SwitchOut:
    with held.db.write() as session:
        because = f"closed by {actor.name}: {reason}"
        return s.SwitchOut.of(standing.close_stratum(session, actor, stratum, because, at=held.clock.now()))


def _view(session: Session, actor: Actor, row: BlindAudit) -> s.AuditOut:
    """Its text is for who codes it: before the claim, and for others, the audit has none."""
    mine = row.claimed_by == actor.id or row.status == AuditStatus.DONE
    documents = auditing.readable_documents(session, row) if mine else {}
    episode = episode_of(session, actor, row.episode_id)
    return s.audit_view(row, episode, documents, auditing.text_version(documents))

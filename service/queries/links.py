"""For whom an account answers, set by managers and administrators; every change is audited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import audit
from service.accounts.directory import is_storable
from service.errors import NotFound, Unprocessable
from service.identity import Actor, UserRole
from service.queries.tables import ClinicianLink
from service.tables import Account


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    account_id: str
    username: str
    name: str
    clinician: str
    specialty: str


def linked_accounts(session: Session, actor: Actor) -> Sequence[LinkedAccount]:
    """The clinicians of the provider, by name."""
    query = (
        select(Account, ClinicianLink)
        .outerjoin(ClinicianLink, ClinicianLink.account_id == Account.id)
        .where(Account.provider_id == actor.provider_id, Account.role == UserRole.CLINICIAN)
        .where(Account.disabled_at.is_(None))
        .order_by(Account.name, Account.id)
    )
    return [_linked(account, link) for account, link in session.execute(query)]


def _linked(account: Account, link: ClinicianLink | None) -> LinkedAccount:
    clinician, specialty = (link.clinician, link.specialty) if link else (None, None)
    return LinkedAccount(account.id, account.username, account.name, clinician or "", specialty or "")


def set_link(
    session: Session, actor: Actor, account_id: str, clinician: str, specialty: str, *, at: datetime
) -> None:
    """
    Raises:
        NotFound: the provider has no such clinician.
        Unprocessable: one of the codes cannot be stored.
    """
    account = session.get(Account, account_id)
    if account is None or account.provider_id != actor.provider_id or account.role != UserRole.CLINICIAN:
        raise NotFound("there is no such clinician")
    for text, column in ((clinician, ClinicianLink.clinician), (specialty, ClinicianLink.specialty)):
        if not is_storable(text, column):  # type: ignore[arg-type]
            raise Unprocessable("A clinician code has up to 64 characters, a treatment function up to 8.")
    made = ClinicianLink(
        account_id=account_id,
        provider_id=actor.provider_id,
        clinician=clinician or None,
        specialty=specialty or None,
    )
    session.merge(made)
    content = {"clinician": clinician, "specialty": specialty}
    subject = f"account:{account_id}"
    audit.record(session, actor, action="clinician.link", subject=subject, content=content, at=at)

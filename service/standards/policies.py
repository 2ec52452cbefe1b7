"""A provider's own policy in the database: checked like the rules that ship, kept by number, audited."""

from datetime import datetime

from sqlalchemy.orm import Session

from data.errors import CuratedFileError
from service import audit
from service.accounts.directory import new_id
from service.errors import Unprocessable
from service.identity import Actor
from service.standards.book import StandardsBook, newest_policy
from service.standards.tables import StandardsPolicyRow
from service.tables import Provider


def set_policy(
    session: Session, book: StandardsBook, actor: Actor, text: str, *, at: datetime
) -> StandardsPolicyRow:
    """The policy from now on; an empty one takes the provider's own rules and switches away.

    Raises:
        Unprocessable: it is not right; the detail names rule and field.
    """
    session.get_one(Provider, actor.provider_id, with_for_update=True)
    try:
        digest = book.with_text(text).edition.policy
    except CuratedFileError as error:
        raise Unprocessable(str(error)[:500]) from None
    last = newest_policy(session, actor.provider_id)
    if last is not None and last.text == text:
        return last
    row = StandardsPolicyRow(
        id=new_id(),
        provider_id=actor.provider_id,
        number=last.number + 1 if last else 1,
        text=text,
        digest=digest,
        created_at=at,
        created_by=actor.name,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor,
        action="standards_policy.set",
        subject=f"standards_policy:{row.id}",
        content={"number": row.number, "digest": row.digest},
        at=at,
    )
    return row

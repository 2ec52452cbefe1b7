"""Destinations of a provider: added, changed, given new secrets; every change is audited, no secret is.

A webhook's secret is made here and shown once. Another receiver's (a bearer token) is given by its owner.
"""

import base64
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import audit
from service.accounts.directory import new_id
from service.config import Settings
from service.errors import NameTaken, NotFound, Unprocessable
from service.identity import Actor
from service.outgoing.addresses import Allowed, Kind, checked_address
from service.outgoing.sealing import seal
from service.outgoing.tables import Destination

_SECRET_BYTES = 32
_TOKEN = re.compile(r"[\x21-\x7e]{8,400}")
SECRET_PREFIX = "whsec_"  # noqa: S105 (the prefix of Standard Webhooks)


class DestinationState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    """Messages gather and are sent when it is active again."""
    OFF = "off"
    """Nothing is sent and nothing gathers."""


@dataclass(frozen=True, slots=True)
class NewDestination:
    name: str
    kind: Kind
    address: str
    secret: str = ""
    """A bearer token that the receiver gave; never for a webhook."""


def destinations_of(session: Session, actor: Actor) -> Sequence[Destination]:
    query = select(Destination).where(Destination.provider_id == actor.provider_id)
    return session.scalars(query.order_by(Destination.name)).all()


def destination_of(session: Session, actor: Actor, destination_id: str, *, lock: bool = False) -> Destination:
    """
    Raises:
        NotFound: there is none, or it is another provider's.
    """
    query = select(Destination).where(
        Destination.provider_id == actor.provider_id, Destination.id == destination_id
    )
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("there is no such destination")
    return row


def add_destination(
    session: Session, settings: Settings, actor: Actor, new: NewDestination, *, at: datetime
) -> tuple[Destination, str | None]:
    """The destination, and the secret that was made for it, to be shown this once.

    Raises:
        Unprocessable, NameTaken
    """
    checked_address(new.kind, new.address, Allowed.parse(settings.outgoing_allowed))
    taken = select(Destination.id).where(
        Destination.provider_id == actor.provider_id, Destination.name == new.name
    )
    if session.scalar(taken) is not None:
        raise NameTaken
    made = _made_or_given(new.kind, new.secret)
    row = Destination(
        id=new_id(),
        provider_id=actor.provider_id,
        name=new.name,
        kind=new.kind,
        address=new.address,
        state=DestinationState.ACTIVE,
        secret=seal(settings, made) if made else None,
        failures=0,
        created_at=at,
        created_by=actor.name,
    )
    session.add(row)
    session.flush()
    _record(session, actor, row, "destination.add", at)
    return row, made if new.kind is Kind.WEBHOOK else None


def change_destination(  # noqa: PLR0913 (what may be changed)
    session: Session,
    settings: Settings,
    actor: Actor,
    row: Destination,
    *,
    state: DestinationState | None = None,
    address: str | None = None,
    at: datetime,
) -> None:
    """What waits is tried again at once.

    Raises:
        Unprocessable: the address is not one that may be sent to.
    """
    if address is not None:
        checked_address(Kind(row.kind), address, Allowed.parse(settings.outgoing_allowed))
        row.address = address
    row.state = state or row.state
    row.failures, row.retry_at = 0, None
    _record(session, actor, row, "destination.change", at)


def rotate_secret(
    session: Session, settings: Settings, actor: Actor, row: Destination, given: str, *, at: datetime
) -> str | None:
    """A new secret; a webhook's former one signs beside it until it is retired. Returns one that was made.

    Raises:
        Unprocessable: this kind takes another secret.
    """
    kind = Kind(row.kind)
    made = _made_or_given(kind, given)
    row.former_secret = row.secret if kind is Kind.WEBHOOK else None
    row.secret = seal(settings, made) if made else None
    row.failures, row.retry_at = 0, None
    _record(session, actor, row, "destination.secret", at)
    return made if kind is Kind.WEBHOOK else None


def retire_former_secret(session: Session, actor: Actor, row: Destination, *, at: datetime) -> None:
    row.former_secret = None
    _record(session, actor, row, "destination.retire", at)


def _made_or_given(kind: Kind, given: str) -> str:
    """
    Raises:
        Unprocessable: this kind takes none, makes its own, or another shape.
    """
    if kind is Kind.WEBHOOK:
        if given:
            raise Unprocessable("the secret of a webhook is made here and shown once")
        return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    if given and kind is Kind.HL7_MLLP:
        raise Unprocessable("MLLP knows no secret")
    if given and not _TOKEN.fullmatch(given):
        raise Unprocessable("a bearer token has 8 to 400 visible ASCII characters")
    return given


def _record(session: Session, actor: Actor, row: Destination, action: str, at: datetime) -> None:
    content = {"name": row.name, "kind": row.kind, "address": row.address, "state": row.state}
    audit.record(session, actor, action=action, subject=f"destination:{row.id}", content=content, at=at)

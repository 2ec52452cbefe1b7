"""The use cases of what goes out. HTTP, pages and commands come through here."""

from sqlalchemy.orm import Session

from service.deps import Services
from service.identity import Actor
from service.outgoing import destinations as store
from service.outgoing import outbox
from service.outgoing import schemas as s
from service.outgoing.tables import Destination


def listed(held: Services, actor: Actor) -> s.DestinationsAnswer:
    with held.db.read() as session:
        counts = outbox.counts(session, actor)
        rows = store.destinations_of(session, actor)
        return s.DestinationsAnswer(
            destinations=tuple(s.DestinationOut.of(row, counts.get(row.id, {})) for row in rows)
        )


def add(held: Services, actor: Actor, sent: s.DestinationIn) -> s.DestinationMade:
    """
    Raises:
        Unprocessable, NameTaken
    """
    given = sent.secret.get_secret_value() if sent.secret else ""
    new = store.NewDestination(sent.name, sent.kind, sent.address, given)
    with held.db.write() as session:
        row, secret = store.add_destination(session, held.settings, actor, new, at=held.clock.now())
        return s.DestinationMade(destination=s.DestinationOut.of(row, {}), secret=secret)


def change(held: Services, actor: Actor, destination_id: str, sent: s.DestinationChange) -> s.DestinationOut:
    """
    Raises:
        NotFound, Unprocessable
    """
    now = held.clock.now()
    with held.db.write() as session:
        row = store.destination_of(session, actor, destination_id, lock=True)
        store.change_destination(
            session, held.settings, actor, row, state=sent.state, address=sent.address, at=now
        )
        return _out(session, actor, row)


def rotate(held: Services, actor: Actor, destination_id: str, sent: s.SecretIn) -> s.DestinationMade:
    """
    Raises:
        NotFound, Unprocessable
    """
    given = sent.secret.get_secret_value() if sent.secret else ""
    with held.db.write() as session:
        row = store.destination_of(session, actor, destination_id, lock=True)
        made = store.rotate_secret(session, held.settings, actor, row, given, at=held.clock.now())
        return s.DestinationMade(destination=_out(session, actor, row), secret=made)


def retire(held: Services, actor: Actor, destination_id: str) -> None:
    """
    Raises:
        NotFound
    """
    with held.db.write() as session:
        row = store.destination_of(session, actor, destination_id, lock=True)
        store.retire_former_secret(session, actor, row, at=held.clock.now())


def messages(
    held: Services, actor: Actor, state: outbox.OutgoingState | None, limit: int
) -> s.OutgoingAnswer:
    with held.db.read() as session:
        rows = session.scalars(outbox.outgoing_rows(actor, state).limit(limit))
        return s.OutgoingAnswer(messages=tuple(s.OutgoingOut.of(row) for row in rows))


def replay(held: Services, actor: Actor, outgoing_id: str) -> s.OutgoingOut:
    """
    Raises:
        NotFound, IllegalState
    """
    with held.db.write() as session:
        return s.OutgoingOut.of(outbox.replay(session, actor, outgoing_id, at=held.clock.now()))


def _out(session: Session, actor: Actor, row: Destination) -> s.DestinationOut:
    return s.DestinationOut.of(row, outbox.counts(session, actor).get(row.id, {}))

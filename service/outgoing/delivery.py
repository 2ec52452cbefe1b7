"""Empties the outbox: at least once, in order per episode, each destination by itself.

Each destination with something due has a lane of its own, so that one that is dead holds up no other. What
was under way when the process died is sent again with the same id.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import SplitResult

from service.deps import Services
from service.errors import ServiceError, Unprocessable
from service.observability import DELIVERIES, log
from service.outgoing import fhir, hl7v2, outbox, webhook
from service.outgoing.addresses import Allowed, Kind, checked_address
from service.outgoing.destinations import DestinationState
from service.outgoing.final import final_coding
from service.outgoing.leadership import Leadership, leadership
from service.outgoing.outbox import OutgoingState
from service.outgoing.sealing import CannotUnseal, unseal
from service.outgoing.sending import Parcel, Refused, Sender, Unreachable, opened, without_patient
from service.outgoing.tables import Destination, OutgoingRow
from service.tables import DecisionRow, EpisodeRow

_BATCH = 50
_AT_ONCE = 16
"""Deliveries of all destinations together."""
_AT_ONCE_BY_KIND = {Kind.HL7_MLLP: 1}
_AT_ONCE_HTTP = 4
_STOP_SECONDS = 10
_PATIENT = ("nhs_number", "local_patient_id", "family_name", "given_name", "birth_date", "spell_number")


@dataclass(slots=True)
class Delivery:
    held: Services
    leads: Leadership
    dice: Callable[[], float] = random.random
    """Between 0 and 1: how much of a wait is waited."""
    _lanes: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _stopping: bool = False
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    @classmethod
    def of(cls, held: Services) -> "Delivery":
        return cls(held, leadership(held.db, held.clock, poll_seconds=held.settings.outgoing_poll_seconds))

    async def run(self) -> None:
        """Until it is cancelled; then what is under way has some seconds to end."""
        try:
            while True:
                await self._look()
                await asyncio.sleep(self.held.settings.outgoing_poll_seconds)
        finally:
            await self._stop()

    async def _look(self) -> None:
        try:
            if await asyncio.to_thread(self.leads.held):
                self._stopping = False
                await self._start_lanes()
            else:
                self._stopping = True
        except ServiceError as error:
            log.warning("outgoing.waits", error=type(error).__name__)
        except Exception as error:  # the task must outlive any one failure
            log.error("outgoing.failed", error=type(error).__name__)

    async def round(self) -> None:
        """Once everything that is due now, whoever leads."""
        await self._start_lanes()
        await asyncio.gather(*self._lanes.values())

    async def _start_lanes(self) -> None:
        ready = await asyncio.to_thread(self._ready)
        self._lanes = {name: task for name, task in self._lanes.items() if not task.done()}
        for destination in ready:
            if destination.id not in self._lanes:
                self._lanes[destination.id] = asyncio.create_task(self._lane(destination))

    async def _stop(self) -> None:
        self._stopping = True
        if self._lanes:
            _, late = await asyncio.wait(self._lanes.values(), timeout=_STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            await asyncio.to_thread(self.leads.release)
        except ServiceError:
            log.warning("outgoing.lease_stays")

    async def _lane(self, destination: Destination) -> None:
        try:
            address = self._address(destination)
            timeout_seconds = self.held.settings.outgoing_timeout_seconds
            async with opened(Kind(destination.kind), address, timeout_seconds) as sender:
                while not self._stopping and await self._some(destination, sender):
                    pass
        except Unprocessable as error:
            failure = Unreachable(error.detail or error.title())
            await asyncio.to_thread(self._note_unreachable, destination.id, None, failure)
        except ServiceError as error:
            log.warning("outgoing.waits", error=type(error).__name__)
        except Exception as error:  # one lane's defect must not stop the others
            log.error("outgoing.failed", error=type(error).__name__)

    def _address(self, destination: Destination) -> SplitResult:
        """The setting may have changed since the destination was added.

        Raises:
            Unprocessable: it may not be sent to any more.
        """
        allowed = Allowed.parse(self.held.settings.outgoing_allowed)
        return checked_address(Kind(destination.kind), destination.address, allowed)

    async def _some(self, destination: Destination, sender: Sender) -> bool:
        """Delivers what is due, some at a time; says whether it is worth while to go on at once."""
        ids = await asyncio.to_thread(self._due, destination.id)
        at_once = asyncio.Semaphore(_AT_ONCE_BY_KIND.get(Kind(destination.kind), _AT_ONCE_HTTP))
        answered = True

        async def one(outgoing_id: str) -> None:
            nonlocal answered
            async with at_once, self._slots:
                if answered and not self._stopping:
                    answered = await self._deliver(destination, sender, outgoing_id)

        await asyncio.gather(*(one(outgoing_id) for outgoing_id in ids))
        return bool(ids) and answered

    async def _deliver(self, destination: Destination, sender: Sender, outgoing_id: str) -> bool:
        """Whether the receiver answered at all."""
        try:
            parcel = await asyncio.to_thread(self._written, outgoing_id)
            if parcel is None:
                return True
            await sender.send(parcel)
        except Refused as error:
            await asyncio.to_thread(self._note_refused, outgoing_id, error)
            return True
        except Unreachable as error:
            await asyncio.to_thread(self._note_unreachable, destination.id, outgoing_id, error)
            return False
        await asyncio.to_thread(self._note_delivered, outgoing_id)
        return True

    def _ready(self) -> Sequence[Destination]:
        with self.held.db.read() as session:
            return outbox.ready_destinations(session, self.held.clock.now())

    def _due(self, destination_id: str) -> Sequence[str]:
        with self.held.db.read() as session:
            destination = session.get_one(Destination, destination_id)
            if destination.state != DestinationState.ACTIVE:
                return ()
            return outbox.due(session, destination_id, self.held.clock.now(), _BATCH)

    def _written(self, outgoing_id: str) -> Parcel | None:
        """
        Raises:
            Refused: it cannot be written; the others must not wait for it.
        """
        try:
            return self._parcel(outgoing_id)
        except ServiceError:
            raise
        except CannotUnseal as error:
            raise Refused((error.__doc__ or "").strip()) from None
        except Exception as error:
            log.error("outgoing.failed", error=type(error).__name__)
            raise Refused(f"it cannot be written: {type(error).__name__}") from None

    def _parcel(self, outgoing_id: str) -> Parcel | None:
        with self.held.db.read() as session:
            row = session.get_one(OutgoingRow, outgoing_id)
            if row.state != OutgoingState.WAITING:
                return None
            destination = session.get_one(Destination, row.destination_id)
            decision = session.get_one(DecisionRow, row.decision_id)
            final, coding = final_coding(session, self.held.tables, decision, row.coding_version)
        sealed = filter(None, (destination.secret, destination.former_secret))
        secrets = tuple(unseal(self.held.settings, one) for one in sealed)
        match Kind(destination.kind):
            case Kind.WEBHOOK:
                body = webhook.event(final, coding, row.id)
            case Kind.FHIR:
                body = fhir.transaction(final, row.id)
            case _:
                body = hl7v2.update_message(final, row.id, destination.name, row.created_at)
        return Parcel(row.id, body, secrets)

    def _note_delivered(self, outgoing_id: str) -> None:
        now = self.held.clock.now()
        with self.held.db.write() as session:
            row = session.get_one(OutgoingRow, outgoing_id, with_for_update=True)
            outbox.settle_delivered(session, row, at=now)
            destination = session.get_one(Destination, row.destination_id)
            destination.failures, destination.retry_at, destination.last_error = 0, None, None
            kind = destination.kind
        DELIVERIES.labels(kind, "delivered").inc()

    def _note_refused(self, outgoing_id: str, error: Refused) -> None:
        now = self.held.clock.now()
        with self.held.db.write() as session:
            row = session.get_one(OutgoingRow, outgoing_id, with_for_update=True)
            episode = session.get_one(EpisodeRow, row.episode_id)
            facts = [str(fact) for name in _PATIENT if (fact := getattr(episode, name))]
            self._note_failure(row, without_patient(str(error), facts))
            row.refusals += 1
            row.next_at = now + self._wait(row.refusals)
            if row.refusals >= self.held.settings.outgoing_refusals:
                row.state = OutgoingState.PARKED
            kind = session.get_one(Destination, row.destination_id).kind
        DELIVERIES.labels(kind, "refused").inc()

    def _note_unreachable(self, destination_id: str, outgoing_id: str | None, error: Unreachable) -> None:
        """The destination waits as a whole; the message that was tried is counted."""
        now = self.held.clock.now()
        with self.held.db.write() as session:
            destination = session.get_one(Destination, destination_id, with_for_update=True)
            destination.failures += 1
            destination.last_error = str(error)[:300]
            destination.retry_at = now + self._wait(destination.failures)
            if outgoing_id is not None:
                row = session.get_one(OutgoingRow, outgoing_id, with_for_update=True)
                self._note_failure(row, str(error)[:300])
            kind = destination.kind
        DELIVERIES.labels(kind, "unreachable").inc()

    def _note_failure(self, row: OutgoingRow, why: str) -> None:
        row.attempts += 1
        row.tried_at, row.last_error = self.held.clock.now(), why
        if row.attempts >= self.held.settings.outgoing_attempts:
            row.state = OutgoingState.PARKED

    def _wait(self, failures: int) -> timedelta:
        """Doubles each time up to the longest; between half of it and all of it is waited."""
        settings = self.held.settings
        doubled = settings.outgoing_retry_seconds * 2.0 ** min(failures - 1, 30)
        longest = min(doubled, settings.outgoing_longest_wait_seconds)
        return timedelta(seconds=longest * (0.5 + 0.5 * self.dice()))

"""Mutated HL7 messages and FHIR bodies: each is taken, not used or in quarantine; none is lost or breaks."""

import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.identity import Actor, ActorKind, UserRole
from service.messages.fhir.inbox import FhirInbox
from service.messages.hl7v2 import AckCode
from service.messages.inbox import Inbox
from service.messages.records import MessageState
from service.messages.tables import MessageRow
from tests import fhir_messages as fhir
from tests import files
from tests.contract.mutations import mutated_bytes, mutated_tree
from tests.hl7_messages import adt, mdm, msh, pid, pv1
from tests.printed import Say
from tests.service_fixtures import Stage

ROUNDS_VARIABLE = "AUTOCODER_MESSAGE_ROUNDS"
ROUNDS = int(os.environ.get(ROUNDS_VARIABLE, "1000"))
"""Of each kind."""
_SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "messages"
_RESULT = "\r".join(
    [msh("ORU^R01", "S9"), pid(), pv1(), "OBR|1||L1|CT^CT head|||20260302", "OBX|1|TX|||No bleed."]
).encode()
SEEDS = (
    adt("A01", "S1", pid(), pv1()),
    adt("A02", "S2", pid(), pv1(consultant="C7654321"), hours=20),
    adt("A03", "S3", pid(), pv1(ended="202603041500")),
    adt("A08", "S4", pid(), pv1(function="430")),
    adt("A12", "S5", pid(), pv1()),
    adt("A13", "S6", pid(), pv1()),
    adt("A31", "S7", pid(sex="1")),
    adt("A40", "S8", pid("H2"), "MRG|H1^^^RXX^PI"),
    mdm("S10", "Diagnosis: pneumonia.", r"Home.\br\GP to review"),
    mdm("S11", "x", trigger="T11"),
    _RESULT,
)
FHIR_SEEDS = (
    fhir.document("B1"),
    fhir.document("B2", main=fhir.composition("D2", status="amended")),
    fhir.transfer_of_care(fhir.STU3_DOCUMENT, "B3"),
    fhir.reference(b"Diagnosis: hypertension.", "text/plain"),
    fhir.reference(files.pdf("Diagnosis: hypertension."), "application/pdf", "D4"),
    fhir.encounter("V5"),
    {**fhir.encounter("V6"), "partOf": {"identifier": {"value": "V5"}}},
    fhir.patient(),
)
_LARGEST_GROWTH_MB = 64


def mutated(seed: bytes, dice: random.Random) -> bytes:
    return mutated_bytes(seed.replace(b"|S", b"|%d" % dice.randrange(10**6), 1), dice)


def mutated_fhir(dice: random.Random) -> bytes:
    """JSON with its parts changed, JSON and XML with their characters changed; some are left whole."""
    kind = dice.random()
    if kind < 0.2:
        return mutated_bytes(fhir.STU3_DOCUMENT, dice)
    seed = dice.choice(FHIR_SEEDS)
    if kind < 0.4:
        return mutated_bytes(fhir.as_json(seed), dice)
    return mutated_tree({**seed, "timestamp": f"2026-03-04T16:00:00.{dice.randrange(10**6)}Z"}, dice)


def test_every_mutated_message_is_answered_and_counted_once(stage: Stage, say: Say) -> None:
    dice = random.Random(20260401)
    inbox, actor = _inbox(stage)
    sent = rounds(stage)
    outcomes, warm_mb = [], 0.0
    for number in range(sent):
        outcomes.append(inbox.take(actor, mutated(dice.choice(SEEDS), dice)))
        warm_mb = resident_mb() if number == sent // 3 else warm_mb
    assert all(outcome.answer.startswith(b"MSH|") for outcome in outcomes)
    by_state = Counter(outcome.state for outcome in outcomes)
    assert by_state[MessageState.TAKEN] > sent / 20
    assert by_state[MessageState.QUARANTINED] > sent / 20
    assert _stored(stage) == len({outcome.message_id for outcome in outcomes})
    taken = [outcome.code for outcome in outcomes if outcome.state is not MessageState.QUARANTINED]
    assert set(taken) == {AckCode.ACCEPT}
    grown_mb = resident_mb() - warm_mb
    say(f"{sent} cases: HL7 {told(by_state)}, {grown_mb:.0f} MB more than after a third")
    assert grown_mb < _LARGEST_GROWTH_MB


def test_every_mutated_fhir_body_is_answered_and_counted_once(stage: Stage, say: Say) -> None:
    dice = random.Random(20260402)
    actor = _inbox(stage)[1]
    inbox = FhirInbox(stage.services)
    ids, by_state, warm_mb = set(), Counter[MessageState](), 0.0
    sent = rounds(stage)
    for number in range(sent):
        outcome = inbox.take(actor, mutated_fhir(dice))
        assert outcome.answer["resourceType"] in ("Bundle", "OperationOutcome")
        assert (outcome.status < 300) is (outcome.state is not MessageState.QUARANTINED)
        if outcome.state is MessageState.QUARANTINED:
            assert "olloway" not in json.dumps(outcome.answer)
        ids.add(outcome.message_id)
        by_state[outcome.state] += 1
        warm_mb = resident_mb() if number == sent // 3 else warm_mb
    assert _stored(stage) == len(ids)
    assert by_state[MessageState.TAKEN] > sent / 10
    assert by_state[MessageState.QUARANTINED] > sent / 20
    grown_mb = resident_mb() - warm_mb
    say(f"{sent} cases: FHIR {told(by_state)}, {grown_mb:.0f} MB more than after a third")
    assert grown_mb < _LARGEST_GROWTH_MB


def told(by_state: Counter[MessageState]) -> str:
    return ", ".join(f"{count} {state.value}" for state, count in by_state.most_common())


def resident_mb() -> float:
    """Of this process; 0 where the system does not say."""
    pages = Path("/proc/self/statm")
    return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20 if pages.exists() else 0.0


def rounds(stage: Stage) -> int:
    """Two thousand messages of both kinds on SQLite, fewer on PostgreSQL; `make bench` sends more."""
    return ROUNDS if stage.services.db.engine.dialect.name == "sqlite" else ROUNDS // 5


def _stored(stage: Stage) -> int:
    with stage.services.db.read() as session:
        return session.scalar(select(func.count()).select_from(MessageRow)) or 0


@pytest.mark.shared_data
def test_every_real_hl7_message_ends_as_an_episode_or_in_quarantine(stage: Stage) -> None:
    if not _SHARED.is_dir():
        pytest.skip("the reference messages are not on this machine")
    inbox, actor = _inbox(stage)
    ended = {path.name: inbox.take(actor, path.read_bytes()).state for path in sorted(_SHARED.glob("*.hl7"))}
    assert ended == {
        "DHCW-ORU_R01-example.hl7": MessageState.QUARANTINED,
        "IOPS-ADT_A01-v24.hl7": MessageState.TAKEN,
        "IOPS-ADT_A03-v24.hl7": MessageState.TAKEN,
        "IOPS-ADT_A04-v24.hl7": MessageState.NOT_USED,
    }


def _inbox(stage: Stage) -> tuple[Inbox, Actor]:
    with stage.services.db.read() as session:
        from service.accounts.directory import provider_by_code

        provider = provider_by_code(session, "A")
    actor = Actor(ActorKind.SYSTEM, "fuzz", "fuzz", UserRole.EPR, provider.id)
    return Inbox(stage.services.db, stage.services.clock, stage.services.settings), actor

"""Mutated HL7 messages: each ends as taken, not used or in quarantine; none is lost, none breaks anything."""

import random
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.identity import Actor, ActorKind, UserRole
from service.messages.hl7v2 import AckCode
from service.messages.inbox import Inbox, MessageState
from service.tables import MessageRow
from tests.hl7_messages import adt, mdm, msh, pid, pv1
from tests.service_fixtures import Stage

ROUNDS = 600
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
_NOISE = b'\x00 \xff | ^ ~ \\ & \r "" \\XFF\\ 9999 PV1| \xc3\x28'.split(b" ")


def mutated(seed: bytes, dice: random.Random) -> bytes:
    """One to four cuts, copies or insertions."""
    sent = seed.replace(b"|S", b"|%d" % dice.randrange(10**6), 1)
    for _ in range(dice.randint(1, 4)):
        start, end = sorted((dice.randrange(len(sent) + 1), dice.randrange(len(sent) + 1)))
        what = dice.choice(("insert", "cut", "copy", "swap"))
        middle = {"insert": dice.choice(_NOISE) + sent[start:end], "cut": b"", "copy": sent[start:end] * 2}
        sent = sent[:start] + middle.get(what, bytes(reversed(sent[start:end]))) + sent[end:]
    return sent


def test_every_mutated_message_is_answered_and_counted_once(stage: Stage) -> None:
    dice = random.Random(20260401)
    inbox, actor = _inbox(stage)
    outcomes = [inbox.take(actor, mutated(dice.choice(SEEDS), dice)) for _ in range(ROUNDS)]
    assert all(outcome.answer.startswith(b"MSH|") for outcome in outcomes)
    by_state = Counter(outcome.state for outcome in outcomes)
    assert by_state[MessageState.TAKEN] > ROUNDS / 20
    assert by_state[MessageState.QUARANTINED] > ROUNDS / 20
    with stage.services.db.read() as session:
        stored = session.scalar(select(func.count()).select_from(MessageRow))
    assert stored == len({outcome.message_id for outcome in outcomes})
    taken = [outcome.code for outcome in outcomes if outcome.state is not MessageState.QUARANTINED]
    assert set(taken) == {AckCode.ACCEPT}


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

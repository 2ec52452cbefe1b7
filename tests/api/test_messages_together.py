"""Messages that share a transaction: each is answered as if it had come alone."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, event, func, select
from sqlalchemy.exc import OperationalError

from service import audit
from service.accounts import directory
from service.errors import DatabaseBusy
from service.messages.gathering import taken
from service.messages.hl7v2 import AckCode
from service.messages.inbox import Inbox, Outcome, Reception
from service.messages.records import MessageState
from service.messages.tables import MessageRow
from service.tables import DocumentVersion, EpisodeRow
from tests.hl7_messages import adt, mdm, pid, pv1
from tests.service_fixtures import Stage


def reception(stage: Stage) -> Reception:
    held = stage.services
    with held.db.read() as session:
        provider = directory.provider_by_code(session, "A")
    return Reception(Inbox(held.db, held.clock, held.settings), directory.integration_engine(provider.id))


def together(stage: Stage, *sent: bytes) -> Sequence[Outcome]:
    results = taken(reception(stage), sent)
    assert chain_problems(stage) == []
    return [result for result in results if isinstance(result, Outcome)]


def chain_problems(stage: Stage) -> list[str]:
    with stage.services.db.read() as session:
        return [problem for report in audit.verify(session) for problem in report.problems]


def count(stage: Stage, table: type[EpisodeRow | MessageRow | DocumentVersion]) -> int:
    with stage.services.db.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def admissions(number: int) -> list[bytes]:
    return [adt("A01", f"c{n}", pid(f"H{n}"), pv1(f"V{n}")) for n in range(number)]


class Commits:
    """How many there were; the next one can fail."""

    def __init__(self, stage: Stage) -> None:
        self.count, self.fails = 0, False
        event.listen(stage.services.db.engine, "commit", self._commit)

    def _commit(self, _connection: Connection) -> None:
        if self.fails:
            self.fails = False
            raise OperationalError("injected", None, Exception("the connection was lost"))
        self.count += 1


def test_messages_that_are_taken_together_share_one_commit(stage: Stage) -> None:
    commits = Commits(stage)
    outcomes = together(stage, *admissions(20))
    assert [outcome.code for outcome in outcomes] == [AckCode.ACCEPT] * 20
    assert [b"|c%d\r" % n in one.answer or b"|c%d|" % n in one.answer for n, one in enumerate(outcomes)]
    assert (count(stage, EpisodeRow), count(stage, MessageRow)) == (20, 20)
    assert commits.count == 1


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (b"no HL7 at all", AckCode.REJECT),
        (adt("A01", "r", pid(), pv1("")), AckCode.ERROR),
        (adt("A03", "r", pid(), pv1("V" * 65)), AckCode.ERROR),
        (adt("A11", "r", pid(), pv1("unknown")), AckCode.ERROR),
    ],
)
def test_one_that_is_refused_does_not_hold_back_the_others(
    stage: Stage, refused: bytes, code: AckCode, place: int
) -> None:
    sent = admissions(2)
    sent.insert(place, refused)
    outcomes = together(stage, *sent)
    wanted = [code if message is refused else AckCode.ACCEPT for message in sent]
    assert [outcome.code for outcome in outcomes] == wanted
    assert outcomes[place].state is MessageState.QUARANTINED
    assert (count(stage, EpisodeRow), count(stage, MessageRow)) == (2, 3)


def test_messages_of_one_spell_are_taken_in_their_order(stage: Stage) -> None:
    patient = pid("H1")
    outcomes = together(
        stage,
        adt("A01", "1", patient, pv1("V1")),
        mdm("2", "Pneumonia."),
        adt("A02", "3", patient, pv1("V1", consultant="C7654321", function="430"), hours=30),
        mdm("4", "Pneumonia, resolved.", trigger="T08"),
        adt("A03", "5", patient, pv1("V1", ended="202603041500"), hours=78),
    )
    assert [outcome.code for outcome in outcomes] == [AckCode.ACCEPT] * 5
    with stage.services.db.read() as session:
        rows = session.scalars(select(EpisodeRow).order_by(EpisodeRow.episode_number)).all()
        versions = session.scalars(select(DocumentVersion.version).order_by(DocumentVersion.version)).all()
    assert [row.episode_number for row in rows] == ["1", "2"]
    assert {str(row.spell_end) for row in rows} == {"2026-03-04"}
    assert versions == [1, 1, 2]  # a summary of the whole spell goes to both episodes


def test_a_message_that_comes_twice_at_once_is_taken_once_and_answered_twice(stage: Stage) -> None:
    message = admissions(1)[0]
    first, second = together(stage, message, message)
    assert (first.message_id, first.answer) == (second.message_id, second.answer)
    assert together(stage, message)[0].message_id == first.message_id
    assert (count(stage, EpisodeRow), count(stage, MessageRow)) == (1, 1)


def test_a_control_id_with_two_contents_is_taken_with_the_first(stage: Stage) -> None:
    first, second = together(
        stage, adt("A01", "1", pid("H1"), pv1("V1")), adt("A01", "1", pid("H2"), pv1("V2"))
    )
    assert (first.code, second.code) == (AckCode.ACCEPT, AckCode.ERROR)
    assert count(stage, EpisodeRow) == 1


def test_none_is_answered_where_the_commit_fails_and_none_is_lost(stage: Stage) -> None:
    commits, sent = Commits(stage), admissions(3)
    commits.fails = True
    assert [type(one) for one in taken(reception(stage), sent)] == [DatabaseBusy] * 3
    assert (count(stage, EpisodeRow), count(stage, MessageRow)) == (0, 0)
    assert [outcome.code for outcome in together(stage, *sent)] == [AckCode.ACCEPT] * 3
    assert (count(stage, EpisodeRow), count(stage, MessageRow)) == (3, 3)

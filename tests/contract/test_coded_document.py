"""The views of the service and their reader in training keep to one contract, on both databases."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import inspect, text, update
from sqlalchemy.orm import Session

from data.episodes import CodedEpisode, NotCodedReason, Role
from service import schema
from service.episodes.reading import model_episode, readable
from service.episodes.store import document_history
from service.identity import UserRole
from service.migrations import views
from service.tables import DocumentVersion, EpisodeRow
from tests.fakes import NOTE
from tests.service_fixtures import Stage
from training.decisions import Decisions, DecisionSource, read_decisions
from training.errors import DecisionsError
from training.exposure import Offer
from training.service_views import CONTRACT

VIEWS = ("coded_document", "coded_document_text", "coded_document_line", "coded_document_evidence")
FACTS: dict[str, Any] = {
    "nhs_number": "9999999999",
    "local_patient_id": "L1",
    "family_name": "Doe",
    "birth_date": "1950-03-01",
    "sex": "2",
    "treatment_function": "300",
    "admission_method": "2A",
    "spell_start": "2026-02-27",
    "spell_end": "2026-03-02",
    "episode_end": "2026-03-02",
}


BRIEF = "Diagnosis: exacerbation of COPD."


class Desk:
    """A coder before one episode, always on its newest version; time goes on with every decision."""

    def __init__(self, stage: Stage, spell: str = "S1", note: str = NOTE, **facts: Any) -> None:
        self.stage, self.spell, self.facts = stage, spell, FACTS | facts
        self.post(note)

    def post(self, note: str, **document: Any) -> Any:
        body = {
            **self.facts,
            "spell_number": self.spell,
            "episode_number": "1",
            "documents": [{"id": "ds", "text": note, **document}],
        }
        self.stage.clock.advance(minutes=1)
        headers = self.stage.headers(UserRole.EPR)
        self.episode = self.stage.client.post("/v1/episodes", json=body, headers=headers).json()
        self.stage.clock.advance(minutes=1)
        self.version = self.episode["version"]
        return self.episode

    @property
    def path(self) -> str:
        return f"/v1/episodes/{self.episode['id']}"

    def read(self) -> Any:
        return self.stage.client.get(self.path, headers=self.stage.headers()).json()

    def line(self, code: str) -> str:
        episode = self.read()
        suggestions, coding = episode["suggestions"], episode["coding"]
        lines = [*suggestions["undecided"], *suggestions["candidates"], *suggestions["rejected"]]
        lines += [*coding["diagnoses"], *coding["procedures"]]
        return str(next(line["id"] for line in lines if line["code"] == code))

    def decide(self, kind: str, *, by: UserRole = UserRole.CODER, **fields: Any) -> Any:
        headers = self.stage.headers(by) | {"If-Match": f'"{self.version}"'}
        answer = self.stage.client.post(
            f"{self.path}/decisions", json={"kind": kind, **fields}, headers=headers
        )
        assert answer.status_code == 201, answer.text
        self.stage.clock.advance(minutes=1)
        self.version = answer.json()["version"]
        return answer.json()

    def code(self, *accepted: str, by: UserRole = UserRole.CODER) -> None:
        """Accepts these and rejects the rest of what is asked."""
        for line in self.read()["suggestions"]["undecided"]:
            self.decide("accept" if line["code"] in accepted else "reject", line=line["id"], by=by)
        self.decide("finalise", by=by)

    def add(self, code: str, words: str, role: str = "diagnosis") -> None:
        start = NOTE.index(words)
        evidence = [{"document": "ds", "start": start, "end": start + len(words)}]
        self.decide("add", role=role, code=code, evidence=evidence)

    def row(self) -> EpisodeRow:
        with self.stage.services.db.read() as session:
            return session.get_one(EpisodeRow, self.episode["id"])


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


@pytest.fixture
def brief(stage: Stage) -> Desk:
    """One suggestion only."""
    return Desk(stage, note=BRIEF)


def ignore(_step: str, _done: int, _total: int | None) -> None:
    pass


def url_of(stage: Stage) -> str:
    return stage.services.db.url.render_as_string(hide_password=False)


def learned(stage: Stage, **wanted: Any) -> Decisions:
    return read_decisions(DecisionSource(url_of(stage), **wanted), ignore)


def only(stage: Stage, **wanted: Any) -> CodedEpisode:
    (found,) = learned(stage, **wanted).episodes
    return found


def codes(gold: CodedEpisode) -> list[str]:
    return [line.code for line in (*gold.diagnoses, *gold.procedures)]


def spans(gold: CodedEpisode) -> list[tuple[str, list[tuple[int, int, str]]]]:
    lines = (*gold.diagnoses, *gold.procedures)
    return [(line.code, [(e.start, e.end, e.text) for e in line.evidence]) for line in lines]


def spans_shown(desk: Desk) -> list[tuple[str, list[tuple[int, int, str]]]]:
    """As the service answers."""
    coding = desk.read()["coding"]
    lines = (*coding["diagnoses"], *coding["procedures"])
    return [
        (line["code"], [(e["start"], e["end"], e["text"]) for e in line["evidence"] if e["place"] != "lost"])
        for line in lines
    ]


def not_coded(gold: CodedEpisode) -> dict[str | None, tuple[str, NotCodedReason, str | None]]:
    return {item.would_be: (item.evidence.text, item.reason, item.note) for item in gold.not_coded}


def work_through(desk: Desk) -> None:
    """One decision of every kind on lines, and some that are taken back."""
    desk.decide("accept", line=desk.line("E119"))
    desk.decide("accept", line=desk.line("J440"))
    desk.decide("replace", line=desk.line("Z864"), code="Z72.0")
    undone = desk.decide("reject", line=desk.line("I10X"), reason="not_documented")["decision"]["id"]
    desk.decide("undo", decision=undone)
    desk.decide("reject", line=desk.line("I10X"), reason="history_only")
    desk.decide("accept", line=desk.line("G459"))
    desk.decide("set_date", line=desk.line("G459"), date="2026-03-01")
    desk.add("Z602", "lives alone")
    desk.decide("add", role="procedure", code="Y981", group=1)
    slip = desk.decide("add", role="diagnosis", code="I269")["decision"]["line"]
    desk.decide("remove", line=slip)
    order = [desk.line(code) for code in ("J440", "Z602", "E119", "Z720")]
    desk.decide("reorder", role="diagnosis", lines=order)
    desk.decide("finalise")


def test_what_training_reads_is_the_coding_that_the_service_shows(desk: Desk) -> None:
    work_through(desk)
    gold = only(desk.stage)
    assert spans(gold) == spans_shown(desk)
    assert codes(gold) == ["J440", "Z602", "E119", "Z720", "G459", "Y981"]
    assert [(line.group, line.date) for line in gold.procedures] == [(1, date(2026, 3, 1)), (1, None)]
    assert not_coded(gold) == {
        "I10X": ("hypertension", NotCodedReason.HISTORY, "rejected: history_only"),
        "Z864": ("ex-smoker", NotCodedReason.OTHER, "replaced by Z720"),
    }


def test_the_episode_is_the_one_that_the_model_was_asked_about(desk: Desk) -> None:
    desk.code("J440")
    with desk.stage.services.db.read() as session:
        history = document_history(session, desk.episode["id"])
    gold = only(desk.stage)
    assert gold.episode == model_episode(desk.row(), readable(history))
    assert (gold.episode.sex, gold.episode.age, gold.episode.length_of_stay_days) == ("female", 75, 3)


def test_facts_are_read_alike_on_both_sides(stage: Stage) -> None:
    sent: tuple[dict[str, str], ...] = (
        {"sex": "M", "birth_date": "1950-02-27", "admission_method": "11", "patient_classification": "2"},
        {"sex": "male", "birth_date": "1950-02-28", "admission_method": "31"},
        {"sex": "9", "birth_date": "2026-02-27", "admission_method": "daycase"},
        {"sex": "F", "birth_date": "2026-03-09", "admission_method": "82", "spell_end": "2026-02-01"},
        {"birth_date": "1952-02-29", "admission_method": "99", "episode_start": "2026-02-28"},
    )
    desks = [Desk(stage, f"S{place}", BRIEF, **facts) for place, facts in enumerate(sent)]
    desks[3].decide("add", role="diagnosis", code="Z380", evidence=[])  # the record of a birth says so
    for desk in desks:
        desk.code("J440")
    read = {gold.episode.id: gold.episode for gold in learned(stage).episodes}
    with stage.services.db.read() as session:
        for desk in desks:
            history = document_history(session, desk.episode["id"])
            assert read[desk.episode["id"]] == model_episode(desk.row(), readable(history))


def test_each_line_says_how_it_came_about(desk: Desk) -> None:
    work_through(desk)
    with desk.stage.services.db.read() as session:
        query = text("SELECT code, suggested_code, outcome FROM coded_document_line ORDER BY code")
        found = {tuple(row) for row in session.execute(query)}
    assert found == {
        ("E119", "E119", "accepted"),
        ("G459", "G459", "accepted"),
        ("I10X", "I10X", "rejected"),
        ("I269", None, "removed"),
        ("J440", "J440", "accepted"),
        ("Y981", None, "added"),
        ("Z602", "Z602", "untouched"),
        ("Z602", None, "added"),
        ("Z720", "Z864", "replaced"),
    }


def test_what_was_shown_stands_beside_the_coding(desk: Desk) -> None:
    desk.code("J440")
    (one,) = learned(desk.stage).decided
    assert one.offers[Role.DIAGNOSIS, "J440"] == Offer(True, 0.95)
    assert one.offers[Role.DIAGNOSIS, "Z602"] == Offer(False, 0.3)
    assert (Role.DIAGNOSIS, "Z720") not in one.offers


def test_nothing_counts_before_it_is_finalised(brief: Desk) -> None:
    brief.decide("accept", line=brief.line("J440"))
    assert learned(brief.stage).episodes == ()


def test_a_trainees_coding_counts_after_the_second_check(brief: Desk) -> None:
    brief.code("J440", by=UserRole.TRAINEE)
    assert learned(brief.stage).episodes == ()
    brief.decide("return", reason="look again", by=UserRole.AUDITOR)
    assert learned(brief.stage).episodes == ()
    brief.decide("finalise", by=UserRole.TRAINEE)
    brief.decide("approve", by=UserRole.AUDITOR)
    assert codes(only(brief.stage)) == ["J440"]


def test_a_reopened_coding_counts_again_once_it_is_finalised_again(desk: Desk) -> None:
    desk.code("J440")
    desk.decide("reopen", reason="a letter came")
    assert learned(desk.stage).episodes == ()
    desk.decide("accept", line=desk.line("E119"))
    desk.decide("finalise")
    assert codes(only(desk.stage)) == ["J440", "E119"]


def test_as_of_an_instant_later_decisions_do_not_count(desk: Desk) -> None:
    desk.code("J440")
    first = desk.stage.clock.now()
    desk.stage.clock.advance(minutes=1)
    desk.decide("reopen", reason="a letter came")
    between = desk.stage.clock.now()
    undone = desk.decide("accept", line=desk.line("E119"))["decision"]["id"]
    desk.decide("undo", decision=undone)
    desk.decide("accept", line=desk.line("I10X"))
    desk.decide("finalise")
    assert codes(only(desk.stage)) == ["J440", "I10X"]
    assert codes(only(desk.stage, as_of=first)) == ["J440"]
    assert set(not_coded(only(desk.stage, as_of=first))) == {"E119", "I10X", "Z864", "G459"}
    assert learned(desk.stage, as_of=between).episodes == ()
    assert codes(only(desk.stage, since=between)) == ["J440", "I10X"]
    assert learned(desk.stage, since=desk.stage.clock.now()).episodes == ()


def test_the_same_instant_gives_the_same_digest_whatever_comes_later(desk: Desk) -> None:
    desk.code("J440")
    then = desk.stage.clock.now()
    digest = learned(desk.stage, as_of=then).digest
    desk.stage.clock.advance(hours=1)
    Desk(desk.stage, "S0", BRIEF).code("J440")
    desk.decide("reopen", reason="a letter came")
    assert learned(desk.stage, as_of=then).digest == digest != learned(desk.stage).digest


def test_evidence_is_found_again_in_the_version_that_was_coded(desk: Desk) -> None:
    desk.decide("accept", line=desk.line("J440"))
    desk.decide("accept", line=desk.line("Z864"))
    desk.post(f"Ward 4. {NOTE.replace('ex-smoker', 'smoker')}")
    desk.code()
    gold = only(desk.stage)
    assert gold.episode.documents[0].text.startswith("Ward 4.")
    assert spans(gold) == spans_shown(desk)
    assert [len(found) for _, found in spans(gold)] == [1, 0]


def test_text_that_came_after_the_coding_is_not_read(desk: Desk) -> None:
    desk.code("J440")
    desk.post("Quite another text.")
    assert only(desk.stage).episode.documents[0].text == NOTE


def test_a_coding_whose_text_was_withdrawn_is_left_out(brief: Desk) -> None:
    brief.code("J440")
    brief.post(BRIEF, status="entered_in_error")
    found = learned(brief.stage)
    assert (found.episodes, found.left_out) == ((), 1)
    assert not texts(brief.stage)


def test_a_coding_whose_text_was_erased_is_left_out(brief: Desk) -> None:
    brief.code("J440")
    with brief.stage.services.db.write() as session:
        session.execute(update(DocumentVersion).values(text="", text_digest="0" * 64))
    found = learned(brief.stage)
    assert (found.episodes, found.left_out) == ((), 1)
    assert not texts(brief.stage)


def texts(stage: Stage) -> list[str]:
    with stage.services.db.read() as session:
        query = text("SELECT text FROM coded_document_text WHERE text IS NOT NULL")
        return list(session.scalars(query))


def test_a_withdrawn_episode_is_not_there(brief: Desk) -> None:
    brief.code("J440")
    with brief.stage.services.db.write() as session:
        session.execute(update(EpisodeRow).values(status="withdrawn"))
    assert learned(brief.stage).episodes == ()


def test_a_coding_by_the_gate_teaches_nothing(brief: Desk) -> None:
    """It would teach the model what the model says already."""
    brief.code("J440")
    with brief.stage.services.db.write() as session:
        session.execute(text("UPDATE decision SET actor_kind = 'gate' WHERE kind = 'finalise'"))
    assert learned(brief.stage).episodes == ()


def test_episodes_that_share_a_number_or_a_spell_are_of_one_patient(stage: Stage) -> None:
    for spell, local, national in (
        ("S1", "L1", None),
        ("S2", "L1", "9999999999"),
        ("S3", None, "9999999999"),
        ("S4", "L2", None),
    ):
        Desk(stage, spell, BRIEF, local_patient_id=local, nhs_number=national).code("J440")
    patients = [gold.patient for gold in learned(stage).episodes]
    assert len(set(patients[:3])) == 1
    assert len(set(patients)) == 2


def test_providers_are_told_apart(stage: Stage) -> None:
    Desk(stage, note=BRIEF).code("J440")
    assert len(learned(stage, provider="A").episodes) == 1
    assert learned(stage, provider="B").episodes == ()


def test_no_name_and_no_number_of_a_patient_leaves_the_service(desk: Desk) -> None:
    work_through(desk)
    found = ""
    with desk.stage.services.db.read() as session:
        for name in VIEWS:
            rows = session.execute(text(f"SELECT * FROM {name}")).mappings().all()
            assert rows
            assert {row["contract"] for row in rows} == {CONTRACT}
            found += repr([dict(row) for row in rows])
    assert not [value for value in ("Doe", "9999999999", "L1", "1950", "Test Coder") if value in found]


def test_blind_audits_say_what_the_decisions_are_worth(desk: Desk) -> None:
    """The coder took E119 and left Z602, which was not shown; the blind coder did otherwise."""
    desk.code("J440", "E119")
    with desk.stage.services.db.write() as session:
        store_blind_audit(session, desk.row(), {"diagnoses": ["J440", "Z602", "R05X"], "procedures": []})
    correction = learned(desk.stage).correction
    assert correction is not None
    assert correction.episodes == 1
    assert correction.missed == {Role.DIAGNOSIS: 1.0, Role.PROCEDURE: 0.0}
    believed = {
        code: correction.share_right(Role.DIAGNOSIS, Offer(shown, confidence), given=given)
        for code, shown, confidence, given in (
            ("J440", True, 0.95, True), ("E119", True, 0.9, True), ("Z602", False, 0.3, False),
        )
    }  # fmt: skip
    assert believed["J440"] < 1
    assert 0.05 < believed["Z602"] < 1


def store_blind_audit(session: Session, row: EpisodeRow, second: dict[str, list[str]]) -> None:
    """As service/automation keeps it; where the schema has no such table yet, one that the view can read."""
    connection = session.connection()
    columns = {
        "id": "a" * 36, "provider_id": row.provider_id, "episode_id": row.id, "share": 0.1,
        "status": "done", "second_coding": json.dumps(second),
        "drawn_at": "2026-03-02 09:00:00", "done_at": "2026-03-03 09:00:00",
    }  # fmt: skip
    if not inspect(connection).has_table("blind_audit"):
        types = {"share": "FLOAT", "second_coding": "JSON", "drawn_at": "TIMESTAMP", "done_at": "TIMESTAMP"}
        made = ", ".join(f"{name} {types.get(name, 'VARCHAR(36)')}" for name in columns)
        connection.execute(text(f"CREATE TABLE blind_audit ({made})"))
        views.drop(connection)
        views.create(connection)
    places = ", ".join(f":{name}" for name in columns)
    connection.execute(text(f"INSERT INTO blind_audit ({', '.join(columns)}) VALUES ({places})"), columns)


def test_reading_writes_nothing(brief: Desk) -> None:
    from training.service_views import connected

    with pytest.raises(DecisionsError), connected(url_of(brief.stage)) as connection:
        connection.execute(text("DELETE FROM decision"))


def test_a_database_without_the_views_is_named(stage: Stage) -> None:
    schema.downgrade(stage.services.db, "0002")
    with pytest.raises(DecisionsError, match="run `autocoder migrate`"):
        learned(stage)


def test_views_of_another_version_are_refused(brief: Desk) -> None:
    brief.code("J440")
    with brief.stage.services.db.write() as session:
        definition = "SELECT 2 AS contract, episode_id AS episode, id AS line, 0 AS place, 'ds' AS document, "
        definition += "1 AS version, 0 AS start_offset, 1 AS end_offset FROM decision"
        session.execute(text("DROP VIEW coded_document_evidence"))
        session.execute(text(f"CREATE VIEW coded_document_evidence AS {definition}"))
    with pytest.raises(DecisionsError, match="is of version 2, this program reads 1"):
        learned(brief.stage)

"""Queries over HTTP: put neutrally by coders, answered by clinicians, tracked, and never lost."""

from typing import Any

import pytest
from sqlalchemy import select

from service import audit
from service.accounts.directory import provider_by_code
from service.identity import UserRole
from service.queries.tables import ClinicianLink
from service.tables import ApiKey
from tests.fakes import NOTE
from tests.service_fixtures import Stage

QUESTION = "What do the words shown mean for this episode?"
START = NOTE.index("exacerbation")
EVIDENCE = {"document": "ds", "start": START, "end": START + len("exacerbation of COPD")}


class Ward:
    """An episode, a coder who asks, a clinician who answers."""

    def __init__(self, stage: Stage, **facts: Any) -> None:
        self.stage = stage
        body = {
            "spell_number": "Q1",
            "episode_number": "1",
            "documents": [{"id": "ds", "text": NOTE}],
            **facts,
        }
        headers = stage.headers(UserRole.EPR)
        self.id = stage.client.post("/v1/episodes", json=body, headers=headers).json()["id"]

    def now(self) -> Any:
        return self.stage.client.get(f"/v1/episodes/{self.id}", headers=self.stage.headers()).json()

    def ask(self, *, by: UserRole = UserRole.CODER, version: int | None = None, **fields: Any) -> Any:
        sent = {"evidence": EVIDENCE, "question": QUESTION, **fields}
        headers = self.stage.headers(by) | {"If-Match": f'"{version or self.now()["version"]}"'}
        return self.stage.client.post(f"/v1/episodes/{self.id}/queries", json=sent, headers=headers)

    def asked(self, **fields: Any) -> str:
        answer = self.ask(**fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def answer(self, query: str, by: UserRole = UserRole.CLINICIAN, **fields: Any) -> Any:
        sent = fields or {"text": "An infective one."}
        headers = self.stage.headers(by)
        return self.stage.client.post(f"/v1/queries/{query}/answer", json=sent, headers=headers)

    def listed(self, role: UserRole = UserRole.CLINICIAN, **wanted: str) -> list[str]:
        answer = self.stage.client.get("/v1/queries", params=wanted, headers=self.stage.headers(role))
        assert answer.status_code == 200, answer.text
        return [query["id"] for query in answer.json()["queries"]]

    def decide(self, kind: str, **fields: Any) -> Any:
        headers = self.stage.headers() | {"If-Match": f'"{self.now()["version"]}"'}
        path = f"/v1/episodes/{self.id}/decisions"
        return self.stage.client.post(path, json={"kind": kind, **fields}, headers=headers)

    def kinds(self) -> list[str]:
        return [decision["kind"] for decision in self.now()["decisions"]]


@pytest.fixture
def ward(stage: Stage) -> Ward:
    return Ward(stage)


def link(stage: Stage, *, clinician: str | None = None, specialty: str | None = None) -> None:
    """The clinician's key answers for this code and treatment function."""
    with stage.services.db.write() as session:
        provider = provider_by_code(session, "A")
        keys = select(ApiKey.id).where(ApiKey.provider_id == provider.id, ApiKey.role == UserRole.CLINICIAN)
        account = session.scalars(keys).one()
        made = ClinicianLink(
            account_id=account, provider_id=provider.id, clinician=clinician, specialty=specialty
        )
        session.merge(made)


def verified(stage: Stage) -> list[str]:
    with stage.services.db.read() as session:
        return [problem for report in audit.verify(session) for problem in report.problems]


def test_a_query_puts_the_episode_on_hold_and_names_the_words(ward: Ward) -> None:
    answer = ward.ask(options=["An infection", "No infection"])
    assert answer.status_code == 201
    query, episode = answer.json(), ward.now()
    assert (query["status"], query["words"]) == ("open", "exacerbation of COPD")
    assert query["options"][-2:] == ["Other (please say)", "Unable to determine"]
    assert (episode["status"], episode["hold_reason"]) == ("on_hold", "query")
    assert answer.headers["etag"] == f'"{episode["version"]}"'
    assert ward.kinds() == ["query"]
    assert QUESTION not in str(episode["decisions"])
    assert verified(ward.stage) == []


def test_the_answer_is_a_document_that_can_be_evidence_and_the_episode_comes_back(ward: Ward) -> None:
    query = ward.asked()
    answered = ward.answer(query, text="It was an infective exacerbation.")
    assert answered.status_code == 201
    assert answered.json()["answer"] == "It was an infective exacerbation."
    episode = ward.now()
    document = episode["documents"][-1]
    assert (document["kind"], document["title"]) == ("other", "Answer to a query")
    assert document["author"] == "clinician"
    assert (episode["status"], episode["hold_reason"]) == ("ready", None)
    assert ward.kinds() == ["query", "answer", "release"]
    assert episode["decisions"][-1]["actor"] == "The service"
    evidence = [{"document": document["id"], "start": 10, "end": 32, "text": "infective exacerbation"}]
    added = ward.decide("add", role="diagnosis", code="J44.1", evidence=evidence)
    assert added.status_code == 201, added.text
    assert verified(ward.stage) == []


def test_the_model_reads_the_answer(ward: Ward) -> None:
    query = ward.asked()
    ward.answer(query, text="Had type 2 diabetes, too.")
    assert ward.now()["suggestions_reason"] is not None


def test_an_option_and_words_are_kept_as_they_were_given(ward: Ward) -> None:
    query = ward.asked(options=["An infection", "No infection"])
    assert ward.answer(query, chosen="Something else").status_code == 422
    assert ward.answer(query, text="  ").status_code == 422
    assert ward.answer(query, chosen="Other (please say)").status_code == 422
    done = ward.answer(query, chosen="An infection", text="of the chest")
    assert done.json()["answer"] == "An infection\nof the chest"


def test_a_query_is_answered_once(ward: Ward) -> None:
    query = ward.asked()
    assert ward.answer(query).status_code == 201
    assert ward.answer(query, text="Something else.").status_code == 409


def test_only_clinicians_answer_and_only_coders_ask(ward: Ward) -> None:
    for role in (UserRole.CLINICIAN, UserRole.EPR, UserRole.ENGINEER, UserRole.ADMIN):
        assert ward.ask(by=role).status_code == 403
    query = ward.asked(by=UserRole.TRAINEE)
    for role in UserRole:
        if role is not UserRole.CLINICIAN:
            assert ward.answer(query, by=role).status_code == 403


def test_the_episode_waits_for_the_last_of_several_answers(ward: Ward) -> None:
    first, second = ward.asked(), ward.asked()
    ward.answer(first)
    assert ward.now()["status"] == "on_hold"
    ward.answer(second)
    assert ward.now()["status"] == "ready"
    assert ward.kinds() == ["query", "query", "answer", "answer", "release"]


def test_a_hold_for_something_else_goes_on_when_the_answer_comes(ward: Ward) -> None:
    ward.decide("hold", reason="histology", review_date="2026-04-01")
    ward.answer(ward.asked())
    episode = ward.now()
    assert (episode["status"], episode["hold_reason"]) == ("on_hold", "histology")
    assert episode["review_date"] == "2026-04-01"


def test_a_withdrawn_query_frees_the_episode(ward: Ward) -> None:
    query = ward.asked()
    path = f"/v1/queries/{query}/withdraw"
    withdrawn = ward.stage.client.post(path, headers=ward.stage.headers())
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (200, "withdrawn")
    assert ward.now()["status"] == "ready"
    assert ward.answer(query).status_code == 409
    assert ward.stage.client.post(path, headers=ward.stage.headers()).status_code == 409
    assert verified(ward.stage) == []


def test_an_answer_after_the_episode_was_finalised_does_not_reopen_it(ward: Ward) -> None:
    query = ward.asked()
    ward.decide("release")
    for line in ward.now()["suggestions"]["undecided"]:
        ward.decide("accept", line=line["id"])
    assert ward.decide("finalise").status_code == 201
    assert ward.answer(query).status_code == 201
    episode = ward.now()
    assert (episode["status"], episode["document_since_finalised"]) == ("finalised", True)


def test_a_leading_question_is_refused_with_what_leads(ward: Ward) -> None:
    leading = "Was this pneumonia? Please confirm, so that J18.9 can be coded."
    refused = ward.ask(question=leading)
    assert refused.status_code == 422
    doubts = {one["doubt"]: one["words"] for one in refused.json()["concerns"]}
    assert doubts == {"yes_or_no": "Was", "leading": "confirm", "condition": "pneumonia", "code": "J18.9"}
    assert ward.kinds() == []
    confirmed = ward.ask(question=leading, confirmed=True)
    assert confirmed.status_code == 201
    assert len(confirmed.json()["concerns"]) == 4


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"question": " "}, 422),
        ({"question": "x" * 1001}, 422),
        ({"question": "What\u0000?"}, 422),
        ({"evidence": {"document": "ds", "start": 0, "end": 100_000}}, 422),
        ({"evidence": {"document": "none", "start": 0, "end": 3}}, 422),
        ({"options": ["a"] * 7}, 422),
        ({"version": 99}, 412),
    ],
)
def test_what_makes_no_sense_is_refused(ward: Ward, changed: dict[str, Any], status: int) -> None:
    assert ward.ask(**changed).status_code == status
    assert ward.kinds() == []


def test_a_query_needs_the_version_that_was_read(ward: Ward) -> None:
    sent = {"evidence": EVIDENCE, "question": QUESTION}
    path = f"/v1/episodes/{ward.id}/queries"
    assert ward.stage.client.post(path, json=sent, headers=ward.stage.headers()).status_code == 428


def test_a_finalised_episode_has_no_new_queries(ward: Ward) -> None:
    for line in ward.now()["suggestions"]["undecided"]:
        ward.decide("accept", line=line["id"])
    ward.decide("finalise")
    assert ward.ask().status_code == 409


def test_the_same_key_puts_one_query(ward: Ward) -> None:
    sent = {"evidence": EVIDENCE, "question": QUESTION}
    headers = ward.stage.headers() | {"If-Match": f'"{ward.now()["version"]}"', "Idempotency-Key": "k"}
    path = f"/v1/episodes/{ward.id}/queries"
    first, again = (ward.stage.client.post(path, json=sent, headers=headers) for _ in range(2))
    assert first.content == again.content
    assert len(ward.listed()) == 1


@pytest.mark.parametrize(
    ("to", "linked", "sees"),
    [
        ("clinician", {"clinician": "C1234567"}, True),
        ("clinician", {"clinician": "C7654321"}, False),
        ("clinician", {"specialty": "340"}, False),
        ("specialty", {"specialty": "340"}, True),
        ("specialty", {"specialty": "300"}, False),
        ("specialty", {"clinician": "C1234567"}, False),
        ("anyone", {}, True),
    ],
)
def test_a_clinician_sees_what_is_put_to_them(
    stage: Stage, to: str, linked: dict[str, str], sees: bool
) -> None:
    ward = Ward(stage, clinician="C1234567", treatment_function="340")
    link(stage, **linked)
    query = ward.asked(to=to)
    assert (ward.listed() == [query]) is sees
    read = stage.client.get(f"/v1/queries/{query}", headers=stage.headers(UserRole.CLINICIAN))
    assert read.status_code == (200 if sees else 404)
    assert ward.answer(query).status_code == (201 if sees else 404)


def test_a_query_of_another_provider_is_not_found(ward: Ward) -> None:
    query = ward.asked()
    for role in (UserRole.CODER, UserRole.CLINICIAN):
        headers = ward.stage.headers(role, "B")
        assert ward.stage.client.get(f"/v1/queries/{query}", headers=headers).status_code == 404
        assert ward.stage.client.get("/v1/queries", headers=headers).json()["queries"] == []
    headers = ward.stage.headers(UserRole.CLINICIAN, "B")
    path = f"/v1/queries/{query}/answer"
    assert ward.stage.client.post(path, json={"text": "x"}, headers=headers).status_code == 404


def test_queries_age_and_remind(ward: Ward) -> None:
    query = ward.asked()
    path = f"/v1/queries/{query}"
    seen = []
    for days in (0, 3, 4, 7):
        ward.stage.clock.advance(days=days)
        found = ward.stage.client.get(path, headers=ward.stage.headers()).json()
        seen.append((found["age_days"], found["reminder"]))
    assert seen == [(0, "none"), (3, "first"), (7, "second"), (14, "escalate")]
    ward.answer(query)
    assert ward.stage.client.get(path, headers=ward.stage.headers()).json()["reminder"] == "none"


def test_lists_are_by_state_and_by_episode(ward: Ward) -> None:
    query = ward.asked()
    assert ward.listed(status="open") == [query]
    ward.answer(query)
    assert (ward.listed(status="open"), ward.listed(status="answered")) == ([], [query])
    path = f"/v1/episodes/{ward.id}/queries"
    found = ward.stage.client.get(path, headers=ward.stage.headers()).json()["queries"]
    assert [one["id"] for one in found] == [query]

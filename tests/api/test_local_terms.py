"""Local terms over HTTP and from decisions: in force from the next suggestion on, at their provider only."""

from typing import Any

import pytest
from sqlalchemy import select

from service import audit
from service.audit.tables import AuditRow
from service.identity import UserRole
from tests.page_client import PageClient
from tests.service_fixtures import Stage

TERM = {"use": "add", "classification": "icd10", "code": "J22X", "phrase": "gluey chest"}
TEXT = "Diagnosis: gluey chest. PMH: hypertension."


def add(stage: Stage, role: UserRole = UserRole.CODER, **fields: Any) -> Any:
    return stage.client.post("/v1/local-terms", json=TERM | fields, headers=stage.headers(role))


def suggested(stage: Stage, provider: str = "A") -> Any:
    answer = stage.client.post(
        "/v1/suggestions", json={"text": TEXT}, headers=stage.headers(UserRole.EPR, provider)
    ).json()
    return {line["code"] for line in answer["diagnoses"]}, answer["local_terms"]


def listed(stage: Stage, provider: str = "A") -> Any:
    headers = stage.headers(UserRole.CODER, provider)
    return stage.client.get("/v1/local-terms", headers=headers).json()["local_terms"]


def test_a_term_counts_from_the_next_suggestion_on_until_it_is_removed(stage: Stage) -> None:
    assert suggested(stage) == ({"I10X"}, "")
    made = add(stage)
    assert made.status_code == 201
    codes, digest = suggested(stage)
    assert codes == {"I10X", "J22X"}
    assert len(digest) == 64
    gone = stage.client.delete(f"/v1/local-terms/{made.json()['id']}", headers=stage.headers())
    assert gone.status_code == 200
    assert gone.json()["removed_by"]
    assert suggested(stage) == ({"I10X"}, "")


def test_another_provider_neither_sees_nor_has_it(stage: Stage) -> None:
    term_id = add(stage).json()["id"]
    assert suggested(stage, "B") == ({"I10X"}, "")
    assert listed(stage, "B") == []
    headers = stage.headers(UserRole.CODER, "B")
    assert stage.client.delete(f"/v1/local-terms/{term_id}", headers=headers).status_code == 404
    assert len(listed(stage)) == 1


def test_the_same_term_twice_is_one(stage: Stage) -> None:
    assert add(stage).json()["id"] == add(stage).json()["id"]
    assert len(listed(stage)) == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"code": "J999"}, 422),
        ({"code": None}, 422),
        ({"classification": "icd11"}, 422),
        ({"phrase": "..."}, 422),
        ({"phrase": "two\nlines"}, 422),
        ({"needs": "moon=full"}, 422),
        ({"companions": "Z942"}, 422),
        ({"use": "cue"}, 422),
        ({"phrase": "gluey chest", "needs": "age>=16"}, 201),
    ],
)
def test_what_is_wrong_is_refused_without_repeating_it(stage: Stage, fields: Any, status: int) -> None:
    answer = add(stage, **fields)
    assert answer.status_code == status
    if status == 422:
        assert "gluey" not in answer.text
        assert listed(stage) == []


def test_a_second_meaning_of_a_phrase_is_refused_and_the_first_stays(stage: Stage) -> None:
    add(stage)
    assert add(stage, code="J189").status_code == 422
    assert [term["code"] for term in listed(stage)] == ["J22X"]


def test_a_trainee_may_read_but_not_change(stage: Stage) -> None:
    assert add(stage, UserRole.TRAINEE).status_code == 403
    answer = stage.client.get("/v1/local-terms", headers=stage.headers(UserRole.TRAINEE))
    assert answer.status_code == 200


def test_the_stored_suggestion_names_the_digest_and_changes_are_audited(stage: Stage) -> None:
    term_id = add(stage).json()["id"]
    episode: Any = stage.post_episode("S9", text=TEXT)
    assert "J22X" in {line["code"] for line in episode["suggestions"]["undecided"]}
    with stage.services.db.read() as session:
        actions = session.scalars(select(AuditRow.action).where(AuditRow.subject == f"local_term:{term_id}"))
        assert list(actions) == ["local_term.add"]
        assert all(not report.problems for report in audit.verify(session))


class TestDecisions:
    @pytest.fixture
    def episode(self, stage: Stage) -> Any:
        return stage.post_episode("S7", text=TEXT)

    def decide(self, stage: Stage, episode: Any, by: UserRole = UserRole.CODER, **fields: Any) -> Any:
        headers = stage.headers(by) | {"If-Match": f'"{episode["version"]}"'}
        return stage.client.post(f"/v1/episodes/{episode['id']}/decisions", json=fields, headers=headers)

    def add(self, stage: Stage, episode: Any, **fields: Any) -> Any:
        span = {"document": "ds", "start": 11, "end": 22}
        wanted: dict[str, Any] = {
            "kind": "add",
            "role": "diagnosis",
            "code": "J22",
            "evidence": [span],
            "remember": True,
        }
        return self.decide(stage, episode, **(wanted | fields))

    def test_an_added_code_is_remembered_for_its_words(self, stage: Stage, episode: Any) -> None:
        assert self.add(stage, episode).status_code == 201
        assert [(term["phrase"], term["code"]) for term in listed(stage)] == [("gluey chest", "J22X")]
        assert suggested(stage)[0] == {"I10X", "J22X"}

    def test_a_rejected_code_is_not_suggested_for_its_words_again(self, stage: Stage, episode: Any) -> None:
        line = episode["suggestions"]["undecided"][0]
        assert line["code"] == "I10X"
        self.decide(stage, episode, kind="reject", line=line["id"], remember=True)
        assert [(term["use"], term["phrase"]) for term in listed(stage)] == [("block", "hypertension")]
        assert suggested(stage)[0] == set()

    def test_without_words_nothing_is_remembered_and_nothing_decided(
        self, stage: Stage, episode: Any
    ) -> None:
        assert self.add(stage, episode, evidence=[]).status_code == 422
        assert listed(stage) == []
        read = stage.client.get(f"/v1/episodes/{episode['id']}", headers=stage.headers()).json()
        assert read["decisions"] == []

    def test_a_trainee_decides_but_does_not_teach(self, stage: Stage, episode: Any) -> None:
        refused = self.decide(
            stage, episode, UserRole.TRAINEE, kind="reject", remember=True,
            line=episode["suggestions"]["undecided"][0]["id"],
        )  # fmt: skip
        assert refused.status_code == 403
        assert listed(stage) == []


class TestPage:
    @pytest.fixture
    def page(self, stage: Stage) -> PageClient:
        client = PageClient(stage)
        client.sign_in()
        return client

    def test_terms_are_added_listed_and_removed(self, stage: Stage, page: PageClient) -> None:
        assert "No local terms yet" in page.get("/local-terms").text
        hidden = page.hidden_fields("/local-terms")
        page.post("/local-terms", {**TERM, "code": "j22", "csrf_token": hidden["csrf_token"]})
        assert "gluey chest" in page.get("/local-terms").text
        term_id = listed(stage)[0]["id"]
        page.post(f"/local-terms/{term_id}/remove", {"csrf_token": hidden["csrf_token"]})
        assert listed(stage) == []

    def test_a_form_that_is_not_complete_keeps_what_was_written(self, stage: Stage, page: PageClient) -> None:
        hidden = page.hidden_fields("/local-terms")
        answer = page.post("/local-terms", {**TERM, "code": "nothing", "csrf_token": hidden["csrf_token"]})
        assert answer.status_code == 422
        assert "Give a code of four characters" in answer.text
        assert 'value="gluey chest"' in answer.text

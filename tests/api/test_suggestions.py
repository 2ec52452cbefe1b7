"""`POST /v1/suggestions`: stateless."""

from typing import Any

import pytest

from service.identity import UserRole
from tests.fakes import NOTE, FakeCoder
from tests.service_fixtures import Stage


def ask(stage: Stage, **body: Any) -> Any:
    return stage.client.post("/v1/suggestions", json=body, headers=stage.headers(UserRole.EPR))


def test_text_is_answered_with_ordered_codes_and_exact_spans(stage: Stage) -> None:
    answer = ask(stage, text="\ufeff" + NOTE).json()
    assert [line["code"] for line in answer["diagnoses"]] == ["J440", "E119", "I10X", "Z864", "Z602"]
    assert [line["suggested"] for line in answer["diagnoses"]] == [True] * 4 + [False]
    for line in answer["diagnoses"] + answer["procedures"]:
        for span in line["evidence"]:
            assert ("\ufeff" + NOTE)[span["start"] : span["end"]] == span["text"]
    assert answer["not_coded"][0]["reason"] == "negated"
    assert answer["model"]["version"] == "1"


def test_evidence_names_its_document(stage: Stage) -> None:
    documents = [{"id": "letter", "text": "Well."}, {"id": "summary", "text": "hypertension"}]
    answer = ask(stage, documents=documents).json()
    assert answer["diagnoses"][0]["evidence"][0]["document"] == "summary"


def test_documents_without_ids_are_named_by_their_place(stage: Stage) -> None:
    answer = ask(stage, documents=[{"text": "Well."}, {"text": "hypertension"}]).json()
    assert answer["diagnoses"][0]["evidence"][0]["document"] == "2"


def test_two_documents_with_one_id_are_refused(stage: Stage) -> None:
    assert ask(stage, documents=[{"id": "a", "text": ""}] * 2).status_code == 422


@pytest.mark.parametrize("body", [{}, {"text": "a", "documents": []}, {"text": None, "documents": None}])
def test_either_text_or_documents_is_sent(stage: Stage, body: dict[str, Any]) -> None:
    assert ask(stage, **body).status_code == 422


def test_empty_text_has_no_codes(stage: Stage) -> None:
    answer = ask(stage, text="").json()
    assert (answer["diagnoses"], answer["procedures"]) == ([], [])


def test_too_many_waiting_are_told_to_come_back(stage: Stage) -> None:
    suggester = stage.services.suggester
    while suggester._waiting.acquire(blocking=False):
        pass
    answer = ask(stage, text=NOTE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")


def test_readiness_follows_the_model(stage: Stage) -> None:
    assert stage.client.get("/readyz").json() == {"ready": True, "database": "ok", "model": "ok"}
    holder = stage.services.suggester.holder
    holder._serving = type(holder.serving)(None, None, "hash mismatch of terms.json")
    unready = stage.client.get("/readyz")
    assert (unready.status_code, unready.json()["model"]) == (503, "hash mismatch of terms.json")
    assert ask(stage, text=NOTE).status_code == 503
    assert stage.client.get("/healthz").status_code == 200
    stage.refresh_model()
    assert stage.client.get("/readyz").status_code == 200


def test_failed_refresh_keeps_the_model_that_serves_and_says_why(stage: Stage) -> None:
    stage.source.coder, stage.source.name = None, "fake/2"
    stage.refresh_model()
    models = stage.client.get("/v1/models", headers=stage.headers()).json()
    assert models["serving"]["version"] == "1"
    assert "no model bundle" in models["reason"]
    stage.source.coder = FakeCoder()
    stage.refresh_model()
    assert stage.client.get("/v1/models", headers=stage.headers()).json()["reason"] is None

"""Pages of blind audits: nothing of any coding in their source, and a sheet that loses nothing."""

from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from data.corpora import Split, read_coded_documents, shipped_corpus
from data.episodes import CodedEpisode, Role
from service.identity import UserRole
from tests.api.test_pages_automation import claimed, decided, fields, signed_in
from tests.automation_fixtures import GatedCoder, post, serve, waiting
from tests.page_client import without_tokens
from tests.service_fixtures import Stage

_CASES = 6


@pytest.fixture
def drawing(stage: Stage) -> Stage:
    """Every episode is drawn for an audit."""
    settings = stage.services.settings.model_copy(update={"audit_share": 1.0})
    stage.app.state.services = replace(stage.services, settings=settings)
    serve(stage, GatedCoder())
    return stage


def shipped_cases() -> Iterator[CodedEpisode]:
    episodes = (e for path in shipped_corpus(Split.VALIDATION) for e in read_coded_documents(path))
    return (episode for _, episode in zip(range(_CASES), episodes, strict=False))


def coded(stage: Stage, case: CodedEpisode) -> Any:
    """The case posted, coded as its gold says by a coder, and finalised."""
    episode = case.episode
    facts = {
        "documents": [
            {"id": d.id, "kind": d.kind, "title": d.title or "Discharge summary", "text": d.text}
            for d in episode.documents
        ],
        "family_name": "Family-of-the-patient",
        "spell_number": f"spell-{episode.id}",
        "episode_number": "1",
    }
    headers = stage.headers(UserRole.EPR)
    now = stage.client.post("/v1/episodes", json=facts, headers=headers).json()
    for line in now["suggestions"]["undecided"]:
        now = decided(stage, now, kind="reject", line=line["id"], reason="not_relevant")
    for role, lines in ((Role.DIAGNOSIS, case.diagnoses), (Role.PROCEDURE, case.procedures)):
        for line in lines:
            now = decided(stage, now, kind="add", role=role, code=line.code)
    return now


def without_documents(source: str, case: CodedEpisode) -> str:
    """The page without the texts that are to be read: they may name anything."""
    shown = unescape(source)
    for document in case.episode.documents:
        assert document.text in shown
        shown = shown.replace(document.text, "")
    return shown


def test_no_code_no_title_no_id_and_no_name_of_the_coding_reaches_the_source(drawing: Stage) -> None:
    tables = drawing.services.tables.by_role
    for case in shipped_cases():
        episode = coded(drawing, case)
        pages = signed_in(drawing)
        address = claimed(drawing, pages)
        source = without_documents(pages.get(address).text, case)
        lines = [(Role.DIAGNOSIS, line.code) for line in case.diagnoses]
        lines += [(Role.PROCEDURE, line.code) for line in case.procedures]
        ids = [line["id"] for lines in episode["coding"].values() for line in lines]
        secret = {form for role, code in lines for form in (tables[role].display(code), code)}
        secret |= {title for role, code in lines if len(title := tables[role].title(code)) > 8}
        secret |= {episode["id"], episode["spell_number"], "Family-of-the-patient", "Coder A", *ids}
        secret |= {"inalised", "97%", "0.97", "ccepted", "ejected", "app-confidence", "data-line"}
        assert [words for words in sorted(secret) if words in source] == []
        sent = {**fields(pages, address), "diagnoses": "I10", "do": "finish"}
        assert pages.post(address, sent).status_code == 303  # the next case is claimed


def test_nothing_of_the_coding_is_in_what_the_buttons_answer_either(drawing: Stage) -> None:
    post(drawing, "S1")
    pages = signed_in(drawing)
    address = claimed(drawing, pages)
    hidden = fields(pages, address)
    for more in ({}, {"HX-Request": "true", "HX-Target": "section#sheet"}):
        answer = pages.post(address, {**hidden, "do": "add", "add_diagnosis": "copd"}, **more)
        assert answer.status_code == 200
        said = without_tokens(answer.text)
        assert "G45" not in said
        assert "E11" not in said


def test_a_second_coding_is_written_step_by_step_stored_and_compared(drawing: Stage) -> None:
    post(drawing, "S1")
    pages = signed_in(drawing)
    address = claimed(drawing, pages)
    step = pages.post(address, {**fields(pages, address), "do": "add", "add_diagnosis": "i10"})
    assert 'value="I10X"' in step.text
    step = pages.post(address, {**fields(pages, address), "diagnoses": "I10X", "add_diagnosis": "E11.9"})
    assert 'value="I10X E119"' in step.text
    sent = {**fields(pages, address), "diagnoses": "I10X E119", "do": "finish"}
    assert pages.post(address, sent).status_code == 303
    done = pages.get(address).text
    assert "Only in the audit:" in done
    assert "E11.9" in done
    assert "Not in the audit:" in done
    assert waiting(drawing) == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "at least a primary diagnosis"),
        ({"diagnoses": "ZZ99"}, "none of ICD-10"),
        ({"diagnoses": "I10X", "add_diagnosis": "zzz"}, "no code yet"),
    ],
)
def test_a_coding_that_cannot_be_stored_keeps_what_was_typed(
    drawing: Stage, typed: dict[str, str], words: str
) -> None:
    post(drawing, "S1")
    pages = signed_in(drawing)
    address = claimed(drawing, pages)
    answer = pages.post(address, {**fields(pages, address), **typed, "do": "finish"})
    assert answer.status_code == 422
    assert words in answer.text
    for value in typed.values():
        assert f'value="{value}"' in answer.text


def test_documents_that_changed_meanwhile_are_shown_again_with_the_coding_kept(drawing: Stage) -> None:
    post(drawing, "S1")
    pages = signed_in(drawing)
    address = claimed(drawing, pages)
    hidden = fields(pages, address)
    post(drawing, "S1", text="Day case. Diagnosis: hypertension. Also asthma.")
    sent = {**hidden, "diagnoses": "I10X", "do": "finish"}
    answer = pages.post(address, sent, **{"HX-Request": "true", "HX-Target": "section#sheet"})
    assert answer.status_code == 412
    assert answer.headers["hx-retarget"] == "#audit"
    assert "Also asthma" in answer.text
    assert 'value="I10X"' in answer.text
    again = {**fields(pages, address), "diagnoses": "I10X", "do": "finish"}
    assert pages.post(address, again).status_code == 303

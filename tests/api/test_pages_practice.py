"""Practice: shipped cases coded in the same way as work, with feedback, and apart from everything real."""

from typing import Any

import pytest
from sqlalchemy import MetaData, select

from service.identity import UserRole
from service.practice.cases import cases
from service.practice.tables import PracticeAttempt
from tests.page_client import PageClient, hidden_fields, without_tokens
from tests.service_fixtures import Stage

CASE = "uk-a1-001"
ADDRESS = f"/practice/cases/{CASE}"


@pytest.fixture
def pages(stage: Stage) -> PageClient:
    client = PageClient(stage)
    client.sign_in("trainee-a")
    return client


def hidden(pages: PageClient, address: str = ADDRESS) -> dict[str, str]:
    return dict(hidden_fields(pages.get(address).text))


def hand_in(pages: PageClient, diagnoses: str, procedures: str = "", address: str = ADDRESS) -> Any:
    sent = {**hidden(pages, address), "diagnoses": diagnoses, "procedures": procedures, "do": "finish"}
    return pages.post(address.partition("?")[0], sent)


def feedback(pages: PageClient, diagnoses: str, procedures: str = "") -> str:
    answer = hand_in(pages, diagnoses, procedures)
    assert answer.status_code == 303, answer.text
    return str(pages.get(answer.headers["location"]).text)


def test_a_case_shows_its_documents_and_nothing_of_its_coding(pages: PageClient) -> None:
    page = without_tokens(pages.get(ADDRESS).text)
    assert "alcoholic cirrhosis of the liver" in page
    for code in ("K70", "R18", "F10", "T46", "Ascites", "Paracentesis of ascites"):
        assert code not in page


def test_feedback_names_what_is_right_nearly_right_missed_and_not_needed(pages: PageClient) -> None:
    page = feedback(pages, "K703 R18X F109 E119 K650", "T461")
    assert "4 of the 6 codes that you gave are right" in page
    for words in ("Right category, other fourth character", "Missed", "Not needed", "You gave", "Primary"):
        assert words in page
    assert "Left out on purpose: negated" in page
    assert '<mark class="app-mark app-mark--standing"' in page
    assert '<mark class="app-mark app-mark--suggested"' in page


def test_the_standards_explain_in_their_own_words(pages: PageClient) -> None:
    page = feedback(pages, "K703 R18X Z720", "T461")
    assert "app-finding" in page
    assert "/standards?query=" in page


def test_order_and_primary_are_told(pages: PageClient) -> None:
    page = feedback(pages, "R18X K703")
    assert "not the right one" in page
    assert "another order" in page


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"diagnoses": ""}, "at least a primary diagnosis"),
        ({"diagnoses": "ZZ99"}, "none of ICD-10"),
        ({"diagnoses": "K703", "add_diagnosis": "nonsense words"}, "no code yet"),
    ],
)
def test_what_cannot_be_handed_in_is_told_and_kept(
    pages: PageClient, sent: dict[str, str], words: str
) -> None:
    answer = pages.post(ADDRESS, {**hidden(pages), **sent, "do": "finish"})
    assert answer.status_code == 422
    assert words in answer.text
    for value in filter(None, sent.values()):
        assert f'value="{value}"' in answer.text


def test_suggestions_are_shown_by_choice(stage: Stage, pages: PageClient) -> None:
    assert "Suggestions</h2>" not in pages.get(ADDRESS).text
    assert "Suggestions</h2>" in pages.get(f"{ADDRESS}?suggestions=1").text
    stage.source.coder, stage.source.name = None, "gone"
    stage.refresh_model()
    assert pages.get(f"{ADDRESS}?suggestions=1").status_code == 200


def test_the_next_case_is_of_the_chosen_kind_and_not_the_one_just_done(pages: PageClient) -> None:
    first = pages.get("/practice/next?specialty=100").headers["location"]
    assert cases()[first.rsplit("/", 1)[1]].episode.treatment_function == "100"
    assert hand_in(pages, "I10X", "", first).status_code == 303
    assert pages.get("/practice/next?specialty=100").headers["location"] != first
    assert pages.get("/practice/next?specialty=999").headers["location"] == "/practice"


def test_progress_is_each_accounts_own_and_counts_first_attempts(stage: Stage, pages: PageClient) -> None:
    feedback(pages, "K703 R18X")
    stage.clock.advance(minutes=10)
    feedback(pages, "K703 R18X F102 E119 F171", "T461")
    page = pages.get("/practice").text
    assert "33%" in page
    assert "(2 of 6)" in page
    other = PageClient(stage)
    other.sign_in("coder-a")
    assert "Nothing yet" in other.get("/practice").text


def test_an_attempt_of_somebody_else_is_not_found(stage: Stage, pages: PageClient) -> None:
    location = hand_in(pages, "K703").headers["location"]
    for username in ("coder-a", "trainee-b"):
        other = PageClient(stage)
        other.sign_in(username)
        assert other.get(location).status_code == 404


def test_unknown_cases_are_not_found(pages: PageClient) -> None:
    assert pages.get("/practice/cases/none").status_code == 404


@pytest.mark.parametrize("role", [UserRole.CLINICIAN, UserRole.ENGINEER, UserRole.ADMIN])
def test_practice_is_for_those_who_code(stage: Stage, role: UserRole) -> None:
    pages = PageClient(stage)
    pages.sign_in(f"{role}-a")
    assert pages.get("/practice").status_code == 403


def test_nothing_of_practice_reaches_training_statistics_or_the_record(
    stage: Stage, pages: PageClient
) -> None:
    """Every table and every view but its own is as it was."""
    before = contents(stage)
    feedback(pages, "K703 R18X", "T461")
    pages.get(f"{ADDRESS}?suggestions=1")
    assert contents(stage) == before
    with stage.services.db.read() as session:
        assert len(session.scalars(select(PracticeAttempt)).all()) == 1


def contents(stage: Stage) -> dict[str, list[Any]]:
    """Rows of every table and view, but those of practice."""
    metadata = MetaData()
    metadata.reflect(stage.services.db.engine, views=True)
    found = {}
    with stage.services.db.read() as session:
        for name, table in metadata.tables.items():
            if name != "practice_attempt":
                found[name] = sorted(map(str, session.execute(select(table)).all()))
    assert "coded_document" in found
    return found

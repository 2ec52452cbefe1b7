"""Pages of queries: words asked about, a neutral question, the clinician's answer, and who may see what."""

from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from service.identity import UserRole
from service.queries.tables import ClinicianLink
from service.tables import Account
from tests.page_client import BY_HTMX, Desk, PageClient
from tests.service_fixtures import Stage

QUESTION = "What do the words shown mean?"


class Asker(Desk):
    """A coder who asks about an episode."""

    def form(self, **fields: str) -> dict[str, str]:
        return {**self.fields(), "question": QUESTION, "words": "type 2 diabetes", "to": "anyone", **fields}

    def ask(self, **fields: str) -> Any:
        return self.pages.post(f"{self.address}/queries", self.form(**fields))

    def asked(self, **fields: str) -> str:
        """The address of the query."""
        assert self.ask(**fields).status_code == 303
        page = str(self.pages.get("/queries").text)
        return "/queries/" + page.split('href="/queries/')[1].split('"', maxsplit=1)[0]


@pytest.fixture
def asker(stage: Stage) -> Asker:
    return Asker(stage)


@pytest.fixture
def clinician(stage: Stage) -> PageClient:
    pages = PageClient(stage)
    pages.sign_in("clinician-a")
    return pages


def token(pages: PageClient) -> dict[str, str]:
    return {"csrf_token": pages.hidden_fields("/queries")["csrf_token"]}


def test_a_query_is_put_about_typed_words_and_the_episode_says_so(asker: Asker) -> None:
    address = asker.asked(options="Yes, by the team\nNo")
    page = unescape(asker.pages.get(address).text)
    assert QUESTION in page
    assert "Yes, by the team; No; Other (please say); Unable to determine" in page
    episode = asker.pages.get(asker.address).text
    assert "query to the clinician" in episode
    assert "put a query to the clinician" in episode
    assert "See the query" in episode


def test_selected_words_lead_to_the_page_by_their_place_only(asker: Asker) -> None:
    words = "type 2 diabetes"
    start = asker.now()["documents"][0]["text"].index(words)
    place = {"document": "ds", "version": "1", "start": str(start), "end": str(start + len(words))}
    sent = {**asker.fields(), **{f"evidence_{n}": v for n, v in place.items()}, "evidence_text": words}
    expected = f"{asker.address}/queries/new?document=1&start={start}&end={start + len(words)}"
    plain = asker.pages.post(f"{asker.address}/queries/place", sent)
    assert (plain.status_code, plain.headers["location"]) == (303, expected)
    scripted = asker.pages.post(f"{asker.address}/queries/place", sent, **BY_HTMX)
    assert scripted.headers["hx-redirect"] == expected
    page = asker.pages.get(expected).text
    assert f'<q id="evidence-words">{words}</q>' in page
    assert '<mark class="app-mark app-mark--suggested"' in page


def test_a_neutral_question_fills_the_form_and_keeps_what_was_typed(asker: Asker) -> None:
    sent = asker.form(template="certainty")
    page = asker.pages.post(f"{asker.address}/queries/template", sent).text
    assert "How certain had what the words describe become" in page
    assert "Ruled out" in page
    assert 'value="type 2 diabetes"' in page


def test_a_leading_question_is_told_and_can_be_put_all_the_same(asker: Asker) -> None:
    leading = "Was this pneumonia? Please confirm J18.9 for the tariff."
    refused = asker.ask(question=leading)
    assert refused.status_code == 422
    page = unescape(refused.text)
    for words in ("“Was” is answered", "names “pneumonia”", "“confirm” leads", "“J18.9” is a code", "money"):
        assert words in page
    assert leading in page
    assert asker.now()["status"] == "ready"
    assert asker.ask(question=leading, confirmed="true").status_code == 303


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"words": ""}, "Select the words"),
        ({"words": "a fractured hip"}, "stand in no document"),
        ({"question": "  "}, "Give a question"),
        ({"question": "x" * 1001}, "Give a question"),
        ({"to": "everyone"}, "Give a question"),
        ({"version": "0"}, "changed"),
        ({"version": "x"}, "not one of this page"),
    ],
)
def test_what_cannot_be_put_is_told_on_the_page(asker: Asker, changed: dict[str, str], words: str) -> None:
    answer = asker.ask(**changed)
    assert answer.status_code in (412, 422)
    assert words in answer.text
    assert asker.now()["status"] == "ready"


def test_the_clinician_sees_the_words_in_context_and_answers(asker: Asker, clinician: PageClient) -> None:
    address = asker.asked()
    assert clinician.get("/").headers["location"] == "/queries"
    assert QUESTION in clinician.get("/queries").text
    page = clinician.get(address).text
    assert "Asked about: </span>type 2 diabetes</mark>, hypertension" in page
    assert "Withdraw" not in page
    assert clinician.get(asker.address).status_code == 403
    empty = clinician.post(f"{address}/answer", token(clinician))
    assert empty.status_code == 422
    assert "write an answer" in empty.text.lower()
    sent = {**token(clinician), "text": "Diet-controlled & <b>mild</b>."}
    assert clinician.post(f"{address}/answer", sent).status_code == 303
    done = clinician.get(address).text
    assert "Diet-controlled &amp; &lt;b&gt;mild&lt;/b&gt;." in done
    episode = asker.pages.get(asker.address).text
    assert "Answer to a query" in episode
    assert "Clinician A</strong> answered a query" in episode
    again = clinician.post(f"{address}/answer", {**token(clinician), "text": "Something else."})
    assert again.status_code == 409


def test_a_coder_withdraws_and_a_clinician_cannot(asker: Asker, clinician: PageClient) -> None:
    address = asker.asked()
    assert clinician.post(f"{address}/withdraw", token(clinician)).status_code == 403
    assert asker.pages.post(f"{address}/withdraw", token(asker.pages)).status_code == 303
    assert "Withdrawn by Coder A" in asker.pages.get(address).text
    assert asker.now()["status"] == "ready"
    assert asker.pages.post(f"{address}/withdraw", token(asker.pages)).status_code == 409


def test_lists_show_age_and_reminders_until_a_query_is_settled(
    stage: Stage, asker: Asker, clinician: PageClient
) -> None:
    address = asker.asked()
    stage.clock.advance(days=8)
    for pages in (asker.pages, clinician):
        page = pages.get("/queries").text
        assert "8 days" in page
        assert "Second reminder" in page
    clinician.post(f"{address}/answer", {**token(clinician), "text": "Yes, mild."})
    assert "Nothing waits" in clinician.get("/queries").text
    assert "8 days" in asker.pages.get("/queries?status=answered").text


def test_a_manager_says_for_whom_a_clinician_answers(stage: Stage, clinician: PageClient) -> None:
    manager = PageClient(stage)
    manager.sign_in("manager-a")
    with stage.services.db.read() as session:
        account = session.scalars(select(Account.id).where(Account.username == "clinician-a")).one()
    sent = {**token(manager), "clinician": "C1234567", "specialty": "340"}
    assert manager.post(f"/clinician-accounts/{account}", sent).status_code == 303
    assert 'value="C1234567"' in manager.get("/clinician-accounts").text
    with stage.services.db.read() as session:
        link = session.get_one(ClinicianLink, account)
        assert (link.clinician, link.specialty) == ("C1234567", "340")
    assert manager.post(f"/clinician-accounts/{account}", {**sent, "specialty": "x" * 9}).status_code == 422
    other = PageClient(stage)
    other.sign_in("manager-b")
    foreign = {**token(other), "clinician": "C1", "specialty": ""}
    assert other.post(f"/clinician-accounts/{account}", foreign).status_code == 404
    assert clinician.get("/clinician-accounts").status_code == 403


def test_a_query_is_put_to_the_responsible_clinician_by_code(stage: Stage, clinician: PageClient) -> None:
    body = {
        "spell_number": "S9",
        "clinician": "C7654321",
        "documents": [{"id": "ds", "text": "Has type 2 diabetes."}],
    }
    episode = stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR)).json()
    asker = Asker(stage, episode={**episode, "suggestions": {"undecided": []}})
    page = asker.pages.get(f"{asker.address}/queries/new").text
    assert "C7654321, who has no account here" in page
    address = asker.asked(to="clinician")
    assert "clinician C7654321" in asker.pages.get("/queries").text
    assert clinician.get(address).status_code == 404


@pytest.mark.parametrize("role", [UserRole.ENGINEER, UserRole.ADMIN])
def test_pages_of_queries_are_for_coders_and_clinicians(stage: Stage, role: UserRole) -> None:
    pages = PageClient(stage)
    pages.sign_in(f"{role}-a")
    assert pages.get("/queries").status_code == 403
